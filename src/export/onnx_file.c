/* A protobuf message is its fields one after the other, so a model is written piece by piece: what is small is packed
 * by protobuf-c, and the numbers of constants go from where they are to the file. protobuf-c's own packing of the whole
 * would copy them three times. */
#include "export/onnx_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "export/model_files.h"

enum {
    LENGTH = 2,         /* the wire type of what has a length before it */
    MODEL_GRAPH = 7,    /* numbers of fields in onnx.proto */
    GRAPH_CONSTANT = 5, /* initializer */
    TENSOR_RAW = 9,     /* raw_data */
    PAGE = 4096,        /* numbers in a file of their own begin at pages, so that they can be mapped */
};
static const size_t apart_default = (size_t)1 << 30;
static const uint64_t message_limit = 0x7fffffff; /* protobuf's */

/* ---- sizes ------------------------------------------------------------------------------------------------------- */

static size_t varint_size(uint64_t value)
{
    size_t size = 1;
    while (value >>= 7) size++;
    return size;
}

/* Of a field of `bytes` with its tag, which is one byte, and its length. */
static uint64_t field_size(uint64_t bytes)
{
    return 1 + varint_size(bytes) + bytes;
}

static void put_field(FILE *stream, unsigned number, uint64_t bytes)
{
    (void)fputc((int)(number << 3 | LENGTH), stream);
    for (; bytes >= 128; bytes >>= 7) (void)fputc((int)(bytes & 127) | 128, stream);
    (void)fputc((int)bytes, stream);
}

static uint64_t constant_bytes(const okng_onnx_constant *constant)
{
    return (uint64_t)constant->count * (constant->half ? sizeof(uint16_t) : okng_dtype_size(constant->dtype));
}

/* ---- a constant -------------------------------------------------------------------------------------------------- */

/* What stands before its numbers. Holds pointers to itself. */
typedef struct head {
    OkngOnnx__TensorProto tensor;
    OkngOnnx__StringStringEntryProto entries[3], *list[3];
    char offset[24], length[24];
} head;

static void fill_entry(head *h, size_t i, const char *key, const char *value)
{
    okng_onnx__string_string_entry_proto__init(&h->entries[i]);
    h->entries[i].key = (char *)(uintptr_t)key;
    h->entries[i].value = (char *)(uintptr_t)value;
    h->list[i] = &h->entries[i];
}

/* data_file: where its numbers are, from `offset` on; NULL: in the model. */
static void fill_head(head *h, const okng_onnx_constant *constant, const char *data_file, uint64_t offset)
{
    okng_onnx__tensor_proto__init(&h->tensor);
    h->tensor.name = (char *)(uintptr_t)constant->name;
    h->tensor.dims = (int64_t *)(uintptr_t)constant->dims;
    h->tensor.n_dims = (size_t)constant->rank;
    h->tensor.has_data_type = true;
    h->tensor.data_type = okng_onnx_type(constant->half ? OKNG_F16 : constant->dtype);
    if (!data_file) return;
    (void)snprintf(h->offset, sizeof h->offset, "%llu", (unsigned long long)offset);
    (void)snprintf(h->length, sizeof h->length, "%llu", (unsigned long long)constant_bytes(constant));
    fill_entry(h, 0, "location", data_file);
    fill_entry(h, 1, "offset", h->offset);
    fill_entry(h, 2, "length", h->length);
    h->tensor.external_data = h->list;
    h->tensor.n_external_data = 3;
    h->tensor.has_data_location = true;
    h->tensor.data_location = OKNG_ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
}

static void put_numbers(FILE *stream, const okng_onnx_constant *constant)
{
    okng_export_put_numbers(stream, constant->data, constant->dtype, constant->count, constant->half);
}

/* ---- the files --------------------------------------------------------------------------------------------------- */

typedef struct job {
    okng_onnx_graph *graph;
    const okng_export_target *target;
    OkngOnnx__ModelProto *model; /* without its graph */
    OkngOnnx__OperatorSetIdProto *opsets[1];
    OkngOnnx__GraphProto *body; /* without its constants */
    char *data_path;
    const char *data_file; /* the end of data_path; NULL: all in the model */
    uint64_t data_size;
    okng_writer model_writer, data_writer;
    FILE *model_stream; /* that of model_writer, or of an image's memory */
    bool image;         /* no files are written */
} job;

/* Small constants stay in the model: a reader looks into those of shapes. */
static bool is_apart(const job *j, const okng_onnx_constant *constant)
{
    return j->data_file && constant_bytes(constant) >= PAGE;
}

static uint64_t next_offset(uint64_t offset, const okng_onnx_constant *constant)
{
    return (offset + constant_bytes(constant) + PAGE - 1) / PAGE * PAGE;
}

