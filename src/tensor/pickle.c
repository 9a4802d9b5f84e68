/* Opcodes: Python's Lib/pickletools.py. */
#include "tensor/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/bytes.h"
#include "tensor/pickle_globals.h"
#include "tensor/pickle_values.h"

static okng_status cut_off(const okng_pickle *p)
{
    return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "ends in the middle; the file may be cut off");
}

/* ---- stack, marks and memo ------------------------------------------------------------------- */

static okng_status push(okng_pickle *p, okng_pickle_ref value)
{
    if (p->depth == OKNG_PICKLE_MAX_STACK)
        return okng_pickle_fail(p, OKNG_ERROR_LIMIT, "more than %d values on the stack", OKNG_PICKLE_MAX_STACK);
    OKNG_TRY(okng_pickle_room(p, (void **)&p->stack, &p->stack_room, p->depth, sizeof *p->stack));
    p->stack[p->depth++] = value;
    return OKNG_OK;
}

/* Values above the innermost mark. */
static size_t above_mark(const okng_pickle *p)
{
    return p->depth - (p->mark_count ? p->marks[p->mark_count - 1] : 0);
}

static okng_status empty_stack(const okng_pickle *p)
{
    return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "takes a value from an empty stack");
}

static okng_status need(const okng_pickle *p, size_t count)
{
    return above_mark(p) >= count ? OKNG_OK : empty_stack(p);
}

static okng_status push_mark(okng_pickle *p)
{
    if (p->mark_count == OKNG_PICKLE_MAX_DEPTH)
        return okng_pickle_fail(p, OKNG_ERROR_LIMIT, "nested deeper than %d", OKNG_PICKLE_MAX_DEPTH);
    OKNG_TRY(okng_pickle_room(p, (void **)&p->marks, &p->mark_room, p->mark_count, sizeof *p->marks));
    p->marks[p->mark_count++] = (uint32_t)p->depth;
    return OKNG_OK;
}

/* Removes the innermost mark; `base` is where its values begin. */
static okng_status pop_mark(okng_pickle *p, size_t *base)
{
    if (p->mark_count == 0) return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "looks for a mark that is not there");
    *base = p->marks[--p->mark_count];
    return OKNG_OK;
}

static okng_status memo_put(okng_pickle *p, size_t index)
{
    OKNG_TRY(need(p, 1));
    /* A pickle of n bytes cannot memorise n values: a larger index is only there to cost memory. */
    if (index >= (size_t)(p->end - p->begin) || index >= OKNG_PICKLE_MAX_OBJECTS)
        return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "memo index %zu is out of range", index);
    if (!okng_grow((void **)&p->memo, &p->memo_room, index + 1, sizeof *p->memo))
        return okng_fail_memory(p->error, (index + 1) * sizeof *p->memo);
    while (p->memo_count <= index) p->memo[p->memo_count++] = 0;
    p->memo[index] = p->stack[p->depth - 1] + 1;
    return OKNG_OK;
}

static okng_status memo_get(okng_pickle *p, size_t index)
{
    if (index >= p->memo_count || p->memo[index] == 0)
        return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "asks for memo %zu, which was never put", index);
    return push(p, p->memo[index] - 1);
}

/* MEMOIZE numbers by how many are there. */
static okng_status memoize(okng_pickle *p)
{
    return memo_put(p, p->memo_count);
}

/* ---- reading --------------------------------------------------------------------------------- */

static okng_status take(okng_pickle *p, uint64_t count, const uint8_t **bytes)
{
    if (count > (uint64_t)(p->end - p->at)) return cut_off(p);
    *bytes = p->at;
    p->at += count;
    return OKNG_OK;
}

/* An unsigned number of 1, 2, 4 or 8 bytes. */
static okng_status take_number(okng_pickle *p, size_t width, uint64_t *number)
{
    const uint8_t *bytes = NULL;
    OKNG_TRY(take(p, width, &bytes));
    *number = width == 1   ? bytes[0]
              : width == 2 ? okng_load_u16(bytes)
              : width == 4 ? okng_load_u32(bytes)
                           : okng_load_u64(bytes);
    return OKNG_OK;
}

