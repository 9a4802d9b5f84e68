#include "grad/ops.h"

/* ---- relu, gelu, quick gelu ---- */

static okng_real curve(okng_op op, okng_real x)
{
    const okng_real half = (okng_real)0.5, root = (okng_real)0.70710678118654752440, slope = (okng_real)1.702;
    if (op == OKNG_OP_RELU) return x > 0 ? x : 0;
    if (op == OKNG_OP_GELU) return half * x * OKNG_REAL(erfc)(-x * root);
    return x / (1 + OKNG_REAL(exp)(-slope * x));
}

static okng_real slope_of(okng_op op, okng_real x)
{
    const okng_real half = (okng_real)0.5, root = (okng_real)0.70710678118654752440, slope = (okng_real)1.702;
    if (op == OKNG_OP_RELU) return x > 0 ? 1 : 0;
    if (op == OKNG_OP_GELU) {
        const okng_real density = (okng_real)0.39894228040143267794 * OKNG_REAL(exp)(-half * x * x);
        return half * OKNG_REAL(erfc)(-x * root) + x * density;
    }
    const okng_real share = 1 / (1 + OKNG_REAL(exp)(-slope * x));
    return share * (1 + slope * x * (1 - share));
}

void okng_grad_curve(const okng_grad_call *call)
{
    const int64_t count = okng_shape_elements(&call->node->shape);
    for (int64_t i = 0; i < count; i++) call->y[i] = curve(call->node->op, call->x[0][i]);
}

void okng_grad_curve_back(const okng_grad_call *call)
{
    const int64_t count = okng_shape_elements(&call->node->shape);
    for (int64_t i = 0; i < count; i++) call->dx[0][i] += call->dy[i] * slope_of(call->node->op, call->x[0][i]);
}

/* ---- add, multiply: the second operand is repeated where it is 1 ---- */

/* Where element i of the result is in the second operand. */
static int64_t place_in(const okng_shape *shape, const okng_shape *second, int64_t i)
{
    int64_t at[OKNG_RANK_MAX], index = 0;
    for (int32_t a = shape->rank - 1; a >= 0; a--) {
        at[a] = i % shape->dims[a];
        i /= shape->dims[a];
    }
    for (int32_t a = 0; a < second->rank; a++)
        index = index * second->dims[a] + (second->dims[a] == 1 ? 0 : at[a + shape->rank - second->rank]);
    return index;
}

void okng_grad_binary(const okng_grad_call *call)
{
    const okng_shape *shape = &call->node->shape, *second = okng_grad_shape(call, 1);
    const int64_t count = okng_shape_elements(shape);
    const bool whole = okng_shape_elements(second) == count;
    for (int64_t i = 0; i < count; i++) {
        const okng_real x = call->x[0][i], y = call->x[1][whole ? i : place_in(shape, second, i)];
        call->y[i] = call->node->op == OKNG_OP_ADD ? x + y : x * y;
    }
}

void okng_grad_binary_back(const okng_grad_call *call)
{
    const okng_shape *shape = &call->node->shape, *second = okng_grad_shape(call, 1);
    const int64_t count = okng_shape_elements(shape);
    const bool whole = okng_shape_elements(second) == count, product = call->node->op == OKNG_OP_MULTIPLY;
    for (int64_t i = 0; i < count; i++) {
        const int64_t place = whole ? i : place_in(shape, second, i);
        if (call->dx[0]) call->dx[0][i] += product ? call->dy[i] * call->x[1][place] : call->dy[i];
        if (call->dx[1]) call->dx[1][place] += product ? call->dy[i] * call->x[0][i] : call->dy[i];
    }
}