static uint64_t head_size(const job *j, const okng_onnx_constant *constant, uint64_t offset)
{
    head h;
    fill_head(&h, constant, is_apart(j, constant) ? j->data_file : NULL, offset);
    const uint64_t size = okng_onnx__tensor_proto__get_packed_size(&h.tensor);
    return is_apart(j, constant) ? size : size + field_size(constant_bytes(constant));
}

/* The whole graph as a message. */
static uint64_t graph_size(const job *j)
{
    uint64_t size = okng_onnx__graph_proto__get_packed_size(j->body), offset = 0;
    for (size_t i = 0; i < j->graph->constant_count; i++) {
        const okng_onnx_constant *constant = &j->graph->constants[i];
        size += field_size(head_size(j, constant, offset));
        if (is_apart(j, constant)) offset = next_offset(offset, constant);
    }
    return size;
}

static okng_status put_message(FILE *stream, const ProtobufCMessage *message, okng_error *error)
{
    const size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = okng_alloc(size, 1);
    if (!packed) return okng_fail_memory(error, size);
    (void)protobuf_c_message_pack(message, packed);
    (void)fwrite(packed, 1, size, stream);
    free(packed);
    return OKNG_OK;
}

static okng_status put_constant(job *j, const okng_onnx_constant *constant, uint64_t *offset, okng_error *error)
{
    FILE *stream = j->model_stream;
    const bool apart = is_apart(j, constant);
    head h;
    put_field(stream, GRAPH_CONSTANT, head_size(j, constant, *offset));
    fill_head(&h, constant, apart ? j->data_file : NULL, *offset);
    OKNG_TRY(put_message(stream, &h.tensor.base, error));
    if (!apart) {
        put_field(stream, TENSOR_RAW, constant_bytes(constant));
        put_numbers(stream, constant);
        return OKNG_OK;
    }
    const uint64_t next = next_offset(*offset, constant);
    put_numbers(j->data_writer.stream, constant);
    for (uint64_t i = *offset + constant_bytes(constant); i < next; i++) (void)fputc(0, j->data_writer.stream);
    *offset = next;
    return OKNG_OK;
}

static okng_status put_all(job *j, okng_error *error)
{
    const uint64_t size = graph_size(j);
    if (size > message_limit)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: the graph takes %llu bytes, expected at most %llu",
                         j->image ? j->target->name : j->target->path, (unsigned long long)size,
                         (unsigned long long)message_limit);
    OKNG_TRY(put_message(j->model_stream, &j->model->base, error));
    put_field(j->model_stream, MODEL_GRAPH, size);
    OKNG_TRY(put_message(j->model_stream, &j->body->base, error));
    for (size_t i = 0; i < j->graph->constant_count; i++)
        OKNG_TRY(put_constant(j, &j->graph->constants[i], &j->data_size, error));
    return OKNG_OK;
}

static okng_status write_files(job *j, okng_error *error)
{
    OKNG_TRY(okng_writer_open(&j->model_writer, j->target->path, error));
    if (j->data_file) {
        const okng_status status = okng_writer_open(&j->data_writer, j->data_path, error);
        if (status != OKNG_OK) {
            okng_writer_abort(&j->model_writer);
            return status;
        }
    }
    j->model_stream = j->model_writer.stream;
    okng_status status = put_all(j, error);
    if (j->target->settled && status == OKNG_OK) status = j->target->settled(j->target->owner, error);
    if (status == OKNG_OK)
        return j->data_file ? okng_export_commit_both(&j->model_writer, &j->data_writer, error)
                            : okng_writer_commit(&j->model_writer, error);
    okng_writer_abort(&j->model_writer);
    if (j->data_file) okng_writer_abort(&j->data_writer);
    return status;
}

/* ---- the model --------------------------------------------------------------------------------------------------- */

static void fill_model(job *j, OkngOnnx__OperatorSetIdProto *opset)
{
    okng_onnx_graph *graph = j->graph;
    okng_onnx__operator_set_id_proto__init(opset);
    opset->domain = (char *)(uintptr_t) "";
    opset->has_version = true;
    opset->version = graph->opset;
    j->opsets[0] = opset;
    j->model->opset_import = j->opsets;
    j->model->n_opset_import = 1;
    j->model->has_ir_version = true;
    j->model->ir_version = graph->opset < 19 ? 8 : 9;
    j->model->producer_name = (char *)(uintptr_t) "okng";
    j->model->producer_version = (char *)(uintptr_t)okng_version();
    j->body->name = (char *)(uintptr_t)j->target->name;
    j->body->node = graph->nodes;
    j->body->n_node = graph->node_count;
    j->body->input = graph->inputs;
    j->body->n_input = graph->input_count;
    j->body->output = graph->outputs;
    j->body->n_output = graph->output_count;
}

