#include "base/rng.h"

#include <math.h>

okng_rng okng_rng_new(uint64_t seed, okng_rng_stream stream)
{
    okng_rng rng = {.state = 0, .increment = ((uint64_t)stream << 1) | 1};
    (void)okng_rng_u32(&rng);
    rng.state += seed;
    (void)okng_rng_u32(&rng);
    return rng;
}

uint32_t okng_rng_u32(okng_rng *rng)
{
    uint64_t old = rng->state;
    rng->state = old * 6364136223846793005u + rng->increment;
    uint32_t shifted = (uint32_t)(((old >> 18) ^ old) >> 27);
    uint32_t rotation = (uint32_t)(old >> 59);
    return (shifted >> rotation) | (shifted << ((32 - rotation) & 31));
}

static uint64_t next_u64(okng_rng *rng)
{
    uint64_t high = okng_rng_u32(rng);
    return high << 32 | okng_rng_u32(rng);
}

uint64_t okng_rng_below(okng_rng *rng, uint64_t bound)
{
    uint64_t reject = (0 - bound) % bound; /* 2^64 mod bound: values below it would favour small results */
    for (;;) {
        uint64_t value = next_u64(rng);
        if (value >= reject) return value % bound;
    }
}

double okng_rng_uniform(okng_rng *rng)
{
    return (double)(next_u64(rng) >> 11) * 0x1p-53;
}

double okng_rng_normal(okng_rng *rng)
{
    double radius = sqrt(-2.0 * log(1.0 - okng_rng_uniform(rng)));
    return radius * cos(6.283185307179586 * okng_rng_uniform(rng));
}
