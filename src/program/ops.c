/* The table of operators. A new one takes a row here, its shape rule and what runs it, and a row of export/ops.c. */
#include "program/job.h"
#include "program/shapes.h"

/* ---- products ---- */

static double conv_flops(const okng_program_node *node, const okng_program_type *inputs,
                         const okng_program_type *result)
{
    (void)node;
    const int64_t *weight = inputs[1].dims;
    return 2.0 * (double)okng_program_elements(result) * (double)(weight[1] * weight[2] * weight[3]);
}

static double matmul_flops(const okng_program_node *node, const okng_program_type *inputs,
                           const okng_program_type *result)
{
    (void)node;
    return 2.0 * (double)okng_program_elements(result) * (double)inputs[0].dims[inputs[0].rank - 1];
}

/* ---- the table ---- */

#define ROW(NAME, name, min, max, rule, how) \
    [OKNG_PROGRAM_##NAME] = {#name, min, max, okng_program_shape_##rule, NULL, okng_program_run_##how}

static const okng_program_row rows[OKNG_PROGRAM_OP_COUNT] = {
    [OKNG_PROGRAM_INPUT] = {.name = "input"},
    [OKNG_PROGRAM_CONSTANT] = {.name = "constant"},
    [OKNG_PROGRAM_CONV] = {"conv", 2, 3, okng_program_shape_conv, conv_flops, okng_program_run_conv},
    ROW(MAX_POOL, max_pool, 1, 1, pool, pool),
    ROW(AVERAGE_POOL, average_pool, 1, 1, pool, pool),
    ROW(RELU, relu, 1, 1, float, unary),
    ROW(SIGMOID, sigmoid, 1, 1, float, unary),
    ROW(ERF, erf, 1, 1, float, unary),
    ROW(EXP, exp, 1, 1, float, unary),
    ROW(LOG, log, 1, 1, float, unary),
    ROW(SQRT, sqrt, 1, 1, float, unary),
    ROW(ABS, abs, 1, 1, number, unary),
    ROW(NEGATE, negate, 1, 1, number, unary),
    ROW(ROUND, round, 1, 1, float, unary),
    ROW(FLOOR, floor, 1, 1, float, unary),
    ROW(NOT, not, 1, 1, bool, unary),
    ROW(IS_NAN, is_nan, 1, 1, is_nan, unary),
    ROW(ADD, add, 2, 2, numbers, binary),
    ROW(SUBTRACT, subtract, 2, 2, numbers, binary),
    ROW(MULTIPLY, multiply, 2, 2, numbers, binary),
    ROW(DIVIDE, divide, 2, 2, numbers, binary),
    ROW(MAXIMUM, maximum, 2, 2, numbers, binary),
    ROW(MINIMUM, minimum, 2, 2, numbers, binary),
    ROW(GREATER, greater, 2, 2, compare, binary),
    ROW(LESS, less, 2, 2, compare, binary),
    ROW(EQUAL, equal, 2, 2, compare, binary),
    ROW(AND, and, 2, 2, logic, binary),
    ROW(OR, or, 2, 2, logic, binary),
    ROW(SELECT, select, 3, 3, select, select),
    [OKNG_PROGRAM_MATMUL] = {"matmul", 2, 2, okng_program_shape_matmul, matmul_flops, okng_program_run_matmul},
    ROW(SOFTMAX, softmax, 1, 1, softmax, softmax),
    ROW(LAYER_NORM, layer_norm, 3, 3, layer_norm, layer_norm),
    ROW(REDUCE_SUM, reduce_sum, 1, 1, reduce, reduce),
    ROW(REDUCE_MEAN, reduce_mean, 1, 1, reduce, reduce),
    ROW(REDUCE_MAX, reduce_max, 1, 1, reduce, reduce),
    ROW(REDUCE_MIN, reduce_min, 1, 1, reduce, reduce),
    ROW(TOP_K, top_k, 1, 1, top_k, top_k),
    [OKNG_PROGRAM_TOP_K_INDICES] = {"top_k_indices", 1, 1, okng_program_shape_top_k_indices, NULL, NULL},
    ROW(GATHER, gather, 2, 2, gather, gather),
    ROW(GATHER_ELEMENTS, gather_elements, 2, 2, gather_elements, gather_elements),
    ROW(CONCAT, concat, 1, OKNG_PROGRAM_INPUTS_ANY, concat, concat),
    ROW(SLICE, slice, 1, 1, slice, view),
    ROW(TRANSPOSE, transpose, 1, 1, transpose, view),
    /* what is left as it lies is not copied: run.c hands it on */
    [OKNG_PROGRAM_RESHAPE] = {"reshape", 1, 1, okng_program_shape_reshape, NULL, NULL},
    ROW(EXPAND, expand, 1, 1, expand, view),
    ROW(PAD, pad, 1, 1, pad, pad),
    ROW(CAST, cast, 1, 1, cast, cast),
    ROW(RESIZE, resize, 1, 1, resize, resize),
};

const okng_program_row *okng_program_row_of(okng_program_op op)
{
    return &rows[op];
}
