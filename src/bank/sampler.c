#include "bank/sampler.h"

#include <math.h>
#include <stdlib.h>

#include "bank/finite.h"
#include "bank/shared_rows.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "kernels/kernels.h"

enum { GRAIN = 1024 };

int64_t okng_sampler_count(const okng_build_options *options, int64_t n)
{
    if (options->coreset_size > 0) return options->coreset_size < n ? options->coreset_size : n;
    if (options->sampler == OKNG_SAMPLER_IDENTITY || options->coreset <= 0 || options->coreset >= 1) return n;
    int64_t count = (int64_t)((double)n * options->coreset);
    return count < 1 ? 1 : count;
}

/* ---- random ---------------------------------------------------------------------------------------------------------
 */

/* Fisher-Yates over 0..n-1 of which only the first `count` places are dealt. Places that a swap touched are in a hash
 * table, so that memory goes with `count`, not `n`. */
typedef struct deck {
    int64_t *places, *cards; /* [mask + 1]; place -1 = free slot */
    uint64_t mask;
} deck;

static uint64_t slot_of(const deck *d, int64_t place)
{
    uint64_t slot = (uint64_t)place * 0x9e3779b97f4a7c15u >> 20 & d->mask;
    while (d->places[slot] >= 0 && d->places[slot] != place) slot = (slot + 1) & d->mask;
    return slot;
}

static int64_t card_at(const deck *d, int64_t place)
{
    uint64_t slot = slot_of(d, place);
    return d->places[slot] == place ? d->cards[slot] : place;
}

static okng_status deal(okng_rng *rng, int64_t n, int64_t count, int64_t *cards, okng_error *error)
{
    uint64_t slots = 16;
    while (slots < 2 * (uint64_t)count) slots *= 2;
    deck d = {okng_alloc(slots, sizeof *d.places), okng_alloc(slots, sizeof *d.cards), slots - 1};
    okng_status status = OKNG_OK;
    if (d.places && d.cards) {
        for (uint64_t i = 0; i < slots; i++) d.places[i] = -1;
        for (int64_t i = 0; i < count; i++) {
            int64_t place = i + (int64_t)okng_rng_below(rng, (uint64_t)(n - i)), top = card_at(&d, i);
            cards[i] = card_at(&d, place);
            uint64_t slot = slot_of(&d, place);
            d.places[slot] = place;
            d.cards[slot] = top;
        }
    } else {
        status = okng_fail_memory(error, slots * 2 * sizeof *d.places);
    }
    free(d.places);
    free(d.cards);
    return status;
}

/* ---- greedy ---------------------------------------------------------------------------------------------------------
 */

typedef struct job {
    const float *rows;
    int64_t dim;
    const float *points; /* [point_count, dim] */
    int64_t point_count;
    float *means;
} job;

static void mean_distances(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    job *j = context;
    const okng_kernels *kernels = okng_kernels_get();
    for (int64_t r = begin; r < end; r++) {
        double sum = 0;
        for (int64_t i = 0; i < j->point_count; i++)
            sum += sqrt((double)kernels->l2_squared(j->rows + r * j->dim, j->points + i * j->dim, (size_t)j->dim));
        j->means[r] = (float)(sum / (double)j->point_count);
    }
}

/* The largest mean of all ranks, and of equal ones the first row that has it. */
static okng_status find_first(const okng_shared_rows *rows, const float *means, int64_t *first, okng_error *error)
{
    typedef struct best {
        int64_t row; /* -1: there are none */
        double mean;
    } best;
    const okng_ranks *ranks = rows->ranks;
    best *all = okng_alloc((size_t)ranks->count, sizeof *all);
    if (!all) return okng_fail_memory(error, (size_t)ranks->count * sizeof *all);
    best own = {-1, 0};
    for (int64_t r = 0; r < rows->count; r++)
        if (own.row < 0 || (double)means[r] > own.mean) own = (best){rows->first + r, (double)means[r]};
    all[ranks->rank] = own;
    okng_status status = okng_ranks_gather_parts(ranks, all, sizeof *all, ranks->count, error);
    best found = {-1, 0};
    for (int32_t r = 0; r < ranks->count && status == OKNG_OK; r++)
        if (all[r].row >= 0 && (found.row < 0 || all[r].mean > found.mean)) found = all[r];
    *first = found.row;
    free(all);
    return status;
}

/* Starting points, which are the same on every rank. */
typedef struct starting {
    int64_t count;
    int64_t *numbers; /* [count] */
    float *vectors;   /* [count, dim] */
    float *means;     /* [rows->count] */
} starting;

