/* A compiled network: what compile.c makes of a graph and session.c executes. */
#ifndef OKNG_ENGINE_ONEDNN_PROGRAM_H
#define OKNG_ENGINE_ONEDNN_PROGRAM_H

#include "engine/engine.h"
#include "engine/memory_plan.h"
#include "engine/onednn/compat.h"
#include "net/node.h"

typedef enum okng_place {
    OKNG_PLACE_ARENA = 0, /* blocks[index] of the session's arena */
    OKNG_PLACE_INPUT,     /* the caller's */
    OKNG_PLACE_OUTPUT,    /* the caller's: output number `index` */
    OKNG_PLACE_CONSTANT   /* packed weights: `data`, owned */
} okng_place;

/* A tensor in memory. */
typedef struct okng_buffer {
    okng_md md;
    okng_place place;
    int32_t index;
    float scale; /* of 8-bit numbers: number * scale is the value; 1 for all others */
    void *data;
} okng_buffer;

enum { OKNG_STEP_ARGS = 5 };

/* One primitive and the buffers that it reads and writes. */
typedef struct okng_step {
    dnnl_primitive_t primitive;
    okng_md scratch;
    int threads;      /* the engine's, or 1 where more would change the result */
    okng_value value; /* what it computes; OKNG_NO_VALUE for a copy in another layout */
    int32_t arg_count;
    int32_t args[OKNG_STEP_ARGS];    /* DNNL_ARG_SRC, ... */
    int32_t buffers[OKNG_STEP_ARGS]; /* indices */
} okng_step;

struct okng_engine {
    dnnl_engine_t dnnl;
    int threads;
    okng_buffer *buffers;
    okng_step *steps;
    okng_block *blocks;
    size_t buffer_count, step_count, block_count;
    size_t buffer_capacity, step_capacity, block_capacity;
    size_t arena_bytes, scratch_bytes, value_count;
    int output_count;
};

/* oneDNN takes its number of threads from OpenMP's setting for the calling thread. Sets it, returns what it was. */
int okng_engine_use_threads(int threads);

/* An error for a call of oneDNN that failed: what was being done, to what, and oneDNN's name for the reason. */
okng_status okng_fail_dnnl(okng_error *error, dnnl_status_t status, const char *doing, const char *what);

#define OKNG_TRY_DNNL(call, doing, what)                                                                         \
    do {                                                                                                         \
        dnnl_status_t okng_dnnl_status_ = (call);                                                                \
        if (okng_dnnl_status_ != dnnl_success) return okng_fail_dnnl(error, okng_dnnl_status_, (doing), (what)); \
    } while (0)

#endif
