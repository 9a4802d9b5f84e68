#include <string.h>

#include "engine/onednn/compat_desc.h"

/* ---- attributes ---- */

float okng_dnnl_bias(float bias, float scale)
{
#if DNNL_VERSION_MAJOR >= 3
    (void)scale;
    return bias;
#else
    return bias / scale;
#endif
}

static dnnl_status_t append_curve(dnnl_post_ops_t ops, const okng_dnnl_curve *curve)
{
    if (curve->kind == dnnl_alg_kind_undef) return dnnl_success;
#if DNNL_VERSION_MAJOR >= 3
    return okng_dnnl.post_ops_append_eltwise(ops, curve->kind, curve->alpha, 0.0f);
#else
    return okng_dnnl.post_ops_append_eltwise(ops, 1.0f, curve->kind, curve->alpha, 0.0f);
#endif
}

static dnnl_status_t append_sum(dnnl_post_ops_t ops, const okng_dnnl_extras *x)
{
    if (!x->sum) return dnnl_success;
#if DNNL_VERSION_MAJOR >= 3
    return okng_dnnl.post_ops_append_sum(ops, x->sum_scale, 0, x->sum_type);
#else
    return okng_dnnl.post_ops_append_sum_v2(ops, x->sum_scale, x->sum_type);
#endif
}

static dnnl_status_t append_post_ops(dnnl_post_ops_t ops, const okng_dnnl_extras *x)
{
    dnnl_status_t status = append_sum(ops, x);
    if (status == dnnl_success && x->added)
        status = okng_dnnl.post_ops_append_binary(ops, dnnl_binary_add, okng_md_desc(x->added));
    return status == dnnl_success ? append_curve(ops, &x->curve) : status;
}

static dnnl_status_t set_scales(dnnl_primitive_attr_t attributes, const okng_dnnl_extras *x)
{
    bool one = x->channels == 1;
#if DNNL_VERSION_MAJOR >= 3
    return okng_dnnl.primitive_attr_set_scales_mask(attributes, one ? DNNL_ARG_FROM : DNNL_ARG_WEIGHTS, one ? 0 : 1);
#else
    return okng_dnnl.primitive_attr_set_output_scales(attributes, x->channels, one ? 0 : 1 << 1, x->scales);
#endif
}

dnnl_status_t okng_dnnl_attributes(dnnl_primitive_attr_t *attributes, const okng_dnnl_extras *x)
{
    *attributes = NULL;
    dnnl_post_ops_t ops = NULL;
    dnnl_status_t status = okng_dnnl.primitive_attr_create(attributes);
    if (status == dnnl_success)
        status = okng_dnnl.primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
    /* an environment variable could allow less than float32 otherwise */
    if (status == dnnl_success) status = okng_dnnl.primitive_attr_set_fpmath_mode(*attributes, dnnl_fpmath_mode_strict);
    if (status == dnnl_success && x->scales) status = set_scales(*attributes, x);
    if (status == dnnl_success) status = okng_dnnl.post_ops_create(&ops);
    if (status == dnnl_success) status = append_post_ops(ops, x);
    if (status == dnnl_success) status = okng_dnnl.primitive_attr_set_post_ops(*attributes, ops);
    if (ops) (void)okng_dnnl.post_ops_destroy(ops);
    if (status != dnnl_success && *attributes) {
        (void)okng_dnnl.primitive_attr_destroy(*attributes);
        *attributes = NULL;
    }
    return status;
}

/* ---- primitives: an operation descriptor first in 2.x, created at once in 3.x ---- */

/* Whether an implementation will do. Those that give the same bits for any number of threads are the generated direct
 * ones ("jit:avx512_core", "jit_1x1:avx2"), which add the products of one output in one fixed order. The others choose
 * the blocks of input channels, and with them the order of the sum, by the number of threads (seen with brgconv, which
 * is no faster here), or share one sum among threads (gemm). Sums of products of 8-bit numbers are exact in any
 * order. */
static bool will_do(const_dnnl_primitive_desc_t primitive, const okng_dnnl_convolution_call *call)
{
    const char *name = NULL;
    if (call->choice == OKNG_DNNL_ANY) return true;
    if (okng_dnnl.primitive_desc_query(primitive, dnnl_query_impl_info_str, 0, (void *)&name) != dnnl_success || !name)
        return false;
    bool exact = okng_md_type(call->src) == dnnl_u8;
    return strncmp(name, "jit", 3) == 0 || (exact && strncmp(name, "brgconv", 7) == 0);
}

/* The first implementation that will do, in the order of oneDNN's preference. */
#if DNNL_VERSION_MAJOR >= 3

