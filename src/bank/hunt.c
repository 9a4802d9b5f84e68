/* A pick can only lower a row's value, so a value that some picks have not been applied to yet is an upper bound. The
 * work goes in rounds: the rows with the largest bounds are brought up to date with all picks, many rows and picks at a
 * time from cache; then the plain loop runs over these rows alone for as long as its best row beats the bound of every
 * row outside. Rows in the middle of the crowd are so left alone for long, and no distance is computed twice. Which
 * picks may lower a row's value at all a sieve tells, so few distances are measured. */
#include "bank/hunt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/select.h"
#include "bank/sights.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "kernels/kernels.h"

enum {
    INFINITE = 0x7f800000,    /* the key of infinity */
    CHUNK = 256,              /* contenders that a thread measures against a new pick at a time */
    MIN_CONTENDERS = 1024,    /* rows looked at in a round, at least, */
    MAX_CONTENDERS_PART = 32, /* and at most one in so many */
    FEW_PICKS = 16,           /* a round that gave fewer makes the next one look at more rows, */
    MANY_PICKS = 256,         /* one that gave more, at fewer */
    FIRST_REVIEW = 256,       /* picks after which the sieve's width is chosen, */
    REVIEWS = 4,              /* and again when there are so many times as many */
    TRIAL_PICKS = OKNG_SIEVE_BLOCK,
    TRIAL_ROWS = 96
};
#define PICKED UINT32_MAX /* in `applied` */
#define SMALL_WORK 250000 /* multiply-adds; less than this is done before other threads wake up */

struct okng_hunt {
    const float *rows;
    int64_t n, dim, count;
    bool rooted; /* values are distances, not squared */
    const okng_kernels *kernels;
    int threads;

    uint32_t *keys;       /* [n]: the rows' values, as of `applied` */
    uint32_t *applied;    /* [n]: picks that the value takes in */
    const float **picked; /* [count]: the picks so far */
    int64_t pick_count;
    int64_t left; /* rows that are not picked */

    okng_contender *contenders; /* of this round */
    float *data;                /* [contender_count, dim]: their rows */
    size_t contender_count, contender_capacity, data_capacity;
    okng_contender *chunk_best; /* [chunks] */
    size_t chunk_capacity;
    okng_contender best; /* of the contenders */
    okng_contender last; /* the worst bound that was taken: what is not worse beats every row outside */
    size_t wanted;       /* rows that the next round looks at */
    int64_t round_began; /* picks before this round */

    okng_sights sights;
    okng_sieve sieve;       /* the picks so far */
    okng_sifting *siftings; /* [threads] */
    float *tiles;           /* [threads, OKNG_SIEVE_ROWS, dim] */
    int64_t next_review;    /* picks after which the sieve's width is chosen anew */
};

/* ---- values ------------------------------------------------------------------------------------------------------ */

static uint32_t key_of(float value)
{
    uint32_t key;
    memcpy(&key, &value, sizeof key);
    return key;
}

static uint32_t lower_key(const okng_hunt *h, uint32_t key, float squared)
{
    uint32_t found = key_of(h->rooted ? sqrtf(squared) : squared);
    return found < key ? found : key;
}

/* The squared distance that a key stands for. */
static double squared_of(const okng_hunt *h, uint32_t key)
{
    float value;
    memcpy(&value, &key, sizeof value);
    return h->rooted ? (double)value * (double)value : (double)value;
}

bool okng_contender_better(okng_contender a, okng_contender b)
{
    return a.key > b.key || (a.key == b.key && a.row < b.row);
}

/* ---- the sieve: how wide ----------------------------------------------------------------------------------------- */

static void drop_sieve(okng_hunt *h)
{
    for (int t = 0; t < h->threads; t++) okng_sifting_free(&h->siftings[t]);
    okng_sieve_free(&h->sieve);
}

