#include "export/ops.h"

#ifdef OKNG_HAVE_ONNX
#include "export/onnx_ops.h"
#define ONNX(name) .onnx = okng_onnx_##name
#else
#define ONNX(name) .onnx = NULL
#endif

/* What has no row is no operator of the graph: inputs, constants, and the second result of TOP_K. */
/* clang-format off */
static const okng_export_row rows[OKNG_PROGRAM_OP_COUNT] = {
    [OKNG_PROGRAM_CONV]            = {ONNX(conv)},
    [OKNG_PROGRAM_MAX_POOL]        = {ONNX(pool)},
    [OKNG_PROGRAM_AVERAGE_POOL]    = {ONNX(pool)},
    [OKNG_PROGRAM_RELU]            = {ONNX(plain)},
    [OKNG_PROGRAM_SIGMOID]         = {ONNX(plain)},
    [OKNG_PROGRAM_ERF]             = {ONNX(plain)},
    [OKNG_PROGRAM_EXP]             = {ONNX(plain)},
    [OKNG_PROGRAM_LOG]             = {ONNX(plain)},
    [OKNG_PROGRAM_SQRT]            = {ONNX(plain)},
    [OKNG_PROGRAM_ABS]             = {ONNX(plain)},
    [OKNG_PROGRAM_NEGATE]          = {ONNX(plain)},
    [OKNG_PROGRAM_ROUND]           = {ONNX(plain)},
    [OKNG_PROGRAM_FLOOR]           = {ONNX(plain)},
    [OKNG_PROGRAM_NOT]             = {ONNX(plain)},
    [OKNG_PROGRAM_IS_NAN]          = {ONNX(plain)},
    [OKNG_PROGRAM_ADD]             = {ONNX(plain)},
    [OKNG_PROGRAM_SUBTRACT]        = {ONNX(plain)},
    [OKNG_PROGRAM_MULTIPLY]        = {ONNX(plain)},
    [OKNG_PROGRAM_DIVIDE]          = {ONNX(plain)},
    [OKNG_PROGRAM_MAXIMUM]         = {ONNX(plain)},
    [OKNG_PROGRAM_MINIMUM]         = {ONNX(plain)},
    [OKNG_PROGRAM_GREATER]         = {ONNX(plain)},
    [OKNG_PROGRAM_LESS]            = {ONNX(plain)},
    [OKNG_PROGRAM_EQUAL]           = {ONNX(plain)},
    [OKNG_PROGRAM_AND]             = {ONNX(plain)},
    [OKNG_PROGRAM_OR]              = {ONNX(plain)},
    [OKNG_PROGRAM_SELECT]          = {ONNX(plain)},
    [OKNG_PROGRAM_MATMUL]          = {ONNX(matmul)},
    [OKNG_PROGRAM_SOFTMAX]         = {ONNX(along)},
    [OKNG_PROGRAM_LAYER_NORM]      = {ONNX(layer_norm)},
    [OKNG_PROGRAM_REDUCE_SUM]      = {ONNX(reduce)},
    [OKNG_PROGRAM_REDUCE_MEAN]     = {ONNX(reduce)},
    [OKNG_PROGRAM_REDUCE_MAX]      = {ONNX(reduce)},
    [OKNG_PROGRAM_REDUCE_MIN]      = {ONNX(reduce)},
    [OKNG_PROGRAM_TOP_K]           = {ONNX(top_k)},
    [OKNG_PROGRAM_GATHER]          = {ONNX(along)},
    [OKNG_PROGRAM_GATHER_ELEMENTS] = {ONNX(along)},
    [OKNG_PROGRAM_CONCAT]          = {ONNX(along)},
    [OKNG_PROGRAM_SLICE]           = {ONNX(slice)},
    [OKNG_PROGRAM_TRANSPOSE]       = {ONNX(transpose)},
    [OKNG_PROGRAM_RESHAPE]         = {ONNX(reshape)},
    [OKNG_PROGRAM_EXPAND]          = {ONNX(reshape)},
    [OKNG_PROGRAM_PAD]             = {ONNX(pad)},
    [OKNG_PROGRAM_CAST]            = {ONNX(cast)},
    [OKNG_PROGRAM_RESIZE]          = {ONNX(resize)},
};
/* clang-format on */

const okng_export_row *okng_export_row_of(okng_program_op op)
{
    return &rows[op];
}
