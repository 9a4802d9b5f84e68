#include "patchcore/standins.h"

#include <pthread.h>
#include <stdlib.h>

#include "bank/quantile.h"
#include "base/memory.h"
#include "base/ranks.h"

enum { LOOKED_AT = 6 }; /* nearest rows of the bank, among which one of another picture is looked for */
#define COVERED 0.99    /* of all rows, that the bank is as near to as it is said to cover */

/* Of the rows that a row of the bank covers, and that came from elsewhere, the one that would be farthest from the bank
 * without it. */
typedef struct candidate {
    float squared; /* how far, at least */
    int64_t row;   /* of the store; -1 = none */
} candidate;

/* What one thread owns. */
typedef struct worker {
    float *rows;    /* [patches, dim] */
    float *squared; /* [patches, looked_at] */
    int64_t *index; /* [patches, looked_at] */
    float *nearest; /* [patches] */
} worker;

typedef struct finding {
    const okng_fitting *fitting;
    const okng_knn_index *bank;
    int32_t looked_at;
    worker *workers;
    pthread_mutex_t mutex;  /* guards what follows */
    candidate *candidates;  /* [bank_count] */
    okng_quantile *covered; /* of the squared distances of all rows to the bank */
} finding;

/* The order of the pictures does not matter: of two as far the first row counts. */
static void offer(candidate *best, float squared, int64_t row)
{
    bool farther = best->row < 0 || squared > best->squared || (squared == best->squared && row < best->row);
    if (farther) *best = (candidate){squared, row};
}

/* How far a row is from the bank without what came from the picture of its nearest row: the first of another one, or
 * where all that were looked at are of that picture, at least as far as the last of them. */
static float without_nearest(const finding *f, const float *squared, const int64_t *index)
{
    const int32_t *origin = f->fitting->origin;
    int32_t i = 0;
    while (i < f->looked_at - 1 && origin[index[i]] == origin[index[0]]) i++;
    return squared[i];
}

static okng_status look_at(void *context, int64_t picture, int thread, okng_error *error)
{
    finding *f = context;
    const okng_fitting *fitting = f->fitting;
    worker *own = &f->workers[thread];
    int64_t first, count;
    int32_t origin = okng_fitting_origin(fitting, picture), k = f->looked_at;
    okng_fitting_rows_of(fitting, picture, &first, &count);
    if (count == 0) return OKNG_OK;
    OKNG_TRY(okng_store_read(fitting->store, first, count, own->rows, error));
    OKNG_TRY(okng_knn_index_search(f->bank, own->rows, count, k, -1, 1, own->squared, own->index, error));
    for (int64_t i = 0; i < count; i++) own->nearest[i] = own->squared[i * k];
    (void)pthread_mutex_lock(&f->mutex);
    for (int64_t i = 0; i < count; i++) {
        int64_t covering = own->index[i * k];
        if (fitting->origin[covering] >= 0 && fitting->origin[covering] != origin)
            offer(&f->candidates[covering], without_nearest(f, own->squared + i * k, own->index + i * k), first + i);
    }
    okng_status status = okng_quantile_add(f->covered, own->nearest, (size_t)count, error);
    (void)pthread_mutex_unlock(&f->mutex);
    return status;
}

static okng_status open_worker(const okng_fitting *fitting, worker *own, okng_error *error)
{
    size_t patches = (size_t)fitting->patches, dim = (size_t)fitting->dim;
    own->rows = okng_alloc(patches, dim * sizeof(float));
    own->squared = okng_alloc(patches, LOOKED_AT * sizeof(float));
    own->index = okng_alloc(patches, LOOKED_AT * sizeof(int64_t));
    own->nearest = okng_alloc(patches, sizeof(float));
    if (own->rows && own->squared && own->index && own->nearest) return OKNG_OK;
    return okng_fail_memory(error, patches * dim * sizeof(float));
}

static void close_worker(worker *own)
{
    free(own->rows);
    free(own->squared);
    free(own->index);
    free(own->nearest);
}

/* first[origin + 1] := how many stand in for it, then summed; index := their rows of the store in that order. */
static int64_t sort_by_origin(const finding *f, int64_t *first, int32_t origins, int64_t *index)
{
    const okng_fitting *fitting = f->fitting;
    for (int64_t b = 0; b < fitting->bank_count; b++)
        if (f->candidates[b].row >= 0) first[fitting->origin[b] + 1]++;
    for (int32_t o = 0; o < origins; o++) first[o + 1] += first[o];
    for (int64_t b = 0; b < fitting->bank_count; b++)
        if (f->candidates[b].row >= 0) index[first[fitting->origin[b]]++] = f->candidates[b].row;
    for (int32_t o = origins; o > 0; o--) first[o] = first[o - 1]; /* each had moved on to the next one's */
    first[0] = 0;
    return first[origins];
}

