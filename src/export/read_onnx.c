/* An ONNX file as a program. Nothing is copied that is large: the file stays in memory as a constant that nobody reads,
 * and the numbers of the others lie in it. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "export/export.h"
#include "export/read_onnx_node.h"
#include "export/type_numbers.h"

static const size_t model_limit = (size_t)1 << 31, data_limit = (size_t)1 << 40; /* bytes */
enum {
    MODEL_VERSION = 1, /* numbers of fields in onnx.proto */
    MODEL_OPSET = 8,
    MODEL_GRAPH = 7,
    MODEL_FUNCTION = 25,
    OPSET_DOMAIN = 1,
    OPSET_VERSION = 2,
    GRAPH_NODE = 1,
    GRAPH_CONSTANT = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12,
    GRAPH_SPARSE = 15,
    NODE_INPUT = 1,
    NODE_OUTPUT = 2,
    NODE_NAME = 3,
    NODE_OP = 4,
    NODE_ATTRIBUTE = 5,
    NODE_DOMAIN = 7,
    VALUE_NAME = 1,
    VALUE_TYPE = 2,
    TYPE_TENSOR = 1,
    TENSOR_TYPE = 1, /* of TypeProto.Tensor */
    TENSOR_SHAPE = 2,
    SHAPE_DIM = 1,
    DIM_VALUE = 1,
    CONSTANTS = 16384, /* at most: each name is held against those before */
    OPSET_FIRST = 13,
    OPSET_LAST = 20
};

/* ---- names to values --------------------------------------------------------------------------------------------- */

typedef struct entry {
    okng_span name; /* data NULL: free */
    okng_program_value value;
} entry;

typedef struct reader {
    okng_program *program;
    const char *path;
    entry *map;
    size_t map_size, map_used; /* a power of 2; at most half is used */
    okng_program_value *inputs;
    size_t input_room;
    okng_span data_name, data; /* the file beside the model, once it was asked for */
    size_t constants, named;
} reader;

static size_t hash_of(okng_span name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < name.size; i++) hash = (hash ^ name.data[i]) * 0x100000001b3u;
    return (size_t)(hash ^ hash >> 29);
}

static entry *place_of(const reader *r, okng_span name)
{
    size_t at = hash_of(name) & (r->map_size - 1);
    while (r->map[at].name.data && !okng_span_equal(r->map[at].name, name)) at = (at + 1) & (r->map_size - 1);
    return &r->map[at];
}

static okng_status grow_map(reader *r, okng_error *error)
{
    if (2 * (r->map_used + 1) <= r->map_size) return OKNG_OK;
    const reader old = *r;
    r->map_size = old.map_size ? 2 * old.map_size : 256;
    r->map = okng_alloc_zero(r->map_size, sizeof *r->map);
    if (!r->map) {
        *r = old;
        return okng_fail_memory(error, 2 * old.map_size * sizeof *r->map);
    }
    for (size_t i = 0; i < old.map_size; i++)
        if (old.map[i].name.data) *place_of(r, old.map[i].name) = old.map[i];
    free(old.map);
    return OKNG_OK;
}

static int shown(okng_span name)
{
    return (int)(name.size > 100 ? 100 : name.size);
}

static okng_status damaged(const reader *r, const char *what, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: is no whole ONNX model: %s", r->path, what);
}

static okng_status define(reader *r, okng_span name, okng_program_value value, okng_error *error)
{
    if (name.size == 0 || !name.data) return damaged(r, "a value has no name", error);
    OKNG_TRY(grow_map(r, error));
    entry *place = place_of(r, name);
    if (place->name.data)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: the value %.*s is made twice", r->path, shown(name),
                         (const char *)name.data);
    *place = (entry){name, value};
    r->map_used++;
    return OKNG_OK;
}

static bool find(const reader *r, okng_span name, okng_program_value *value)
{
    if (r->map_size == 0) return false;
    const entry *place = place_of(r, name);
    *value = place->value;
    return place->name.data != NULL;
}

/* A name with its NUL; longer ones are cut. Returns text. */
static const char *text_of(okng_span name, char text[OKNG_PROGRAM_NAME_MAX])
{
    const size_t size = name.size < OKNG_PROGRAM_NAME_MAX ? name.size : OKNG_PROGRAM_NAME_MAX - 1;
    if (size > 0) memcpy(text, name.data, size);
    text[size] = '\0';
    return text;
}

/* ---- constants --------------------------------------------------------------------------------------------------- */

