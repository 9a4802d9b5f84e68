/* Lloyd's rounds, each of which gives every row its nearest centre and every centre the mean of its rows. Little of it
 * has to be done: a row whose centre stayed where it was can only go to one that moved; a sieve tells which centres may
 * be nearer than the row's own at all; and a centre that no row came to or went from has the mean that it had. Sums of
 * rows are taken in their order, from 0, whatever was left out, so the bits are those of doing everything. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/kmeans.h"
#include "bank/sights.h"
#include "base/memory.h"
#include "kernels/kernels.h"

enum {
    CHOICES = 2,   /* first rounds in which the sieve's width is chosen: among seeds, and among means */
    SUM_GRAIN = 4, /* centres whose rows a thread sums at a time */
    SEEN_MOST_WIDTH = 128
};
#define SEEN_BYTES ((uint64_t)256 << 20) /* of outlines that are kept, at most; else they are made anew each round */

/* Whether the sum of a centre's rows is to be taken anew, or was mended without. */
typedef enum centre_state { CLEAN, DIRTY, MENDED } centre_state;

typedef struct lloyd {
    okng_kmeans_state *m;
    int round;
    double *means;       /* [count, dim]: sums of the rows of each centre */
    int64_t *members;    /* [count] */
    centre_state *state; /* [count] */
    bool *moved;         /* [count]: it has other bits than in the round before */
    int64_t *moving;     /* [moving_count]: those that have */
    int64_t moving_count;

    okng_sieve all, some;   /* of all centres; of those that moved */
    okng_sifting *siftings; /* [threads] */
    float *seen;            /* NULL, or [n, width]: rows as they are seen */
    double *blur;           /* [n] */

    int64_t *nearest; /* [block_rows]: the new centre of each row */
    int64_t *rows; /* [block_rows]: rows of the block that are looked at together; then in the order of their centres */
    int64_t row_count;
    const okng_sieve *sieve; /* that they are sifted by */
    int64_t *begins;         /* [count + 1]: where the rows of each centre begin in `rows` */
} lloyd;

/* ---- the sieve --------------------------------------------------------------------------------------------------- */

static bool is_outlined(const lloyd *l)
{
    return l->all.sight->width < l->m->dim;
}

static void see_rows(void *context, int64_t begin, int64_t end, int thread)
{
    lloyd *l = context;
    const okng_kmeans_state *m = l->m;
    const int64_t at = m->first + begin;
    okng_sight_see(l->all.sight, m->block + begin * m->dim, end - begin, l->seen + at * l->all.sight->width,
                   l->blur + at, l->siftings[thread].scratch);
}

static okng_status see_all_rows(lloyd *l, okng_error *error)
{
    okng_kmeans_state *m = l->m;
    const uint64_t bytes = (uint64_t)m->n * (uint64_t)l->all.sight->width * sizeof(float);
    if (!is_outlined(l) || bytes > SEEN_BYTES) return OKNG_OK;
    l->seen = okng_alloc((size_t)bytes, 1);
    if (!l->seen) return okng_fail_memory(error, (size_t)bytes);
    for (int64_t first = 0; first < m->n; first += m->block_rows) {
        OKNG_TRY(okng_kmeans_read(m, first, error));
        okng_parallel_for(m->threads, m->block_count, OKNG_SIEVE_ROWS, see_rows, l);
    }
    return OKNG_OK;
}

static void drop_sieve(lloyd *l)
{
    for (int t = 0; t < l->m->threads; t++) okng_sifting_free(&l->siftings[t]);
    okng_sieve_free(&l->all);
    okng_sieve_free(&l->some);
    free(l->seen);
    l->seen = NULL;
}

static okng_status make_sieve(lloyd *l, const okng_sight *sight, okng_error *error)
{
    const okng_kmeans_state *m = l->m;
    drop_sieve(l);
    OKNG_TRY(okng_sieve_new(&l->all, sight, m->count, error));
    OKNG_TRY(okng_sieve_new(&l->some, sight, m->count, error));
    for (int t = 0; t < m->threads; t++) OKNG_TRY(okng_sifting_new(&l->siftings[t], &l->all, error));
    for (int64_t c = 0; c < m->count; c += OKNG_SIEVE_ROWS)
        okng_sieve_set(&l->all, c, m->centres + c * m->dim,
                       m->count - c < OKNG_SIEVE_ROWS ? m->count - c : OKNG_SIEVE_ROWS);
    return see_all_rows(l, error);
}

