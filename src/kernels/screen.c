/* The references of both forms, and the choice between variants. */
#include "kernels/screen.h"

#include "kernels/screen_encode.h"
#include "kernels/variants.h"

typedef int32_t (*product)(const uint8_t *row, const uint8_t *query, size_t bytes, size_t row_step);

/* Units of a row are `row_step` bytes apart. */
static int32_t product_of_bytes(const uint8_t *row, const uint8_t *query, size_t bytes, size_t row_step)
{
    int32_t sum = 0;
    for (size_t at = 0; at < bytes; at += OKNG_SCREEN_UNIT, row += row_step)
        for (size_t i = 0; i < OKNG_SCREEN_UNIT; i++) sum += (int32_t)row[i] * (int8_t)query[at + i];
    return sum;
}

static int32_t product_of_words(const uint8_t *row, const uint8_t *query, size_t bytes, size_t row_step)
{
    int32_t sum = 0;
    for (size_t at = 0; at < bytes; at += OKNG_SCREEN_UNIT, row += row_step) {
        int16_t of_row[2], of_query[2];
        memcpy(of_row, row, sizeof of_row);
        memcpy(of_query, query + at, sizeof of_query);
        sum += (int32_t)of_row[0] * of_query[0] + (int32_t)of_row[1] * of_query[1];
    }
    return sum;
}

static void multiply_panels(product multiply, const uint8_t *packed, const int32_t *offsets, size_t panels,
                            size_t bytes, const uint8_t *queries, const int32_t *corrections, size_t query_count,
                            int32_t shift, int16_t *out, size_t stride)
{
    for (size_t q = 0; q < query_count; q++)
        for (size_t r = 0; r < panels * OKNG_SCREEN_PANEL; r++) {
            const uint8_t *row =
                packed + r / OKNG_SCREEN_PANEL * OKNG_SCREEN_PANEL * bytes + r % OKNG_SCREEN_PANEL * OKNG_SCREEN_UNIT;
            int32_t value = multiply(row, queries + q * bytes, bytes, OKNG_SCREEN_LINE) - offsets[r] - corrections[q];
            value >>= shift;
            out[q * stride + r] = (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
        }
}

static void products_of_bytes(const uint8_t *packed, const int32_t *offsets, size_t panels, size_t bytes,
                              const uint8_t *queries, const int32_t *corrections, size_t query_count, int32_t shift,
                              int16_t *out, size_t stride)
{
    multiply_panels(product_of_bytes, packed, offsets, panels, bytes, queries, corrections, query_count, shift, out,
                    stride);
}

static void products_of_words(const uint8_t *packed, const int32_t *offsets, size_t panels, size_t bytes,
                              const uint8_t *queries, const int32_t *corrections, size_t query_count, int32_t shift,
                              int16_t *out, size_t stride)
{
    multiply_panels(product_of_words, packed, offsets, panels, bytes, queries, corrections, query_count, shift, out,
                    stride);
}

static void bytes_at(const uint8_t *query, const uint8_t *rows, size_t bytes, const uint32_t *index, size_t count,
                     int32_t *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = product_of_bytes(rows + index[i] * bytes, query, bytes, OKNG_SCREEN_UNIT);
}

static void words_at(const uint8_t *query, const uint8_t *rows, size_t bytes, const uint32_t *index, size_t count,
                     int32_t *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = product_of_words(rows + index[i] * bytes, query, bytes, OKNG_SCREEN_UNIT);
}

static const okng_screen of_bytes = {.name = "c",
                                     .code_bytes = 1,
                                     .bias = 128,
                                     .most = 127,
                                     .encode = okng_encode_bytes,
                                     .pack = okng_pack_units,
                                     .products = products_of_bytes,
                                     .products_at = bytes_at,
                                     .largest = okng_largest_of,
                                     .at_least = okng_collect_at_least};
static const okng_screen of_words = {.name = "c",
                                     .code_bytes = 2,
                                     .most = INT16_MAX,
                                     .encode = okng_encode_words,
                                     .pack = okng_pack_units,
                                     .products = products_of_words,
                                     .products_at = words_at,
                                     .largest = okng_largest_of,
                                     .at_least = okng_collect_at_least};

const okng_screen *okng_screen_reference(int32_t code_bytes)
{
    return code_bytes == 1 ? &of_bytes : &of_words;
}

const okng_screen *okng_screen_variant(okng_cpu cpu)
{
    if (!okng_kernels_variant(cpu)) return NULL;
    switch (cpu) {
#if defined(__x86_64__)
    case OKNG_CPU_AVX512:
        if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw")) return &okng_screen_avx512vnni;
        return okng_screen_variant(OKNG_CPU_AVX2);
    case OKNG_CPU_AVX2:
        return &okng_screen_avx2;
#elif defined(__aarch64__)
    case OKNG_CPU_NEON:
        return &okng_screen_neon;
#endif
    default:
        return &of_words;
    }
}

const okng_screen *okng_screen_get(void)
{
    static const okng_cpu all[] = {OKNG_CPU_AVX512, OKNG_CPU_AVX2, OKNG_CPU_NEON};
    const okng_kernels *chosen = okng_kernels_get();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (okng_kernels_variant(all[i]) == chosen) return okng_screen_variant(all[i]);
    return &of_words;
}
