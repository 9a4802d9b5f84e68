#include "image/webp_write.h"
#include "report/page.h"
#include "report/report.h"

enum { QUALITY = 82 };

static int32_t scaled(int32_t side, int32_t longer)
{
    int64_t small = ((int64_t)side * OKNG_THUMB_SIDE + longer / 2) / longer;
    return small < 1 ? 1 : (int32_t)small;
}

static okng_status shrink(const okng_image *image, okng_interpolation interpolation, okng_image *out, okng_error *error)
{
    int32_t longer = image->width > image->height ? image->width : image->height;
    if (longer <= OKNG_THUMB_SIDE) return okng_image_crop(image, 0, 0, image->width, image->height, out, error);
    return okng_image_resize(image, scaled(image->width, longer), scaled(image->height, longer), interpolation, out,
                             error);
}

static okng_status encode(okng_thumb *thumb, const okng_image *image, okng_error *error)
{
    thumb->width = image->width;
    thumb->height = image->height;
    return okng_image_encode_webp(image, QUALITY, &thumb->data, &thumb->size, error);
}

okng_status okng_thumb_new(okng_thumb *thumb, const okng_image *image, okng_error *error)
{
    *thumb = (okng_thumb){0};
    okng_image small = {0};
    okng_status status = shrink(image, OKNG_BICUBIC, &small, error);
    if (status == OKNG_OK) status = encode(thumb, &small, error);
    okng_image_free(&small);
    return status;
}

okng_status okng_thumb_new_heat(okng_thumb *thumb, const okng_image *grey, okng_error *error)
{
    *thumb = (okng_thumb){0};
    okng_image small = {0}, colour = {0};
    okng_status status = shrink(grey, OKNG_BILINEAR, &small, error);
    if (status == OKNG_OK) status = okng_image_new(&colour, small.width, small.height, 3, error);
    if (status == OKNG_OK) {
        size_t pixels = (size_t)small.width * (size_t)small.height;
        for (size_t i = 0; i < pixels; i++) okng_report_heat_rgb(small.pixels[i], colour.pixels + 3 * i);
        status = encode(thumb, &colour, error);
    }
    okng_image_free(&small);
    okng_image_free(&colour);
    return status;
}
