/* The compiler's state, and what its parts offer each other: from a graph's nodes to steps over buffers. */
#ifndef OKNG_ENGINE_ONEDNN_COMPILER_H
#define OKNG_ENGINE_ONEDNN_COMPILER_H

#include "engine/onednn/program.h"
#include "net/node.h"

typedef struct okng_compiler {
    okng_engine *engine;
    const okng_engine_options *options;
    const okng_graph *graph;
    const okng_weights *weights;
    const char *prefix;
    int32_t *values;     /* per value: the buffer that holds it */
    int32_t *last_reads; /* per value: the last node that reads it */
    float *folded;       /* room for the weights of one convolution at a time */
    size_t folded_bytes;
    okng_error *error;
} okng_compiler;

typedef struct okng_binding {
    int32_t arg, buffer; /* an arg of 0 is left out */
} okng_binding;

/* ---- buffers.c ---- */
okng_buffer *okng_compiler_buffer(const okng_compiler *c, int32_t index);
/* Adds an empty buffer; its index goes to *index. */
okng_status okng_compiler_add_buffer(okng_compiler *c, okng_place place, int32_t place_index, int32_t *index);
/* Another view of an arena buffer's block, for a primitive that overwrites it in place. */
okng_status okng_compiler_share_block(okng_compiler *c, int32_t buffer, const okng_md *md, float scale, int32_t *index);
/* One of packed numbers, with memory of its own. */
okng_status okng_compiler_add_constant(okng_compiler *c, const okng_md *md, int32_t *index);
/* Where the result of `value` goes, in layout `md` with `scale`: straight to the caller where it is asked for and the
 * layout is the caller's. */
okng_status okng_compiler_add_result(okng_compiler *c, okng_value value, const okng_md *md, float scale,
                                     int32_t *index);
/* After the step that made `value`: the copy for the caller, where it is asked for and not yet there. */
okng_status okng_compiler_finish_result(okng_compiler *c, okng_value value);
/* Appends the primitive of `descriptor`, with its bindings. value: what it computes, or OKNG_NO_VALUE. */
okng_status okng_compiler_add_step(okng_compiler *c, const_dnnl_primitive_desc_t descriptor,
                                   const okng_binding *bindings, int32_t count, okng_value value, const char *name);
okng_status okng_compiler_add_reorder(okng_compiler *c, int32_t from, int32_t to, const char *name);
/* The buffer that holds `value` in the layout and with the scale that a primitive wants: the one that there is, or a
 * reordered copy, which later readers of the value then find too. */
okng_status okng_compiler_in_layout(okng_compiler *c, okng_value value, const okng_md *wanted, float scale,
                                    int32_t *out);
bool okng_compiler_is_output(const okng_compiler *c, okng_value value);

/* ---- compile.c ---- */
okng_dnnl_window okng_compiler_window(const okng_node *node);

/* ---- convolution.c ---- */
okng_status okng_compile_convolution(okng_compiler *c, okng_value value);

#endif
