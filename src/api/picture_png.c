/* A picture, whatever it comes as, as a file that every program shows. */
#include "image/image.h"

/* The size that the longer side may have. */
static okng_status shrink(okng_image *image, int32_t side, okng_error *error)
{
    const int32_t longer = image->width > image->height ? image->width : image->height;
    if (side == 0 || longer <= side) return OKNG_OK;
    int32_t width = (int32_t)((int64_t)image->width * side / longer);
    int32_t height = (int32_t)((int64_t)image->height * side / longer);
    okng_image small = {0};
    OKNG_TRY(okng_image_resize(image, width > 0 ? width : 1, height > 0 ? height : 1, OKNG_BILINEAR, &small, error));
    okng_image_free(image);
    *image = small;
    return OKNG_OK;
}

okng_status okng_picture_png(const okng_picture *picture, int32_t side, void **bytes, size_t *size, okng_error *error)
{
    okng_image image = {0};
    OKNG_TRY(okng_need(bytes, "bytes", error));
    *bytes = NULL;
    OKNG_TRY(okng_need(size, "size", error));
    *size = 0;
    OKNG_TRY(okng_need(picture, "picture", error));
    if (side < 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "side: found %d, expected 0 or more", (int)side);
    OKNG_TRY(okng_image_from_picture(&image, picture, OKNG_MAX_PIXELS_DEFAULT, error));
    okng_status status = shrink(&image, side, error);
    if (status == OKNG_OK) status = okng_image_encode_png(&image, "the picture", bytes, size, error);
    okng_image_free(&image);
    return status;
}

okng_status okng_picture_size(const okng_picture *picture, uint64_t max_pixels, int32_t *width, int32_t *height,
                              okng_error *error)
{
    OKNG_TRY(okng_need(width, "width", error));
    *width = 0;
    OKNG_TRY(okng_need(height, "height", error));
    *height = 0;
    OKNG_TRY(okng_need(picture, "picture", error));
    return okng_image_size(picture, max_pixels, width, height, error);
}
