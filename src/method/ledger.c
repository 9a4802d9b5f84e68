#include "method/ledger.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/ranks.h"
#include "method/image_score.h"

enum { KEPT_BESIDE_MANY = 9, FREE_BYTES = 4 << 20 };

static int64_t between(int64_t value, int64_t low, int64_t high)
{
    int64_t most = value < high ? value : high;
    return most > low ? most : low;
}

int32_t okng_ledger_kept_for(int64_t rows, const okng_ledger_size *size)
{
    if (size->count < 1) return OKNG_LEDGER_KEPT_MIN;
    int64_t kept = between(rows / (4 * size->count), OKNG_LEDGER_KEPT_MIN, KEPT_BESIDE_MANY);
    int64_t all = between(size->patches + 1, OKNG_LEDGER_KEPT_MIN, OKNG_LEDGER_KEPT_MAX); /* and the typical one */
    int64_t room = FREE_BYTES / (int64_t)sizeof(float) / size->dim / size->count;
    return (int32_t)between(room, kept, all > kept ? all : kept);
}

uint64_t okng_ledger_bytes(const okng_ledger_size *size)
{
    uint64_t kept = (uint64_t)size->kept, dim = (uint64_t)size->dim, patches = (uint64_t)size->patches;
    return (uint64_t)size->count * sizeof(float) * (2 + patches + kept * (1 + dim));
}

static float *floats(int64_t count, int64_t of_each)
{
    size_t all;
    return okng_mul_size((size_t)count, (size_t)of_each, &all) ? okng_alloc(all, sizeof(float)) : NULL;
}

okng_status okng_ledger_new(okng_ledger **out, const okng_ledger_size *size, okng_picture_name_fn name,
                            const void *context, const char *folder, okng_error *error)
{
    okng_ledger *l = *out = calloc(1, sizeof *l);
    if (!l) return okng_fail_memory(error, sizeof *l);
    l->count = size->count;
    l->patches = size->patches;
    l->dim = size->dim;
    l->kept = size->kept;
    l->scores = floats(l->count, 1);
    l->doubts = floats(l->count, 1);
    l->grid = floats(l->count, l->patches);
    l->places = okng_alloc_zero((size_t)l->count * (size_t)l->kept, sizeof *l->places);
    l->rows = floats(l->count * l->kept, l->dim);
    l->folder = strdup(folder);
    okng_status status = l->scores && l->doubts && l->grid && l->places && l->rows && l->folder
                             ? okng_picture_names_new(&l->names, l->count, name, context, error)
                             : okng_fail_memory(error, (size_t)okng_ledger_bytes(size));
    if (status != OKNG_OK) {
        okng_ledger_free(out);
        return status;
    }
    for (int64_t i = 0; i < l->count; i++) l->scores[i] = l->doubts[i] = NAN;
    memset(l->grid, 0, (size_t)l->count * (size_t)l->patches * sizeof *l->grid);
    memset(l->rows, 0, (size_t)l->count * (size_t)l->kept * (size_t)l->dim * sizeof *l->rows);
    return OKNG_OK;
}

void okng_ledger_free(okng_ledger **ledger)
{
    okng_ledger *l = *ledger;
    if (!l) return;
    free(l->scores);
    free(l->doubts);
    free(l->grid);
    free(l->places);
    free(l->rows);
    okng_picture_names_free(&l->names);
    free(l->folder);
    free(l);
    *ledger = NULL;
}

/* Where the other keeps fewer of the highest, its last one of them stands for the rest. */
static int32_t place_in(const okng_ledger *from, const okng_ledger *to, int32_t k)
{
    if (k == to->kept - 1) return from->kept - 1; /* the typical one */
    return k < from->kept - 1 ? k : from->kept - 2;
}

void okng_ledger_copy(okng_ledger *ledger, int64_t at, const okng_ledger *from)
{
    size_t patches = (size_t)ledger->patches, dim = (size_t)ledger->dim;
    for (int64_t i = 0; i < from->count; i++) {
        ledger->scores[at + i] = from->scores[i];
        ledger->doubts[at + i] = from->doubts[i];
        memcpy(ledger->grid + (size_t)(at + i) * patches, from->grid + (size_t)i * patches, patches * sizeof(float));
        for (int32_t k = 0; k < ledger->kept; k++) {
            int64_t of = i * from->kept + place_in(from, ledger, k), to = (at + i) * ledger->kept + k;
            ledger->places[to] = from->places[of];
            memcpy(ledger->rows + (size_t)to * dim, from->rows + (size_t)of * dim, dim * sizeof(float));
        }
    }
}

/* The `count` highest of scores [patches], the highest first, of equal ones the first; where there are fewer patches
 * the last one again. */