static void add_notes(job *j)
{
    okng_arena *arena = &j->graph->arena;
    const size_t count = j->target->note_count;
    OkngOnnx__StringStringEntryProto *notes = okng_arena_take(arena, count, sizeof *notes);
    OkngOnnx__StringStringEntryProto **list = okng_arena_take(arena, count, sizeof *list);
    if (!notes || !list) return;
    for (size_t i = 0; i < count; i++) {
        okng_onnx__string_string_entry_proto__init(&notes[i]);
        notes[i].key = (char *)(uintptr_t)j->target->notes[i].key;
        notes[i].value = (char *)(uintptr_t)j->target->notes[i].value;
        list[i] = &notes[i];
    }
    j->model->metadata_props = list;
    j->model->n_metadata_props = count;
}

static okng_status choose_data_file(job *j, okng_error *error)
{
    const size_t limit = j->target->data_apart > 0 ? j->target->data_apart : apart_default;
    uint64_t bytes = 0;
    for (size_t i = 0; i < j->graph->constant_count; i++) bytes += constant_bytes(&j->graph->constants[i]);
    if (bytes <= limit) return OKNG_OK;
    const size_t size = strlen(j->target->path) + sizeof ".data";
    j->data_path = malloc(size);
    if (!j->data_path) return okng_fail_memory(error, size);
    (void)snprintf(j->data_path, size, "%s.data", j->target->path);
    const char *slash = strrchr(j->data_path, '/');
    j->data_file = slash ? slash + 1 : j->data_path;
    return OKNG_OK;
}

/* What both ways of a model begin with. */
static okng_status begin(job *j, OkngOnnx__OperatorSetIdProto *opset, okng_error *error)
{
    okng_onnx__model_proto__init(j->model);
    okng_onnx__graph_proto__init(j->body);
    fill_model(j, opset);
    add_notes(j);
    return j->graph->arena.wanted > 0 ? okng_fail_memory(error, j->graph->arena.wanted) : OKNG_OK;
}

okng_status okng_onnx_file_write(okng_onnx_graph *graph, const okng_export_target *target, okng_export_files *files,
                                 okng_error *error)
{
    OkngOnnx__ModelProto model;
    OkngOnnx__GraphProto body;
    OkngOnnx__OperatorSetIdProto opset;
    job j = {.graph = graph, .target = target, .model = &model, .body = &body};
    OKNG_TRY(begin(&j, &opset, error));
    OKNG_TRY(choose_data_file(&j, error));
    const okng_status status = write_files(&j, error);
    if (status == OKNG_OK && files)
        *files =
            (okng_export_files){.bytes = okng_onnx__model_proto__get_packed_size(&model) + field_size(graph_size(&j)),
                                .data_bytes = j.data_size,
                                .opset = graph->opset};
    free(j.data_path);
    return status;
}

/* Into memory that has a descriptor, as it is written like a file. */
static okng_status fill_image(job *j, int descriptor, okng_export_image *image, okng_error *error)
{
    j->model_stream = fdopen(descriptor, "w+be");
    if (!j->model_stream) {
        (void)close(descriptor);
        return okng_fail_errno(error, "write", "a model in memory");
    }
    okng_status status = put_all(j, error);
    const long size = status == OKNG_OK && okng_export_is_whole(j->model_stream) ? ftell(j->model_stream) : 0;
    if (status == OKNG_OK && size <= 0) status = okng_fail_errno(error, "write", "a model in memory");
    void *mapped = MAP_FAILED;
    if (status == OKNG_OK) mapped = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fileno(j->model_stream), 0);
    if (status == OKNG_OK && mapped == MAP_FAILED) status = okng_fail_memory(error, (size_t)size);
    if (status == OKNG_OK) {
        image->bytes = mapped;
        image->size = (size_t)size;
    }
    (void)fclose(j->model_stream);
    return status;
}

okng_status okng_onnx_file_image(okng_onnx_graph *graph, const okng_export_target *target, okng_export_image *image,
                                 okng_error *error)
{
    OkngOnnx__ModelProto model;
    OkngOnnx__GraphProto body;
    OkngOnnx__OperatorSetIdProto opset;
    job j = {.graph = graph, .target = target, .model = &model, .body = &body, .image = true};
    OKNG_TRY(begin(&j, &opset, error));
    const int descriptor = memfd_create("okng-model", MFD_CLOEXEC);
    if (descriptor < 0) return okng_fail_errno(error, "make room for", "a model in memory");
    return fill_image(&j, descriptor, image, error);
}
