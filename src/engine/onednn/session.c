#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/onednn/needs.h"

typedef struct session {
    const okng_compiled *compiled;
    const okng_plan *plan;
    okng_plan *own; /* the plan, where it is not the compiled network's */
    size_t promise; /* bytes that it will touch and has not yet */
    int64_t rounds; /* runs of the plan, one after the other: one for all pictures, or one each */
    void *arena, *scratch;
    void **data; /* per buffer */
    dnnl_stream_t stream;
    dnnl_memory_t *memories;         /* per buffer */
    dnnl_memory_t *scratch_memories; /* per step that is a primitive; all over the same bytes */
    okng_hands **hands;              /* per step that is a work: one for each of its threads */
} session;

/* ---- opening ---- */

/* Activations and scratch may be as large as the machine, not larger: the kernel would kill the process later, without
 * a word. */
static okng_status check_room(const okng_plan *plan, okng_error *error)
{
    size_t bytes;
    uint64_t limit = okng_memory_total();
    if (okng_add_size(plan->arena_bytes, plan->scratch_bytes, &bytes) && bytes <= limit) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT,
                     "the network needs %zu MiB for activations at this input size, the machine has %llu MiB; use a "
                     "smaller resize",
                     plan->arena_bytes >> 20, (unsigned long long)(limit >> 20));
}

/* One plan for all pictures, or, where their weights would have to be packed otherwise for that, one picture's. */
static okng_status choose_plan(session *s, int64_t batch, okng_error *error)
{
    s->plan = s->compiled->single;
    s->rounds = batch;
    if (batch == 1) return OKNG_OK;
    okng_error why = {0};
    /* nothing of the compiled network is written: all weights are there */
    okng_status status = okng_plan_new(&s->own, (okng_compiled *)(uintptr_t)s->compiled, NULL, batch, &why);
    if (status == OKNG_ERROR_UNSUPPORTED) return OKNG_OK;
    if (status != OKNG_OK && error) *error = why;
    s->plan = s->own;
    s->rounds = 1;
    return status;
}

static okng_status create_memories(session *s, okng_error *error)
{
    const okng_plan *p = s->plan;
    for (size_t i = 0; i < p->buffer_count; i++) {
        const okng_buffer *buffer = &p->buffers[i];
        /* the caller's memory comes with each run */
        if (buffer->place == OKNG_PLACE_ARENA) s->data[i] = (char *)s->arena + p->blocks[buffer->index].offset;
        if (buffer->place == OKNG_PLACE_CONSTANT) s->data[i] = buffer->data;
        OKNG_TRY_DNNL(okng_dnnl_memory(&s->memories[i], &buffer->md, s->compiled->dnnl, s->data[i]), "create",
                      "a memory object");
    }
    return OKNG_OK;
}

static okng_status open_step(session *s, size_t i, okng_error *error)
{
    const okng_step *step = &s->plan->steps[i];
    if (!step->work) {
        OKNG_TRY_DNNL(okng_dnnl_memory(&s->scratch_memories[i], &step->scratch, s->compiled->dnnl, s->scratch),
                      "create", "a memory object");
        return OKNG_OK;
    }
    s->hands[i] = okng_alloc_zero((size_t)step->threads, sizeof **s->hands);
    if (!s->hands[i]) return okng_fail_memory(error, (size_t)step->threads * sizeof **s->hands);
    for (int k = 0; k < step->threads; k++)
        OKNG_TRY_DNNL(okng_hands_open(&s->hands[i][k], step->work, s->compiled->dnnl), "create", "memory objects");
    return OKNG_OK;
}

static okng_status open_session(session *s, int64_t batch, okng_error *error)
{
    OKNG_TRY(choose_plan(s, batch, error));
    const okng_plan *p = s->plan;
    OKNG_TRY(check_room(p, error));
    OKNG_TRY(okng_prove_session(s->compiled, p, &s->promise, error));
    s->arena = okng_alloc(1, p->arena_bytes);
    s->scratch = okng_alloc(1, p->scratch_bytes);
    s->data = okng_alloc_zero(p->buffer_count, sizeof *s->data);
    s->memories = okng_alloc_zero(p->buffer_count, sizeof(dnnl_memory_t));
    s->scratch_memories = okng_alloc_zero(p->step_count, sizeof(dnnl_memory_t));
    s->hands = okng_alloc_zero(p->step_count, sizeof *s->hands);
    if (!s->arena || !s->scratch || !s->data || !s->memories || !s->scratch_memories || !s->hands)
        return okng_fail_memory(error, p->arena_bytes + p->scratch_bytes);
    OKNG_TRY_DNNL(okng_dnnl.stream_create(&s->stream, s->compiled->dnnl, dnnl_stream_default_flags), "create",
                  "a stream");
    OKNG_TRY(create_memories(s, error));
    for (size_t i = 0; i < p->step_count; i++) OKNG_TRY(open_step(s, i, error));
    return OKNG_OK;
}

okng_status okng_onednn_session(void **out, const void *compiled, int64_t batch, okng_error *error)
{
    *out = NULL;
    session *s = calloc(1, sizeof *s);
    if (!s) return okng_fail_memory(error, sizeof *s);
    s->compiled = compiled;
    okng_status status = open_session(s, batch, error);
    if (status == OKNG_OK)
        *out = s;
    else
        okng_onednn_session_free(s);
    return status;
}

static void free_memories(dnnl_memory_t *memories, size_t count)
{
    for (size_t i = 0; memories && i < count; i++)
        if (memories[i]) (void)okng_dnnl.memory_destroy(memories[i]);
    free(memories);
}