static void find_highest(const float *scores, int64_t patches, int32_t count, int32_t *places)
{
    int32_t found = 0;
    for (int64_t p = 0; p < patches; p++) {
        int32_t at = found;
        while (at > 0 && scores[p] > scores[places[at - 1]]) at--;
        if (at == count) continue;
        if (found < count) found++;
        for (int32_t k = found - 1; k > at; k--) places[k] = places[k - 1];
        places[at] = (int32_t)p;
    }
    for (; found < count; found++) places[found] = places[found - 1];
}

/* Another place for each picture, spread evenly (multiples of the golden ratio). */
static int32_t typical_place(int64_t i, int64_t patches)
{
    uint32_t spread = (uint32_t)i * 2654435769u;
    return (int32_t)((uint64_t)spread * (uint64_t)patches >> 32);
}

void okng_ledger_put(okng_ledger *ledger, int64_t i, float score, const float *scores, const float *rows)
{
    int32_t *places = ledger->places + i * ledger->kept;
    float *kept = ledger->rows + i * ledger->kept * ledger->dim;
    ledger->scores[i] = score;
    memcpy(ledger->grid + i * ledger->patches, scores, (size_t)ledger->patches * sizeof *scores);
    find_highest(scores, ledger->patches, ledger->kept - 1, places);
    places[ledger->kept - 1] = typical_place(i, ledger->patches);
    for (int32_t k = 0; k < ledger->kept; k++)
        memcpy(kept + k * ledger->dim, rows + places[k] * ledger->dim, (size_t)ledger->dim * sizeof *rows);
}

okng_status okng_ledger_gather(okng_ledger *ledger, okng_error *error)
{
    const okng_ranks *ranks = okng_ranks_together();
    const size_t kept = (size_t)ledger->kept, row = (size_t)ledger->dim * sizeof *ledger->rows;
    const size_t grid = (size_t)ledger->patches * sizeof *ledger->grid;
    OKNG_TRY(okng_ranks_gather_parts(ranks, ledger->scores, sizeof *ledger->scores, ledger->count, error));
    OKNG_TRY(okng_ranks_gather_parts(ranks, ledger->grid, grid, ledger->count, error));
    OKNG_TRY(okng_ranks_gather_parts(ranks, ledger->places, kept * sizeof *ledger->places, ledger->count, error));
    return okng_ranks_gather_parts(ranks, ledger->rows, kept * row, ledger->count, error);
}

/* ---- changing ---------------------------------------------------------------------------------------------------- */

double okng_ledger_typical(const okng_ledger *ledger, const float *now, int64_t count)
{
    double before = 0, after = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t last = (i + 1) * ledger->kept - 1;
        if (isnan(ledger->scores[i])) continue;
        before += (double)ledger->grid[i * ledger->patches + ledger->places[last]];
        after += (double)now[last];
    }
    return before > 0 ? after / before : 1;
}

/* What a picture's patches are multiplied by: `typical` up to its mean, `highest` from the lowest of its highest on. */
typedef struct factors {
    double typical, highest, mean, low;
} factors;

static double factor_of(const factors *f, double score)
{
    double part = f->low > f->mean ? (score - f->mean) / (f->low - f->mean) : 1;
    return f->typical + fmin(fmax(part, 0), 1) * (f->highest - f->typical);
}

static factors factors_of(const okng_ledger *ledger, int64_t i, const float *now, double typical)
{
    const float *grid = ledger->grid + i * ledger->patches;
    const int32_t *places = ledger->places + i * ledger->kept;
    double before = 0, after = 0, sum = 0;
    int32_t first =
        ledger->kept > KEPT_BESIDE_MANY ? ledger->kept - KEPT_BESIDE_MANY : 0; /* those nearest to the rest */
    for (int32_t k = first; k < ledger->kept - 1; k++) {
        before += (double)grid[places[k]];
        after += (double)now[k];
    }
    for (int64_t p = 0; p < ledger->patches; p++) sum += (double)grid[p];
    return (factors){.typical = typical,
                     .highest = before > 0 ? after / before : typical,
                     .mean = sum / (double)ledger->patches,
                     .low = (double)grid[places[ledger->kept - 2]]};
}

okng_status okng_ledger_change(okng_ledger *ledger, int64_t i, const float *now, double typical, float weight,
                               const okng_build_options *options, okng_error *error)
{
    float *grid = ledger->grid + i * ledger->patches;
    const int32_t *places = ledger->places + i * ledger->kept;
    const factors f = factors_of(ledger, i, now, typical);
    for (int64_t p = 0; p < ledger->patches; p++) grid[p] = (float)((double)grid[p] * factor_of(&f, (double)grid[p]));
    for (int32_t k = ledger->kept; k-- > 0;) grid[places[k]] = now[k];
    double part = options->image_score == OKNG_SCORE_TOP ? options->top : 0;
    OKNG_TRY(okng_image_score_top(grid, ledger->patches, part, &ledger->scores[i], error));
    ledger->scores[i] *= weight;
    return OKNG_OK;
}
