/* k-means from the inside: what seeding (kmeans.c) and Lloyd's rounds (lloyd.c) share (kmeans_rows.c). Private to
 * bank/. */
#ifndef OKNG_BANK_KMEANS_H
#define OKNG_BANK_KMEANS_H

#include "bank/sampler.h"
#include "bank/sights.h"
#include "base/parallel.h"

enum { OKNG_KMEANS_ROUNDS = 100 /* at most */ };

typedef struct okng_kmeans_state {
    okng_store *store;
    int64_t n, dim, count;
    int threads;
    okng_ticker *ticker;
    float *centres;      /* [count, dim] */
    int64_t *assignment; /* [n]: the nearest of the first `applied` centres */
    float *weights;      /* [n]: the squared distance to it */
    uint32_t *applied;   /* [n]: of seeding */
    double *sums;        /* of seeding: of the weights, for each WEIGHT_BLOCK rows */

    float *buffer; /* [block_rows, dim]; NULL when the store is in memory, where all rows are one block */
    int64_t block_rows;
    const float *block; /* the rows that are looked at: `first` .. first + block_count - 1 */
    int64_t first, block_count;
    float *row;         /* [dim] */
    okng_sights sights; /* of the rows */
} okng_kmeans_state;

/* Rows from `first` on, up to a block of them, become m->block. Errors: IO, CANCELLED. */
okng_status okng_kmeans_read(okng_kmeans_state *m, int64_t first, okng_error *error);
/* Steps done. Errors: CANCELLED. */
okng_status okng_kmeans_tick(okng_kmeans_state *m, uint64_t steps, okng_error *error);

/* Looks at some rows, for m->sights. Errors: MEMORY, IO. */
okng_status okng_kmeans_look(okng_kmeans_state *m, okng_error *error);
/* The sight that costs least for evenly spread rows and so many of the centres. Errors: MEMORY, IO. */
okng_status okng_kmeans_choose(okng_kmeans_state *m, int64_t centres, const okng_sight **chosen, okng_error *error);

/* Lloyd's rounds from seeds: until no row changes its centre. Errors: MEMORY, IO, CANCELLED. */
okng_status okng_lloyd(okng_kmeans_state *m, okng_error *error);
uint64_t okng_lloyd_bytes(int64_t n, int64_t dim, int64_t count);

#endif
