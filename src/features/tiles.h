/* Tiles: a large picture as rectangles that overlap, each of which is looked at as a picture of its own; and one map of
 * theirs. Not to be taken for winclip/tiles.h, whose squares are as high as the picture. */
#ifndef OKNG_FEATURES_TILES_H
#define OKNG_FEATURES_TILES_H

#include "features/placement.h"

enum { OKNG_TILES_OF_PICTURE_MAX = 16384 };

/* How a picture is cut. Along each side tiles begin every (tile - overlap) pixels; the last one ends with the picture.
 * A side that is not longer than the tile has one, as long as the side. */
typedef struct okng_tile_grid {
    int32_t width, height;           /* of the picture */
    int32_t tile_width, tile_height; /* of each tile */
    int32_t overlap;                 /* of neighbours, at least */
    int32_t columns, rows;
} okng_tile_grid;

/* What part of which picture a tile is. */
typedef struct okng_tile {
    size_t picture;
    int32_t place; /* among the tiles of its picture, row by row */
    int32_t x, y, width, height;
    int32_t whole_width, whole_height; /* of the picture */
} okng_tile;

/* By the options tile and overlap; without a tile there is one, the picture. Errors: ARGUMENT of an overlap that is not
 * smaller than the tile; LIMIT beyond OKNG_TILES_OF_PICTURE_MAX tiles. */
okng_status okng_tile_grid_of(okng_tile_grid *out, const okng_build_options *options, int32_t width, int32_t height,
                              okng_error *error);
int32_t okng_tile_grid_count(const okng_tile_grid *tiling);
/* Tile `place` < okng_tile_grid_count; its picture is 0. */
okng_tile okng_tile_grid_tile(const okng_tile_grid *tiling, int32_t place);
/* The tile that says most of a pixel: that with the largest weight there, of equal ones the first. */
int32_t okng_tile_grid_at(const okng_tile_grid *tiling, int32_t x, int32_t y);

/* Makes the map of the whole, [map_height, map_width] at any scale, from those of tiles. Where tiles overlap each
 * counts by a weight that rises from 0 at its edge to 1 over the overlap, the product of both directions, over the sum
 * of all weights there: a map has no seams, and where one tile covers all, it is that of okng_map_place bit by bit. */
typedef struct okng_blend okng_blend;
/* Zeroes `map`, which stays the caller's. Errors: MEMORY. */
okng_status okng_blend_new(okng_blend **out, const okng_tile_grid *tiling, float *map, int32_t map_height,
                           int32_t map_width, okng_error *error);
/* Adds a tile's map at the network's input size, [placement->height, placement->width]; `placement` is of the tile, and
 * without a crop. Tiles are added one after the other: the bits are those of that order. */
void okng_blend_add(okng_blend *blend, int32_t place, const okng_placement *placement, const float *input_map);
void okng_blend_free(okng_blend **blend); /* NULL is fine; sets it to NULL */

#endif
