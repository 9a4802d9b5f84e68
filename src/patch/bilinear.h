/* Where bilinear interpolation reads: half-pixel centres, the border repeated (torch's interpolate, align_corners off).
 */
#ifndef OKNG_PATCH_BILINEAR_H
#define OKNG_PATCH_BILINEAR_H

#include <stdint.h>

typedef struct okng_bilinear {
    int64_t low, high; /* the two samples; equal at the border */
    float weight;      /* of `high`; 1 - weight of `low` */
} okng_bilinear;

/* Sample `i` of `out` samples taken from `in`. Only the scale is rounded to float, as torch does: with the exact scale
 * positions would differ from torch's by up to 1e-5 of a sample. */
static inline okng_bilinear okng_bilinear_at(int64_t i, int64_t in, int64_t out)
{
    float scale = (float)in / (float)out;
    double position = (double)scale * ((double)i + 0.5) - 0.5;
    if (position < 0.0) position = 0.0;
    int64_t low = (int64_t)position;
    if (low >= in - 1) return (okng_bilinear){in - 1, in - 1, 0.0f};
    return (okng_bilinear){low, low + 1, (float)(position - (double)low)};
}

#endif
