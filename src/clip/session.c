/* The image tower in pieces: pixels to tokens, tokens to vectors. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "clip/handle.h"

/* Parts of pictures of one length, so many at a time. */
typedef struct windows {
    okng_clip_graph graph;
    int64_t length, batch;
    int32_t sequences; /* of one run of the batch */
    okng_engine_session *engine;
    float *in;  /* [batch * sequences, length, W] */
    float *out; /* [batch * sequences, E] */
    struct windows *next;
} windows;

struct okng_clip_session {
    okng_clip *clip;
    int threads;
    okng_engine_session *pixels, *whole;
    float *embedding, *last, *normed, *before; /* what `whole` writes: [E], and three times [1 + rows * columns, W] */
    bool looked;                               /* `before` is of a picture */
    windows *windows;
};

okng_status okng_clip_session_new(okng_clip_session **out, okng_clip *clip, int threads, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    (*out)->clip = clip;
    (*out)->threads = threads;
    return OKNG_OK;
}

static void free_windows(windows *w)
{
    okng_engine_session_free(&w->engine);
    free(w->in);
    free(w->out);
    free(w);
}

void okng_clip_session_free(okng_clip_session **session)
{
    if (!session || !*session) return;
    while ((*session)->windows) {
        windows *w = (*session)->windows;
        (*session)->windows = w->next;
        free_windows(w);
    }
    okng_engine_session_free(&(*session)->pixels);
    okng_engine_session_free(&(*session)->whole);
    free((*session)->embedding);
    free((*session)->last);
    free((*session)->normed);
    free((*session)->before);
    free(*session);
    *session = NULL;
}

/* ---- pixels ---- */

okng_status okng_clip_tokens(okng_clip_session *s, const float *tensor, float *tokens, okng_error *error)
{
    if (!s->pixels) {
        const okng_engine *engine;
        OKNG_TRY(okng_clip_engine_get(s->clip, OKNG_CLIP_GRAPH_PIXELS, 0, 0, s->threads, &engine, error));
        OKNG_TRY(okng_engine_session_new(&s->pixels, engine, 1, error));
    }
    return okng_engine_run(s->pixels, (const void *[]){tensor}, (float *[]){tokens}, error);
}

/* ---- a whole picture ---- */

static int64_t tokens_of(const okng_clip *clip)
{
    return 1 + (int64_t)clip->sizes.rows * clip->sizes.columns;
}

static okng_status open_whole(okng_clip_session *s, okng_error *error)
{
    const okng_engine *engine;
    const int64_t tokens = tokens_of(s->clip);
    const size_t floats = (size_t)tokens * (size_t)s->clip->sizes.width;
    OKNG_TRY(okng_clip_engine_get(s->clip, OKNG_CLIP_GRAPH_WHOLE, 1, (int32_t)tokens, s->threads, &engine, error));
    if (!s->embedding) s->embedding = okng_alloc((size_t)s->clip->sizes.embedding, sizeof(float));
    if (!s->last) s->last = okng_alloc(floats, sizeof(float));
    if (!s->normed) s->normed = okng_alloc(floats, sizeof(float));
    if (!s->before) s->before = okng_alloc(floats, sizeof(float));
    if (!s->embedding || !s->last || !s->normed || !s->before)
        return okng_fail_memory(error, 3 * floats * sizeof(float));
    return okng_engine_session_new(&s->whole, engine, 1, error);
}

okng_status okng_clip_whole(okng_clip_session *s, const float *tokens, float *embedding, float *patches, float *normed,
                            okng_error *error)
{
    const okng_clip_sizes *sizes = &s->clip->sizes;
    const size_t width = (size_t)sizes->width, bytes = (size_t)(tokens_of(s->clip) - 1) * width * sizeof(float);
    if (!s->whole) OKNG_TRY(open_whole(s, error));
    OKNG_TRY(okng_engine_run(s->whole, (const void *[]){tokens},
                             (float *[]){s->embedding, s->last, s->normed, s->before}, error));
    s->looked = true;
    if (embedding) memcpy(embedding, s->embedding, (size_t)sizes->embedding * sizeof(float));
    if (patches) memcpy(patches, s->last + width, bytes);
    if (normed) memcpy(normed, s->normed + width, bytes);
    return OKNG_OK;
}

