/* Farthest-first selection over the rows of several processes, in rounds: every rank hands round the best of its rows,
 * up to date with all picks, and what its other rows cannot beat. Then all run the plain loop over these rows alone,
 * each for itself, for as long as the best of them beats what is not among them: hundreds of picks for one exchange. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/farthest.h"
#include "bank/hunt.h"
#include "bank/shared_rows.h"
#include "base/memory.h"
#include "kernels/kernels.h"

enum {
    FIRST_WANTED = 1024, /* rows that all ranks together hand round at first */
    LEAST_WANTED = 64,   /* of each rank */
    FEW_PICKS = 32,      /* a round that gave fewer makes the next one hand round more rows, */
    MANY_PICKS = 512,    /* one that gave more, fewer */
    CHUNK = 256          /* rows that are measured against a pick at a time */
};

typedef struct joint_hunt {
    const okng_shared_rows *rows;
    okng_hunt *hunt; /* of the rows that are here; NULL: there are none */
    bool rooted;     /* values are distances, not squared */
    float *picked;   /* [count, dim]: the picks so far */
    int64_t pick_count;
    int64_t wanted;          /* rows that this rank hands round */
    okng_contender *leaders; /* [wanted] of this rank */
    int64_t leader_count;
    okng_contender *all; /* [all_count] of all ranks, by their numbers among all rows */
    float *vectors;      /* [all_count, dim] of those */
    size_t all_count;
    okng_contender outside; /* no other row of any rank is better */
} joint_hunt;

/* ---- handing round ------------------------------------------------------------------------------------------------
 */

/* What a rank hands round of each of its rows: the contender and its vector. */
static size_t unit_of(const joint_hunt *h)
{
    return sizeof(okng_contender) + (size_t)h->rows->dim * sizeof(float);
}

static okng_status find_leaders(joint_hunt *h, okng_contender *outside, okng_error *error)
{
    okng_contender *leaders = realloc(h->leaders, (size_t)h->wanted * sizeof *leaders);
    if (!leaders) return okng_fail_memory(error, (size_t)h->wanted * sizeof *leaders);
    h->leaders = leaders;
    h->leader_count = 0;
    *outside = (okng_contender){.row = INT64_MAX};
    if (!h->hunt) return OKNG_OK;
    OKNG_TRY(okng_hunt_leaders(h->hunt, h->wanted, leaders, &h->leader_count, outside, error));
    if (outside->row >= 0 && outside->row < INT64_MAX) outside->row += h->rows->first;
    return OKNG_OK;
}

static char *pack(const joint_hunt *h)
{
    const okng_shared_rows *rows = h->rows;
    const size_t unit = unit_of(h);
    char *packed = okng_alloc((size_t)h->leader_count + 1, unit);
    for (int64_t i = 0; packed && i < h->leader_count; i++) {
        okng_contender one = h->leaders[i];
        memcpy(packed + (size_t)i * unit + sizeof one, rows->data + one.row * rows->dim, unit - sizeof one);
        one.row += rows->first;
        memcpy(packed + (size_t)i * unit, &one, sizeof one);
    }
    return packed;
}

static okng_status unpack(joint_hunt *h, const char *packed, int64_t count, okng_error *error)
{
    const size_t unit = unit_of(h), dim = (size_t)h->rows->dim;
    free(h->all);
    free(h->vectors);
    h->all_count = (size_t)count;
    h->all = okng_alloc(h->all_count, sizeof *h->all);
    h->vectors = okng_alloc(h->all_count, dim * sizeof *h->vectors);
    if (!h->all || !h->vectors) return okng_fail_memory(error, h->all_count * unit);
    for (size_t i = 0; i < h->all_count; i++) {
        memcpy(&h->all[i], packed + i * unit, sizeof *h->all);
        memcpy(h->vectors + i * dim, packed + i * unit + sizeof *h->all, dim * sizeof *h->vectors);
    }
    return OKNG_OK;
}

static okng_status gather_outside(joint_hunt *h, okng_contender own, okng_error *error)
{
    const okng_ranks *ranks = h->rows->ranks;
    okng_contender *all = okng_alloc((size_t)ranks->count, sizeof *all);
    if (!all) return okng_fail_memory(error, (size_t)ranks->count * sizeof *all);
    all[ranks->rank] = own;
    okng_status status = okng_ranks_gather_parts(ranks, all, sizeof *all, ranks->count, error);
    h->outside = (okng_contender){.row = INT64_MAX};
    for (int32_t k = 0; k < ranks->count && status == OKNG_OK; k++)
        if (okng_contender_better(all[k], h->outside)) h->outside = all[k];
    free(all);
    return status;
}

static okng_status start_round(joint_hunt *h, okng_error *error)
{
    const okng_ranks *ranks = h->rows->ranks;
    okng_contender outside;
    int64_t *first = okng_alloc((size_t)ranks->count + 1, sizeof *first);
    char *packed = NULL;
    void *all = NULL;
    okng_status status =
        first ? find_leaders(h, &outside, error) : okng_fail_memory(error, ((size_t)ranks->count + 1) * sizeof *first);
    if (status == OKNG_OK && !(packed = pack(h))) status = okng_fail_memory(error, (size_t)h->wanted * unit_of(h));
    status = okng_ranks_agree(ranks, status, error);
    if (status == OKNG_OK) status = gather_outside(h, outside, error);
    if (status == OKNG_OK)
        status = okng_ranks_gather_blocks(ranks, packed, unit_of(h), h->leader_count, &all, first, error);
    if (status == OKNG_OK) status = okng_ranks_agree(ranks, unpack(h, all, first[ranks->count], error), error);
    free(all);
    free(packed);
    free(first);
    return status;
}

