/* The row of onnxruntime in the table of engines: a network's graph becomes a program of plain operators, that a model
 * in memory, and the library runs it. Values are float32. */
#include "engine/backend.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/onnxruntime/model.h"
#include "net/node.h"

/* What a run is given as its input number i. */
typedef struct input {
    size_t elements; /* of one picture */
    int64_t rows;    /* numbers, of a table of so many rows; 0: float32 */
} input;

typedef struct network {
    okng_ort_model *model;
    input inputs[OKNG_PROGRAM_MAX_ENDS];
    int32_t input_count, output_count;
    size_t output_elements[OKNG_MAX_LAYERS]; /* of one picture */
} network;

typedef struct session {
    const network *network;
    int64_t pictures;
} session;

/* ---- what it can ------------------------------------------------------------------------------------------------- */

static char kept_to[16]; /* the instruction sets that okng was kept to; "" = all */

static bool limit_cpu(const char *variant)
{
    (void)snprintf(kept_to, sizeof kept_to, "%s", variant);
    return true;
}

static okng_status check(const char *device, okng_error *error)
{
    okng_ort_device read;
    return okng_ort_device_read(&read, device, error);
}

static okng_status supports(const char *device, okng_precision precision, okng_error *error)
{
    const okng_ort_api *ort;
    okng_ort_device where;
    OKNG_TRY(okng_ort_device_read(&where, device, error));
    if (precision != OKNG_PRECISION_FP32)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "device %s runs networks in precision fp32 alone; use that, with which a bank must be built "
                         "anew, or device cpu",
                         device);
    if (*kept_to)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "device %s chooses its instructions itself and cannot be kept to %s; leave that out, or use "
                         "device cpu",
                         device, kept_to);
    OKNG_TRY(okng_ort_get(&ort, error));
    return okng_ort_device_check(ort, &where, error);
}

static const char *instructions(void)
{
    return "its own";
}

/* ---- a graph as a program ---------------------------------------------------------------------------------------- */

/* Rows of the table that numbers are looked up in; 0 where nothing does. */
static int64_t rows_of(const okng_graph *graph, size_t value)
{
    for (size_t i = 0; i < graph->node_count; i++) {
        const okng_node *node = &graph->nodes[i];
        if (node->op == OKNG_OP_EMBEDDING && node->inputs[0] == (okng_value)value)
            return okng_node_param(node, OKNG_ROLE_WEIGHT)->shape.dims[0];
    }
    return 0;
}

static okng_status add_inputs(network *n, okng_program *p, const okng_graph *graph, okng_program_value *values,
                              okng_error *error)
{
    for (size_t i = 0; i < graph->node_count; i++) {
        const okng_node *node = &graph->nodes[i];
        int64_t dims[OKNG_RANK_MAX];
        char name[16];
        if (node->op != OKNG_OP_INPUT) continue;
        if (n->input_count == OKNG_PROGRAM_MAX_ENDS)
            return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "a network of more than %d inputs", n->input_count);
        n->inputs[n->input_count] =
            (input){(size_t)okng_shape_elements(&node->shape), node->dtype == OKNG_I32 ? rows_of(graph, i) : 0};
        memcpy(dims, node->shape.dims, sizeof dims);
        dims[0] = OKNG_ANY;
        (void)snprintf(name, sizeof name, "input%d", (int)n->input_count);
        values[n->input_count++] = okng_program_input(p, name, node->dtype, node->shape.rank, dims);
    }
    return OKNG_OK;
}

/* Feature maps leave channels last, as callers have them. */
static void add_outputs(network *n, okng_program *p, const okng_graph *graph, const okng_program_value *values)
{
    static const int32_t channels_last[] = {0, 2, 3, 1};
    for (int i = 0; i < graph->output_count; i++) {
        const okng_shape *shape = &graph->nodes[graph->outputs[i]].shape;
        okng_program_value value = values[i];
        char name[16];
        if (shape->rank == 4) value = okng_program_transpose(p, value, channels_last);
        (void)snprintf(name, sizeof name, "output%d", i);
        okng_program_output(p, name, value);
        n->output_elements[n->output_count++] = (size_t)okng_shape_elements(shape);
    }
}

static okng_status express(network *n, okng_program *p, const okng_graph *graph, const okng_weights *weights,
                           okng_error *error)
{
    okng_program_value inputs[OKNG_PROGRAM_MAX_ENDS], outputs[OKNG_MAX_LAYERS];
    OKNG_TRY(add_inputs(n, p, graph, inputs, error));
    OKNG_TRY(okng_program_lower(p, graph, weights, inputs, outputs, error));
    add_outputs(n, p, graph, outputs);
    return okng_program_check(p, error);
}

