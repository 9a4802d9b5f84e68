#include <string.h>

#include "program/node.h"

static okng_program_value append(okng_program *p, okng_program_node like, const okng_program_value *inputs,
                                 int32_t count)
{
    return okng_program_append(p, &like, inputs, count);
}

/* An operator that takes part in a group by its place in the enumeration. */
static bool is_between(okng_program *p, okng_program_op op, okng_program_op first, okng_program_op last)
{
    if (op >= first && op <= last) return true;
    okng_program_fail(p, OKNG_ERROR_ARGUMENT, "operator %d, expected one of %d to %d", (int)op, (int)first, (int)last);
    return false;
}

/* ---- maps ---- */

okng_program_value okng_program_conv(okng_program *p, okng_program_value x, okng_program_value weight,
                                     okng_program_value bias, okng_window window, int32_t groups)
{
    return append(p, (okng_program_node){.op = OKNG_PROGRAM_CONV, .window = window, .groups = groups},
                  (okng_program_value[]){x, weight, bias}, bias == OKNG_PROGRAM_NONE ? 2 : 3);
}

okng_program_value okng_program_max_pool(okng_program *p, okng_program_value x, okng_window window)
{
    return append(p, (okng_program_node){.op = OKNG_PROGRAM_MAX_POOL, .window = window}, &x, 1);
}

okng_program_value okng_program_average_pool(okng_program *p, okng_program_value x, okng_window window)
{
    return append(p, (okng_program_node){.op = OKNG_PROGRAM_AVERAGE_POOL, .window = window}, &x, 1);
}

okng_program_value okng_program_resize(okng_program *p, okng_program_value x, int64_t height, int64_t width)
{
    return append(p, (okng_program_node){.op = OKNG_PROGRAM_RESIZE, .size = {height, width}}, &x, 1);
}

/* ---- element by element ---- */

okng_program_value okng_program_unary(okng_program *p, okng_program_op op, okng_program_value x)
{
    if (!is_between(p, op, OKNG_PROGRAM_RELU, OKNG_PROGRAM_IS_NAN)) return OKNG_PROGRAM_NONE;
    return append(p, (okng_program_node){.op = op}, &x, 1);
}

okng_program_value okng_program_binary(okng_program *p, okng_program_op op, okng_program_value x, okng_program_value y)
{
    if (!is_between(p, op, OKNG_PROGRAM_ADD, OKNG_PROGRAM_OR)) return OKNG_PROGRAM_NONE;
    return append(p, (okng_program_node){.op = op}, (okng_program_value[]){x, y}, 2);
}

okng_program_value okng_program_select(okng_program *p, okng_program_value condition, okng_program_value x,
                                       okng_program_value y)
{
    return append(p, (okng_program_node){.op = OKNG_PROGRAM_SELECT}, (okng_program_value[]){condition, x, y}, 3);
}

okng_program_value okng_program_cast(okng_program *p, okng_program_value x, okng_dtype dtype)
{
    return append(p, (okng_program_node){.op = OKNG_PROGRAM_CAST, .type.dtype = dtype}, &x, 1);
}

/* ---- products and norms ---- */

okng_program_value okng_program_matmul(okng_program *p, okng_program_value x, okng_program_value y)
{
    return append(p, (okng_program_node){.op = OKNG_PROGRAM_MATMUL}, (okng_program_value[]){x, y}, 2);
}

okng_program_value okng_program_matmul_turned(okng_program *p, okng_program_value x, okng_program_value y)
{
    return append(p, (okng_program_node){.op = OKNG_PROGRAM_MATMUL, .turned = true}, (okng_program_value[]){x, y}, 2);
}

okng_program_value okng_program_softmax(okng_program *p, okng_program_value x, int32_t axis)
{
    return append(p, (okng_program_node){.op = OKNG_PROGRAM_SOFTMAX, .axis = axis}, &x, 1);
}

okng_program_value okng_program_layer_norm(okng_program *p, okng_program_value x, okng_program_value scale,
                                           okng_program_value shift, float epsilon)
{
    return append(p, (okng_program_node){.op = OKNG_PROGRAM_LAYER_NORM, .epsilon = epsilon},
                  (okng_program_value[]){x, scale, shift}, 3);
}

