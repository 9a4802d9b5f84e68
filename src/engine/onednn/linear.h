/* Linear maps of float32 by kernels of ours (kernels/linear.h), where the CPU has them: weights packed in panels, and
 * large maps by one level of Strassen's products, which takes 7 of every 8 multiplications. Both ways read the same
 * packed weights: the columns of a product are summed where they are used.
 *
 * Which way a map goes depends on its shape for one picture alone. Strassen pairs rows 2 p and 2 p + 1 of a picture and
 * the halves of inner and columns, so a row's bits depend on its neighbour's, and on nothing else: not on threads,
 * tiles or other pictures. */
#ifndef OKNG_ENGINE_ONEDNN_LINEAR_H
#define OKNG_ENGINE_ONEDNN_LINEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/linear.h"

/* The product [stacks * rows, inner] x [inner, columns]. With Strassen's products a line is a pair of rows, and inner
 * and columns are halves; else a line is a row. */
typedef struct okng_linear_map {
    const okng_linear *kernels;
    bool strassen;
    int64_t stacks, rows, inner, columns;
    int64_t lines;         /* of all stacks */
    int64_t tile, tiles;   /* lines of a tile, but the last; how many */
    int64_t group, groups; /* columns that one thread does at a time, but the last */
    int64_t step;          /* elements of inner that are summed in one chain, but the last */
    okng_linear_curve curve;
    bool added;
} okng_linear_map;

/* Whether a linear map of `rows` rows a picture goes by these kernels. `fast`: Strassen's products where they pay. */
bool okng_linear_map_of(okng_linear_map *map, int64_t stacks, int64_t rows, int64_t inner, int64_t columns, bool fast);
/* Floats of the packed weights, and of the packed rows (0 where they are read as they lie). */
size_t okng_linear_weights(const okng_linear_map *map);
size_t okng_linear_rows(const okng_linear_map *map);
/* Packs weights [columns, inner]. */
void okng_linear_pack(const okng_linear_map *map, int threads, const float *weights, float *packed);
/* Tiles of the packing of rows, and tile number `index`. */
int64_t okng_linear_sum_tiles(const okng_linear_map *map);
void okng_linear_sum(const okng_linear_map *map, int64_t index, const float *rows, float *packed);
/* Tiles of the product, bytes that each wants in `scratch`, and tile number `index`; rows: packed where they are. */
int64_t okng_linear_tiles(const okng_linear_map *map);
size_t okng_linear_scratch(const okng_linear_map *map);
void okng_linear_multiply(const okng_linear_map *map, int64_t index, const float *rows, const float *weights,
                          const float *bias, const float *added, float *out, float *scratch);

#endif
