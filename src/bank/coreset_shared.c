#include "bank/coreset_shared.h"

#include <stdlib.h>
#include <string.h>

#include "bank/projection.h"
#include "bank/shared_rows.h"
#include "base/memory.h"
#include "base/parallel.h"

enum { AT_A_TIME = 64 << 20 }; /* bytes of rows in a message */

/* Every rank: `rows` are its own. */
static okng_status pick(const okng_ranks *ranks, const okng_build_options *options, const okng_rows *rows,
                        int64_t count, okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    const int64_t target = options->projection;
    okng_shared_rows shared;
    okng_projector *projector = NULL;
    float *projected = NULL;
    okng_status status = OKNG_OK;
    if (target > 0) {
        projected = okng_alloc((size_t)rows->count, (size_t)target * sizeof *projected);
        status = projected
                     ? okng_projector_new(&projector, options->projection_kind, rows->dim, target, options->seed, error)
                     : okng_fail_memory(error, (size_t)rows->count * (size_t)target * sizeof *projected);
    }
    status = okng_ranks_agree(ranks, status, error);
    if (status == OKNG_OK && projected)
        okng_projector_run(projector, rows->data, rows->count, projected, okng_thread_count(options->threads));
    if (status == OKNG_OK)
        status = okng_shared_rows_open(&shared, ranks, projected ? projected : rows->data, rows->count,
                                       projected ? target : rows->dim, error);
    if (status == OKNG_OK) status = okng_sampler_pick_shared(options, &shared, count, ticker, picks, error);
    okng_projector_free(&projector);
    free(projected);
    return status;
}

/* ---- rank 0 ------------------------------------------------------------------------------------------------------ */

static int64_t rows_at_a_time(int64_t dim)
{
    return AT_A_TIME / (dim * (int64_t)sizeof(float)) + 1;
}

/* The rows that are another rank's, in messages that it knows the sizes of. */
static okng_status send_part(const okng_ranks *ranks, int32_t rank, const okng_rows *rows, okng_error *error)
{
    int64_t first, end;
    const okng_ranks there = {.rank = rank, .count = ranks->count};
    const int64_t most = rows_at_a_time(rows->dim);
    okng_ranks_part(&there, rows->count, &first, &end);
    for (int64_t r = first; r < end; r += most) {
        const int64_t some = end - r < most ? end - r : most;
        OKNG_TRY(ranks->send(ranks->context, rank, OKNG_TAG_CALL, rows->data + r * rows->dim,
                             (size_t)(some * rows->dim) * sizeof *rows->data, error));
    }
    return OKNG_OK;
}

static okng_status lead(const okng_ranks *ranks, const okng_build_options *options, const okng_rows *rows,
                        int64_t count, okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    okng_grown parcel = {0};
    okng_parcel_put(&parcel, options, sizeof *options);
    okng_parcel_put(&parcel, &rows->count, sizeof rows->count);
    okng_parcel_put(&parcel, &rows->dim, sizeof rows->dim);
    okng_parcel_put(&parcel, &count, sizeof count);
    okng_status status = okng_ranks_begin(ranks, OKNG_JOB_CORESET, &parcel, error);
    free(parcel.data);
    OKNG_TRY(okng_ranks_agree(ranks, status, error));
    for (int32_t r = 1; r < ranks->count && status == OKNG_OK; r++) status = send_part(ranks, r, rows, error);
    OKNG_TRY(okng_ranks_agree(ranks, status, error));
    int64_t first, end;
    okng_ranks_part(ranks, rows->count, &first, &end);
    const okng_rows own = {.data = rows->data + first * rows->dim, .count = end - first, .dim = rows->dim};
    return pick(ranks, options, &own, count, ticker, picks, error);
}

okng_status okng_coreset_pick_greedy(const okng_build_options *options, const okng_rows *rows, int64_t count,
                                     okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    const okng_ranks alone = {.count = 1};
    if (!okng_ranks_claim()) return pick(&alone, options, rows, count, ticker, picks, error);
    okng_status status = lead(okng_ranks_led(), options, rows, count, ticker, picks, error);
    okng_ranks_release();
    return status;
}

/* ---- other ranks ------------------------------------------------------------------------------------------------- */

typedef struct part {
    okng_build_options options;
    int64_t total, count; /* rows of all ranks; picks */
    okng_rows rows;
    float *data; /* of the rows */
    int64_t *picks;
} part;

static okng_status open_part(part *p, const okng_ranks *ranks, okng_parcel *parcel, okng_error *error)
{
    int64_t first, end;
    okng_parcel_take(parcel, &p->options, sizeof p->options);
    okng_parcel_take(parcel, &p->total, sizeof p->total);
    okng_parcel_take(parcel, &p->rows.dim, sizeof p->rows.dim);
    okng_parcel_take(parcel, &p->count, sizeof p->count);
    OKNG_TRY(okng_parcel_end(parcel, error));
    okng_ranks_part(ranks, p->total, &first, &end);
    p->rows.count = end - first;
    p->data = okng_alloc((size_t)p->rows.count, (size_t)p->rows.dim * sizeof *p->data);
    p->picks = okng_alloc((size_t)p->count, sizeof *p->picks);
    p->rows.data = p->data;
    if (p->data && p->picks) return OKNG_OK;
    return okng_fail_memory(error, (size_t)p->rows.count * (size_t)p->rows.dim * sizeof *p->data);
}

static okng_status receive_part(part *p, const okng_ranks *ranks, okng_error *error)
{
    const int64_t most = rows_at_a_time(p->rows.dim);
    for (int64_t r = 0; r < p->rows.count; r += most) {
        const int64_t some = p->rows.count - r < most ? p->rows.count - r : most;
        const size_t expected = (size_t)(some * p->rows.dim) * sizeof *p->data;
        void *bytes;
        size_t size;
        OKNG_TRY(ranks->receive(ranks->context, 0, OKNG_TAG_CALL, NULL, &bytes, &size, error));
        if (size == expected) memcpy(p->data + r * p->rows.dim, bytes, size);
        free(bytes);
        if (size != expected)
            return okng_fail(error, OKNG_ERROR_FORMAT, "rows from rank 0 are %zu bytes, expected %zu", size, expected);
    }
    return OKNG_OK;
}

okng_status okng_coreset_follow(const okng_ranks *ranks, okng_parcel *parcel, okng_error *error)
{
    part p = {.total = 0};
    okng_status status = okng_ranks_agree(ranks, open_part(&p, ranks, parcel, error), error);
    if (status == OKNG_OK) status = okng_ranks_agree(ranks, receive_part(&p, ranks, error), error);
    if (status == OKNG_OK) status = pick(ranks, &p.options, &p.rows, p.count, NULL, p.picks, error);
    free(p.data);
    free(p.picks);
    return status;
}