static okng_status push_integer(okng_pickle *p, okng_pickle_kind kind, int64_t integer)
{
    okng_pickle_ref ref = 0;
    OKNG_TRY(okng_pickle_new(p, kind, &ref));
    p->values[ref].as.integer = integer;
    return push(p, ref);
}

static okng_status push_new(okng_pickle *p, okng_pickle_kind kind)
{
    return push_integer(p, kind, 0);
}

/* A length of `width` bytes, then as many bytes. */
static okng_status push_text(okng_pickle *p, okng_pickle_kind kind, size_t width)
{
    uint64_t length = 0;
    const uint8_t *bytes = NULL;
    OKNG_TRY(take_number(p, width, &length));
    OKNG_TRY(take(p, length, &bytes));
    if (length > INT32_MAX) return okng_pickle_fail(p, OKNG_ERROR_LIMIT, "text of more than %d bytes", INT32_MAX);
    okng_pickle_ref ref = 0;
    OKNG_TRY(okng_pickle_new(p, kind, &ref));
    p->values[ref].length = (uint32_t)length;
    p->values[ref].as.text = (const char *)bytes;
    return push(p, ref);
}

static okng_status push_unsigned(okng_pickle *p, size_t width)
{
    uint64_t number = 0;
    OKNG_TRY(take_number(p, width, &number));
    /* BININT, of 4 bytes, is the only signed one */
    return push_integer(p, OKNG_PICKLE_INT, width == 4 ? (int32_t)(uint32_t)number : (int64_t)number);
}

/* A two's complement integer of any length. */
static okng_status push_long(okng_pickle *p, size_t width)
{
    OKNG_TRY(push_text(p, OKNG_PICKLE_LONG, width));
    okng_pickle_value *value = &p->values[p->stack[p->depth - 1]];
    if (value->length > 8) return OKNG_OK;
    const uint8_t *bytes = (const uint8_t *)value->as.text;
    uint64_t number = value->length > 0 && bytes[value->length - 1] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = value->length; i-- > 0;) number = number << 8 | bytes[i];
    *value = (okng_pickle_value){.kind = OKNG_PICKLE_INT, .as.integer = (int64_t)number};
    return OKNG_OK;
}

/* ---- containers ------------------------------------------------------------------------------ */

/* Replaces the values from `base` on by a tuple of them. */
static okng_status make_tuple(okng_pickle *p, size_t base)
{
    okng_pickle_ref tuple = 0;
    OKNG_TRY(okng_pickle_new(p, OKNG_PICKLE_TUPLE, &tuple));
    for (size_t i = base; i < p->depth; i++) OKNG_TRY(okng_pickle_append(p, tuple, p->stack[i]));
    p->depth = base;
    return push(p, tuple);
}

static okng_status make_short_tuple(okng_pickle *p, size_t count)
{
    OKNG_TRY(need(p, count));
    return make_tuple(p, p->depth - count);
}

static okng_status make_marked_tuple(okng_pickle *p)
{
    size_t base = 0;
    OKNG_TRY(pop_mark(p, &base));
    return make_tuple(p, base);
}

/* The items of an object that is a list or a dict itself; ABSENT where it is another kind than before. */
static okng_status items_of(okng_pickle *p, okng_pickle_ref container, okng_pickle_kind kind, okng_pickle_ref *out)
{
    size_t object = (size_t)p->values[container].as.integer;
    *out = p->objects[object].items;
    if (*out != OKNG_PICKLE_ABSENT && p->values[*out].kind != kind) *out = OKNG_PICKLE_ABSENT;
    if (kind == OKNG_PICKLE_OPAQUE || p->objects[object].items != OKNG_PICKLE_ABSENT) return OKNG_OK;
    OKNG_TRY(okng_pickle_new(p, kind, out));
    p->objects[object].items = *out;
    return OKNG_OK;
}

