#include "engine/onednn/work.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "engine/onednn/compiled.h"

okng_tiling okng_tiling_of(int64_t rows, int64_t at_most)
{
    int64_t count = (rows + at_most - 1) / at_most;
    if (count > 1) count += count % 2;
    const int64_t each = (rows + count - 1) / count;
    count = (rows + each - 1) / each;
    return (okng_tiling){.count = count, .rows = each, .last = rows - (count - 1) * each};
}

/* ---- kernels ---- */

static size_t round_up(size_t bytes)
{
    return (bytes + OKNG_ALIGNMENT - 1) & ~(size_t)(OKNG_ALIGNMENT - 1);
}

static okng_status fill_kernel(okng_kernel *kernel, const_dnnl_primitive_desc_t descriptor,
                               const okng_operand *operands, int32_t count, const char *name, okng_error *error)
{
    OKNG_TRY_DNNL(okng_dnnl.primitive_create(&kernel->primitive, descriptor), "create the primitive of", name);
    OKNG_TRY_DNNL(okng_md_of(&kernel->scratch, descriptor, dnnl_query_scratchpad_md), "size the scratchpad of", name);
    for (int32_t i = 0; i < count; i++) {
        okng_operand *operand = &kernel->operands[kernel->operand_count];
        *operand = operands[i];
        operand->md = (okng_md){0};
        OKNG_TRY_DNNL(okng_md_copy(&operand->md, &operands[i].md), "copy a memory descriptor of", name);
        kernel->operand_count++;
    }
    return OKNG_OK;
}

okng_status okng_kernel_make(okng_work *work, okng_kernel *kernel, dnnl_primitive_desc_t descriptor,
                             const okng_operand *operands, int32_t count, const char *name, okng_error *error)
{
    okng_status status = fill_kernel(kernel, descriptor, operands, count, name, error);
    (void)okng_dnnl.primitive_desc_destroy(descriptor);
    if (status != OKNG_OK) return status;
    const size_t room = round_up(work->own_room) + round_up(okng_md_bytes(&kernel->scratch));
    if (room > work->room) work->room = room;
    return OKNG_OK;
}

static void free_kernel(okng_kernel *kernel)
{
    if (kernel->primitive) (void)okng_dnnl.primitive_destroy(kernel->primitive);
    okng_md_free(&kernel->scratch);
    for (int32_t i = 0; i < kernel->operand_count; i++) okng_md_free(&kernel->operands[i].md);
}

void okng_work_free(okng_work *work)
{
    for (int32_t k = 0; work && k < OKNG_WORK_STAGES; k++)
        for (int i = 0; i < 2; i++) free_kernel(&work->kernels[k][i]);
    free(work);
}

/* ---- hands ---- */

static dnnl_status_t open_memories(dnnl_memory_t *memories, const okng_kernel *kernel, dnnl_engine_t engine)
{
    dnnl_status_t status = dnnl_success;
    for (int32_t i = 0; i < kernel->operand_count && status == dnnl_success; i++)
        status = okng_dnnl_memory(&memories[i], &kernel->operands[i].md, engine, NULL);
    if (status == dnnl_success && kernel->primitive)
        status = okng_dnnl_memory(&memories[OKNG_KERNEL_ARGS], &kernel->scratch, engine, NULL);
    return status;
}

dnnl_status_t okng_hands_open(okng_hands *hands, const okng_work *work, dnnl_engine_t engine)
{
    *hands = (okng_hands){0};
    dnnl_status_t status = okng_dnnl.stream_create(&hands->stream, engine, dnnl_stream_default_flags);
    for (int32_t k = 0; k < work->stages; k++)
        for (int i = 0; i < 2 && status == dnnl_success; i++)
            status = open_memories(hands->memories[k][i], &work->kernels[k][i], engine);
    return status;
}

void okng_hands_close(okng_hands *hands)
{
    for (int32_t k = 0; k < OKNG_WORK_STAGES; k++)
        for (int32_t i = 0; i < 2 * (OKNG_KERNEL_ARGS + 1); i++) {
            dnnl_memory_t memory = hands->memories[k][i / (OKNG_KERNEL_ARGS + 1)][i % (OKNG_KERNEL_ARGS + 1)];
            if (memory) (void)okng_dnnl.memory_destroy(memory);
        }
    if (hands->stream) (void)okng_dnnl.stream_destroy(hands->stream);
    *hands = (okng_hands){0};
}

/* ---- one tile ---- */

/* Where it lies: which stack, head and first row. */
typedef struct place {
    int64_t stack, head, row;
    bool last;
} place;

