/* Primitives over values of any rank: an operation descriptor first in 2.x, created at once in 3.x. */
#include <stdlib.h>

#include "base/memory.h"
#include "engine/onednn/compat_desc.h"

/* Attributes without anything beside the operation, for a call that creates *primitive with them. */
#define WITH_ATTRIBUTES(extras, call)                                        \
    do {                                                                     \
        dnnl_primitive_attr_t attributes;                                    \
        dnnl_status_t status_ = okng_dnnl_attributes(&attributes, (extras)); \
        *primitive = NULL;                                                   \
        if (status_ != dnnl_success) return status_;                         \
        status_ = (call);                                                    \
        (void)okng_dnnl.primitive_attr_destroy(attributes);                  \
        return status_;                                                      \
    } while (0)

static const okng_dnnl_extras nothing = {0};

#if DNNL_VERSION_MAJOR >= 3

dnnl_status_t okng_dnnl_matmul(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_dnnl_product *call)
{
    const okng_dnnl_extras extras = {.added = call->added, .curve = call->curve};
    WITH_ATTRIBUTES(&extras, okng_dnnl.matmul_primitive_desc_create(
                                 primitive, engine, okng_md_desc(call->src), okng_md_desc(call->weights),
                                 call->bias ? okng_md_desc(call->bias) : NULL, okng_md_desc(call->dst), attributes));
}

dnnl_status_t okng_dnnl_layer_norm(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *data,
                                   float epsilon)
{
    WITH_ATTRIBUTES(&nothing, okng_dnnl.layer_normalization_forward_primitive_desc_create(
                                  primitive, engine, dnnl_forward_inference, okng_md_desc(data), okng_md_desc(data),
                                  NULL, epsilon, dnnl_use_scale | dnnl_use_shift, attributes));
}

dnnl_status_t okng_dnnl_softmax(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *data, int axis)
{
    WITH_ATTRIBUTES(&nothing, okng_dnnl.softmax_forward_primitive_desc_create(primitive, engine, dnnl_forward_inference,
                                                                              dnnl_softmax_accurate, okng_md_desc(data),
                                                                              okng_md_desc(data), axis, attributes));
}

dnnl_status_t okng_dnnl_eltwise(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *data,
                                okng_dnnl_curve curve)
{
    WITH_ATTRIBUTES(&nothing, okng_dnnl.eltwise_forward_primitive_desc_create(
                                  primitive, engine, dnnl_forward_inference, curve.kind, okng_md_desc(data),
                                  okng_md_desc(data), curve.alpha, 0.0f, attributes));
}

dnnl_status_t okng_dnnl_binary(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, dnnl_alg_kind_t kind,
                               const okng_md *src0, const okng_md *src1)
{
    WITH_ATTRIBUTES(&nothing,
                    okng_dnnl.binary_primitive_desc_create(primitive, engine, kind, okng_md_desc(src0),
                                                           okng_md_desc(src1), okng_md_desc(src0), attributes));
}

dnnl_status_t okng_dnnl_concat(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *const *srcs,
                               int count, int axis, const okng_md *dst)
{
    const_dnnl_memory_desc_t *list = okng_alloc((size_t)count, sizeof *list);
    dnnl_primitive_attr_t attributes;
    *primitive = NULL;
    dnnl_status_t status = list ? okng_dnnl_attributes(&attributes, &nothing) : dnnl_out_of_memory;
    if (status == dnnl_success) {
        for (int i = 0; i < count; i++) list[i] = okng_md_desc(srcs[i]);
        status =
            okng_dnnl.concat_primitive_desc_create(primitive, engine, okng_md_desc(dst), count, axis, list, attributes);
        (void)okng_dnnl.primitive_attr_destroy(attributes);
    }
    free(list);
    return status;
}

#else

static dnnl_status_t create(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const_dnnl_op_desc_t operation,
                            dnnl_status_t described, const okng_dnnl_extras *extras)
{
    *primitive = NULL;
    if (described != dnnl_success) return described;
    WITH_ATTRIBUTES(extras, okng_dnnl.primitive_desc_create(primitive, operation, attributes, engine, NULL));
}

dnnl_status_t okng_dnnl_matmul(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_dnnl_product *call)
{
    const okng_dnnl_extras extras = {.added = call->added, .curve = call->curve};
    dnnl_matmul_desc_t operation;
    dnnl_status_t described =
        okng_dnnl.matmul_desc_init(&operation, okng_md_desc(call->src), okng_md_desc(call->weights),
                                   call->bias ? okng_md_desc(call->bias) : NULL, okng_md_desc(call->dst));
    return create(primitive, engine, &operation, described, &extras);
}

dnnl_status_t okng_dnnl_layer_norm(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *data,
                                   float epsilon)
{
    dnnl_layer_normalization_desc_t operation;
    dnnl_status_t described = okng_dnnl.layer_normalization_forward_desc_init(
        &operation, dnnl_forward_inference, okng_md_desc(data), NULL, epsilon, dnnl_use_scale | dnnl_use_shift);
    return create(primitive, engine, &operation, described, &nothing);
}

dnnl_status_t okng_dnnl_softmax(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *data, int axis)
{
    dnnl_softmax_desc_t operation;
    dnnl_status_t described =
        okng_dnnl.softmax_forward_desc_init(&operation, dnnl_forward_inference, okng_md_desc(data), axis);
    return create(primitive, engine, &operation, described, &nothing);
}

dnnl_status_t okng_dnnl_eltwise(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *data,
                                okng_dnnl_curve curve)
{
    dnnl_eltwise_desc_t operation;
    dnnl_status_t described = okng_dnnl.eltwise_forward_desc_init(&operation, dnnl_forward_inference, curve.kind,
                                                                  okng_md_desc(data), curve.alpha, 0.0f);
    return create(primitive, engine, &operation, described, &nothing);
}

dnnl_status_t okng_dnnl_binary(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, dnnl_alg_kind_t kind,
                               const okng_md *src0, const okng_md *src1)
{
    dnnl_binary_desc_t operation;
    dnnl_status_t described =
        okng_dnnl.binary_desc_init(&operation, kind, okng_md_desc(src0), okng_md_desc(src1), okng_md_desc(src0));
    return create(primitive, engine, &operation, described, &nothing);
}

dnnl_status_t okng_dnnl_concat(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *const *srcs,
                               int count, int axis, const okng_md *dst)
{
    dnnl_memory_desc_t *list = okng_alloc((size_t)count, sizeof *list);
    dnnl_primitive_attr_t attributes;
    *primitive = NULL;
    dnnl_status_t status = list ? okng_dnnl_attributes(&attributes, &nothing) : dnnl_out_of_memory;
    if (status == dnnl_success) {
        for (int i = 0; i < count; i++) list[i] = *okng_md_desc(srcs[i]);
        status =
            okng_dnnl.concat_primitive_desc_create(primitive, okng_md_desc(dst), count, axis, list, attributes, engine);
        (void)okng_dnnl.primitive_attr_destroy(attributes);
    }
    free(list);
    return status;
}

#endif
