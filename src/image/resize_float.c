/* Resizing as torchvision does with a float tensor (antialias): Pillow's weights, and no rounding to 8 bits on the way.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "image/image.h"

/* Along one axis, from `in` samples to one of `out`. */
typedef struct taps {
    bool bicubic;
    int32_t first, count;
    float *weights;
} taps;

/* How far a filter reaches, in samples of the smaller grid. */
static double reach_of(bool bicubic)
{
    return bicubic ? 2.0 : 1.0;
}

/* At a distance x >= 0; bicubic with a = -1/2. */
static double filter(bool bicubic, double x)
{
    if (!bicubic) return fmax(0.0, 1.0 - x);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

static size_t room_for(bool bicubic, int32_t in, int32_t out)
{
    return (size_t)ceil(fmax((double)in / out, 1.0) * reach_of(bicubic)) * 2 + 1;
}

static void plan(taps *t, int32_t i, int32_t in, int32_t out)
{
    double scale = (double)in / out, wide = fmax(scale, 1.0), support = wide * reach_of(t->bicubic);
    double center = (i + 0.5) * scale, sum = 0;
    int32_t last = (int32_t)(center + support + 0.5);
    t->first = (int32_t)(center - support + 0.5);
    if (t->first < 0) t->first = 0;
    t->count = (last > in ? in : last) - t->first;
    for (int pass = 0; pass < 2; pass++) /* their sum, then themselves */
        for (int32_t k = 0; k < t->count; k++) {
            double weight = filter(t->bicubic, fabs((k + t->first - center + 0.5) / wide));
            if (pass == 0)
                sum += weight;
            else
                t->weights[k] = (float)(weight / sum);
        }
}

/* [height, width, 3] of bytes to [3, height, out_width]. */
static void narrow(const okng_image *rgb, int32_t out_width, taps *t, float *out)
{
    size_t plane = (size_t)rgb->height * (size_t)out_width;
    for (int32_t x = 0; x < out_width; x++) {
        plan(t, x, rgb->width, out_width);
        for (int32_t y = 0; y < rgb->height; y++) {
            const uint8_t *in = rgb->pixels + ((size_t)y * (size_t)rgb->width + (size_t)t->first) * 3;
            float sums[3] = {0, 0, 0};
            for (int32_t k = 0; k < t->count; k++)
                for (int c = 0; c < 3; c++) sums[c] += t->weights[k] * ((float)in[3 * k + c] / 255.0f);
            for (size_t c = 0; c < 3; c++) out[c * plane + (size_t)y * (size_t)out_width + (size_t)x] = sums[c];
        }
    }
}

/* [3, height, width] to [3, out_height, width]. */
static void shorten(const float *in, int32_t height, int32_t width, int32_t out_height, taps *t, float *out)
{
    for (int32_t y = 0; y < out_height; y++) {
        plan(t, y, height, out_height);
        for (size_t c = 0; c < 3; c++) {
            const float *rows = in + (c * (size_t)height + (size_t)t->first) * (size_t)width;
            float *row = out + (c * (size_t)out_height + (size_t)y) * (size_t)width;
            for (int32_t x = 0; x < width; x++) {
                float sum = 0;
                for (int32_t k = 0; k < t->count; k++)
                    sum += t->weights[k] * rows[(size_t)k * (size_t)width + (size_t)x];
                row[x] = sum;
            }
        }
    }
}

okng_status okng_image_resize_float(const okng_image *rgb, int32_t width, int32_t height,
                                    okng_interpolation interpolation, float *out, okng_error *error)
{
    const bool bicubic = interpolation == OKNG_BICUBIC_FLOAT;
    size_t across = room_for(bicubic, rgb->width, width), down = room_for(bicubic, rgb->height, height), between;
    if (!okng_mul_size((size_t)rgb->height, (size_t)width * 3, &between)) return okng_fail_memory(error, SIZE_MAX);
    taps t = {.bicubic = bicubic, .weights = okng_alloc(across > down ? across : down, sizeof *t.weights)};
    float *narrowed = okng_alloc(between, sizeof *narrowed);
    okng_status status = t.weights && narrowed ? OKNG_OK : okng_fail_memory(error, between * sizeof *narrowed);
    if (status == OKNG_OK) {
        narrow(rgb, width, &t, narrowed);
        shorten(narrowed, rgb->height, width, height, &t, out);
    }
    free(t.weights);
    free(narrowed);
    return status;
}

okng_status okng_image_resize_float_axis(int32_t in, int32_t out, okng_interpolation interpolation, float *weights,
                                         okng_error *error)
{
    const bool bicubic = interpolation == OKNG_BICUBIC_FLOAT;
    const size_t room = room_for(bicubic, in, out);
    taps t = {.bicubic = bicubic, .weights = okng_alloc(room, sizeof *t.weights)};
    if (!t.weights) return okng_fail_memory(error, room * sizeof *t.weights);
    for (int32_t i = 0; i < out; i++) {
        float *row = weights + (size_t)i * (size_t)in;
        plan(&t, i, in, out);
        for (int32_t k = 0; k < in; k++) row[k] = 0;
        for (int32_t k = 0; k < t.count; k++) row[t.first + k] = t.weights[k];
    }
    free(t.weights);
    return OKNG_OK;
}
