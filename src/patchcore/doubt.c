#include "patchcore/doubt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/knn_index.h"
#include "bank/quantile.h"
#include "base/memory.h"
#include "base/ranks.h"
#include "kernels/kernels.h"

enum {
    REFERENCES = 25, /* pictures that all are compared with */
    NEAREST = 3,     /* of those, that a patch is held against */
    STEP = 2,        /* between their patches, in both directions */
    LOOKED_AT = 16   /* nearest rows of all references, among which NEAREST different pictures are as a rule */
};

/* A picture to compare with, and what it belongs to: rows first..first+count-1 of the references. */
typedef struct reference {
    int64_t origin, first, count;
} reference;

struct okng_doubter {
    int64_t patches, dim, lead; /* of a picture; of a row; numbers of a row that are looked at */
    size_t count;
    reference references[REFERENCES];
    int reference_count;
    int64_t largest;   /* rows of a reference, at most */
    int64_t row_count; /* of all references */
    float *rows;       /* [row_count, lead] */
    int32_t *origin;   /* [row_count] what the row's reference belongs to */
    int32_t *holder;   /* [row_count] which reference it is of */
    okng_knn_index *index;
    float *distances; /* [count, patches] */
};

static int64_t rows_of_reference(const okng_fitting *fitting)
{
    return (int64_t)((fitting->grid_height + STEP - 1) / STEP) * ((fitting->grid_width + STEP - 1) / STEP);
}

uint64_t okng_doubter_bytes(const okng_fitting *fitting)
{
    uint64_t lead = (uint64_t)okng_extractor_lead(fitting->extractor), patches = (uint64_t)fitting->patches;
    uint64_t rows = (uint64_t)rows_of_reference(fitting);
    uint64_t all = REFERENCES * rows * lead + (uint64_t)fitting->good->count * (patches + 2) + 4 * patches;
    uint64_t found = LOOKED_AT * (sizeof(float) + sizeof(int64_t));
    return sizeof(float) * all + okng_knn_index_bytes((int64_t)(REFERENCES * rows), (int64_t)lead) +
           REFERENCES * rows * 2 * sizeof(int32_t) +
           (uint64_t)fitting->threads * (patches * (lead * sizeof(float) + found) + rows * sizeof(float));
}

/* The rows of one picture as it is that are compared with: of a whole picture every STEP-th in both directions, of what
 * a reservoir keeps the first as many. `buffer` [patches, dim], `numbers` [patches]. */
static okng_status take_reference(okng_doubter *d, const okng_fitting *fitting, int64_t picture, int64_t first,
                                  float *buffer, int64_t *numbers, okng_error *error)
{
    int64_t from, count, most = rows_of_reference(fitting), taken = 0;
    okng_fitting_rows_of(fitting, picture * fitting->turns, &from, &count);
    for (int64_t p = 0; p < count; p++) numbers[p] = from + p;
    OKNG_TRY(okng_fitting_gather_rows(fitting, numbers, count, buffer, error));
    for (int64_t p = 0; p < count && taken < most; p++) {
        const int32_t cell = okng_cell_of_patch(fitting->looked_at, p);
        int32_t y = cell / fitting->grid_width, x = cell % fitting->grid_width;
        if (count == fitting->patches && (y % STEP != 0 || x % STEP != 0)) continue;
        d->origin[first + taken] = okng_fitting_origin(fitting, picture * fitting->turns);
        d->holder[first + taken] = d->reference_count;
        memcpy(d->rows + (first + taken++) * d->lead, buffer + p * d->dim, (size_t)d->lead * sizeof *buffer);
    }
    if (taken > 0)
        d->references[d->reference_count++] =
            (reference){okng_fitting_origin(fitting, picture * fitting->turns), first, taken};
    if (taken > d->largest) d->largest = taken;
    return OKNG_OK;
}

