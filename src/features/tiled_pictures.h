/* The tiles of pictures, as a list of pictures: what learns tiles learns them as it learns pictures. */
#ifndef OKNG_FEATURES_TILED_PICTURES_H
#define OKNG_FEATURES_TILED_PICTURES_H

#include "features/pictures.h"

/* May be shared by threads. */
typedef struct okng_tiled_pictures okng_tiled_pictures;

/* All tiles of the first picture, then all of the second. Tiles are called as their pictures are. A picture is decoded
 * once while its tiles are asked for one after the other: two are in memory at a time. Borrows `pictures` and what its
 * functions need. Errors: those of okng_pictures_size and okng_tile_grid_of, naming the picture; MISMATCH where the
 * tiles of one are of another size than those of the others, as one is smaller than the tile, or, for `alike`, where
 * the pictures' sizes differ; MEMORY. */
okng_status okng_tiled_pictures_new(okng_tiled_pictures **out, const okng_pictures *pictures,
                                    const okng_build_options *options, bool alike, okng_error *error);
void okng_tiled_pictures_free(okng_tiled_pictures **tiled); /* NULL is fine; sets it to NULL */
/* The list, which is the owner's; its `tiles` are set. */
okng_pictures okng_tiled_pictures_list(okng_tiled_pictures *tiled);

#endif
