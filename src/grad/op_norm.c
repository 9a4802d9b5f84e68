#include <stdint.h>

#include "base/parallel.h"
#include "grad/ops.h"

enum { WORTH = 1 << 14 }; /* numbers, to wake a thread for */

static int64_t grain_of(int64_t width)
{
    return WORTH / width + 1;
}

/* ---- layer norm ---- */

typedef struct moments {
    okng_real mean, share; /* share: 1 / deviation */
} moments;

static moments moments_of(const okng_real *x, int64_t width, double epsilon)
{
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < width; i++) sum += (double)x[i];
    const double mean = sum / (double)width;
    for (int64_t i = 0; i < width; i++) squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    return (moments){(okng_real)mean, (okng_real)(1.0 / sqrt(squares / (double)width + epsilon))};
}

static void norm_rows(void *context, int64_t begin, int64_t end, int thread)
{
    const okng_grad_call *call = context;
    const okng_real *scale = call->params[OKNG_ROLE_SCALE], *shift = call->params[OKNG_ROLE_SHIFT];
    const int64_t width = okng_grad_last(&call->node->shape);
    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        const okng_real *x = call->x[0] + row * width;
        okng_real *y = call->y + row * width;
        const moments m = moments_of(x, width, call->node->epsilon);
        for (int64_t i = 0; i < width; i++) y[i] = (x[i] - m.mean) * m.share;
        if (scale)
            for (int64_t i = 0; i < width; i++) y[i] = y[i] * scale[i] + shift[i];
    }
}

void okng_grad_layer_norm(const okng_grad_call *call)
{
    const int64_t width = okng_grad_last(&call->node->shape);
    okng_parallel_for(call->threads, okng_grad_rows(&call->node->shape), grain_of(width), norm_rows,
                      (void *)(uintptr_t)call);
}

/* dx = share (g - mean(g) - xhat mean(g xhat)), g = dy scale */
static void norm_rows_back(void *context, int64_t begin, int64_t end, int thread)
{
    const okng_grad_call *call = context;
    const okng_real *scale = call->params[OKNG_ROLE_SCALE];
    const int64_t width = okng_grad_last(&call->node->shape);
    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        const okng_real *x = call->x[0] + row * width, *dy = call->dy + row * width;
        okng_real *dx = call->dx[0] + row * width;
        const moments m = moments_of(x, width, call->node->epsilon);
        double sum = 0, product = 0;
        for (int64_t i = 0; i < width; i++) {
            const double g = (double)(dy[i] * scale[i]);
            sum += g;
            product += g * (double)((x[i] - m.mean) * m.share);
        }
        const okng_real mean = (okng_real)(sum / (double)width), slope = (okng_real)(product / (double)width);
        for (int64_t i = 0; i < width; i++)
            dx[i] += m.share * (dy[i] * scale[i] - mean - (x[i] - m.mean) * m.share * slope);
    }
}

static void norm_params_back(const okng_grad_call *call)
{
    const int64_t width = okng_grad_last(&call->node->shape), rows = okng_grad_rows(&call->node->shape);
    okng_real *d_scale = call->dparams[OKNG_ROLE_SCALE], *d_shift = call->dparams[OKNG_ROLE_SHIFT];
    for (int64_t row = 0; row < rows; row++) {
        const okng_real *dy = call->dy + row * width;
        for (int64_t i = 0; d_shift && i < width; i++) d_shift[i] += dy[i];
        if (!d_scale) continue;
        const okng_real *x = call->x[0] + row * width;
        const moments m = moments_of(x, width, call->node->epsilon);
        for (int64_t i = 0; i < width; i++) d_scale[i] += dy[i] * ((x[i] - m.mean) * m.share);
    }
}

void okng_grad_layer_norm_back(const okng_grad_call *call)
{
    const int64_t width = okng_grad_last(&call->node->shape);
    if (call->dx[0])
        okng_parallel_for(call->threads, okng_grad_rows(&call->node->shape), grain_of(width), norm_rows_back,
                          (void *)(uintptr_t)call);
    norm_params_back(call);
}

/* ---- softmax ---- */

void okng_grad_softmax(const okng_grad_call *call)
{
    const int64_t width = okng_grad_last(&call->node->shape), rows = okng_grad_rows(&call->node->shape);
    for (int64_t row = 0; row < rows; row++) {
        const okng_real *x = call->x[0] + row * width;
        okng_real *y = call->y + row * width, largest = x[0], sum = 0;
        for (int64_t i = 1; i < width; i++) largest = x[i] > largest ? x[i] : largest;
        for (int64_t i = 0; i < width; i++) sum += y[i] = OKNG_REAL(exp)(x[i] - largest);
        for (int64_t i = 0; i < width; i++) y[i] /= sum;
    }
}

/* dx = y (dy - sum of dy y) */
void okng_grad_softmax_back(const okng_grad_call *call)
{
    const int64_t width = okng_grad_last(&call->node->shape), rows = okng_grad_rows(&call->node->shape);
    for (int64_t row = 0; row < rows; row++) {
        const okng_real *y = call->y + row * width, *dy = call->dy + row * width;
        okng_real *dx = call->dx[0] + row * width, sum = 0;
        for (int64_t i = 0; i < width; i++) sum += dy[i] * y[i];
        for (int64_t i = 0; i < width; i++) dx[i] += y[i] * (dy[i] - sum);
    }
}