okng_program_value okng_program_reduce(okng_program *p, okng_program_op op, okng_program_value x, uint32_t axes)
{
    if (!is_between(p, op, OKNG_PROGRAM_REDUCE_SUM, OKNG_PROGRAM_REDUCE_MIN)) return OKNG_PROGRAM_NONE;
    return append(p, (okng_program_node){.op = op, .axes = axes}, &x, 1);
}

/* ---- by place ---- */

okng_program_value okng_program_top_k(okng_program *p, okng_program_value x, int64_t k, bool largest,
                                      okng_program_value *indices)
{
    const okng_program_value values =
        append(p, (okng_program_node){.op = OKNG_PROGRAM_TOP_K, .k = k, .largest = largest}, &x, 1);
    const okng_program_value places =
        append(p, (okng_program_node){.op = OKNG_PROGRAM_TOP_K_INDICES, .k = k}, &values, 1);
    if (indices) *indices = places;
    return places == OKNG_PROGRAM_NONE ? OKNG_PROGRAM_NONE : values;
}

okng_program_value okng_program_gather(okng_program *p, okng_program_value x, okng_program_value indices, int32_t axis)
{
    return append(p, (okng_program_node){.op = OKNG_PROGRAM_GATHER, .axis = axis}, (okng_program_value[]){x, indices},
                  2);
}

okng_program_value okng_program_gather_elements(okng_program *p, okng_program_value x, okng_program_value indices,
                                                int32_t axis)
{
    return append(p, (okng_program_node){.op = OKNG_PROGRAM_GATHER_ELEMENTS, .axis = axis},
                  (okng_program_value[]){x, indices}, 2);
}

okng_program_value okng_program_concat(okng_program *p, const okng_program_value *inputs, int32_t count, int32_t axis)
{
    return append(p, (okng_program_node){.op = OKNG_PROGRAM_CONCAT, .axis = axis}, inputs, count);
}

okng_program_value okng_program_slice(okng_program *p, okng_program_value x, int32_t axis, int64_t begin, int64_t end,
                                      int64_t step)
{
    return append(p,
                  (okng_program_node){.op = OKNG_PROGRAM_SLICE, .axis = axis, .begin = begin, .end = end, .step = step},
                  &x, 1);
}

okng_program_value okng_program_transpose(okng_program *p, okng_program_value x, const int32_t *order)
{
    okng_program_node like = {.op = OKNG_PROGRAM_TRANSPOSE};
    for (int32_t i = 0; i < okng_program_rank(p, x); i++) like.order[i] = order[i];
    return append(p, like, &x, 1);
}

/* ---- other shapes ---- */

static okng_program_value reshaped(okng_program *p, okng_program_op op, okng_program_value x, int32_t rank,
                                   const int64_t *dims)
{
    okng_program_node like = {.op = op, .rank = rank};
    for (int32_t i = 0; i < rank && i < OKNG_PROGRAM_RANK_MAX; i++) like.dims[i] = dims[i];
    return append(p, like, &x, 1);
}

okng_program_value okng_program_reshape(okng_program *p, okng_program_value x, int32_t rank, const int64_t *dims)
{
    return reshaped(p, OKNG_PROGRAM_RESHAPE, x, rank, dims);
}

okng_program_value okng_program_expand(okng_program *p, okng_program_value x, int32_t rank, const int64_t *dims)
{
    return reshaped(p, OKNG_PROGRAM_EXPAND, x, rank, dims);
}

okng_program_value okng_program_pad(okng_program *p, okng_program_value x, const int64_t *before, const int64_t *behind,
                                    float value)
{
    okng_program_node like = {.op = OKNG_PROGRAM_PAD, .value = value};
    for (int32_t i = 0; i < okng_program_rank(p, x); i++) {
        like.dims[i] = before[i];
        like.behind[i] = behind[i];
    }
    return append(p, like, &x, 1);
}
