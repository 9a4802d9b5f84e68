/* A pick can only lower a row's value, so a value that some picks have not been applied to yet is an upper bound. The
 * work goes in rounds: the rows with the largest bounds are brought up to date with all picks, many rows and picks at a
 * time from cache; then the plain loop runs over these rows alone for as long as its best row beats the bound of every
 * row outside. Rows in the middle of the crowd are so left alone for long, and no distance is computed twice. */
#include "bank/farthest.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bank/select.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "kernels/kernels.h"

enum {
    INFINITE = 0x7f800000, /* the key of infinity: bits of a float that is not negative order as the float */
    ROW_TILE = 16,         /* rows brought up to date together */
    PICK_TILE = 128,       /* picks that they are measured against at a time */
    CHUNK = 256,           /* contenders that a thread measures against a new pick at a time */
    MIN_CONTENDERS = 1024, /* rows looked at in a round */
    FEW_PICKS = 16,        /* a round that gave fewer makes the next one look at more rows, */
    MANY_PICKS = 256,      /* one that gave more, at fewer */
    REPORTS = 1000         /* times that the ticker hears of it */
};
#define PICKED UINT32_MAX /* in `applied` */
#define SMALL_WORK 250000 /* multiply-adds; less than this is done before other threads wake up */

typedef struct contender {
    int64_t row;
    uint32_t applied, key;
} contender;

typedef struct hunt {
    const float *rows;
    int64_t n, dim;
    bool rooted; /* values are distances, not squared */
    const okng_kernels *kernels;
    int threads;

    uint32_t *keys;    /* [n]: the rows' values, as of `applied` */
    uint32_t *applied; /* [n]: picks that the value takes in */
    float *picked;     /* [count, dim]: the picks so far, side by side */
    int64_t pick_count;

    contender *contenders; /* of this round */
    float *data;           /* [contender_count, dim]: their rows */
    size_t contender_count, contender_capacity, data_capacity;
    contender *chunk_best; /* [chunks] */
    size_t chunk_capacity;
    float *buffers; /* [threads, ROW_TILE, dim] */
} hunt;

static uint32_t key_of(float value)
{
    uint32_t key;
    memcpy(&key, &value, sizeof key);
    return key;
}

static uint32_t lower_key(const hunt *h, uint32_t key, float squared)
{
    uint32_t found = key_of(h->rooted ? sqrtf(squared) : squared);
    return found < key ? found : key;
}

static bool better(contender a, contender b)
{
    return a.key > b.key || (a.key == b.key && a.row < b.row);
}

static float smallest(const float *values, int64_t count)
{
    float least[4] = {INFINITY, INFINITY, INFINITY, INFINITY}; /* independent, so that they run side by side */
    int64_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (int64_t j = 0; j < 4; j++) least[j] = values[i + j] < least[j] ? values[i + j] : least[j];
    for (; i < count; i++) least[0] = values[i] < least[0] ? values[i] : least[0];
    for (int64_t j = 1; j < 4; j++) least[0] = least[j] < least[0] ? least[j] : least[0];
    return least[0];
}

/* ---- a round: bringing rows up to date -------------------------------------------------------------------------- */

static void measure_first(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    hunt *h = context;
    float squared[CHUNK];
    h->kernels->l2_squared_block(h->picked, 1, h->rows + begin * h->dim, (size_t)(end - begin), (size_t)h->dim, squared,
                                 CHUNK);
    for (int64_t r = begin; r < end; r++) h->keys[r] = lower_key(h, h->keys[r], squared[r - begin]);
    for (int64_t r = begin; r < end; r++) h->applied[r] = h->applied[r] == PICKED ? PICKED : 1;
}

/* Contenders are in the order of `applied`, so those of a tile have about the same picks to catch up with. */
static void bring_up_to_date(void *context, int64_t begin, int64_t end, int thread)
{
    hunt *h = context;
    size_t dim = (size_t)h->dim;
    float *tile = h->buffers + (size_t)thread * ROW_TILE * dim, squared[ROW_TILE * PICK_TILE];
    for (int64_t first = begin; first < end; first += ROW_TILE) {
        int64_t rows = end - first < ROW_TILE ? end - first : ROW_TILE;
        contender *c = h->contenders + first;
        for (int64_t r = 0; r < rows; r++)
            memcpy(tile + (size_t)r * dim, h->rows + c[r].row * h->dim, dim * sizeof *tile);
        for (int64_t pick = c[0].applied; pick < h->pick_count; pick += PICK_TILE) {
            int64_t picks = h->pick_count - pick < PICK_TILE ? h->pick_count - pick : PICK_TILE;
            h->kernels->l2_squared_block(tile, (size_t)rows, h->picked + pick * h->dim, (size_t)picks, dim, squared,
                                         PICK_TILE);
            for (int64_t r = 0; r < rows; r++)
                c[r].key = lower_key(h, c[r].key, smallest(squared + r * PICK_TILE, picks));
        }
        for (int64_t r = 0; r < rows; r++) {
            h->keys[c[r].row] = c[r].key;
            h->applied[c[r].row] = c[r].applied = (uint32_t)h->pick_count;
        }
    }
}

