#include "kernels/linear.h"
#include "kernels/variants.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

/* 12 sums, a panel's two vectors and a row's element: 15 of 16 registers. */
#define VECTOR __m256
#define LANES 8
#define ROWS 6
#define VECTORS 2
#define LOAD(from) _mm256_loadu_ps(from)
#define STORE(to, x) _mm256_storeu_ps(to, x)
#define SET(x) _mm256_set1_ps(x)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define ADD(a, b) _mm256_add_ps(a, b)
#define SUBTRACT(a, b) _mm256_sub_ps(a, b)
#define MULTIPLY(a, b) _mm256_mul_ps(a, b)
#define DIVIDE(a, b) _mm256_div_ps(a, b)
#define MAX(a, b) _mm256_max_ps(a, b)
#define MIN(a, b) _mm256_min_ps(a, b)
#define SCALE(p, t)                                                                                      \
    _mm256_mul_ps(p, _mm256_castsi256_ps(_mm256_add_epi32(_mm256_slli_epi32(_mm256_castps_si256(t), 23), \
                                                          _mm256_set1_epi32(0x3f800000))))
#define TABLE const okng_linear okng_linear_avx2
#define LINEAR_NAME "avx2"
#include "kernels/linear_vector.h"

#endif