static okng_status take_references(okng_doubter *d, const okng_fitting *fitting, okng_error *error)
{
    int64_t pictures = (int64_t)fitting->good->count, first = 0;
    int64_t wanted = pictures < REFERENCES ? pictures : REFERENCES;
    float *buffer = okng_alloc((size_t)d->patches, (size_t)d->dim * sizeof *buffer);
    int64_t *numbers = okng_alloc((size_t)d->patches, sizeof *numbers);
    okng_status status =
        buffer && numbers ? OKNG_OK : okng_fail_memory(error, (size_t)d->patches * (size_t)d->dim * sizeof *buffer);
    status = okng_fitting_agree(status, error);
    for (int64_t r = 0; r < wanted && status == OKNG_OK; r++) {
        status = take_reference(d, fitting, r * pictures / wanted, first, buffer, numbers, error);
        if (d->reference_count > 0) {
            const reference *last = &d->references[d->reference_count - 1];
            first = last->first + last->count;
        }
    }
    free(buffer);
    free(numbers);
    return status;
}

static okng_status prepare_references(okng_doubter *d, int threads, okng_error *error)
{
    const reference *last = &d->references[d->reference_count - 1];
    d->row_count = last->first + last->count;
    const okng_rows rows = {d->rows, d->row_count, d->lead, d->origin};
    return okng_knn_index_new(&d->index, &rows, OKNG_KNN_MANY, threads, error);
}

okng_status okng_doubter_new(okng_doubter **out, const okng_fitting *fitting, size_t count, okng_error *error)
{
    *out = NULL;
    if (count < NEAREST || fitting->options->tile_height > 0) return OKNG_OK; /* tiles show different places */
    okng_doubter *d = calloc(1, sizeof *d);
    if (!d) return okng_fail_memory(error, sizeof *d);
    d->patches = fitting->patches;
    d->dim = fitting->dim;
    d->lead = okng_extractor_lead(fitting->extractor);
    d->count = count;
    size_t rows = REFERENCES * (size_t)rows_of_reference(fitting);
    d->rows = okng_alloc(rows, (size_t)d->lead * sizeof *d->rows);
    d->origin = okng_alloc(rows, sizeof *d->origin);
    d->holder = okng_alloc(rows, sizeof *d->holder);
    d->distances = okng_alloc(count, (size_t)d->patches * sizeof *d->distances);
    const bool room = d->rows && d->origin && d->holder && d->distances;
    okng_status status = room ? OKNG_OK : okng_fail_memory(error, (size_t)okng_doubter_bytes(fitting));
    status = okng_fitting_agree(status, error);
    if (status == OKNG_OK) status = take_references(d, fitting, error);
    if (status == OKNG_OK && d->reference_count >= NEAREST) status = prepare_references(d, fitting->threads, error);
    if (status != OKNG_OK || d->reference_count < NEAREST) okng_doubter_free(&d); /* a reservoir of next to nothing */
    *out = d;
    return status;
}

void okng_doubter_free(okng_doubter **doubter)
{
    if (!*doubter) return;
    okng_knn_index_free(&(*doubter)->index);
    free((*doubter)->rows);
    free((*doubter)->origin);
    free((*doubter)->holder);
    free((*doubter)->distances);
    free(*doubter);
    *doubter = NULL;
}

/* Puts one more distance among the nearest, which are in order. */
static void put(float *nearest, float distance)
{
    int at = NEAREST;
    for (; at > 0 && distance < nearest[at - 1]; at--)
        if (at < NEAREST) nearest[at] = nearest[at - 1];
    if (at < NEAREST) nearest[at] = distance;
}

static float least(const float *values, int64_t count)
{
    float smallest = INFINITY;
    for (int64_t i = 0; i < count; i++) smallest = values[i] < smallest ? values[i] : smallest;
    return smallest;
}

