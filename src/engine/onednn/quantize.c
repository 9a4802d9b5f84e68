#include "engine/onednn/quantize.h"

#include <math.h>

#include "base/parallel.h"

float okng_quantize_scale(float range, bool is_signed)
{
    float scale = range / (is_signed ? 127.0f : 255.0f);
    return scale > 0.0f ? scale : 1.0f;
}

typedef struct quantizing {
    const float *weights;
    int64_t row;
    int8_t *numbers;
    float *scales;
} quantizing;

static void quantize_some(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const quantizing *q = context;
    for (int64_t channel = begin; channel < end; channel++) {
        const float *row = q->weights + channel * q->row;
        int8_t *numbers = q->numbers + channel * q->row;
        float range = 0.0f;
        for (int64_t i = 0; i < q->row; i++) range = fmaxf(range, fabsf(row[i]));
        q->scales[channel] = okng_quantize_scale(range, true);
        for (int64_t i = 0; i < q->row; i++) numbers[i] = (int8_t)lrintf(row[i] / q->scales[channel]);
    }
}

void okng_quantize_weights(const float *weights, int64_t channels, int64_t row, int threads, int8_t *numbers,
                           float *scales)
{
    quantizing q = {weights, row, numbers, scales};
    okng_parallel_for(threads, channels, 4, quantize_some, &q);
}
