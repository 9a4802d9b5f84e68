#include "kernels/variants.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#include <string.h>

enum { STEP = OKNG_RESAMPLE_STEP, LANES = 16, VECTORS = 4, WIDTH = LANES * VECTORS };

/* A pixel takes four lanes, of which the last counts for nothing. Reads 4 bytes past the last step. */
static inline void pixel(const int32_t *weights, int32_t count, const uint8_t *in, uint8_t *to)
{
    const __m128i spread = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
    const __m512i quarter = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    __m512i sums = _mm512_setzero_si512();
    for (int32_t k = 0; k < count; k += STEP, in += 3 * STEP) {
        __m128i bytes = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)in), spread);
        __m512i weight = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(weights + k)));
        weight = _mm512_permutexvar_epi32(quarter, weight);
        sums = _mm512_add_epi32(sums, _mm512_mullo_epi32(_mm512_cvtepu8_epi32(bytes), weight));
    }
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(sums), _mm512_extracti64x4_epi64(sums, 1));
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    sum = _mm_add_epi32(sum, _mm_set1_epi32(1 << (OKNG_RESAMPLE_BITS - 1)));
    sum = _mm_srai_epi32(sum, OKNG_RESAMPLE_BITS);
    sum = _mm_packus_epi16(_mm_packs_epi32(sum, sum), sum);
    uint32_t rgb = (uint32_t)_mm_cvtsi128_si32(sum);
    memcpy(to, &rgb, 3);
}

void okng_resample_rgb_avx512(const okng_resample_axis *axis, const uint8_t *from, size_t from_pixels, uint8_t *to,
                              size_t to_pixels)
{
    okng_resample_row(axis, from, from_pixels, to, to_pixels, pixel, 4);
}

void okng_resample_rows_avx512(const int32_t *weights, size_t count, const uint8_t *from, size_t stride, size_t size,
                               uint8_t *to)
{
    size_t i = 0;
    for (; i + WIDTH <= size; i += WIDTH) {
        __m512i sums[VECTORS];
        for (int v = 0; v < VECTORS; v++) sums[v] = _mm512_set1_epi32(1 << (OKNG_RESAMPLE_BITS - 1));
        for (size_t k = 0; k < count; k++) {
            const uint8_t *in = from + k * stride + i;
            __m512i weight = _mm512_set1_epi32(weights[k]);
            for (int v = 0; v < VECTORS; v++) {
                __m512i samples = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(in + LANES * v)));
                sums[v] = _mm512_add_epi32(sums[v], _mm512_mullo_epi32(samples, weight));
            }
        }
        for (int v = 0; v < VECTORS; v++) {
            __m512i value = _mm512_max_epi32(_mm512_srai_epi32(sums[v], OKNG_RESAMPLE_BITS), _mm512_setzero_si512());
            _mm_storeu_si128((__m128i *)(to + i + (size_t)(LANES * v)), _mm512_cvtusepi32_epi8(value));
        }
    }
    okng_resample_rows_c(weights, count, from + i, stride, size - i, to + i);
}

#endif
