/* Convolutions of float32 by kernels of ours (kernels/linear.h), where the CPU has them, over maps with channels last:
 * a product of rows, one per pixel of the result, with the weights packed in panels. A row is the neighbourhood of its
 * pixel, a piece for each place of the window, which is multiplied where it lies; what lies outside is zeros.
 *
 * A result is one chain of multiply-adds over rows and columns of the window and input channels, in this order: neither
 * threads nor tiles nor other pictures change a bit. */
#ifndef OKNG_ENGINE_ONEDNN_GATHERED_H
#define OKNG_ENGINE_ONEDNN_GATHERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/linear.h"

/* What comes in and goes out. */
typedef struct okng_gathered_shape {
    int64_t pictures, height, width, channels;   /* of the source, [pictures, height, width, channels] */
    int64_t out_height, out_width, out_channels; /* of the result, likewise */
    int64_t kernel[2], stride[2], padding[2];    /* height, width */
    bool planes;                                 /* the source is [pictures, channels, height, width] */
    const float (*pixels)[256]; /* of planes: the source is uint8 [pictures, height, width, channels] instead, and this
                                   is what the bytes of each channel stand for; NULL: it is float32 */
    bool relu, added;           /* max(0, x) at the end; before that, a sum with another map */
} okng_gathered_shape;

typedef struct okng_gathered_map {
    const okng_linear *kernels;
    okng_gathered_shape shape;
    int64_t taps, inner;    /* pieces of a row, floats of each */
    int64_t tile, tiles;    /* pixels of a tile, but the last; how many. Of planes: lines of a picture */
    int64_t group, groups;  /* output channels that one thread does at a time, but the last */
    int64_t tap_step, step; /* pieces and floats of each that are summed between two stays in memory, but the last */
} okng_gathered_map;

/* False where the CPU has no kernels for it. */
bool okng_gathered_map_of(okng_gathered_map *map, const okng_gathered_shape *shape);
/* Floats of the packed weights. */
size_t okng_gathered_weights(const okng_gathered_map *map);
/* Packs weights [out_channels, channels, kernel, kernel]. */
void okng_gathered_pack(const okng_gathered_map *map, int threads, const float *weights, float *packed);
/* Tiles, bytes that each wants in `scratch`, and tile number `index`. added: NULL without one. */
int64_t okng_gathered_tiles(const okng_gathered_map *map);
size_t okng_gathered_scratch(const okng_gathered_map *map);
void okng_gathered_multiply(const okng_gathered_map *map, int64_t index, const void *src, const float *weights,
                            const float *bias, const float *added, float *out, void *scratch);

#endif
