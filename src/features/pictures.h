/* Pictures to learn from or to score, wherever they come from. */
#ifndef OKNG_FEATURES_PICTURES_H
#define OKNG_FEATURES_PICTURES_H

#include "features/preprocess.h"
#include "features/tiles.h"

/* A list of pictures that are decoded one at a time. Borrows what it reads from. May be shared by threads. */
typedef struct okng_pictures {
    size_t count; /* may be 0 */
    size_t root;  /* bytes of every name that lead to the folder of all of them, its slash too; 0 = there is none */
    const void *context;
    /* What picture i < count is called in errors; lives as long as the list. */
    const char *(*name)(const void *context, size_t i);
    /* Picture i < count as RGB, which the caller frees. Its errors name the picture. */
    okng_status (*load)(const void *context, size_t i, okng_decoding *how, okng_image *rgb, okng_error *error);
    /* how->depth of picture i alone; NULL: it is not looked for. */
    okng_status (*look)(const void *context, size_t i, okng_decoding *how, okng_error *error);
    okng_bit_depth bit_depth;         /* that all are read by */
    const okng_build_options *shrink; /* large ones are delivered as these options resize them (preprocess.h);
                                         NULL: all are whole */
    /* How large picture i is once loaded, from its header where that says it. NULL: known by loading alone. */
    okng_status (*size)(const void *context, size_t i, uint64_t max_pixels, int32_t *width, int32_t *height,
                        okng_error *error);
    const okng_tile *tiles; /* [count] what each is a part of (tiled_pictures.h); NULL: all are whole */
} okng_pictures;

/* Those of files; `paths` [count] must outlive the list. Its root is the deepest folder that all lie in. */
okng_pictures okng_pictures_of_paths(const char *const *paths, size_t count);

/* Whether the list is one of files: its context is their paths then, which other processes can read too. */
bool okng_pictures_are_files(const okng_pictures *pictures);

/* Where options->bit_depth is AUTO: what suits all pictures that can be read. Then every picture is held against it:
 * *others are those that differ. Looks in `threads` threads. Errors: MEMORY. */
okng_status okng_pictures_find_depth(const okng_pictures *pictures, okng_build_options *options, int threads,
                                     uint64_t *others, okng_error *error);

/* The list's own functions, called; a picture is read by the list's bit depth. */
const char *okng_pictures_name(const okng_pictures *pictures, size_t i);
/* The name less the root, the same wherever the folder of the pictures lies: what files that are written say. Always a
 * plain path, which readers of such files ask for: without a root the end of a name that leads elsewhere. Lives as long
 * as the list. */
const char *okng_pictures_relative(const okng_pictures *pictures, size_t i);
okng_status okng_pictures_load(const okng_pictures *pictures, size_t i, uint64_t max_pixels, okng_image *rgb,
                               okng_error *error);
okng_status okng_pictures_size(const okng_pictures *pictures, size_t i, uint64_t max_pixels, int32_t *width,
                               int32_t *height, okng_error *error);

#endif
