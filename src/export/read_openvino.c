/* OpenVINO IR as a program. Numbers are not copied: the .bin stays in memory as a constant that nobody reads, and the
 * others lie in it. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "export/export.h"
#include "export/ir_types.h"
#include "export/read_openvino.h"

static const size_t xml_limit = (size_t)1 << 28, bin_limit = (size_t)1 << 40; /* bytes */

typedef struct reader {
    okng_program *program;
    okng_ir ir;
    const uint8_t *bin;
    size_t bin_size;
    int32_t *by_place; /* [layers]: layers as they stand in the file */
    int32_t *stack;    /* [layers]: those that wait for what is before them */
    uint8_t *state;    /* [layers] */
} reader;

enum { NEW = 0, WAITING, DONE };

static okng_status damaged(const reader *r, const okng_ir_layer *layer, const char *what, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: layer \"%.100s\" %s", r->ir.path, layer->name, what);
}

/* ---- names of tensors -------------------------------------------------------------------------------------------- */

/* Name `index` of "a,b", where "\," is a comma within a name; false where there are not as many. */
static bool name_of(const char *names, size_t index, char text[OKNG_PROGRAM_NAME_MAX])
{
    size_t at = 0, used = 0;
    for (const char *c = names; c && *c; c++) {
        if (*c == ',') {
            if (at++ == index) break;
            used = 0;
            continue;
        }
        if (*c == '\\' && c[1] == ',') c++;
        if (used + 1 < OKNG_PROGRAM_NAME_MAX) text[used++] = *c;
    }
    text[used] = '\0';
    return used > 0 && at >= index;
}

enum { LOOKED_AT = 64 }; /* names of one tensor; more would take a time that grows with their square */

/* The name of a Result: of the tensor's names the one that the layer has before its "/", else the first. */
static void result_name(const okng_ir_layer *layer, const char *names, char text[OKNG_PROGRAM_NAME_MAX])
{
    char own[OKNG_PROGRAM_NAME_MAX];
    (void)snprintf(own, sizeof own, "%s", layer->name);
    char *slash = strrchr(own, '/');
    if (slash) *slash = '\0';
    for (size_t i = 0; i < LOOKED_AT && name_of(names, i, text); i++)
        if (strcmp(text, own) == 0) return;
    if (!name_of(names, 0, text)) (void)snprintf(text, OKNG_PROGRAM_NAME_MAX, "%s", own);
}

/* ---- layers ------------------------------------------------------------------------------------------------------ */

static okng_status read_parameter(reader *r, okng_ir_layer *layer, okng_error *error)
{
    char name[OKNG_PROGRAM_NAME_MAX];
    if (layer->output_count != 1 || layer->input_count != 0 || !layer->outputs[0].has_type)
        return damaged(r, layer, "is an input without its one port and type", error);
    okng_ir_port *port = &layer->outputs[0];
    if (!name_of(port->names, 0, name)) (void)snprintf(name, sizeof name, "%s", layer->name);
    port->value = okng_program_input(r->program, name, port->type.dtype, port->type.rank, port->type.dims);
    return okng_program_check(r->program, error);
}

static okng_status read_result(reader *r, okng_ir_layer *layer, okng_error *error)
{
    char name[OKNG_PROGRAM_NAME_MAX];
    const okng_ir_source source = {r->program, &r->ir, layer, r->bin, r->bin_size};
    if (layer->input_count != 1 || layer->inputs[0].from_layer < 0)
        return damaged(r, layer, "is an output without its one edge", error);
    const okng_program_value value = okng_ir_input(&source, 0);
    const okng_ir_layer *from = &r->ir.layers[layer->inputs[0].from_layer];
    result_name(layer, from->outputs[layer->inputs[0].from_port].names, name);
    okng_program_output(r->program, name, value);
    return okng_program_check(r->program, error);
}

/* What the file says of a port is what comes out there; an extent that it leaves open may be known. */
static okng_status check_ports(reader *r, const okng_ir_layer *layer, okng_error *error)
{
    for (int32_t i = 0; i < layer->output_count; i++) {
        const okng_ir_port *port = &layer->outputs[i];
        if (port->value == OKNG_PROGRAM_NONE || !port->has_type) continue;
        const okng_program_type *type = &r->program->nodes[port->value].type;
        bool same = type->dtype == port->type.dtype && type->rank == port->type.rank;
        for (int32_t k = 0; same && k < type->rank; k++)
            same = port->type.dims[k] == OKNG_ANY || type->dims[k] == port->type.dims[k];
        char found[96], said[96];
        if (!same)
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: layer \"%.100s\" gives %s, its port says %s", r->ir.path,
                             layer->name, okng_program_type_text(type, found, sizeof found),
                             okng_program_type_text(&port->type, said, sizeof said));
    }
    return OKNG_OK;
}

static okng_status read_one(reader *r, okng_ir_layer *layer, okng_error *error)
{
    const okng_ir_source source = {r->program, &r->ir, layer, r->bin, r->bin_size};
    if (strcmp(layer->type, "Const") == 0 || strcmp(layer->type, "Parameter") == 0) return OKNG_OK;
    if (strcmp(layer->type, "Result") == 0) return read_result(r, layer, error);
    OKNG_TRY(okng_ir_read_op(&source, error));
    OKNG_TRY(okng_program_check(r->program, error));
    return check_ports(r, layer, error);
}