/* Moves the values from `base` on into the container below them. */
static okng_status fill(okng_pickle *p, okng_pickle_kind kind, size_t base)
{
    size_t bottom = p->mark_count ? p->marks[p->mark_count - 1] : 0;
    if (base <= bottom) return empty_stack(p);
    okng_pickle_ref container = p->stack[base - 1];
    if (p->values[container].kind == OKNG_PICKLE_OBJECT) OKNG_TRY(items_of(p, container, kind, &container));
    if (container == OKNG_PICKLE_ABSENT || p->values[container].kind == OKNG_PICKLE_OPAQUE) {
        p->depth = base;
        return OKNG_OK;
    }
    if (p->values[container].kind != kind)
        return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "adds to %s as if it were %s",
                                okng_pickle_kind_name(p->values[container].kind), okng_pickle_kind_name(kind));
    if (kind == OKNG_PICKLE_DICT && (p->depth - base) % 2 != 0)
        return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "a key without a value");
    for (size_t i = base; i < p->depth; i++) OKNG_TRY(okng_pickle_append(p, container, p->stack[i]));
    p->depth = base;
    return OKNG_OK;
}

static okng_status fill_few(okng_pickle *p, okng_pickle_kind kind, size_t count)
{
    OKNG_TRY(need(p, count));
    return fill(p, kind, p->depth - count);
}

static okng_status fill_marked(okng_pickle *p, okng_pickle_kind kind)
{
    size_t base = 0;
    OKNG_TRY(pop_mark(p, &base));
    return fill(p, kind, base);
}

/* ---- globals and calls ----------------------------------------------------------------------- */

/* Up to a newline. */
static okng_status take_line(okng_pickle *p, const char **line, size_t *length)
{
    size_t left = (size_t)(p->end - p->at), limit = left < OKNG_PICKLE_MAX_GLOBAL ? left : OKNG_PICKLE_MAX_GLOBAL;
    const uint8_t *newline = limit ? memchr(p->at, '\n', limit) : NULL;
    if (!newline && left >= OKNG_PICKLE_MAX_GLOBAL)
        return okng_pickle_fail(p, OKNG_ERROR_UNSUPPORTED, "a global \"%.40s...\", which is not allowed",
                                (const char *)p->at);
    if (!newline) return cut_off(p);
    *line = (const char *)p->at;
    *length = (size_t)(newline - p->at);
    p->at = newline + 1;
    return OKNG_OK;
}

static okng_status named_global(okng_pickle *p)
{
    const char *module = NULL, *name = NULL;
    size_t module_length = 0, name_length = 0;
    okng_pickle_ref ref = 0;
    OKNG_TRY(take_line(p, &module, &module_length));
    OKNG_TRY(take_line(p, &name, &name_length));
    OKNG_TRY(okng_pickle_global(p, module, module_length, name, name_length, &ref));
    return push(p, ref);
}

static okng_status stack_global(okng_pickle *p)
{
    OKNG_TRY(need(p, 2));
    const okng_pickle_value *module = &p->values[p->stack[p->depth - 2]], *name = &p->values[p->stack[p->depth - 1]];
    if (module->kind != OKNG_PICKLE_TEXT || name->kind != OKNG_PICKLE_TEXT)
        return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "names a global by %s and %s, expected text",
                                okng_pickle_kind_name(module->kind), okng_pickle_kind_name(name->kind));
    okng_pickle_ref ref = 0;
    OKNG_TRY(okng_pickle_global(p, module->as.text, module->length, name->as.text, name->length, &ref));
    p->depth -= 2;
    return push(p, ref);
}

static okng_status reduce(okng_pickle *p)
{
    OKNG_TRY(need(p, 2));
    okng_pickle_ref result = 0;
    OKNG_TRY(okng_pickle_call(p, p->stack[p->depth - 2], p->stack[p->depth - 1], &result));
    p->depth -= 2;
    return push(p, result);
}

/* Tensors and parameters may have attributes of their own in a lenient machine; they are dropped. */
static bool has_attributes(const okng_pickle *p, okng_pickle_kind kind)
{
    return p->lenient && kind == OKNG_PICKLE_TENSOR;
}

static okng_status persistent_id(okng_pickle *p)
{
    OKNG_TRY(need(p, 1));
    okng_pickle_ref storage = 0;
    OKNG_TRY(okng_pickle_persistent(p, p->stack[p->depth - 1], &storage));
    p->stack[p->depth - 1] = storage;
    return OKNG_OK;
}

