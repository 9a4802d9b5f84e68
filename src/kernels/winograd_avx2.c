#include "kernels/variants.h"
#include "kernels/winograd.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

#define VECTOR __m256
#define LANES 8
#define LOAD(from) _mm256_loadu_ps(from)
#define STORE(to, x) _mm256_storeu_ps(to, x)
#define SET(x) _mm256_set1_ps(x)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define ADD(a, b) _mm256_add_ps(a, b)
#define SUBTRACT(a, b) _mm256_sub_ps(a, b)
#define MULTIPLY(a, b) _mm256_mul_ps(a, b)
#define MAX(a, b) _mm256_max_ps(a, b)
#define LINEAR &okng_linear_avx2
#define TABLE const okng_winograd okng_winograd_avx2
#define WINOGRAD_NAME "avx2"
#include "kernels/winograd_vector.h"

#endif