/* A file becomes the program's, as a constant that nobody reads. */
static okng_status keep_file(reader *r, const char *path, size_t limit, okng_span *bytes, okng_error *error)
{
    void *data;
    size_t size;
    OKNG_TRY(okng_file_read(path, limit, &data, &size, error));
    *bytes = (okng_span){data, size};
    if (size == 0) return okng_fail(error, OKNG_ERROR_FORMAT, "%s: is empty", path);
    const int64_t dims[1] = {(int64_t)size};
    (void)okng_program_constant_own(r->program, NULL, OKNG_U8, 1, dims, data);
    return okng_program_check(r->program, error);
}

/* `name` lies beside the model; nothing else may be read. */
static okng_status open_data(reader *r, okng_span name, okng_error *error)
{
    char text[OKNG_PROGRAM_NAME_MAX];
    if (r->data.data && okng_span_equal(name, r->data_name)) return OKNG_OK;
    if (r->data.data || name.size == 0 || name.size >= sizeof text || memchr(name.data, '/', name.size) ||
        memchr(name.data, '\0', name.size) || name.data[0] == '.')
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: numbers lie in \"%.*s\", expected one file beside the model", r->path, shown(name),
                         (const char *)name.data);
    const char *slash = strrchr(r->path, '/');
    const size_t folder = slash ? (size_t)(slash - r->path) + 1 : 0, size = folder + name.size + 1;
    char *path = malloc(size);
    if (!path) return okng_fail_memory(error, size);
    (void)snprintf(path, size, "%.*s%s", (int)folder, r->path, text_of(name, text));
    r->data_name = name;
    const okng_status status = keep_file(r, path, data_limit, &r->data, error);
    free(path);
    return status;
}

/* A TensorProto. */
typedef struct tensor {
    okng_span name, raw, location;
    bool apart;
    uint64_t offset, length;
    int64_t type;
    int32_t rank;
    int64_t dims[OKNG_PROGRAM_RANK_MAX];
    okng_span list; /* packed float_data, int32_data or int64_data */
    uint32_t list_number;
} tensor;

enum { DIMS = 1, DATA_TYPE = 2, FLOATS = 4, INT32S = 5, INT64S = 7, NAME = 8, RAW = 9, APART = 13, LOCATION = 14 };

static bool read_number_text(okng_span text, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || *value > (UINT64_MAX - 9) / 10) return false;
        *value = 10 * *value + (uint64_t)(text.data[i] - '0');
    }
    return text.size > 0;
}

/* One of location, offset, length. */
static bool take_entry(tensor *t, okng_span bytes)
{
    okng_wire wire = okng_wire_of(bytes);
    okng_wire_field field;
    okng_span key = {0}, value = {0};
    while (okng_wire_next(&wire, &field))
        if (field.number == 1)
            key = field.bytes;
        else if (field.number == 2)
            value = field.bytes;
    if (wire.damaged || !value.data) return false;
    if (okng_span_is(key, "location")) t->location = value;
    if (okng_span_is(key, "offset")) return read_number_text(value, &t->offset);
    if (okng_span_is(key, "length")) return read_number_text(value, &t->length);
    return true;
}

static bool take_dims(tensor *t, const okng_wire_field *field)
{
    okng_wire packed = okng_wire_of(field->bytes);
    uint64_t value = field->value;
    bool more = field->type == OKNG_WIRE_NUMBER || okng_wire_number(&packed, &value);
    while (more) {
        if (t->rank == OKNG_PROGRAM_RANK_MAX || value > INT64_MAX) return false;
        t->dims[t->rank++] = (int64_t)value;
        more = field->type == OKNG_WIRE_BYTES && okng_wire_number(&packed, &value);
    }
    return !packed.damaged;
}

static bool take_tensor_field(tensor *t, const okng_wire_field *field)
{
    switch (field->number) {
    case DIMS:
        return take_dims(t, field);
    case DATA_TYPE:
        t->type = (int64_t)field->value;
        return true;
    case FLOATS:
    case INT32S:
    case INT64S:
        if (t->list.data || !field->bytes.data) return false; /* in pieces: nobody writes it so */
        t->list = field->bytes;
        t->list_number = field->number;
        return true;
    case NAME:
        t->name = field->bytes;
        return true;
    case RAW:
        t->raw = field->bytes;
        return true;
    case APART:
        return field->bytes.data && take_entry(t, field->bytes);
    case LOCATION:
        t->apart = field->value == 1;
        return true;
    default:
        return true;
    }
}

/* Numbers that a tool has put one by one, as numpy_helper does not: float_data lies as raw_data does, whole numbers
 * have any length. */