/* ---- the row ----------------------------------------------------------------------------------------------------- */

static void free_network(void *context)
{
    network *n = context;
    if (!n) return;
    okng_ort_model_free(n->model);
    free(n);
}

static okng_status compile(void **out, const okng_graph *graph, const okng_weights *weights,
                           const okng_engine_options *options, const void *share, const void *kept, okng_error *error)
{
    (void)share; /* of packed weights, which the library keeps to itself */
    (void)kept;
    *out = NULL;
    okng_program *program = NULL;
    network *n = calloc(1, sizeof *n);
    if (!n) return okng_fail_memory(error, sizeof *n);
    okng_status status = okng_program_new(&program, error);
    if (status == OKNG_OK) status = express(n, program, graph, weights, error);
    if (status == OKNG_OK)
        status = okng_ort_model_new(&n->model, program, graph->backbone, options->device, options->threads, error);
    okng_program_free(&program);
    if (status == OKNG_OK)
        *out = n;
    else
        free_network(n);
    return status;
}

static okng_status open_session(void **out, const void *program, int64_t batch, okng_error *error)
{
    session *s = malloc(sizeof *s);
    *out = s;
    if (!s) return okng_fail_memory(error, sizeof *s);
    *s = (session){program, batch};
    return OKNG_OK;
}

/* Its gather takes negative numbers from the end. */
static okng_status check_numbers(const input *in, int64_t pictures, const int32_t *numbers, okng_error *error)
{
    const size_t count = in->elements * (size_t)pictures;
    for (size_t i = 0; i < count; i++)
        if (numbers[i] < 0 || numbers[i] >= in->rows)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "number %d, expected 0..%lld", (int)numbers[i],
                             (long long)in->rows - 1);
    return OKNG_OK;
}

static bool is_finite(const float *values, size_t count)
{
    bool finite = true;
    for (size_t i = 0; i < count; i++) finite &= isfinite(values[i]) != 0;
    return finite;
}

/* A picture with a number that is not finite has NaN everywhere: ReLU and maxima of the library may turn it into a
 * number, and a picture into a good one. */
static void spoil_pictures(const session *s, const input *in, const float *values, float *const *outputs)
{
    for (int64_t i = 0; i < s->pictures; i++) {
        if (is_finite(values + (size_t)i * in->elements, in->elements)) continue;
        for (int32_t k = 0; k < s->network->output_count; k++) {
            const size_t count = s->network->output_elements[k];
            for (size_t e = 0; e < count; e++) outputs[k][(size_t)i * count + e] = NAN;
        }
    }
}

static okng_status run(void *context, const void *const *inputs, float *const *outputs, float *ranges,
                       okng_error *error)
{
    const session *s = context;
    const network *n = s->network;
    void *results[OKNG_MAX_LAYERS];
    if (ranges) return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "onnxruntime does not show what is inside a network");
    for (int32_t i = 0; i < n->input_count; i++)
        if (n->inputs[i].rows > 0) OKNG_TRY(check_numbers(&n->inputs[i], s->pictures, inputs[i], error));
    for (int32_t i = 0; i < n->output_count; i++) results[i] = outputs[i];
    OKNG_TRY(okng_ort_model_run(n->model, s->pictures, inputs, results, error));
    for (int32_t i = 0; i < n->input_count; i++)
        if (n->inputs[i].rows == 0) spoil_pictures(s, &n->inputs[i], inputs[i], outputs);
    return OKNG_OK;
}

static okng_status open_whole(void **whole, const okng_program *program, const char *name,
                              const okng_engine_options *options, okng_error *error)
{
    okng_ort_model *model;
    const okng_status status = okng_ort_model_new(&model, program, name, options->device, options->threads, error);
    *whole = model;
    return status;
}

static void free_whole(void *whole)
{
    okng_ort_model_free(whole);
}

static okng_status run_whole(const void *whole, int64_t pictures, const void *const *inputs, void *const *outputs,
                             okng_error *error)
{
    return okng_ort_model_run(whole, pictures, inputs, outputs, error);
}

const okng_backend okng_backend_onnxruntime = {.name = "onnxruntime",
                                               .check = check,
                                               .supports = supports,
                                               .compile = compile,
                                               .free = free_network,
                                               .session = open_session,
                                               .session_free = free,
                                               .run = run,
                                               .whole = open_whole,
                                               .whole_free = free_whole,
                                               .whole_run = run_whole,
                                               .version = okng_ort_version,
                                               .instructions = instructions,
                                               .limit_cpu = limit_cpu};