static okng_status open_starting(starting *s, const okng_build_options *options, const okng_shared_rows *rows,
                                 okng_error *error)
{
    okng_rng rng = okng_rng_new(options->seed, OKNG_STREAM_STARTING_POINTS);
    s->count = options->starting_points < 1 ? 1 : options->starting_points;
    if (s->count > rows->total) s->count = rows->total;
    s->numbers = okng_alloc((size_t)s->count, sizeof *s->numbers);
    s->vectors = okng_alloc((size_t)s->count, (size_t)rows->dim * sizeof *s->vectors);
    s->means = okng_alloc((size_t)rows->count, sizeof *s->means);
    okng_status status = s->numbers && s->vectors && s->means
                             ? deal(&rng, rows->total, s->count, s->numbers, error)
                             : okng_fail_memory(error, (size_t)rows->count * sizeof *s->means);
    OKNG_TRY(okng_ranks_agree(rows->ranks, status, error));
    return okng_shared_rows_gather(rows, s->numbers, s->count, okng_shared_rows_copy, rows, s->vectors, error);
}

/* As in patchcore-inspection: a row's first criterion is its mean distance to some random rows; each pick is the row
 * with the largest criterion, which then falls to the distance to the pick where that is less. There a row can be
 * picked again once every criterion is 0; here a picked row is out, so that a bank never holds one twice. */
static okng_status pick_approximately(const okng_build_options *options, const okng_shared_rows *rows, int64_t count,
                                      int threads, okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    starting s = {0};
    int64_t first = 0;
    okng_status status = open_starting(&s, options, rows, error);
    if (status == OKNG_OK) {
        job j = {.rows = rows->data, .dim = rows->dim, .points = s.vectors, .point_count = s.count, .means = s.means};
        okng_parallel_for(threads, rows->count, GRAIN, mean_distances, &j);
        status = find_first(rows, s.means, &first, error);
    }
    if (status == OKNG_OK)
        status = okng_pick_farthest_shared(rows, s.means, first, count, threads, ticker, picks, error);
    free(s.numbers);
    free(s.vectors);
    free(s.means);
    return status;
}

static okng_status pick_greedy(const okng_build_options *options, const okng_shared_rows *rows, int64_t count,
                               int threads, okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    if (options->start >= rows->total)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "start is row %lld, expected 0..%lld or random",
                         (long long)options->start, (long long)rows->total - 1);
    okng_rng rng = okng_rng_new(options->seed, OKNG_STREAM_START);
    int64_t first = options->start >= 0 ? options->start : (int64_t)okng_rng_below(&rng, (uint64_t)rows->total);
    return okng_pick_farthest_shared(rows, NULL, first, count, threads, ticker, picks, error);
}

/* ---- any ------------------------------------------------------------------------------------------------------------
 */

/* Without looking at the rows. */
static okng_status pick_blindly(const okng_build_options *options, int64_t n, int64_t count, okng_ticker *ticker,
                                int64_t *picks, okng_error *error)
{
    okng_rng rng = okng_rng_new(options->seed, OKNG_STREAM_RANDOM_SAMPLER);
    if (options->sampler == OKNG_SAMPLER_RANDOM) OKNG_TRY(deal(&rng, n, count, picks, error));
    for (int64_t i = 0; i < count && options->sampler == OKNG_SAMPLER_IDENTITY; i++) picks[i] = i;
    if (okng_ticker_advance(ticker, (uint64_t)count)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled while picking coreset rows");
}

okng_status okng_sampler_pick_shared(const okng_build_options *options, const okng_shared_rows *rows, int64_t count,
                                     okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    if (rows->total < 1 || rows->dim < 1 || count < 1 || count > rows->total)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%lld rows to pick, expected 1..%lld, the rows there are",
                         (long long)count, (long long)rows->total);
    const int threads = okng_thread_count(options->threads);
    okng_ticker_stage(ticker, "coreset", (uint64_t)count);
    if (options->sampler == OKNG_SAMPLER_IDENTITY || options->sampler == OKNG_SAMPLER_RANDOM)
        return okng_ranks_agree(rows->ranks, pick_blindly(options, rows->total, count, ticker, picks, error), error);
    okng_status status = okng_check_finite(rows->data, rows->count, rows->dim, rows->first, threads, error);
    OKNG_TRY(okng_ranks_agree(rows->ranks, status, error));
    switch (options->sampler) {
    case OKNG_SAMPLER_GREEDY:
        return pick_greedy(options, rows, count, threads, ticker, picks, error);
    case OKNG_SAMPLER_APPROX_GREEDY:
        return pick_approximately(options, rows, count, threads, ticker, picks, error);
    default:
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "this sampler does not pick rows");
    }
}

okng_status okng_sampler_pick(const okng_build_options *options, const float *rows, int64_t n, int64_t dim,
                              int64_t count, okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    const okng_ranks alone = {.count = 1};
    const okng_shared_rows all = {.ranks = &alone, .data = rows, .count = n, .dim = dim, .total = n};
    return okng_sampler_pick_shared(options, &all, count, ticker, picks, error);
}