void okng_onednn_session_free(void *context)
{
    session *s = context;
    if (!s) return;
    const size_t steps = s->plan ? s->plan->step_count : 0;
    free_memories(s->memories, s->plan ? s->plan->buffer_count : 0);
    free_memories(s->scratch_memories, steps);
    for (size_t i = 0; s->hands && i < steps; i++) {
        for (int k = 0; s->hands[i] && k < s->plan->steps[i].threads; k++) okng_hands_close(&s->hands[i][k]);
        free(s->hands[i]);
    }
    okng_take_promise(s->promise);
    if (s->stream) (void)okng_dnnl.stream_destroy(s->stream);
    okng_plan_free(&s->own);
    free(s->hands);
    free(s->data);
    free(s->arena);
    free(s->scratch);
    free(s);
}

/* ---- running ---- */

static int64_t elements_of(const okng_compiled *compiled, okng_value value)
{
    return okng_shape_elements(&compiled->graph->nodes[value].shape);
}

/* Bytes from one picture of input or output number `index` to the next. */
static size_t stride_of(const okng_compiled *compiled, okng_place place, int32_t index)
{
    if (place == OKNG_PLACE_OUTPUT)
        return (size_t)elements_of(compiled, compiled->graph->outputs[index]) * sizeof(float);
    okng_value value = 0;
    for (int32_t left = index; compiled->graph->nodes[value].op != OKNG_OP_INPUT || left > 0; value++)
        left -= compiled->graph->nodes[value].op == OKNG_OP_INPUT;
    return (size_t)elements_of(compiled, value) * (compiled->pixels ? 1 : 4); /* uint8; float32 or int32 */
}

/* Points inputs and outputs at the caller's memory. */
static okng_status bind(session *s, const void *const *inputs, float *const *outputs, int64_t round, okng_error *error)
{
    const okng_plan *p = s->plan;
    for (size_t i = 0; i < p->buffer_count; i++) {
        const okng_buffer *buffer = &p->buffers[i];
        if (buffer->place != OKNG_PLACE_INPUT && buffer->place != OKNG_PLACE_OUTPUT) continue;
        char *data = buffer->place == OKNG_PLACE_OUTPUT
                         ? (char *)outputs[buffer->index]
                         : (char *)(uintptr_t)inputs[buffer->index]; /* only ever a source */
        s->data[i] = data + (size_t)round * stride_of(s->compiled, buffer->place, buffer->index);
        OKNG_TRY_DNNL(okng_dnnl.memory_set_data_handle(s->memories[i], s->data[i]), "use", "the caller's memory");
    }
    return OKNG_OK;
}

/* The largest magnitude in what a step wrote, float32. */
static void observe_step(const session *s, const okng_step *step, float *ranges)
{
    if (step->value == OKNG_NO_VALUE) return;
    for (int32_t k = 0; k < step->arg_count; k++) {
        if (step->args[k].arg != DNNL_ARG_DST) continue;
        const float *data = s->data[step->args[k].buffer];
        const size_t count = okng_md_bytes(&s->plan->buffers[step->args[k].buffer].md) / sizeof(float);
        for (size_t i = 0; i < count; i++) ranges[step->value] = fmaxf(ranges[step->value], fabsf(data[i]));
    }
}

enum { WORK_ARGS = 5 };

static okng_status run_step(session *s, size_t i, dnnl_exec_arg_t *args, okng_error *error)
{
    const okng_step *step = &s->plan->steps[i];
    (void)okng_dnnl_use_threads(step->threads);
    if (step->work) {
        void *data[WORK_ARGS] = {NULL};
        for (int32_t k = 0; k < step->arg_count; k++) data[k] = s->data[step->args[k].buffer];
        return okng_work_run(step->work, step->threads, s->hands[i], data, s->scratch, error);
    }
    for (int32_t k = 0; k < step->arg_count; k++)
        args[k] = (dnnl_exec_arg_t){step->args[k].arg, s->memories[step->args[k].buffer]};
    args[step->arg_count] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, s->scratch_memories[i]};
    OKNG_TRY_DNNL(okng_dnnl.primitive_execute(step->primitive, s->stream, step->arg_count + 1, args), "run",
                  "a layer of the network");
    OKNG_TRY_DNNL(okng_dnnl.stream_wait(s->stream), "run", "the network");
    return OKNG_OK;
}

static okng_status execute(session *s, float *ranges, okng_error *error)
{
    const okng_plan *p = s->plan;
    int32_t most = 0;
    for (size_t i = 0; i < p->step_count; i++)
        if (p->steps[i].arg_count > most) most = p->steps[i].arg_count;
    dnnl_exec_arg_t *args = okng_alloc((size_t)most + 1, sizeof *args);
    okng_status status = args ? OKNG_OK : okng_fail_memory(error, ((size_t)most + 1) * sizeof *args);
    for (size_t i = 0; i < p->step_count && status == OKNG_OK; i++) {
        status = run_step(s, i, args, error);
        if (status == OKNG_OK && ranges) observe_step(s, &p->steps[i], ranges);
    }
    free(args);
    return status;
}

okng_status okng_onednn_run(void *context, const void *const *inputs, float *const *outputs, float *ranges,
                            okng_error *error)
{
    session *s = context;
    OKNG_TRY(okng_prove_run(error));
    OKNG_TRY(okng_prove_team(s->compiled->threads, error));
    okng_status status = OKNG_OK;
    const int before = okng_dnnl_use_threads(s->compiled->threads); /* execute sets it for each step */
    for (int64_t round = 0; round < s->rounds && status == OKNG_OK; round++) {
        status = bind(s, inputs, outputs, round, error);
        if (status == OKNG_OK) status = execute(s, ranges, error);
    }
    okng_dnnl_leave_threads(before);
    if (status == OKNG_OK && s->compiled->kept) status = okng_kept_settled(s->compiled->kept, error);
    okng_take_promise(s->promise);
    s->promise = 0;
    return status;
}
