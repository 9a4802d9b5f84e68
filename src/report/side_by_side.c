#include <string.h>

#include "report/report.h"

enum { NEUTRAL = 160, GAP_PER_SIDE = 80, MIN_GAP = 2 };

/* Copies a picture into the canvas, grey as RGB. */
static void paste(okng_image *canvas, const okng_image *picture, int32_t left, int32_t top)
{
    for (int32_t y = 0; y < picture->height; y++) {
        const uint8_t *in = picture->pixels + (int64_t)y * picture->width * picture->channels;
        uint8_t *out = canvas->pixels + ((int64_t)(top + y) * canvas->width + left) * 3;
        if (picture->channels == 3)
            memcpy(out, in, (size_t)picture->width * 3);
        else
            for (int32_t x = 0; x < picture->width; x++, out += 3) memset(out, in[x], 3);
    }
}

static okng_status check_size(const char *what, const okng_image *picture, const okng_image *test, okng_error *error)
{
    if (picture->width == test->width && picture->height == test->height) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "side by side: the %s is %dx%d, expected the test picture's %dx%d",
                     what, picture->width, picture->height, test->width, test->height);
}

okng_status okng_report_side_by_side(const okng_image *reference, const okng_image *test, const okng_image *mask,
                                     const okng_image *overlay, okng_image *out, okng_error *error)
{
    OKNG_TRY(check_size("mask", mask, test, error));
    OKNG_TRY(check_size("overlay", overlay, test, error));
    int32_t width = test->width, height = test->height, gap = (width < height ? width : height) / GAP_PER_SIDE;
    if (gap < MIN_GAP) gap = MIN_GAP;
    okng_image scaled = {0};
    if (reference->width != width || reference->height != height)
        OKNG_TRY(okng_image_resize(reference, width, height, OKNG_BILINEAR, &scaled, error));
    okng_status status = okng_image_new(out, 2 * width + 3 * gap, 2 * height + 3 * gap, 3, error);
    if (status == OKNG_OK) {
        memset(out->pixels, NEUTRAL, (size_t)out->width * (size_t)out->height * 3);
        paste(out, scaled.pixels ? &scaled : reference, gap, gap);
        paste(out, test, 2 * gap + width, gap);
        paste(out, mask, gap, 2 * gap + height);
        paste(out, overlay, 2 * gap + width, 2 * gap + height);
    }
    okng_image_free(&scaled);
    return status;
}