static bool unpack_list(const tensor *t, okng_dtype dtype, size_t bytes, void *to)
{
    okng_wire wire = okng_wire_of(t->list);
    if (t->list_number == FLOATS) {
        if (dtype != OKNG_F32 || t->list.size != bytes) return false;
        memcpy(to, t->list.data, bytes);
        return true;
    }
    if ((t->list_number == INT64S) != (dtype == OKNG_I64) || dtype == OKNG_F32) return false;
    const size_t size = okng_dtype_size(dtype);
    uint64_t value;
    for (size_t i = 0; i < bytes; i += size) {
        if (!okng_wire_number(&wire, &value)) return false;
        memcpy((char *)to + i, &value, size);
    }
    return !wire.damaged && wire.at == wire.end;
}

/* Where its numbers lie; NULL with `bytes` of them still to be unpacked. */
static okng_status locate(reader *r, const tensor *t, size_t bytes, const void **at, okng_error *error)
{
    okng_span all = t->raw;
    *at = NULL;
    if (!t->apart && t->list.data) return OKNG_OK;
    if (t->apart) {
        OKNG_TRY(open_data(r, t->location, error));
        if (t->offset > r->data.size || t->length > r->data.size - t->offset)
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: numbers lie beyond the end of %.*s", r->path,
                             shown(t->location), (const char *)t->location.data);
        all = (okng_span){r->data.data + t->offset, (size_t)t->length};
    }
    if (all.size != bytes || !all.data)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: the constant %.*s has %zu bytes of numbers, its shape says %zu",
                         r->path, shown(t->name), (const char *)t->name.data, all.size, bytes);
    *at = all.data;
    return OKNG_OK;
}

static bool all_truths(const uint8_t *data, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (data[i] > 1) return false;
    return true;
}

static okng_status add_tensor(reader *r, const tensor *t, okng_error *error)
{
    char text[OKNG_PROGRAM_NAME_MAX];
    okng_dtype dtype;
    okng_program_value value;
    size_t bytes;
    const void *at;
    if (!okng_onnx_dtype(t->type, &dtype) || !okng_shape_bytes(dtype, t->rank, t->dims, &bytes))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: the constant %.*s is of type %d, which okng does not read",
                         r->path, shown(t->name), (const char *)t->name.data, (int)t->type);
    OKNG_TRY(locate(r, t, bytes, &at, error));
    const char *name = text_of(t->name, text);
    if (bytes != okng_dtype_size(dtype) || strncmp(name, "okng_", 5) == 0 || r->named++ >= OKNG_EXPORT_NAMED)
        name = NULL;
    if (at) {
        value = okng_program_constant(r->program, name, dtype, t->rank, t->dims, at, true);
    } else {
        if (bytes > t->list.size * sizeof(int64_t)) return damaged(r, "a constant lacks numbers", error);
        void *list = okng_alloc_zero(bytes + 1, 1);
        if (!list) return okng_fail_memory(error, bytes);
        if (!unpack_list(t, dtype, bytes, list)) {
            free(list);
            return damaged(r, "a constant lacks numbers", error);
        }
        value = okng_program_constant_own(r->program, name, dtype, t->rank, t->dims, list);
    }
    OKNG_TRY(okng_program_check(r->program, error));
    if (dtype == OKNG_BOOL && !all_truths(r->program->nodes[value].data, bytes))
        return damaged(r, "a truth value is neither 0 nor 1", error);
    return define(r, t->name, value, error);
}

