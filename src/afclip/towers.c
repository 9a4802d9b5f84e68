#include "afclip/towers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afclip/towers_inside.h"
#include "base/memory.h"
#include "net/clip_activation.h"
#include "net/node.h"
#include "patch/normalise.h"

/* ---- opening ---------------------------------------------------------------------------------------------------- */

static okng_status check_shapes(const okng_afclip_towers *t, okng_afclip_graph_fn build, okng_error *error)
{
    okng_graph *graph;
    OKNG_TRY(build(t, &graph, error));
    okng_status status = okng_graph_check_shapes(graph, t->weights, NULL, error);
    okng_graph_free(&graph);
    return status;
}

static okng_array folded_array(const float *data, int64_t rows, int64_t columns)
{
    return (okng_array){.dtype = OKNG_F32,
                        .dims = 2,
                        .shape = {rows, columns},
                        .data = (void *)(uintptr_t)data, /* read, never written */
                        .bytes = (size_t)(rows * columns) * sizeof *data};
}

/* The prompt is no part of a graph. */
static okng_status join(okng_afclip_towers *t, const okng_weights *weights, const okng_afclip_learnt *learnt,
                        okng_error *error)
{
    okng_named_array named[OKNG_AFCLIP_PARAMS + 1];
    size_t count = 0;
    OKNG_TRY(okng_afclip_fold(&t->folded, &t->plan, weights, learnt, error));
    t->prompt = learnt->values[OKNG_AFCLIP_PARAM_PROMPT];
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        if (i == OKNG_AFCLIP_PARAM_PROMPT) continue;
        t->arrays[count] = okng_afclip_param_array(learnt, (okng_afclip_param)i);
        named[count] = (okng_named_array){okng_afclip_param_name((okng_afclip_param)i), &t->arrays[count]};
        count++;
    }
    t->arrays[count] = folded_array(t->folded.maps, OKNG_AFCLIP_MAPS, t->plan.width);
    named[count] = (okng_named_array){"folded.maps.weight", &t->arrays[count]};
    count++;
    if (t->folded.projection) {
        t->arrays[count] = folded_array(t->folded.projection, t->plan.width, t->folded.dim);
        named[count] = (okng_named_array){"folded.projection", &t->arrays[count]};
        count++;
    }
    return okng_weights_join(&t->weights, weights, named, count, error);
}

/* As many streams as keep activations below some 48 MiB: what heads take, the result, its norm, z. */
static int64_t batch_of(const okng_afclip_plan *plan)
{
    enum { BYTES = 48 << 20 };
    const int64_t numbers = 2 * (int64_t)plan->width + OKNG_AFCLIP_INNER + plan->embedding;
    const int64_t bytes = plan->tokens * numbers * (int64_t)sizeof(float);
    return bytes * OKNG_AFCLIP_SCALES <= BYTES ? OKNG_AFCLIP_SCALES : 1;
}

static okng_status open_towers(okng_afclip_towers *t, const okng_weights *weights, const okng_afclip_learnt *learnt,
                               okng_error *error)
{
    okng_afclip_towers_request *request = &t->request;
    if (request->precision == OKNG_PRECISION_INT8)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "the precision int8 is not for AF-CLIP; take fp32 or bf16");
    (void)snprintf(t->backbone, sizeof t->backbone, "%s", request->backbone);
    (void)snprintf(t->device, sizeof t->device, "%s", request->device ? request->device : "");
    OKNG_TRY(okng_afclip_plan_of(&t->plan, t->backbone, request->height, request->width, request->taps, error));
    request->backbone = t->backbone;
    request->device = t->device;
    request->taps = t->plan.taps;
    t->batch = batch_of(&t->plan);
    OKNG_TRY(okng_engine_supports(t->device, request->precision, error));
    if (request->activation == OKNG_ACTIVATION_AUTO)
        OKNG_TRY(okng_clip_activation(t->backbone, weights, OKNG_ACTIVATION_AUTO, &request->activation, error));
    OKNG_TRY(join(t, weights, learnt, error));
    OKNG_TRY(check_shapes(t, okng_afclip_graph_tower, error));
    return check_shapes(t, okng_afclip_graph_adapter, error);
}

okng_status okng_afclip_towers_new(okng_afclip_towers **out, const okng_weights *weights,
                                   const okng_afclip_learnt *learnt, const okng_afclip_towers_request *request,
                                   okng_error *error)
{
    okng_afclip_towers *t = *out = calloc(1, sizeof *t);
    if (!t) return okng_fail_memory(error, sizeof *t);
    (void)pthread_mutex_init(&t->mutex, NULL);
    t->request = *request;
    okng_status status = open_towers(t, weights, learnt, error);
    if (status != OKNG_OK) okng_afclip_towers_free(out);
    return status;
}

