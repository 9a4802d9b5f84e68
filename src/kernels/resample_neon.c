#include "kernels/variants.h"

#if defined(__aarch64__)
#include <arm_neon.h>

enum { STEP = OKNG_RESAMPLE_STEP, WIDTH = 16, VECTORS = WIDTH / 4 };

/* Four pixels to their colours: lane k of vector c is colour c of pixel k. */
static inline void pixel(const int32_t *weights, int32_t count, const uint8_t *in, uint8_t *to)
{
    int32x4_t sums[3] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
    for (int32_t k = 0; k < count; k += STEP, in += 3 * STEP) {
        uint8x8x3_t colours = vld3_u8(in); /* eight pixels, of which four are used */
        int32x4_t weight = vld1q_s32(weights + k);
        for (int c = 0; c < 3; c++) {
            uint32x4_t samples = vmovl_u16(vget_low_u16(vmovl_u8(colours.val[c])));
            sums[c] = vmlaq_s32(sums[c], vreinterpretq_s32_u32(samples), weight);
        }
    }
    for (int c = 0; c < 3; c++) {
        int32_t sum = (vaddvq_s32(sums[c]) + (1 << (OKNG_RESAMPLE_BITS - 1))) >> OKNG_RESAMPLE_BITS;
        to[c] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
    }
}

void okng_resample_rgb_neon(const okng_resample_axis *axis, const uint8_t *from, size_t from_pixels, uint8_t *to,
                            size_t to_pixels)
{
    okng_resample_row(axis, from, from_pixels, to, to_pixels, pixel, 3 * STEP);
}

void okng_resample_rows_neon(const int32_t *weights, size_t count, const uint8_t *from, size_t stride, size_t size,
                             uint8_t *to)
{
    size_t i = 0;
    for (; i + WIDTH <= size; i += WIDTH) {
        int32x4_t sums[VECTORS];
        for (int v = 0; v < VECTORS; v++) sums[v] = vdupq_n_s32(1 << (OKNG_RESAMPLE_BITS - 1));
        for (size_t k = 0; k < count; k++) {
            uint8x16_t bytes = vld1q_u8(from + k * stride + i);
            uint16x8_t low = vmovl_u8(vget_low_u8(bytes)), high = vmovl_high_u8(bytes);
            sums[0] = vmlaq_n_s32(sums[0], vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(low))), weights[k]);
            sums[1] = vmlaq_n_s32(sums[1], vreinterpretq_s32_u32(vmovl_high_u16(low)), weights[k]);
            sums[2] = vmlaq_n_s32(sums[2], vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(high))), weights[k]);
            sums[3] = vmlaq_n_s32(sums[3], vreinterpretq_s32_u32(vmovl_high_u16(high)), weights[k]);
        }
        for (int v = 0; v < VECTORS; v++) sums[v] = vshrq_n_s32(sums[v], OKNG_RESAMPLE_BITS);
        uint16x8_t low = vcombine_u16(vqmovun_s32(sums[0]), vqmovun_s32(sums[1]));
        uint16x8_t high = vcombine_u16(vqmovun_s32(sums[2]), vqmovun_s32(sums[3]));
        vst1q_u8(to + i, vcombine_u8(vqmovn_u16(low), vqmovn_u16(high)));
    }
    okng_resample_rows_c(weights, count, from + i, stride, size - i, to + i);
}

#endif
