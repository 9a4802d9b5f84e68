#include "tensor/pickle_globals.h"

#include <string.h>

#include "base/memory.h"
#include "tensor/pickle_values.h"

typedef enum global {
    ORDERED_DICT,
    REBUILD_TENSOR,
    REBUILD_TENSOR_V2,
    REBUILD_PARAMETER,
    SIZE,
    DEVICE,
    STORAGE /* the rest */
} global;

static const struct {
    const char *module, *name;
    global what;
    okng_dtype dtype; /* of a storage */
} globals[] = {
    {"collections", "OrderedDict", ORDERED_DICT, 0},
    {"torch._utils", "_rebuild_tensor", REBUILD_TENSOR, 0},
    {"torch._utils", "_rebuild_tensor_v2", REBUILD_TENSOR_V2, 0},
    {"torch._utils", "_rebuild_parameter", REBUILD_PARAMETER, 0},
    {"torch", "Size", SIZE, 0},
    {"torch", "device", DEVICE, 0},
    {"torch", "FloatStorage", STORAGE, OKNG_F32},
    {"torch", "DoubleStorage", STORAGE, OKNG_F64},
    {"torch", "HalfStorage", STORAGE, OKNG_F16},
    {"torch", "BFloat16Storage", STORAGE, OKNG_BF16},
    {"torch", "LongStorage", STORAGE, OKNG_I64},
    {"torch", "IntStorage", STORAGE, OKNG_I32},
    {"torch", "ShortStorage", STORAGE, OKNG_I16},
    {"torch", "CharStorage", STORAGE, OKNG_I8},
    {"torch", "ByteStorage", STORAGE, OKNG_U8},
    {"torch", "BoolStorage", STORAGE, OKNG_BOOL},
};

static bool same(const char *text, const char *bytes, size_t length)
{
    return strlen(text) == length && memcmp(text, bytes, length) == 0;
}

/* Whether a lenient machine passes over what `module` holds: the packages that checkpoints of Lightning name. */
static bool is_passed_over(const char *module, size_t length)
{
    static const char *const packages[] = {
        "torch",
        "torchvision",
        "torchmetrics",
        "lightning",
        "lightning_fabric",
        "pytorch_lightning",
        "lightning_utilities",
        "anomalib",
        "timm",
        "omegaconf",
        "numpy",
        "collections",
        "pathlib",
        "enum",
        "typing",
        "functools",
        "jsonargparse",
        "argparse",
        "builtins",
        "__builtin__",
        "copyreg",
        "copy_reg",
        "datetime",
        "PIL",
        "kornia",
        "albumentations",
    };
    const char *dot = memchr(module, '.', length);
    size_t first = dot ? (size_t)(dot - module) : length;
    for (size_t i = 0; i < sizeof packages / sizeof packages[0]; i++)
        if (same(packages[i], module, first)) return true;
    return false;
}

/* Names that have no place in a checkpoint even though nothing is called. */
static bool is_for_running(const char *name, size_t length)
{
    static const char *const names[] = {"eval", "exec", "compile", "__import__", "open", "input", "breakpoint"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (same(names[i], name, length)) return true;
    return false;
}

okng_status okng_pickle_global(okng_pickle *p, const char *module, size_t module_length, const char *name,
                               size_t name_length, okng_pickle_ref *out)
{
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++) {
        if (!same(globals[i].module, module, module_length) || !same(globals[i].name, name, name_length)) continue;
        OKNG_TRY(okng_pickle_new(p, OKNG_PICKLE_GLOBAL, out));
        p->values[*out].as.integer = (int64_t)i;
        return OKNG_OK;
    }
    if (p->lenient && is_passed_over(module, module_length) && !is_for_running(name, name_length))
        return okng_pickle_new(p, OKNG_PICKLE_OPAQUE, out);
    int shown_module = module_length < OKNG_PICKLE_MAX_GLOBAL ? (int)module_length : OKNG_PICKLE_MAX_GLOBAL;
    int shown_name = name_length < OKNG_PICKLE_MAX_GLOBAL ? (int)name_length : OKNG_PICKLE_MAX_GLOBAL;
    return okng_pickle_fail(p, OKNG_ERROR_UNSUPPORTED,
                            "the global %.*s.%.*s is not allowed (only tensors are read, nothing is run); in torch, "
                            "save model.state_dict() alone",
                            shown_module, module, shown_name, name);
}