void okng_afclip_towers_free(okng_afclip_towers **towers)
{
    okng_afclip_towers *t = *towers;
    if (!t) return;
    okng_afclip_fleets_free(t);
    okng_weights_close(&t->weights);
    okng_afclip_folded_free(&t->folded);
    (void)pthread_mutex_destroy(&t->mutex);
    free(t);
    *towers = NULL;
}

const okng_afclip_plan *okng_afclip_towers_plan(const okng_afclip_towers *towers)
{
    return &towers->plan;
}

okng_activation okng_afclip_towers_activation(const okng_afclip_towers *towers)
{
    return towers->request.activation;
}

int64_t okng_afclip_towers_dim(const okng_afclip_towers *towers)
{
    return towers->folded.dim;
}

void okng_afclip_towers_fold(const okng_afclip_towers *towers, const float *vectors, float *out)
{
    okng_afclip_fold_vectors(&towers->folded, vectors, OKNG_AFCLIP_STATES, out);
}

/* ---- cost ------------------------------------------------------------------------------------------------------- */

static okng_status count(const okng_afclip_towers *t, okng_afclip_graph_fn build, int64_t *parameters, double *flops,
                         okng_error *error)
{
    okng_graph *graph;
    OKNG_TRY(build(t, &graph, error));
    *parameters = okng_graph_parameters(graph);
    *flops = okng_graph_flops(graph);
    okng_graph_free(&graph);
    return OKNG_OK;
}

okng_status okng_afclip_towers_cost(const okng_afclip_towers *t, int64_t *parameters, double *flops, okng_error *error)
{
    int64_t tower, adapter, folded;
    double by_tower, by_adapter, by_maps, by_heads;
    OKNG_TRY(count(t, okng_afclip_graph_tower, &tower, &by_tower, error));
    OKNG_TRY(count(t, okng_afclip_graph_adapter, &adapter, &by_adapter, error));
    OKNG_TRY(count(t, okng_afclip_graph_maps, &folded, &by_maps, error));
    OKNG_TRY(count(t, okng_afclip_graph_heads, &folded, &by_heads, error));
    *parameters = tower + adapter;
    *flops = by_tower + OKNG_AFCLIP_TAPS * by_maps + OKNG_AFCLIP_STREAMS * by_heads;
    return OKNG_OK;
}

/* ---- words ------------------------------------------------------------------------------------------------------ */

/* embeddings [2, length, E] */
static okng_status run_words(const okng_afclip_towers *t, const okng_afclip_words *words, int threads, float *vectors,
                             float *embeddings, okng_error *error)
{
    okng_graph *graph;
    okng_engine *engine = NULL;
    okng_engine_session *session = NULL;
    OKNG_TRY(okng_afclip_graph_words(t, words->length, &graph, error));
    okng_status status = okng_afclip_compile(t, graph, threads, false, NULL, &engine, error);
    if (status == OKNG_OK) status = okng_engine_session_new(&session, engine, 1, error);
    if (status == OKNG_OK) {
        okng_afclip_words_vectors(words, t->prompt, vectors);
        status = okng_engine_run(session, (const void *[]){vectors}, (float *[]){embeddings}, error);
    }
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    okng_graph_free(&graph);
    return status;
}

static okng_status take_readouts(const okng_afclip_words *words, const float *embeddings, int64_t dim,
                                 float *prototypes, okng_error *error)
{
    for (int i = 0; i < OKNG_AFCLIP_STATES; i++) {
        double squares = 0;
        const float *from = embeddings + ((int64_t)i * words->length + words->readout[i]) * dim;
        memcpy(prototypes + i * dim, from, (size_t)dim * sizeof *from);
        for (int64_t d = 0; d < dim; d++) squares += (double)from[d] * (double)from[d];
        if (!isfinite(squares) || squares == 0)
            return okng_fail(error, OKNG_ERROR_MISMATCH,
                             "what the text tower makes of the learnt prompt has no direction; check the weights and "
                             "the checkpoint");
    }
    okng_rows_normalise(prototypes, OKNG_AFCLIP_STATES, dim);
    return OKNG_OK;
}

okng_status okng_afclip_towers_prototypes(const okng_afclip_towers *t, const okng_afclip_words *words, int threads,
                                          float *prototypes, okng_error *error)
{
    const size_t tokens = OKNG_AFCLIP_STATES * (size_t)words->length, dim = (size_t)t->plan.embedding;
    float *vectors = okng_alloc(tokens * (size_t)words->text_width, sizeof *vectors);
    float *embeddings = okng_alloc(tokens * dim, sizeof *embeddings);
    okng_status status = vectors && embeddings ? run_words(t, words, threads, vectors, embeddings, error)
                                               : okng_fail_memory(error, tokens * dim * sizeof *embeddings);
    if (status == OKNG_OK) status = take_readouts(words, embeddings, t->plan.embedding, prototypes, error);
    free(vectors);
    free(embeddings);
    return status;
}
