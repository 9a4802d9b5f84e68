#include "engine/onednn_compat.h"

#include <string.h>

/* ---- memory descriptors: a struct in 2.x, a pointer to a hidden one in 3.x ---- */

#if DNNL_VERSION_MAJOR >= 3

dnnl_status_t okng_md_new(okng_md *md, const int64_t *dims, int ndims, dnnl_format_tag_t tag)
{
    *md = (okng_md){0};
    return dnnl_memory_desc_create_with_tag(&md->desc, ndims, dims, dnnl_f32, tag);
}

dnnl_status_t okng_md_of(okng_md *md, const_dnnl_primitive_desc_t primitive, dnnl_query_t what)
{
    *md = (okng_md){0};
    const_dnnl_memory_desc_t found = dnnl_primitive_desc_query_md(primitive, what, 0);
    return found ? dnnl_memory_desc_clone(&md->desc, found) : dnnl_invalid_arguments;
}

dnnl_status_t okng_md_copy(okng_md *md, const okng_md *from)
{
    *md = (okng_md){0};
    return dnnl_memory_desc_clone(&md->desc, from->desc);
}

void okng_md_free(okng_md *md)
{
    if (md->desc) (void)dnnl_memory_desc_destroy(md->desc);
    *md = (okng_md){0};
}

static const_dnnl_memory_desc_t desc_of(const okng_md *md)
{
    return md->desc;
}

#else

dnnl_status_t okng_md_new(okng_md *md, const int64_t *dims, int ndims, dnnl_format_tag_t tag)
{
    *md = (okng_md){0};
    return dnnl_memory_desc_init_by_tag(&md->desc, ndims, dims, dnnl_f32, tag);
}

dnnl_status_t okng_md_of(okng_md *md, const_dnnl_primitive_desc_t primitive, dnnl_query_t what)
{
    *md = (okng_md){0};
    const dnnl_memory_desc_t *found = dnnl_primitive_desc_query_md(primitive, what, 0);
    if (!found) return dnnl_invalid_arguments;
    md->desc = *found;
    return dnnl_success;
}

dnnl_status_t okng_md_copy(okng_md *md, const okng_md *from)
{
    *md = *from;
    return dnnl_success;
}

void okng_md_free(okng_md *md)
{
    *md = (okng_md){0};
}

static const dnnl_memory_desc_t *desc_of(const okng_md *md)
{
    return &md->desc;
}

#endif

bool okng_md_equal(const okng_md *a, const okng_md *b)
{
    return dnnl_memory_desc_equal(desc_of(a), desc_of(b)) != 0;
}

size_t okng_md_bytes(const okng_md *md)
{
    return dnnl_memory_desc_get_size(desc_of(md));
}

dnnl_status_t okng_dnnl_memory(dnnl_memory_t *memory, const okng_md *md, dnnl_engine_t engine, void *data)
{
    *memory = NULL;
    return dnnl_memory_create(memory, desc_of(md), engine, data);
}

/* ---- attributes ---- */

static dnnl_status_t append_post_ops(dnnl_post_ops_t ops, bool sum, bool relu)
{
    dnnl_status_t status = dnnl_success;
#if DNNL_VERSION_MAJOR >= 3
    if (sum) status = dnnl_post_ops_append_sum(ops, 1.0f, 0, dnnl_data_type_undef);
    if (relu && status == dnnl_success) status = dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_relu, 0.0f, 0.0f);
#else
    if (sum) status = dnnl_post_ops_append_sum(ops, 1.0f);
    if (relu && status == dnnl_success) status = dnnl_post_ops_append_eltwise(ops, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f);
#endif
    return status;
}

static dnnl_status_t create_attributes(dnnl_primitive_attr_t *attributes, bool sum, bool relu)
{
    *attributes = NULL;
    dnnl_post_ops_t ops = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(attributes);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
    /* an environment variable could allow less than float32 otherwise */
    if (status == dnnl_success) status = dnnl_primitive_attr_set_fpmath_mode(*attributes, dnnl_fpmath_mode_strict);
    if (status == dnnl_success) status = dnnl_post_ops_create(&ops);
    if (status == dnnl_success) status = append_post_ops(ops, sum, relu);
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attributes, ops);
    if (ops) (void)dnnl_post_ops_destroy(ops);
    if (status != dnnl_success && *attributes) {
        (void)dnnl_primitive_attr_destroy(*attributes);
        *attributes = NULL;
    }
    return status;
}

/* ---- primitives: an operation descriptor first in 2.x, created at once in 3.x ---- */

/* Whether an implementation gives the same bits for any number of threads. The generated direct ones
 * ("jit:avx512_core", "jit_1x1:avx2") add the products of one output in one fixed order. The others choose the blocks
 * of input channels, and with them the order of the sum, by the number of threads (seen with brgconv, which is no
 * faster here), or share one sum among threads (gemm). */
static bool is_reproducible(const_dnnl_primitive_desc_t primitive)
{
    const char *name = NULL;
    dnnl_status_t status = dnnl_primitive_desc_query(primitive, dnnl_query_impl_info_str, 0, (void *)&name);
    return status == dnnl_success && name && strncmp(name, "jit", 3) == 0;
}

