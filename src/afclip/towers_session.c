/* Engines for each number of threads, and what one caller works with. */
#include <stdlib.h>

#include "afclip/aggregate.h"
#include "afclip/towers_inside.h"
#include "base/memory.h"

/* ---- engines ---------------------------------------------------------------------------------------------------- */

static void free_engines(okng_afclip_fleet *f)
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

void okng_afclip_fleets_free(okng_afclip_towers *t)
{
    while (t->fleets) {
        okng_afclip_fleet *first = t->fleets;
        t->fleets = first->next;
        while (first->idle) {
            okng_afclip_session *session = first->idle;
            first->idle = session->next;
            free_session(session);
        }
        free_engines(first);
    }
}

static okng_status compile_one(const okng_afclip_towers *t, okng_afclip_graph_fn build, int threads,
                               const okng_engine *share, okng_engine **out, okng_error *error)
{
    okng_graph *graph;
    OKNG_TRY(build(t, &graph, error));
    okng_status status = okng_afclip_compile(t, graph, threads, t->request.winograd, share, out, error);
    okng_graph_free(&graph);
    return status;
}

/* All share the weights that the first has packed. The mutex is held. */
static okng_status add_fleet(okng_afclip_towers *t, int threads, okng_afclip_fleet **out, okng_error *error)
{
    const okng_afclip_fleet *first = t->fleets;
    okng_afclip_fleet **end = &t->fleets;
    while (*end) end = &(*end)->next;
    okng_afclip_fleet *f = *out = calloc(1, sizeof *f);
    if (!f) return okng_fail_memory(error, sizeof *f);
    f->threads = threads;
    okng_status status =
        compile_one(t, okng_afclip_graph_tower, threads, first ? first->tower : NULL, &f->tower, error);
    if (status == OKNG_OK)
        status = compile_one(t, okng_afclip_graph_maps, threads, first ? first->maps : NULL, &f->maps, error);
    if (status == OKNG_OK)
        status = compile_one(t, okng_afclip_graph_heads, threads, first ? first->heads : NULL, &f->heads, error);
    if (status != OKNG_OK) {
        free_engines(f);
        return status;
    }
    *end = f;
    return OKNG_OK;
}

static okng_status find_fleet(okng_afclip_towers *t, int threads, okng_afclip_fleet **out, okng_error *error)
{
    for (*out = t->fleets; *out; *out = (*out)->next)
        if ((*out)->threads == threads) return OKNG_OK;
    return add_fleet(t, threads, out, error);
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

static float *floats_for(size_t tokens, int64_t width)
{
    return okng_alloc(tokens, (size_t)width * sizeof(float));
}

static okng_status open_session(okng_afclip_session *session, const okng_afclip_towers *t, okng_afclip_fleet *f,
                                okng_error *error)
{
    const size_t tokens = (size_t)t->plan.tokens;
    *session = (okng_afclip_session){.towers = t, .fleet = f};
    session->taps = floats_for(OKNG_AFCLIP_TAPS * tokens, t->plan.width);
    session->streams = floats_for(OKNG_AFCLIP_SCALES * tokens, t->plan.width);
    session->factors = floats_for(OKNG_AFCLIP_SCALES * tokens, 1);
    session->centred = floats_for(tokens, t->plan.width);
    session->mapped = floats_for(tokens, OKNG_AFCLIP_MAPS);
    session->normed = floats_for(OKNG_AFCLIP_SCALES * tokens, OKNG_AFCLIP_MAPS);
    session->z = floats_for(OKNG_AFCLIP_SCALES * tokens, t->folded.dim);
    if (!session->taps || !session->streams || !session->factors || !session->centred || !session->mapped ||
        !session->normed || !session->z)
        return okng_fail_memory(error, OKNG_AFCLIP_SCALES * tokens * OKNG_AFCLIP_MAPS * sizeof(float));
    OKNG_TRY(okng_engine_session_new(&session->tower, f->tower, 1, error));
    OKNG_TRY(okng_engine_session_new(&session->maps, f->maps, 1, error));
    return okng_engine_session_new(&session->heads, f->heads, t->batch, error);
}

okng_status okng_afclip_session_take(okng_afclip_session **out, okng_afclip_towers *t, int threads, okng_error *error)
{
    okng_afclip_fleet *f = NULL;
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
    okng_afclip_aggregate_scaled(&t->plan, OKNG_AFCLIP_MAPS, s->mapped, &scaling, threads, s->normed);
    return OKNG_OK;
}

okng_status okng_afclip_session_adapt(okng_afclip_session *s, const float *tokens, const float *streams,
                                      const float **z, okng_error *error)
{
    const okng_afclip_towers *t = s->towers;
    OKNG_TRY(map_streams(s, tokens, streams, error));
    for (int64_t i = 0; i < OKNG_AFCLIP_SCALES; i += t->batch)
        OKNG_TRY(okng_engine_run(s->heads, (const void *[]){s->normed + i * t->plan.tokens * OKNG_AFCLIP_MAPS},
                                 (float *[]){s->z + i * t->plan.tokens * t->folded.dim}, error));
    *z = s->z;
    return OKNG_OK;
}