static int by_applied(const void *a, const void *b)
{
    const contender *x = a, *y = b;
    if (x->applied != y->applied) return x->applied < y->applied ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static okng_status make_room(hunt *h, size_t rows, okng_error *error)
{
    void *contenders = h->contenders, *data = h->data, *best = h->chunk_best;
    bool room = okng_grow(&contenders, &h->contender_capacity, rows, sizeof *h->contenders) &&
                okng_grow(&data, &h->data_capacity, rows, (size_t)h->dim * sizeof *h->data) &&
                okng_grow(&best, &h->chunk_capacity, rows / CHUNK + 1, sizeof *h->chunk_best);
    h->contenders = contenders;
    h->data = data;
    h->chunk_best = best;
    return room ? OKNG_OK : okng_fail_memory(error, rows * (size_t)h->dim * sizeof *h->data);
}

/* The `wanted` rows with the best bounds become contenders, are brought up to date, and those that then still are
 * better than every row outside stay. `last` is the worst bound taken, so what is not worse than it beats the rest. */
static okng_status start_round(hunt *h, size_t wanted, contender *last, okng_error *error)
{
    OKNG_TRY(make_room(h, wanted, error));
    uint32_t bound = okng_select_key(h->keys, (size_t)h->n, wanted);
    size_t above = 0, taken = 0;
    for (int64_t r = 0; r < h->n; r++) above += h->keys[r] > bound;
    *last = (contender){.row = -1, .key = bound};
    for (int64_t r = 0; r < h->n && taken < wanted; r++) {
        if (h->keys[r] < bound || h->applied[r] == PICKED) continue;
        if (h->keys[r] == bound) {
            if (above == wanted) continue; /* all places that rows at the bound may take are taken */
            above++;
            last->row = r;
        }
        h->contenders[taken++] = (contender){r, h->applied[r], h->keys[r]};
    }
    qsort(h->contenders, taken, sizeof *h->contenders, by_applied);
    okng_parallel_for(h->threads, (int64_t)taken, ROW_TILE, bring_up_to_date, h);
    h->contender_count = 0;
    for (size_t i = 0; i < taken; i++) {
        if (better(*last, h->contenders[i])) continue;
        memcpy(h->data + h->contender_count * (size_t)h->dim, h->rows + h->contenders[i].row * h->dim,
               (size_t)h->dim * sizeof *h->data);
        h->contenders[h->contender_count++] = h->contenders[i];
    }
    return OKNG_OK;
}

/* ---- a round: the plain loop ------------------------------------------------------------------------------------- */

static void apply_pick(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    hunt *h = context;
    float squared[CHUNK];
    h->kernels->l2_squared_block(h->picked + (h->pick_count - 1) * h->dim, 1, h->data + begin * h->dim,
                                 (size_t)(end - begin), (size_t)h->dim, squared, CHUNK);
    contender best = {.row = INT64_MAX, .key = 0};
    for (int64_t i = begin; i < end; i++) {
        contender *c = h->contenders + i;
        c->key = lower_key(h, c->key, squared[i - begin]);
        if (better(*c, best)) best = *c;
    }
    h->chunk_best[begin / CHUNK] = best;
}

/* Makes `row` the next pick. */
static void record(hunt *h, int64_t row, int64_t *picks)
{
    memcpy(h->picked + h->pick_count * h->dim, h->rows + row * h->dim, (size_t)h->dim * sizeof *h->picked);
    picks[h->pick_count++] = row;
    h->applied[row] = PICKED;
    h->keys[row] = 0;
}

/* Applies the last pick to the contenders, of which it is one no more, and finds the best of the others. */
static contender apply_to_contenders(hunt *h)
{
    contender best = {.row = INT64_MAX, .key = 0};
    int64_t count = (int64_t)h->contender_count;
    okng_parallel_for(count * h->dim < SMALL_WORK ? 1 : h->threads, count, CHUNK, apply_pick, h);
    for (int64_t chunk = 0; chunk * CHUNK < count; chunk++)
        if (better(h->chunk_best[chunk], best)) best = h->chunk_best[chunk];
    return best;
}

static void remove_contender(hunt *h, int64_t row)
{
    size_t at = 0, dim = (size_t)h->dim;
    while (h->contenders[at].row != row) at++;
    size_t end = --h->contender_count;
    h->contenders[at] = h->contenders[end];
    if (at != end) memcpy(h->data + at * dim, h->data + end * dim, dim * sizeof *h->data);
}

static okng_status report(const hunt *h, int64_t count, okng_ticker *ticker, okng_error *error)
{
    int64_t step = count / REPORTS + 1, rest = h->pick_count % step;
    if (rest != 0 && h->pick_count != count) return OKNG_OK;
    if (okng_ticker_advance(ticker, (uint64_t)(rest != 0 ? rest : step))) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled after %lld of %lld coreset rows", (long long)h->pick_count,
                     (long long)count);
}