static okng_status read_constant(reader *r, okng_span bytes, okng_error *error)
{
    okng_wire wire = okng_wire_of(bytes);
    okng_wire_field field;
    tensor t = {0};
    if (++r->constants > CONSTANTS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: has more than %d constants", r->path, CONSTANTS);
    while (okng_wire_next(&wire, &field))
        if (!take_tensor_field(&t, &field)) return damaged(r, "a constant is damaged", error);
    if (wire.damaged) return damaged(r, "a constant is cut off", error);
    return add_tensor(r, &t, error);
}

/* ---- inputs and outputs ------------------------------------------------------------------------------------------ */

static bool read_dim(okng_span bytes, int64_t *dim)
{
    okng_wire wire = okng_wire_of(bytes);
    okng_wire_field field;
    *dim = OKNG_ANY;
    while (okng_wire_next(&wire, &field))
        if (field.number == DIM_VALUE && field.type == OKNG_WIRE_NUMBER) *dim = (int64_t)field.value;
    return !wire.damaged;
}

/* The bytes of the last field of this number. */
static bool inner(okng_span bytes, uint32_t number, okng_span *found)
{
    okng_wire wire = okng_wire_of(bytes);
    okng_wire_field field;
    *found = (okng_span){0};
    while (okng_wire_next(&wire, &field))
        if (field.number == number && field.type == OKNG_WIRE_BYTES) *found = field.bytes;
    return !wire.damaged && found->data;
}

static bool read_tensor_type(okng_span value, okng_program_type *type)
{
    okng_span about, tensor_type;
    okng_wire_field field;
    if (!inner(value, VALUE_TYPE, &about) || !inner(about, TYPE_TENSOR, &tensor_type)) return false;
    okng_wire wire = okng_wire_of(tensor_type), shape = {0};
    int64_t number = 0;
    while (okng_wire_next(&wire, &field)) {
        if (field.number == TENSOR_TYPE) number = (int64_t)field.value;
        if (field.number == TENSOR_SHAPE && field.type == OKNG_WIRE_BYTES) shape = okng_wire_of(field.bytes);
    }
    if (wire.damaged || !shape.at || !okng_onnx_dtype(number, &type->dtype)) return false;
    while (okng_wire_next(&shape, &field)) {
        if (field.number != SHAPE_DIM) continue;
        if (type->rank == OKNG_PROGRAM_RANK_MAX || !field.bytes.data) return false;
        if (!read_dim(field.bytes, &type->dims[type->rank++])) return false;
    }
    return !shape.damaged;
}

/* One that is a constant too is that, as in old files. */
static okng_status read_input(reader *r, okng_span bytes, okng_error *error)
{
    char text[OKNG_PROGRAM_NAME_MAX];
    okng_span name;
    okng_program_value known;
    okng_program_type type = {0};
    if (!inner(bytes, VALUE_NAME, &name)) return damaged(r, "an input has no name", error);
    if (find(r, name, &known)) return OKNG_OK;
    if (!read_tensor_type(bytes, &type))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: the input %.*s is no tensor of a type that okng reads",
                         r->path, shown(name), (const char *)name.data);
    const okng_program_value value =
        okng_program_input(r->program, text_of(name, text), type.dtype, type.rank, type.dims);
    OKNG_TRY(okng_program_check(r->program, error));
    return define(r, name, value, error);
}

static okng_status read_output(reader *r, okng_span bytes, okng_error *error)
{
    char text[OKNG_PROGRAM_NAME_MAX];
    okng_span name;
    okng_program_value value;
    if (!inner(bytes, VALUE_NAME, &name)) return damaged(r, "an output has no name", error);
    if (!find(r, name, &value))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: nothing makes the output %.*s", r->path, shown(name),
                         (const char *)name.data);
    okng_program_output(r->program, text_of(name, text), value);
    return okng_program_check(r->program, error);
}

/* ---- operators --------------------------------------------------------------------------------------------------- */

static okng_status add_input(reader *r, okng_onnx_read_node *node, okng_span name, okng_error *error)
{
    okng_program_value value = OKNG_PROGRAM_NONE;
    if (name.size > 0 && !find(r, name, &value))
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: an operator reads the value %.*s, which nothing before it makes", r->path, shown(name),
                         (const char *)name.data);
    if (!okng_grow((void **)&r->inputs, &r->input_room, (size_t)node->input_count + 1, sizeof *r->inputs))
        return okng_fail_memory(error, ((size_t)node->input_count + 1) * sizeof *r->inputs);
    r->inputs[node->input_count++] = value;
    return OKNG_OK;
}

static okng_status take_node_field(reader *r, okng_onnx_read_node *node, okng_span names[2],
                                   const okng_wire_field *field, okng_error *error)
{
    switch (field->number) {
    case NODE_INPUT:
        return add_input(r, node, field->bytes, error);
    case NODE_OUTPUT:
        if (node->output_count == 2) return damaged(r, "an operator has more than two outputs", error);
        names[node->output_count++] = field->bytes;
        return OKNG_OK;
    case NODE_NAME:
        node->name = field->bytes;
        return OKNG_OK;
    case NODE_OP:
        node->op = field->bytes;
        return OKNG_OK;
    case NODE_DOMAIN:
        node->domain = field->bytes;
        return OKNG_OK;
    case NODE_ATTRIBUTE:
        return okng_onnx_read_attribute(node, field->bytes, error);
    default:
        return OKNG_OK;
    }
}

