#include "kernels/variants.h"

static uint8_t clip(int32_t sum)
{
    int32_t value = sum >> OKNG_RESAMPLE_BITS;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static const int32_t half = 1 << (OKNG_RESAMPLE_BITS - 1);

void okng_resample_rgb_c(const okng_resample_axis *axis, const uint8_t *from, size_t from_pixels, uint8_t *to,
                         size_t to_pixels)
{
    (void)from_pixels;
    for (size_t x = 0; x < to_pixels; x++, to += 3) {
        const int32_t *weights = axis->weights + x * (size_t)axis->taps;
        const uint8_t *in = from + (size_t)axis->first[x] * 3;
        int32_t r = half, g = half, b = half;
        for (int32_t k = 0; k < axis->count[x]; k++, in += 3) {
            r += in[0] * weights[k];
            g += in[1] * weights[k];
            b += in[2] * weights[k];
        }
        to[0] = clip(r);
        to[1] = clip(g);
        to[2] = clip(b);
    }
}

void okng_resample_rows_c(const int32_t *weights, size_t count, const uint8_t *from, size_t stride, size_t size,
                          uint8_t *to)
{
    for (size_t i = 0; i < size; i++) {
        int32_t sum = half;
        for (size_t k = 0; k < count; k++) sum += from[k * stride + i] * weights[k];
        to[i] = clip(sum);
    }
}
