#include "kernels/kernels.h"

#include <pthread.h>

#include "kernels/variants.h"

#define TABLE(name, variant)                                                                      \
    {                                                                                             \
        name, okng_l2_squared_##variant, okng_l2_squared_block_##variant, okng_project_##variant, \
            okng_resample_rgb_##variant, okng_resample_rows_##variant, okng_add_outer_##variant,  \
            okng_mark_products_##variant, okng_weigh_pairs_##variant                              \
    }
static const okng_kernels plain = TABLE("c", c);
#if defined(__x86_64__)
static const okng_kernels avx2 = TABLE("avx2", avx2);
static const okng_kernels avx512 = TABLE("avx512", avx512);
#elif defined(__aarch64__)
static const okng_kernels neon = TABLE("neon", neon);
#endif

const okng_kernels *okng_kernels_variant(okng_cpu cpu)
{
    switch (cpu) {
    case OKNG_CPU_C:
        return &plain;
#if defined(__x86_64__)
    /* These ask the operating system too: the registers must be saved at a switch. */
    case OKNG_CPU_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &avx2 : NULL;
    case OKNG_CPU_AVX512:
        return __builtin_cpu_supports("avx512f") ? &avx512 : NULL;
#elif defined(__aarch64__)
    case OKNG_CPU_NEON:
        return &neon; /* part of every AArch64 */
#endif
    default:
        return NULL;
    }
}

static const okng_kernels *best, *forced;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t forcing = PTHREAD_MUTEX_INITIALIZER;

const okng_kernels *okng_kernels_native(void)
{
    static const okng_cpu order[] = {OKNG_CPU_AVX512, OKNG_CPU_AVX2, OKNG_CPU_NEON, OKNG_CPU_C};
    const okng_kernels *native = NULL;
    for (size_t i = 0; !native; i++) native = okng_kernels_variant(order[i]);
    return native;
}

static void choose(void)
{
    best = forced ? forced : okng_kernels_native();
}

const okng_kernels *okng_kernels_get(void)
{
    (void)pthread_once(&once, choose);
    return best;
}

bool okng_kernels_force(okng_cpu cpu)
{
    const okng_kernels *wanted = okng_kernels_variant(cpu);
    if (!wanted) return false;
    (void)pthread_mutex_lock(&forcing);
    if (!forced) forced = wanted;
    bool agreed = forced == wanted && okng_kernels_get() == wanted;
    if (!agreed && forced == wanted) forced = NULL; /* another variant was chosen before */
    (void)pthread_mutex_unlock(&forcing);
    return agreed;
}

const char *okng_kernels_forced(void)
{
    (void)pthread_mutex_lock(&forcing);
    const char *name = forced ? forced->name : NULL;
    (void)pthread_mutex_unlock(&forcing);
    return name;
}
