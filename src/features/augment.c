#include "features/augment.h"

static const char *name(const void *context, size_t i)
{
    const okng_turned_pictures *turned = context;
    return okng_pictures_name(turned->pictures, i / turned->turns);
}

static okng_status load(const void *context, size_t i, okng_decoding *how, okng_image *rgb, okng_error *error)
{
    const okng_turned_pictures *turned = context;
    size_t turn = i % turned->turns;
    OKNG_TRY(okng_pictures_load(turned->pictures, i / turned->turns, how->max_pixels, rgb, error));
    if (turn == 0) return OKNG_OK;
    okng_image upright = *rgb;
    okng_status status = okng_image_rotate(&upright, (int32_t)turn, (int32_t)turned->turns, rgb, error);
    okng_image_free(&upright);
    return status;
}

static okng_status size(const void *context, size_t i, uint64_t max_pixels, int32_t *width, int32_t *height,
                        okng_error *error)
{
    const okng_turned_pictures *turned = context;
    return okng_pictures_size(turned->pictures, i / turned->turns, max_pixels, width, height, error);
}

void okng_turned_pictures_init(okng_turned_pictures *out, const okng_pictures *pictures, size_t turns)
{
    out->pictures = pictures;
    out->turns = turns;
    out->list = turns > 1 ? (okng_pictures){.count = pictures->count * turns,
                                            .root = pictures->root,
                                            .context = out,
                                            .name = name,
                                            .load = load,
                                            .size = size}
                          : *pictures;
}
