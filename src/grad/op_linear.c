/* Products: each row of a result belongs to one thread. */
#include <stdint.h>

#include "base/parallel.h"
#include "grad/ops.h"

/* out [rows, columns] += a times b, where element (i, k) of a is a[i * a_row + k * a_step], and b is [inner, columns]
 * or, turned, [columns, inner]. */
typedef struct product {
    const okng_real *a, *b;
    okng_real *out;
    int64_t rows, inner, columns;
    int64_t a_row, a_step;
    bool turned;
} product;

static void multiply_row(const product *p, int64_t i)
{
    okng_real *out = p->out + i * p->columns;
    const okng_real *a = p->a + i * p->a_row;
    if (p->turned) {
        for (int64_t n = 0; n < p->columns; n++) {
            const okng_real *b = p->b + n * p->inner;
            okng_real sum = 0;
            for (int64_t k = 0; k < p->inner; k++) sum += a[k * p->a_step] * b[k];
            out[n] += sum;
        }
        return;
    }
    for (int64_t k = 0; k < p->inner; k++) {
        const okng_real left = a[k * p->a_step], *b = p->b + k * p->columns;
        for (int64_t n = 0; n < p->columns; n++) out[n] += left * b[n];
    }
}

static void multiply_rows(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    for (int64_t i = begin; i < end; i++) multiply_row(context, i);
}

static void multiply(const okng_grad_call *call, product p)
{
    enum { WORTH = 1 << 16 }; /* multiply-adds, to wake a thread for */
    const int64_t each = p.inner * p.columns + 1;
    okng_parallel_for(call->threads, p.rows, WORTH / each + 1, multiply_rows, &p);
}

static void set_rows(okng_real *out, int64_t rows, int64_t columns, const okng_real *bias)
{
    for (int64_t i = 0; i < rows * columns; i++) out[i] = bias ? bias[i % columns] : 0;
}

/* sums [columns] += of rows */
static void sum_rows(const okng_real *dy, int64_t rows, int64_t columns, okng_real *sums)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t n = 0; n < columns; n++) sums[n] += dy[i * columns + n];
}

/* ---- linear ---- */

void okng_grad_linear(const okng_grad_call *call)
{
    const okng_shape *x = okng_grad_shape(call, 0);
    const int64_t rows = okng_grad_rows(x), inner = okng_grad_last(x), columns = okng_grad_last(&call->node->shape);
    const okng_real *weight = call->params[OKNG_ROLE_WEIGHT], *bias = call->params[OKNG_ROLE_BIAS];
    if (call->maps) {
        okng_grad_maps_forward(call->maps, call->room, call->threads, call->x[0], weight, bias, call->y);
        return;
    }
    set_rows(call->y, rows, columns, bias);
    multiply(call, (product){call->x[0], weight, call->y, rows, inner, columns, inner, 1, true});
}

void okng_grad_linear_back(const okng_grad_call *call)
{
    const okng_shape *x = okng_grad_shape(call, 0);
    const int64_t rows = okng_grad_rows(x), inner = okng_grad_last(x), columns = okng_grad_last(&call->node->shape);
    const okng_real *weight = call->params[OKNG_ROLE_WEIGHT], *dy = call->dy;
    okng_real *d_weight = call->dparams[OKNG_ROLE_WEIGHT], *d_bias = call->dparams[OKNG_ROLE_BIAS];
    if (d_bias) sum_rows(dy, rows, columns, d_bias);
    if (call->maps) {
        if (call->dx[0]) okng_grad_maps_back(call->maps, call->room, call->threads, dy, weight, call->dx[0]);
        if (d_weight) okng_grad_maps_weights(call->maps, call->room, call->threads, call->x[0], dy, d_weight);
        return;
    }
    if (call->dx[0]) multiply(call, (product){dy, weight, call->dx[0], rows, columns, inner, columns, 1, false});
    if (d_weight) multiply(call, (product){call->x[0], dy, d_weight, inner, rows, columns, 1, inner, false});
}

/* ---- matmul: [stacks, M, K] times [stacks, K, N], or times [K, N] ---- */

typedef struct stacks {
    int64_t count, m, k, n;
    int64_t step; /* from one matrix of the second operand to the next; 0: it is the same for all */
} stacks;

static stacks stacks_of(const okng_grad_call *call)
{
    const okng_shape *x = okng_grad_shape(call, 0), *y = okng_grad_shape(call, 1);
    stacks s = {1, x->dims[x->rank - 2], okng_grad_last(x), okng_grad_last(y), 0};
    for (int32_t a = 0; a < x->rank - 2; a++) s.count *= x->dims[a];
    if (y->rank > 2) {
        s.step = s.k * s.n;
    } else {
        s.m *= s.count; /* one product of all rows */
        s.count = 1;
    }
    return s;
}

void okng_grad_matmul(const okng_grad_call *call)
{
    const stacks s = stacks_of(call);
    if (call->maps) {
        okng_grad_maps_forward(call->maps, call->room, call->threads, call->x[0], call->x[1], NULL, call->y);
        return;
    }
    set_rows(call->y, s.count * s.m, s.n, NULL);
    for (int64_t i = 0; i < s.count; i++)
        multiply(call, (product){call->x[0] + i * s.m * s.k, call->x[1] + i * s.step, call->y + i * s.m * s.n, s.m, s.k,
                                 s.n, s.k, 1, false});
}

void okng_grad_matmul_back(const okng_grad_call *call)
{
    const stacks s = stacks_of(call);
    if (call->maps) {
        if (call->dx[0]) okng_grad_maps_back(call->maps, call->room, call->threads, call->dy, call->x[1], call->dx[0]);
        if (call->dx[1])
            okng_grad_maps_weights(call->maps, call->room, call->threads, call->x[0], call->dy, call->dx[1]);
        return;
    }
    for (int64_t i = 0; i < s.count; i++) {
        const okng_real *dy = call->dy + i * s.m * s.n;
        if (call->dx[0])
            multiply(call,
                     (product){dy, call->x[1] + i * s.step, call->dx[0] + i * s.m * s.k, s.m, s.n, s.k, s.n, 1, true});
        if (call->dx[1])
            multiply(call,
                     (product){call->x[0] + i * s.m * s.k, dy, call->dx[1] + i * s.step, s.k, s.m, s.n, 1, s.k, false});
    }
}

/* ---- embedding ---- */

void okng_grad_embedding(const okng_grad_call *call)
{
    const int64_t width = okng_grad_last(&call->node->shape), rows = okng_grad_rows(&call->node->shape);
    const int32_t *numbers = (const int32_t *)(const void *)call->x[0];
    for (int64_t i = 0; i < rows * width; i++)
        call->y[i] = call->params[OKNG_ROLE_WEIGHT][numbers[i / width] * width + i % width];
}

void okng_grad_embedding_back(const okng_grad_call *call)
{
    const int64_t width = okng_grad_last(&call->node->shape), rows = okng_grad_rows(&call->node->shape);
    const int32_t *numbers = (const int32_t *)(const void *)call->x[0];
    okng_real *table = call->dparams[OKNG_ROLE_WEIGHT];
    for (int64_t i = 0; table && i < rows * width; i++) table[numbers[i / width] * width + i % width] += call->dy[i];
}