static okng_status read_node(reader *r, okng_span bytes, okng_error *error)
{
    okng_wire wire = okng_wire_of(bytes);
    okng_wire_field field;
    okng_span names[2];
    okng_onnx_read_node node = {.program = r->program, .outputs = {OKNG_PROGRAM_NONE, OKNG_PROGRAM_NONE}};
    while (okng_wire_next(&wire, &field)) OKNG_TRY(take_node_field(r, &node, names, &field, error));
    if (wire.damaged) return damaged(r, "an operator is cut off", error);
    node.inputs = r->inputs;
    const okng_status status = okng_onnx_read_op(&node, error);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", r->path);
    OKNG_TRY(okng_program_check(r->program, error));
    for (int32_t i = 0; i < node.output_count; i++) {
        if (names[i].size == 0) continue;
        if (node.outputs[i] == OKNG_PROGRAM_NONE) return damaged(r, "an operator has an output too many", error);
        OKNG_TRY(define(r, names[i], node.outputs[i], error));
    }
    return OKNG_OK;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

typedef okng_status read_part(reader *r, okng_span bytes, okng_error *error);

/* All parts of the graph that are fields of this number, in order. */
static okng_status read_parts(reader *r, okng_span graph, uint32_t number, read_part *read, okng_error *error)
{
    okng_wire wire = okng_wire_of(graph);
    okng_wire_field field;
    while (okng_wire_next(&wire, &field)) {
        if (field.number == GRAPH_SPARSE)
            return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: has sparse constants, which okng does not read",
                             r->path);
        if (field.number == number) OKNG_TRY(read(r, field.bytes, error));
    }
    return wire.damaged ? damaged(r, "its graph is cut off", error) : OKNG_OK;
}

static okng_status check_opset(const reader *r, okng_span bytes, okng_error *error)
{
    okng_wire wire = okng_wire_of(bytes);
    okng_wire_field field;
    okng_span domain = {0};
    uint64_t version = 0;
    while (okng_wire_next(&wire, &field)) {
        if (field.number == OPSET_DOMAIN) domain = field.bytes;
        if (field.number == OPSET_VERSION) version = field.value;
    }
    if (domain.size > 0 && !okng_span_is(domain, "ai.onnx")) return OKNG_OK; /* its operators will be refused */
    if (version >= OPSET_FIRST && version <= OPSET_LAST) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: opset %llu, expected %d to %d", r->path,
                     (unsigned long long)version, OPSET_FIRST, OPSET_LAST);
}

/* Any bytes may have fields of some numbers. A model is fields from end to end, and says of which version it is. */
static okng_status check_model(const reader *r, okng_span file, okng_error *error)
{
    okng_wire wire = okng_wire_of(file);
    okng_wire_field field;
    bool version = false, graph = false;
    while (okng_wire_next(&wire, &field)) {
        version = version || (field.number == MODEL_VERSION && field.type == OKNG_WIRE_NUMBER);
        graph = graph || field.number == MODEL_GRAPH;
    }
    if (!version && (wire.damaged || !graph))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: is no ONNX model, expected a file that okng export wrote",
                         r->path);
    return wire.damaged ? damaged(r, "it is cut off, or something else", error) : OKNG_OK;
}

static okng_status find_graph(const reader *r, okng_span file, okng_span *graph, okng_error *error)
{
    okng_wire wire = okng_wire_of(file);
    okng_wire_field field;
    while (okng_wire_next(&wire, &field)) {
        if (field.number == MODEL_OPSET) OKNG_TRY(check_opset(r, field.bytes, error));
        if (field.number == MODEL_FUNCTION)
            return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: has functions of its own, which okng does not read",
                             r->path);
        if (field.number != MODEL_GRAPH) continue;
        if (graph->data) return damaged(r, "it has two graphs", error);
        *graph = field.bytes;
    }
    return graph->data ? OKNG_OK : damaged(r, "it has no graph", error);
}

static okng_status read_all(reader *r, okng_error *error)
{
    okng_span file, graph = {0};
    OKNG_TRY(keep_file(r, r->path, model_limit, &file, error));
    OKNG_TRY(check_model(r, file, error));
    OKNG_TRY(find_graph(r, file, &graph, error));
    OKNG_TRY(read_parts(r, graph, GRAPH_CONSTANT, read_constant, error));
    OKNG_TRY(read_parts(r, graph, GRAPH_INPUT, read_input, error));
    OKNG_TRY(read_parts(r, graph, GRAPH_NODE, read_node, error));
    return read_parts(r, graph, GRAPH_OUTPUT, read_output, error);
}

okng_status okng_export_read_onnx(okng_program **out, const char *path, okng_error *error)
{
    reader r = {.path = path};
    *out = NULL;
    OKNG_TRY(okng_program_new(&r.program, error));
    okng_status status = read_all(&r, error);
    free(r.map);
    free(r.inputs);
    if (status != OKNG_OK) okng_program_free(&r.program);
    *out = r.program;
    return status;
}
