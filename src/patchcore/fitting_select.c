#include <stdlib.h>
#include <string.h>

#include "bank/sampler.h"
#include "bank/shared_rows.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "patch/normalise.h"
#include "patchcore/fitting.h"

/* Notes that row `i` of the bank is kept row `row`. */
static void note_place(const okng_fitting *fitting, int64_t i, int64_t row)
{
    int64_t patch = fitting->kept ? fitting->kept[row] : row;
    int32_t within = okng_cell_of_patch(fitting->looked_at, patch % fitting->patches);
    int32_t *place = fitting->places + 3 * i;
    place[0] = (int32_t)(fitting->first_number * fitting->turns + patch / fitting->patches);
    place[1] = within / fitting->grid_width;
    place[2] = within % fitting->grid_width;
}

static int32_t origin_of(const okng_fitting *fitting, int64_t row)
{
    int64_t patch = fitting->kept ? fitting->kept[row] : row;
    return okng_fitting_origin(fitting, patch / fitting->patches);
}

/* A bank of all rows: there is nothing to choose, and the rows may be in a file where no sampler could look at them. */
static okng_status take_all(okng_fitting *fitting, okng_error *error)
{
    int64_t first, end;
    okng_fitting_own_rows(fitting, &first, &end);
    okng_status status =
        okng_store_read(fitting->store, first, end - first, fitting->bank + first * fitting->dim, error);
    OKNG_TRY(okng_fitting_agree(status, error));
    OKNG_TRY(okng_ranks_gather_ranges(okng_ranks_together(), fitting->bank, (size_t)fitting->dim * sizeof(float),
                                      end - first, fitting->bank_count, error));
    for (int64_t i = 0; i < fitting->bank_count; i++) {
        fitting->origin[i] = origin_of(fitting, i);
        note_place(fitting, i, i);
    }
    return OKNG_OK;
}

/* Rows of a list become rows of the store: each rank knows which are its own of the list, those from `before` on, and
 * tells the others. */
static okng_status find_rows(const int64_t *own, int64_t before, int64_t own_count, int64_t *picks, int64_t count,
                             okng_error *error)
{
    for (int64_t i = 0; i < count; i++) {
        const int64_t place = picks[i] - before;
        picks[i] = place >= 0 && place < own_count ? own[place] : 0;
    }
    return okng_ranks_sum(okng_ranks_together(), (uint64_t *)picks, (size_t)count, error);
}

/* Fills in the bank with the picked rows of the store. */
static okng_status take_picked(okng_fitting *fitting, const int64_t *picks, okng_error *error)
{
    free(fitting->projected); /* its work is done, and the bank needs the room */
    fitting->projected = NULL;
    OKNG_TRY(okng_fitting_gather_rows(fitting, picks, fitting->bank_count, fitting->bank, error));
    for (int64_t i = 0; i < fitting->bank_count; i++) {
        fitting->origin[i] = origin_of(fitting, picks[i]);
        note_place(fitting, i, picks[i]);
    }
    return OKNG_OK;
}

static okng_status pick_rows(okng_fitting *fitting, int64_t *picks, okng_error *error)
{
    int64_t first, end;
    const float *data = fitting->projected ? fitting->projected : okng_store_memory(fitting->store);
    const int64_t dim = fitting->projected ? fitting->options->projection : fitting->dim;
    okng_fitting_own_rows(fitting, &first, &end);
    okng_shared_rows rows;
    OKNG_TRY(okng_shared_rows_open(&rows, okng_ranks_together(), data,
                                   fitting->live ? fitting->live_count : end - first, dim, error));
    if (okng_fitting_base_count(fitting) > 0) /* in one process alone */
        OKNG_TRY(okng_fitting_pick_next(fitting, data, rows.count, dim, picks, error));
    else
        OKNG_TRY(okng_sampler_pick_shared(fitting->options, &rows, fitting->bank_count, fitting->ticker, picks, error));
    if (!fitting->live) return OKNG_OK;
    return find_rows(fitting->live, rows.first, rows.count, picks, fitting->bank_count, error);
}