/* ---- in which order ---------------------------------------------------------------------------------------------- */

/* The first input of a layer that is not done; -1 where all are, -2 where one waits for this layer itself. */
static int32_t missing(const reader *r, const okng_ir_layer *layer)
{
    for (int32_t i = 0; i < layer->input_count; i++) {
        const int32_t from = layer->inputs[i].from_layer;
        if (from >= 0 && r->state[from] == WAITING) return -2;
        if (from >= 0 && r->state[from] == NEW) return from;
    }
    return -1;
}

/* A layer and all before it, as deep as that goes. */
static okng_status read_upto(reader *r, int32_t wanted, okng_error *error)
{
    size_t depth = 0;
    if (r->state[wanted] != NEW) return OKNG_OK;
    r->stack[depth++] = wanted;
    r->state[wanted] = WAITING;
    while (depth > 0) {
        okng_ir_layer *layer = &r->ir.layers[r->stack[depth - 1]];
        const int32_t before = missing(r, layer);
        if (before == -2) return damaged(r, layer, "depends on itself", error);
        if (before >= 0) {
            r->stack[depth++] = before;
            r->state[before] = WAITING;
            continue;
        }
        OKNG_TRY(read_one(r, layer, error));
        r->state[r->stack[--depth]] = DONE;
    }
    return OKNG_OK;
}

static okng_status read_all(reader *r, okng_error *error)
{
    const size_t count = r->ir.layer_count;
    r->by_place = okng_alloc(count, sizeof *r->by_place);
    r->stack = okng_alloc(count, sizeof *r->stack);
    r->state = okng_alloc_zero(count, sizeof *r->state);
    if (!r->by_place || !r->stack || !r->state) return okng_fail_memory(error, count * 2 * sizeof *r->stack);
    for (size_t i = 0; i < count; i++) r->by_place[r->ir.layers[i].place] = (int32_t)i;
    for (size_t i = 0; i < count; i++) {
        okng_ir_layer *layer = &r->ir.layers[r->by_place[i]];
        if (strcmp(layer->type, "Parameter") == 0) OKNG_TRY(read_parameter(r, layer, error));
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(r->ir.layers[r->by_place[i]].type, "Result") == 0) OKNG_TRY(read_upto(r, r->by_place[i], error));
    if (r->program->input_count == 0 || r->program->output_count == 0)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: a model without an input or without an output", r->ir.path);
    return OKNG_OK;
}

/* ---- the files --------------------------------------------------------------------------------------------------- */

okng_status okng_openvino_read(okng_program *program, const char *path, char *xml, size_t xml_size, const uint8_t *bin,
                               size_t bin_size, okng_error *error)
{
    reader r = {.program = program, .bin = bin, .bin_size = bin_size};
    OKNG_TRY(okng_ir_read(&r.ir, path, xml, xml_size, error));
    const okng_status status = read_all(&r, error);
    free(r.by_place);
    free(r.stack);
    free(r.state);
    okng_ir_free(&r.ir);
    return status;
}

/* The whole .bin, which becomes the program's as a constant that nobody reads. */
static okng_status keep_bin(okng_program *program, const char *path, const uint8_t **bin, size_t *size,
                            okng_error *error)
{
    const size_t length = strlen(path);
    void *data;
    char *beside;
    if (length < 5 || strcmp(path + length - 4, ".xml") != 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: expected NAME.xml, with its numbers in NAME.bin beside it",
                         path);
    if (asprintf(&beside, "%.*s.bin", (int)(length - 4), path) < 0) return okng_fail_memory(error, length + 1);
    const okng_status status = okng_file_read(beside, bin_limit, &data, size, error);
    free(beside);
    if (status != OKNG_OK) return status;
    *bin = data;
    if (*size == 0) return OKNG_OK;
    (void)okng_program_constant_own(program, NULL, OKNG_U8, 1, (int64_t[]){(int64_t)*size}, data);
    return okng_program_check(program, error);
}

okng_status okng_export_read_openvino(okng_program **out, const char *path, okng_error *error)
{
    void *xml = NULL;
    char *text = NULL;
    size_t xml_size = 0, bin_size = 0;
    const uint8_t *bin = NULL;
    *out = NULL;
    okng_program *program;
    OKNG_TRY(okng_program_new(&program, error));
    okng_status status = okng_file_read(path, xml_limit, &xml, &xml_size, error);
    if (status == OKNG_OK) {
        text = okng_alloc(xml_size + 1, 1);
        if (!text)
            status = okng_fail_memory(error, xml_size + 1);
        else {
            memcpy(text, xml ? xml : "", xml_size);
            text[xml_size] = '\0';
        }
    }
    free(xml);
    if (status == OKNG_OK) status = keep_bin(program, path, &bin, &bin_size, error);
    if (status == OKNG_OK) status = okng_openvino_read(program, path, text, xml_size, bin, bin_size, error);
    free(text);
    if (status == OKNG_OK) {
        *out = program;
        return OKNG_OK;
    }
    okng_program_free(&program);
    return status;
}