static dnnl_status_t choose_convolution(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                                        const okng_dnnl_convolution_call *call, const_dnnl_primitive_attr_t attributes)
{
    dnnl_dims_t dilation = {0};
    const okng_dnnl_window *w = &call->window;
    dnnl_status_t status = okng_dnnl.convolution_forward_primitive_desc_create(
        primitive, engine, dnnl_forward_inference, dnnl_convolution_direct, okng_md_desc(call->src),
        okng_md_desc(call->weights), okng_md_desc(call->bias), okng_md_desc(call->dst), w->strides, dilation,
        w->padding, w->padding, attributes);
    if (status != dnnl_success) return status;
    while (!will_do(*primitive, call)) {
        status = okng_dnnl.primitive_desc_next_impl(*primitive);
        if (status == dnnl_success) continue;
        (void)okng_dnnl.primitive_desc_destroy(*primitive);
        *primitive = NULL;
        return status == dnnl_last_impl_reached ? dnnl_unimplemented : status;
    }
    return dnnl_success;
}

#else

static dnnl_status_t choose_convolution(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                                        const okng_dnnl_convolution_call *call, const_dnnl_primitive_attr_t attributes)
{
    dnnl_convolution_desc_t operation;
    dnnl_primitive_desc_iterator_t iterator;
    const okng_dnnl_window *w = &call->window;
    dnnl_status_t status = okng_dnnl.convolution_forward_desc_init(
        &operation, dnnl_forward_inference, dnnl_convolution_direct, okng_md_desc(call->src),
        okng_md_desc(call->weights), okng_md_desc(call->bias), okng_md_desc(call->dst), w->strides, w->padding,
        w->padding);
    if (status != dnnl_success) return status;
    status = okng_dnnl.primitive_desc_iterator_create(&iterator, &operation, attributes, engine, NULL);
    if (status != dnnl_success) return status;
    do {
        *primitive = okng_dnnl.primitive_desc_iterator_fetch(iterator);
        if (!*primitive) status = dnnl_out_of_memory;
        if (!*primitive || will_do(*primitive, call)) break;
        (void)okng_dnnl.primitive_desc_destroy(*primitive);
        *primitive = NULL;
        status = okng_dnnl.primitive_desc_iterator_next(iterator);
    } while (status == dnnl_success);
    (void)okng_dnnl.primitive_desc_iterator_destroy(iterator);
    return status == dnnl_iterator_ends ? dnnl_unimplemented : status;
}

#endif

dnnl_status_t okng_dnnl_convolution(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                                    const okng_dnnl_convolution_call *call)
{
    *primitive = NULL;
    dnnl_primitive_attr_t attributes;
    const okng_dnnl_extras x = {.sum = call->sum,
                                .sum_scale = call->sum_scale,
                                .sum_type = call->sum_type,
                                .curve = call->curve,
                                .scales = call->scales,
                                .channels = call->channels};
    dnnl_status_t status = okng_dnnl_attributes(&attributes, &x);
    if (status != dnnl_success) return status;
    status = choose_convolution(primitive, engine, call, attributes);
    (void)okng_dnnl.primitive_attr_destroy(attributes);
    return status;
}

dnnl_status_t okng_dnnl_max_pool(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *src,
                                 const okng_md *dst, const okng_dnnl_window *window)
{
    *primitive = NULL;
    dnnl_primitive_attr_t attributes;
    dnnl_status_t status = okng_dnnl_attributes(&attributes, &(okng_dnnl_extras){0});
    if (status != dnnl_success) return status;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_dims_t dilation = {0};
    status = okng_dnnl.pooling_forward_primitive_desc_create(
        primitive, engine, dnnl_forward_inference, dnnl_pooling_max, okng_md_desc(src), okng_md_desc(dst),
        window->strides, window->kernel, dilation, window->padding, window->padding, attributes);
#else
    dnnl_pooling_desc_t operation;
    status = okng_dnnl.pooling_forward_desc_init(&operation, dnnl_forward_inference, dnnl_pooling_max,
                                                 okng_md_desc(src), okng_md_desc(dst), window->strides, window->kernel,
                                                 window->padding, window->padding);
    if (status == dnnl_success)
        status = okng_dnnl.primitive_desc_create(primitive, &operation, attributes, engine, NULL);
#endif
    (void)okng_dnnl.primitive_attr_destroy(attributes);
    return status;
}

dnnl_status_t okng_dnnl_reorder(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *from,
                                const okng_md *to, float factor)
{
    *primitive = NULL;
    dnnl_primitive_attr_t attributes;
    const okng_dnnl_extras x = {.scales = factor == 1.0f ? NULL : &factor, .channels = 1};
    dnnl_status_t status = okng_dnnl_attributes(&attributes, &x);
    if (status != dnnl_success) return status;
    status = okng_dnnl.reorder_primitive_desc_create(primitive, okng_md_desc(from), engine, okng_md_desc(to), engine,
                                                     attributes);
    (void)okng_dnnl.primitive_attr_destroy(attributes);
    return status;
}
