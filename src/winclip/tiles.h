/* The parts of a picture that a square network looks at one by one: the picture itself, or squares of its shorter side
 * along the longer. Private to winclip/. */
#ifndef OKNG_WINCLIP_TILES_H
#define OKNG_WINCLIP_TILES_H

#include "image/image.h"

enum { OKNG_TILES_MAX = 64 };

typedef struct okng_tiles {
    int32_t width, height; /* of the picture */
    int32_t count;
    int32_t tile_width, tile_height; /* of each */
    int32_t step; /* from one to the next: 4/5 of the side, cut off; the last ends with the picture */
    bool across;  /* they lie beside each other, not below */
} okng_tiles;

/* Errors: LIMIT, beyond OKNG_TILES_MAX. */
okng_status okng_tiles_of(okng_aspect aspect, int32_t width, int32_t height, okng_tiles *tiles, okng_error *error);
/* Where tile i begins. */
void okng_tiles_place(const okng_tiles *tiles, int32_t i, int32_t *x, int32_t *y);

/* Adds what tile i says, map [tile_height, tile_width], to sums [height, width]. */
void okng_tiles_add(const okng_tiles *tiles, int32_t i, const float *map, float *sums);
/* Divides every pixel by the number of tiles that cover it. */
void okng_tiles_mean(const okng_tiles *tiles, float *sums);

#endif
