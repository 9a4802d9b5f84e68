#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/onednn/program.h"

struct okng_engine_session {
    const okng_engine *engine;
    dnnl_stream_t stream;
    void *arena, *scratch;
    dnnl_memory_t *memories;         /* per buffer */
    dnnl_memory_t *scratch_memories; /* per step; all over the same bytes */
};

/* Activations and scratch may be as large as the machine, not larger: the kernel would kill the process later, without
 * a word. */
static okng_status check_room(const okng_engine *engine, okng_error *error)
{
    size_t bytes;
    uint64_t limit = okng_memory_total();
    if (okng_add_size(engine->arena_bytes, engine->scratch_bytes, &bytes) && bytes <= limit) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT,
                     "the network needs %zu MiB for activations at this input size, the machine has %llu MiB; use a "
                     "smaller resize",
                     engine->arena_bytes >> 20, (unsigned long long)(limit >> 20));
}

static okng_status create_memories(okng_engine_session *s, okng_error *error)
{
    const okng_engine *e = s->engine;
    for (size_t i = 0; i < e->buffer_count; i++) {
        const okng_buffer *buffer = &e->buffers[i];
        void *data = NULL; /* the caller's memory comes with each run */
        if (buffer->place == OKNG_PLACE_ARENA) data = (char *)s->arena + e->blocks[buffer->index].offset;
        if (buffer->place == OKNG_PLACE_CONSTANT) data = buffer->data;
        OKNG_TRY_DNNL(okng_dnnl_memory(&s->memories[i], &buffer->md, e->dnnl, data), "create", "a memory object");
    }
    for (size_t i = 0; i < e->step_count; i++)
        OKNG_TRY_DNNL(okng_dnnl_memory(&s->scratch_memories[i], &e->steps[i].scratch, e->dnnl, s->scratch), "create",
                      "a memory object");
    return OKNG_OK;
}

static okng_status open_session(okng_engine_session *s, okng_error *error)
{
    const okng_engine *e = s->engine;
    OKNG_TRY(check_room(e, error));
    s->arena = okng_alloc(1, e->arena_bytes);
    s->scratch = okng_alloc(1, e->scratch_bytes);
    s->memories = okng_alloc_zero(e->buffer_count, sizeof(dnnl_memory_t));
    s->scratch_memories = okng_alloc_zero(e->step_count, sizeof(dnnl_memory_t));
    if (!s->arena || !s->scratch || !s->memories || !s->scratch_memories)
        return okng_fail_memory(error, e->arena_bytes + e->scratch_bytes);
    OKNG_TRY_DNNL(dnnl_stream_create(&s->stream, e->dnnl, dnnl_stream_default_flags), "create", "a stream");
    return create_memories(s, error);
}

okng_status okng_engine_session_new(okng_engine_session **out, const okng_engine *engine, okng_error *error)
{
    *out = NULL;
    okng_engine_session *session = calloc(1, sizeof *session);
    if (!session) return okng_fail_memory(error, sizeof *session);
    session->engine = engine;
    okng_status status = open_session(session, error);
    if (status == OKNG_OK)
        *out = session;
    else
        okng_engine_session_free(&session);
    return status;
}

static void free_memories(dnnl_memory_t *memories, size_t count)
{
    for (size_t i = 0; memories && i < count; i++)
        if (memories[i]) (void)dnnl_memory_destroy(memories[i]);
    free(memories);
}

void okng_engine_session_free(okng_engine_session **session)
{
    if (!session || !*session) return;
    okng_engine_session *s = *session;
    free_memories(s->memories, s->engine->buffer_count);
    free_memories(s->scratch_memories, s->engine->step_count);
    if (s->stream) (void)dnnl_stream_destroy(s->stream);
    free(s->arena);
    free(s->scratch);
    free(s);
    *session = NULL;
}

/* Points input and outputs at the caller's memory. */
static okng_status bind(okng_engine_session *s, const float *input, float *const *outputs, okng_error *error)
{
    const okng_engine *e = s->engine;
    for (size_t i = 0; i < e->buffer_count; i++) {
        const okng_buffer *buffer = &e->buffers[i];
        void *data = NULL;
        if (buffer->place == OKNG_PLACE_INPUT) data = (void *)(uintptr_t)input; /* only ever a source */
        if (buffer->place == OKNG_PLACE_OUTPUT) data = outputs[buffer->index];
        if (data) OKNG_TRY_DNNL(dnnl_memory_set_data_handle(s->memories[i], data), "use", "the caller's memory");
    }
    return OKNG_OK;
}

/* The largest magnitude in what a step wrote, float32. */
static okng_status observe_step(const okng_engine_session *s, const okng_step *step, float *ranges, okng_error *error)
{
    const okng_engine *e = s->engine;
    if (step->value == OKNG_NO_VALUE) return OKNG_OK;
    for (int32_t k = 0; k < step->arg_count; k++) {
        if (step->args[k] != DNNL_ARG_DST) continue;
        const okng_buffer *buffer = &e->buffers[step->buffers[k]];
        void *data;
        OKNG_TRY_DNNL(dnnl_memory_get_data_handle(s->memories[step->buffers[k]], &data), "look at", "a result");
        size_t count = okng_md_bytes(&buffer->md) / sizeof(float);
        for (size_t i = 0; i < count; i++) ranges[step->value] = fmaxf(ranges[step->value], fabsf(((float *)data)[i]));
    }
    return OKNG_OK;
}

/* ranges: NULL, or where to note the largest magnitudes. */
static okng_status execute(okng_engine_session *s, float *ranges, okng_error *error)
{
    const okng_engine *e = s->engine;
    for (size_t i = 0; i < e->step_count; i++) {
        const okng_step *step = &e->steps[i];
        dnnl_exec_arg_t args[OKNG_STEP_ARGS + 1];
        for (int32_t k = 0; k < step->arg_count; k++)
            args[k] = (dnnl_exec_arg_t){step->args[k], s->memories[step->buffers[k]]};
        (void)okng_engine_use_threads(step->threads);
        args[step->arg_count] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, s->scratch_memories[i]};
        OKNG_TRY_DNNL(dnnl_primitive_execute(step->primitive, s->stream, step->arg_count + 1, args), "run",
                      "a layer of the network");
        if (ranges) OKNG_TRY(observe_step(s, step, ranges, error));
    }
    OKNG_TRY_DNNL(dnnl_stream_wait(s->stream), "run", "the network");
    return OKNG_OK;
}

okng_status okng_engine_observe(okng_engine_session *session, const float *input, float *const *outputs, float *ranges,
                                okng_error *error)
{
    OKNG_TRY(bind(session, input, outputs, error));
    int before = okng_engine_use_threads(session->engine->threads); /* execute sets it for each step */
    okng_status status = execute(session, ranges, error);
    (void)okng_engine_use_threads(before);
    return status;
}

okng_status okng_engine_run(okng_engine_session *session, const float *input, float *const *outputs, okng_error *error)
{
    return okng_engine_observe(session, input, outputs, NULL, error);
}
