/* What fitting does together with other ranks: who has which pictures and rows, and what all have to know. */
#include <stdlib.h>
#include <string.h>

#include "bank/shared_rows.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "base/xxh64.h"
#include "patchcore/fitting.h"

void okng_fitting_own_pictures(int64_t pictures, int64_t *first, int64_t *end)
{
    okng_ranks_part(okng_ranks_together(), pictures, first, end);
}

void okng_fitting_own_rows(const okng_fitting *fitting, int64_t *first, int64_t *end)
{
    int64_t begin, behind, count;
    okng_fitting_own_pictures(fitting->picture_count / fitting->turns, &begin, &behind);
    okng_fitting_rows_of(fitting, begin * fitting->turns, first, &count);
    okng_fitting_rows_of(fitting, behind * fitting->turns, end, &count);
}

okng_status okng_fitting_agree(okng_status status, okng_error *error)
{
    return okng_ranks_agree(okng_ranks_together(), status, error);
}

/* ---- the same numbers on all ranks --------------------------------------------------------------------------------
 */

/* What the first picture comes to here. */
static okng_status probe(const okng_fitting *fitting, uint64_t *hash, okng_error *error)
{
    okng_image rgb = {0};
    okng_placement placement;
    okng_extractor_session *session = NULL;
    const size_t cells = (size_t)fitting->grid_height * (size_t)fitting->grid_width;
    float *rows = okng_alloc(cells, (size_t)fitting->dim * sizeof *rows);
    okng_status status = rows ? okng_extractor_session_new(&session, fitting->extractor, 1, error)
                              : okng_fail_memory(error, cells * (size_t)fitting->dim * sizeof *rows);
    if (status == OKNG_OK) status = okng_pictures_load(fitting->pictures, 0, fitting->options->max_pixels, &rgb, error);
    if (status == OKNG_OK) status = okng_extractor_run(session, &rgb, &placement, rows, NULL, NULL, error);
    if (status == OKNG_OK)
        *hash = okng_xxh64(rows, (size_t)fitting->patches * (size_t)fitting->dim * sizeof *rows);
    else
        (void)okng_error_context(error, status, "%s", okng_pictures_name(fitting->pictures, 0));
    okng_image_free(&rgb);
    okng_extractor_session_free(&session);
    free(rows);
    return status;
}

okng_status okng_fitting_compare(const okng_fitting *fitting, okng_error *error)
{
    const okng_ranks *ranks = okng_ranks_together();
    uint64_t hash = 0;
    if (ranks->count == 1) return OKNG_OK;
    uint64_t *hashes = okng_alloc((size_t)ranks->count, sizeof *hashes);
    okng_status status =
        hashes ? probe(fitting, &hash, error) : okng_fail_memory(error, (size_t)ranks->count * sizeof *hashes);
    status = okng_ranks_agree(ranks, status, error);
    if (status == OKNG_OK) {
        hashes[ranks->rank] = hash;
        status = okng_ranks_gather_parts(ranks, hashes, sizeof *hashes, ranks->count, error);
    }
    if (status == OKNG_OK && hashes[ranks->rank] != hashes[0])
        status = okng_fail(error, OKNG_ERROR_MISMATCH,
                           "%s: comes to other features here than on rank 0; give --cpu avx2, or another that all "
                           "machines have, or leave this one out",
                           okng_pictures_name(fitting->pictures, 0));
    free(hashes);
    return okng_ranks_agree(ranks, status, error);
}

/* ---- loops --------------------------------------------------------------------------------------------------------
 */

void okng_fitting_tell_others(const okng_fitting *fitting, int64_t k, int64_t own, int64_t all)
{
    const int64_t steps = (k + 1) * all / own - k * all / own - 1;
    if (steps > 0) (void)okng_ticker_advance(fitting->ticker, (uint64_t)steps);
}

typedef struct part_loop {
    const okng_fitting *fitting;
    okng_each_fn fn;
    void *context;
    int64_t first, own, all;
    _Atomic int64_t done;
} part_loop;

