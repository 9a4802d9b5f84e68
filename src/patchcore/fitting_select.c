#include <stdlib.h>
#include <string.h>

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

okng_build_options okng_fitting_place_options(const okng_fitting *fitting)
{
    okng_build_options options = *fitting->options;
    const int32_t places = fitting->tile_places;
    if (places > 0) options.coreset_size = (options.coreset_size + places - 1) / places;
    return options;
}

/* The rows of the store of a place: their numbers, and where `from` is not NULL, they themselves. */
static int64_t gather_place(const okng_fitting *fitting, int32_t place, const float *from, int64_t dim, int64_t *rows,
                            float *to)
{
    int64_t found = 0;
    for (int64_t picture = 0; picture < fitting->picture_count; picture++) {
        int64_t first, count;
        if (okng_fitting_place(fitting, picture) != place) continue;
        okng_fitting_rows_of(fitting, picture, &first, &count);
        for (int64_t i = 0; i < count; i++) rows[found + i] = first + i;
        if (from) memcpy(to + found * dim, from + first * dim, (size_t)(count * dim) * sizeof *to);
        found += count;
    }
    return found;
}

/* What selection of one place after the other works on. */
typedef struct by_place {
    const float *from; /* what is chosen by: projections, or the rows of the store; NULL: the sampler looks at none */
    int64_t dim;
    float *some;    /* [kept_count, dim] of a place */
    int64_t *rows;  /* [kept_count] of the store, of a place */
    int64_t *picks; /* [bank_count] of the store */
} by_place;

static okng_status pick_by_place(okng_fitting *fitting, by_place *b, okng_error *error)
{
    const okng_build_options options = okng_fitting_place_options(fitting);
    okng_status status = OKNG_OK;
    for (int32_t p = 0; p < fitting->tile_places && status == OKNG_OK; p++) {
        const int64_t first = fitting->tile_first[p], count = fitting->tile_first[p + 1] - first;
        const int64_t rows = gather_place(fitting, p, b->from, b->dim, b->rows, b->some);
        for (int64_t i = 0; i < count; i++) b->picks[first + i] = i; /* of all rows there is nothing to choose */
        if (count < rows)
            status = okng_sampler_pick(&options, b->from ? b->some : NULL, rows, b->dim, count, fitting->ticker,
                                       b->picks + first, error);
        for (int64_t i = 0; i < count && status == OKNG_OK; i++) b->picks[first + i] = b->rows[b->picks[first + i]];
    }
    return status;
}

static okng_status select_by_place(okng_fitting *fitting, okng_error *error)
{
    const size_t kept = (size_t)fitting->kept_count;
    by_place b = {.from = fitting->projected ? fitting->projected : okng_store_memory(fitting->store)};
    b.dim = fitting->projected ? fitting->options->projection : fitting->dim;
    b.some = b.from ? okng_alloc(kept, (size_t)b.dim * sizeof *b.some) : NULL;
    b.rows = okng_alloc(kept, sizeof *b.rows);
    b.picks = okng_alloc((size_t)fitting->bank_count, sizeof *b.picks);
    okng_status status = b.rows && b.picks && (b.some || !b.from)
                             ? pick_by_place(fitting, &b, error)
                             : okng_fail_memory(error, kept * (size_t)b.dim * sizeof *b.some);
    free(b.some);
    free(b.rows);
    free(fitting->projected); /* its work is done, and the bank needs the room */
    fitting->projected = NULL;
    if (status == OKNG_OK)
        status = okng_store_gather(fitting->store, b.picks, fitting->bank_count, fitting->bank, error);
    for (int64_t i = 0; i < fitting->bank_count && status == OKNG_OK; i++) {
        fitting->origin[i] = origin_of(fitting, b.picks[i]);
        note_place(fitting, i, b.picks[i]);
    }
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
    if (fitting->tile_places > 0) return select_by_place(fitting, error);
    return all ? take_all(fitting, error) : select_rows(fitting, error);
}
