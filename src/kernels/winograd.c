/* The plain-C reference: vectors of one float. */
#include "kernels/winograd.h"

#include <math.h>

#include "kernels/variants.h"

#define VECTOR float
#define LANES 1
#define LOAD(from) (*(from))
#define STORE(to, x) (*(to) = (x))
#define SET(x) (x)
#define FMA(a, b, c) fmaf(a, b, c)
#define ADD(a, b) ((a) + (b))
#define SUBTRACT(a, b) ((a) - (b))
#define MULTIPLY(a, b) ((a) * (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define LINEAR &okng_linear_c
#define TABLE static const okng_winograd winograd_c
#define WINOGRAD_NAME "c"
#include "kernels/winograd_vector.h"

const okng_winograd *okng_winograd_variant(okng_cpu cpu)
{
    if (!okng_linear_variant(cpu)) return NULL;
    switch (cpu) {
    case OKNG_CPU_C:
        return &winograd_c;
#if defined(__x86_64__)
    case OKNG_CPU_AVX2:
        return &okng_winograd_avx2;
    case OKNG_CPU_AVX512:
        return &okng_winograd_avx512;
#endif
    default:
        return NULL;
    }
}

const okng_winograd *okng_winograd_get(void)
{
    static const okng_cpu all[] = {OKNG_CPU_AVX512, OKNG_CPU_AVX2};
    const okng_linear *chosen = okng_linear_get();
    for (size_t i = 0; chosen && i < sizeof all / sizeof *all; i++)
        if (okng_linear_variant(all[i]) == chosen) return okng_winograd_variant(all[i]);
    return NULL;
}
