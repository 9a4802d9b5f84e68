/* What people look at of a result: drawn once here, for files and for memory. */
#include <stdlib.h>
#include <string.h>

#include "inspect/result.h"
#include "report/report.h"

static okng_status copy_mask(const okng_image *mask, okng_image *out, okng_error *error)
{
    OKNG_TRY(okng_image_new(out, mask->width, mask->height, 1, error));
    memcpy(out->pixels, mask->pixels, (size_t)mask->width * (size_t)mask->height);
    return OKNG_OK;
}

okng_status okng_result_draw(const okng_result *result, okng_result_picture kind, okng_image *out, okng_error *error)
{
    switch (kind) {
    case OKNG_PICTURE_HEAT:
        return okng_report_heat(result->map, result->picture.height, result->picture.width, result->heat_low,
                                result->heat_threshold, out, error);
    case OKNG_PICTURE_MASK:
        return copy_mask(&result->mask, out, error);
    case OKNG_PICTURE_OVERLAY:
        return okng_report_overlay(&result->picture, &result->mask, result->map, OKNG_LOOK_BOTH,
                                   okng_report_verdict_colour(okng_result_verdict(result)), out, error);
    }
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "picture %d of a result: there are heat, mask and overlay", (int)kind);
}

okng_status okng_result_png(const okng_result *result, okng_result_picture kind, void **bytes, size_t *size,
                            okng_error *error)
{
    OKNG_TRY(okng_need(bytes, "the place for the bytes", error));
    *bytes = NULL;
    OKNG_TRY(okng_need(size, "the place for their number", error));
    *size = 0;
    OKNG_TRY(okng_need(result, "the result", error));
    okng_image image = {0};
    okng_status status = okng_result_draw(result, kind, &image, error);
    if (status == OKNG_OK) status = okng_image_encode_png(&image, "a picture of the result", bytes, size, error);
    okng_image_free(&image);
    return status;
}

void okng_bytes_free(void **bytes)
{
    if (!bytes) return;
    free(*bytes);
    *bytes = NULL;
}