/* A sieve of all picks so far, seen by `sight`. */
static okng_status make_sieve(okng_hunt *h, const okng_sight *sight, okng_error *error)
{
    drop_sieve(h);
    OKNG_TRY(okng_sieve_new(&h->sieve, sight, h->count, error));
    for (int64_t p = 0; p < h->pick_count; p++) okng_sieve_set(&h->sieve, p, h->picked[p], 1);
    for (int t = 0; t < h->threads; t++) OKNG_TRY(okng_sifting_new(&h->siftings[t], &h->sieve, error));
    return OKNG_OK;
}

/* Chooses the width that costs least by what passes now. */
static okng_status review_sieve(okng_hunt *h, okng_error *error)
{
    if (h->pick_count < h->next_review || h->contender_count == 0) return OKNG_OK;
    const float *rows[TRIAL_ROWS];
    double squared[TRIAL_ROWS];
    okng_sights_trial trial = {.rows = rows, .squared = squared};
    trial.row_count = TRIAL_ROWS < (int64_t)h->contender_count ? TRIAL_ROWS : (int64_t)h->contender_count;
    trial.vector_count = TRIAL_PICKS < h->pick_count ? TRIAL_PICKS : h->pick_count;
    trial.vectors = h->picked + h->pick_count - trial.vector_count;
    for (int64_t r = 0; r < trial.row_count; r++) {
        const int64_t at = r * (int64_t)h->contender_count / trial.row_count;
        rows[r] = h->data + at * h->dim;
        squared[r] = squared_of(h, h->contenders[at].key);
    }
    const okng_sight *chosen;
    OKNG_TRY(okng_sights_choose(&h->sights, &trial, h->threads, &chosen, error));
    h->next_review *= REVIEWS;
    return chosen == h->sieve.sight ? OKNG_OK : make_sieve(h, chosen, error);
}

/* ---- a round: bringing rows up to date -------------------------------------------------------------------------- */

static void measure_first(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    okng_hunt *h = context;
    float squared[CHUNK];
    h->kernels->l2_squared_block(h->picked[0], 1, h->rows + begin * h->dim, (size_t)(end - begin), (size_t)h->dim,
                                 squared, CHUNK);
    for (int64_t r = begin; r < end; r++) h->keys[r] = lower_key(h, h->keys[r], squared[r - begin]);
    for (int64_t r = begin; r < end; r++) h->applied[r] = h->applied[r] == PICKED ? PICKED : 1;
}

/* Measures a row against the picks from `first` on that the sieve let pass. */
static uint32_t measure_passed(const okng_hunt *h, const float *row, uint32_t key, const uint16_t *marks, int64_t first)
{
    for (int64_t panel = first; panel < h->pick_count && panel < first + OKNG_SIEVE_BLOCK; panel += OKNG_SIEVE_PANEL)
        for (unsigned left = *marks++; left != 0; left &= left - 1) {
            int64_t pick = panel + __builtin_ctz(left);
            if (pick >= h->pick_count) break;
            key = lower_key(h, key, h->kernels->l2_squared(row, h->picked[pick], (size_t)h->dim));
        }
    return key;
}

/* Up to OKNG_SIEVE_ROWS contenders. They are in the order of `applied`, so they have about the same picks to catch up
 * with. */
