#include "kernels/variants.h"

#if defined(__AVX2__)
#include <immintrin.h>
#include <string.h>

enum { STEP = OKNG_RESAMPLE_STEP, WIDTH = 32, VECTORS = WIDTH / 8 };

static inline __m256i start(void)
{
    return _mm256_set1_epi32(1 << (OKNG_RESAMPLE_BITS - 1));
}

/* A pixel takes four lanes, of which the last counts for nothing; `even` sums up the first pixels of a step, `odd` the
 * others. Reads 4 bytes past the last step. */
static inline void pixel(const int32_t *weights, int32_t count, const uint8_t *in, uint8_t *to)
{
    const __m128i low = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    const __m128i high = _mm_setr_epi8(6, 7, 8, -1, 9, 10, 11, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    const __m256i first = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1), second = _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3);
    __m256i even = _mm256_setzero_si256(), odd = even;
    for (int32_t k = 0; k < count; k += STEP, in += 3 * STEP) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)in);
        __m256i weight = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(weights + k)));
        __m256i a = _mm256_cvtepu8_epi32(_mm_shuffle_epi8(bytes, low));
        __m256i b = _mm256_cvtepu8_epi32(_mm_shuffle_epi8(bytes, high));
        even = _mm256_add_epi32(even, _mm256_mullo_epi32(a, _mm256_permutevar8x32_epi32(weight, first)));
        odd = _mm256_add_epi32(odd, _mm256_mullo_epi32(b, _mm256_permutevar8x32_epi32(weight, second)));
    }
    __m256i both = _mm256_add_epi32(even, odd);
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
    sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm256_castsi256_si128(start())), OKNG_RESAMPLE_BITS);
    sum = _mm_packus_epi16(_mm_packs_epi32(sum, sum), sum);
    uint32_t rgb = (uint32_t)_mm_cvtsi128_si32(sum);
    memcpy(to, &rgb, 3);
}

void okng_resample_rgb_avx2(const okng_resample_axis *axis, const uint8_t *from, size_t from_pixels, uint8_t *to,
                            size_t to_pixels)
{
    okng_resample_row(axis, from, from_pixels, to, to_pixels, pixel, 4);
}

/* Four vectors of eight sums to 32 bytes; the packs work on halves, so what comes out must be put in order. */
static inline __m256i clip(const __m256i sums[VECTORS])
{
    __m256i shifted[VECTORS];
    for (int v = 0; v < VECTORS; v++) shifted[v] = _mm256_srai_epi32(sums[v], OKNG_RESAMPLE_BITS);
    __m256i low = _mm256_packs_epi32(shifted[0], shifted[1]), high = _mm256_packs_epi32(shifted[2], shifted[3]);
    return _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

void okng_resample_rows_avx2(const int32_t *weights, size_t count, const uint8_t *from, size_t stride, size_t size,
                             uint8_t *to)
{
    size_t i = 0;
    for (; i + WIDTH <= size; i += WIDTH) {
        __m256i sums[VECTORS];
        for (int v = 0; v < VECTORS; v++) sums[v] = start();
        for (size_t k = 0; k < count; k++) {
            const uint8_t *in = from + k * stride + i;
            __m256i weight = _mm256_set1_epi32(weights[k]);
            for (int v = 0; v < VECTORS; v++) {
                __m256i samples = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(in + 8 * v)));
                sums[v] = _mm256_add_epi32(sums[v], _mm256_mullo_epi32(samples, weight));
            }
        }
        _mm256_storeu_si256((__m256i *)(to + i), clip(sums));
    }
    okng_resample_rows_c(weights, count, from + i, stride, size - i, to + i);
}

#endif