static okng_status select_rows(okng_fitting *fitting, okng_error *error)
{
    int64_t *picks = okng_alloc((size_t)fitting->bank_count, sizeof *picks);
    okng_status status = picks ? OKNG_OK : okng_fail_memory(error, (size_t)fitting->bank_count * sizeof *picks);
    status = okng_fitting_agree(status, error);
    if (status == OKNG_OK) status = pick_rows(fitting, picks, error);
    if (status == OKNG_OK) status = take_picked(fitting, picks, error);
    free(picks);
    return status;
}

okng_build_options okng_fitting_place_options(const okng_fitting *fitting)
{
    okng_build_options options = *fitting->options;
    const int32_t places = fitting->tile_places;
    if (places > 0) options.coreset_size = (options.coreset_size + places - 1) / places;
    return options;
}

/* The own rows of a place: their numbers, and where `from` is not NULL, they themselves. */
static int64_t gather_place(const okng_fitting *fitting, int32_t place, const float *from, int64_t dim, int64_t *rows,
                            float *to)
{
    int64_t found = 0, begin, end, first_row, end_row;
    okng_fitting_own_pictures(fitting->picture_count / fitting->turns, &begin, &end);
    okng_fitting_own_rows(fitting, &first_row, &end_row);
    for (int64_t picture = begin * fitting->turns; picture < end * fitting->turns; picture++) {
        int64_t first, count;
        if (okng_fitting_place(fitting, picture) != place) continue;
        okng_fitting_rows_of(fitting, picture, &first, &count);
        for (int64_t i = 0; i < count; i++) rows[found + i] = first + i;
        if (from) memcpy(to + found * dim, from + (first - first_row) * dim, (size_t)(count * dim) * sizeof *to);
        found += count;
    }
    return found;
}

/* What selection of one place after the other works on. */
typedef struct by_place {
    const float *from; /* what is chosen by: projections, or the rows of the store; NULL: the sampler looks at none */
    int64_t dim;
    float *some;    /* [own rows, dim] of a place */
    int64_t *rows;  /* [own rows] of the store, of a place */
    int64_t *picks; /* [bank_count] of the store */
} by_place;

static okng_status pick_by_place(okng_fitting *fitting, by_place *b, okng_error *error)
{
    const okng_build_options options = okng_fitting_place_options(fitting);
    okng_status status = OKNG_OK;
    for (int32_t p = 0; p < fitting->tile_places && status == OKNG_OK; p++) {
        const int64_t first = fitting->tile_first[p], count = fitting->tile_first[p + 1] - first;
        const int64_t own = gather_place(fitting, p, b->from, b->dim, b->rows, b->some);
        okng_shared_rows rows;
        status = okng_shared_rows_open(&rows, okng_ranks_together(), b->from ? b->some : NULL, own, b->dim, error);
        for (int64_t i = 0; i < count; i++) b->picks[first + i] = i; /* of all rows there is nothing to choose */
        if (status == OKNG_OK && count < rows.total)
            status = okng_sampler_pick_shared(&options, &rows, count, fitting->ticker, b->picks + first, error);
        if (status == OKNG_OK) status = find_rows(b->rows, rows.first, own, b->picks + first, count, error);
    }
    return status;
}

static okng_status select_by_place(okng_fitting *fitting, okng_error *error)
{
    int64_t first, end;
    okng_fitting_own_rows(fitting, &first, &end);
    const size_t own = (size_t)(end - first);
    by_place b = {.from = fitting->projected ? fitting->projected : okng_store_memory(fitting->store)};
    b.dim = fitting->projected ? fitting->options->projection : fitting->dim;
    b.some = b.from ? okng_alloc(own, (size_t)b.dim * sizeof *b.some) : NULL;
    b.rows = okng_alloc(own, sizeof *b.rows);
    b.picks = okng_alloc((size_t)fitting->bank_count, sizeof *b.picks);
    okng_status status = b.rows && b.picks && (b.some || !b.from)
                             ? OKNG_OK
                             : okng_fail_memory(error, own * (size_t)b.dim * sizeof *b.some);
    status = okng_fitting_agree(status, error);
    if (status == OKNG_OK) status = pick_by_place(fitting, &b, error);
    free(b.some);
    free(b.rows);
    if (status == OKNG_OK) status = take_picked(fitting, b.picks, error);
    free(b.picks);
    return status;
}

