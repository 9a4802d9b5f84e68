#include "grad/ops.h"

static const okng_grad_op ops[OKNG_OP_COUNT] = {
    [OKNG_OP_RELU] = {okng_grad_curve, okng_grad_curve_back, NULL, NULL},
    [OKNG_OP_GELU] = {okng_grad_curve, okng_grad_curve_back, NULL, NULL},
    [OKNG_OP_QUICK_GELU] = {okng_grad_curve, okng_grad_curve_back, NULL, NULL},
    [OKNG_OP_ADD] = {okng_grad_binary, okng_grad_binary_back, NULL, NULL},
    [OKNG_OP_MULTIPLY] = {okng_grad_binary, okng_grad_binary_back, NULL, NULL},
    [OKNG_OP_LINEAR] = {okng_grad_linear, okng_grad_linear_back, NULL, NULL},
    [OKNG_OP_MATMUL] = {okng_grad_matmul, okng_grad_matmul_back, NULL, NULL},
    [OKNG_OP_LAYER_NORM] = {okng_grad_layer_norm, okng_grad_layer_norm_back, NULL, NULL},
    [OKNG_OP_SOFTMAX] = {okng_grad_softmax, okng_grad_softmax_back, NULL, NULL},
    [OKNG_OP_ATTENTION] = {okng_grad_attention, okng_grad_attention_back, okng_grad_attention_kept,
                           okng_grad_attention_scratch},
    [OKNG_OP_EMBEDDING] = {okng_grad_embedding, okng_grad_embedding_back, NULL, NULL},
    [OKNG_OP_CONCAT] = {okng_grad_concat, okng_grad_concat_back, NULL, NULL},
    [OKNG_OP_SLICE] = {okng_grad_slice, okng_grad_slice_back, NULL, NULL},
    [OKNG_OP_TRANSPOSE] = {okng_grad_transpose, okng_grad_transpose_back, NULL, NULL},
    [OKNG_OP_RESHAPE] = {okng_grad_reshape, okng_grad_reshape_back, NULL, NULL},
};

const okng_grad_op *okng_grad_op_get(okng_op op)
{
    return &ops[op];
}
