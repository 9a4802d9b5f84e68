#include "features/placement.h"

#include "features/input_size.h"
#include "net/graph.h"

enum { MAX_SIDE = 65535, MAX_PIXELS = 1 << 28 };

static okng_status check_side(const char *what, int64_t width, int64_t height, okng_error *error)
{
    if (width >= 1 && width <= MAX_SIDE && height >= 1 && height <= MAX_SIDE) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s is %lldx%lld: expected sides of 1..%d", what, (long long)width,
                     (long long)height, MAX_SIDE);
}

/* A side that nobody asked for, as a network takes it: the nearest whole number of its patches. */
static int64_t whole_patches(const okng_build_options *options, int64_t side)
{
    okng_network_info network;
    if (options->crop > 0 || okng_network_get(options->backbone, &network, NULL) != OKNG_OK || network.patch == 1)
        return side;
    int64_t patches = (side + network.patch / 2) / network.patch;
    return (patches > 0 ? patches : 1) * network.patch;
}

static okng_status resized_size(const okng_build_options *options, int64_t width, int64_t height, int64_t *out_width,
                                int64_t *out_height, okng_error *error)
{
    int64_t shorter = options->resize_height;
    switch (options->resize_mode) {
    case OKNG_RESIZE_NONE:
        *out_width = width;
        *out_height = height;
        break;
    case OKNG_RESIZE_SHORTER: /* cut off like torchvision's int(): whole numbers divide to the same */
        *out_width = width <= height ? shorter : whole_patches(options, shorter * width / height);
        *out_height = width > height ? shorter : whole_patches(options, shorter * height / width);
        break;
    case OKNG_RESIZE_EXACT:
        *out_width = options->resize_width;
        *out_height = options->resize_height;
        break;
    case OKNG_RESIZE_AUTO: { /* a centre crop is square, and is cut from a square */
        okng_input_size size =
            okng_input_size_of(options, options->crop > 0 ? 1 : height, options->crop > 0 ? 1 : width);
        *out_width = size.width;
        *out_height = size.height;
        break;
    }
    default:
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "resize mode %d: expected none, shorter, exact or auto",
                         (int)options->resize_mode);
    }
    OKNG_TRY(check_side("the picture after the resize", *out_width, *out_height, error));
    if (*out_width * *out_height <= MAX_PIXELS) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT, "the picture after the resize is %lldx%lld: expected at most %d pixels",
                     (long long)*out_width, (long long)*out_height, MAX_PIXELS);
}

/* round-half-even(margin / 2) */
static int64_t half_even(int64_t margin)
{
    int64_t half = margin / 2;
    return margin % 2 != 0 && half % 2 != 0 ? half + 1 : half;
}

okng_status okng_placement_of(const okng_build_options *options, int32_t width, int32_t height, okng_placement *out,
                              okng_error *error)
{
    int64_t resized_width = width, resized_height = height, crop = options->crop;
    OKNG_TRY(check_side("the picture", width, height, error));
    OKNG_TRY(resized_size(options, width, height, &resized_width, &resized_height, error));
    if (crop < 0 || crop > resized_width || crop > resized_height)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "crop %lld: a picture of %dx%d is %lldx%lld after the resize; crop at most the shorter side",
                         (long long)crop, width, height, (long long)resized_width, (long long)resized_height);
    *out = (okng_placement){.original_height = height,
                            .original_width = width,
                            .resized_height = (int32_t)resized_height,
                            .resized_width = (int32_t)resized_width,
                            .crop_x = crop > 0 ? (int32_t)half_even(resized_width - crop) : 0,
                            .crop_y = crop > 0 ? (int32_t)half_even(resized_height - crop) : 0,
                            .height = (int32_t)(crop > 0 ? crop : resized_height),
                            .width = (int32_t)(crop > 0 ? crop : resized_width)};
    return OKNG_OK;
}