static okng_status choose_sieve(lloyd *l, okng_error *error)
{
    const okng_sight *chosen;
    OKNG_TRY(okng_kmeans_choose(l->m, l->m->count, &chosen, error));
    return chosen == l->all.sight ? OKNG_OK : make_sieve(l, chosen, error);
}

/* ---- every row to its nearest centre ----------------------------------------------------------------------------- */

/* Measures a row against the centres from `first` of the sieve on that passed; ties go to the lower centre. */
static void measure_passed(const lloyd *l, const float *row, const uint16_t *marks, int64_t first, int64_t most,
                           float *squared, int64_t *own)
{
    const okng_kmeans_state *m = l->m;
    for (int64_t panel = first; panel < l->sieve->count && panel < first + most; panel += OKNG_SIEVE_PANEL)
        for (unsigned left = *marks++; left != 0; left &= left - 1) {
            const int64_t at = panel + __builtin_ctz(left);
            if (at >= l->sieve->count) break;
            const int64_t c = l->sieve == &l->all ? at : l->moving[at];
            const float found = okng_kernels_get()->l2_squared(row, m->centres + c * m->dim, (size_t)m->dim);
            if (found < *squared || (found == *squared && c < *own)) {
                *squared = found;
                *own = c;
            }
        }
}

static void prepare_row(const lloyd *l, okng_sifting *sifting, int64_t r, int64_t row)
{
    okng_kmeans_state *m = l->m;
    const int64_t at = m->first + row, own = m->assignment[at];
    const float *values = m->block + row * m->dim;
    if (l->seen)
        okng_sifting_seen(sifting, r, l->seen + at * l->all.sight->width, l->blur[at]);
    else
        okng_sifting_row(sifting, r, values);
    if (l->moved[own])
        m->weights[at] = okng_kernels_get()->l2_squared(values, m->centres + own * m->dim, (size_t)m->dim);
    okng_sifting_reach(sifting, r, (double)nextafterf(m->weights[at], INFINITY));
}

/* Finds the nearest centre of rows of the block: at most OKNG_SIEVE_ROWS of l->rows. */
static void seek(void *context, int64_t begin, int64_t end, int thread)
{
    lloyd *l = context;
    okng_kmeans_state *m = l->m;
    okng_sifting *sifting = &l->siftings[thread];
    const int64_t *rows = l->rows + begin;
    sifting->sieve = l->sieve;
    sifting->count = end - begin;
    for (int64_t r = 0; r < end - begin; r++) prepare_row(l, sifting, r, rows[r]);
    int64_t most = l->round == 0 ? OKNG_SIEVE_PANEL : OKNG_SIEVE_BLOCK; /* at first little is known to be near */
    for (int64_t first = 0; first < l->sieve->count; first += most) {
        if (first > 0 && most < OKNG_SIEVE_BLOCK) most *= 2;
        okng_sifting_block(sifting, first, most);
        for (int64_t r = 0; r < end - begin; r++) {
            float *squared = m->weights + m->first + rows[r], before = *squared;
            measure_passed(l, m->block + rows[r] * m->dim, okng_sifting_marks(sifting, r), first, most, squared,
                           l->nearest + rows[r]);
            if (*squared < before) okng_sifting_reach(sifting, r, (double)nextafterf(*squared, INFINITY));
        }
    }
}

/* Sifts the rows of the block whose centre moved, or that were never sifted (`all`), or the others. */
static void seek_some(lloyd *l, bool all)
{
    const okng_kmeans_state *m = l->m;
    l->sieve = all ? &l->all : &l->some;
    if (l->sieve->count == 0) return;
    l->row_count = 0;
    for (int64_t r = 0; r < m->block_count; r++)
        if ((l->round == 0 || l->moved[m->assignment[m->first + r]]) == all) l->rows[l->row_count++] = r;
    okng_parallel_for(m->threads, l->row_count, OKNG_SIEVE_ROWS, seek, l);
}

