/* oneDNN 2.x and 3.x behind one small interface: all that differs between them is in compat.c. Functions
 * return oneDNN's status; on failure their output is zeroed and needs no release. */
#ifndef OKNG_ENGINE_ONEDNN_COMPAT_H
#define OKNG_ENGINE_ONEDNN_COMPAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/onednn/guard.h"

/* A memory descriptor: shape, type and layout of a tensor. Zeroed is empty. Release with okng_md_free. */
typedef struct okng_md {
    dnnl_memory_desc_t desc;
} okng_md;

enum { OKNG_MD_MAX_DIMS = 5 };

/* Of a known layout, or of one for oneDNN to choose (dnnl_format_tag_any). */
dnnl_status_t okng_md_new(okng_md *md, const int64_t *dims, int ndims, dnnl_data_type_t type, dnnl_format_tag_t tag);
/* A copy of a primitive's source, weights, destination or scratchpad descriptor. */
dnnl_status_t okng_md_of(okng_md *md, const_dnnl_primitive_desc_t primitive, dnnl_query_t what);
dnnl_status_t okng_md_copy(okng_md *md, const okng_md *from);
/* Strides in elements, one per dimension. */
dnnl_status_t okng_md_strided(okng_md *md, const int64_t *dims, const int64_t *strides, int ndims,
                              dnnl_data_type_t type);
/* The same numbers in memory with other dimensions; fails where the layout does not allow it. */
dnnl_status_t okng_md_reshape(okng_md *md, const okng_md *from, const int64_t *dims, int ndims);
/* Axis i of `from` becomes axis places[i]. */
dnnl_status_t okng_md_permute(okng_md *md, const okng_md *from, const int *places);
/* The part of `dims` that begins at `offsets`; fails where the layout does not allow it. */
dnnl_status_t okng_md_part(okng_md *md, const okng_md *from, const int64_t *dims, const int64_t *offsets);
void okng_md_free(okng_md *md);
bool okng_md_equal(const okng_md *a, const okng_md *b);
size_t okng_md_bytes(const okng_md *md);
/* A number for shape, type and layout, the same in every process; 0 where oneDNN does not show the layout (3.x, and
 * those that have no name). */
uint64_t okng_md_digest(const okng_md *md);
dnnl_data_type_t okng_md_type(const okng_md *md);

/* A memory object over memory that the caller owns. */
dnnl_status_t okng_dnnl_memory(dnnl_memory_t *memory, const okng_md *md, dnnl_engine_t engine, void *data);

/* A function of each element: dnnl_eltwise_relu (alpha 0), gelu_erf, swish, linear (alpha x) ...; zeroed is none. */
typedef struct okng_dnnl_curve {
    dnnl_alg_kind_t kind;
    float alpha;
} okng_dnnl_curve;

/* What a primitive is to do: forward inference, float32 sums, the caller's scratchpad. */
typedef struct okng_dnnl_window {
    dnnl_dims_t kernel, strides, padding; /* height, width */
} okng_dnnl_window;

/* Which implementations of a convolution will do. */
typedef enum okng_dnnl_choice {
    OKNG_DNNL_ANY = 0,     /* oneDNN's own choice */
    OKNG_DNNL_REPRODUCIBLE /* the result does not depend on the number of threads */
} okng_dnnl_choice;

/* dst = curve(scales * conv(src) + bias + sum_scale * dst), the sum and the curve where asked. */
typedef struct okng_dnnl_convolution_call {
    const okng_md *src, *weights, *bias, *dst;
    okng_dnnl_window window;
    bool sum;
    okng_dnnl_curve curve;
    float sum_scale;
    dnnl_data_type_t sum_type; /* how the sum reads dst: its own type, or 8 bits with a sign */
    const float *scales; /* per output channel, NULL for none; okng_dnnl_bias and OKNG_DNNL_ARG_SCALES go with it */
    int64_t channels;
    okng_dnnl_choice choice;
} okng_dnnl_convolution_call;

/* Per output channel, what the bias must hold so that `bias` is added after the scale: 2.x scales the bias too. */
float okng_dnnl_bias(float bias, float scale);

/* 3.x takes scales as arguments of a run, 2.x when the primitive is made: 0 there. */
#if DNNL_VERSION_MAJOR >= 3
#define OKNG_DNNL_ARG_SCALES (DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS)
#define OKNG_DNNL_ARG_REORDER_SCALE (DNNL_ARG_ATTR_SCALES | DNNL_ARG_FROM)
#else
#define OKNG_DNNL_ARG_SCALES 0
#define OKNG_DNNL_ARG_REORDER_SCALE 0
#endif

/* dnnl_unimplemented when no implementation of the choice has these shapes. */
dnnl_status_t okng_dnnl_convolution(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine,
                                    const okng_dnnl_convolution_call *call);
dnnl_status_t okng_dnnl_max_pool(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *src,
                                 const okng_md *dst, const okng_dnnl_window *window);
/* to = factor * from; a factor other than 1 goes with OKNG_DNNL_ARG_REORDER_SCALE. */
dnnl_status_t okng_dnnl_reorder(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *from,
                                const okng_md *to, float factor);

/* dst = curve(src weights + bias + added) for src [M, K], weights [K, N], bias [1, N]; bias and added (the second
 * operand of OKNG_DNNL_ARG_ADDED) may be NULL. */
typedef struct okng_dnnl_product {
    const okng_md *src, *weights, *bias, *added, *dst;
    okng_dnnl_curve curve;
} okng_dnnl_product;
#define OKNG_DNNL_ARG_ADDED (DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1)
dnnl_status_t okng_dnnl_matmul(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_dnnl_product *call);

/* Over the last axis of src and dst, which are laid out alike; DNNL_ARG_SCALE and DNNL_ARG_SHIFT go with the norm. */
dnnl_status_t okng_dnnl_layer_norm(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *data,
                                   float epsilon);
dnnl_status_t okng_dnnl_softmax(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *data, int axis);
dnnl_status_t okng_dnnl_eltwise(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *data,
                                okng_dnnl_curve curve);
/* kind: dnnl_binary_add or dnnl_binary_mul; src1 has src0's dimensions or 1. dst is laid out as src0. */
dnnl_status_t okng_dnnl_binary(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, dnnl_alg_kind_t kind,
                               const okng_md *src0, const okng_md *src1);
/* srcs: `count` of them. */
dnnl_status_t okng_dnnl_concat(dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const okng_md *const *srcs,
                               int count, int axis, const okng_md *dst);

/* The limit that is none. */
#if DNNL_VERSION_MAJOR >= 3
#define OKNG_DNNL_ISA_ALL dnnl_cpu_isa_default
#else
#define OKNG_DNNL_ISA_ALL dnnl_cpu_isa_all
#endif

/* Whether this CPU multiplies 8-bit numbers, or bfloat16, with instructions of their own. */
bool okng_dnnl_has_int8(void);
bool okng_dnnl_has_bf16(void);
/* With these it has Winograd's transform, and makes kernels in sets. */
bool okng_dnnl_has_avx512(void);

#endif
