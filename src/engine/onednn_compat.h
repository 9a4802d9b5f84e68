/* oneDNN 2.x and 3.x behind one small interface: all that differs between them is in onednn_compat.c. Functions
 * return oneDNN's status; on failure their output is zeroed and needs no release. */
#ifndef OKNG_ENGINE_ONEDNN_COMPAT_H
#define OKNG_ENGINE_ONEDNN_COMPAT_H

#include <dnnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A memory descriptor: shape and layout of a float32 tensor. Zeroed is empty. Release with okng_md_free. */
typedef struct okng_md {
    dnnl_memory_desc_t desc;
} okng_md;

enum { OKNG_MD_MAX_DIMS = 5 };

/* Of a known layout, or of one for oneDNN to choose (dnnl_format_tag_any). */
dnnl_status_t okng_md_new(okng_md *md, const int64_t *dims, int ndims, dnnl_format_tag_t tag);
/* A copy of a primitive's source, weights, destination or scratchpad descriptor. */
dnnl_status_t okng_md_of(okng_md *md, const_dnnl_primitive_desc_t primitive, dnnl_query_t what);
dnnl_status_t okng_md_copy(okng_md *md, const okng_md *from);
void okng_md_free(okng_md *md);
bool okng_md_equal(const okng_md *a, const okng_md *b);
size_t okng_md_bytes(const okng_md *md);

/* A memory object over memory that the caller owns. */
dnnl_status_t okng_dnnl_memory(dnnl_memory_t *memory, const okng_md *md, dnnl_engine_t engine, void *data);

/* What a primitive is to do: forward inference, float32, the caller's scratchpad. */
typedef struct okng_dnnl_window {
    dnnl_dims_t kernel, strides, padding; /* height, width */
} okng_dnnl_window;

/* dst = relu(conv(src) + bias + dst), the sum and the ReLU where asked. reproducible: only an implementation whose
 * result does not depend on the number of threads; dnnl_unimplemented when there is none for these shapes. */
dnnl_status_t okng_dnnl_convolution(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *src,
                                    const okng_md *weights, const okng_md *bias, const okng_md *dst,
                                    const okng_dnnl_window *window, bool sum, bool relu, bool reproducible);
dnnl_status_t okng_dnnl_max_pool(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *src,
                                 const okng_md *dst, const okng_dnnl_window *window);
dnnl_status_t okng_dnnl_reorder(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *from,
                                const okng_md *to);

#endif
