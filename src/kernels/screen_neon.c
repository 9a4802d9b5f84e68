#include "kernels/variants.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#include "kernels/screen_encode.h"

enum { QUERIES = 4, QUARTERS = 4 /* of a panel: 4 rows each */, GROUP = 64 /* bytes: a unit of each row of a panel */ };

static inline int16x8_t load(const uint8_t *from)
{
    return vreinterpretq_s16_u8(vld1q_u8(from));
}

static inline int16x8_t unit_of(const uint8_t *query)
{
    int32_t unit;
    memcpy(&unit, query, sizeof unit);
    return vreinterpretq_s16_s32(vdupq_n_s32(unit));
}

/* Sums of the products of neighbours. */
static inline int32x4_t multiply(int16x8_t a, int16x8_t b)
{
    return vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b));
}

/* One panel by `q` queries. */
static inline __attribute__((always_inline)) void tile(const uint8_t *packed, const int32_t *offsets, size_t bytes,
                                                       const uint8_t *queries, const int32_t *corrections, int q,
                                                       int32_t shift, int16_t *out, size_t stride)
{
    int32x4_t sums[QUERIES][QUARTERS];
    for (int i = 0; i < q; i++)
        for (int h = 0; h < QUARTERS; h++)
            sums[i][h] = vsubq_s32(vdupq_n_s32(-corrections[i]), vld1q_s32(offsets + h * 4));
    for (size_t at = 0; at < bytes; at += OKNG_SCREEN_UNIT, packed += GROUP)
        for (int i = 0; i < q; i++) {
            int16x8_t query = unit_of(queries + (size_t)i * bytes + at);
            for (int h = 0; h < QUARTERS; h++)
                sums[i][h] = vaddq_s32(sums[i][h], multiply(load(packed + h * 16), query));
        }
    for (int i = 0; i < q; i++)
        for (int h = 0; h < QUARTERS; h++)
            vst1_s16(out + (size_t)i * stride + h * 4, vqmovn_s32(vshlq_s32(sums[i][h], vdupq_n_s32(-shift))));
}

static void products(const uint8_t *packed, const int32_t *offsets, size_t panels, size_t bytes, const uint8_t *queries,
                     const int32_t *corrections, size_t query_count, int32_t shift, int16_t *out, size_t stride)
{
    okng_screen_tiles(tile, QUERIES, packed, offsets, panels, bytes, queries, corrections, query_count, shift, out,
                      stride);
}

static void products_at(const uint8_t *query, const uint8_t *rows, size_t bytes, const uint32_t *index, size_t count,
                        int32_t *out)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *row = rows + index[i] * bytes;
        int32x4_t sum = vdupq_n_s32(0);
        for (size_t at = 0; at < bytes; at += 16) sum = vaddq_s32(sum, multiply(load(row + at), load(query + at)));
        out[i] = vaddvq_s32(sum);
    }
}

const okng_screen okng_screen_neon = {.name = "neon",
                                      .code_bytes = 2,
                                      .most = INT16_MAX,
                                      .encode = okng_encode_words,
                                      .pack = okng_pack_units,
                                      .products = products,
                                      .products_at = products_at,
                                      .largest = okng_largest_of,
                                      .at_least = okng_collect_at_least};

#endif
