#include "kernels/variants.h"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
#include <immintrin.h>

#include "kernels/screen_encode.h"

enum { PANELS = 4, QUERIES = 6, GROUP = 64 /* bytes: a unit of each row of a panel */ };

static inline __m512i unit_of(const uint8_t *query)
{
    int32_t unit;
    memcpy(&unit, query, sizeof unit);
    return _mm512_set1_epi32(unit);
}

/* sum += products of four neighbours. As assembly, for GCC 12 does not know that the sum stays in its register, and
 * copies and spills where 24 sums are under way. */
static inline __attribute__((always_inline)) void multiply_add(__m512i *sum, __m512i row, __m512i query)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(*sum) : "v"(row), "v"(query));
}

/* `p` panels by `q` queries. */
static inline __attribute__((always_inline)) void tile(const uint8_t *packed, const int32_t *offsets, int p,
                                                       size_t bytes, const uint8_t *queries, const int32_t *corrections,
                                                       int q, unsigned shift, int16_t *out, size_t stride)
{
    __m512i sums[QUERIES][PANELS];
    for (int i = 0; i < q; i++)
        for (int j = 0; j < p; j++)
            sums[i][j] = _mm512_sub_epi32(_mm512_set1_epi32(-corrections[i]), _mm512_loadu_si512(offsets + j * 16));
    for (size_t at = 0; at < bytes; at += OKNG_SCREEN_UNIT, packed += GROUP) {
        __m512i row[PANELS];
        for (int j = 0; j < p; j++) row[j] = _mm512_loadu_si512(packed + (size_t)j * OKNG_SCREEN_PANEL * bytes);
        for (int i = 0; i < q; i++) {
            __m512i query = unit_of(queries + (size_t)i * bytes + at);
            for (int j = 0; j < p; j++) multiply_add(&sums[i][j], row[j], query);
        }
    }
    for (int i = 0; i < q; i++)
        for (int j = 0; j < p; j++)
            _mm256_storeu_si256((__m256i *)(void *)(out + (size_t)i * stride + j * 16),
                                _mm512_cvtsepi32_epi16(_mm512_srai_epi32(sums[i][j], shift)));
}

static inline __attribute__((always_inline)) void all_queries(const uint8_t *packed, const int32_t *offsets, int p,
                                                              size_t bytes, const uint8_t *queries,
                                                              const int32_t *corrections, size_t query_count,
                                                              unsigned shift, int16_t *out, size_t stride)
{
    size_t q = 0;
    for (; q + QUERIES <= query_count; q += QUERIES)
        tile(packed, offsets, p, bytes, queries + q * bytes, corrections + q, QUERIES, shift, out + q * stride, stride);
    for (; q < query_count; q++)
        tile(packed, offsets, p, bytes, queries + q * bytes, corrections + q, 1, shift, out + q * stride, stride);
}

static void products(const uint8_t *packed, const int32_t *offsets, size_t panels, size_t bytes, const uint8_t *queries,
                     const int32_t *corrections, size_t query_count, int32_t shift, int16_t *out, size_t stride)
{
    size_t p = 0, panel = OKNG_SCREEN_PANEL;
    for (; p + PANELS <= panels; p += PANELS)
        all_queries(packed + p * panel * bytes, offsets + p * panel, PANELS, bytes, queries, corrections, query_count,
                    (unsigned)shift, out + p * panel, stride);
    for (; p < panels; p++)
        all_queries(packed + p * panel * bytes, offsets + p * panel, 1, bytes, queries, corrections, query_count,
                    (unsigned)shift, out + p * panel, stride);
}

/* Four rows at a time, to have as many loads under way. */
static inline __attribute__((always_inline)) void rows_at(const uint8_t *query, const uint8_t *const *row, int count,
                                                          size_t bytes, int32_t *out)
{
    __m512i sums[4];
    for (int j = 0; j < count; j++) sums[j] = _mm512_setzero_si512();
    for (size_t at = 0; at < bytes; at += OKNG_SCREEN_LINE) {
        __m512i codes = _mm512_loadu_si512(query + at);
        for (int j = 0; j < count; j++) multiply_add(&sums[j], _mm512_loadu_si512(row[j] + at), codes);
    }
    for (int j = 0; j < count; j++) out[j] = _mm512_reduce_add_epi32(sums[j]);
}

