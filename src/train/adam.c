#include "train/adam.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

static const double beta_mean = 0.5, beta_square = 0.999, epsilon = 1e-8;

okng_status okng_adam_new(okng_adam *out, size_t count, okng_error *error)
{
    *out = (okng_adam){count, okng_alloc_zero(count, sizeof(float)), okng_alloc_zero(count, sizeof(float))};
    if (out->mean && out->square) return OKNG_OK;
    okng_adam_free(out);
    return okng_fail_memory(error, 2 * count * sizeof(float));
}

void okng_adam_free(okng_adam *adam)
{
    free(adam->mean);
    free(adam->square);
    *adam = (okng_adam){0};
}

void okng_adam_step(okng_adam *adam, uint64_t step, double rate, const float *gradients, float *values)
{
    const float keep_mean = (float)beta_mean, take_mean = (float)(1 - beta_mean);
    const float keep_square = (float)beta_square, take_square = (float)(1 - beta_square), add = (float)epsilon;
    const float pace = (float)(rate / (1 - pow(beta_mean, (double)step)));
    const float correction = (float)sqrt(1 - pow(beta_square, (double)step));
    for (size_t i = 0; i < adam->count; i++) {
        const float g = gradients[i];
        adam->mean[i] = adam->mean[i] * keep_mean + take_mean * g;
        adam->square[i] = adam->square[i] * keep_square + take_square * g * g;
        values[i] -= pace * adam->mean[i] / (sqrtf(adam->square[i]) / correction + add);
    }
}
