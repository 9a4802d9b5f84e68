/* Farthest-first selection over the rows of several processes. As in farthest.c a value that some picks have not been
 * applied to is an upper bound, and the work goes in rounds: every rank brings its rows of the largest bounds up to
 * date with all picks and hands them round, with the bound of its others. Then all run the plain loop over these rows
 * alone, each for itself, for as long as the best of them beats every bound: hundreds of picks for one exchange. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/farthest.h"
#include "bank/select.h"
#include "bank/shared_rows.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "kernels/kernels.h"

enum {
    INFINITE = 0x7f800000, /* the key of infinity: bits of a float that is not negative order as the float */
    ROW_TILE = 16,         /* rows brought up to date together */
    PICK_TILE = 128,       /* picks that they are measured against at a time */
    CHUNK = 256,           /* rows that are measured against one pick at a time */
    FIRST_WANTED = 1024,   /* rows that all ranks together hand round at first */
    LEAST_WANTED = 64,     /* of each rank */
    FEW_PICKS = 32,        /* a round that gave fewer makes the next one hand round more rows, */
    MANY_PICKS = 512       /* one that gave more, fewer */
};
#define PICKED UINT32_MAX /* in `applied` */

/* A row that may be the next pick. Its vector lies behind it where it is handed round. */
typedef struct contender {
    int64_t row; /* among all; INT64_MAX: none */
    uint32_t key, place;
} contender;

/* An own row that is brought up to date. */
typedef struct waiting {
    int64_t row;
    uint32_t applied;
} waiting;

typedef struct hunt {
    const okng_shared_rows *rows;
    const okng_kernels *kernels;
    bool rooted; /* values are distances, not squared */
    int threads;
    uint32_t *keys;    /* [rows->count]: values, as of `applied` */
    uint32_t *applied; /* [rows->count]: picks that the value takes in */
    float *picked;     /* [count, dim]: the picks so far */
    int64_t pick_count;
    int64_t wanted; /* rows that this rank hands round */

    waiting *chosen; /* [chosen_count]: own rows of the largest bounds */
    size_t chosen_count;
    float *tiles;    /* [threads, ROW_TILE, dim] */
    contender *best; /* [best_count]: of all ranks, those that beat every bound */
    float *vectors;  /* [best_count, dim] of those */
    size_t best_count;
    contender outside; /* no other row is better than this */
} hunt;

static uint32_t key_of(float value)
{
    uint32_t key;
    memcpy(&key, &value, sizeof key);
    return key;
}

static uint32_t lower_key(const hunt *h, uint32_t key, float squared)
{
    const uint32_t found = key_of(h->rooted ? sqrtf(squared) : squared);
    return found < key ? found : key;
}

static bool better(contender a, contender b)
{
    return a.key > b.key || (a.key == b.key && a.row < b.row);
}

/* ---- own rows ---------------------------------------------------------------------------------------------------- */

/* The `wanted` rows of the largest bounds, with ties of the lowest numbers; the others are no better than *outside. */
static void choose_rows(hunt *h, contender *outside)
{
    const int64_t n = h->rows->count;
    int64_t left = 0, above = 0;
    *outside = (contender){.row = INT64_MAX};
    h->chosen_count = 0;
    for (int64_t r = 0; r < n; r++) left += h->applied[r] != PICKED;
    const int64_t wanted = h->wanted < left ? h->wanted : left;
    if (wanted == 0) return;
    const uint32_t bound = okng_select_key(h->keys, (size_t)n, (size_t)wanted);
    for (int64_t r = 0; r < n; r++) above += h->applied[r] != PICKED && h->keys[r] > bound;
    for (int64_t r = 0; r < n; r++) {
        if (h->applied[r] == PICKED || h->keys[r] < bound) continue;
        const bool tie = h->keys[r] == bound;
        if (tie && above == wanted) {
            if (outside->row == INT64_MAX) *outside = (contender){.row = h->rows->first + r, .key = bound};
            continue;
        }
        above += tie;
        h->chosen[h->chosen_count++] = (waiting){r, h->applied[r]};
    }
    if (outside->row == INT64_MAX && wanted < left)
        *outside = (contender){.row = 0, .key = bound - 1}; /* whichever it is: no tie, so the bound is more than 0 */
}

