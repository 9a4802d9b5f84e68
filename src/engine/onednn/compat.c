#include "engine/onednn/compat.h"

#include <string.h>

/* ---- memory descriptors: a struct in 2.x, a pointer to a hidden one in 3.x ---- */

#if DNNL_VERSION_MAJOR >= 3

dnnl_status_t okng_md_new(okng_md *md, const int64_t *dims, int ndims, dnnl_data_type_t type, dnnl_format_tag_t tag)
{
    *md = (okng_md){0};
    return dnnl_memory_desc_create_with_tag(&md->desc, ndims, dims, type, tag);
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

dnnl_data_type_t okng_md_type(const okng_md *md)
{
    dnnl_data_type_t type = dnnl_data_type_undef;
    (void)dnnl_memory_desc_query(md->desc, dnnl_query_data_type, &type);
    return type;
}

bool okng_md_wino(const okng_md *md, okng_wino_layout *layout)
{
    (void)md; /* 3.x has no Winograd for x86, and never says how others lay their weights out */
    *layout = (okng_wino_layout){0};
    return false;
}

#else

dnnl_status_t okng_md_new(okng_md *md, const int64_t *dims, int ndims, dnnl_data_type_t type, dnnl_format_tag_t tag)
{
    *md = (okng_md){0};
    return dnnl_memory_desc_init_by_tag(&md->desc, ndims, dims, type, tag);
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

dnnl_data_type_t okng_md_type(const okng_md *md)
{
    return md->desc.data_type;
}

bool okng_md_wino(const okng_md *md, okng_wino_layout *layout)
{
    const dnnl_wino_desc_t *w = &md->desc.format_desc.wino_desc;
    *layout = (okng_wino_layout){0};
    if (md->desc.format_kind != dnnl_format_kind_wino || w->wino_format != dnnl_wino_wei_OBaaIBOIio || w->r != 3 ||
        w->alpha != 6)
        return false;
    *layout = (okng_wino_layout){w->ic, w->oc, w->ic_block, w->oc_block, w->ic2_block, w->oc2_block};
    return true;
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

/* What a primitive does beside its operation; zeroed is nothing. */
typedef struct extras {
    bool sum, relu;
    float sum_scale;
    dnnl_data_type_t sum_type;
    const float *scales; /* NULL: none; `channels` of them, or 1 for a reorder */
    int64_t channels;
} extras;

float okng_dnnl_bias(float bias, float scale)
{
#if DNNL_VERSION_MAJOR >= 3
    (void)scale;
    return bias;
#else
    return bias / scale;
#endif
}

static dnnl_status_t append_post_ops(dnnl_post_ops_t ops, const extras *x)
{
    dnnl_status_t status = dnnl_success;
#if DNNL_VERSION_MAJOR >= 3
    if (x->sum) status = dnnl_post_ops_append_sum(ops, x->sum_scale, 0, x->sum_type);
    if (x->relu && status == dnnl_success) status = dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_relu, 0.0f, 0.0f);
#else
    if (x->sum) status = dnnl_post_ops_append_sum_v2(ops, x->sum_scale, x->sum_type);
    if (x->relu && status == dnnl_success)
        status = dnnl_post_ops_append_eltwise(ops, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f);
#endif
    return status;
}

static dnnl_status_t set_scales(dnnl_primitive_attr_t attributes, const extras *x)
{
    bool one = x->channels == 1;
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_primitive_attr_set_scales_mask(attributes, one ? DNNL_ARG_FROM : DNNL_ARG_WEIGHTS, one ? 0 : 1);
#else
    return dnnl_primitive_attr_set_output_scales(attributes, x->channels, one ? 0 : 1 << 1, x->scales);
#endif
}

static dnnl_status_t create_attributes(dnnl_primitive_attr_t *attributes, const extras *x)
{
    *attributes = NULL;
    dnnl_post_ops_t ops = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(attributes);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
    /* an environment variable could allow less than float32 otherwise */
    if (status == dnnl_success) status = dnnl_primitive_attr_set_fpmath_mode(*attributes, dnnl_fpmath_mode_strict);
    if (status == dnnl_success && x->scales) status = set_scales(*attributes, x);
    if (status == dnnl_success) status = dnnl_post_ops_create(&ops);
    if (status == dnnl_success) status = append_post_ops(ops, x);
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attributes, ops);
    if (ops) (void)dnnl_post_ops_destroy(ops);
    if (status != dnnl_success && *attributes) {
        (void)dnnl_primitive_attr_destroy(*attributes);
        *attributes = NULL;
    }
    return status;
}

/* ---- primitives: an operation descriptor first in 2.x, created at once in 3.x ---- */

/* Whether an implementation will do. Those that give the same bits for any number of threads are the generated direct
 * ones ("jit:avx512_core", "jit_1x1:avx2"), which add the products of one output in one fixed order. The others choose
 * the blocks of input channels, and with them the order of the sum, by the number of threads (seen with brgconv, which
 * is no faster here), or share one sum among threads (gemm). Sums of products of 8-bit numbers are exact in any order.
 * Of the Winograd ones only that with tiles of 4x4 takes all shapes whatever the number of threads. */
static bool will_do(const_dnnl_primitive_desc_t primitive, const okng_dnnl_convolution_call *call)
{
    const char *name = NULL;
    if (call->choice == OKNG_DNNL_ANY) return true;
    if (dnnl_primitive_desc_query(primitive, dnnl_query_impl_info_str, 0, (void *)&name) != dnnl_success || !name)
        return false;
    if (call->choice == OKNG_DNNL_WINOGRAD) return strncmp(name, "jit_wino_4x3", 12) == 0;
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
    dnnl_status_t status = dnnl_convolution_forward_primitive_desc_create(
        primitive, engine, dnnl_forward_inference,
        call->choice == OKNG_DNNL_WINOGRAD ? dnnl_convolution_winograd : dnnl_convolution_direct, desc_of(call->src),
        desc_of(call->weights), desc_of(call->bias), desc_of(call->dst), w->strides, dilation, w->padding, w->padding,
        attributes);
    if (status != dnnl_success) return status;
    while (!will_do(*primitive, call)) {
        status = dnnl_primitive_desc_next_impl(*primitive);
        if (status == dnnl_success) continue;
        (void)dnnl_primitive_desc_destroy(*primitive);
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
    dnnl_status_t status = dnnl_convolution_forward_desc_init(
        &operation, dnnl_forward_inference,
        call->choice == OKNG_DNNL_WINOGRAD ? dnnl_convolution_winograd : dnnl_convolution_direct, desc_of(call->src),
        desc_of(call->weights), desc_of(call->bias), desc_of(call->dst), w->strides, w->padding, w->padding);
    if (status != dnnl_success) return status;
    status = dnnl_primitive_desc_iterator_create(&iterator, &operation, attributes, engine, NULL);
    if (status != dnnl_success) return status;
    do {
        *primitive = dnnl_primitive_desc_iterator_fetch(iterator);
        if (!*primitive) status = dnnl_out_of_memory;
        if (!*primitive || will_do(*primitive, call)) break;
        (void)dnnl_primitive_desc_destroy(*primitive);
        *primitive = NULL;
        status = dnnl_primitive_desc_iterator_next(iterator);
    } while (status == dnnl_success);
    (void)dnnl_primitive_desc_iterator_destroy(iterator);
    return status == dnnl_iterator_ends ? dnnl_unimplemented : status;
}

#endif

dnnl_status_t okng_dnnl_convolution(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                                    const okng_dnnl_convolution_call *call)
{
    *primitive = NULL;
    dnnl_primitive_attr_t attributes;
    const extras x = {call->sum, call->relu, call->sum_scale, call->sum_type, call->scales, call->channels};
    dnnl_status_t status = create_attributes(&attributes, &x);
    if (status != dnnl_success) return status;
    status = choose_convolution(primitive, engine, call, attributes);
    (void)dnnl_primitive_attr_destroy(attributes);
    return status;
}

dnnl_status_t okng_dnnl_max_pool(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *src,
                                 const okng_md *dst, const okng_dnnl_window *window)
{
    *primitive = NULL;
    dnnl_primitive_attr_t attributes;
    dnnl_status_t status = create_attributes(&attributes, &(extras){0});
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
                                const okng_md *to, float factor)
{
    *primitive = NULL;
    dnnl_primitive_attr_t attributes;
    const extras x = {.scales = factor == 1.0f ? NULL : &factor, .channels = 1};
    dnnl_status_t status = create_attributes(&attributes, &x);
    if (status != dnnl_success) return status;
    status = dnnl_reorder_primitive_desc_create(primitive, desc_of(from), engine, desc_of(to), engine, attributes);
    (void)dnnl_primitive_attr_destroy(attributes);
    return status;
}

/* ---- the CPU ---- */

/* Sets of instructions are sets of bits. Other CPUs than x86 have no such names: there it is up to what oneDNN
 * implements. */
static bool has_isa(dnnl_cpu_isa_t isa)
{
#if defined(__x86_64__)
    return ((unsigned)dnnl_get_effective_cpu_isa() & (unsigned)isa) == (unsigned)isa;
#else
    (void)isa;
    return true;
#endif
}

bool okng_dnnl_has_int8(void)
{
    return has_isa(dnnl_cpu_isa_avx512_core_vnni) || has_isa(dnnl_cpu_isa_avx2_vnni);
}

bool okng_dnnl_has_bf16(void)
{
    return has_isa(dnnl_cpu_isa_avx512_core_bf16);
}
