#include "features/pictures.h"

static const char *path_name(const void *context, size_t i)
{
    const char *const *paths = context;
    return paths[i];
}

static okng_status path_load(const void *context, size_t i, uint64_t max_pixels, okng_image *rgb, okng_error *error)
{
    const char *const *paths = context;
    return okng_image_load(rgb, paths[i], max_pixels, error);
}

okng_pictures okng_pictures_of_paths(const char *const *paths, size_t count)
{
    return (okng_pictures){.count = count, .context = paths, .name = path_name, .load = path_load};
}

const char *okng_pictures_name(const okng_pictures *pictures, size_t i)
{
    return pictures->name(pictures->context, i);
}

okng_status okng_pictures_load(const okng_pictures *pictures, size_t i, uint64_t max_pixels, okng_image *rgb,
                               okng_error *error)
{
    return pictures->load(pictures->context, i, max_pixels, rgb, error);
}
