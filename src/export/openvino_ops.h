/* How IR says an operator; see ops.h. Private to export/. */
#ifndef OKNG_EXPORT_OPENVINO_OPS_H
#define OKNG_EXPORT_OPENVINO_OPS_H

#include "export/openvino_graph.h"
#include "export/ops.h"

okng_openvino_op_fn okng_openvino_plain; /* the same inputs, no settings but how they are broadcast */
okng_openvino_op_fn okng_openvino_along; /* the same inputs and an axis */
okng_openvino_op_fn okng_openvino_conv;
okng_openvino_op_fn okng_openvino_pool;
okng_openvino_op_fn okng_openvino_divide;
okng_openvino_op_fn okng_openvino_select;
okng_openvino_op_fn okng_openvino_matmul;
okng_openvino_op_fn okng_openvino_layer_norm;
okng_openvino_op_fn okng_openvino_reduce;
okng_openvino_op_fn okng_openvino_top_k;
okng_openvino_op_fn okng_openvino_gather;
okng_openvino_op_fn okng_openvino_slice;
okng_openvino_op_fn okng_openvino_transpose;
okng_openvino_op_fn okng_openvino_reshape;
okng_openvino_op_fn okng_openvino_expand;
okng_openvino_op_fn okng_openvino_pad;
okng_openvino_op_fn okng_openvino_cast;
okng_openvino_op_fn okng_openvino_resize;

#endif
