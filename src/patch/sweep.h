/* Neighbourhoods of one layer's map and the two ways to make a vector of each: the mean, and the mean map. */
#ifndef OKNG_PATCH_SWEEP_H
#define OKNG_PATCH_SWEEP_H

#include <stddef.h>

#include "base/error.h"

enum { OKNG_PATCH_SIZE_MAX = 15 }; /* pixels */

/* Neighbourhood (r, c) covers size x size pixels of the map from row r * step - pad and column c * step - pad; what
 * lies outside the map is zero. */
typedef struct okng_sweep {
    int64_t channels, height, width; /* of the map, float32 [height, width, channels] */
    int64_t size, pad, step;
    int64_t rows, columns; /* of neighbourhoods */
} okng_sweep;

/* Both write the vectors of rows begin..end-1 to `out`, the vector of (r, c) at (r * columns + c) * stride floats.
 * `scratch` holds as many floats as the function with the same first word says. */

/* ---- box.c: vector of `channels` means over size * size pixels, those outside counted as zeros ---- */
size_t okng_box_scratch(const okng_sweep *sweep);
void okng_box_rows(const okng_sweep *sweep, const float *map, int64_t begin, int64_t end, float *out, int64_t stride,
                   float *scratch);

/* ---- mean_map.c: unfold, adaptive mean to pretrain_dim, stack of the layers, adaptive mean to target_dim ---- */

/* One pixel of a neighbourhood in a target's sum. */
typedef struct okng_tap {
    int32_t row;    /* of the neighbourhood */
    float weight;   /* of the value */
    int64_t offset; /* inside a row of planes, floats */
} okng_tap;

/* The two adaptive means folded into one sparse matrix: what this layer adds to targets first..first+count-1. */
typedef struct okng_mean_map {
    int64_t first, count;
    size_t *begin; /* [count + 1], the taps of each target */
    okng_tap *taps;
} okng_mean_map;

typedef struct okng_mean_map_dims {
    int64_t layer, layers, pretrain, target;
} okng_mean_map_dims;

okng_status okng_mean_map_new(okng_mean_map *out, const okng_sweep *sweep, const okng_mean_map_dims *dims,
                              okng_error *error);
void okng_mean_map_free(okng_mean_map *matrix); /* zeroed is fine */
/* Which values of the unfolded neighbourhood the taps of target first + t are of: tap i is of value (this + i), and
 * value j of channel j / size^2 and of place j % size^2 in the neighbourhood, row by row. */
int64_t okng_mean_map_value(const okng_mean_map *matrix, const okng_sweep *sweep, const okng_mean_map_dims *dims,
                            int64_t t);
size_t okng_mean_map_scratch(const okng_sweep *sweep);
void okng_mean_map_rows(const okng_mean_map *matrix, const okng_sweep *sweep, const float *map, int64_t begin,
                        int64_t end, float *out, int64_t stride, float *scratch);

#endif
