#include "kernels/variants.h"

#if defined(__AVX2__)
#include <immintrin.h>

#include "kernels/screen_encode.h"

/* A row's byte is code + 64, 1 to 127, so a sum of its products with codes of a query lies between what the negative
 * and what the positive ones of these make of 127: as long as neither leaves 16 bits the products are added there. */
enum {
    QUERIES = 6,
    HALVES = 2,  /* of a panel: 8 rows each */
    GROUP = 64,  /* bytes: a unit of each row of a panel */
    VECTOR = 32, /* bytes */
    MOST = 63,
    RUN = 4,                                 /* units that are added in 16 bits */
    RUN_BYTES = RUN * OKNG_SCREEN_UNIT,      /* of a query */
    LARGEST_SUM = INT16_MAX / (2 * MOST + 1) /* of a query's codes of one sign that meet in 16 bits */
};

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

/* sum += products of neighbours. As assembly, for GCC 12 does all products of a step first, and spills what it has no
 * registers for. */
static inline __attribute__((always_inline)) void multiply_add(__m256i *sum, __m256i row, __m256i query)
{
    __m256i product;
    __asm__("vpmaddubsw %3, %2, %1\n\tvpaddw %1, %0, %0" : "+x"(*sum), "=&x"(product) : "x"(row), "x"(query));
}

/* Adds the products of a panel's next `units`, at most RUN, to `sums`, for `q` queries. */
static inline __attribute__((always_inline)) void add_run(const uint8_t *packed, size_t units, size_t bytes,
                                                          const uint8_t *queries, int q, __m256i sums[QUERIES][HALVES])
{
    __m256i part[QUERIES][HALVES];
    for (int i = 0; i < q; i++)
        for (int h = 0; h < HALVES; h++) part[i][h] = _mm256_setzero_si256();
    for (size_t u = 0; u < units; u++, packed += GROUP, queries += OKNG_SCREEN_UNIT) {
        __m256i low = load(packed), high = load(packed + GROUP / 2);
        for (int i = 0; i < q; i++) {
            __m256i query = unit_of(queries + (size_t)i * bytes);
            multiply_add(&part[i][0], low, query);
            multiply_add(&part[i][1], high, query);
        }
    }
    for (int i = 0; i < q; i++)
        for (int h = 0; h < HALVES; h++)
            sums[i][h] = _mm256_add_epi32(sums[i][h], _mm256_madd_epi16(part[i][h], _mm256_set1_epi16(1)));
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
    size_t at = 0;
    for (; at + RUN_BYTES <= bytes; at += RUN_BYTES)
        add_run(packed + at * OKNG_SCREEN_PANEL, RUN, bytes, queries + at, q, sums);
    if (at < bytes)
        add_run(packed + at * OKNG_SCREEN_PANEL, (bytes - at) / OKNG_SCREEN_UNIT, bytes, queries + at, q, sums);
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

/* 8 rows of 8 units each, turned; the rows of a panel's half lie GROUP bytes apart. */
static inline void turn(const uint8_t *rows, size_t bytes, uint8_t *out)
{
    __m256i a[8], b[8];
    for (int i = 0; i < 8; i += 2) {
        __m256i even = load(rows + (size_t)i * bytes), odd = load(rows + (size_t)(i + 1) * bytes);
        a[i] = _mm256_unpacklo_epi32(even, odd);
        a[i + 1] = _mm256_unpackhi_epi32(even, odd);
    }
    for (int i = 0; i < 8; i += 4)
        for (int j = 0; j < 2; j++) {
            b[i + 2 * j] = _mm256_unpacklo_epi64(a[i + j], a[i + j + 2]);
            b[i + 2 * j + 1] = _mm256_unpackhi_epi64(a[i + j], a[i + j + 2]);
        }
    for (int u = 0; u < 4; u++) {
        __m256i first = _mm256_permute2x128_si256(b[u], b[u + 4], 0x20);
        __m256i second = _mm256_permute2x128_si256(b[u], b[u + 4], 0x31);
        _mm256_storeu_si256((__m256i *)(void *)(out + (size_t)u * GROUP), first);
        _mm256_storeu_si256((__m256i *)(void *)(out + (size_t)(u + 4) * GROUP), second);
    }
}

static void pack(const uint8_t *rows, size_t bytes, size_t count, uint8_t *panels)
{
    size_t panel = OKNG_SCREEN_PANEL, whole = bytes % VECTOR == 0 ? count / panel : 0;
    for (size_t p = 0; p < whole; p++)
        for (size_t half = 0; half < HALVES; half++)
            for (size_t at = 0; at < bytes; at += VECTOR)
                turn(rows + (p * panel + half * panel / HALVES) * bytes + at, bytes,
                     panels + (p * bytes + at) * panel + half * GROUP / HALVES);
    okng_pack_units(rows + whole * panel * bytes, bytes, count - whole * panel, panels + whole * panel * bytes);
}

static inline int32_t add_lanes(__m256i sums)
{
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xb1)));
}

/* Of 64 bytes, as 8 sums: two products of neighbours are added in 16 bits. */
static inline __m256i multiply_line(const uint8_t *row, const uint8_t *query)
{
    __m256i low = _mm256_maddubs_epi16(load(row), load(query));
    __m256i high = _mm256_maddubs_epi16(load(row + VECTOR), load(query + VECTOR));
    return _mm256_madd_epi16(_mm256_add_epi16(low, high), _mm256_set1_epi16(1));
}

static void products_at(const uint8_t *query, const uint8_t *rows, size_t bytes, const uint32_t *index, size_t count,
                        int32_t *out)
{
    enum { AHEAD = 4, FETCHED = 256 /* bytes: the rest comes by itself */ };
    for (size_t i = 0; i < count; i++) {
        const uint8_t *row = rows + index[i] * bytes;
        for (size_t at = 0; i + AHEAD < count && at < bytes && at < FETCHED; at += OKNG_SCREEN_LINE)
            __builtin_prefetch(rows + index[i + AHEAD] * bytes + at);
        __m256i sums = _mm256_setzero_si256();
        for (size_t at = 0; at < bytes; at += OKNG_SCREEN_LINE)
            sums = _mm256_add_epi32(sums, multiply_line(row + at, query + at));
        out[i] = add_lanes(sums);
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
                                      .code_bytes = 1,
                                      .bias = MOST + 1,
                                      .most = MOST,
                                      .run = RUN,
                                      .most_of_run = LARGEST_SUM,
                                      .encode = okng_encode_bytes,
                                      .pack = pack,
                                      .products = products,
                                      .products_at = products_at,
                                      .largest = largest,
                                      .at_least = at_least};

#endif
