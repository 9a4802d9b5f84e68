#include "export/ops.h"

#include "export/openvino_ops.h"

#ifdef OKNG_HAVE_ONNX
#include "export/onnx_ops.h"
#define ONNX(name) .onnx = okng_onnx_##name
#else
#define ONNX(name) .onnx = NULL
#endif
#define IR(name) .openvino = okng_openvino_##name

/* What has no row is no operator of the graph: inputs, constants, and the second result of TOP_K. */
/* clang-format off */
static const okng_export_row rows[OKNG_PROGRAM_OP_COUNT] = {
    [OKNG_PROGRAM_CONV]            = {ONNX(conv), IR(conv)},
    [OKNG_PROGRAM_MAX_POOL]        = {ONNX(pool), IR(pool)},
    [OKNG_PROGRAM_AVERAGE_POOL]    = {ONNX(pool), IR(pool)},
    [OKNG_PROGRAM_RELU]            = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_SIGMOID]         = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_ERF]             = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_EXP]             = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_LOG]             = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_SQRT]            = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_ABS]             = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_NEGATE]          = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_ROUND]           = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_FLOOR]           = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_NOT]             = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_IS_NAN]          = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_ADD]             = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_SUBTRACT]        = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_MULTIPLY]        = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_DIVIDE]          = {ONNX(plain), IR(divide)},
    [OKNG_PROGRAM_MAXIMUM]         = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_MINIMUM]         = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_GREATER]         = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_LESS]            = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_EQUAL]           = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_AND]             = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_OR]              = {ONNX(plain), IR(plain)},
    [OKNG_PROGRAM_SELECT]          = {ONNX(select), IR(select)},
    [OKNG_PROGRAM_MATMUL]          = {ONNX(matmul), IR(matmul)},
    [OKNG_PROGRAM_SOFTMAX]         = {ONNX(along), IR(along)},
    [OKNG_PROGRAM_LAYER_NORM]      = {ONNX(layer_norm), IR(layer_norm)},
    [OKNG_PROGRAM_REDUCE_SUM]      = {ONNX(reduce), IR(reduce)},
    [OKNG_PROGRAM_REDUCE_MEAN]     = {ONNX(reduce), IR(reduce)},
    [OKNG_PROGRAM_REDUCE_MAX]      = {ONNX(reduce), IR(reduce)},
    [OKNG_PROGRAM_REDUCE_MIN]      = {ONNX(reduce), IR(reduce)},
    [OKNG_PROGRAM_TOP_K]           = {ONNX(top_k), IR(top_k)},
    [OKNG_PROGRAM_GATHER]          = {ONNX(along), IR(gather)},
    [OKNG_PROGRAM_GATHER_ELEMENTS] = {ONNX(along), IR(along)},
    [OKNG_PROGRAM_CONCAT]          = {ONNX(along), IR(along)},
    [OKNG_PROGRAM_SLICE]           = {ONNX(slice), IR(slice)},
    [OKNG_PROGRAM_TRANSPOSE]       = {ONNX(transpose), IR(transpose)},
    [OKNG_PROGRAM_RESHAPE]         = {ONNX(reshape), IR(reshape)},
    [OKNG_PROGRAM_EXPAND]          = {ONNX(reshape), IR(expand)},
    [OKNG_PROGRAM_PAD]             = {ONNX(pad), IR(pad)},
    [OKNG_PROGRAM_CAST]            = {ONNX(cast), IR(cast)},
    [OKNG_PROGRAM_RESIZE]          = {ONNX(resize), IR(resize)},
};
/* clang-format on */

const okng_export_row *okng_export_row_of(okng_program_op op)
{
    return &rows[op];
}