static int by_applied(const void *a, const void *b)
{
    const waiting *x = a, *y = b;
    if (x->applied != y->applied) return x->applied < y->applied ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static float smallest(const float *values, int64_t count)
{
    float least = INFINITY;
    for (int64_t i = 0; i < count; i++) least = values[i] < least ? values[i] : least;
    return least;
}

/* Chosen rows are in the order of `applied`, so those of a tile have about the same picks to catch up with. */
static void bring_up_to_date(void *context, int64_t begin, int64_t end, int thread)
{
    hunt *h = context;
    const size_t dim = (size_t)h->rows->dim;
    float *tile = h->tiles + (size_t)thread * ROW_TILE * dim, squared[ROW_TILE * PICK_TILE];
    for (int64_t first = begin; first < end; first += ROW_TILE) {
        const int64_t rows = end - first < ROW_TILE ? end - first : ROW_TILE;
        const waiting *chosen = h->chosen + first;
        for (int64_t r = 0; r < rows; r++)
            memcpy(tile + (size_t)r * dim, h->rows->data + chosen[r].row * h->rows->dim, dim * sizeof *tile);
        for (int64_t pick = chosen[0].applied; pick < h->pick_count; pick += PICK_TILE) {
            const int64_t picks = h->pick_count - pick < PICK_TILE ? h->pick_count - pick : PICK_TILE;
            h->kernels->l2_squared_block(tile, (size_t)rows, h->picked + pick * h->rows->dim, (size_t)picks, dim,
                                         squared, PICK_TILE);
            for (int64_t r = 0; r < rows; r++)
                h->keys[chosen[r].row] = lower_key(h, h->keys[chosen[r].row], smallest(squared + r * PICK_TILE, picks));
        }
        for (int64_t r = 0; r < rows; r++) h->applied[chosen[r].row] = (uint32_t)h->pick_count;
    }
}

/* ---- a round ----------------------------------------------------------------------------------------------------- */

/* What a rank hands round: its chosen rows, one behind the other, each a contender and its vector. */
static size_t unit_of(const hunt *h)
{
    return sizeof(contender) + (size_t)h->rows->dim * sizeof(float);
}

static void pack_chosen(const hunt *h, char *packed)
{
    const size_t unit = unit_of(h);
    for (size_t i = 0; i < h->chosen_count; i++) {
        const int64_t r = h->chosen[i].row;
        const contender one = {.row = h->rows->first + r, .key = h->keys[r]};
        memcpy(packed + i * unit, &one, sizeof one);
        memcpy(packed + i * unit + sizeof one, h->rows->data + r * h->rows->dim, unit - sizeof one);
    }
}

/* Keeps of what was handed round the rows that beat every bound. */
static okng_status keep_best(hunt *h, const char *all, int64_t count, okng_error *error)
{
    const size_t unit = unit_of(h), dim = (size_t)h->rows->dim;
    free(h->best);
    free(h->vectors);
    h->best_count = 0;
    h->best = okng_alloc((size_t)count, sizeof *h->best);
    h->vectors = okng_alloc((size_t)count, dim * sizeof *h->vectors);
    if (!h->best || !h->vectors) return okng_fail_memory(error, (size_t)count * unit);
    for (int64_t i = 0; i < count; i++) {
        contender one;
        memcpy(&one, all + (size_t)i * unit, sizeof one);
        if (better(h->outside, one)) continue;
        memcpy(h->vectors + h->best_count * dim, all + (size_t)i * unit + sizeof one, dim * sizeof *h->vectors);
        h->best[h->best_count++] = one;
    }
    return OKNG_OK;
}

static okng_status hand_round(hunt *h, const contender *outside, okng_error *error)
{
    const okng_ranks *ranks = h->rows->ranks;
    int64_t *first = okng_alloc((size_t)ranks->count + 1, sizeof *first);
    contender *bounds = okng_alloc((size_t)ranks->count, sizeof *bounds);
    char *packed = okng_alloc(h->chosen_count + 1, unit_of(h));
    void *all = NULL;
    okng_status status =
        first && bounds && packed ? OKNG_OK : okng_fail_memory(error, (h->chosen_count + 1) * unit_of(h));
    status = okng_ranks_agree(ranks, status, error);
    if (status == OKNG_OK) {
        pack_chosen(h, packed);
        bounds[ranks->rank] = *outside;
        status = okng_ranks_gather_parts(ranks, bounds, sizeof *bounds, ranks->count, error);
    }
    if (status == OKNG_OK)
        status = okng_ranks_gather_blocks(ranks, packed, unit_of(h), (int64_t)h->chosen_count, &all, first, error);
    if (status == OKNG_OK) {
        h->outside = (contender){.row = INT64_MAX};
        for (int32_t r = 0; r < ranks->count; r++)
            if (better(bounds[r], h->outside)) h->outside = bounds[r];
        status = okng_ranks_agree(ranks, keep_best(h, all, first[ranks->count], error), error);
    }
    free(all);
    free(packed);
    free(bounds);
    free(first);
    return status;
}

static okng_status start_round(hunt *h, okng_error *error)
{
    contender outside;
    waiting *chosen = realloc(h->chosen, (size_t)h->wanted * sizeof *chosen);
    okng_status status = chosen ? OKNG_OK : okng_fail_memory(error, (size_t)h->wanted * sizeof *chosen);
    if (chosen) h->chosen = chosen;
    OKNG_TRY(okng_ranks_agree(h->rows->ranks, status, error));
    choose_rows(h, &outside);
    qsort(h->chosen, h->chosen_count, sizeof *h->chosen, by_applied);
    okng_parallel_for(h->threads, (int64_t)h->chosen_count, ROW_TILE, bring_up_to_date, h);
    return hand_round(h, &outside, error);
}

/* ---- the plain loop over the rows of a round ----------------------------------------------------------------------
 */

static contender best_of(const hunt *h)
{
    contender best = {.row = INT64_MAX};
    for (size_t i = 0; i < h->best_count; i++) {
        contender one = h->best[i];
        one.place = (uint32_t)i;
        if (better(one, best)) best = one;
    }
    return best;
}

/* Makes a row the next pick, of whichever rank it is. */
static void take(hunt *h, int64_t row, const float *vector, int64_t *picks)
{
    const okng_shared_rows *rows = h->rows;
    memcpy(h->picked + h->pick_count * rows->dim, vector, (size_t)rows->dim * sizeof *vector);
    picks[h->pick_count++] = row;
    if (row < rows->first || row >= rows->first + rows->count) return;
    h->applied[row - rows->first] = PICKED;
    h->keys[row - rows->first] = 0;
}

/* Takes a contender, and applies it to the others. */
static void take_contender(hunt *h, contender one, int64_t *picks)
{
    const size_t dim = (size_t)h->rows->dim, last = --h->best_count;
    float squared[CHUNK];
    take(h, one.row, h->vectors + one.place * dim, picks);
    h->best[one.place] = h->best[last];
    if (one.place != last) memcpy(h->vectors + one.place * dim, h->vectors + last * dim, dim * sizeof *h->vectors);
    const float *pick = h->picked + (h->pick_count - 1) * h->rows->dim;
    for (size_t i = 0; i < h->best_count; i += CHUNK) {
        const size_t some = h->best_count - i < CHUNK ? h->best_count - i : CHUNK;
        h->kernels->l2_squared_block(pick, 1, h->vectors + i * dim, some, dim, squared, CHUNK);
        for (size_t k = 0; k < some; k++) h->best[i + k].key = lower_key(h, h->best[i + k].key, squared[k]);
    }
}

static okng_status tell(const hunt *h, int64_t before, int64_t count, okng_ticker *ticker, okng_error *error)
{
    if (okng_ticker_advance(ticker, (uint64_t)(h->pick_count - before))) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled after %lld of %lld coreset rows", (long long)h->pick_count,
                     (long long)count);
}

