#include "bank/sights.h"

#include <math.h>
#include <stdlib.h>

#include "kernels/kernels.h"

enum {
    SAMPLES = 4096, /* at most, and one row in */
    SAMPLED = 8,
    /* Numbers that could be multiplied in the time of one pair of: marks; a distance that is measured alone, which
     * comes to as much for each of its numbers, and at all. */
    MARK_COST = 6,
    NUMBER_COST = 4,
    MEASURE_COST = 300
};

int64_t okng_sights_samples(int64_t rows)
{
    return rows / SAMPLED < SAMPLES ? rows / SAMPLED + 1 : SAMPLES;
}

okng_status okng_sights_new(okng_sights *out, float *samples, int64_t count, int64_t dim, okng_error *error)
{
    *out = (okng_sights){.count = 1};
    OKNG_TRY(okng_typical_find(&out->typical, samples, count, dim, error));
    return okng_sight_new(&out->of[0], &out->typical, dim, 1, error);
}

void okng_sights_free(okng_sights *sights)
{
    for (int i = 0; i < sights->count; i++) okng_sight_free(&sights->of[i]);
    okng_typical_free(&sights->typical);
    *sights = (okng_sights){0};
}

static okng_status make_outlines(okng_sights *s, int threads, okng_error *error)
{
    for (int64_t width = OKNG_KERNELS_LANES; s->count < OKNG_SIGHTS && 2 * width <= s->typical.dim; width *= 2) {
        OKNG_TRY(okng_sight_new(&s->of[s->count], &s->typical, width, threads, error));
        s->count++;
    }
    return OKNG_OK;
}

/* What sifting a row and a vector, and measuring what passes, costs. */
static okng_status cost_of(const okng_sight *sight, const okng_sights_trial *trial, double *cost, okng_error *error)
{
    okng_sieve sieve;
    okng_sifting sifting = {0};
    OKNG_TRY(okng_sieve_new(&sieve, sight, trial->vector_count, error));
    for (int64_t v = 0; v < trial->vector_count; v++) okng_sieve_set(&sieve, v, trial->vectors[v], 1);
    okng_status status = okng_sifting_new(&sifting, &sieve, error);
    int64_t marked = 0;
    for (int64_t r = 0; r < trial->row_count && status == OKNG_OK; r++) {
        okng_sifting_rows(&sifting, trial->rows[r], 1);
        okng_sifting_reach(&sifting, 0, trial->squared[r]);
        okng_sifting_block(&sifting, 0, trial->vector_count);
        for (int64_t v = 0; v < trial->vector_count; v++) marked += okng_sifting_passed(&sifting, 0, v);
    }
    const double passing = (double)marked / ((double)trial->row_count * (double)trial->vector_count);
    *cost = (double)sight->width + MARK_COST + passing * (double)(NUMBER_COST * sight->dim + MEASURE_COST);
    okng_sifting_free(&sifting);
    okng_sieve_free(&sieve);
    return status;
}

okng_status okng_sights_choose(okng_sights *sights, const okng_sights_trial *trial, int threads,
                               const okng_sight **chosen, okng_error *error)
{
    double least = INFINITY;
    *chosen = &sights->of[0];
    if (sights->count == 1) OKNG_TRY(make_outlines(sights, threads, error));
    for (int i = 0; i < sights->count; i++) {
        double cost;
        OKNG_TRY(cost_of(&sights->of[i], trial, &cost, error));
        if (cost < least) *chosen = &sights->of[i];
        least = cost < least ? cost : least;
    }
    return OKNG_OK;
}
