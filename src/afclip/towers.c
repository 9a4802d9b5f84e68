#include "afclip/towers.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afclip/aggregate.h"
#include "afclip/fold.h"
#include "base/memory.h"
#include "engine/engine.h"
#include "net/clip_activation.h"
#include "net/node.h"
#include "patch/normalise.h"

enum { ARRAYS = OKNG_AFCLIP_PARAMS + 1, MAPS = 3 * OKNG_AFCLIP_INNER };

/* The engines for one number of threads, and their sessions that wait for the next picture. */
typedef struct fleet {
    int threads;
    okng_engine *tower, *maps, *heads;
    okng_afclip_session *idle;
    struct fleet *next;
} fleet;

struct okng_afclip_towers {
    char backbone[OKNG_NAME_MAX], device[OKNG_NAME_MAX];
    okng_afclip_towers_request request; /* its texts are those two, its taps the plan's */
    okng_afclip_plan plan;
    okng_weights *weights; /* both: CLIP's and what was learnt */
    const float *prompt;
    okng_afclip_folded folded;
    okng_array arrays[ARRAYS]; /* what is learnt and what is folded, but for the prompt */
    int64_t batch;             /* streams whose heads run at a time */
    pthread_mutex_t mutex;     /* guards what follows */
    fleet *fleets;
};

struct okng_afclip_session {
    const okng_afclip_towers *towers;
    fleet *fleet;
    okng_engine_session *tower, *maps, *heads;
    float *taps;    /* [OKNG_AFCLIP_TAPS][T, W] */
    float *streams; /* [OKNG_AFCLIP_SCALES][T, W] */
    float *factors; /* [OKNG_AFCLIP_SCALES][T] */
    float *centred; /* [T, W] */
    float *mapped;  /* [T, MAPS] */
    float *normed;  /* [OKNG_AFCLIP_SCALES][T, MAPS] */
    float *z;       /* [OKNG_AFCLIP_SCALES][T, dim] */
    okng_afclip_session *next;
};

/* ---- graphs ---------------------------------------------------------------------------------------------------- */

static okng_graph_request request_of(const okng_afclip_towers *t)
{
    return (okng_graph_request){.backbone = t->backbone,
                                .height = t->request.height,
                                .width = t->request.width,
                                .activation = t->request.activation,
                                .positions = t->request.positions};
}

static okng_status tower_graph(const okng_afclip_towers *t, okng_graph **out, okng_error *error)
{
    char names[OKNG_AFCLIP_TAPS][OKNG_NAME_MAX];
    const char *layers[OKNG_AFCLIP_TAPS];
    okng_graph_request request = request_of(t);
    for (int i = 0; i < OKNG_AFCLIP_TAPS; i++) {
        (void)snprintf(names[i], sizeof names[i], "blocks.%d.tokens", (int)t->plan.taps[i]);
        layers[i] = names[i];
    }
    request.layers = layers;
    request.layer_count = OKNG_AFCLIP_TAPS;
    return okng_graph_build(out, &request, error);
}

static okng_status adapter_part(const okng_afclip_towers *t, okng_part part, const char *layer, okng_graph **out,
                                okng_error *error)
{
    okng_graph_request request = request_of(t);
    request.layers = &layer;
    request.layer_count = 1;
    request.part = part;
    request.sequences = 1;
    request.length = t->plan.tokens;
    return okng_graph_build(out, &request, error);
}

static okng_status adapter_graph(const okng_afclip_towers *t, okng_graph **out, okng_error *error)
{
    return adapter_part(t, OKNG_PART_ADAPTER, "tokens.embedding", out, error);
}

static okng_status maps_graph(const okng_afclip_towers *t, okng_graph **out, okng_error *error)
{
    return adapter_part(t, OKNG_PART_ADAPTER_MAPS, "maps", out, error);
}

static okng_status heads_graph(const okng_afclip_towers *t, okng_graph **out, okng_error *error)
{
    return adapter_part(t, OKNG_PART_ADAPTER_HEADS, "tokens.embedding", out, error);
}

static okng_status words_graph(const okng_afclip_towers *t, int32_t length, okng_graph **out, okng_error *error)
{
    static const char *const layer = "embedding";
    okng_graph_request request = request_of(t);
    request.layers = &layer;
    request.layer_count = 1;
    request.part = OKNG_PART_VECTORS;
    request.sequences = OKNG_AFCLIP_STATES;
    request.length = length;
    return okng_graph_build(out, &request, error);
}

typedef okng_status (*graph_fn)(const okng_afclip_towers *t, okng_graph **out, okng_error *error);

static okng_status check_shapes(const okng_afclip_towers *t, graph_fn build, okng_error *error)
{
    okng_graph *graph;
    OKNG_TRY(build(t, &graph, error));
    okng_status status = okng_graph_check_shapes(graph, t->weights, NULL, error);
    okng_graph_free(&graph);
    return status;
}

