/* A picture that is looked at in tiles: the options tile, overlap and tile-banks. Private to model/. */
#ifndef OKNG_MODEL_TILED_H
#define OKNG_MODEL_TILED_H

#include "features/tiled_pictures.h"
#include "model/member.h"

/* Whether the options ask for tiles. */
bool okng_is_tiled(const okng_build_options *options);
/* Where pictures are learnt or scored in tiles: *pictures becomes the list of their tiles, which *tiled, the caller's
 * to free after it, holds; else *tiled is NULL. Errors: ARGUMENT of options that do not go with tiles; those of
 * okng_tiled_pictures_new. */
okng_status okng_tile_pictures(okng_tiled_pictures **tiled, okng_pictures *pictures, const okng_build_options *options,
                               okng_error *error);
/* As okng_member_inspect, of a member that looks at tiles. rgb->resized, where it is not NULL, is the whole picture,
 * and the map is made at the size of rgb. The score is that of the highest tile. Errors: MISMATCH of a picture whose
 * tiles are not of the size that was learnt, or that is of another size than the good ones where each place has rows of
 * its own. */
okng_status okng_tiled_inspect(const okng_member *member, const okng_image *rgb, int threads, okng_scored *scored,
                               okng_error *error);

#endif