/* A centre belongs to the picture that more than half of its rows came from (Boyer and Moore's majority vote, then a
 * count to make sure), else to none. */
static okng_status find_origins(okng_fitting *fitting, const int64_t *assignment, okng_error *error)
{
    size_t centres = (size_t)fitting->bank_count;
    int64_t *votes = okng_alloc_zero(centres, 2 * sizeof *votes), *members = votes ? votes + centres : NULL;
    if (!votes) return okng_fail_memory(error, centres * 2 * sizeof *votes);
    for (size_t c = 0; c < centres; c++) fitting->origin[c] = -1;
    for (int64_t row = 0; row < fitting->kept_count; row++) {
        int64_t c = assignment[row];
        int32_t picture = origin_of(fitting, row);
        members[c]++;
        if (votes[c] == 0) fitting->origin[c] = picture;
        votes[c] += fitting->origin[c] == picture ? 1 : -1;
    }
    for (size_t c = 0; c < centres; c++) votes[c] = 0;
    for (int64_t row = 0; row < fitting->kept_count; row++)
        votes[assignment[row]] += fitting->origin[assignment[row]] == origin_of(fitting, row);
    for (size_t c = 0; c < centres; c++)
        if (2 * votes[c] <= members[c]) fitting->origin[c] = -1;
    free(votes);
    return OKNG_OK;
}

static okng_status find_centres(okng_fitting *fitting, okng_store *store, okng_error *error)
{
    int64_t *assignment = okng_alloc((size_t)fitting->kept_count, sizeof *assignment);
    if (!assignment) return okng_fail_memory(error, (size_t)fitting->kept_count * sizeof *assignment);
    okng_status status =
        okng_kmeans(fitting->options, store, fitting->bank_count, fitting->ticker, fitting->bank, assignment, error);
    if (status == OKNG_OK) status = find_origins(fitting, assignment, error);
    if (fitting->options->distance == OKNG_DISTANCE_COSINE) /* means of vectors of length 1 are shorter */
        okng_rows_normalise(fitting->bank, fitting->bank_count, fitting->dim);
    free(assignment);
    return status;
}

/* Means depend on the order of their sums: rank 0 alone finds them, among the rows of all. */
static okng_status select_centres(okng_fitting *fitting, okng_error *error)
{
    const okng_ranks *ranks = okng_ranks_together();
    okng_store *all = NULL;
    if (ranks->count == 1) return find_centres(fitting, fitting->store, error);
    OKNG_TRY(okng_fitting_bring_together(fitting, &all, error));
    okng_status status = ranks->rank == 0 ? find_centres(fitting, all, error) : OKNG_OK;
    okng_store_free(&all);
    OKNG_TRY(okng_ranks_agree(ranks, status, error));
    OKNG_TRY(okng_ranks_tell(ranks, fitting->bank, (size_t)fitting->dim * sizeof *fitting->bank, fitting->bank_count,
                             error));
    return okng_ranks_tell(ranks, fitting->origin, sizeof *fitting->origin, fitting->bank_count, error);
}

okng_status okng_fitting_select(okng_fitting *fitting, okng_error *error)
{
    size_t rows = (size_t)fitting->bank_count, dim = (size_t)fitting->dim;
    fitting->bank = okng_alloc(rows, dim * sizeof *fitting->bank);
    fitting->origin = okng_alloc(rows, sizeof *fitting->origin);
    bool all = !fitting->live && fitting->bank_count == fitting->kept_count;
    bool centres = !all && fitting->options->sampler == OKNG_SAMPLER_KMEANS;
    fitting->places = centres ? NULL : okng_alloc(rows, 3 * sizeof *fitting->places);
    okng_status status = fitting->bank && fitting->origin && (centres || fitting->places)
                             ? OKNG_OK
                             : okng_fail_memory(error, rows * dim * sizeof *fitting->bank);
    OKNG_TRY(okng_fitting_agree(status, error));
    if (centres) return select_centres(fitting, error);
    if (fitting->tile_places > 0) return select_by_place(fitting, error);
    return all ? take_all(fitting, error) : select_rows(fitting, error);
}