static void bring_tile_up_to_date(okng_hunt *h, okng_contender *c, int64_t rows, int thread)
{
    size_t dim = (size_t)h->dim;
    float *tile = h->tiles + (size_t)thread * OKNG_SIEVE_ROWS * dim;
    okng_sifting *sifting = &h->siftings[thread];
    for (int64_t r = 0; r < rows; r++) memcpy(tile + (size_t)r * dim, h->rows + c[r].row * h->dim, dim * sizeof *tile);
    okng_sifting_rows(sifting, tile, rows);
    for (int64_t r = 0; r < rows; r++) okng_sifting_reach(sifting, r, squared_of(h, c[r].key));
    for (int64_t pick = c[0].applied / OKNG_SIEVE_PANEL * OKNG_SIEVE_PANEL; pick < h->pick_count;
         pick += OKNG_SIEVE_BLOCK) {
        okng_sifting_block(sifting, pick, OKNG_SIEVE_BLOCK);
        for (int64_t r = 0; r < rows; r++) {
            const uint32_t before = c[r].key;
            c[r].key = measure_passed(h, tile + (size_t)r * dim, before, okng_sifting_marks(sifting, r), pick);
            if (c[r].key != before) okng_sifting_reach(sifting, r, squared_of(h, c[r].key));
        }
    }
    for (int64_t r = 0; r < rows; r++) {
        h->keys[c[r].row] = c[r].key;
        h->applied[c[r].row] = c[r].applied = (uint32_t)h->pick_count;
    }
}

static void bring_up_to_date(void *context, int64_t begin, int64_t end, int thread)
{
    okng_hunt *h = context;
    for (int64_t first = begin; first < end; first += OKNG_SIEVE_ROWS)
        bring_tile_up_to_date(h, h->contenders + first, end - first < OKNG_SIEVE_ROWS ? end - first : OKNG_SIEVE_ROWS,
                              thread);
}

