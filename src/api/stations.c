/* The steps of the pipeline on their own, for researchers and for tests. */
#include <math.h>
#include <stdlib.h>

#include "api/need.h"
#include "bank/knn.h"
#include "bank/projection.h"
#include "bank/sampler.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "features/preprocess.h"
#include "image/image.h"
#include "options/options.h"
#include "tensor/array.h"

/* An okng_shrink_fn of one picture: by the size that the options come to for it, however they say it. */
static int shrink(const void *context, int32_t width, int32_t height, okng_shrunk to[2])
{
    okng_build_options exact = *(const okng_build_options *)context;
    okng_placement place;
    if (okng_placement_of(&exact, width, height, &place, NULL) != OKNG_OK) return 0;
    exact.resize_mode = OKNG_RESIZE_EXACT;
    exact.resize_height = place.resized_height;
    exact.resize_width = place.resized_width;
    return okng_preprocess_shrink(&exact, width, height, to);
}

static okng_status load(const okng_picture *picture, const okng_build_options *options, okng_image *rgb,
                        okng_placement *placement, okng_error *error)
{
    if (!picture) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no picture was given");
    okng_decoding how = {.max_pixels = options->max_pixels,
                         .bit_depth = okng_bits_of(options->bit_depth),
                         .shrink = shrink,
                         .shrink_context = options};
    OKNG_TRY(okng_image_take(rgb, picture, &how, error));
    const bool whole = how.full_width == 0;
    okng_status status = okng_placement_of(options, whole ? rgb->width : how.full_width,
                                           whole ? rgb->height : how.full_height, placement, error);
    if (status != OKNG_OK) okng_image_free(rgb);
    return status;
}

okng_status okng_preprocess(okng_array **out, const okng_picture *picture, const okng_build_options *options,
                            okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the tensor", error));
    *out = NULL;
    okng_build_options full;
    OKNG_TRY(okng_build_options_check(options, &full, error));
    okng_image rgb;
    okng_placement placement;
    OKNG_TRY(load(picture, &full, &rgb, &placement, error));
    const int64_t shape[4] = {1, 3, placement.height, placement.width};
    okng_status status = okng_array_new(out, OKNG_F32, 4, shape, error);
    if (status == OKNG_OK) status = okng_preprocess_image(&full, &placement, &rgb, (*out)->data, error);
    if (status != OKNG_OK) okng_array_free(out);
    okng_image_free(&rgb);
    return status;
}

/* ---- coreset ------------------------------------------------------------------------------------------------------
 */

/* For each centre the row nearest to it. */
static okng_status nearest_rows(const okng_array *rows, const float *centres, int64_t count, int threads,
                                int64_t *picks, okng_error *error)
{
    okng_rows all = {.data = rows->data, .count = rows->shape[0], .dim = rows->shape[1]};
    float *squared = okng_alloc((size_t)count, sizeof *squared);
    if (!squared) return okng_fail_memory(error, (size_t)count * sizeof *squared);
    okng_status status = okng_knn_search(&all, centres, count, 1, -1, threads, squared, picks, error);
    free(squared);
    return status;
}

static okng_status pick_by_kmeans(const okng_build_options *options, const okng_array *rows, int64_t count,
                                  okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    int64_t n = rows->shape[0], dim = rows->shape[1];
    okng_store *store = NULL;
    float *centres = okng_alloc((size_t)count, (size_t)dim * sizeof *centres);
    int64_t *assignment = okng_alloc((size_t)n, sizeof *assignment);
    okng_status status = centres && assignment ? okng_store_new(&store, n, dim, UINT64_MAX, error)
                                               : okng_fail_memory(error, rows->bytes);
    if (status == OKNG_OK) status = okng_store_write(store, 0, n, rows->data, error);
    if (status == OKNG_OK) status = okng_kmeans(options, store, count, ticker, centres, assignment, error);
    if (status == OKNG_OK)
        status = nearest_rows(rows, centres, count, okng_thread_count(options->threads), picks, error);
    okng_store_free(&store);
    free(assignment);
    free(centres);
    return status;
}

static okng_status pick_projected(const okng_build_options *options, const okng_array *rows, int64_t count,
                                  okng_ticker *ticker, int64_t *picks, okng_error *error)
{
    int64_t n = rows->shape[0], dim = rows->shape[1];
    okng_projector *projector = NULL;
    float *projected = okng_alloc((size_t)n, (size_t)options->projection * sizeof *projected);
    okng_status status =
        projected
            ? okng_projector_new(&projector, options->projection_kind, dim, options->projection, options->seed, error)
            : okng_fail_memory(error, (size_t)n * (size_t)options->projection * sizeof *projected);
    if (status == OKNG_OK) {
        okng_projector_run(projector, rows->data, n, projected, okng_thread_count(options->threads));
        status = okng_sampler_pick(options, projected, n, options->projection, count, ticker, picks, error);
    }
    okng_projector_free(&projector);
    free(projected);
    return status;
}

okng_status okng_coreset(okng_array **indices, const okng_array *rows, const okng_build_options *options,
                         okng_progress_fn progress, void *user, okng_error *error)
{
    OKNG_TRY(okng_need(indices, "the place for the indices", error));
    *indices = NULL;
    okng_build_options full;
    OKNG_TRY(okng_build_options_check(options, &full, error));
    OKNG_TRY(okng_need_matrix(rows, "rows", error));
    const int64_t count = okng_sampler_count(&full, rows->shape[0]);
    OKNG_TRY(okng_array_new(indices, OKNG_I64, 1, &count, error));
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    bool greedy = full.sampler == OKNG_SAMPLER_GREEDY || full.sampler == OKNG_SAMPLER_APPROX_GREEDY;
    okng_status status;
    if (full.sampler == OKNG_SAMPLER_KMEANS)
        status = pick_by_kmeans(&full, rows, count, &ticker, (*indices)->data, error);
    else if (greedy && full.projection > 0)
        status = pick_projected(&full, rows, count, &ticker, (*indices)->data, error);
    else
        status = okng_sampler_pick(&full, rows->data, rows->shape[0], rows->shape[1], count, &ticker, (*indices)->data,
                                   error);
    okng_ticker_destroy(&ticker);
    if (status != OKNG_OK) okng_array_free(indices);
    return status;
}
