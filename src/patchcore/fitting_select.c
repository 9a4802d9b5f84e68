#include <stdlib.h>

#include "bank/sampler.h"
#include "base/memory.h"
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
    OKNG_TRY(okng_store_read(fitting->store, 0, fitting->bank_count, fitting->bank, error));
    for (int64_t i = 0; i < fitting->bank_count; i++) {
        fitting->origin[i] = origin_of(fitting, i);
        note_place(fitting, i, i);
    }
    return OKNG_OK;
}

static okng_status select_rows(okng_fitting *fitting, okng_error *error)
{
    int64_t *picks = okng_alloc((size_t)fitting->bank_count, sizeof *picks);
    if (!picks) return okng_fail_memory(error, (size_t)fitting->bank_count * sizeof *picks);
    const float *rows = fitting->projected ? fitting->projected : okng_store_memory(fitting->store);
    int64_t dim = fitting->projected ? fitting->options->projection : fitting->dim;
    int64_t count = fitting->live ? fitting->live_count : fitting->kept_count;
    okng_status status =
        okng_fitting_base_count(fitting) > 0
            ? okng_fitting_pick_next(fitting, rows, count, dim, picks, error)
            : okng_sampler_pick(fitting->options, rows, count, dim, fitting->bank_count, fitting->ticker, picks, error);
    free(fitting->projected); /* its work is done, and the bank needs the room */
    fitting->projected = NULL;
    for (int64_t i = 0; fitting->live && i < fitting->bank_count && status == OKNG_OK; i++)
        picks[i] = fitting->live[picks[i]];
    if (status == OKNG_OK) status = okng_store_gather(fitting->store, picks, fitting->bank_count, fitting->bank, error);
    for (int64_t i = 0; i < fitting->bank_count && status == OKNG_OK; i++) {
        fitting->origin[i] = origin_of(fitting, picks[i]);
        note_place(fitting, i, picks[i]);
    }
    free(picks);
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

static okng_status select_centres(okng_fitting *fitting, okng_error *error)
{
    int64_t *assignment = okng_alloc((size_t)fitting->kept_count, sizeof *assignment);
    if (!assignment) return okng_fail_memory(error, (size_t)fitting->kept_count * sizeof *assignment);
    okng_status status = okng_kmeans(fitting->options, fitting->store, fitting->bank_count, fitting->ticker,
                                     fitting->bank, assignment, error);
    if (status == OKNG_OK) status = find_origins(fitting, assignment, error);
    if (fitting->options->distance == OKNG_DISTANCE_COSINE) /* means of vectors of length 1 are shorter */
        okng_rows_normalise(fitting->bank, fitting->bank_count, fitting->dim);
    free(assignment);
    return status;
}

okng_status okng_fitting_select(okng_fitting *fitting, okng_error *error)
{
    size_t rows = (size_t)fitting->bank_count, dim = (size_t)fitting->dim;
    fitting->bank = okng_alloc(rows, dim * sizeof *fitting->bank);
    fitting->origin = okng_alloc(rows, sizeof *fitting->origin);
    if (!fitting->bank || !fitting->origin) return okng_fail_memory(error, rows * dim * sizeof *fitting->bank);
    bool all = !fitting->live && fitting->bank_count == fitting->kept_count;
    if (!all && fitting->options->sampler == OKNG_SAMPLER_KMEANS) return select_centres(fitting, error);
    fitting->places = okng_alloc(rows, 3 * sizeof *fitting->places);
    if (!fitting->places) return okng_fail_memory(error, rows * 3 * sizeof *fitting->places);
    return all ? take_all(fitting, error) : select_rows(fitting, error);
}
