/* The text tower. Texts of one class of length run together; a class is a multiple of 8 tokens, so that a text's bits
 * depend on its own length alone. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "clip/handle.h"
#include "net/layout.h"

enum { STEP = 8, CLASSES = (OKNG_CLIP_TOKENS + STEP - 1) / STEP };

/* What is known of a text. */
typedef struct text {
    int32_t end;  /* the token that is read out */
    int32_t rank; /* of its class: rank + 1 times STEP tokens */
} text;

static int32_t length_of(int32_t rank)
{
    const int32_t length = (rank + 1) * STEP;
    return length < OKNG_CLIP_TOKENS ? length : OKNG_CLIP_TOKENS;
}

static okng_status look_at(const int32_t *ids, size_t number, text *out, okng_error *error)
{
    out->end = 0;
    for (int32_t i = 0; i < OKNG_CLIP_TOKENS; i++) {
        if (ids[i] < 0 || ids[i] >= OKNG_CLIP_VOCABULARY)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "text %zu: token %d is number %d, expected 0..%d", number,
                             (int)i, (int)ids[i], OKNG_CLIP_VOCABULARY - 1);
        if (ids[i] > ids[out->end]) out->end = i;
    }
    out->rank = out->end / STEP;
    return OKNG_OK;
}

/* Texts of one class, so many at a time. */
typedef struct batch {
    okng_clip *clip;
    int32_t length;
    int64_t texts; /* in one run */
    okng_engine_session *engine;
    int32_t *ids;      /* [texts, length] */
    float *embeddings; /* [texts, length, E] */
    size_t *numbers;   /* [texts]: whose they are */
    int64_t filled;
} batch;

static okng_status open_batch(batch *b, okng_clip *clip, int32_t rank, int64_t count, int threads, okng_error *error)
{
    const okng_engine *engine;
    const int32_t length = length_of(rank), sequences = okng_clip_sequences(clip, length);
    const okng_clip_batches batches = okng_clip_batches_of(clip, count, length, clip->sizes.text_width);
    *b = (batch){.clip = clip, .length = length, .texts = batches.batch * sequences};
    const size_t tokens = (size_t)(b->texts * length), floats = tokens * (size_t)clip->sizes.embedding;
    OKNG_TRY(okng_clip_engine_get(clip, OKNG_CLIP_GRAPH_TEXT, sequences, length, threads, &engine, error));
    b->ids = okng_alloc_zero(tokens, sizeof *b->ids);
    b->embeddings = okng_alloc(floats, sizeof *b->embeddings);
    b->numbers = okng_alloc((size_t)b->texts, sizeof *b->numbers);
    if (!b->ids || !b->embeddings || !b->numbers) return okng_fail_memory(error, floats * sizeof(float));
    return okng_engine_session_new(&b->engine, engine, batches.batch, error);
}

static void close_batch(batch *b)
{
    okng_engine_session_free(&b->engine);
    free(b->ids);
    free(b->embeddings);
    free(b->numbers);
}

/* Runs what is in it; `texts` says where each is read out. */
static okng_status run_batch(batch *b, const text *texts, float *out, okng_error *error)
{
    const size_t width = (size_t)b->clip->sizes.embedding;
    OKNG_TRY(okng_engine_run(b->engine, (const void *[]){b->ids}, (float *[]){b->embeddings}, error));
    for (int64_t i = 0; i < b->filled; i++) {
        const size_t number = b->numbers[i], token = (size_t)(i * b->length + texts[number].end);
        memcpy(out + number * width, b->embeddings + token * width, width * sizeof *out);
    }
    b->filled = 0;
    return OKNG_OK;
}

static okng_status run_all(batch *b, const int32_t *ids, const text *texts, size_t count, int32_t rank, float *out,
                           okng_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (texts[i].rank != rank) continue;
        int32_t *to = b->ids + b->filled * b->length;
        const size_t used = (size_t)texts[i].end + 1;
        memcpy(to, ids + i * OKNG_CLIP_TOKENS, used * sizeof *ids);
        /* what follows is not seen, but fast products pair tokens, and rounding would tell */
        memset(to + used, 0, ((size_t)b->length - used) * sizeof *ids);
        b->numbers[b->filled++] = i;
        if (b->filled == b->texts) OKNG_TRY(run_batch(b, texts, out, error));
    }
    return b->filled > 0 ? run_batch(b, texts, out, error) : OKNG_OK;
}

static okng_status check_tower(const okng_clip *clip, okng_error *error)
{
    const okng_naming naming = okng_naming_clip(clip->weights);
    if (okng_naming_towers(&naming) & OKNG_TOWER_TEXT) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: holds the image tower of %s and no text tower, expected both; words need a file of the whole "
                     "checkpoint",
                     okng_weights_path(clip->weights), clip->backbone);
}

static okng_status embed(okng_clip *clip, const int32_t *ids, const text *texts, size_t count, int threads, float *out,
                         okng_error *error)
{
    okng_status status = OKNG_OK;
    for (int32_t rank = 0; rank < CLASSES && status == OKNG_OK; rank++) {
        int64_t many = 0;
        for (size_t i = 0; i < count; i++) many += texts[i].rank == rank;
        if (many == 0) continue;
        batch b;
        status = open_batch(&b, clip, rank, many, threads, error);
        if (status == OKNG_OK) status = run_all(&b, ids, texts, count, rank, out, error);
        close_batch(&b);
    }
    return status;
}

okng_status okng_clip_embed_ids(okng_clip *clip, const int32_t *ids, size_t count, int threads, float *out,
                                okng_error *error)
{
    OKNG_TRY(check_tower(clip, error));
    text *texts = okng_alloc(count, sizeof *texts);
    if (!texts) return okng_fail_memory(error, count * sizeof *texts);
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < count && status == OKNG_OK; i++)
        status = look_at(ids + i * OKNG_CLIP_TOKENS, i, &texts[i], error);
    if (status == OKNG_OK) status = embed(clip, ids, texts, count, threads, out, error);
    free(texts);
    return status;
}
