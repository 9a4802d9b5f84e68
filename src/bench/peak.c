/* Every loop holds so many independent sums that the latency of a multiply-add (4 cycles, two units) is hidden. The
 * result goes to a volatile so that the work is not optimised away. */
#include "bench/peak.h"

#include <string.h>

static volatile float float_sink;

enum { STEPS = 64 }; /* multiply-adds of each sum in a round */

static double plain(int64_t rounds)
{
    enum { SUMS = 32 };
    float sums[SUMS] = {0};
    for (int64_t r = 0; r < rounds; r++)
        for (int s = 0; s < STEPS; s++)
            for (int i = 0; i < SUMS; i++) sums[i] = sums[i] * 0.999f + 1.0f;
    for (int i = 0; i < SUMS; i++) float_sink = sums[i];
    return 2.0 * SUMS * STEPS * (double)rounds;
}

#if defined(__x86_64__)
#include <immintrin.h>

static volatile int int_sink;

/* rounds x STEPS x SUMS of STEP on vectors, between SETUP and the sink. Sums are separate variables in a fixed array
 * that the compiler keeps in registers. */
#define LOOP(SUMS, STEP)                                                    \
    for (int64_t r = 0; r < rounds; r++)                                    \
        for (int s = 0; s < STEPS; s++) {                                   \
            _Pragma("GCC unroll 16") for (int i = 0; i < (SUMS); i++) STEP; \
        }

__attribute__((target("avx2,fma"))) static double fp32_avx2(int64_t rounds)
{
    enum { SUMS = 10, LANES = 8 };
    __m256 sums[SUMS], a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(1.0f);
    for (int i = 0; i < SUMS; i++) sums[i] = _mm256_set1_ps((float)i);
    LOOP(SUMS, sums[i] = _mm256_fmadd_ps(sums[i], a, b))
    for (int i = 0; i < SUMS; i++) float_sink = _mm256_cvtss_f32(sums[i]);
    return 2.0 * LANES * SUMS * STEPS * (double)rounds;
}

__attribute__((target("avx512f"))) static double fp32_avx512(int64_t rounds)
{
    enum { SUMS = 16, LANES = 16 };
    __m512 sums[SUMS], a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(1.0f);
    for (int i = 0; i < SUMS; i++) sums[i] = _mm512_set1_ps((float)i);
    LOOP(SUMS, sums[i] = _mm512_fmadd_ps(sums[i], a, b))
    for (int i = 0; i < SUMS; i++) float_sink = _mm512_cvtss_f32(sums[i]);
    return 2.0 * LANES * SUMS * STEPS * (double)rounds;
}

__attribute__((target("avx512f,avx512bf16"))) static double bf16_avx512(int64_t rounds)
{
    enum { SUMS = 16, PRODUCTS = 32 };
    __m512 sums[SUMS];
    __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.5f), _mm512_set1_ps(0.25f));
    for (int i = 0; i < SUMS; i++) sums[i] = _mm512_set1_ps((float)i);
    LOOP(SUMS, sums[i] = _mm512_dpbf16_ps(sums[i], a, a))
    for (int i = 0; i < SUMS; i++) float_sink = _mm512_cvtss_f32(sums[i]);
    return 2.0 * PRODUCTS * SUMS * STEPS * (double)rounds;
}

__attribute__((target("avx512f,avx512vnni"))) static double int8_avx512(int64_t rounds)
{
    enum { SUMS = 16, PRODUCTS = 64 };
    __m512i sums[SUMS], a = _mm512_set1_epi8(1);
    for (int i = 0; i < SUMS; i++) sums[i] = _mm512_set1_epi32(i);
    LOOP(SUMS, sums[i] = _mm512_dpbusd_epi32(sums[i], a, a))
    for (int i = 0; i < SUMS; i++) int_sink = _mm_cvtsi128_si32(_mm512_castsi512_si128(sums[i]));
    return 2.0 * PRODUCTS * SUMS * STEPS * (double)rounds;
}

double okng_peak_run(okng_peak_kind kind, const char *variant, int64_t rounds)
{
    bool wide = strcmp(variant, "avx512") == 0;
    if (kind == OKNG_PEAK_BF16) return wide && __builtin_cpu_supports("avx512bf16") ? bf16_avx512(rounds) : 0;
    if (kind == OKNG_PEAK_INT8) return wide && __builtin_cpu_supports("avx512vnni") ? int8_avx512(rounds) : 0;
    if (wide) return fp32_avx512(rounds);
    return strcmp(variant, "avx2") == 0 ? fp32_avx2(rounds) : plain(rounds);
}
#elif defined(__aarch64__)
#include <arm_neon.h>

static double fp32_neon(int64_t rounds)
{
    enum { SUMS = 16, LANES = 4 };
    float32x4_t sums[SUMS], a = vdupq_n_f32(0.999f), b = vdupq_n_f32(0.001f);
    for (int i = 0; i < SUMS; i++) sums[i] = vdupq_n_f32((float)i);
    for (int64_t r = 0; r < rounds; r++)
        for (int s = 0; s < STEPS; s++)
            for (int i = 0; i < SUMS; i++) sums[i] = vfmaq_f32(sums[i], a, b);
    for (int i = 0; i < SUMS; i++) float_sink = vgetq_lane_f32(sums[i], 0);
    return 2.0 * LANES * SUMS * STEPS * (double)rounds;
}

double okng_peak_run(okng_peak_kind kind, const char *variant, int64_t rounds)
{
    if (kind != OKNG_PEAK_FP32) return 0;
    return strcmp(variant, "neon") == 0 ? fp32_neon(rounds) : plain(rounds);
}
#else
double okng_peak_run(okng_peak_kind kind, const char *variant, int64_t rounds)
{
    (void)variant;
    return kind == OKNG_PEAK_FP32 ? plain(rounds) : 0;
}
#endif