/* ---- opening ---------------------------------------------------------------------------------------------------- */

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
    okng_named_array named[ARRAYS];
    size_t count = 0;
    OKNG_TRY(okng_afclip_fold(&t->folded, &t->plan, weights, learnt, error));
    t->prompt = learnt->values[OKNG_AFCLIP_PARAM_PROMPT];
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        if (i == OKNG_AFCLIP_PARAM_PROMPT) continue;
        t->arrays[count] = okng_afclip_param_array(learnt, (okng_afclip_param)i);
        named[count] = (okng_named_array){okng_afclip_param_name((okng_afclip_param)i), &t->arrays[count]};
        count++;
    }
    t->arrays[count] = folded_array(t->folded.maps, MAPS, t->plan.width);
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
    OKNG_TRY(check_shapes(t, tower_graph, error));
    return check_shapes(t, adapter_graph, error);
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

static void free_engines(fleet *f)
{
    okng_engine_free(&f->tower);
    okng_engine_free(&f->maps);
    okng_engine_free(&f->heads);
    free(f);
}

static void free_session(okng_afclip_session *session)
{
    okng_engine_session_free(&session->tower);
    okng_engine_session_free(&session->maps);
    okng_engine_session_free(&session->heads);
    free(session->taps);
    free(session->streams);
    free(session->factors);
    free(session->centred);
    free(session->mapped);
    free(session->normed);
    free(session->z);
    free(session);
}

