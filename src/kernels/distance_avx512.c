#include "kernels/variants.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#include <math.h>

enum { LANES = OKNG_KERNELS_LANES, TILE = 4, PAIRS = TILE * TILE };

/* Adds up the 16 lanes of 16 vectors at once, as the tree of halves, each step on the lanes of two vectors: element i
 * of the result is the sum of sums[i]. */
static inline __m512 add_lanes(const __m512 sums[PAIRS])
{
    __m512 quads[TILE]; /* quads[j]: 128-bit lane i is what is left of sums[4 i + j] */
    for (int j = 0; j < TILE; j++) {
        __m512 a = sums[j], b = sums[4 + j], c = sums[8 + j], d = sums[12 + j];
        __m512 ab = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xee));
        __m512 cd = _mm512_add_ps(_mm512_shuffle_f32x4(c, d, 0x44), _mm512_shuffle_f32x4(c, d, 0xee));
        quads[j] = _mm512_add_ps(_mm512_shuffle_f32x4(ab, cd, 0x88), _mm512_shuffle_f32x4(ab, cd, 0xdd));
    }
    __m512 low =
        _mm512_add_ps(_mm512_shuffle_ps(quads[0], quads[1], 0x44), _mm512_shuffle_ps(quads[0], quads[1], 0xee));
    __m512 high =
        _mm512_add_ps(_mm512_shuffle_ps(quads[2], quads[3], 0x44), _mm512_shuffle_ps(quads[2], quads[3], 0xee));
    __m512 all = _mm512_add_ps(_mm512_shuffle_ps(low, high, 0x88), _mm512_shuffle_ps(low, high, 0xdd));
    return _mm512_mask_mov_ps(all, _mm512_cmp_ps_mask(all, all, _CMP_UNORD_Q), _mm512_set1_ps(NAN));
}

static inline __mmask16 first_lanes(size_t count)
{
    return (__mmask16)(count >= LANES ? 0xffffu : (1u << count) - 1);
}

float okng_l2_squared_avx512(const float *a, const float *b, size_t dim)
{
    __m512 sum = _mm512_setzero_ps();
    size_t i = 0;
    for (; i + LANES <= dim; i += LANES) {
        __m512 difference = _mm512_sub_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i));
        sum = _mm512_fmadd_ps(difference, difference, sum);
    }
    if (i < dim) { /* lanes that are masked out add 0 */
        __mmask16 mask = first_lanes(dim - i);
        __m512 difference = _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, a + i), _mm512_maskz_loadu_ps(mask, b + i));
        sum = _mm512_fmadd_ps(difference, difference, sum);
    }
    __m256 eight =
        _mm256_add_ps(_mm512_castps512_ps256(sum), _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(sum), 1)));
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    float all = _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
    return isnan(all) ? NAN : all;
}

/* The next 16 elements (those in the mask) of `q` queries and `r` rows. */
static inline __attribute__((always_inline)) void step(__m512 sums[PAIRS], const float *const *query, int q,
                                                       const float *const *row, int r, size_t d, __mmask16 mask)
{
    __m512 of_query[TILE];
    for (int i = 0; i < q; i++) of_query[i] = _mm512_maskz_loadu_ps(mask, query[i] + d);
    for (int j = 0; j < r; j++) {
        __m512 of_row = _mm512_maskz_loadu_ps(mask, row[j] + d);
        for (int i = 0; i < q; i++) {
            __m512 difference = _mm512_sub_ps(of_row, of_query[i]);
            sums[i * r + j] = _mm512_fmadd_ps(difference, difference, sums[i * r + j]);
        }
    }
}

/* Element i * r + j of the result is for query i and row j; q * r = 16. */
static inline __attribute__((always_inline)) __m512 tile(const float *const *query, int q, const float *const *row,
                                                         int r, size_t dim)
{
    __m512 sums[PAIRS];
    for (int i = 0; i < PAIRS; i++) sums[i] = _mm512_setzero_ps();
    size_t d = 0;
    for (; d + LANES <= dim; d += LANES) step(sums, query, q, row, r, d, 0xffff);
    if (d < dim) step(sums, query, q, row, r, d, first_lanes(dim - d));
    return add_lanes(sums);
}

static void four_queries(const float *queries, const float *rows, size_t row_count, size_t dim, float *out,
                         size_t out_stride)
{
    const float *query[TILE], *row[TILE];
    for (size_t i = 0; i < TILE; i++) query[i] = queries + i * dim;
    for (size_t r = 0; r < row_count; r += TILE) {
        for (size_t j = 0; j < TILE; j++) row[j] = rows + okng_kernels_clamp(r + j, row_count) * dim;
        float squared[PAIRS];
        _mm512_storeu_ps(squared, tile(query, TILE, row, TILE, dim));
        size_t valid = row_count - r < TILE ? row_count - r : TILE;
        for (size_t i = 0; i < TILE; i++)
            for (size_t j = 0; j < valid; j++) out[i * out_stride + r + j] = squared[i * TILE + j];
    }
}

static void one_query(const float *query, const float *rows, size_t row_count, size_t dim, float *out)
{
    const float *row[PAIRS];
    for (size_t r = 0; r < row_count; r += PAIRS) {
        for (size_t j = 0; j < PAIRS; j++) row[j] = rows + okng_kernels_clamp(r + j, row_count) * dim;
        _mm512_mask_storeu_ps(out + r, first_lanes(row_count - r), tile(&query, 1, row, PAIRS, dim));
    }
}

void okng_l2_squared_block_avx512(const float *queries, size_t query_count, const float *rows, size_t row_count,
                                  size_t dim, float *out, size_t out_stride)
{
    size_t q = 0;
    for (; q + TILE <= query_count; q += TILE)
        four_queries(queries + q * dim, rows, row_count, dim, out + q * out_stride, out_stride);
    for (; q < query_count; q++) one_query(queries + q * dim, rows, row_count, dim, out + q * out_stride);
}

#endif