/* How far a patch [lead] is from the nearest references, in order; +infinity where there are no more. */
static void measure_all(const okng_doubter *d, int64_t origin, const float *patch, float *squared,
                        float nearest[NEAREST])
{
    for (int i = 0; i < NEAREST; i++) nearest[i] = INFINITY;
    for (int r = 0; r < d->reference_count; r++) {
        const reference *other = &d->references[r];
        if (other->origin == origin) continue;
        okng_kernels_get()->l2_squared_block(patch, 1, d->rows + other->first * d->lead, (size_t)other->count,
                                             (size_t)d->lead, squared, (size_t)d->largest);
        put(nearest, sqrtf(least(squared, other->count)));
    }
}

/* The same from its `count` nearest rows; false where these are of too few references. */
static bool take_nearest(const okng_doubter *d, const float *squared, const int64_t *index, int32_t count,
                         float nearest[NEAREST])
{
    int32_t holders[NEAREST];
    int found = 0;
    for (int i = 0; i < NEAREST; i++) nearest[i] = INFINITY;
    for (int32_t i = 0; i < count && found < NEAREST; i++) {
        if (!isfinite(squared[i])) return true; /* nor are the others */
        bool seen = false;
        for (int f = 0; f < found; f++) seen = seen || holders[f] == d->holder[index[i]];
        if (seen) continue;
        holders[found] = d->holder[index[i]];
        nearest[found++] = sqrtf(squared[i]);
    }
    return found == NEAREST || count == d->row_count;
}

static float mean_of(const float nearest[NEAREST])
{
    double sum = 0;
    int found = 0;
    while (found < NEAREST && isfinite(nearest[found])) sum += (double)nearest[found++];
    return found > 0 ? (float)(sum / found) : 0;
}

/* What measuring a picture needs; count: neighbours that are looked at. */
typedef struct work {
    float *queries; /* [patches, lead] */
    float *squared; /* [patches, count] */
    int64_t *index; /* [patches, count] */
    float *all;     /* [largest] */
    int32_t count;
} work;

static okng_status measure_picture(const okng_doubter *d, int64_t origin, const float *rows, const work *w,
                                   float *distances, okng_error *error)
{
    for (int64_t q = 0; q < d->patches; q++)
        memcpy(w->queries + q * d->lead, rows + q * d->dim, (size_t)d->lead * sizeof *rows);
    OKNG_TRY(okng_knn_index_search(d->index, w->queries, d->patches, w->count, (int32_t)origin, 1, w->squared, w->index,
                                   error));
    for (int64_t q = 0; q < d->patches; q++) {
        float nearest[NEAREST];
        if (!take_nearest(d, w->squared + q * w->count, w->index + q * w->count, w->count, nearest))
            measure_all(d, origin, w->queries + q * d->lead, w->all, nearest);
        distances[q] = mean_of(nearest);
    }
    return OKNG_OK;
}

okng_status okng_doubter_measure(okng_doubter *doubter, size_t i, int64_t origin, const float *rows, okng_error *error)
{
    const okng_doubter *d = doubter;
    const size_t patches = (size_t)d->patches;
    work w = {.count = d->row_count < LOOKED_AT ? (int32_t)d->row_count : LOOKED_AT};
    w.queries = okng_alloc(patches, (size_t)d->lead * sizeof *w.queries);
    w.squared = okng_alloc(patches, (size_t)w.count * sizeof *w.squared);
    w.index = okng_alloc(patches, (size_t)w.count * sizeof *w.index);
    w.all = okng_alloc((size_t)d->largest, sizeof *w.all);
    const bool room = w.queries && w.squared && w.index && w.all;
    const okng_status status = room
                                   ? measure_picture(d, origin, rows, &w, d->distances + (int64_t)i * d->patches, error)
                                   : okng_fail_memory(error, patches * (size_t)d->lead * sizeof *w.queries);
    free(w.queries);
    free(w.squared);
    free(w.index);
    free(w.all);
    return status;
}

okng_status okng_doubter_gather(okng_doubter *doubter, int64_t mine, okng_error *error)
{
    const size_t row = (size_t)doubter->patches * sizeof *doubter->distances;
    return okng_ranks_gather_ranges(okng_ranks_together(), doubter->distances, row, mine, (int64_t)doubter->count,
                                    error);
}