static void products_at(const uint8_t *query, const uint8_t *rows, size_t bytes, const uint32_t *index, size_t count,
                        int32_t *out)
{
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const uint8_t *row[4];
        for (int j = 0; j < 4; j++) row[j] = rows + index[i + (size_t)j] * bytes;
        if (i + 8 <= count)
            for (size_t j = 4; j < 8; j++)
                for (size_t at = 0; at < bytes && at < 256; at += OKNG_SCREEN_LINE)
                    __builtin_prefetch(rows + index[i + j] * bytes + at);
        rows_at(query, row, 4, bytes, out + i);
    }
    for (; i < count; i++) {
        const uint8_t *row = rows + index[i] * bytes;
        rows_at(query, &row, 1, bytes, out + i);
    }
}

/* 16 rows of 16 units each, turned. */
static void turn(const uint8_t *rows, size_t bytes, uint8_t *out)
{
    __m512i a[16], b[16];
    for (int i = 0; i < 16; i++) a[i] = _mm512_loadu_si512(rows + (size_t)i * bytes);
    for (int i = 0; i < 16; i += 2) {
        b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) /* a[i + j]: unit j of each 128 bits of rows i..i+3 */
        for (int j = 0; j < 2; j++) {
            a[i + 2 * j] = _mm512_unpacklo_epi64(b[i + j], b[i + 2 + j]);
            a[i + 2 * j + 1] = _mm512_unpackhi_epi64(b[i + j], b[i + 2 + j]);
        }
    for (int j = 0; j < 4; j++) {
        __m512i even_low = _mm512_shuffle_i32x4(a[j], a[4 + j], 0x88),
                odd_low = _mm512_shuffle_i32x4(a[j], a[4 + j], 0xdd);
        __m512i even_high = _mm512_shuffle_i32x4(a[8 + j], a[12 + j], 0x88);
        __m512i odd_high = _mm512_shuffle_i32x4(a[8 + j], a[12 + j], 0xdd);
        _mm512_storeu_si512(out + j * GROUP, _mm512_shuffle_i32x4(even_low, even_high, 0x88));
        _mm512_storeu_si512(out + (4 + j) * GROUP, _mm512_shuffle_i32x4(odd_low, odd_high, 0x88));
        _mm512_storeu_si512(out + (8 + j) * GROUP, _mm512_shuffle_i32x4(even_low, even_high, 0xdd));
        _mm512_storeu_si512(out + (12 + j) * GROUP, _mm512_shuffle_i32x4(odd_low, odd_high, 0xdd));
    }
}

static void pack(const uint8_t *rows, size_t bytes, size_t count, uint8_t *panels)
{
    size_t panel = OKNG_SCREEN_PANEL, whole = bytes % GROUP == 0 ? count / panel : 0;
    for (size_t p = 0; p < whole; p++)
        for (size_t at = 0; at < bytes; at += GROUP)
            turn(rows + p * panel * bytes + at, bytes, panels + (p * bytes + at) * panel);
    okng_pack_units(rows + whole * panel * bytes, bytes, count - whole * panel, panels + whole * panel * bytes);
}

static inline __mmask32 first_values(size_t count)
{
    return count >= 32 ? 0xffffffffu : (1u << count) - 1;
}

static int16_t largest(const int16_t *values, size_t count)
{
    __m512i most = _mm512_set1_epi16(INT16_MIN);
    for (size_t i = 0; i < count; i += 32)
        most = _mm512_max_epi16(most, _mm512_mask_loadu_epi16(most, first_values(count - i), values + i));
    int16_t lanes[32];
    _mm512_storeu_si512(lanes, most);
    return okng_largest_of(lanes, 32);
}

static size_t at_least(const int16_t *values, size_t count, int16_t threshold, uint32_t *found)
{
    const __m512i bar = _mm512_set1_epi16(threshold);
    size_t taken = 0;
    for (size_t i = 0; i < count; i += 32) {
        __mmask32 valid = first_values(count - i);
        uint32_t mask = _mm512_mask_cmpge_epi16_mask(valid, _mm512_maskz_loadu_epi16(valid, values + i), bar);
        for (; mask; mask &= mask - 1) found[taken++] = (uint32_t)i + (uint32_t)__builtin_ctz(mask);
    }
    return taken;
}

const okng_screen okng_screen_avx512vnni = {.name = "avx512vnni",
                                            .code_bytes = 1,
                                            .bias = 128,
                                            .most = 127,
                                            .encode = okng_encode_bytes,
                                            .pack = pack,
                                            .products = products,
                                            .products_at = products_at,
                                            .largest = largest,
                                            .at_least = at_least};

#endif
