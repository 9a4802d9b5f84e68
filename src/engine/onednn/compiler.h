/* The compiler's state, and what its parts offer each other: from a graph's nodes to steps over buffers. */
#ifndef OKNG_ENGINE_ONEDNN_COMPILER_H
#define OKNG_ENGINE_ONEDNN_COMPILER_H

#include "engine/onednn/compiled.h"
#include "net/node.h"

typedef struct okng_compiler {
    okng_compiled *compiled;
    okng_plan *plan; /* what is being made */
    const okng_graph *graph;
    const okng_weights *weights; /* NULL where the packed ones are to be used */
    okng_naming naming;          /* of those weights */
    int32_t *values;             /* per value: the buffer that holds it */
    okng_value *roots;           /* per value: the one whose memory it is seen in, itself as a rule */
    int32_t *last_reads;         /* per root: the last node that reads it, under any name */
    bool *precise;               /* per value: somebody reads it who wants float32 */
    float *folded;               /* room for the weights of one node at a time */
    size_t folded_bytes;
    okng_error *error;
} okng_compiler;

/* ---- buffers.c ---- */
okng_buffer *okng_compiler_buffer(const okng_compiler *c, int32_t index);
/* Adds an empty buffer; its index goes to *index. */
okng_status okng_compiler_add_buffer(okng_compiler *c, okng_place place, int32_t place_index, int32_t *index);
/* Another view of a buffer's memory: of an arena's block for a primitive that overwrites it in place, or of the same
 * numbers otherwise laid out. */
okng_status okng_compiler_share(okng_compiler *c, int32_t buffer, const okng_md *md, float scale, int32_t *index);
/* What is kept of a node: *fresh where it has just been given memory, which the caller fills. */
okng_status okng_compiler_constant(okng_compiler *c, okng_value value, okng_constant_kind kind, const okng_md *md,
                                   int32_t *index, bool *fresh);
/* The layout in which a plan before this one keeps it; NULL for none. */
const okng_md *okng_compiler_kept(const okng_compiler *c, okng_value value, okng_constant_kind kind);
/* The same for `floats` of them in a row. */
okng_status okng_compiler_constant_line(okng_compiler *c, okng_value value, okng_constant_kind kind, size_t floats,
                                        int32_t *index, bool *fresh);
okng_status okng_compiler_line_md(okng_md *md, size_t floats, const char *name, okng_error *error);
/* A constant of this plan alone, with memory that the caller fills. */
okng_status okng_compiler_add_constant(okng_compiler *c, const okng_md *md, int32_t *index);
/* The dimensions of a value for all pictures of the plan. */
okng_shape okng_compiler_shape(const okng_compiler *c, okng_value value);
/* Row-major. */
okng_status okng_compiler_plain_md(okng_md *md, const okng_shape *shape, dnnl_data_type_t type, const char *name,
                                   okng_error *error);
/* A buffer with a block of its own in the arena, alive from the step that comes next. */
okng_status okng_compiler_add_arena(okng_compiler *c, const okng_md *md, float scale, int32_t *index);
/* Room for the weights of one node, `bytes` of them in c->folded. */
okng_status okng_compiler_reserve(okng_compiler *c, size_t bytes);

/* ---- layouts.c ---- */
/* The buffer that holds `value` in the layout and with the scale that a primitive wants: the one that there is, or a
 * reordered copy, which later readers of the value then find too. */
okng_status okng_compiler_in_layout(okng_compiler *c, okng_value value, const okng_md *wanted, float scale,
                                    int32_t *out);
/* The buffer that holds a value row-major, of that type; a copy where it is not so. */
okng_status okng_compiler_plain(okng_compiler *c, okng_value value, dnnl_data_type_t type, int32_t *index);
okng_status okng_compiler_channels_last_md(const okng_compiler *c, okng_value value, okng_md *md);
/* The buffer that holds a map as float32 with channels last, likewise. */
okng_status okng_compiler_channels_last(okng_compiler *c, okng_value value, int32_t *index);
bool okng_compiler_is_output(const okng_compiler *c, okng_value value);
/* Where the result of `value` goes, in layout `md` with `scale`: straight to the caller where it is asked for and the
 * layout is the caller's. */
okng_status okng_compiler_add_result(okng_compiler *c, okng_value value, const okng_md *md, float scale,
                                     int32_t *index);
/* The same, row-major of the value's shape; into c->values too. */
okng_status okng_compiler_add_plain_result(okng_compiler *c, okng_value value, dnnl_data_type_t type);
/* The same, a map with channels last. */
okng_status okng_compiler_add_channels_last_result(okng_compiler *c, okng_value value);
/* After the step that made `value`: the copy for the caller, where it is asked for and not yet there. */
okng_status okng_compiler_finish_result(okng_compiler *c, okng_value value);

/* ---- steps.c ---- */
/* Appends the primitive of `descriptor`, with its bindings (one with an arg of 0 is left out). value: what it computes,
 * or OKNG_NO_VALUE. */
okng_status okng_compiler_add_step(okng_compiler *c, const_dnnl_primitive_desc_t descriptor,
                                   const okng_binding *bindings, int32_t count, okng_value value, const char *name);
/* The same for one of ours, which is the plan's from here on, whatever comes of it; DNNL_ARG_DST is the result's. */
okng_status okng_compiler_add_work(okng_compiler *c, okng_work *work, const okng_binding *bindings, int32_t count,
                                   okng_value value);
/* The same for a copy of `model`. */
okng_status okng_compiler_add_own(okng_compiler *c, const okng_work *model, const okng_binding *bindings, int32_t count,
                                  okng_value value);
okng_status okng_compiler_add_reorder(okng_compiler *c, int32_t from, int32_t to, const char *name);

/* ---- settings.c: a node's settings in oneDNN's words ---- */
okng_dnnl_window okng_compiler_window(const okng_node *node);
okng_dnnl_curve okng_compiler_curve(okng_op activation);

/* ---- operators: from a node to its steps ---- */
okng_status okng_compile_input(okng_compiler *c, okng_value value);
okng_status okng_compile_constant(okng_compiler *c, okng_value value);
okng_status okng_compile_convolution(okng_compiler *c, okng_value value);
okng_status okng_compile_gathered(okng_compiler *c, okng_value value, const okng_gathered_map *map);
okng_status okng_compile_winograd(okng_compiler *c, okng_value value, const okng_winograd_map *map);
okng_status okng_compile_max_pool(okng_compiler *c, okng_value value);
okng_status okng_compile_curve(okng_compiler *c, okng_value value);
okng_status okng_compile_binary(okng_compiler *c, okng_value value);
okng_status okng_compile_linear(okng_compiler *c, okng_value value);
okng_status okng_compile_linear_map(okng_compiler *c, okng_value value, const okng_linear_map *map);
okng_status okng_compile_matmul(okng_compiler *c, okng_value value);
okng_status okng_compile_layer_norm(okng_compiler *c, okng_value value);
okng_status okng_compile_softmax(okng_compiler *c, okng_value value);
okng_status okng_compile_attention(okng_compiler *c, okng_value value);
okng_status okng_compile_embedding(okng_compiler *c, okng_value value);
okng_status okng_compile_concat(okng_compiler *c, okng_value value);
okng_status okng_compile_slice(okng_compiler *c, okng_value value);
okng_status okng_compile_transpose(okng_compiler *c, okng_value value);
okng_status okng_compile_reshape(okng_compiler *c, okng_value value);

#endif
