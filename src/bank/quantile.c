#include "bank/quantile.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bank/select.h"
#include "base/memory.h"

/* Values are kept as keys: integers in the order of the numbers, turned round where the quantile is on the low side, so
 * that in both cases the largest keys are the ones to keep. */
struct okng_quantile {
    double q;
    uint64_t total, seen;
    uint64_t lower;  /* rank, from 0, of the order statistic below the quantile */
    bool mirrored;   /* the smallest values are kept */
    size_t wanted;   /* keys that the answer may need */
    size_t capacity; /* of keys, at most */
    uint32_t *keys;
    size_t count, allocated;
    uint32_t least; /* keys that are not above it cannot matter any more */
    bool full;      /* `least` holds */
};

enum { MIN_CAPACITY = 1024 };

static uint32_t key_of(float value, bool mirrored)
{
    uint32_t bits;
    value += 0.0f; /* -0 and 0 are one number */
    memcpy(&bits, &value, sizeof bits);
    uint32_t key = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
    return mirrored ? ~key : key;
}

static float value_of(uint32_t key, bool mirrored)
{
    if (mirrored) key = ~key;
    uint32_t bits = key & 0x80000000u ? key & 0x7fffffffu : ~key;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Keeps the `wanted` largest keys. */
static void shrink(okng_quantile *quantile)
{
    uint32_t least = okng_select_key(quantile->keys, quantile->count, quantile->wanted);
    size_t kept = 0;
    for (size_t i = 0; i < quantile->count; i++)
        if (quantile->keys[i] > least) quantile->keys[kept++] = quantile->keys[i];
    while (kept < quantile->wanted) quantile->keys[kept++] = least;
    quantile->count = kept;
    quantile->least = least;
    quantile->full = true;
}

okng_status okng_quantile_new(okng_quantile **out, double q, uint64_t total, okng_error *error)
{
    *out = NULL;
    if (!(q >= 0 && q <= 1)) return okng_fail(error, OKNG_ERROR_ARGUMENT, "a quantile is %g, expected 0..1", q);
    if (total < 1) return okng_fail(error, OKNG_ERROR_ARGUMENT, "a quantile of no values was asked for");
    okng_quantile *quantile = calloc(1, sizeof *quantile);
    if (!quantile) return okng_fail_memory(error, sizeof *quantile);
    quantile->q = q;
    quantile->total = total;
    double position = q * (double)(total - 1);
    quantile->lower = (uint64_t)position < total - 1 ? (uint64_t)position : total - 1;
    uint64_t low_side = quantile->lower + 1 < total ? quantile->lower + 2 : total, high_side = total - quantile->lower;
    quantile->mirrored = low_side < high_side;
    uint64_t wanted = quantile->mirrored ? low_side : high_side;
    if (wanted > SIZE_MAX / 2 / sizeof *quantile->keys) {
        free(quantile);
        return okng_fail_memory(error, SIZE_MAX);
    }
    quantile->wanted = (size_t)wanted;
    quantile->capacity = 2 * quantile->wanted < MIN_CAPACITY ? MIN_CAPACITY : 2 * quantile->wanted;
    *out = quantile;
    return OKNG_OK;
}

okng_status okng_quantile_add(okng_quantile *quantile, const float *values, size_t count, okng_error *error)
{
    quantile->seen += count; /* more than `total` shows at the end */
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i])) return okng_fail(error, OKNG_ERROR_ARGUMENT, "a value for a quantile is not a number");
        uint32_t key = key_of(values[i], quantile->mirrored);
        if (quantile->full && key <= quantile->least) continue;
        if (quantile->count == quantile->capacity) {
            shrink(quantile);
            if (key <= quantile->least) continue;
        }
        void *keys = quantile->keys;
        if (!okng_grow(&keys, &quantile->allocated, quantile->count + 1, sizeof *quantile->keys))
            return okng_fail_memory(error, (quantile->count + 1) * sizeof *quantile->keys);
        quantile->keys = keys;
        quantile->keys[quantile->count++] = key;
    }
    return OKNG_OK;
}

/* As NumPy does it, from the nearer end. Equal ends give themselves, infinite ones too. */
static float interpolate(float low, float high, double fraction)
{
    if (low == high || fraction == 0) return low;
    double a = (double)low, b = (double)high;
    return (float)(fraction < 0.5 ? a + (b - a) * fraction : b - (b - a) * (1 - fraction));
}

okng_status okng_quantile_value(okng_quantile *quantile, const okng_ranks *ranks, float *value, okng_error *error)
{
    uint64_t seen = quantile->seen;
    OKNG_TRY(okng_ranks_sum(ranks, &seen, 1, error));
    if (seen != quantile->total)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a quantile of %llu values got %llu",
                         (unsigned long long)quantile->total, (unsigned long long)seen);
    double fraction = quantile->q * (double)(quantile->total - 1) - (double)quantile->lower;
    uint64_t upper = quantile->lower + 1 < quantile->total ? quantile->lower + 1 : quantile->lower;
    float ends[2];
    for (int i = 0; i < 2; i++) {
        uint64_t statistic = i == 0 ? quantile->lower : upper;
        uint64_t rank = quantile->mirrored ? statistic + 1 : quantile->total - statistic;
        uint32_t key;
        OKNG_TRY(okng_select_key_shared(ranks, quantile->keys, quantile->count, rank, &key, error));
        ends[i] = value_of(key, quantile->mirrored);
    }
    *value = interpolate(ends[0], ends[1], fraction);
    return OKNG_OK;
}

void okng_quantile_free(okng_quantile **quantile)
{
    if (!*quantile) return;
    free((*quantile)->keys);
    free(*quantile);
    *quantile = NULL;
}

float okng_quantile_sorted(const float *sorted, size_t count, double q)
{
    double position = q * (double)(count - 1);
    size_t lower = (size_t)position < count - 1 ? (size_t)position : count - 1;
    size_t upper = lower + 1 < count ? lower + 1 : lower;
    return interpolate(sorted[lower], sorted[upper], position - (double)lower);
}
