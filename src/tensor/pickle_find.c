#include "tensor/pickle_find.h"

#include <string.h>

enum { MAX_WRAPS = 4, MAX_NUMBER = 8, MAX_ITEMS = 256 };

static const okng_pickle_value *value_at(const okng_pickle *p, okng_pickle_ref ref)
{
    return ref == OKNG_PICKLE_ABSENT ? NULL : okng_pickle_get(p, ref);
}

static const okng_pickle_object *object_of(const okng_pickle *p, const okng_pickle_value *value)
{
    return value && value->kind == OKNG_PICKLE_OBJECT ? &p->objects[value->as.integer] : NULL;
}

static const okng_pickle_class *class_of(const okng_pickle *p, const okng_pickle_object *object)
{
    const okng_pickle_value *type = object ? okng_pickle_get(p, object->type) : NULL;
    return type && type->kind == OKNG_PICKLE_CLASS ? &p->classes[type->as.integer] : NULL;
}

static bool is_called(const okng_pickle_class *type, const char *package, const char *name)
{
    size_t length = strlen(package);
    return type && type->module_length >= length && memcmp(type->module, package, length) == 0 &&
           (type->module_length == length || type->module[length] == '.') &&
           (!name || (type->name_length == strlen(name) && memcmp(type->name, name, type->name_length) == 0));
}

/* ---- members ------------------------------------------------------------------------------------------------------
 */

static const okng_pickle_value *in_dict(const okng_pickle *p, const okng_pickle_value *dict, const char *key)
{
    if (!dict || dict->kind != OKNG_PICKLE_DICT) return NULL;
    const okng_pickle_value *found = NULL;
    uint32_t cell = dict->as.items.first;
    for (uint32_t i = 0; i < dict->length; i += 2) {
        const okng_pickle_value *name = okng_pickle_get(p, p->cells[cell].value);
        cell = p->cells[cell].next;
        if (okng_pickle_is_text(name, key)) found = okng_pickle_get(p, p->cells[cell].value); /* the last counts */
        cell = p->cells[cell].next;
    }
    return found;
}

/* An attribute: the state is their dict, or a pair of that (or None) and one of slots. */
static const okng_pickle_value *attribute(const okng_pickle *p, const okng_pickle_value *state, const char *key)
{
    if (!state || state->kind != OKNG_PICKLE_TUPLE || state->length != 2) return in_dict(p, state, key);
    const okng_pickle_value *found = in_dict(p, okng_pickle_item(p, state, 0), key);
    return found ? found : in_dict(p, okng_pickle_item(p, state, 1), key);
}

/* The value that a node of OmegaConf's holds, which configurations of anomalib 0.x are made of. */
static const okng_pickle_value *unwrap(const okng_pickle *p, const okng_pickle_value *value)
{
    for (int i = 0; i < MAX_WRAPS; i++) {
        const okng_pickle_object *object = object_of(p, value);
        if (!is_called(class_of(p, object), "omegaconf", NULL)) return value;
        const okng_pickle_value *state = value_at(p, object->state), *inner = attribute(p, state, "_val");
        value = inner ? inner : attribute(p, state, "_content");
    }
    return value;
}

static const okng_pickle_value *plain_member(const okng_pickle *p, const okng_pickle_value *value, const char *key)
{
    value = unwrap(p, value);
    const okng_pickle_object *object = object_of(p, value);
    if (!object) return unwrap(p, in_dict(p, value, key));
    const okng_pickle_value *state = value_at(p, object->state), *found = attribute(p, state, key);
    if (!found) found = in_dict(p, attribute(p, state, "_modules"), key);
    if (!found) found = in_dict(p, value_at(p, object->items), key);
    return unwrap(p, found);
}

const okng_pickle_value *okng_pickle_member(const okng_pickle *p, const okng_pickle_value *value, const char *key)
{
    const okng_pickle_value *found = plain_member(p, value, key);
    if (found || !plain_member(p, value, "class_path")) return found;
    return plain_member(p, plain_member(p, value, "init_args"), key);
}

const okng_pickle_value *okng_pickle_sequence(const okng_pickle *p, const okng_pickle_value *value)
{
    value = unwrap(p, value);
    const okng_pickle_object *object = object_of(p, value);
    if (object) value = value_at(p, object->items);
    return value && (value->kind == OKNG_PICKLE_LIST || value->kind == OKNG_PICKLE_TUPLE) ? value : NULL;
}

const okng_pickle_value *okng_pickle_at(const okng_pickle *p, const okng_pickle_value *sequence, uint32_t i)
{
    return sequence && i < sequence->length && i < MAX_ITEMS ? unwrap(p, okng_pickle_item(p, sequence, i)) : NULL;
}

/* ---- names --------------------------------------------------------------------------------------------------------
 */