/* ---- calls ----------------------------------------------------------------------------------- */

typedef struct call {
    okng_pickle *p;
    const char *name;
    okng_pickle_ref arguments;
} call;

static okng_status bad_arguments(const call *c)
{
    return okng_pickle_fail(c->p, OKNG_ERROR_FORMAT, "%s is called with arguments that torch does not write", c->name);
}

static const okng_pickle_value *argument(const call *c, uint32_t i)
{
    return okng_pickle_item(c->p, okng_pickle_get(c->p, c->arguments), i);
}

static uint32_t argument_count(const call *c)
{
    return okng_pickle_get(c->p, c->arguments)->length;
}

static okng_pickle_ref ref_of(const okng_pickle *p, const okng_pickle_value *value)
{
    return (okng_pickle_ref)(value - p->values);
}

/* (storage, offset, shape, strides, ...) */
static okng_status rebuild_tensor(const call *c, okng_pickle_ref *out)
{
    okng_pickle *p = c->p;
    const okng_pickle_value *storage = argument(c, 0), *offset = argument(c, 1), *shape = argument(c, 2),
                            *strides = argument(c, 3);
    if (storage->kind != OKNG_PICKLE_STORAGE || offset->kind != OKNG_PICKLE_INT || shape->kind != OKNG_PICKLE_TUPLE ||
        strides->kind != OKNG_PICKLE_TUPLE)
        return bad_arguments(c);
    okng_pickle_tensor tensor = {(uint32_t)storage->as.integer, offset->as.integer, ref_of(p, shape),
                                 ref_of(p, strides)};
    OKNG_TRY(okng_pickle_new(p, OKNG_PICKLE_TENSOR, out)); /* counted against the limit, so the tensors are too */
    if (!okng_grow((void **)&p->tensors, &p->tensor_room, p->tensor_count + 1, sizeof tensor))
        return okng_fail_memory(p->error, p->tensor_count * sizeof tensor);
    p->values[*out].as.integer = (int64_t)p->tensor_count;
    p->tensors[p->tensor_count++] = tensor;
    return OKNG_OK;
}

static okng_status rebuild_parameter(const call *c, okng_pickle_ref *out)
{
    const okng_pickle_value *tensor = argument(c, 0);
    if (tensor->kind != OKNG_PICKLE_TENSOR) return bad_arguments(c);
    *out = ref_of(c->p, tensor);
    return OKNG_OK;
}

/* Empty, or (Python 2) filled from a list of pairs. */
static okng_status ordered_dict(const call *c, okng_pickle_ref *out)
{
    okng_pickle *p = c->p;
    OKNG_TRY(okng_pickle_new(p, OKNG_PICKLE_DICT, out));
    if (argument_count(c) == 0) return OKNG_OK;
    okng_pickle_value pairs = *argument(c, 0);
    if (pairs.kind != OKNG_PICKLE_LIST) return bad_arguments(c);
    uint32_t cell = pairs.as.items.first;
    for (uint32_t i = 0; i < pairs.length; i++, cell = p->cells[cell].next) {
        const okng_pickle_value *pair = okng_pickle_get(p, p->cells[cell].value);
        bool is_pair = (pair->kind == OKNG_PICKLE_LIST || pair->kind == OKNG_PICKLE_TUPLE) && pair->length == 2;
        if (!is_pair) return bad_arguments(c);
        okng_pickle_ref key = ref_of(p, okng_pickle_item(p, pair, 0)), value = ref_of(p, okng_pickle_item(p, pair, 1));
        OKNG_TRY(okng_pickle_append(p, *out, key));
        OKNG_TRY(okng_pickle_append(p, *out, value));
    }
    return OKNG_OK;
}

static okng_status size(const call *c, okng_pickle_ref *out)
{
    const okng_pickle_value *tuple = argument(c, 0);
    if (tuple->kind != OKNG_PICKLE_TUPLE) return bad_arguments(c);
    *out = ref_of(c->p, tuple);
    return OKNG_OK;
}