static void *find(const okng_operand *operand, const okng_work_call *call, const place *at)
{
    char *base = operand->slot == OKNG_SLOT_SCRATCH ? call->scratch : call->data[operand->slot];
    return base + operand->base + at->stack * operand->per_stack + at->head * operand->per_head +
           at->row * operand->per_row;
}

static okng_status run_kernel(const okng_work *work, const okng_work_call *call, int32_t stage, const place *at,
                              okng_error *error)
{
    const okng_kernel *kernel = &work->kernels[stage][at->last];
    dnnl_memory_t *memories = call->hands->memories[stage][at->last];
    dnnl_exec_arg_t args[OKNG_KERNEL_ARGS + 1];
    for (int32_t i = 0; i < kernel->operand_count; i++) {
        OKNG_TRY_DNNL(okng_dnnl.memory_set_data_handle(memories[i], find(&kernel->operands[i], call, at)), "use",
                      "a tile's memory");
        args[i] = (dnnl_exec_arg_t){kernel->operands[i].arg, memories[i]};
    }
    OKNG_TRY_DNNL(
        okng_dnnl.memory_set_data_handle(memories[OKNG_KERNEL_ARGS], call->scratch + round_up(work->own_room)), "use",
        "a tile's scratch");
    args[kernel->operand_count] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, memories[OKNG_KERNEL_ARGS]};
    OKNG_TRY_DNNL(okng_dnnl.primitive_execute(kernel->primitive, call->hands->stream, kernel->operand_count + 1, args),
                  "run", "a tile of the network");
    OKNG_TRY_DNNL(okng_dnnl.stream_wait(call->hands->stream), "run", "a tile of the network");
    return OKNG_OK;
}

/* What comes after a row's own place is not seen. */
static void hide_later(const okng_work *work, const okng_work_call *call, const place *at)
{
    const int64_t rows = at->last ? work->tiling.last : work->tiling.rows;
    for (int64_t r = 0; r < rows; r++) {
        float *row = (float *)(void *)call->scratch + r * work->causal;
        for (int64_t k = at->row + r + 1; k < work->causal; k++) row[k] = -INFINITY;
    }
}

static okng_status go_through_stages(const okng_work *work, const okng_work_call *call, int64_t index,
                                     okng_error *error)
{
    const int64_t tile = index % work->tiling.count, head = index / work->tiling.count % work->heads;
    const place at = {.stack = index / work->tiling.count / work->heads,
                      .head = head,
                      .row = tile * work->tiling.rows,
                      .last = tile == work->tiling.count - 1};
    for (int32_t stage = 0; stage < work->stages; stage++) {
        OKNG_TRY(run_kernel(work, call, stage, &at, error));
        if (stage == 0 && work->causal) hide_later(work, call, &at);
    }
    return OKNG_OK;
}

void okng_work_begin(okng_work *work, int64_t stacks, int64_t heads, okng_tiling tiling)
{
    work->tile = go_through_stages;
    work->tiling = tiling;
    work->heads = heads;
    work->tiles = stacks * heads * tiling.count;
}

/* ---- all tiles ---- */

typedef struct running {
    const okng_work *work;
    okng_hands *hands;
    void *const *data;
    char *scratch;
    okng_status *statuses; /* per thread, the first failure of each */
    okng_error *errors;
} running;

static void run_tiles(void *context, int64_t begin, int64_t end, int thread)
{
    const running *r = context;
    const okng_work_call call = {&r->hands[thread], r->data, r->scratch + (size_t)thread * r->work->room};
    const int before = okng_dnnl_use_threads(1);
    for (int64_t i = begin; i < end && r->statuses[thread] == OKNG_OK; i++)
        r->statuses[thread] = r->work->tile(r->work, &call, i, &r->errors[thread]);
    okng_dnnl_leave_threads(before);
}

okng_status okng_work_run(const okng_work *work, int threads, okng_hands *hands, void *const *data, void *scratch,
                          okng_error *error)
{
    running r = {.work = work, .hands = hands, .data = data, .scratch = scratch};
    okng_status status = OKNG_OK;
    r.statuses = okng_alloc_zero((size_t)threads, sizeof *r.statuses);
    r.errors = okng_alloc_zero((size_t)threads, sizeof *r.errors);
    if (r.statuses && r.errors)
        okng_parallel_for(threads, work->tiles, 1, run_tiles, &r);
    else
        status = okng_fail_memory(error, (size_t)threads * sizeof *r.errors);
    for (int i = 0; status == OKNG_OK && i < threads; i++) {
        status = r.statuses[i];
        if (status != OKNG_OK && error) *error = r.errors[i];
    }
    free(r.statuses);
    free(r.errors);
    return status;
}