typedef struct convolution_call {
    dnnl_engine_t engine;
    const okng_md *src, *weights, *bias, *dst;
    const okng_dnnl_window *window;
    const_dnnl_primitive_attr_t attributes;
} convolution_call;

/* The first implementation, which is oneDNN's own choice, or the first reproducible one. */
#if DNNL_VERSION_MAJOR >= 3

static dnnl_status_t choose_convolution(dnnl_primitive_desc_t *primitive, const convolution_call *call,
                                        bool reproducible)
{
    dnnl_dims_t dilation = {0};
    dnnl_status_t status = dnnl_convolution_forward_primitive_desc_create(
        primitive, call->engine, dnnl_forward_inference, dnnl_convolution_direct, desc_of(call->src),
        desc_of(call->weights), desc_of(call->bias), desc_of(call->dst), call->window->strides, dilation,
        call->window->padding, call->window->padding, call->attributes);
    if (status != dnnl_success) return status;
    while (reproducible && !is_reproducible(*primitive)) {
        status = dnnl_primitive_desc_next_impl(*primitive);
        if (status == dnnl_success) continue;
        (void)dnnl_primitive_desc_destroy(*primitive);
        *primitive = NULL;
        return status == dnnl_last_impl_reached ? dnnl_unimplemented : status;
    }
    return dnnl_success;
}

#else

static dnnl_status_t choose_convolution(dnnl_primitive_desc_t *primitive, const convolution_call *call,
                                        bool reproducible)
{
    dnnl_convolution_desc_t operation;
    dnnl_primitive_desc_iterator_t iterator;
    dnnl_status_t status = dnnl_convolution_forward_desc_init(
        &operation, dnnl_forward_inference, dnnl_convolution_direct, desc_of(call->src), desc_of(call->weights),
        desc_of(call->bias), desc_of(call->dst), call->window->strides, call->window->padding, call->window->padding);
    if (status != dnnl_success) return status;
    status = dnnl_primitive_desc_iterator_create(&iterator, &operation, call->attributes, call->engine, NULL);
    if (status != dnnl_success) return status;
    do {
        *primitive = dnnl_primitive_desc_iterator_fetch(iterator);
        if (!*primitive) status = dnnl_out_of_memory;
        if (!*primitive || !reproducible || is_reproducible(*primitive)) break;
        (void)dnnl_primitive_desc_destroy(*primitive);
        *primitive = NULL;
        status = dnnl_primitive_desc_iterator_next(iterator);
    } while (status == dnnl_success);
    (void)dnnl_primitive_desc_iterator_destroy(iterator);
    return status == dnnl_iterator_ends ? dnnl_unimplemented : status;
}

#endif

dnnl_status_t okng_dnnl_convolution(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *src,
                                    const okng_md *weights, const okng_md *bias, const okng_md *dst,
                                    const okng_dnnl_window *window, bool sum, bool relu, bool reproducible)
{
    *primitive = NULL;
    dnnl_primitive_attr_t attributes;
    dnnl_status_t status = create_attributes(&attributes, sum, relu);
    if (status != dnnl_success) return status;
    convolution_call call = {engine, src, weights, bias, dst, window, attributes};
    status = choose_convolution(primitive, &call, reproducible);
    (void)dnnl_primitive_attr_destroy(attributes);
    return status;
}

dnnl_status_t okng_dnnl_max_pool(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *src,
                                 const okng_md *dst, const okng_dnnl_window *window)
{
    *primitive = NULL;
    dnnl_primitive_attr_t attributes;
    dnnl_status_t status = create_attributes(&attributes, false, false);
    if (status != dnnl_success) return status;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_dims_t dilation = {0};
    status = dnnl_pooling_forward_primitive_desc_create(primitive, engine, dnnl_forward_inference, dnnl_pooling_max,
                                                        desc_of(src), desc_of(dst), window->strides, window->kernel,
                                                        dilation, window->padding, window->padding, attributes);
#else
    dnnl_pooling_desc_t operation;
    status =
        dnnl_pooling_forward_desc_init(&operation, dnnl_forward_inference, dnnl_pooling_max, desc_of(src), desc_of(dst),
                                       window->strides, window->kernel, window->padding, window->padding);
    if (status == dnnl_success) status = dnnl_primitive_desc_create(primitive, &operation, attributes, engine, NULL);
#endif
    (void)dnnl_primitive_attr_destroy(attributes);
    return status;
}

dnnl_status_t okng_dnnl_reorder(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *from,
                                const okng_md *to)
{
    *primitive = NULL;
    dnnl_primitive_attr_t attributes;
    dnnl_status_t status = create_attributes(&attributes, false, false);
    if (status != dnnl_success) return status;
    status = dnnl_reorder_primitive_desc_create(primitive, desc_of(from), engine, desc_of(to), engine, attributes);
    (void)dnnl_primitive_attr_destroy(attributes);
    return status;
}