static int by_applied(const void *a, const void *b)
{
    const okng_contender *x = a, *y = b;
    if (x->applied != y->applied) return x->applied < y->applied ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static okng_status make_room(okng_hunt *h, size_t rows, okng_error *error)
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

/* The `wanted` rows with the best bounds become contenders; returns how many there are. */
static size_t choose_contenders(okng_hunt *h, size_t wanted)
{
    uint32_t bound = okng_select_key(h->keys, (size_t)h->n, wanted);
    size_t above = 0, taken = 0;
    for (int64_t r = 0; r < h->n; r++) above += h->keys[r] > bound;
    h->last = (okng_contender){.row = -1, .key = bound};
    for (int64_t r = 0; r < h->n && taken < wanted; r++) {
        if (h->keys[r] < bound || h->applied[r] == PICKED) continue;
        if (h->keys[r] == bound) {
            if (above == wanted) continue; /* all places that rows at the bound may take are taken */
            above++;
            h->last.row = r;
        }
        h->contenders[taken++] = (okng_contender){r, h->keys[r], h->applied[r]};
    }
    return taken;
}

/* The rows with the best bounds become contenders, are brought up to date, and those that then still are better than
 * every row outside stay. */
static okng_status start_round(okng_hunt *h, okng_error *error)
{
    size_t wanted = h->wanted < (size_t)h->left ? h->wanted : (size_t)h->left;
    OKNG_TRY(make_room(h, wanted, error));
    size_t taken = choose_contenders(h, wanted);
    qsort(h->contenders, taken, sizeof *h->contenders, by_applied);
    okng_parallel_for(h->threads, (int64_t)taken, OKNG_SIEVE_ROWS, bring_up_to_date, h);
    h->contender_count = 0;
    h->best = (okng_contender){.row = INT64_MAX};
    for (size_t i = 0; i < taken; i++) {
        if (okng_contender_better(h->last, h->contenders[i])) continue;
        memcpy(h->data + h->contender_count * (size_t)h->dim, h->rows + h->contenders[i].row * h->dim,
               (size_t)h->dim * sizeof *h->data);
        if (okng_contender_better(h->contenders[i], h->best)) h->best = h->contenders[i];
        h->contenders[h->contender_count++] = h->contenders[i];
    }
    h->round_began = h->pick_count;
    return review_sieve(h, error);
}

/* Puts the contenders' values back, and looks at more or fewer rows next time. */
static void end_round(okng_hunt *h)
{
    for (size_t i = 0; i < h->contender_count; i++) {
        h->keys[h->contenders[i].row] = h->contenders[i].key;
        h->applied[h->contenders[i].row] = (uint32_t)h->pick_count;
    }
    const int64_t picks = h->pick_count - h->round_began;
    if (picks < FEW_PICKS && h->wanted * 2 <= (size_t)h->n / MAX_CONTENDERS_PART) h->wanted *= 2;
    if (picks > MANY_PICKS && h->wanted > MIN_CONTENDERS) h->wanted /= 2;
    h->contender_count = 0;
}

/* ---- a round: the plain loop ------------------------------------------------------------------------------------- */

static void apply_pick(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    okng_hunt *h = context;
    float squared[CHUNK];
    h->kernels->l2_squared_block(h->picked[h->pick_count - 1], 1, h->data + begin * h->dim, (size_t)(end - begin),
                                 (size_t)h->dim, squared, CHUNK);
    okng_contender best = {.row = INT64_MAX};
    for (int64_t i = begin; i < end; i++) {
        okng_contender *c = h->contenders + i;
        c->key = lower_key(h, c->key, squared[i - begin]);
        if (okng_contender_better(*c, best)) best = *c;
    }
    h->chunk_best[begin / CHUNK] = best;
}

/* Applies the last pick to the contenders and finds their best. */
static void apply_to_contenders(okng_hunt *h)
{
    h->best = (okng_contender){.row = INT64_MAX};
    int64_t count = (int64_t)h->contender_count;
    okng_parallel_for(count * h->dim < SMALL_WORK ? 1 : h->threads, count, CHUNK, apply_pick, h);
    for (int64_t chunk = 0; chunk * CHUNK < count; chunk++)
        if (okng_contender_better(h->chunk_best[chunk], h->best)) h->best = h->chunk_best[chunk];
}

static void remove_contender(okng_hunt *h, int64_t row)
{
    size_t at = 0, dim = (size_t)h->dim;
    while (at < h->contender_count && h->contenders[at].row != row) at++;
    if (at == h->contender_count) return;
    size_t end = --h->contender_count;
    h->contenders[at] = h->contenders[end];
    if (at != end) memcpy(h->data + at * dim, h->data + end * dim, dim * sizeof *h->data);
}

okng_status okng_hunt_best(okng_hunt *h, okng_contender *best, okng_error *error)
{
    while (h->left > 0 && (h->contender_count == 0 || okng_contender_better(h->last, h->best))) {
        end_round(h);
        OKNG_TRY(start_round(h, error));
    }
    *best = h->left > 0 ? h->best : (okng_contender){.row = INT64_MAX};
    return OKNG_OK;
}

static int by_value(const void *a, const void *b)
{
    const okng_contender *x = a, *y = b;
    return okng_contender_better(*y, *x) - okng_contender_better(*x, *y);
}

okng_status okng_hunt_leaders(okng_hunt *h, int64_t wanted, okng_contender *leaders, int64_t *count,
                              okng_contender *outside, okng_error *error)
{
    okng_contender best;
    *count = 0;
    *outside = (okng_contender){.row = INT64_MAX};
    OKNG_TRY(okng_hunt_best(h, &best, error));
    if (h->left == 0) return OKNG_OK;
    okng_contender *sorted = okng_alloc(h->contender_count, sizeof *sorted);
    if (!sorted) return okng_fail_memory(error, h->contender_count * sizeof *sorted);
    memcpy(sorted, h->contenders, h->contender_count * sizeof *sorted);
    qsort(sorted, h->contender_count, sizeof *sorted, by_value);
    const int64_t there = (int64_t)h->contender_count;
    if (h->left > there) *outside = h->last;
    for (; *count < wanted && *count < there && !okng_contender_better(h->last, sorted[*count]); ++*count)
        leaders[*count] = sorted[*count];
    if (*count < there && okng_contender_better(sorted[*count], *outside)) *outside = sorted[*count];
    free(sorted);
    return OKNG_OK;
}

void okng_hunt_take(okng_hunt *h, const float *vector, int64_t row)
{
    okng_sieve_set(&h->sieve, h->pick_count, vector, 1);
    h->picked[h->pick_count++] = vector;
    if (row >= 0) {
        remove_contender(h, row);
        h->applied[row] = PICKED;
        h->keys[row] = 0;
        h->left--;
    }
    if (h->pick_count == 1) okng_parallel_for(h->threads, h->n, CHUNK, measure_first, h);
    apply_to_contenders(h);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

/* From evenly spread rows. */
static okng_status look_at_rows(okng_hunt *h, okng_error *error)
{
    const int64_t count = okng_sights_samples(h->n);
    const size_t row = (size_t)h->dim * sizeof(float);
    float *samples = okng_alloc((size_t)count, row);
    if (!samples) return okng_fail_memory(error, (size_t)count * row);
    for (int64_t i = 0; i < count; i++) memcpy(samples + i * h->dim, h->rows + i * h->n / count * h->dim, row);
    OKNG_TRY(okng_sights_new(&h->sights, samples, count, h->dim, error));
    return make_sieve(h, h->sights.of, error);
}

okng_status okng_hunt_new(okng_hunt **out, const float *rows, int64_t n, int64_t dim, const float *ceiling,
                          int64_t count, int threads, okng_error *error)
{
    *out = NULL;
    if (n >= PICKED || count >= PICKED)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%lld rows to select from, expected fewer than %u; use reservoir-max",
                         (long long)(n > count ? n : count), PICKED);
    okng_hunt *h = calloc(1, sizeof *h);
    if (!h) return okng_fail_memory(error, sizeof *h);
    *h = (okng_hunt){.rows = rows,
                     .n = n,
                     .dim = dim,
                     .count = count,
                     .rooted = ceiling != NULL,
                     .kernels = okng_kernels_get(),
                     .threads = threads < 1 ? 1 : threads,
                     .left = n,
                     .wanted = MIN_CONTENDERS,
                     .next_review = FIRST_REVIEW};
    h->keys = okng_alloc((size_t)n, sizeof *h->keys);
    h->applied = okng_alloc_zero((size_t)n, sizeof *h->applied);
    h->picked = okng_alloc((size_t)count, sizeof *h->picked);
    h->siftings = okng_alloc_zero((size_t)h->threads, sizeof *h->siftings);
    h->tiles = okng_alloc((size_t)h->threads * OKNG_SIEVE_ROWS, (size_t)dim * sizeof *h->tiles);
    okng_status status = h->keys && h->applied && h->picked && h->siftings && h->tiles
                             ? look_at_rows(h, error)
                             : okng_fail_memory(error, (size_t)n * 2 * sizeof *h->keys);
    for (int64_t r = 0; r < n && status == OKNG_OK; r++) h->keys[r] = ceiling ? key_of(ceiling[r]) : INFINITE;
    if (status == OKNG_OK)
        *out = h;
    else
        okng_hunt_free(&h);
    return status;
}

void okng_hunt_free(okng_hunt **hunt)
{
    okng_hunt *h = *hunt;
    if (!h) return;
    if (h->siftings) drop_sieve(h);
    okng_sights_free(&h->sights);
    free(h->keys);
    free(h->applied);
    free(h->picked);
    free(h->siftings);
    free(h->tiles);
    free(h->contenders);
    free(h->data);
    free(h->chunk_best);
    free(h);
    *hunt = NULL;
}

uint64_t okng_hunt_bytes(int64_t n, int64_t dim, int64_t count)
{
    const int64_t part = n / MAX_CONTENDERS_PART;
    const uint64_t row = (uint64_t)dim * sizeof(float);
    const uint64_t contenders = (uint64_t)(part > MIN_CONTENDERS ? part : MIN_CONTENDERS);
    return (uint64_t)n * 2 * sizeof(uint32_t) + (uint64_t)count * sizeof(float *) + okng_sieve_bytes(dim, count) +
           contenders * (row + sizeof(okng_contender)) + (uint64_t)okng_sights_samples(n) * row;
}
