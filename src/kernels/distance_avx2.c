#include "kernels/variants.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#include <math.h>

/* A vector holds half of the 16 partial sums; a tile of pairs is run once for each half, which keeps all its sums in
 * registers. */
enum { LANES = OKNG_KERNELS_LANES, HALF = LANES / 2, PAIRS = 8, QUERIES = 2, ROWS = PAIRS / QUERIES };

/* Two vectors of 4 lanes to go in each of four: the lanes 2 apart are added, two vectors to one. */
static inline __m256 add_pairs(__m256 a, __m256 b)
{
    return _mm256_add_ps(_mm256_shuffle_ps(a, b, 0x44), _mm256_shuffle_ps(a, b, 0xee));
}

static inline __m256 add_halves(__m256 a, __m256 b)
{
    return _mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31));
}

/* The tree of halves from 4 apart on, for 8 vectors: element i of the result is the sum of sums[i]. */
static inline __m256 add_lanes(const __m256 sums[PAIRS])
{
    __m256 low = add_pairs(add_halves(sums[0], sums[4]), add_halves(sums[1], sums[5]));
    __m256 high = add_pairs(add_halves(sums[2], sums[6]), add_halves(sums[3], sums[7]));
    __m256 all = _mm256_add_ps(_mm256_shuffle_ps(low, high, 0x88), _mm256_shuffle_ps(low, high, 0xdd));
    return _mm256_blendv_ps(all, _mm256_set1_ps(NAN), _mm256_cmp_ps(all, all, _CMP_UNORD_Q));
}

static inline __m256i first_lanes(size_t count)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count < HALF ? (int)count : HALF), lane);
}

static inline __m256 load(const float *from, const __m256i *mask)
{
    return mask ? _mm256_maskload_ps(from, *mask) : _mm256_loadu_ps(from);
}

/* The next 8 elements (those in the mask, NULL for all) of `q` queries and `r` rows. */
static inline __attribute__((always_inline)) void step(__m256 sums[PAIRS], const float *const *query, int q,
                                                       const float *const *row, int r, size_t d, const __m256i *mask)
{
    __m256 of_query[QUERIES];
    for (int i = 0; i < q; i++) of_query[i] = load(query[i] + d, mask);
    for (int j = 0; j < r; j++) {
        __m256 of_row = load(row[j] + d, mask);
        for (int i = 0; i < q; i++) {
            __m256 difference = _mm256_sub_ps(of_row, of_query[i]);
            sums[i * r + j] = _mm256_fmadd_ps(difference, difference, sums[i * r + j]);
        }
    }
}

/* Partial sums 0..7 (`first` = 0) or 8..15 (`first` = 8). */
static inline __attribute__((always_inline)) void half_sums(__m256 sums[PAIRS], const float *const *query, int q,
                                                            const float *const *row, int r, size_t dim, size_t first)
{
    for (int i = 0; i < PAIRS; i++) sums[i] = _mm256_setzero_ps();
    size_t d = first;
    for (; d + HALF <= dim; d += LANES) step(sums, query, q, row, r, d, NULL);
    if (d < dim) {
        __m256i mask = first_lanes(dim - d);
        step(sums, query, q, row, r, d, &mask);
    }
}

/* Element i * r + j of the result is for query i and row j; q * r = 8. */
static inline __attribute__((always_inline)) __m256 tile(const float *const *query, int q, const float *const *row,
                                                         int r, size_t dim)
{
    __m256 low[PAIRS], high[PAIRS];
    half_sums(low, query, q, row, r, dim, 0);
    half_sums(high, query, q, row, r, dim, HALF);
    for (int i = 0; i < PAIRS; i++) low[i] = _mm256_add_ps(low[i], high[i]);
    return add_lanes(low);
}

float okng_l2_squared_avx2(const float *a, const float *b, size_t dim)
{
    __m256 low = _mm256_setzero_ps(), high = _mm256_setzero_ps();
    for (size_t d = 0; d < dim; d += LANES) {
        __m256i mask = first_lanes(dim - d), rest = first_lanes(dim - d < HALF ? 0 : dim - d - HALF);
        __m256 difference = _mm256_sub_ps(_mm256_maskload_ps(a + d, mask), _mm256_maskload_ps(b + d, mask));
        low = _mm256_fmadd_ps(difference, difference, low);
        difference = _mm256_sub_ps(_mm256_maskload_ps(a + d + HALF, rest), _mm256_maskload_ps(b + d + HALF, rest));
        high = _mm256_fmadd_ps(difference, difference, high);
    }
    __m256 eight = _mm256_add_ps(low, high);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    float all = _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
    return isnan(all) ? NAN : all;
}

static void two_queries(const float *queries, const float *rows, size_t row_count, size_t dim, float *out,
                        size_t out_stride)
{
    const float *query[QUERIES] = {queries, queries + dim}, *row[ROWS];
    for (size_t r = 0; r < row_count; r += ROWS) {
        for (size_t j = 0; j < ROWS; j++) row[j] = rows + okng_kernels_clamp(r + j, row_count) * dim;
        float squared[PAIRS];
        _mm256_storeu_ps(squared, tile(query, QUERIES, row, ROWS, dim));
        size_t valid = row_count - r < ROWS ? row_count - r : ROWS;
        for (size_t i = 0; i < QUERIES; i++)
            for (size_t j = 0; j < valid; j++) out[i * out_stride + r + j] = squared[i * ROWS + j];
    }
}

static void one_query(const float *query, const float *rows, size_t row_count, size_t dim, float *out)
{
    const float *row[PAIRS];
    for (size_t r = 0; r < row_count; r += PAIRS) {
        for (size_t j = 0; j < PAIRS; j++) row[j] = rows + okng_kernels_clamp(r + j, row_count) * dim;
        _mm256_maskstore_ps(out + r, first_lanes(row_count - r), tile(&query, 1, row, PAIRS, dim));
    }
}

void okng_l2_squared_block_avx2(const float *queries, size_t query_count, const float *rows, size_t row_count,
                                size_t dim, float *out, size_t out_stride)
{
    size_t q = 0;
    for (; q + QUERIES <= query_count; q += QUERIES)
        two_queries(queries + q * dim, rows, row_count, dim, out + q * out_stride, out_stride);
    for (; q < query_count; q++) one_query(queries + q * dim, rows, row_count, dim, out + q * out_stride);
}

#endif
