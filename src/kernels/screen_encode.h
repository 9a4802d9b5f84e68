/* Loops that every variant of a screen shares; each file compiles them for its instruction set. */
#ifndef OKNG_KERNELS_SCREEN_ENCODE_H
#define OKNG_KERNELS_SCREEN_ENCODE_H

#include <string.h>

#include "kernels/screen.h"

enum { OKNG_ENCODE_BLOCK = 64 };

/* Adding and subtracting 1.5 * 2^23 rounds to the nearest integer, ties to even. */
#define OKNG_ROUNDER 12582912.0f

/* `count` <= 64 elements; what lies behind them in `codes` becomes 0. */
static inline void okng_encode_block(const float *x, const float *mean, size_t count, float inverse, float limit,
                                     int32_t codes[OKNG_ENCODE_BLOCK], float errors[OKNG_KERNELS_LANES])
{
    float t[OKNG_ENCODE_BLOCK] = {0};
    for (size_t i = 0; i < count; i++) t[i] = (mean ? x[i] - mean[i] : x[i]) * inverse;
    for (int i = 0; i < OKNG_ENCODE_BLOCK; i++) {
        t[i] = t[i] < limit ? t[i] : limit; /* NaN too */
        t[i] = t[i] > -limit ? t[i] : -limit;
        float rounded = (t[i] + OKNG_ROUNDER) - OKNG_ROUNDER;
        codes[i] = (int32_t)rounded;
        t[i] -= rounded;
    }
    for (int i = 0; i < OKNG_ENCODE_BLOCK; i += OKNG_KERNELS_LANES)
        for (int lane = 0; lane < OKNG_KERNELS_LANES; lane++) errors[lane] += t[i + lane] * t[i + lane];
}

static inline okng_code okng_encode_with(const float *x, const float *mean, size_t dim, float inverse, float limit,
                                         int32_t bias, uint8_t *out, size_t bytes, size_t code_bytes)
{
    okng_code code = {0};
    float errors[OKNG_KERNELS_LANES] = {0};
    size_t step = OKNG_ENCODE_BLOCK;
    for (size_t i = 0; i * code_bytes < bytes; i += step) {
        int32_t codes[OKNG_ENCODE_BLOCK];
        size_t left = i < dim ? dim - i : 0, room = bytes / code_bytes - i;
        okng_encode_block(x + (left ? i : 0), mean ? mean + (left ? i : 0) : NULL, left < step ? left : step, inverse,
                          limit, codes, errors);
        for (size_t j = 0; j < step; j++) code.norm += codes[j] * codes[j];
        for (size_t j = 0; j < step; j++) code.sum += codes[j];
        uint8_t narrow[2 * OKNG_ENCODE_BLOCK];
        int16_t *wide = (int16_t *)(void *)narrow;
        if (code_bytes == 1)
            for (size_t j = 0; j < step; j++) narrow[j] = (uint8_t)(codes[j] + bias);
        else
            for (size_t j = 0; j < step; j++) wide[j] = (int16_t)codes[j];
        memcpy(out + i * code_bytes, narrow, (room < step ? room : step) * code_bytes);
    }
    for (int half = OKNG_KERNELS_LANES / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++) errors[lane] += errors[lane + half];
    code.error = errors[0];
    return code;
}

static inline okng_code okng_encode_bytes(const float *x, const float *mean, size_t dim, float inverse, float limit,
                                          int32_t bias, uint8_t *out, size_t bytes)
{
    return okng_encode_with(x, mean, dim, inverse, limit, bias, out, bytes, 1);
}

static inline okng_code okng_encode_words(const float *x, const float *mean, size_t dim, float inverse, float limit,
                                          int32_t bias, uint8_t *out, size_t bytes)
{
    return okng_encode_with(x, mean, dim, inverse, limit, bias, out, bytes, 2);
}

/* One panel by `q` queries. */
typedef void (*okng_screen_tile)(const uint8_t *packed, const int32_t *offsets, size_t bytes, const uint8_t *queries,
                                 const int32_t *corrections, int q, int32_t shift, int16_t *out, size_t stride);

/* All panels by all queries, `most` of them at a time, then one by one. */
static inline __attribute__((always_inline)) void okng_screen_tiles(okng_screen_tile tile, int most,
                                                                    const uint8_t *packed, const int32_t *offsets,
                                                                    size_t panels, size_t bytes, const uint8_t *queries,
                                                                    const int32_t *corrections, size_t query_count,
                                                                    int32_t shift, int16_t *out, size_t stride)
{
    const size_t panel = OKNG_SCREEN_PANEL, step = (size_t)most;
    for (size_t p = 0; p < panels; p++, packed += panel * bytes, offsets += panel, out += panel) {
        size_t q = 0;
        for (; q + step <= query_count; q += step)
            tile(packed, offsets, bytes, queries + q * bytes, corrections + q, most, shift, out + q * stride, stride);
        for (; q < query_count; q++)
            tile(packed, offsets, bytes, queries + q * bytes, corrections + q, 1, shift, out + q * stride, stride);
    }
}

static inline void okng_pack_units(const uint8_t *rows, size_t bytes, size_t count, uint8_t *panels)
{
    const size_t unit = OKNG_SCREEN_UNIT, panel = OKNG_SCREEN_PANEL;
    for (size_t first = 0; first < count; first += panel, panels += panel * bytes)
        for (size_t r = 0; r < panel; r++)
            for (size_t at = 0; at < bytes; at += unit) {
                uint8_t *to = panels + at * panel + r * unit;
                if (first + r < count)
                    memcpy(to, rows + (first + r) * bytes + at, unit);
                else
                    memset(to, 0, unit);
            }
}

static inline int16_t okng_largest_of(const int16_t *values, size_t count)
{
    int16_t largest = INT16_MIN;
    for (size_t i = 0; i < count; i++) largest = values[i] > largest ? values[i] : largest;
    return largest;
}

static inline size_t okng_collect_at_least(const int16_t *values, size_t count, int16_t threshold, uint32_t *found)
{
    size_t taken = 0;
    for (size_t start = 0; start < count; start += OKNG_ENCODE_BLOCK) {
        size_t end = count - start < OKNG_ENCODE_BLOCK ? count : start + OKNG_ENCODE_BLOCK;
        if (okng_largest_of(values + start, end - start) < threshold) continue;
        for (size_t i = start; i < end; i++)
            if (values[i] >= threshold) found[taken++] = (uint32_t)i;
    }
    return taken;
}

#endif
