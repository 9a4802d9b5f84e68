#include "engine/onednn/compiler.h"

okng_dnnl_window okng_compiler_window(const okng_node *node)
{
    const okng_window *w = &node->window;
    return (okng_dnnl_window){.kernel = {w->kernel[0], w->kernel[1]},
                              .strides = {w->stride[0], w->stride[1]},
                              .padding = {w->padding[0], w->padding[1]}};
}

okng_dnnl_curve okng_compiler_curve(okng_op activation)
{
    switch (activation) {
    case OKNG_OP_RELU:
        return (okng_dnnl_curve){dnnl_eltwise_relu, 0.0f};
    case OKNG_OP_GELU:
        return (okng_dnnl_curve){dnnl_eltwise_gelu_erf, 0.0f};
    case OKNG_OP_QUICK_GELU:
        return (okng_dnnl_curve){dnnl_eltwise_swish, 1.702f};
    default:
        return (okng_dnnl_curve){0};
    }
}
