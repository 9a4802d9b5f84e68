/* Rows that come to those that a bank has already. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/farthest.h"
#include "bank/finite.h"
#include "bank/knn_index.h"
#include "bank/sampler.h"
#include "base/memory.h"
#include "patchcore/fitting.h"

/* far [count]: how far each row is from the nearest of the base, in the space that rows are chosen in. */
static okng_status measure(const okng_fitting *fitting, const okng_rows *base, const float *rows, int64_t count,
                           float *far, okng_error *error)
{
    okng_knn_index *index = NULL;
    int64_t *nearest = okng_alloc((size_t)count, sizeof *nearest);
    okng_status status = nearest ? okng_knn_index_new(&index, base, OKNG_KNN_MANY, fitting->threads, error)
                                 : okng_fail_memory(error, (size_t)count * sizeof *nearest);
    if (status == OKNG_OK)
        status = okng_knn_index_search(index, rows, count, 1, -1, fitting->threads, far, nearest, error);
    for (int64_t i = 0; i < count && status == OKNG_OK; i++) far[i] = sqrtf(far[i]);
    okng_knn_index_free(&index);
    free(nearest);
    return status;
}

/* As a greedy coreset goes on: the farthest from all that is kept comes next, ties to the lowest index. */
static okng_status pick_farthest(okng_fitting *fitting, const okng_rows *base, const float *rows, int64_t count,
                                 int64_t *picks, okng_error *error)
{
    float *far = okng_alloc((size_t)count, sizeof *far);
    if (!far) return okng_fail_memory(error, (size_t)count * sizeof *far);
    okng_status status = measure(fitting, base, rows, count, far, error);
    if (status == OKNG_OK) {
        int64_t first = 0;
        for (int64_t i = 1; i < count; i++)
            if (far[i] > far[first]) first = i;
        okng_ticker_stage(fitting->ticker, "coreset", (uint64_t)fitting->bank_count);
        status = okng_pick_farthest(rows, count, base->dim, far, first, fitting->bank_count, fitting->threads,
                                    fitting->ticker, picks, error);
    }
    free(far);
    return status;
}

okng_status okng_fitting_pick_next(okng_fitting *fitting, const float *rows, int64_t count, int64_t dim, int64_t *picks,
                                   okng_error *error)
{
    const okng_build_options *options = fitting->options;
    okng_rows base = {.data = fitting->base->rows, .count = fitting->base->count, .dim = dim};
    float *projected = NULL;
    if (options->sampler != OKNG_SAMPLER_GREEDY && options->sampler != OKNG_SAMPLER_APPROX_GREEDY)
        return okng_sampler_pick(options, rows, count, dim, fitting->bank_count, fitting->ticker, picks, error);
    OKNG_TRY(okng_check_finite(rows, count, dim, 0, fitting->threads, error));
    if (fitting->projector) {
        projected = okng_alloc((size_t)base.count, (size_t)dim * sizeof *projected);
        if (!projected) return okng_fail_memory(error, (size_t)base.count * (size_t)dim * sizeof *projected);
        okng_projector_run(fitting->projector, base.data, base.count, projected, fitting->threads);
        base.data = projected;
    }
    okng_status status = pick_farthest(fitting, &base, rows, count, picks, error);
    free(projected);
    return status;
}

/* places: those of the base, then those that were selected; NULL where the base does not know its own. */
static okng_status join_places(okng_fitting *fitting, int64_t count, okng_error *error)
{
    const okng_fitting_base *base = fitting->base;
    int32_t *places = NULL;
    if (base->sources && fitting->places) {
        places = okng_alloc((size_t)count, 3 * sizeof *places);
        if (!places) return okng_fail_memory(error, (size_t)count * 3 * sizeof *places);
        memcpy(places, base->sources->places, (size_t)base->count * 3 * sizeof *places);
        memcpy(places + 3 * base->count, fitting->places, (size_t)fitting->bank_count * 3 * sizeof *places);
    }
    free(fitting->places);
    fitting->places = places;
    return OKNG_OK;
}

okng_status okng_fitting_join_base(okng_fitting *fitting, okng_error *error)
{
    const okng_fitting_base *base = fitting->base;
    int64_t count = base->count + fitting->bank_count;
    size_t row = (size_t)fitting->dim * sizeof(float), before = (size_t)base->count, more = (size_t)fitting->bank_count;
    float *rows = okng_alloc((size_t)count, row);
    int32_t *origin = okng_alloc((size_t)count, sizeof *origin);
    okng_status status =
        rows && origin ? join_places(fitting, count, error) : okng_fail_memory(error, (before + more) * row);
    if (status != OKNG_OK) {
        free(rows);
        free(origin);
        return status;
    }
    memcpy(rows, base->rows, before * row);
    memcpy((char *)rows + before * row, fitting->bank, more * row);
    for (int64_t i = 0; i < base->count; i++) origin[i] = okng_fitting_base_origin(fitting, i);
    memcpy(origin + before, fitting->origin, more * sizeof *origin);
    free(fitting->bank);
    free(fitting->origin);
    fitting->bank = rows;
    fitting->origin = origin;
    fitting->bank_count = count;
    return OKNG_OK;
}
