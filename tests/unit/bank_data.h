/* Data for the tests of the bank, the same numbers as tests/golden/make_bank.py makes. */
#ifndef OKNG_TESTS_BANK_DATA_H
#define OKNG_TESTS_BANK_DATA_H

#include "test.h"

/* 0..1 with 24 bits: PCG-RXS-M-XS of 32 bits over index and salt. */
static inline float bank_value(uint32_t index, uint32_t salt)
{
    uint32_t x = (index + salt * 0x9e3779b9u) * 747796405u + 2891336453u;
    x = ((x >> ((x >> 28) + 4)) ^ x) * 277803737u;
    x = (x >> 22) ^ x;
    return (float)(x >> 8) * 0x1p-24f;
}

static inline float *bank_values(int64_t count, uint32_t salt)
{
    float *values = malloc((size_t)(count > 0 ? count : 1) * sizeof *values);
    assert_non_null(values);
    for (int64_t i = 0; i < count; i++) values[i] = bank_value((uint32_t)i, salt);
    return values;
}

/* Rows around a few centres, as patches of pictures are: a second level of spread a hundredth of the first. */
static inline float *bank_clusters(int64_t n, int64_t dim, int64_t clusters, uint32_t salt)
{
    float *rows = bank_values(n * dim, salt);
    for (int64_t r = 0; r < n; r++)
        for (int64_t d = 0; d < dim; d++)
            rows[r * dim + d] = rows[r * dim + d] * 0.01f + bank_value((uint32_t)(r % clusters * dim + d), salt + 1);
    return rows;
}

static inline double bank_squared(const float *a, const float *b, int64_t dim)
{
    double sum = 0;
    for (int64_t d = 0; d < dim; d++) sum += ((double)a[d] - (double)b[d]) * ((double)a[d] - (double)b[d]);
    return sum;
}

#endif