/* *changed when a row has another centre than before. */
static okng_status assign(lloyd *l, bool *changed, okng_error *error)
{
    okng_kmeans_state *m = l->m;
    *changed = l->round == 0;
    memset(l->members, 0, (size_t)m->count * sizeof *l->members);
    for (int64_t first = 0; first < m->n; first += m->block_rows) {
        OKNG_TRY(okng_kmeans_read(m, first, error));
        memcpy(l->nearest, m->assignment + first, (size_t)m->block_count * sizeof *l->nearest);
        seek_some(l, true);
        seek_some(l, false);
        for (int64_t r = 0; r < m->block_count; r++) {
            int64_t *own = &m->assignment[first + r];
            const int64_t nearest = l->nearest[r];
            *changed |= *own != nearest;
            if (*own != nearest) l->state[*own] = l->state[nearest] = DIRTY;
            *own = nearest;
            l->members[nearest]++;
        }
    }
    return OKNG_OK;
}

/* ---- every centre to the mean of its rows ------------------------------------------------------------------------ */

static void sum_rows(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const lloyd *l = context;
    const int64_t dim = l->m->dim;
    for (int64_t c = begin; c < end; c++)
        for (int64_t i = l->begins[c]; i < l->begins[c + 1]; i++) {
            const float *row = l->m->block + l->rows[i] * dim;
            double *mean = l->means + c * dim;
            for (int64_t d = 0; d < dim; d++) mean[d] += (double)row[d];
        }
}

/* The block's rows of dirty centres, by their centres, each centre's in their order. */
static void sort_rows(lloyd *l)
{
    const okng_kmeans_state *m = l->m;
    const int64_t *own = m->assignment + m->first;
    int64_t *begins = l->begins;
    memset(begins, 0, (size_t)(m->count + 1) * sizeof *begins);
    for (int64_t r = 0; r < m->block_count; r++) begins[own[r] + 1] += l->state[own[r]] == DIRTY;
    for (int64_t c = 0; c < m->count; c++) begins[c + 1] += begins[c];
    for (int64_t r = 0; r < m->block_count; r++)
        if (l->state[own[r]] == DIRTY) l->rows[begins[own[r]]++] = r;
    memmove(begins + 1, begins, (size_t)m->count * sizeof *begins); /* each stands where the next one begins */
    begins[0] = 0;
}

static okng_status sum_dirty(lloyd *l, okng_error *error)
{
    okng_kmeans_state *m = l->m;
    for (int64_t c = 0; c < m->count; c++)
        if (l->state[c] == DIRTY) memset(l->means + c * m->dim, 0, (size_t)m->dim * sizeof *l->means);
    for (int64_t first = 0; first < m->n; first += m->block_rows) {
        OKNG_TRY(okng_kmeans_read(m, first, error));
        sort_rows(l);
        okng_parallel_for(m->threads, m->count, SUM_GRAIN, sum_rows, l);
    }
    return OKNG_OK;
}

/* An emptied centre takes the row that is farthest from its own centre, unless every row lies on its centre or is alone
 * there; then it stays where it was. */
static okng_status refill(lloyd *l, int64_t empty, okng_error *error)
{
    okng_kmeans_state *m = l->m;
    int64_t farthest = -1;
    float squared = 0;
    for (int64_t r = 0; r < m->n; r++)
        if (m->weights[r] > squared && l->members[m->assignment[r]] > 1) {
            squared = m->weights[r];
            farthest = r;
        }
    if (farthest < 0) return OKNG_OK;
    OKNG_TRY(okng_store_read(m->store, farthest, 1, m->row, error));
    const int64_t old = m->assignment[farthest];
    for (int64_t d = 0; d < m->dim; d++) {
        l->means[old * m->dim + d] -= (double)m->row[d];
        l->means[empty * m->dim + d] = (double)m->row[d];
    }
    l->members[old]--;
    l->members[empty] = 1;
    l->state[old] = l->state[empty] = MENDED;
    m->assignment[farthest] = empty;
    m->weights[farthest] = 0;
    return OKNG_OK;
}

/* Sets a centre to the mean of its rows. */
static void move_centre(lloyd *l, int64_t c)
{
    float *centre = l->m->centres + c * l->m->dim;
    for (int64_t d = 0; d < l->m->dim; d++) {
        const float mean = (float)(l->means[c * l->m->dim + d] / (double)l->members[c]);
        l->moved[c] |= memcmp(&centre[d], &mean, sizeof mean) != 0;
        centre[d] = mean;
    }
}

