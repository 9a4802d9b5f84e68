#include "kernels/variants.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <math.h>
#include <string.h>

enum { LANES = OKNG_KERNELS_LANES, WIDTH = 4, VECTORS = LANES / WIDTH, TILE = 2 };

static inline float add_lanes(const float32x4_t sums[VECTORS])
{
    float32x4_t four = vaddq_f32(vaddq_f32(sums[0], sums[2]), vaddq_f32(sums[1], sums[3]));
    float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    float all = vget_lane_f32(vpadd_f32(two, two), 0);
    return isnan(all) ? NAN : all;
}

/* The next 16 elements of `q` queries and `r` rows. */
static inline __attribute__((always_inline)) void step(float32x4_t (*sums)[TILE][VECTORS], const float *const *query,
                                                       int q, const float *const *row, int r)
{
    for (int v = 0; v < VECTORS; v++)
        for (int i = 0; i < q; i++) {
            float32x4_t of_query = vld1q_f32(query[i] + v * WIDTH);
            for (int j = 0; j < r; j++) {
                float32x4_t difference = vsubq_f32(vld1q_f32(row[j] + v * WIDTH), of_query);
                sums[i][j][v] = vfmaq_f32(sums[i][j][v], difference, difference);
            }
        }
}

static inline __attribute__((always_inline)) void tile(const float *const *query, int q, const float *const *row, int r,
                                                       size_t dim, float out[TILE][TILE])
{
    float32x4_t sums[TILE][TILE][VECTORS];
    for (int i = 0; i < q; i++)
        for (int j = 0; j < r; j++)
            for (int v = 0; v < VECTORS; v++) sums[i][j][v] = vdupq_n_f32(0);
    const float *query_at[TILE], *row_at[TILE];
    size_t d = 0;
    for (; d + LANES <= dim; d += LANES) {
        for (int i = 0; i < q; i++) query_at[i] = query[i] + d;
        for (int j = 0; j < r; j++) row_at[j] = row[j] + d;
        step(sums, query_at, q, row_at, r);
    }
    if (d < dim) { /* what is past the end counts as equal */
        float padded[2 * TILE][LANES] = {0};
        for (int i = 0; i < q; i++) query_at[i] = memcpy(padded[i], query[i] + d, (dim - d) * sizeof(float));
        for (int j = 0; j < r; j++) row_at[j] = memcpy(padded[TILE + j], row[j] + d, (dim - d) * sizeof(float));
        step(sums, query_at, q, row_at, r);
    }
    for (int i = 0; i < q; i++)
        for (int j = 0; j < r; j++) out[i][j] = add_lanes(sums[i][j]);
}

float okng_l2_squared_neon(const float *a, const float *b, size_t dim)
{
    float out[TILE][TILE];
    tile(&a, 1, &b, 1, dim, out);
    return out[0][0];
}

void okng_l2_squared_block_neon(const float *queries, size_t query_count, const float *rows, size_t row_count,
                                size_t dim, float *out, size_t out_stride)
{
    const float *query[TILE], *row[TILE];
    for (size_t q = 0; q < query_count; q += TILE)
        for (size_t r = 0; r < row_count; r += TILE) {
            for (size_t i = 0; i < TILE; i++) query[i] = queries + okng_kernels_clamp(q + i, query_count) * dim;
            for (size_t j = 0; j < TILE; j++) row[j] = rows + okng_kernels_clamp(r + j, row_count) * dim;
            float squared[TILE][TILE];
            tile(query, TILE, row, TILE, dim, squared);
            for (size_t i = 0; i < TILE && q + i < query_count; i++)
                for (size_t j = 0; j < TILE && r + j < row_count; j++)
                    out[(q + i) * out_stride + r + j] = squared[i][j];
        }
}

#endif
