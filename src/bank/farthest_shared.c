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
    MOST_WANTED = 8192,  /* at most */
    LEAST_WANTED = 32,   /* of each rank */
    FEW_PICKS = 32,      /* a round that gave fewer makes the next one hand round more rows, */
    MANY_PICKS = 512,    /* one that gave more, fewer */
    CHUNK = 256          /* rows that are measured against a pick at a time */
};

/* What a rank says before it hands round its rows. */
typedef struct head {
    okng_status status; /* whether it can go on */
    int64_t count;
    okng_contender outside; /* its other rows are no better */
} head;

typedef struct joint_hunt {
    const okng_shared_rows *rows;
    okng_hunt *hunt; /* of the rows that are here; NULL: there are none */
    bool rooted;     /* values are distances, not squared */
    float *picked;   /* [count, dim]: the picks so far */
    int64_t pick_count;
    int64_t wanted;          /* rows that each rank hands round, at most */
    okng_contender *leaders; /* [wanted] of this rank */
    head *heads;             /* [ranks] */
    int64_t *first;          /* [ranks + 1] of their rows in `blocks` */
    char *blocks;            /* [ranks * wanted]: contenders, each with its vector */
    okng_contender *all;     /* [ranks * wanted]: of all ranks, by their numbers among all rows; all_count are left */
    float *vectors;          /* [ranks * wanted, dim] of those */
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

/* For as many rows as all ranks may hand round. */
static okng_status make_room(joint_hunt *h, okng_error *error)
{
    const size_t dim = (size_t)h->rows->dim, rows = (size_t)h->wanted * (size_t)h->rows->ranks->count;
    free(h->leaders);
    free(h->blocks);
    free(h->all);
    free(h->vectors);
    h->leaders = okng_alloc((size_t)h->wanted, sizeof *h->leaders);
    h->blocks = okng_alloc(rows, unit_of(h));
    h->all = okng_alloc(rows, sizeof *h->all);
    h->vectors = okng_alloc(rows, dim * sizeof *h->vectors);
    if (h->leaders && h->blocks && h->all && h->vectors) return OKNG_OK;
    return okng_fail_memory(error, 2 * rows * unit_of(h));
}

static okng_status find_leaders(joint_hunt *h, head *own, okng_error *error)
{
    own->outside = (okng_contender){.row = INT64_MAX};
    if (!h->hunt) return OKNG_OK;
    OKNG_TRY(okng_hunt_leaders(h->hunt, h->wanted, h->leaders, &own->count, &own->outside, error));
    if (own->outside.row >= 0 && own->outside.row < INT64_MAX) own->outside.row += h->rows->first;
    return OKNG_OK;
}

/* This rank's rows, at their place among those of all. */
static void pack(const joint_hunt *h, int64_t count)
{
    const okng_shared_rows *rows = h->rows;
    const size_t unit = unit_of(h);
    char *packed = h->blocks + (size_t)h->first[rows->ranks->rank] * unit;
    for (int64_t i = 0; i < count; i++, packed += unit) {
        okng_contender one = h->leaders[i];
        memcpy(packed + sizeof one, rows->data + one.row * rows->dim, unit - sizeof one);
        one.row += rows->first;
        memcpy(packed, &one, sizeof one);
    }
}

static void unpack(joint_hunt *h)
{
    const size_t unit = unit_of(h), dim = (size_t)h->rows->dim;
    const char *packed = h->blocks;
    h->all_count = (size_t)h->first[h->rows->ranks->count];
    for (size_t i = 0; i < h->all_count; i++, packed += unit) {
        memcpy(&h->all[i], packed, sizeof *h->all);
        memcpy(h->vectors + i * dim, packed + sizeof *h->all, dim * sizeof *h->vectors);
    }
}

/* Two exchanges: what each rank has, and whether it can go on; then the rows. `status` is what has happened here. */
static okng_status start_round(joint_hunt *h, okng_status status, okng_error *error)
{
    const okng_ranks *ranks = h->rows->ranks;
    head *own = &h->heads[ranks->rank];
    *own = (head){.status = status};
    if (status == OKNG_OK) own->status = find_leaders(h, own, error);
    OKNG_TRY(okng_ranks_gather_parts(ranks, h->heads, sizeof *h->heads, ranks->count, error));
    h->outside = (okng_contender){.row = INT64_MAX};
    bool all_can = true;
    for (int32_t r = 0; r < ranks->count; r++) {
        all_can = all_can && h->heads[r].status == OKNG_OK;
        h->first[r + 1] = h->first[r] + h->heads[r].count;
        if (okng_contender_better(h->heads[r].outside, h->outside)) h->outside = h->heads[r].outside;
    }
    if (!all_can) return okng_ranks_agree(ranks, own->status, error);
    pack(h, own->count);
    OKNG_TRY(ranks->gather(ranks->context, h->blocks, unit_of(h), h->first, error));
    unpack(h);
    return OKNG_OK;
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

/* As a round gave `picks`. */
static int64_t next_wanted(const joint_hunt *h, int64_t picks)
{
    if (picks < FEW_PICKS && 2 * h->wanted * h->rows->ranks->count <= MOST_WANTED) return 2 * h->wanted;
    return picks > MANY_PICKS && h->wanted >= 2 * LEAST_WANTED ? h->wanted / 2 : h->wanted;
}

static okng_status pick_all(joint_hunt *h, int64_t first, int64_t count, okng_ticker *ticker, int64_t *picks,
                            okng_error *error)
{
    OKNG_TRY(take_first(h, first, picks, error));
    okng_status status = tell(h, 0, count, ticker, error);
    while (h->pick_count < count) {
        const int64_t before = h->pick_count, wanted = h->wanted;
        OKNG_TRY(start_round(h, status, error));
        run_round(h, count, picks);
        status = tell(h, before, count, ticker, error);
        h->wanted = next_wanted(h, h->pick_count - before);
        if (status == OKNG_OK && h->wanted != wanted) status = make_room(h, error);
    }
    return okng_ranks_agree(h->rows->ranks, status, error);
}

okng_status okng_pick_farthest_shared(const okng_shared_rows *rows, const float *ceiling, int64_t first, int64_t count,
                                      int threads, okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    const size_t ranks = (size_t)rows->ranks->count;
    if (ranks == 1)
        return okng_pick_farthest(rows->data, rows->count, rows->dim, ceiling, first, count, threads, ticker, picks,
                                  error);
    const int64_t wanted = FIRST_WANTED / (int64_t)ranks;
    joint_hunt h = {.rows = rows, .rooted = ceiling != NULL, .wanted = wanted > LEAST_WANTED ? wanted : LEAST_WANTED};
    const size_t bytes = (size_t)rows->dim * sizeof *h.picked;
    h.picked = okng_alloc((size_t)count, bytes);
    h.heads = okng_alloc_zero(ranks, sizeof *h.heads);
    h.first = okng_alloc_zero(ranks + 1, sizeof *h.first);
    okng_status status =
        h.picked && h.heads && h.first ? make_room(&h, error) : okng_fail_memory(error, (size_t)count * bytes);
    if (status == OKNG_OK && rows->count > 0)
        status = okng_hunt_new(&h.hunt, rows->data, rows->count, rows->dim, ceiling, count, threads, error);
    status = okng_ranks_agree(rows->ranks, status, error);
    if (status == OKNG_OK) status = pick_all(&h, first, count, ticker, picks, error);
    okng_hunt_free(&h.hunt);
    free(h.picked);
    free(h.heads);
    free(h.first);
    free(h.leaders);
    free(h.blocks);
    free(h.all);
    free(h.vectors);
    return status;
}
