/* How ONNX says an operator; see ops.h. Private to export/. */
#ifndef OKNG_EXPORT_ONNX_OPS_H
#define OKNG_EXPORT_ONNX_OPS_H

#include "export/onnx_graph.h"
#include "export/ops.h"

okng_onnx_op_fn okng_onnx_plain; /* the same inputs, no settings */
okng_onnx_op_fn okng_onnx_select;
okng_onnx_op_fn okng_onnx_along; /* the same inputs and an axis */
okng_onnx_op_fn okng_onnx_conv;
okng_onnx_op_fn okng_onnx_pool;
okng_onnx_op_fn okng_onnx_matmul;
okng_onnx_op_fn okng_onnx_layer_norm;
okng_onnx_op_fn okng_onnx_reduce;
okng_onnx_op_fn okng_onnx_top_k;
okng_onnx_op_fn okng_onnx_slice;
okng_onnx_op_fn okng_onnx_transpose;
okng_onnx_op_fn okng_onnx_reshape; /* EXPAND too */
okng_onnx_op_fn okng_onnx_pad;
okng_onnx_op_fn okng_onnx_cast;
okng_onnx_op_fn okng_onnx_resize;

#endif
