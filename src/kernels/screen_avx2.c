#include "kernels/variants.h"

#if defined(__AVX2__)
#include <immintrin.h>

#include "kernels/screen_encode.h"

enum { QUERIES = 6, HALVES = 2 /* of a panel: 8 rows each */, GROUP = 64 /* bytes: a unit of each row of a panel */ };

static inline __m256i load(const void *from)
{
    return _mm256_loadu_si256(from);
}

static inline __m256i unit_of(const uint8_t *query)
{
    int32_t unit;
    memcpy(&unit, query, sizeof unit);
    return _mm256_set1_epi32(unit);
}

/* One panel by `q` queries. */
static inline __attribute__((always_inline)) void tile(const uint8_t *packed, const int32_t *offsets, size_t bytes,
                                                       const uint8_t *queries, const int32_t *corrections, int q,
                                                       int32_t shift, int16_t *out, size_t stride)
{
    __m256i sums[QUERIES][HALVES];
    for (int i = 0; i < q; i++)
        for (int h = 0; h < HALVES; h++)
            sums[i][h] = _mm256_sub_epi32(_mm256_set1_epi32(-corrections[i]), load(offsets + h * 8));
    for (size_t at = 0; at < bytes; at += OKNG_SCREEN_UNIT, packed += GROUP) {
        __m256i low = load(packed), high = load(packed + GROUP / 2);
        for (int i = 0; i < q; i++) {
            __m256i query = unit_of(queries + (size_t)i * bytes + at);
            sums[i][0] = _mm256_add_epi32(sums[i][0], _mm256_madd_epi16(low, query));
            sums[i][1] = _mm256_add_epi32(sums[i][1], _mm256_madd_epi16(high, query));
        }
    }
    for (int i = 0; i < q; i++) {
        __m256i both = _mm256_packs_epi32(_mm256_srai_epi32(sums[i][0], shift), _mm256_srai_epi32(sums[i][1], shift));
        _mm256_storeu_si256((__m256i *)(void *)(out + (size_t)i * stride), _mm256_permute4x64_epi64(both, 0xd8));
    }
}

static void products(const uint8_t *packed, const int32_t *offsets, size_t panels, size_t bytes, const uint8_t *queries,
                     const int32_t *corrections, size_t query_count, int32_t shift, int16_t *out, size_t stride)
{
    okng_screen_tiles(tile, QUERIES, packed, offsets, panels, bytes, queries, corrections, query_count, shift, out,
                      stride);
}

static inline int32_t add_lanes(__m256i sums)
{
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xb1)));
}

static void products_at(const uint8_t *query, const uint8_t *rows, size_t bytes, const uint32_t *index, size_t count,
                        int32_t *out)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *row = rows + index[i] * bytes;
        if (i + 2 < count) __builtin_prefetch(rows + index[i + 2] * bytes);
        __m256i sums[HALVES] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
        for (size_t at = 0; at < bytes; at += OKNG_SCREEN_LINE)
            for (int h = 0; h < HALVES; h++)
                sums[h] =
                    _mm256_add_epi32(sums[h], _mm256_madd_epi16(load(row + at + h * 32), load(query + at + h * 32)));
        out[i] = add_lanes(_mm256_add_epi32(sums[0], sums[1]));
    }
}

static int16_t largest(const int16_t *values, size_t count)
{
    return okng_largest_of(values, count);
}

static size_t at_least(const int16_t *values, size_t count, int16_t threshold, uint32_t *found)
{
    const __m256i bar = _mm256_set1_epi16(threshold);
    size_t taken = 0, i = 0;
    for (; i + 32 <= count; i += 32) {
        __m256i below = _mm256_packs_epi16(_mm256_cmpgt_epi16(bar, load(values + i)),
                                           _mm256_cmpgt_epi16(bar, load(values + i + 16)));
        uint32_t mask = ~(uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(below, 0xd8));
        for (; mask; mask &= mask - 1) found[taken++] = (uint32_t)i + (uint32_t)__builtin_ctz(mask);
    }
    for (; i < count; i++)
        if (values[i] >= threshold) found[taken++] = (uint32_t)i;
    return taken;
}

const okng_screen okng_screen_avx2 = {.name = "avx2",
                                      .code_bytes = 2,
                                      .most = INT16_MAX,
                                      .encode = okng_encode_words,
                                      .pack = okng_pack_units,
                                      .products = products,
                                      .products_at = products_at,
                                      .largest = largest,
                                      .at_least = at_least};

#endif
