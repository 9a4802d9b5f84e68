#include "winclip/tiles.h"

okng_status okng_tiles_of(okng_aspect aspect, int32_t width, int32_t height, okng_tiles *tiles, okng_error *error)
{
    *tiles = (okng_tiles){.width = width,
                          .height = height,
                          .count = 1,
                          .tile_width = width,
                          .tile_height = height,
                          .step = 1,
                          .across = width > height};
    if (aspect == OKNG_ASPECT_SQUASH || width == height) return OKNG_OK;
    const int32_t side = tiles->across ? height : width, longer = tiles->across ? width : height;
    tiles->tile_width = tiles->tile_height = side;
    tiles->step = (int32_t)((int64_t)side * 4 / 5);
    if (tiles->step < 1) tiles->step = 1;
    tiles->count = 1 + (longer - side + tiles->step - 1) / tiles->step;
    if (tiles->count <= OKNG_TILES_MAX) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT,
                     "a picture of %dx%d has %d tiles of its shorter side, expected at most %d; set aspect to squash",
                     width, height, tiles->count, OKNG_TILES_MAX);
}

void okng_tiles_place(const okng_tiles *tiles, int32_t i, int32_t *x, int32_t *y)
{
    const int32_t last = tiles->across ? tiles->width - tiles->tile_width : tiles->height - tiles->tile_height;
    const int64_t place = (int64_t)i * tiles->step;
    const int32_t at = place < last ? (int32_t)place : last;
    *x = tiles->across ? at : 0;
    *y = tiles->across ? 0 : at;
}

void okng_tiles_add(const okng_tiles *tiles, int32_t i, const float *map, float *sums)
{
    int32_t left, top;
    okng_tiles_place(tiles, i, &left, &top);
    for (int32_t y = 0; y < tiles->tile_height; y++) {
        float *row = sums + (int64_t)(top + y) * tiles->width + left;
        for (int32_t x = 0; x < tiles->tile_width; x++) row[x] += *map++;
    }
}

/* How many tiles cover a place along the longer side. */
static int32_t cover(const okng_tiles *tiles, int32_t place)
{
    int32_t count = 0, side = tiles->across ? tiles->tile_width : tiles->tile_height;
    for (int32_t i = 0; i < tiles->count; i++) {
        int32_t x, y;
        okng_tiles_place(tiles, i, &x, &y);
        const int32_t begin = tiles->across ? x : y;
        count += place >= begin && place < begin + side;
    }
    return count;
}

void okng_tiles_mean(const okng_tiles *tiles, float *sums)
{
    for (int32_t y = 0; y < tiles->height && !tiles->across; y++) {
        const float covers = (float)cover(tiles, y);
        for (int32_t x = 0; x < tiles->width; x++) sums[(int64_t)y * tiles->width + x] /= covers;
    }
    for (int32_t x = 0; x < tiles->width && tiles->across; x++) {
        const float covers = (float)cover(tiles, x);
        for (int32_t y = 0; y < tiles->height; y++) sums[(int64_t)y * tiles->width + x] /= covers;
    }
}