/* Brings the sieves up to date with what moved. */
static void resieve(lloyd *l)
{
    const okng_kmeans_state *m = l->m;
    l->some.count = l->moving_count = 0;
    for (int64_t first = 0; first < m->count; first += OKNG_SIEVE_ROWS) {
        const int64_t end = first + OKNG_SIEVE_ROWS < m->count ? first + OKNG_SIEVE_ROWS : m->count;
        bool any = false;
        for (int64_t c = first; c < end; c++) any |= l->moved[c];
        if (any) okng_sieve_set(&l->all, first, m->centres + first * m->dim, end - first);
        for (int64_t c = first; c < end; c++) {
            if (!l->moved[c]) continue;
            okng_sieve_copy(&l->some, &l->all, c);
            l->moving[l->moving_count++] = c;
        }
    }
}

static okng_status update(lloyd *l, okng_error *error)
{
    const okng_kmeans_state *m = l->m;
    OKNG_TRY(sum_dirty(l, error));
    for (int64_t c = 0; c < m->count; c++)
        if (l->members[c] == 0) OKNG_TRY(refill(l, c, error));
    for (int64_t c = 0; c < m->count; c++) {
        l->moved[c] = false;
        if (l->state[c] != CLEAN && l->members[c] > 0) move_centre(l, c);
        l->state[c] = l->state[c] == MENDED ? DIRTY : CLEAN; /* what was mended is summed in order next time */
    }
    return OKNG_OK;
}

/* ---- rounds ------------------------------------------------------------------------------------------------------ */

static okng_status reserve(lloyd *l, okng_error *error)
{
    const okng_kmeans_state *m = l->m;
    const size_t count = (size_t)m->count, n = (size_t)m->n, block = (size_t)m->block_rows;
    l->means = okng_alloc(count, (size_t)m->dim * sizeof *l->means);
    l->members = okng_alloc(count, sizeof *l->members);
    l->state = okng_alloc(count, sizeof *l->state);
    l->moved = okng_alloc_zero(count, sizeof *l->moved);
    l->moving = okng_alloc(count, sizeof *l->moving);
    l->siftings = okng_alloc_zero((size_t)m->threads, sizeof *l->siftings);
    l->blur = okng_alloc(n, sizeof *l->blur);
    l->nearest = okng_alloc(block, sizeof *l->nearest);
    l->rows = okng_alloc(block, sizeof *l->rows);
    l->begins = okng_alloc(count + 1, sizeof *l->begins);
    if (l->means && l->members && l->state && l->moved && l->moving && l->siftings && l->blur && l->nearest &&
        l->rows && l->begins)
        return OKNG_OK;
    return okng_fail_memory(error, count * (size_t)m->dim * sizeof *l->means + n * sizeof *l->blur);
}

static void release(lloyd *l)
{
    if (l->siftings) drop_sieve(l);
    free(l->means);
    free(l->members);
    free(l->state);
    free(l->moved);
    free(l->moving);
    free(l->siftings);
    free(l->blur);
    free(l->nearest);
    free(l->rows);
    free(l->begins);
}

static okng_status run_rounds(lloyd *l, okng_error *error)
{
    okng_kmeans_state *m = l->m;
    for (int64_t c = 0; c < m->count; c++) l->state[c] = DIRTY;
    for (l->round = 0;; l->round++) {
        bool changed;
        if (l->round < CHOICES) OKNG_TRY(choose_sieve(l, error));
        if (l->round > 0) resieve(l);
        OKNG_TRY(assign(l, &changed, error));
        if (!changed || l->round == OKNG_KMEANS_ROUNDS)
            return okng_kmeans_tick(m, (uint64_t)(OKNG_KMEANS_ROUNDS - l->round), error);
        OKNG_TRY(update(l, error));
        OKNG_TRY(okng_kmeans_tick(m, 1, error));
    }
}

okng_status okng_lloyd(okng_kmeans_state *m, okng_error *error)
{
    lloyd l = {.m = m};
    okng_status status = reserve(&l, error);
    if (status == OKNG_OK) status = run_rounds(&l, error);
    release(&l);
    return status;
}

uint64_t okng_lloyd_bytes(int64_t n, int64_t dim, int64_t count)
{
    const uint64_t rows = (uint64_t)n, columns = (uint64_t)dim, centres = (uint64_t)count;
    const uint64_t seen = rows * (dim / 2 < SEEN_MOST_WIDTH ? columns / 2 : SEEN_MOST_WIDTH) * sizeof(float);
    return rows * (sizeof(double) + 2 * sizeof(int64_t)) + (seen < SEEN_BYTES ? seen : SEEN_BYTES) +
           centres * columns * sizeof(double) + 2 * okng_sieve_bytes(dim, count) +
           (uint64_t)okng_sights_samples(n) * columns * sizeof(float);
}
