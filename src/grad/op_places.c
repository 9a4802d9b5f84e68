/* Operators that only say where numbers are. */
#include "grad/ops.h"

/* Runs of `run` numbers that lie together: in the result every `whole`, from `first` on. */
typedef struct run {
    int64_t outer, run, whole, first;
} run;

/* What input k of a concatenation fills; or what a slice cuts out of its input, whose whole that is. */
static run run_of(const okng_shape *whole, int32_t axis, int64_t length, int64_t begin)
{
    run r = {1, length, whole->dims[axis], begin};
    for (int32_t a = 0; a < axis; a++) r.outer *= whole->dims[a];
    for (int32_t a = axis + 1; a < whole->rank; a++) {
        r.run *= whole->dims[a];
        r.whole *= whole->dims[a];
        r.first *= whole->dims[a];
    }
    return r;
}

static void copy_in(const run *r, const okng_real *part, okng_real *whole)
{
    for (int64_t o = 0; o < r->outer; o++)
        for (int64_t i = 0; i < r->run; i++) whole[o * r->whole + r->first + i] = part[o * r->run + i];
}

static void copy_out(const run *r, const okng_real *whole, okng_real *part)
{
    for (int64_t o = 0; o < r->outer; o++)
        for (int64_t i = 0; i < r->run; i++) part[o * r->run + i] = whole[o * r->whole + r->first + i];
}

static void add_in(const run *r, const okng_real *part, okng_real *whole)
{
    for (int64_t o = 0; o < r->outer; o++)
        for (int64_t i = 0; i < r->run; i++) whole[o * r->whole + r->first + i] += part[o * r->run + i];
}

static void add_out(const run *r, const okng_real *whole, okng_real *part)
{
    for (int64_t o = 0; o < r->outer; o++)
        for (int64_t i = 0; i < r->run; i++) part[o * r->run + i] += whole[o * r->whole + r->first + i];
}

void okng_grad_concat(const okng_grad_call *call)
{
    const okng_node *node = call->node;
    int64_t begin = 0;
    for (int32_t k = 0; k < node->input_count; k++) {
        const int64_t length = okng_grad_shape(call, k)->dims[node->axis];
        const run r = run_of(&node->shape, node->axis, length, begin);
        copy_in(&r, call->x[k], call->y);
        begin += length;
    }
}

void okng_grad_concat_back(const okng_grad_call *call)
{
    const okng_node *node = call->node;
    int64_t begin = 0;
    for (int32_t k = 0; k < node->input_count; k++) {
        const int64_t length = okng_grad_shape(call, k)->dims[node->axis];
        const run r = run_of(&node->shape, node->axis, length, begin);
        if (call->dx[k]) add_out(&r, call->dy, call->dx[k]);
        begin += length;
    }
}

static run slice_of(const okng_grad_call *call)
{
    const okng_node *node = call->node;
    return run_of(okng_grad_shape(call, 0), node->axis, node->shape.dims[node->axis], node->begin);
}

void okng_grad_slice(const okng_grad_call *call)
{
    const run r = slice_of(call);
    copy_out(&r, call->x[0], call->y);
}

void okng_grad_slice_back(const okng_grad_call *call)
{
    const run r = slice_of(call);
    add_in(&r, call->dy, call->dx[0]);
}

/* Where element i of the result is in the input. */
static int64_t place_of(const okng_grad_call *call, int64_t i)
{
    const okng_shape *x = okng_grad_shape(call, 0), *y = &call->node->shape;
    int64_t at[OKNG_RANK_MAX] = {0}, index = 0;
    for (int32_t a = y->rank - 1; a >= 0; a--) {
        at[call->node->order[a]] = i % y->dims[a];
        i /= y->dims[a];
    }
    for (int32_t a = 0; a < x->rank; a++) index = index * x->dims[a] + at[a];
    return index;
}

void okng_grad_transpose(const okng_grad_call *call)
{
    const int64_t count = okng_shape_elements(&call->node->shape);
    for (int64_t i = 0; i < count; i++) call->y[i] = call->x[0][place_of(call, i)];
}

void okng_grad_transpose_back(const okng_grad_call *call)
{
    const int64_t count = okng_shape_elements(&call->node->shape);
    for (int64_t i = 0; i < count; i++) call->dx[0][place_of(call, i)] += call->dy[i];
}

void okng_grad_reshape(const okng_grad_call *call)
{
    const int64_t count = okng_shape_elements(&call->node->shape);
    for (int64_t i = 0; i < count; i++) call->y[i] = call->x[0][i];
}

void okng_grad_reshape_back(const okng_grad_call *call)
{
    const int64_t count = okng_shape_elements(&call->node->shape);
    for (int64_t i = 0; i < count; i++) call->dx[0][i] += call->dy[i];
}
