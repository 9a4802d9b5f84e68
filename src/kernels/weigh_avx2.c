#include "kernels/variants.h"

#if defined(__AVX2__)
#define WEIGH_BYTES 32
#include "kernels/weigh_vector.h"

void okng_weigh_pairs_avx2(const double *const *taps, const double *weights, size_t radius, float *out, size_t count)
{
    weigh_pairs(taps, weights, radius, out, count);
}

#endif
