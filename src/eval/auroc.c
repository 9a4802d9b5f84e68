#include "eval/auroc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, PASSES = 3 };

/* Bits of a float, turned so that they sort as unsigned numbers like the floats do. */
static uint32_t key_of(float value)
{
    uint32_t bits;
    value += 0.0f; /* -0 equals 0 */
    memcpy(&bits, &value, sizeof bits);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

static float value_of(uint32_t key)
{
    uint32_t bits = key & 0x80000000u ? key & 0x7fffffffu : ~key;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void sort_by_digit(const uint32_t *in, uint32_t *out, size_t count, int shift)
{
    size_t places[DIGITS] = {0}, next = 0;
    for (size_t i = 0; i < count; i++) places[in[i] >> shift & (DIGITS - 1)]++;
    for (size_t d = 0; d < DIGITS; d++) {
        size_t here = places[d];
        places[d] = next;
        next += here;
    }
    for (size_t i = 0; i < count; i++) out[places[in[i] >> shift & (DIGITS - 1)]++] = in[i];
}

/* Radix sort: a category has millions of pixels. */
static okng_status sort(float *values, size_t count, okng_error *error)
{
    uint32_t *keys = okng_alloc(count, sizeof *keys), *other = okng_alloc(count, sizeof *other);
    okng_status status = OKNG_OK;
    if (!keys || !other) {
        status = okng_fail_memory(error, count * 2 * sizeof *keys);
        goto done;
    }
    for (size_t i = 0; i < count; i++) keys[i] = key_of(values[i]);
    for (int pass = 0; pass < PASSES; pass++) {
        sort_by_digit(keys, other, count, pass * DIGIT_BITS);
        uint32_t *swap = keys;
        keys = other;
        other = swap;
    }
    for (size_t i = 0; i < count; i++) values[i] = value_of(keys[i]);
done:
    free(keys);
    free(other);
    return status;
}

okng_status okng_auroc(float *good, size_t good_count, float *bad, size_t bad_count, double *auroc, okng_error *error)
{
    *auroc = (double)NAN;
    if (good_count > UINT32_MAX / 2 || bad_count > UINT32_MAX / 2)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%zu good and %zu bad scores: at most %u each can be ranked",
                         good_count, bad_count, UINT32_MAX / 2);
    OKNG_TRY(sort(good, good_count, error));
    OKNG_TRY(sort(bad, bad_count, error));
    if (good_count == 0 || bad_count == 0) return OKNG_OK;
    uint64_t halves = 0; /* twice the pairs in which the bad one is higher */
    size_t below = 0, up_to = 0;
    for (size_t i = 0; i < bad_count; i++) {
        while (below < good_count && good[below] < bad[i]) below++;
        while (up_to < good_count && good[up_to] <= bad[i]) up_to++;
        halves += (uint64_t)below + (uint64_t)up_to;
    }
    *auroc = (double)halves / 2.0 / ((double)good_count * (double)bad_count);
    return OKNG_OK;
}

size_t okng_roc_curve(const float *good, size_t good_count, const float *bad, size_t bad_count, okng_roc_point *points)
{
    size_t g = good_count, b = bad_count, count = 0;
    points[count++] = (okng_roc_point){0, 0};
    while (g > 0 || b > 0) {
        float score = g > 0 && (b == 0 || good[g - 1] > bad[b - 1]) ? good[g - 1] : bad[b - 1];
        while (g > 0 && good[g - 1] >= score) g--;
        while (b > 0 && bad[b - 1] >= score) b--;
        points[count++] = (okng_roc_point){(double)(good_count - g) / (double)good_count,
                                           (double)(bad_count - b) / (double)bad_count};
    }
    return count;
}
