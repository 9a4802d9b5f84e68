/* The mean over a neighbourhood, separable: rows are summed into one padded row, then columns of that. Every sum is
 * taken afresh: a running sum would drift. */
#include <string.h>

#include "patch/sweep.h"

enum { BLOCK = 16 }; /* floats kept in registers */

typedef float f4 __attribute__((vector_size(16), aligned(4), may_alias));

/* out[i] = scale * (in[i] + in[stride + i] + ... + in[(terms - 1) * stride + i]) */
static void sum_strided(float *out, const float *in, int64_t stride, int64_t terms, int64_t count, float scale)
{
    int64_t i = 0;
    for (; i + BLOCK <= count; i += BLOCK) {
        const float *p = in + i;
        f4 a = *(const f4 *)p, b = *(const f4 *)(p + 4), c = *(const f4 *)(p + 8), d = *(const f4 *)(p + 12);
        for (int64_t k = 1; k < terms; k++) {
            p += stride;
            a += *(const f4 *)p;
            b += *(const f4 *)(p + 4);
            c += *(const f4 *)(p + 8);
            d += *(const f4 *)(p + 12);
        }
        *(f4 *)(out + i) = a * scale;
        *(f4 *)(out + i + 4) = b * scale;
        *(f4 *)(out + i + 8) = c * scale;
        *(f4 *)(out + i + 12) = d * scale;
    }
    for (; i < count; i++) {
        float sum = in[i];
        for (int64_t k = 1; k < terms; k++) sum += in[k * stride + i];
        out[i] = sum * scale;
    }
}

size_t okng_box_scratch(const okng_sweep *sweep)
{
    return (size_t)((sweep->width + 2 * sweep->pad) * sweep->channels);
}

void okng_box_rows(const okng_sweep *sweep, const float *map, int64_t begin, int64_t end, float *out, int64_t stride,
                   float *scratch)
{
    int64_t channels = sweep->channels, line = sweep->width * channels;
    float scale = 1.0f / (float)(sweep->size * sweep->size);
    memset(scratch, 0, okng_box_scratch(sweep) * sizeof *scratch);
    for (int64_t r = begin; r < end; r++) {
        int64_t top = r * sweep->step - sweep->pad, bottom = top + sweep->size;
        if (top < 0) top = 0;
        if (bottom > sweep->height) bottom = sweep->height;
        /* never empty: the middle row of a neighbourhood lies inside the map */
        sum_strided(scratch + sweep->pad * channels, map + top * line, line, bottom - top, line, 1.0f);
        for (int64_t c = 0; c < sweep->columns; c++)
            sum_strided(out + (r * sweep->columns + c) * stride, scratch + c * sweep->step * channels, channels,
                        sweep->size, channels, scale);
    }
}
