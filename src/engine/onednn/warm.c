/* What oneDNN makes when it is first needed, in the middle of somebody's run, is made here, once for the process, while
 * it is known that there is memory for it. */
#include <execinfo.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"
#include "engine/onednn/needs.h"

enum { SIDE = 64, OPERANDS = 4 };

/* A product of two small matrices; the last operand is scratch. */
typedef struct trial {
    okng_md md, scratch;
    dnnl_primitive_desc_t descriptor;
    dnnl_primitive_t primitive;
    dnnl_stream_t stream;
    dnnl_memory_t memories[OPERANDS];
    float *data[OPERANDS];
} trial;

static dnnl_status_t prepare(trial *t, dnnl_engine_t engine)
{
    const int64_t dims[] = {SIDE, SIDE};
    dnnl_status_t status = okng_md_new(&t->md, dims, 2, dnnl_f32, dnnl_ab);
    const okng_dnnl_product call = {.src = &t->md, .weights = &t->md, .dst = &t->md};
    if (status == dnnl_success) status = okng_dnnl_matmul(&t->descriptor, engine, &call);
    if (status == dnnl_success) status = okng_dnnl.primitive_create(&t->primitive, t->descriptor);
    if (status == dnnl_success) status = okng_md_of(&t->scratch, t->descriptor, dnnl_query_scratchpad_md);
    if (status == dnnl_success) status = okng_dnnl.stream_create(&t->stream, engine, dnnl_stream_default_flags);
    for (int i = 0; i < OPERANDS && status == dnnl_success; i++) {
        const okng_md *md = i < OPERANDS - 1 ? &t->md : &t->scratch;
        t->data[i] = okng_alloc_zero(1, okng_md_bytes(md));
        status = t->data[i] ? okng_dnnl_memory(&t->memories[i], md, engine, t->data[i]) : dnnl_out_of_memory;
    }
    return status;
}

static dnnl_status_t run(const trial *t)
{
    const dnnl_exec_arg_t args[OPERANDS] = {{DNNL_ARG_DST, t->memories[0]},
                                            {DNNL_ARG_SRC, t->memories[1]},
                                            {DNNL_ARG_WEIGHTS, t->memories[2]},
                                            {DNNL_ARG_SCRATCHPAD, t->memories[3]}};
    dnnl_status_t status = okng_dnnl.primitive_execute(t->primitive, t->stream, OPERANDS, args);
    return status == dnnl_success ? okng_dnnl.stream_wait(t->stream) : status;
}

static void release(trial *t)
{
    for (int i = 0; i < OPERANDS; i++) {
        if (t->memories[i]) (void)okng_dnnl.memory_destroy(t->memories[i]);
        free(t->data[i]);
    }
    if (t->stream) (void)okng_dnnl.stream_destroy(t->stream);
    if (t->primitive) (void)okng_dnnl.primitive_destroy(t->primitive);
    if (t->descriptor) (void)okng_dnnl.primitive_desc_destroy(t->descriptor);
    okng_md_free(&t->md);
    okng_md_free(&t->scratch);
}

okng_status okng_warm_products(dnnl_engine_t engine, okng_error *error)
{
    static atomic_bool warm;
    if (atomic_load(&warm)) return OKNG_OK;
    trial t = {0};
    const int before = okng_dnnl_use_threads(1);
    dnnl_status_t status = prepare(&t, engine);
    if (status == dnnl_success) status = run(&t);
    okng_dnnl_leave_threads(before);
    release(&t);
    if (status != dnnl_success) return okng_fail_dnnl(error, status, "make", "its products of matrices");
    atomic_store(&warm, true);
    return OKNG_OK;
}

okng_status okng_warm_exceptions(okng_error *error)
{
    static atomic_bool warm;
    if (atomic_load(&warm)) return OKNG_OK;
    void *frame; /* this loads what is wanted, and tells whether it could */
    if (backtrace(&frame, 1) == 0) return okng_fail_memory(error, sizeof frame);
    atomic_store(&warm, true);
    return OKNG_OK;
}