void okng_afclip_towers_free(okng_afclip_towers **towers)
{
    okng_afclip_towers *t = *towers;
    if (!t) return;
    while (t->fleets) {
        fleet *first = t->fleets;
        t->fleets = first->next;
        while (first->idle) {
            okng_afclip_session *session = first->idle;
            first->idle = session->next;
            free_session(session);
        }
        free_engines(first);
    }
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

static okng_status count(const okng_afclip_towers *t, graph_fn build, int64_t *parameters, double *flops,
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
    OKNG_TRY(count(t, tower_graph, &tower, &by_tower, error));
    OKNG_TRY(count(t, adapter_graph, &adapter, &by_adapter, error));
    OKNG_TRY(count(t, maps_graph, &folded, &by_maps, error));
    OKNG_TRY(count(t, heads_graph, &folded, &by_heads, error));
    *parameters = tower + adapter;
    *flops = by_tower + OKNG_AFCLIP_TAPS * by_maps + OKNG_AFCLIP_STREAMS * by_heads;
    return OKNG_OK;
}

/* ---- engines ---------------------------------------------------------------------------------------------------- */

static okng_status compile(const okng_afclip_towers *t, const okng_graph *graph, int threads, bool winograd,
                           const okng_engine *share, okng_engine **out, okng_error *error)
{
    const okng_engine_options options = {.device = t->device,
                                         .threads = threads,
                                         .precision = t->request.precision,
                                         .winograd = winograd,
                                         .share = share};
    return okng_engine_compile(out, graph, t->weights, &options, error);
}

static okng_status compile_one(const okng_afclip_towers *t, graph_fn build, int threads, const okng_engine *share,
                               okng_engine **out, okng_error *error)
{
    okng_graph *graph;
    OKNG_TRY(build(t, &graph, error));
    okng_status status = compile(t, graph, threads, t->request.winograd, share, out, error);
    okng_graph_free(&graph);
    return status;
}

/* All share the weights that the first has packed. The mutex is held. */
static okng_status add_fleet(okng_afclip_towers *t, int threads, fleet **out, okng_error *error)
{
    const fleet *first = t->fleets;
    fleet **end = &t->fleets;
    while (*end) end = &(*end)->next;
    fleet *f = *out = calloc(1, sizeof *f);
    if (!f) return okng_fail_memory(error, sizeof *f);
    f->threads = threads;
    okng_status status = compile_one(t, tower_graph, threads, first ? first->tower : NULL, &f->tower, error);
    if (status == OKNG_OK) status = compile_one(t, maps_graph, threads, first ? first->maps : NULL, &f->maps, error);
    if (status == OKNG_OK) status = compile_one(t, heads_graph, threads, first ? first->heads : NULL, &f->heads, error);
    if (status != OKNG_OK) {
        free_engines(f);
        return status;
    }
    *end = f;
    return OKNG_OK;
}

static okng_status find_fleet(okng_afclip_towers *t, int threads, fleet **out, okng_error *error)
{
    for (*out = t->fleets; *out; *out = (*out)->next)
        if ((*out)->threads == threads) return OKNG_OK;
    return add_fleet(t, threads, out, error);
}

/* ---- words ------------------------------------------------------------------------------------------------------ */

/* embeddings [2, length, E] */
static okng_status run_words(const okng_afclip_towers *t, const okng_afclip_words *words, int threads, float *vectors,
                             float *embeddings, okng_error *error)
{
    okng_graph *graph;
    okng_engine *engine = NULL;
    okng_engine_session *session = NULL;
    OKNG_TRY(words_graph(t, words->length, &graph, error));
    okng_status status = compile(t, graph, threads, false, NULL, &engine, error);
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

/* ---- pictures --------------------------------------------------------------------------------------------------- */

static float *floats_for(size_t tokens, int64_t width)
{
    return okng_alloc(tokens, (size_t)width * sizeof(float));
}

static okng_status open_session(okng_afclip_session *session, const okng_afclip_towers *t, fleet *f, okng_error *error)
{
    const size_t tokens = (size_t)t->plan.tokens;
    *session = (okng_afclip_session){.towers = t, .fleet = f};
    session->taps = floats_for(OKNG_AFCLIP_TAPS * tokens, t->plan.width);
    session->streams = floats_for(OKNG_AFCLIP_SCALES * tokens, t->plan.width);
    session->factors = floats_for(OKNG_AFCLIP_SCALES * tokens, 1);
    session->centred = floats_for(tokens, t->plan.width);
    session->mapped = floats_for(tokens, MAPS);
    session->normed = floats_for(OKNG_AFCLIP_SCALES * tokens, MAPS);
    session->z = floats_for(OKNG_AFCLIP_SCALES * tokens, t->folded.dim);
    if (!session->taps || !session->streams || !session->factors || !session->centred || !session->mapped ||
        !session->normed || !session->z)
        return okng_fail_memory(error, OKNG_AFCLIP_SCALES * tokens * MAPS * sizeof(float));
    OKNG_TRY(okng_engine_session_new(&session->tower, f->tower, 1, error));
    OKNG_TRY(okng_engine_session_new(&session->maps, f->maps, 1, error));
    return okng_engine_session_new(&session->heads, f->heads, t->batch, error);
}

okng_status okng_afclip_session_take(okng_afclip_session **out, okng_afclip_towers *t, int threads, okng_error *error)
{
    fleet *f = NULL;
    *out = NULL;
    (void)pthread_mutex_lock(&t->mutex);
    okng_status status = find_fleet(t, threads, &f, error);
    if (status == OKNG_OK && f->idle) {
        *out = f->idle;
        f->idle = f->idle->next;
    }
    (void)pthread_mutex_unlock(&t->mutex);
    if (status != OKNG_OK || *out) return status;
    okng_afclip_session *session = malloc(sizeof *session);
    if (!session) return okng_fail_memory(error, sizeof *session);
    status = open_session(session, t, f, error);
    if (status == OKNG_OK)
        *out = session;
    else
        free_session(session);
    return status;
}

void okng_afclip_session_give(okng_afclip_towers *t, okng_afclip_session *session)
{
    (void)pthread_mutex_lock(&t->mutex);
    session->next = session->fleet->idle;
    session->fleet->idle = session;
    (void)pthread_mutex_unlock(&t->mutex);
}

okng_status okng_afclip_session_look(okng_afclip_session *s, const float *tensor, const float *taps[OKNG_AFCLIP_TAPS],
                                     okng_error *error)
{
    const okng_afclip_plan *plan = &s->towers->plan;
    float *outputs[OKNG_AFCLIP_TAPS];
    for (int i = 0; i < OKNG_AFCLIP_TAPS; i++) taps[i] = outputs[i] = s->taps + (int64_t)i * plan->tokens * plan->width;
    return okng_engine_run(s->tower, (const void *[]){tensor}, outputs, error);
}

const float *okng_afclip_session_streams(okng_afclip_session *s, const float *tokens)
{
    const okng_afclip_plan *plan = &s->towers->plan;
    okng_afclip_aggregate_scaled(plan, plan->width, tokens, NULL, s->fleet->threads, s->streams);
    return s->streams;
}

/* What the adapter's norm and its maps make of the streams, of one product for all of them: see fold.h. */
static okng_status map_streams(okng_afclip_session *s, const float *tokens, const float *streams, okng_error *error)
{
    const okng_afclip_towers *t = s->towers;
    const int threads = s->fleet->threads;
    const okng_afclip_scaling scaling = {s->factors, t->folded.offsets};
    okng_afclip_centre(&t->plan, t->plan.width, tokens, threads, s->centred);
    okng_afclip_deviations(&t->plan, t->plan.width, streams, threads, s->factors);
    OKNG_TRY(okng_engine_run(s->maps, (const void *[]){s->centred}, (float *[]){s->mapped}, error));
    okng_afclip_aggregate_scaled(&t->plan, MAPS, s->mapped, &scaling, threads, s->normed);
    return OKNG_OK;
}

okng_status okng_afclip_session_adapt(okng_afclip_session *s, const float *tokens, const float *streams,
                                      const float **z, okng_error *error)
{
    const okng_afclip_towers *t = s->towers;
    OKNG_TRY(map_streams(s, tokens, streams, error));
    for (int64_t i = 0; i < OKNG_AFCLIP_SCALES; i += t->batch)
        OKNG_TRY(okng_engine_run(s->heads, (const void *[]){s->normed + i * t->plan.tokens * MAPS},
                                 (float *[]){s->z + i * t->plan.tokens * t->folded.dim}, error));
    *z = s->z;
    return OKNG_OK;
}
