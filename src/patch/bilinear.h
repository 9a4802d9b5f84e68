/* Where bilinear interpolation reads: half-pixel centres, the border repeated (torch's interpolate, align_corners off).
 */
#ifndef OKNG_PATCH_BILINEAR_H
#define OKNG_PATCH_BILINEAR_H

#include <stdint.h>

typedef struct okng_bilinear {
    int64_t low, high; /* the two samples; equal at the border */
    float weight;      /* of `high`; 1 - weight of `low` */
} okng_bilinear;

/* Sample `i` of `out` samples taken from `in`. The scale is rounded to float as torch does: in double, positions would
 * differ from torch's by up to 1e-5 of a sample. */
static inline okng_bilinear okng_bilinear_at(int64_t i, int64_t in, int64_t out)
{
    float scale = (float)in / (float)out;
    float position = (float)((double)scale * ((double)i + 0.5) - 0.5);
    if (!(position > 0.0f)) position = 0.0f;
    int64_t low = (int64_t)position;
    if (low > in - 1) low = in - 1;
    int64_t high = low + 1 < in ? low + 1 : low;
    return (okng_bilinear){low, high, position - (float)low};
}

#endif