okng_status okng_pickle_call(okng_pickle *p, okng_pickle_ref callable, okng_pickle_ref arguments, okng_pickle_ref *out)
{
    const okng_pickle_value *function = okng_pickle_get(p, callable);
    if (function->kind == OKNG_PICKLE_OPAQUE) return okng_pickle_new(p, OKNG_PICKLE_OPAQUE, out);
    if (function->kind != OKNG_PICKLE_GLOBAL)
        return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "calls %s", okng_pickle_kind_name(function->kind));
    size_t i = (size_t)function->as.integer;
    call c = {p, globals[i].name, arguments};
    if (okng_pickle_get(p, arguments)->kind != OKNG_PICKLE_TUPLE) return bad_arguments(&c);
    uint32_t count = argument_count(&c);
    /* clang-format off */
    switch (globals[i].what) {
    case ORDERED_DICT: return count <= 1 ? ordered_dict(&c, out) : bad_arguments(&c);
    case REBUILD_TENSOR: return count == 4 ? rebuild_tensor(&c, out) : bad_arguments(&c);
    case REBUILD_TENSOR_V2: return count == 6 || count == 7 ? rebuild_tensor(&c, out) : bad_arguments(&c);
    case REBUILD_PARAMETER: return count == 3 ? rebuild_parameter(&c, out) : bad_arguments(&c);
    case SIZE: return count == 1 ? size(&c, out) : bad_arguments(&c);
    case DEVICE: return okng_pickle_new(p, OKNG_PICKLE_DEVICE, out);
    default: return bad_arguments(&c); /* a storage's class is only named, in persistent ids */
    }
    /* clang-format on */
}

/* ---- persistent ids -------------------------------------------------------------------------- */

static okng_status bad_id(const okng_pickle *p, const char *what)
{
    return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "a persistent id %s", what);
}

/* Old files may name a part of a storage: (key, offset, count). */
static okng_status read_view(const okng_pickle *p, const okng_pickle_value *view, okng_pickle_storage *storage)
{
    if (view->kind == OKNG_PICKLE_NONE) return OKNG_OK;
    if (view->kind != OKNG_PICKLE_TUPLE || view->length != 3) return bad_id(p, "with a broken view");
    const okng_pickle_value *offset = okng_pickle_item(p, view, 1), *count = okng_pickle_item(p, view, 2);
    if (offset->kind != OKNG_PICKLE_INT || count->kind != OKNG_PICKLE_INT || offset->as.integer < 0 ||
        offset->as.integer > storage->count || count->as.integer < 0 ||
        count->as.integer > storage->count - offset->as.integer)
        return bad_id(p, "with a view outside its storage");
    storage->offset = offset->as.integer;
    storage->available = count->as.integer;
    return OKNG_OK;
}

/* ('storage', class, key, location, count) and, in the older container, a view or None. */
static okng_status read_id(const okng_pickle *p, const okng_pickle_value *id, okng_pickle_storage *storage)
{
    if (id->kind != OKNG_PICKLE_TUPLE || id->length < 2) return bad_id(p, "that is no tuple");
    const okng_pickle_value *tag = okng_pickle_item(p, id, 0), *type = okng_pickle_item(p, id, 1);
    if (!okng_pickle_is_text(tag, "storage") || (id->length != 5 && id->length != 6))
        return bad_id(p, "that names no storage");
    if (type->kind != OKNG_PICKLE_GLOBAL || globals[type->as.integer].what != STORAGE)
        return bad_id(p, "whose class is no storage");
    const okng_pickle_value *key = okng_pickle_item(p, id, 2), *count = okng_pickle_item(p, id, 4);
    if (key->kind != OKNG_PICKLE_TEXT || count->kind != OKNG_PICKLE_INT || count->as.integer < 0)
        return bad_id(p, "without a key and a count");
    *storage = (okng_pickle_storage){.dtype = globals[type->as.integer].dtype,
                                     .key = key->as.text,
                                     .key_length = key->length,
                                     .count = count->as.integer,
                                     .available = count->as.integer};
    return id->length == 6 ? read_view(p, okng_pickle_item(p, id, 5), storage) : OKNG_OK;
}

okng_status okng_pickle_persistent(okng_pickle *p, okng_pickle_ref id, okng_pickle_ref *out)
{
    okng_pickle_storage storage;
    OKNG_TRY(read_id(p, okng_pickle_get(p, id), &storage));
    OKNG_TRY(okng_pickle_new(p, OKNG_PICKLE_STORAGE, out));
    if (!okng_grow((void **)&p->storages, &p->storage_room, p->storage_count + 1, sizeof storage))
        return okng_fail_memory(p->error, p->storage_count * sizeof storage);
    p->values[*out].as.integer = (int64_t)p->storage_count;
    p->storages[p->storage_count++] = storage;
    return OKNG_OK;
}
