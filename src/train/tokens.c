/* The frozen tower's tokens of a picture: from the cache, or computed. */
#include <stdlib.h>

#include "base/memory.h"
#include "train/training.h"

static okng_status need_tower(okng_training *t, okng_error *error)
{
    if (t->tower) return OKNG_OK;
    OKNG_TRY(okng_training_need_weights(t, error));
    okng_status status = okng_train_tower_new(&t->tower, t->weights, &t->build, &t->plan, t->threads, error);
    okng_weights_close(&t->weights); /* it has its own, packed */
    return status;
}

static void let_go(okng_training *t)
{
    okng_train_tower_free(&t->tower);
    okng_weights_close(&t->weights);
}

static okng_status make_tokens(okng_training *t, const okng_train_picture *picture, float *taps, okng_error *error)
{
    OKNG_TRY(need_tower(t, error));
    OKNG_TRY(okng_train_tower_run(t->tower, picture->sample->path, taps, error));
    return t->cache.folder ? okng_token_cache_write(&t->cache, picture->sha256, taps, error) : OKNG_OK;
}

okng_status okng_training_fill_cache(okng_training *t, okng_error *error)
{
    size_t missing = 0;
    for (size_t i = 0; i < t->set.count && t->cache.folder; i++)
        missing += !okng_token_cache_has(&t->cache, t->set.pictures[i].sha256);
    if (missing == 0) {
        if (t->cache.folder) let_go(t);
        return OKNG_OK;
    }
    const okng_train_event event = {.kind = OKNG_TRAIN_CACHE,
                                    .text = t->cache.folder,
                                    .pictures = missing,
                                    .bytes = missing * okng_token_cache_bytes(&t->cache)};
    okng_training_tell(t, &event);
    OKNG_TRY(okng_token_cache_room(&t->cache, missing, error));
    const size_t floats = OKNG_AFCLIP_TAPS * (size_t)t->plan.tokens * (size_t)t->plan.width;
    float *taps = okng_alloc(floats, sizeof *taps);
    okng_status status = taps ? OKNG_OK : okng_fail_memory(error, floats * sizeof *taps);
    okng_ticker_stage(t->watch->ticker, "tokens", missing);
    for (size_t i = 0; i < t->set.count && status == OKNG_OK; i++) {
        const okng_train_picture *picture = &t->set.pictures[i];
        if (okng_token_cache_has(&t->cache, picture->sha256)) continue; /* of a file that is there twice too */
        status = make_tokens(t, picture, taps, error);
        if (status == OKNG_OK && !okng_ticker_advance(t->watch->ticker, 1))
            status = okng_fail(error, OKNG_ERROR_CANCELLED, "the training was cancelled");
    }
    free(taps);
    let_go(t);
    return status;
}

okng_status okng_training_tokens(okng_training *t, size_t i, float *taps, okng_error *error)
{
    const okng_train_picture *picture = &t->set.pictures[i];
    okng_error why = {.status = OKNG_OK};
    if (!t->cache.folder) return make_tokens(t, picture, taps, error);
    okng_status status = okng_token_cache_read(&t->cache, picture->sha256, taps, &why);
    if (status == OKNG_ERROR_MEMORY && error) *error = why;
    if (status == OKNG_OK || status == OKNG_ERROR_MEMORY) return status;
    status = make_tokens(t, picture, taps, error); /* it is damaged, or gone */
    let_go(t);
    return status;
}