const float *okng_clip_before_last(const okng_clip_session *s)
{
    return s->looked ? s->before : NULL;
}

/* ---- parts of pictures ---- */

static okng_status open_windows(const okng_clip_session *s, windows *w, okng_error *error)
{
    const okng_engine *engine;
    const size_t count = (size_t)(w->batch * w->sequences), width = (size_t)s->clip->sizes.width,
                 embedding = (size_t)s->clip->sizes.embedding;
    OKNG_TRY(okng_clip_engine_get(s->clip, w->graph, w->sequences, (int32_t)w->length, s->threads, &engine, error));
    w->in = okng_alloc_zero(count * (size_t)w->length * width, sizeof(float));
    w->out = okng_alloc(count * embedding, sizeof(float));
    if (!w->in || !w->out) return okng_fail_memory(error, count * (size_t)w->length * width * sizeof(float));
    return okng_engine_session_new(&w->engine, engine, w->batch, error);
}

/* Those of the length and batch; the first of a length lets go of what other batches of it had. */
static okng_status get_windows(okng_clip_session *s, okng_clip_graph graph, int64_t length, int64_t batch,
                               windows **out, okng_error *error)
{
    for (windows **at = &s->windows; *at; at = &(*at)->next) {
        if ((*at)->length != length || (*at)->graph != graph) continue;
        *out = *at;
        if ((*at)->batch == batch) return OKNG_OK;
        *at = (*out)->next;
        free_windows(*out);
        break;
    }
    windows *w = calloc(1, sizeof *w);
    if (!w) return okng_fail_memory(error, sizeof *w);
    w->graph = graph;
    w->length = length;
    w->batch = batch;
    w->sequences = okng_clip_sequences(s->clip, length);
    okng_status status = open_windows(s, w, error);
    if (status != OKNG_OK) {
        free_windows(w);
        return status;
    }
    w->next = s->windows;
    s->windows = *out = w;
    return OKNG_OK;
}

static okng_status run_windows(okng_clip_session *s, okng_clip_graph graph, const float *in, int64_t count,
                               int64_t length, float *embeddings, okng_error *error)
{
    if (count < 1 || length < 1 || length > tokens_of(s->clip))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%lld windows of %lld tokens, expected 1 or more of 1..%lld",
                         (long long)count, (long long)length, (long long)tokens_of(s->clip));
    const okng_clip_batches batches = okng_clip_batches_of(s->clip, count, length, s->clip->sizes.width);
    const size_t floats = (size_t)length * (size_t)s->clip->sizes.width, embedding = (size_t)s->clip->sizes.embedding;
    windows *w = NULL;
    OKNG_TRY(get_windows(s, graph, length, batches.batch, &w, error));
    const int64_t most = batches.batch * w->sequences;
    for (int64_t first = 0; first < count; first += most) {
        const size_t some = (size_t)(count - first < most ? count - first : most);
        memcpy(w->in, in + (size_t)first * floats, some * floats * sizeof(float));
        /* zeros fill the rest, for one of them may be the last window's company */
        memset(w->in + some * floats, 0, ((size_t)most - some) * floats * sizeof(float));
        OKNG_TRY(okng_engine_run(w->engine, (const void *[]){w->in}, (float *[]){w->out}, error));
        memcpy(embeddings + (size_t)first * embedding, w->out, some * embedding * sizeof(float));
    }
    return OKNG_OK;
}

okng_status okng_clip_windows(okng_clip_session *s, const float *in, int64_t count, int64_t length, float *embeddings,
                              okng_error *error)
{
    return run_windows(s, OKNG_CLIP_GRAPH_WINDOWS, in, count, length, embeddings, error);
}

okng_status okng_clip_last_windows(okng_clip_session *s, const float *in, int64_t count, int64_t length,
                                   float *embeddings, okng_error *error)
{
    return run_windows(s, OKNG_CLIP_GRAPH_LAST, in, count, length, embeddings, error);
}