static okng_status one_of_part(void *context, int64_t i, int thread, okng_error *error)
{
    part_loop *p = context;
    OKNG_TRY(p->fn(p->context, p->first + i, thread, error));
    okng_fitting_tell_others(p->fitting, atomic_fetch_add(&p->done, 1), p->own, p->all);
    return OKNG_OK;
}

okng_status okng_fitting_each(const okng_fitting *fitting, int64_t pictures, int64_t each, okng_each_fn fn,
                              void *context, okng_error *error)
{
    int64_t first, end;
    okng_fitting_own_pictures(pictures, &first, &end);
    part_loop loop = {.fitting = fitting,
                      .fn = fn,
                      .context = context,
                      .first = first * each,
                      .own = (end - first) * each,
                      .all = pictures * each};
    okng_status status = okng_each(fitting->threads, loop.own, one_of_part, &loop, fitting->ticker, "the build", error);
    return okng_fitting_agree(status, error);
}

/* ---- what all have to know ------------------------------------------------------------------------------------------
 */

okng_status okng_fitting_gather(void *things, size_t unit, int64_t pictures, okng_error *error)
{
    return okng_ranks_gather_parts(okng_ranks_together(), things, unit, pictures, error);
}

static okng_status read_row(const void *context, int64_t number, float *row, okng_error *error)
{
    const okng_fitting *fitting = context;
    return okng_store_read(fitting->store, number, 1, row, error);
}

okng_status okng_fitting_gather_rows(const okng_fitting *fitting, const int64_t *index, int64_t count, float *rows,
                                     okng_error *error)
{
    int64_t first, end;
    okng_fitting_own_rows(fitting, &first, &end);
    const okng_shared_rows all = {.ranks = okng_ranks_together(),
                                  .first = first,
                                  .count = end - first,
                                  .dim = fitting->dim,
                                  .total = fitting->kept_count};
    return okng_shared_rows_gather(&all, index, count, read_row, fitting, rows, error);
}

enum { AT_A_TIME = 32 << 20 }; /* bytes that all ranks hand round at once */

/* Rows first..first+count-1 of the store, each from the rank that has it, into rank 0's. */
static okng_status bring_some(const okng_fitting *fitting, okng_store *all, int64_t first, int64_t count, float *rows,
                              okng_error *error)
{
    int64_t own_first, own_end;
    const okng_ranks *ranks = okng_ranks_together();
    okng_fitting_own_rows(fitting, &own_first, &own_end);
    const int64_t begin = own_first > first ? own_first : first;
    const int64_t end = own_end < first + count ? own_end : first + count, mine = end > begin ? end - begin : 0;
    okng_status status = OKNG_OK;
    if (mine > 0) status = okng_store_read(fitting->store, begin, mine, rows + (begin - first) * fitting->dim, error);
    OKNG_TRY(okng_ranks_agree(ranks, status, error));
    OKNG_TRY(okng_ranks_gather_ranges(ranks, rows, (size_t)fitting->dim * sizeof *rows, mine, count, error));
    status = all ? okng_store_write(all, first, count, rows, error) : OKNG_OK;
    return okng_ranks_agree(ranks, status, error);
}

okng_status okng_fitting_bring_together(const okng_fitting *fitting, okng_store **all, okng_error *error)
{
    const okng_ranks *ranks = okng_ranks_together();
    const int64_t rows = fitting->kept_count, most = AT_A_TIME / (fitting->dim * (int64_t)sizeof(float)) + 1;
    const uint64_t budget = fitting->options->max_memory ? fitting->options->max_memory : okng_memory_total() / 2;
    float *some = okng_alloc((size_t)most, (size_t)fitting->dim * sizeof *some);
    okng_status status = some ? OKNG_OK : okng_fail_memory(error, (size_t)most * (size_t)fitting->dim * sizeof *some);
    *all = NULL;
    if (status == OKNG_OK && ranks->rank == 0) status = okng_store_new(all, rows, fitting->dim, budget / 2, error);
    status = okng_ranks_agree(ranks, status, error);
    for (int64_t first = 0; first < rows && status == OKNG_OK; first += most)
        status = bring_some(fitting, *all, first, rows - first < most ? rows - first : most, some, error);
    free(some);
    if (status != OKNG_OK) okng_store_free(all);
    return status;
}
