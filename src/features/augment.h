/* More pictures from few: turned copies of each. */
#ifndef OKNG_FEATURES_AUGMENT_H
#define OKNG_FEATURES_AUGMENT_H

#include "features/pictures.h"

/* Picture i * turns + t of `list` is picture i of `pictures`, turned counter-clockwise by t / turns of a full turn
 * (okng_image_rotate): t = 0 is the picture itself. */
typedef struct okng_turned_pictures {
    okng_pictures list;
    const okng_pictures *pictures;
    size_t turns;
} okng_turned_pictures;

/* Borrows `pictures`; `out` must outlive its list and stay where it is. turns >= 1; with 1 the list is `pictures`. */
void okng_turned_pictures_init(okng_turned_pictures *out, const okng_pictures *pictures, size_t turns);

#endif
