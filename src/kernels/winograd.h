/* Convolutions of 3x3 pixels with a border of one zero pixel, of stride 1 and 2, by Winograd's transforms (Lavin and
 * Gray 2016) over tiles of 4x4 pixels of the result. Pictures lie channels last, dense: float32 [picture, row, column,
 * channel].
 *
 * Stride 1, F(4x4, 3x3): 36 multiplications for each pair of channels make 16 pixels, where sums as they are written
 * take 144. The polynomials are taken at 0, +-5/8, +-3/2 and infinity: of the pairs that were tried (1 and 2 of the
 * paper among them, whose rounding errors are 2.4 times as large) those of the least error.
 *
 * Stride 2: along each axis the middle tap meets every second pixel, the outer two meet the pixels between, which is
 * F(4, 2) over those, at +-1/2, +-5/4 and infinity. The middle's four products stay what they are, with the same
 * weights: 4 + 5 along an axis, 81 multiplications instead of 144, with weights for 6 x 6 points as at stride 1.
 *
 * Where a side of the result leaves a remainder of 1 or 2 pixels, its last tile is short: it does without the last pair
 * of points, and its weights differ from the others by factors that go to the transform of the pixels. 14x14 pixels so
 * take 484 products instead of 576.
 *
 * Weights are transformed in double. A pixel's error is some 1e-6 of the largest pixel, at stride 2 half of that.
 *
 * Every variant gives the same bits, and the bits of a pixel depend on its own picture alone: not on how many pictures
 * there are nor on how the work is cut. A sum that is not finite stays so: it becomes NaN, through RELU too. Numbers
 * that are not finite in a picture make the whole tiles that read them so, where direct sums would make only the
 * neighbours so. */
#ifndef OKNG_KERNELS_WINOGRAD_H
#define OKNG_KERNELS_WINOGRAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/linear.h"

enum {
    OKNG_WINOGRAD_TILE = 4, /* pixels of the result along a side of a tile */
    OKNG_WINOGRAD_SHORT_TILE = 2,
    OKNG_WINOGRAD_SIDE = 9,    /* most pixels that it reads, and points, along an axis */
    OKNG_WINOGRAD_WEIGHTS = 6, /* different weights along an axis */
    OKNG_WINOGRAD_TAPS = 9,
    OKNG_WINOGRAD_UNIT = 16 /* channels are a multiple of it */
};

/* Pixels that a tile reads along an axis, and its points there. A short side has the first ones of both. */
static inline size_t okng_winograd_side(bool strided, bool is_short)
{
    return strided ? (is_short ? 5 : 9) : (is_short ? 4 : 6);
}

/* ---- what a variant does ---- */

/* The values at the points of a tile, [side][side][channels]: the one at point y of the rows and point x of the
 * columns, of channel c, is points[i][j][(side * y + x) * stride + c], where i tells that y, and j that x, is one that
 * a short side has not. So tiles that have no such points leave no gaps in the rows of their products. */

/* Pixels to points. */
typedef struct okng_winograd_window {
    const float *pixels[OKNG_WINOGRAD_SIDE * OKNG_WINOGRAD_SIDE]; /* [channels] each, of rows of OKNG_WINOGRAD_SIDE */
    size_t channels;
    float *points[2][2];
    size_t stride;
    bool strided, short_rows, short_columns;
} okng_winograd_window;

/* Points to pixels: out = curve(sums + bias + added) */
typedef struct okng_winograd_finish {
    const float *points[2][2];
    size_t stride, channels;
    const float *bias; /* [channels] */
    /* Pixel [0, 0] of the tile; the next one lies `pixel` floats on, the one below `line` floats. `added`: NULL, or
     * laid out like `out`. */
    const float *added;
    float *out;
    size_t pixel, line;
    size_t rows, columns; /* 1 to 4: pixels of the tile that are inside the picture */
    bool strided, short_rows, short_columns;
    bool relu;
} okng_winograd_finish;

typedef struct okng_winograd {
    const char *name;
    const okng_linear *linear; /* the products between the transforms */
    void (*transform)(const okng_winograd_window *window);
    void (*finish)(const okng_winograd_finish *finish);
    /* U = G g G^T of 16 output channels and one input channel, taps [9][16] -> out: weights number w of 36 are
     * out[w * stride + o]. */
    void (*weights)(const float *taps, bool strided, float *out, size_t stride);
} okng_winograd;

/* A variant, NULL where okng_linear_variant is. */
const okng_winograd *okng_winograd_variant(okng_cpu cpu);
/* The one that goes with okng_linear_get; NULL where that is. */
const okng_winograd *okng_winograd_get(void);

/* ---- a convolution ---- */

typedef struct okng_winograd_shape {
    int64_t pictures;      /* >= 1 */
    int64_t height, width; /* pixels of one, >= 1; of the result as many, or with `strided` half as many, rounded up */
    int64_t in, out;       /* channels, multiples of OKNG_WINOGRAD_UNIT */
    bool relu;             /* the curve at the end */
    bool added;            /* whether a value is added before it */
    bool strided;          /* stride 2 */
} okng_winograd_shape;

/* Whether a convolution is faster so than by sums as they are written: its weights are four times as large, so wide
 * ones over a handful of tiles wait for memory. By one picture's shape alone. */
bool okng_winograd_pays(const okng_winograd_shape *shape);

/* How a convolution is cut into pieces of work. */
typedef struct okng_winograd_map {
    const okng_winograd *kernels;
    okng_winograd_shape shape;
    int64_t height, width;  /* of the result */
    int64_t side, points;   /* of a tile along an axis, and of all of it */
    int64_t down, across;   /* tiles of a picture */
    int64_t blocks, block;  /* blocks of tiles of all pictures; tiles of one, but the last */
    int64_t parts, part;    /* parts of the output channels; channels of one, but the last */
    int64_t group;          /* output channels whose sums lie side by side, but the last of a part */
    int64_t step;           /* input channels that are summed in one chain, but the last */
    size_t line, sums_line; /* floats from one point to the next, of pixels and of sums */
} okng_winograd_map;

/* Plans a convolution for so many threads. false: channels are not multiples of OKNG_WINOGRAD_UNIT. */
bool okng_winograd_map_of(okng_winograd_map *map, const okng_winograd *kernels, const okng_winograd_shape *shape,
                          int threads);
/* Floats of the packed weights. Their layout depends on `in`, `out` and the variant alone. */
size_t okng_winograd_packed(const okng_winograd_map *map);
/* Packs weights [out, in, 3, 3], 64-byte aligned or not. */
void okng_winograd_pack(const okng_winograd_map *map, int threads, const float *weights, float *packed);
/* Pieces of work (blocks times parts), which may run at once; bytes that each wants in `scratch` (aligned to 64 bytes);
 * piece number `index`. src [pictures, height, width, in]; bias [out]; added (read where shape.added), dst [pictures,
 * height, width, out]. added may be dst; neither may be src. */
int64_t okng_winograd_tiles(const okng_winograd_map *map);
size_t okng_winograd_scratch(const okng_winograd_map *map);
void okng_winograd_tile(const okng_winograd_map *map, int64_t index, const float *src, const float *packed,
                        const float *bias, const float *added, float *dst, float *scratch);

#endif
