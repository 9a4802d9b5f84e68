#include "kernels/variants.h"

#if defined(__AVX512F__)
#define WEIGH_BYTES 64
#include "kernels/weigh_vector.h"

void okng_weigh_pairs_avx512(const double *const *taps, const double *weights, size_t radius, float *out, size_t count)
{
    weigh_pairs(taps, weights, radius, out, count);
}

#endif
