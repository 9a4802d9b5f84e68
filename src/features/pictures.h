/* Pictures to learn from or to score, wherever they come from. */
#ifndef OKNG_FEATURES_PICTURES_H
#define OKNG_FEATURES_PICTURES_H

#include "image/image.h"

/* A list of pictures that are decoded one at a time. Borrows what it reads from. May be shared by threads. */
typedef struct okng_pictures {
    size_t count; /* may be 0 */
    const void *context;
    /* What picture i < count is called in errors; lives as long as the list. */
    const char *(*name)(const void *context, size_t i);
    /* Picture i < count as RGB of at most max_pixels pixels, which the caller frees. Its errors name the picture. */
    okng_status (*load)(const void *context, size_t i, uint64_t max_pixels, okng_image *rgb, okng_error *error);
} okng_pictures;

/* Those of files; `paths` [count] must outlive the list. */
okng_pictures okng_pictures_of_paths(const char *const *paths, size_t count);

/* The list's own functions, called. */
const char *okng_pictures_name(const okng_pictures *pictures, size_t i);
okng_status okng_pictures_load(const okng_pictures *pictures, size_t i, uint64_t max_pixels, okng_image *rgb,
                               okng_error *error);

#endif
