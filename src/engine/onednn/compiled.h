/* A compiled network: what compile.c makes of a graph and session.c executes. */
#ifndef OKNG_ENGINE_ONEDNN_COMPILED_H
#define OKNG_ENGINE_ONEDNN_COMPILED_H

#include "engine/engine.h"
#include "engine/memory_plan.h"
#include "engine/onednn/compat.h"
#include "engine/onednn/kept.h"
#include "engine/onednn/work.h"
#include "net/node.h"

typedef enum okng_place {
    OKNG_PLACE_ARENA = 0, /* blocks[index] of the session's arena */
    OKNG_PLACE_INPUT,     /* the caller's: input number `index` */
    OKNG_PLACE_OUTPUT,    /* the caller's: output number `index` */
    OKNG_PLACE_CONSTANT   /* `data` */
} okng_place;

/* A tensor in memory. */
typedef struct okng_buffer {
    okng_md md;
    okng_place place;
    int32_t index;
    float scale; /* of 8-bit numbers: number * scale is the value; 1 for all others */
    void *data;
    bool owned; /* data is this buffer's, not the compiled network's */
} okng_buffer;

/* Argument DNNL_ARG_SRC, ... of a primitive, and the buffer for it. */
typedef struct okng_binding {
    int32_t arg, buffer;
} okng_binding;

/* One primitive, or one work of ours, and the buffers that it reads and writes. */
typedef struct okng_step {
    dnnl_primitive_t primitive; /* NULL for a work */
    okng_work *work;
    okng_md scratch;
    int threads;      /* the engine's, or 1 where more would change the result */
    okng_value value; /* what it computes; OKNG_NO_VALUE for a copy in another layout */
    int32_t arg_count;
    okng_binding *args; /* a work's are in the order that it wants */
} okng_step;

/* All steps for so many pictures at once. */
typedef struct okng_plan {
    int64_t batch;
    okng_buffer *buffers;
    okng_step *steps;
    okng_block *blocks;
    size_t buffer_count, step_count, block_count;
    size_t buffer_capacity, step_capacity, block_capacity;
    size_t arena_bytes, scratch_bytes;
} okng_plan;

/* What of a node's parameters is kept, packed as its primitives want it. */
typedef enum okng_constant_kind {
    OKNG_CONSTANT_WEIGHTS = 0, /* or the value of a CONSTANT, or the scale of a norm */
    OKNG_CONSTANT_BIAS,        /* or the shift of a norm */
    OKNG_CONSTANT_SCALES,      /* of int8 */
    OKNG_CONSTANT_KINDS
} okng_constant_kind;

typedef struct okng_constant {
    okng_md md;
    void *data;    /* NULL until it is made */
    bool borrowed; /* it is another compiled network's */
    bool shared;   /* it is okng_constant_share's */
} okng_constant;

/* What was chosen for a convolution of one picture, and holds for any number of them. */
typedef struct okng_convolution_choice {
    okng_dnnl_choice choice;
    int32_t merge; /* groups that become one */
} okng_convolution_choice;

typedef struct okng_compiled {
    dnnl_engine_t dnnl;
    okng_graph *graph; /* a copy */
    int threads;
    okng_precision precision;
    bool winograd;
    okng_pixel_table *pixels;         /* what the input's bytes stand for; NULL: it is made of numbers */
    float *ranges;                    /* a copy, or NULL */
    okng_constant *constants;         /* OKNG_CONSTANT_KINDS per node */
    okng_convolution_choice *choices; /* per node */
    okng_plan *single;                /* for one picture: weights are packed as it wants them */
    const okng_kept *kept;            /* where constants come from; NULL: they are made */
} okng_compiled;

/* ---- compile.c ---- */

/* The steps for `batch` pictures. weights: NULL once a plan has been made, whose packed weights are then used.
 * UNSUPPORTED where no primitive for so many takes them as they are. */
okng_status okng_plan_new(okng_plan **out, okng_compiled *compiled, const okng_weights *weights, int64_t batch,
                          okng_error *error);
void okng_plan_free(okng_plan **plan);

/* ---- linear_steps.c ---- */

/* Whether a linear map goes by kernels of ours, and how for so many pictures. */
bool okng_linear_map_of_node(okng_linear_map *map, const okng_compiled *compiled, const okng_graph *graph,
                             const okng_node *node, int64_t batch);

/* ---- own_convolution.c ---- */

/* Whether a convolution goes by kernels of ours, and how for so many pictures. */
bool okng_gathered_map_of_node(okng_gathered_map *map, const okng_compiled *compiled, const okng_graph *graph,
                               const okng_node *node, int64_t batch);
/* Whether it goes by Winograd's transform, which is asked first. By the shape of one picture alone, never by a
 * measurement: the bits must not depend on it. */
bool okng_winograd_map_of_node(okng_winograd_map *map, const okng_compiled *compiled, const okng_graph *graph,
                               const okng_node *node, int64_t batch);
/* Whether the first layers can read the graph's input as bytes. */
bool okng_may_read_pixels(const okng_compiled *compiled, const okng_graph *graph);

/* ---- common.c ---- */

/* "oneDNN 2.6.3"; static. */
const char *okng_dnnl_version_text(void);
/* oneDNN takes its number of threads from OpenMP's setting for the calling thread. Sets it, returns what it was. */
int okng_dnnl_use_threads(int threads);
/* Sets it back to what that returned: the thread may be the host's, which has loops of its own. */
void okng_dnnl_leave_threads(int before);
/* How many threads OpenMP has for the calling thread, itself among them: the one that starts some says so here. */
int *okng_dnnl_team(void);
/* An error for a call of oneDNN that failed: what was being done, to what, and oneDNN's name for the reason. */
okng_status okng_fail_dnnl(okng_error *error, dnnl_status_t status, const char *doing, const char *what);

#define OKNG_TRY_DNNL(call, doing, what)                                                                         \
    do {                                                                                                         \
        dnnl_status_t okng_dnnl_status_ = (call);                                                                \
        if (okng_dnnl_status_ != dnnl_success) return okng_fail_dnnl(error, okng_dnnl_status_, (doing), (what)); \
    } while (0)

/* ---- session.c: the rows `session`, `session_free` and `run` of the table of engines ---- */
okng_status okng_onednn_session(void **session, const void *compiled, int64_t batch, okng_error *error);
void okng_onednn_session_free(void *session);
okng_status okng_onednn_run(void *session, const void *const *inputs, float *const *outputs, float *ranges,
                            okng_error *error);

#endif
