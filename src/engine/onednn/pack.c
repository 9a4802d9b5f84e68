#include "engine/onednn/pack.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

typedef struct packing {
    dnnl_primitive_desc_t descriptor;
    dnnl_primitive_t primitive;
    dnnl_stream_t stream;
    dnnl_memory_t source, target, scratch;
    okng_md scratch_md;
    void *scratch_data;
} packing;

static dnnl_status_t prepare(packing *p, dnnl_engine_t engine, const okng_md *from, const void *source,
                             const okng_md *to, void *target)
{
    dnnl_status_t status = okng_dnnl_reorder(&p->descriptor, engine, from, to, 1.0f);
    if (status == dnnl_success) status = okng_dnnl.primitive_create(&p->primitive, p->descriptor);
    if (status == dnnl_success) status = okng_md_of(&p->scratch_md, p->descriptor, dnnl_query_scratchpad_md);
    if (status != dnnl_success) return status;
    p->scratch_data = okng_alloc(1, okng_md_bytes(&p->scratch_md));
    if (!p->scratch_data) return dnnl_out_of_memory;
    status = okng_dnnl_memory(&p->scratch, &p->scratch_md, engine, p->scratch_data);
    if (status == dnnl_success) /* which oneDNN would take as const if it could say so */
        status = okng_dnnl_memory(&p->source, from, engine, (void *)(uintptr_t)source);
    if (status == dnnl_success) status = okng_dnnl_memory(&p->target, to, engine, target);
    if (status == dnnl_success) status = okng_dnnl.stream_create(&p->stream, engine, dnnl_stream_default_flags);
    return status;
}

static void release(packing *p)
{
    if (p->stream) (void)okng_dnnl.stream_destroy(p->stream);
    if (p->scratch) (void)okng_dnnl.memory_destroy(p->scratch);
    if (p->target) (void)okng_dnnl.memory_destroy(p->target);
    if (p->source) (void)okng_dnnl.memory_destroy(p->source);
    if (p->primitive) (void)okng_dnnl.primitive_destroy(p->primitive);
    if (p->descriptor) (void)okng_dnnl.primitive_desc_destroy(p->descriptor);
    okng_md_free(&p->scratch_md);
    free(p->scratch_data);
}

dnnl_status_t okng_pack(dnnl_engine_t engine, const okng_md *from, const void *source, const okng_md *to, void *target)
{
    packing p = {0};
    dnnl_status_t status = prepare(&p, engine, from, source, to, target);
    if (status == dnnl_success) {
        dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, p.source}, {DNNL_ARG_TO, p.target}, {DNNL_ARG_SCRATCHPAD, p.scratch}};
        status = okng_dnnl.primitive_execute(p.primitive, p.stream, 3, args);
    }
    if (status == dnnl_success) status = okng_dnnl.stream_wait(p.stream);
    release(&p);
    return status;
}
