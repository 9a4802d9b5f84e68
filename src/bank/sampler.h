/* Samplers: which rows of many become the memory bank. */
#ifndef OKNG_BANK_SAMPLER_H
#define OKNG_BANK_SAMPLER_H

#include "bank/store.h"
#include "base/error.h"
#include "base/progress.h"

/* Rows that a ratio or an absolute count asks for, of n: coreset_size where given (capped at n), all for sampler
 * identity or a ratio of 0 or 1, else max(1, floor(n * ratio)). */
int64_t okng_sampler_count(const okng_build_options *options, int64_t n);

/* picks [count] (in the order picked) from float32 rows [n, dim], which are already projected where the options
 * ask for it. Samplers random, greedy and approx-greedy, identity; not k-means. The picks are those of a plain
 * farthest-first loop: ties go to the lowest index; bounds may only skip work. */
okng_status okng_sampler_pick(const okng_build_options *options, const float *rows, int64_t n, int64_t dim,
                              int64_t count, okng_ticker *ticker, int64_t *picks, okng_error *error);

/* k-means++ then Lloyd (at most 100 rounds, until no row changes its centre) over a store. centres [count, dim];
 * assignment [n]: the centre of each row. An emptied centre takes the row farthest from its own centre. */
okng_status okng_kmeans(const okng_build_options *options, okng_store *store, int64_t count, okng_ticker *ticker,
                        float *centres, int64_t *assignment, okng_error *error);
/* What it takes besides rows, centres and assignment, at most. */
uint64_t okng_kmeans_bytes(int64_t n, int64_t dim, int64_t count);

#endif
