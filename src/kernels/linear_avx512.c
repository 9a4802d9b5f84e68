#include "kernels/linear.h"
#include "kernels/variants.h"

#if defined(__AVX512F__)
#include <immintrin.h>

/* 24 sums, a panel's two vectors and a row's element: 27 of 32 registers. */
#define VECTOR __m512
#define LANES 16
#define ROWS 12
#define LINEAR_TILE_OF_12
#define VECTORS 2
#define LOAD(from) _mm512_loadu_ps(from)
#define STORE(to, x) _mm512_storeu_ps(to, x)
#define SET(x) _mm512_set1_ps(x)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define ADD(a, b) _mm512_add_ps(a, b)
#define SUBTRACT(a, b) _mm512_sub_ps(a, b)
#define MULTIPLY(a, b) _mm512_mul_ps(a, b)
#define DIVIDE(a, b) _mm512_div_ps(a, b)
#define MAX(a, b) _mm512_max_ps(a, b)
#define MIN(a, b) _mm512_min_ps(a, b)
#define SCALE(p, t)                                                                                      \
    _mm512_mul_ps(p, _mm512_castsi512_ps(_mm512_add_epi32(_mm512_slli_epi32(_mm512_castps_si512(t), 23), \
                                                          _mm512_set1_epi32(0x3f800000))))
#define TABLE const okng_linear okng_linear_avx512
#define LINEAR_NAME "avx512"
#include "kernels/linear_vector.h"

#endif