/* Attributes of an object are kept, those of a state_dict (its _metadata) dropped; nothing else has any. */
static okng_status build(okng_pickle *p)
{
    OKNG_TRY(need(p, 2));
    const okng_pickle_value *value = &p->values[p->stack[p->depth - 2]];
    if (value->kind == OKNG_PICKLE_OBJECT)
        p->objects[value->as.integer].state = p->stack[p->depth - 1];
    else if (value->kind != OKNG_PICKLE_DICT && value->kind != OKNG_PICKLE_OPAQUE && !has_attributes(p, value->kind))
        return okng_pickle_fail(p, OKNG_ERROR_UNSUPPORTED, "sets attributes of %s, which is not allowed",
                                okng_pickle_kind_name(value->kind));
    p->depth--;
    return OKNG_OK;
}

static okng_status unknown_opcode(const okng_pickle *p, uint8_t opcode)
{
    return okng_pickle_fail(p, OKNG_ERROR_UNSUPPORTED, "opcode 0x%02x, which torch.save does not write", opcode);
}

/* An object in place of `count` values: a class, the arguments, named arguments. */
static okng_status make_object(okng_pickle *p, uint8_t opcode, size_t count)
{
    if (!p->lenient) return unknown_opcode(p, opcode);
    OKNG_TRY(need(p, count));
    okng_pickle_ref type = p->stack[p->depth - count], object = 0;
    if (p->values[type].kind != OKNG_PICKLE_CLASS && p->values[type].kind != OKNG_PICKLE_OBJECT &&
        p->values[type].kind != OKNG_PICKLE_GLOBAL)
        return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "makes an object of %s",
                                okng_pickle_kind_name(p->values[type].kind));
    OKNG_TRY(okng_pickle_new_object(p, type, p->stack[p->depth - count + 1], &object));
    p->depth -= count;
    return push(p, object);
}

static okng_status make_set(okng_pickle *p, uint8_t opcode)
{
    return p->lenient ? push_new(p, OKNG_PICKLE_OPAQUE) : unknown_opcode(p, opcode);
}

static okng_status make_frozen_set(okng_pickle *p, uint8_t opcode)
{
    if (!p->lenient) return unknown_opcode(p, opcode);
    OKNG_TRY(pop_mark(p, &p->depth));
    return push_new(p, OKNG_PICKLE_OPAQUE);
}

/* What a tuple that holds itself leaves behind. */
static okng_status drop_marked(okng_pickle *p, uint8_t opcode)
{
    return p->lenient ? pop_mark(p, &p->depth) : unknown_opcode(p, opcode);
}

static okng_status push_bytearray(okng_pickle *p, uint8_t opcode)
{
    return p->lenient ? push_text(p, OKNG_PICKLE_BYTES, 8) : unknown_opcode(p, opcode);
}

static okng_status pop(okng_pickle *p)
{
    OKNG_TRY(need(p, 1));
    p->depth--;
    return OKNG_OK;
}

/* ---- the machine ----------------------------------------------------------------------------- */

static okng_status protocol(okng_pickle *p)
{
    uint64_t version = 0;
    OKNG_TRY(take_number(p, 1, &version));
    if (version >= 2 && version <= 5) return OKNG_OK;
    return okng_pickle_fail(p, OKNG_ERROR_UNSUPPORTED, "protocol %u, expected 2 to 5", (unsigned)version);
}

static okng_status memo_by_number(okng_pickle *p, size_t width, okng_status (*use)(okng_pickle *, size_t))
{
    uint64_t index = 0;
    OKNG_TRY(take_number(p, width, &index));
    return use(p, (size_t)index);
}

static okng_status skip(okng_pickle *p, size_t count)
{
    const uint8_t *ignored;
    return take(p, count, &ignored);
}

static okng_status push_float(okng_pickle *p)
{
    const uint8_t *bytes = NULL;
    okng_pickle_ref ref = 0;
    uint64_t bits = 0;
    OKNG_TRY(take(p, 8, &bytes));
    OKNG_TRY(okng_pickle_new(p, OKNG_PICKLE_FLOAT, &ref));
    for (int i = 0; i < 8; i++) bits = bits << 8 | bytes[i]; /* the one number that is big-endian */
    memcpy(&p->values[ref].as.real, &bits, sizeof bits);
    return push(p, ref);
}

