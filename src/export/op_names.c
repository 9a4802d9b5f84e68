#include "export/op_names.h"

/* clang-format off */
static const char *const op_names[OKNG_PROGRAM_OP_COUNT] = {
    [OKNG_PROGRAM_CONV] = "Conv", [OKNG_PROGRAM_MAX_POOL] = "MaxPool", [OKNG_PROGRAM_AVERAGE_POOL] = "AveragePool",
    [OKNG_PROGRAM_RELU] = "Relu", [OKNG_PROGRAM_SIGMOID] = "Sigmoid", [OKNG_PROGRAM_ERF] = "Erf",
    [OKNG_PROGRAM_EXP] = "Exp", [OKNG_PROGRAM_LOG] = "Log", [OKNG_PROGRAM_SQRT] = "Sqrt",
    [OKNG_PROGRAM_ABS] = "Abs", [OKNG_PROGRAM_NEGATE] = "Neg", [OKNG_PROGRAM_ROUND] = "Round",
    [OKNG_PROGRAM_FLOOR] = "Floor", [OKNG_PROGRAM_NOT] = "Not", [OKNG_PROGRAM_IS_NAN] = "IsNaN",
    [OKNG_PROGRAM_ADD] = "Add", [OKNG_PROGRAM_SUBTRACT] = "Sub", [OKNG_PROGRAM_MULTIPLY] = "Mul",
    [OKNG_PROGRAM_DIVIDE] = "Div", [OKNG_PROGRAM_MAXIMUM] = "Max", [OKNG_PROGRAM_MINIMUM] = "Min",
    [OKNG_PROGRAM_GREATER] = "Greater", [OKNG_PROGRAM_LESS] = "Less", [OKNG_PROGRAM_EQUAL] = "Equal",
    [OKNG_PROGRAM_AND] = "And", [OKNG_PROGRAM_OR] = "Or", [OKNG_PROGRAM_SELECT] = "Where",
    [OKNG_PROGRAM_MATMUL] = "MatMul", [OKNG_PROGRAM_SOFTMAX] = "Softmax",
    [OKNG_PROGRAM_LAYER_NORM] = "LayerNormalization",
    [OKNG_PROGRAM_REDUCE_SUM] = "ReduceSum", [OKNG_PROGRAM_REDUCE_MEAN] = "ReduceMean",
    [OKNG_PROGRAM_REDUCE_MAX] = "ReduceMax", [OKNG_PROGRAM_REDUCE_MIN] = "ReduceMin",
    [OKNG_PROGRAM_TOP_K] = "TopK", [OKNG_PROGRAM_GATHER] = "Gather",
    [OKNG_PROGRAM_GATHER_ELEMENTS] = "GatherElements", [OKNG_PROGRAM_CONCAT] = "Concat",
    [OKNG_PROGRAM_SLICE] = "Slice", [OKNG_PROGRAM_TRANSPOSE] = "Transpose", [OKNG_PROGRAM_RESHAPE] = "Reshape",
    [OKNG_PROGRAM_EXPAND] = "Expand", [OKNG_PROGRAM_PAD] = "Pad", [OKNG_PROGRAM_CAST] = "Cast",
    [OKNG_PROGRAM_RESIZE] = "Resize",
};
/* clang-format on */

const char *okng_export_onnx_name(okng_program_op op)
{
    return op_names[op];
}