bool okng_pickle_class_name(const okng_pickle *p, const okng_pickle_value *value, okng_name *out)
{
    const okng_pickle_class *type = class_of(p, object_of(p, value));
    const okng_pickle_value *path = plain_member(p, value, "class_path");
    if (path && path->kind == OKNG_PICKLE_TEXT)
        *out = (okng_name){path->as.text, path->length, 0};
    else if (type)
        *out = (okng_name){type->name, type->name_length, 0};
    else
        return false;
    for (size_t i = out->length; i-- > 0;)
        if (out->text[i] == '.') {
            *out = (okng_name){out->text + i + 1, out->length - i - 1, 0};
            break;
        }
    return true;
}

bool okng_pickle_word(const okng_pickle *p, const okng_pickle_value *value, okng_name *out)
{
    value = unwrap(p, value);
    const okng_pickle_object *object = object_of(p, value);
    const okng_pickle_value *arguments = object ? okng_pickle_sequence(p, value_at(p, object->arguments)) : NULL;
    if (arguments && arguments->length > 0) value = okng_pickle_at(p, arguments, arguments->length - 1);
    if (!value || value->kind != OKNG_PICKLE_TEXT) return false;
    *out = (okng_name){value->as.text, value->length, 0};
    return true;
}

/* ---- numbers ------------------------------------------------------------------------------------------------------
 */

/* At most MAX_NUMBER bytes. Protocol 2 has none, so Python writes text to be encoded as latin-1: in UTF-8 a byte from
 * 0x80 on is two. Returns their number, 0 where they are not bytes. */
static size_t few_bytes(const okng_pickle *p, const okng_pickle_value *value, uint8_t bytes[MAX_NUMBER])
{
    const okng_pickle_object *object = object_of(p, value);
    bool encoded = is_called(class_of(p, object), "_codecs", "encode");
    if (encoded) value = okng_pickle_at(p, okng_pickle_sequence(p, value_at(p, object->arguments)), 0);
    if (!value || (value->kind != OKNG_PICKLE_BYTES && !(encoded && value->kind == OKNG_PICKLE_TEXT))) return 0;
    const uint8_t *text = (const uint8_t *)value->as.text;
    size_t count = 0, at = 0;
    while (at < value->length && count < MAX_NUMBER) {
        uint8_t byte = text[at++];
        if (encoded && byte >= 0x80) {
            if (at == value->length || (byte != 0xc2 && byte != 0xc3)) return 0;
            byte = (uint8_t)((byte & 3) << 6 | (text[at++] & 0x3f));
        }
        bytes[count++] = byte;
    }
    return at == value->length ? count : 0;
}

/* A scalar of NumPy's: its type, "i8", and its bytes, little endian. */
static bool numpy_scalar(const okng_pickle *p, const okng_pickle_value *value, char *kind, uint8_t bytes[MAX_NUMBER],
                         size_t *size)
{
    const okng_pickle_object *object = object_of(p, value);
    if (!is_called(class_of(p, object), "numpy", "scalar")) return false;
    const okng_pickle_value *arguments = okng_pickle_sequence(p, value_at(p, object->arguments));
    const okng_pickle_object *type = object_of(p, okng_pickle_at(p, arguments, 0));
    if (!is_called(class_of(p, type), "numpy", "dtype")) return false;
    const okng_pickle_value *code = okng_pickle_at(p, okng_pickle_sequence(p, value_at(p, type->arguments)), 0),
                            *order = okng_pickle_at(p, okng_pickle_sequence(p, value_at(p, type->state)), 1);
    if (!code || code->kind != OKNG_PICKLE_TEXT || code->length != 2) return false;
    if (order && okng_pickle_is_text(order, ">")) return false;
    *kind = code->as.text[0];
    *size = few_bytes(p, okng_pickle_at(p, arguments, 1), bytes);
    return *size > 0 && *size == (size_t)(code->as.text[1] - '0');
}

bool okng_pickle_whole(const okng_pickle *p, const okng_pickle_value *value, int64_t *out)
{
    value = unwrap(p, value);
    if (value && value->kind == OKNG_PICKLE_INT) {
        *out = value->as.integer;
        return true;
    }
    char kind;
    uint8_t bytes[MAX_NUMBER];
    size_t size;
    if (!numpy_scalar(p, value, &kind, bytes, &size) || (kind != 'i' && kind != 'u')) return false;
    uint64_t number = kind == 'i' && bytes[size - 1] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = size; i-- > 0;) number = number << 8 | bytes[i];
    if (kind == 'u' && number > INT64_MAX) return false;
    *out = (int64_t)number;
    return true;
}

bool okng_pickle_real(const okng_pickle *p, const okng_pickle_value *value, double *out)
{
    int64_t whole;
    char kind;
    uint8_t bytes[MAX_NUMBER];
    size_t size;
    value = unwrap(p, value);
    if (value && value->kind == OKNG_PICKLE_FLOAT) {
        *out = value->as.real;
        return true;
    }
    if (okng_pickle_whole(p, value, &whole)) {
        *out = (double)whole;
        return true;
    }
    if (!numpy_scalar(p, value, &kind, bytes, &size) || kind != 'f') return false;
    float single;
    if (size == sizeof *out) memcpy(out, bytes, size);
    if (size == sizeof single) {
        memcpy(&single, bytes, size);
        *out = (double)single;
    }
    return size == sizeof *out || size == sizeof single;
}