/* Picks while the best contender is sure to be the best of all. */
static okng_status run_round(hunt *h, contender last, int64_t count, okng_ticker *ticker, int64_t *picks,
                             okng_error *error)
{
    contender best = {.row = INT64_MAX, .key = 0};
    for (size_t i = 0; i < h->contender_count; i++)
        if (better(h->contenders[i], best)) best = h->contenders[i];
    while (h->pick_count < count && best.row != INT64_MAX && !better(last, best)) {
        record(h, best.row, picks);
        remove_contender(h, best.row);
        best = apply_to_contenders(h);
        OKNG_TRY(report(h, count, ticker, error));
    }
    for (size_t i = 0; i < h->contender_count; i++) {
        h->keys[h->contenders[i].row] = h->contenders[i].key;
        h->applied[h->contenders[i].row] = (uint32_t)h->pick_count;
    }
    return OKNG_OK;
}

static okng_status pick_all(hunt *h, const float *ceiling, int64_t first, int64_t count, okng_ticker *ticker,
                            int64_t *picks, okng_error *error)
{
    for (int64_t r = 0; r < h->n; r++) h->keys[r] = ceiling ? key_of(ceiling[r]) : INFINITE;
    record(h, first, picks);
    okng_parallel_for(h->threads, h->n, CHUNK, measure_first, h);
    OKNG_TRY(report(h, count, ticker, error));
    size_t wanted = MIN_CONTENDERS;
    while (h->pick_count < count) {
        size_t left = (size_t)(h->n - h->pick_count);
        contender last;
        int64_t before = h->pick_count;
        OKNG_TRY(start_round(h, wanted < left ? wanted : left, &last, error));
        OKNG_TRY(run_round(h, last, count, ticker, picks, error));
        if (h->pick_count - before < FEW_PICKS && wanted < (size_t)h->n / 8) wanted *= 2;
        if (h->pick_count - before > MANY_PICKS && wanted > MIN_CONTENDERS) wanted /= 2;
    }
    return OKNG_OK;
}

okng_status okng_pick_farthest(const float *rows, int64_t n, int64_t dim, const float *ceiling, int64_t first,
                               int64_t count, int threads, okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    if (n >= PICKED)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%lld rows to select from, expected fewer than %u; use reservoir-max",
                         (long long)n, PICKED);
    hunt h = {.rows = rows,
              .n = n,
              .dim = dim,
              .rooted = ceiling != NULL,
              .kernels = okng_kernels_get(),
              .threads = threads < 1 ? 1 : threads};
    size_t columns = (size_t)dim;
    h.keys = okng_alloc((size_t)n, sizeof *h.keys);
    h.applied = okng_alloc_zero((size_t)n, sizeof *h.applied);
    h.picked = okng_alloc((size_t)count, columns * sizeof *h.picked);
    h.buffers = okng_alloc((size_t)h.threads * ROW_TILE, columns * sizeof *h.buffers);
    okng_status status = h.keys && h.applied && h.picked && h.buffers
                             ? pick_all(&h, ceiling, first, count, ticker, picks, error)
                             : okng_fail_memory(error, ((size_t)n * 2 + (size_t)count * columns) * sizeof(float));
    free(h.keys);
    free(h.applied);
    free(h.picked);
    free(h.buffers);
    free(h.contenders);
    free(h.data);
    free(h.chunk_best);
    return status;
}
