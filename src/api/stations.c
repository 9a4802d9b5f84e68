/* The steps of the pipeline on their own, for researchers and for tests. */
#include <math.h>

#include "api/need.h"
#include "bank/coreset.h"
#include "bank/sampler.h"
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
    okng_status status =
        okng_coreset_pick(&full, rows->data, rows->shape[0], rows->shape[1], &ticker, (*indices)->data, error);
    okng_ticker_destroy(&ticker);
    if (status != OKNG_OK) okng_array_free(indices);
    return status;
}