static okng_status gather(okng_standins *standins, const finding *f, okng_error *error)
{
    const okng_fitting *fitting = f->fitting;
    int32_t origins = okng_fitting_origins(fitting);
    size_t rows = (size_t)fitting->bank_count, dim = (size_t)fitting->dim;
    int64_t *index = okng_alloc(rows, sizeof *index);
    standins->first = okng_alloc_zero((size_t)origins + 1, sizeof *standins->first);
    const bool room = index && standins->first;
    if (room) {
        standins->origins = origins;
        standins->dim = fitting->dim;
        standins->count = sort_by_origin(f, standins->first, origins, index);
        standins->rows = okng_alloc((size_t)standins->count, dim * sizeof(float));
    }
    okng_status status = room && standins->rows ? OKNG_OK : okng_fail_memory(error, rows * dim * sizeof(float));
    status = okng_fitting_agree(status, error);
    if (status == OKNG_OK) status = okng_fitting_gather_rows(fitting, index, standins->count, standins->rows, error);
    free(index);
    return status;
}

/* The candidates of all ranks against each other. */
static okng_status offer_others(finding *f, okng_error *error)
{
    const okng_ranks *ranks = okng_ranks_together();
    const int64_t rows = f->fitting->bank_count;
    void *all;
    if (ranks->count == 1) return OKNG_OK;
    int64_t *first = okng_alloc((size_t)ranks->count + 1, sizeof *first);
    if (!first) return okng_fail_memory(error, ((size_t)ranks->count + 1) * sizeof *first);
    okng_status status =
        okng_ranks_gather_blocks(ranks, f->candidates, sizeof *f->candidates, rows, &all, first, error);
    const candidate *theirs = all;
    for (int64_t i = 0; status == OKNG_OK && i < ranks->count * rows; i++)
        if (theirs[i].row >= 0) offer(&f->candidates[i % rows], theirs[i].squared, theirs[i].row);
    free(all);
    free(first);
    return status;
}

/* Where all rows stay covered there is no hole. */
static okng_status pass_over_covered(finding *f, okng_error *error)
{
    float covered;
    OKNG_TRY(okng_quantile_value(f->covered, okng_ranks_together(), &covered, error));
    for (int64_t b = 0; b < f->fitting->bank_count; b++)
        if (!(f->candidates[b].squared > covered)) f->candidates[b].row = -1;
    return OKNG_OK;
}

static okng_status find(okng_standins *standins, finding *f, okng_error *error)
{
    const okng_fitting *fitting = f->fitting;
    for (int64_t b = 0; b < fitting->bank_count; b++) f->candidates[b] = (candidate){0, -1};
    okng_status status = okng_quantile_new(&f->covered, COVERED, (uint64_t)fitting->kept_count, error);
    for (int t = 0; t < fitting->threads && status == OKNG_OK; t++)
        status = open_worker(fitting, &f->workers[t], error);
    OKNG_TRY(okng_fitting_agree(status, error));
    const int64_t pictures = fitting->picture_count / fitting->turns;
    OKNG_TRY(okng_fitting_each(fitting, pictures, fitting->turns, look_at, f, error));
    OKNG_TRY(offer_others(f, error));
    OKNG_TRY(pass_over_covered(f, error));
    return gather(standins, f, error);
}

okng_status okng_standins_find(okng_standins *standins, const okng_fitting *fitting, const okng_knn_index *bank,
                               okng_error *error)
{
    *standins = (okng_standins){0};
    finding f = {.fitting = fitting, .bank = bank};
    f.looked_at = fitting->bank_count < LOOKED_AT ? (int32_t)fitting->bank_count : LOOKED_AT;
    f.workers = calloc((size_t)fitting->threads, sizeof *f.workers);
    f.candidates = okng_alloc((size_t)fitting->bank_count, sizeof *f.candidates);
    (void)pthread_mutex_init(&f.mutex, NULL);
    okng_status status = f.workers && f.candidates
                             ? OKNG_OK
                             : okng_fail_memory(error, (size_t)fitting->bank_count * sizeof *f.candidates);
    status = okng_fitting_agree(status, error);
    if (status == OKNG_OK) status = find(standins, &f, error);
    for (int t = 0; t < fitting->threads && f.workers; t++) close_worker(&f.workers[t]);
    free(f.workers);
    free(f.candidates);
    okng_quantile_free(&f.covered);
    (void)pthread_mutex_destroy(&f.mutex);
    if (status != OKNG_OK) okng_standins_free(standins);
    return status;
}

void okng_standins_free(okng_standins *standins)
{
    free(standins->rows);
    free(standins->first);
    *standins = (okng_standins){0};
}

okng_rows okng_standins_of(const okng_standins *standins, int32_t origin)
{
    if (origin >= standins->origins) return (okng_rows){.dim = standins->dim};
    int64_t first = standins->first[origin], end = standins->first[origin + 1];
    return (okng_rows){.data = standins->rows + first * standins->dim, .count = end - first, .dim = standins->dim};
}

uint64_t okng_standins_bytes(const okng_fitting *fitting)
{
    uint64_t rows = (uint64_t)(fitting->bank_count + okng_fitting_base_count(fitting));
    uint64_t row = (uint64_t)fitting->dim * sizeof(float);
    uint64_t threads = (uint64_t)fitting->threads, patches = (uint64_t)fitting->patches;
    return rows * (row + sizeof(candidate) + sizeof(int64_t)) +
           threads * patches * (row + LOOKED_AT * (sizeof(float) + sizeof(int64_t)) + sizeof(float));
}