/* One line for each opcode. */
/* clang-format off */
/* Opcodes that make or move values. */
static okng_status step_value(okng_pickle *p, uint8_t opcode)
{
    switch (opcode) {
    case '(': return push_mark(p);
    case '0': return pop(p);
    case 'N': return push_new(p, OKNG_PICKLE_NONE);
    case 0x88: return push_integer(p, OKNG_PICKLE_BOOL, 1);
    case 0x89: return push_integer(p, OKNG_PICKLE_BOOL, 0);
    case 'K': return push_unsigned(p, 1);
    case 'M': return push_unsigned(p, 2);
    case 'J': return push_unsigned(p, 4);
    case 0x8a: return push_long(p, 1);
    case 0x8b: return push_long(p, 4);
    case 'G': return push_float(p);
    case 0x8c: return push_text(p, OKNG_PICKLE_TEXT, 1);
    case 'X': return push_text(p, OKNG_PICKLE_TEXT, 4);
    case 0x8d: return push_text(p, OKNG_PICKLE_TEXT, 8);
    case 'U': return push_text(p, OKNG_PICKLE_TEXT, 1); /* Python 2's str */
    case 'T': return push_text(p, OKNG_PICKLE_TEXT, 4);
    case 'C': return push_text(p, OKNG_PICKLE_BYTES, 1);
    case 'B': return push_text(p, OKNG_PICKLE_BYTES, 4);
    case 0x8e: return push_text(p, OKNG_PICKLE_BYTES, 8);
    case ']': return push_new(p, OKNG_PICKLE_LIST);
    case '}': return push_new(p, OKNG_PICKLE_DICT);
    case ')': return push_new(p, OKNG_PICKLE_TUPLE);
    default: return unknown_opcode(p, opcode);
    }
}

static okng_status step(okng_pickle *p, uint8_t opcode)
{
    switch (opcode) {
    case 0x80: return protocol(p);
    case 0x95: return skip(p, 8); /* a frame's length: only a hint for buffering */
    case 0x85: return make_short_tuple(p, 1);
    case 0x86: return make_short_tuple(p, 2);
    case 0x87: return make_short_tuple(p, 3);
    case 't': return make_marked_tuple(p);
    case 'a': return fill_few(p, OKNG_PICKLE_LIST, 1);
    case 'e': return fill_marked(p, OKNG_PICKLE_LIST);
    case 's': return fill_few(p, OKNG_PICKLE_DICT, 2);
    case 'u': return fill_marked(p, OKNG_PICKLE_DICT);
    case 'q': return memo_by_number(p, 1, memo_put);
    case 'r': return memo_by_number(p, 4, memo_put);
    case 0x94: return memoize(p);
    case 'h': return memo_by_number(p, 1, memo_get);
    case 'j': return memo_by_number(p, 4, memo_get);
    case 'c': return named_global(p);
    case 0x93: return stack_global(p);
    case 'R': return reduce(p);
    case 'Q': return persistent_id(p);
    case 'b': return build(p);
    case 0x81: return make_object(p, opcode, 2);
    case 0x92: return make_object(p, opcode, 3);
    case 0x8f: return make_set(p, opcode);
    case 0x90: return p->lenient ? fill_marked(p, OKNG_PICKLE_OPAQUE) : unknown_opcode(p, opcode);
    case 0x91: return make_frozen_set(p, opcode);
    case 0x96: return push_bytearray(p, opcode);
    case '1': return drop_marked(p, opcode);
    default: return step_value(p, opcode);
    }
}

/* clang-format on */

okng_status okng_pickle_run(okng_pickle *p, const uint8_t *data, size_t size, size_t *used, okng_pickle_ref *root)
{
    p->begin = p->at = data;
    p->end = data + size;
    p->depth = p->mark_count = p->memo_count = 0;
    for (;;) {
        if (p->at == p->end) return cut_off(p);
        uint8_t opcode = *p->at++;
        if (opcode == '.') break;
        OKNG_TRY(step(p, opcode));
    }
    if (p->depth != 1 || p->mark_count != 0)
        return okng_pickle_fail(p, OKNG_ERROR_FORMAT, "ends with %zu values, expected 1", p->depth);
    *root = p->stack[0];
    *used = (size_t)(p->at - p->begin);
    return OKNG_OK;
}

void okng_pickle_free(okng_pickle *p)
{
    free(p->values);
    free(p->cells);
    free(p->storages);
    free(p->tensors);
    free(p->classes);
    free(p->objects);
    free(p->memo);
    free(p->stack);
    free(p->marks);
    *p = (okng_pickle){0};
}
