/* The plain-C reference: vectors of one float. What all variants share. */
#include "kernels/linear.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels/variants.h"

/* Strassen 1969: a, b, c, d are the quarters. (a + d), (c + d), a, d, (a + b), (c - a), (b - d) of the left matrix
 * times (a + d), a, (b - d), (c - a), d, (a + b), (c + d) of the right one. */
const signed char okng_strassen_columns[OKNG_STRASSEN_PRODUCTS][OKNG_QUARTERS] = {
    {1, 0, 0, 1}, {1, 0, 0, 0}, {0, 1, 0, -1}, {-1, 0, 1, 0}, {0, 0, 0, 1}, {1, 1, 0, 0}, {0, 0, 1, 1}};
const signed char okng_strassen_results[OKNG_STRASSEN_PRODUCTS][OKNG_QUARTERS] = {
    {1, 0, 0, 1}, {0, 0, 1, -1}, {0, 1, 0, 1}, {1, 0, 1, 0}, {-1, 1, 0, 0}, {0, 0, 0, 1}, {1, 0, 0, 0}};

static float scale(float x, float bits)
{
    uint32_t whole;
    float power;
    memcpy(&whole, &bits, sizeof whole);
    whole = (whole << 23) + 0x3f800000U;
    memcpy(&power, &whole, sizeof power);
    return x * power;
}

#define VECTOR float
#define LANES 1
#define ROWS 4
#define VECTORS 16
#define LOAD(from) (*(from))
#define STORE(to, x) (*(to) = (x))
#define SET(x) (x)
#define FMA(a, b, c) fmaf(a, b, c)
#define ADD(a, b) ((a) + (b))
#define SUBTRACT(a, b) ((a) - (b))
#define MULTIPLY(a, b) ((a) * (b))
#define DIVIDE(a, b) ((a) / (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define SCALE(p, t) scale(p, t)
#define TABLE const okng_linear okng_linear_c
#define LINEAR_NAME "c"
#include "kernels/linear_vector.h"

const okng_linear *okng_linear_variant(okng_cpu cpu)
{
    if (!okng_kernels_variant(cpu)) return NULL;
    switch (cpu) {
    case OKNG_CPU_C:
        return &okng_linear_c;
#if defined(__x86_64__)
    case OKNG_CPU_AVX2:
        return &okng_linear_avx2;
    case OKNG_CPU_AVX512:
        return &okng_linear_avx512;
#endif
    default:
        return NULL;
    }
}

const okng_linear *okng_linear_get(void)
{
    static const okng_cpu all[] = {OKNG_CPU_AVX512, OKNG_CPU_AVX2};
    const okng_kernels *chosen = okng_kernels_get();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (okng_kernels_variant(all[i]) == chosen) return okng_linear_variant(all[i]);
    return NULL;
}