/* ---- the plain loop over the rows of a round ----------------------------------------------------------------------
 */

/* Makes a row the next pick, of whichever rank it is. */
static void take(joint_hunt *h, int64_t number, const float *vector, int64_t *picks)
{
    const okng_shared_rows *rows = h->rows;
    float *kept = h->picked + h->pick_count * rows->dim;
    const bool own = number >= rows->first && number < rows->first + rows->count;
    memcpy(kept, vector, (size_t)rows->dim * sizeof *kept);
    picks[h->pick_count++] = number;
    if (h->hunt) okng_hunt_take(h->hunt, kept, own ? number - rows->first : -1);
}

static uint32_t lower_key(const joint_hunt *h, uint32_t key, float squared)
{
    const float value = h->rooted ? sqrtf(squared) : squared;
    uint32_t found;
    memcpy(&found, &value, sizeof found);
    return found < key ? found : key;
}

/* Takes row i of the round, and applies it to the others. */
static void take_of_round(joint_hunt *h, size_t i, int64_t *picks)
{
    const size_t dim = (size_t)h->rows->dim, last = --h->all_count;
    float squared[CHUNK];
    take(h, h->all[i].row, h->vectors + i * dim, picks);
    h->all[i] = h->all[last];
    if (i != last) memcpy(h->vectors + i * dim, h->vectors + last * dim, dim * sizeof *h->vectors);
    const float *pick = h->picked + (h->pick_count - 1) * h->rows->dim;
    for (size_t first = 0; first < h->all_count; first += CHUNK) {
        const size_t some = h->all_count - first < CHUNK ? h->all_count - first : CHUNK;
        okng_kernels_get()->l2_squared_block(pick, 1, h->vectors + first * dim, some, dim, squared, CHUNK);
        for (size_t k = 0; k < some; k++) h->all[first + k].key = lower_key(h, h->all[first + k].key, squared[k]);
    }
}

static size_t best_of_round(const joint_hunt *h)
{
    size_t best = 0;
    for (size_t i = 1; i < h->all_count; i++)
        if (okng_contender_better(h->all[i], h->all[best])) best = i;
    return best;
}

static void run_round(joint_hunt *h, int64_t count, int64_t *picks)
{
    while (h->pick_count < count && h->all_count > 0) {
        const size_t best = best_of_round(h);
        if (okng_contender_better(h->outside, h->all[best])) return;
        take_of_round(h, best, picks);
    }
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static okng_status tell(const joint_hunt *h, int64_t before, int64_t count, okng_ticker *ticker, okng_error *error)
{
    if (okng_ticker_advance(ticker, (uint64_t)(h->pick_count - before))) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled after %lld of %lld coreset rows", (long long)h->pick_count,
                     (long long)count);
}

static okng_status take_first(joint_hunt *h, int64_t first, int64_t *picks, okng_error *error)
{
    const okng_shared_rows *rows = h->rows;
    float *vector = okng_alloc((size_t)rows->dim, sizeof *vector);
    okng_status status = vector ? OKNG_OK : okng_fail_memory(error, (size_t)rows->dim * sizeof *vector);
    status = okng_ranks_agree(rows->ranks, status, error);
    if (status == OKNG_OK)
        status = okng_shared_rows_gather(rows, &first, 1, okng_shared_rows_copy, rows, vector, error);
    if (status == OKNG_OK) take(h, first, vector, picks);
    free(vector);
    return status;
}

static okng_status pick_all(joint_hunt *h, int64_t first, int64_t count, okng_ticker *ticker, int64_t *picks,
                            okng_error *error)
{
    OKNG_TRY(take_first(h, first, picks, error));
    OKNG_TRY(okng_ranks_agree(h->rows->ranks, tell(h, 0, count, ticker, error), error));
    while (h->pick_count < count) {
        const int64_t before = h->pick_count;
        OKNG_TRY(start_round(h, error));
        run_round(h, count, picks);
        if (h->pick_count - before < FEW_PICKS) h->wanted *= 2;
        if (h->pick_count - before > MANY_PICKS && h->wanted >= 2 * LEAST_WANTED) h->wanted /= 2;
        OKNG_TRY(okng_ranks_agree(h->rows->ranks, tell(h, before, count, ticker, error), error));
    }
    return OKNG_OK;
}

okng_status okng_pick_farthest_shared(const okng_shared_rows *rows, const float *ceiling, int64_t first, int64_t count,
                                      int threads, okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    if (rows->ranks->count == 1)
        return okng_pick_farthest(rows->data, rows->count, rows->dim, ceiling, first, count, threads, ticker, picks,
                                  error);
    const int64_t wanted = FIRST_WANTED / rows->ranks->count;
    joint_hunt h = {.rows = rows, .rooted = ceiling != NULL, .wanted = wanted > LEAST_WANTED ? wanted : LEAST_WANTED};
    const size_t bytes = (size_t)rows->dim * sizeof *h.picked;
    h.picked = okng_alloc((size_t)count, bytes);
    okng_status status = h.picked ? OKNG_OK : okng_fail_memory(error, (size_t)count * bytes);
    if (status == OKNG_OK && rows->count > 0)
        status = okng_hunt_new(&h.hunt, rows->data, rows->count, rows->dim, ceiling, count, threads, error);
    status = okng_ranks_agree(rows->ranks, status, error);
    if (status == OKNG_OK) status = pick_all(&h, first, count, ticker, picks, error);
    okng_hunt_free(&h.hunt);
    free(h.picked);
    free(h.leaders);
    free(h.all);
    free(h.vectors);
    return status;
}
