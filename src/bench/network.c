/* A backbone as far as its layers are used, alone. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "bench/bench.h"
#include "bench/made.h"
#include "engine/engine.h"
#include "net/clip_activation.h"

enum { SIDE = 224 };

typedef struct network {
    okng_graph *graph;
    okng_weights *weights;
    void *made; /* the bytes of made weights */
    okng_engine *engine;
    okng_engine_session *session;
    int batch;
    float *ranges; /* of int8 */
    float *input, *maps[OKNG_MAX_LAYERS];
} network;

static void close_network(network *n)
{
    okng_engine_session_free(&n->session);
    okng_engine_free(&n->engine);
    okng_weights_close(&n->weights);
    free(n->made);
    okng_graph_free(&n->graph);
    free(n->ranges);
    free(n->input);
    for (int i = 0; i < OKNG_MAX_LAYERS; i++) free(n->maps[i]);
}

/* Those that are given, or built in; with neither they are made when the graph is there. */
static okng_status open_weights(network *n, const okng_build_options *options, okng_error *error)
{
    okng_error none;
    okng_status status = okng_graph_weights(&n->weights, options->backbone, options->weights, &none);
    if (status == OKNG_OK || !options->weights[0]) return OKNG_OK;
    if (error) *error = none;
    return status;
}

/* With the activation of the weights, where there are any. */
static okng_status build_graph(network *n, const okng_build_options *options, int side, okng_error *error)
{
    const char *layers[OKNG_MAX_LAYERS];
    for (int i = 0; i < options->layer_count; i++) layers[i] = options->layers[i];
    okng_graph_request request = {.backbone = options->backbone,
                                  .layers = layers,
                                  .layer_count = options->layer_count,
                                  .height = side,
                                  .width = side,
                                  .activation = options->activation,
                                  .positions = options->positions};
    if (n->weights)
        OKNG_TRY(okng_clip_activation(options->backbone, n->weights, options->activation, &request.activation, error));
    OKNG_TRY(okng_graph_build(&n->graph, &request, error));
    return n->weights ? okng_graph_check_weights(n->graph, n->weights, error)
                      : okng_made_weights(&n->weights, &n->made, n->graph, error);
}

/* What goes in and comes out. */
static okng_status open_memory(network *n, size_t input, okng_error *error)
{
    n->input = okng_alloc(input, sizeof(float));
    if (!n->input) return okng_fail_memory(error, input * sizeof(float));
    for (size_t i = 0; i < input; i++) n->input[i] = (float)(i * 2654435761u % 1024) / 256.0f - 2.0f;
    for (int i = 0; i < okng_graph_output_count(n->graph); i++) {
        int64_t shape[4];
        okng_graph_output_shape(n->graph, i, shape);
        size_t floats = (size_t)(n->batch * shape[1] * shape[2] * shape[3]);
        n->maps[i] = okng_alloc(floats, sizeof(float));
        if (!n->maps[i]) return okng_fail_memory(error, floats * sizeof(float));
    }
    return OKNG_OK;
}

static okng_status compile(network *n, const okng_build_options *options, okng_precision precision, int threads,
                           okng_error *error)
{
    okng_engine_options engine = {.device = options->device,
                                  .threads = threads,
                                  .precision = precision,
                                  .winograd = options->convolution == OKNG_CONVOLUTION_WINOGRAD,
                                  .ranges = n->ranges};
    okng_engine_session_free(&n->session);
    okng_engine_free(&n->engine);
    OKNG_TRY(okng_engine_compile(&n->engine, n->graph, n->weights, &engine, error));
    return okng_engine_session_new(&n->session, n->engine, n->batch, error);
}

/* int8 wants to know how large values become: from the input that is timed, in fp32. */
static okng_status observe(network *n, const okng_build_options *options, int threads, okng_error *error)
{
    size_t nodes = (size_t)okng_graph_node_count(n->graph);
    float *ranges = okng_alloc_zero(nodes, sizeof *ranges);
    if (!ranges) return okng_fail_memory(error, nodes * sizeof *ranges);
    okng_status status = compile(n, options, OKNG_PRECISION_FP32, threads, error);
    if (status == OKNG_OK) status = okng_engine_observe(n->session, (const void *[]){n->input}, n->maps, ranges, error);
    n->ranges = ranges;
    return status;
}

static okng_status run_network(void *context, okng_error *error)
{
    network *n = context;
    return okng_engine_run(n->session, (const void *[]){n->input}, n->maps, error);
}

static okng_status measure(okng_bench_run *run, network *n, int batch, int side, okng_error *error)
{
    const okng_build_options *options = run->options;
    okng_bench_work work = {.stage = "network", .flop = batch * okng_graph_flops(n->graph), .items = batch};
    work.precision = okng_bench_precision(options);
    (void)snprintf(work.what, sizeof work.what, "%s to %s, %d x 3 x %d x %d%s", options->backbone,
                   options->layers[options->layer_count - 1], batch, side, side, n->made ? ", made weights" : "");
    OKNG_TRY(okng_bench_time(run, &work, run_network, n, error));
    json_t *row = okng_bench_last(run);
    OKNG_TRY(okng_bench_put(row, "parameters", json_integer(okng_graph_parameters(n->graph)), error));
    OKNG_TRY(okng_bench_put(row, "batch", json_integer(batch), error));
    return okng_bench_put(row, "backbone", json_string(options->backbone), error);
}

okng_status okng_bench_network(okng_bench_run *run, okng_error *error)
{
    const okng_build_options *options = run->options;
    const int side = run->inputs.size > 0 ? run->inputs.size : SIDE,
              batch = run->inputs.batch > 0 ? run->inputs.batch : 1;
    network n = {.batch = batch};
    okng_status status = open_weights(&n, options, error);
    if (status == OKNG_OK) status = build_graph(&n, options, side, error);
    if (status == OKNG_OK) status = open_memory(&n, (size_t)batch * 3 * (size_t)side * (size_t)side, error);
    if (status == OKNG_OK && options->precision == OKNG_PRECISION_INT8)
        status = observe(&n, options, run->threads, error);
    if (status == OKNG_OK) status = compile(&n, options, options->precision, run->threads, error);
    if (status == OKNG_OK) status = measure(run, &n, batch, side, error);
    close_network(&n);
    return status;
}
