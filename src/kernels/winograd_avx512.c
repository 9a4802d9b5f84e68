#include "kernels/variants.h"
#include "kernels/winograd.h"

#if defined(__AVX512F__)
#include <immintrin.h>

#define VECTOR __m512
#define LANES 16
#define LOAD(from) _mm512_loadu_ps(from)
#define STORE(to, x) _mm512_storeu_ps(to, x)
#define SET(x) _mm512_set1_ps(x)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define ADD(a, b) _mm512_add_ps(a, b)
#define SUBTRACT(a, b) _mm512_sub_ps(a, b)
#define MULTIPLY(a, b) _mm512_mul_ps(a, b)
#define MAX(a, b) _mm512_max_ps(a, b)
#define LINEAR &okng_linear_avx512
#define TABLE const okng_winograd okng_winograd_avx512
#define WINOGRAD_NAME "avx512"
#include "kernels/winograd_vector.h"

#endif
