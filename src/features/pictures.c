#include "features/pictures.h"

#include <string.h>

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

/* Bytes of the first path that are folders of all of them. */
static size_t common_root(const char *const *paths, size_t count)
{
    size_t shared = count > 0 ? strlen(paths[0]) : 0;
    for (size_t i = 1; i < count; i++) {
        size_t same = 0;
        while (same < shared && paths[i][same] == paths[0][same]) same++; /* a path's NUL differs from all before it */
        shared = same;
    }
    while (shared > 0 && paths[0][shared - 1] != '/') shared--;
    return shared;
}

okng_pictures okng_pictures_of_paths(const char *const *paths, size_t count)
{
    return (okng_pictures){
        .count = count, .root = common_root(paths, count), .context = paths, .name = path_name, .load = path_load};
}

const char *okng_pictures_name(const okng_pictures *pictures, size_t i)
{
    return pictures->name(pictures->context, i);
}

const char *okng_pictures_relative(const okng_pictures *pictures, size_t i)
{
    return okng_pictures_name(pictures, i) + pictures->root;
}

okng_status okng_pictures_load(const okng_pictures *pictures, size_t i, uint64_t max_pixels, okng_image *rgb,
                               okng_error *error)
{
    return pictures->load(pictures->context, i, max_pixels, rgb, error);
}