static okng_status run_rounds(hunt *h, int64_t count, okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    while (h->pick_count < count) {
        const int64_t before = h->pick_count;
        OKNG_TRY(start_round(h, error));
        for (contender best; h->pick_count < count; take_contender(h, best, picks)) {
            best = best_of(h);
            if (best.row == INT64_MAX || better(h->outside, best)) break;
        }
        if (h->pick_count - before < FEW_PICKS) h->wanted *= 2;
        if (h->pick_count - before > MANY_PICKS && h->wanted > 2 * LEAST_WANTED) h->wanted /= 2;
        OKNG_TRY(okng_ranks_agree(h->rows->ranks, tell(h, before, count, ticker, error), error));
    }
    return OKNG_OK;
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static void measure_first(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    hunt *h = context;
    float squared[CHUNK];
    h->kernels->l2_squared_block(h->picked, 1, h->rows->data + begin * h->rows->dim, (size_t)(end - begin),
                                 (size_t)h->rows->dim, squared, CHUNK);
    for (int64_t r = begin; r < end; r++) h->keys[r] = lower_key(h, h->keys[r], squared[r - begin]);
    for (int64_t r = begin; r < end; r++) h->applied[r] = h->applied[r] == PICKED ? PICKED : 1;
}

static okng_status pick_all(hunt *h, const float *ceiling, int64_t first, int64_t count, okng_ticker *ticker,
                            int64_t *picks, okng_error *error)
{
    const int64_t n = h->rows->count;
    for (int64_t r = 0; r < n; r++) h->keys[r] = ceiling ? key_of(ceiling[r]) : INFINITE;
    float *vector = okng_alloc((size_t)h->rows->dim, sizeof *vector);
    okng_status status = vector ? OKNG_OK : okng_fail_memory(error, (size_t)h->rows->dim * sizeof *vector);
    status = okng_ranks_agree(h->rows->ranks, status, error);
    if (status == OKNG_OK)
        status = okng_shared_rows_gather(h->rows, &first, 1, okng_shared_rows_copy, h->rows, vector, error);
    if (status == OKNG_OK) {
        take(h, first, vector, picks);
        okng_parallel_for(h->threads, n, CHUNK, measure_first, h);
        for (int64_t r = 0; r < n; r++)
            if (h->applied[r] == PICKED) h->keys[r] = 0;
        status = okng_ranks_agree(h->rows->ranks, tell(h, 0, count, ticker, error), error);
    }
    free(vector);
    return status == OKNG_OK ? run_rounds(h, count, ticker, picks, error) : status;
}

okng_status okng_pick_farthest_shared(const okng_shared_rows *rows, const float *ceiling, int64_t first, int64_t count,
                                      int threads, okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    if (rows->ranks->count == 1)
        return okng_pick_farthest(rows->data, rows->count, rows->dim, ceiling, first, count, threads, ticker, picks,
                                  error);
    const int64_t wanted = FIRST_WANTED / rows->ranks->count;
    hunt h = {.rows = rows,
              .kernels = okng_kernels_get(),
              .rooted = ceiling != NULL,
              .threads = threads < 1 ? 1 : threads,
              .wanted = wanted > LEAST_WANTED ? wanted : LEAST_WANTED};
    const size_t n = (size_t)rows->count, dim = (size_t)rows->dim;
    okng_status status = OKNG_OK;
    if (rows->total >= PICKED)
        status =
            okng_fail(error, OKNG_ERROR_LIMIT, "%lld rows to select from, expected fewer than %u; use reservoir-max",
                      (long long)rows->total, PICKED);
    h.keys = okng_alloc(n, sizeof *h.keys);
    h.applied = okng_alloc_zero(n, sizeof *h.applied);
    h.picked = okng_alloc((size_t)count, dim * sizeof *h.picked);
    h.tiles = okng_alloc((size_t)h.threads * ROW_TILE, dim * sizeof *h.tiles);
    if (status == OKNG_OK && (!h.keys || !h.applied || !h.picked || !h.tiles))
        status = okng_fail_memory(error, (2 * n + (size_t)count * dim) * sizeof(float));
    status = okng_ranks_agree(rows->ranks, status, error);
    if (status == OKNG_OK) status = pick_all(&h, ceiling, first, count, ticker, picks, error);
    free(h.keys);
    free(h.applied);
    free(h.picked);
    free(h.tiles);
    free(h.chosen);
    free(h.best);
    free(h.vectors);
    return status;
}
