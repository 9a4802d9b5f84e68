/* Random numbers: PCG32 (XSH-RR 64/32; O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
 * Algorithms for Random Number Generation", 2014). The same seed and stream give the same numbers everywhere. */
#ifndef OKNG_BASE_RNG_H
#define OKNG_BASE_RNG_H

#include <stdint.h>

/* One stream per use, so that a new use does not move the numbers of the others. Never renumber. */
typedef enum okng_rng_stream {
    OKNG_STREAM_START = 1,       /* first pick of greedy */
    OKNG_STREAM_STARTING_POINTS, /* of approximate greedy */
    OKNG_STREAM_RANDOM_SAMPLER,
    OKNG_STREAM_PROJECTION,
    OKNG_STREAM_RESERVOIR,
    OKNG_STREAM_KMEANS,
    OKNG_STREAM_PRINCIPAL,         /* start of the subspace iteration */
    OKNG_STREAM_K_SHOT = 32,       /* train pictures of a data set */
    OKNG_STREAM_VALIDATION,        /* train pictures held out */
    OKNG_STREAM_FOLDER_TEST,       /* good pictures kept for testing */
    OKNG_STREAM_TRAIN_ORDER = 40,  /* of pictures, epoch after epoch */
    OKNG_STREAM_BENCH = 48,        /* made inputs of measurements */
    OKNG_STREAM_DEMO_PICTURE = 64, /* a seed for each picture */
    OKNG_STREAM_DEMO_PART,         /* in what good parts differ */
    OKNG_STREAM_DEMO_FLAW,
    OKNG_STREAM_DEMO_CAMERA,
    OKNG_STREAM_MADE_DEFECT,        /* into a picture of a real part */
    OKNG_STREAM_AFCLIP_PROMPT = 80, /* where training begins */
    OKNG_STREAM_AFCLIP_ADAPTER
} okng_rng_stream;

typedef struct okng_rng {
    uint64_t state, increment;
} okng_rng;

okng_rng okng_rng_new(uint64_t seed, okng_rng_stream stream);
uint32_t okng_rng_u32(okng_rng *rng);
uint64_t okng_rng_below(okng_rng *rng, uint64_t bound); /* uniform in 0..bound-1, unbiased; bound >= 1 */
double okng_rng_uniform(okng_rng *rng);                 /* [0, 1), 53 bits */
double okng_rng_normal(okng_rng *rng);                  /* mean 0, variance 1 (Box-Muller, cosine branch) */

#endif
