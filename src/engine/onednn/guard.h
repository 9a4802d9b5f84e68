/* The functions of oneDNN that take memory, behind one wall: oneDNN is C++, and an exception that it lets out (memory
 * that ran out, above all) would end the process in a C caller. Here it comes back as a status. Every call of such a
 * function goes through okng_dnnl; what is called directly takes no memory. */
#ifndef OKNG_ENGINE_ONEDNN_GUARD_H
#define OKNG_ENGINE_ONEDNN_GUARD_H

#include <dnnl.h>

#ifdef __cplusplus
extern "C" {
#endif

#if DNNL_VERSION_MAJOR >= 3
#define OKNG_DNNL_CALLS_OF_VERSION(X)                    \
    X(memory_desc_create_with_tag)                       \
    X(memory_desc_create_with_strides)                   \
    X(memory_desc_create_submemory)                      \
    X(memory_desc_clone)                                 \
    X(memory_desc_destroy)                               \
    X(memory_desc_query)                                 \
    X(post_ops_append_sum)                               \
    X(primitive_attr_set_scales_mask)                    \
    X(primitive_desc_next_impl)                          \
    X(convolution_forward_primitive_desc_create)         \
    X(pooling_forward_primitive_desc_create)             \
    X(matmul_primitive_desc_create)                      \
    X(layer_normalization_forward_primitive_desc_create) \
    X(softmax_forward_primitive_desc_create)             \
    X(eltwise_forward_primitive_desc_create)             \
    X(binary_primitive_desc_create)
#else
#define OKNG_DNNL_CALLS_OF_VERSION(X)        \
    X(memory_desc_init_by_tag)               \
    X(memory_desc_init_by_strides)           \
    X(memory_desc_init_submemory)            \
    X(post_ops_append_sum_v2)                \
    X(primitive_attr_set_output_scales)      \
    X(primitive_desc_create)                 \
    X(primitive_desc_iterator_create)        \
    X(primitive_desc_iterator_fetch)         \
    X(primitive_desc_iterator_next)          \
    X(primitive_desc_iterator_destroy)       \
    X(convolution_forward_desc_init)         \
    X(pooling_forward_desc_init)             \
    X(matmul_desc_init)                      \
    X(layer_normalization_forward_desc_init) \
    X(softmax_forward_desc_init)             \
    X(eltwise_forward_desc_init)             \
    X(binary_desc_init)
#endif

#define OKNG_DNNL_CALLS(X)                \
    X(engine_create)                      \
    X(engine_destroy)                     \
    X(stream_create)                      \
    X(stream_wait)                        \
    X(stream_destroy)                     \
    X(memory_create)                      \
    X(memory_set_data_handle)             \
    X(memory_destroy)                     \
    X(memory_desc_reshape)                \
    X(memory_desc_permute_axes)           \
    X(primitive_attr_create)              \
    X(primitive_attr_set_scratchpad_mode) \
    X(primitive_attr_set_fpmath_mode)     \
    X(primitive_attr_set_post_ops)        \
    X(primitive_attr_destroy)             \
    X(post_ops_create)                    \
    X(post_ops_append_eltwise)            \
    X(post_ops_append_binary)             \
    X(post_ops_destroy)                   \
    X(primitive_desc_query)               \
    X(primitive_desc_query_md)            \
    X(primitive_desc_destroy)             \
    X(reorder_primitive_desc_create)      \
    X(concat_primitive_desc_create)       \
    X(primitive_create)                   \
    X(primitive_execute)                  \
    X(primitive_destroy)                  \
    OKNG_DNNL_CALLS_OF_VERSION(X)

/* Of dnnl_NAME's type each. An exception is dnnl_out_of_memory or, of another kind, dnnl_runtime_error; NULL from those
 * that return a pointer. */
typedef struct okng_dnnl_calls {
#define OKNG_DNNL_FIELD(name) __typeof__(dnnl_##name) *name;
    OKNG_DNNL_CALLS(OKNG_DNNL_FIELD)
#undef OKNG_DNNL_FIELD
} okng_dnnl_calls;
extern const okng_dnnl_calls okng_dnnl;

#ifdef __cplusplus
}
#endif

#endif
