/* Inspection by patches: a method that gives every patch vector a score says how, and all else is here. */
#ifndef OKNG_METHOD_PATCHWISE_H
#define OKNG_METHOD_PATCHWISE_H

#include "bank/bank_file.h"
#include "features/extractor_pool.h"
#include "method/method.h"

/* The patches of a picture. */
typedef struct okng_patch_rows {
    const float *rows; /* [count, dim] */
    int64_t count;
    const uint8_t *foreground; /* [count]: the others cannot be anomalous and score 0; NULL = all can */
} okng_patch_rows;

/* Scores [count] of the patches of a picture, higher is more anomalous, and the picture's own. `threads` is what may be
 * used; the result does not depend on it. nearest [count]: which row of what was learnt each is nearest to, where the
 * method knows of rows; else it stays -1. */
typedef okng_status (*okng_score_patches_fn)(const void *context, const okng_patch_rows *patches, int threads,
                                             float *scores, int32_t *nearest, float *image_score, okng_error *error);

/* Pictures to maps and scores, `count` (1..OKNG_EXTRACTOR_AT_ONCE) together through the network, with each stage timed;
 * what a picture gets does not depend on the others. `smoothing`: see okng_scored_fill. May be called by several
 * threads at a time. Errors, of each picture by itself: those of the pool, of okng_extractor_put,
 * okng_extractor_forward and okng_extractor_take, and of `score`. */
void okng_inspect_patches(okng_extractor_pool *pool, okng_inspection *pictures, int32_t count, int threads,
                          float smoothing, okng_score_patches_fn score, const void *context);
/* The pool of a bank's network; patch vectors must have `dim` dimensions. Borrows both. Errors: MEMORY. */
okng_status okng_bank_pool_new(okng_extractor_pool **out, const okng_bank_config *config, const okng_weights *weights,
                               int64_t dim, okng_error *error);
/* What the pool's network costs; compiled where it is not yet. Errors: those of okng_extractor_pool_any. */
okng_status okng_bank_pool_cost(okng_extractor_pool *pool, okng_network_cost *cost, okng_error *error);

#endif
