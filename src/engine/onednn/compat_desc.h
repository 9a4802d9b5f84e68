/* Descriptors as oneDNN's functions take them: by pointer to the struct in 2.x, by handle in 3.x. For compat*.c only.
 */
#ifndef OKNG_ENGINE_ONEDNN_COMPAT_DESC_H
#define OKNG_ENGINE_ONEDNN_COMPAT_DESC_H

#include "engine/onednn/compat.h"

#if DNNL_VERSION_MAJOR >= 3
static inline const_dnnl_memory_desc_t okng_md_desc(const okng_md *md)
{
    return md->desc;
}
#else
static inline const dnnl_memory_desc_t *okng_md_desc(const okng_md *md)
{
    return &md->desc;
}
#endif

/* What a primitive does beside its operation; zeroed is nothing. */
typedef struct okng_dnnl_extras {
    bool sum;
    float sum_scale;
    dnnl_data_type_t sum_type;
    const okng_md *added;  /* a second operand that is added, DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) */
    okng_dnnl_curve curve; /* comes last */
    const float *scales;   /* NULL: none; `channels` of them, or 1 for a reorder */
    int64_t channels;
} okng_dnnl_extras;

/* The caller destroys it; NULL after a failure. */
dnnl_status_t okng_dnnl_attributes(dnnl_primitive_attr_t *attributes, const okng_dnnl_extras *extras);

#endif