static int rising(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static float median(float *values, size_t count)
{
    qsort(values, count, sizeof *values, rising);
    return okng_quantile_sorted(values, count, 0.5);
}

/* Of a normal distribution, deviation / median distance from the middle; of what half of the places are, the part that
 * a place is always thought to vary by: of few pictures some place looks steadier than it is. */
static const float deviation_of_mad = 1.4826f, least_variation = 0.2f;
static const double own_level = 0.75; /* quantile of a picture's own patches that it is held against */

/* levels, spreads [patches]: how far a place is in half of the pictures, and how much that varies. `room` [the larger
 * of patches and count]. */
static void find_levels(const okng_doubter *d, float *levels, float *spreads, float *room)
{
    for (int64_t p = 0; p < d->patches; p++) {
        for (size_t i = 0; i < d->count; i++) room[i] = d->distances[(int64_t)i * d->patches + p];
        levels[p] = median(room, d->count);
        for (size_t i = 0; i < d->count; i++) room[i] = fabsf(room[i] - levels[p]);
        spreads[p] = deviation_of_mad * median(room, d->count);
    }
    memcpy(room, levels, (size_t)d->patches * sizeof *levels);
    float least_spread = least_variation * median(room, (size_t)d->patches);
    for (int64_t p = 0; p < d->patches; p++) spreads[p] += least_spread;
}

/* How far each patch of picture i stands out, [patches]; `sorted` [patches] gets them in order. Returns what of the
 * picture itself they are held against. */
static double stand_out(const okng_doubter *d, size_t i, const float *levels, const float *spreads, float *values,
                        float *sorted)
{
    size_t patches = (size_t)d->patches;
    for (size_t p = 0; p < patches; p++)
        values[p] = spreads[p] > 0 ? (d->distances[i * patches + p] - levels[p]) / spreads[p] : 0;
    memcpy(sorted, values, patches * sizeof *values);
    qsort(sorted, patches, sizeof *sorted, rising);
    return (double)okng_quantile_sorted(sorted, patches, own_level);
}

/* Where levels, spreads, values of a picture and those in order find room, one behind the other; NULL when memory is
 * out. Levels and spreads are filled in. */
static float *room_of(const okng_doubter *d, okng_error *error)
{
    size_t patches = (size_t)d->patches, most = patches > d->count ? patches : d->count;
    float *room = okng_alloc(3 * patches + most, sizeof *room);
    if (room)
        find_levels(d, room, room + patches, room + 3 * patches);
    else
        (void)okng_fail_memory(error, (3 * patches + most) * sizeof *room);
    return room;
}

okng_status okng_doubter_mark(const okng_doubter *doubter, float limit, uint8_t *out, okng_error *error)
{
    size_t patches = (size_t)doubter->patches;
    float *levels = room_of(doubter, error);
    if (!levels) return OKNG_ERROR_MEMORY;
    float *spreads = levels + patches, *values = spreads + patches, *sorted = values + patches;
    for (size_t i = 0; i < doubter->count; i++) {
        double own = stand_out(doubter, i, levels, spreads, values, sorted);
        for (size_t p = 0; p < patches; p++) out[i * patches + p] = (double)values[p] - own > (double)limit;
    }
    free(levels);
    return OKNG_OK;
}

okng_status okng_doubter_conclude(const okng_doubter *doubter, float *doubts, okng_error *error)
{
    size_t patches = (size_t)doubter->patches, top = patches / 100 > 0 ? patches / 100 : 1;
    float *levels = room_of(doubter, error);
    if (!levels) return OKNG_ERROR_MEMORY;
    float *spreads = levels + patches, *values = spreads + patches, *sorted = values + patches;
    for (size_t i = 0; i < doubter->count; i++) {
        double own = stand_out(doubter, i, levels, spreads, values, sorted), sum = 0;
        for (size_t p = patches - top; p < patches; p++) sum += (double)sorted[p];
        doubts[i] = (float)(sum / (double)top - own);
    }
    free(levels);
    return OKNG_OK;
}
