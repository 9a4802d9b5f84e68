/* Steps of a plan: primitives, works of ours, copies in another layout. */
#include <omp.h>
#include <stdlib.h>

#include "base/memory.h"
#include "engine/onednn/compiler.h"

/* A buffer's block lives at least to the step that comes next. */
static void keep_alive(const okng_compiler *c, int32_t index)
{
    const okng_buffer *buffer = okng_compiler_buffer(c, index);
    if (buffer->place == OKNG_PLACE_ARENA) c->plan->blocks[buffer->index].last = (int32_t)c->plan->step_count;
}

/* An empty step with its bindings; NULL when memory is out. */
static okng_step *add_step(okng_compiler *c, const okng_binding *bindings, int32_t count, okng_value value)
{
    okng_plan *p = c->plan;
    okng_binding *args = okng_alloc((size_t)count, sizeof *args);
    if (!args || !okng_grow((void **)&p->steps, &p->step_capacity, p->step_count + 1, sizeof *p->steps)) {
        free(args);
        (void)okng_fail_memory(c->error, (p->step_count + 1) * sizeof *p->steps);
        return NULL;
    }
    okng_step *step = &p->steps[p->step_count];
    *step = (okng_step){.threads = omp_get_max_threads(), .value = value, .args = args};
    for (int32_t i = 0; i < count; i++) {
        if (bindings[i].arg == 0) continue;
        keep_alive(c, bindings[i].buffer);
        args[step->arg_count++] = bindings[i];
    }
    p->step_count++;
    return step;
}

okng_status okng_compiler_add_step(okng_compiler *c, const_dnnl_primitive_desc_t descriptor,
                                   const okng_binding *bindings, int32_t count, okng_value value, const char *name)
{
    okng_error *error = c->error;
    okng_step *step = add_step(c, bindings, count, value);
    if (!step) return OKNG_ERROR_MEMORY;
    OKNG_TRY_DNNL(okng_dnnl.primitive_create(&step->primitive, descriptor), "create the primitive of", name);
    OKNG_TRY_DNNL(okng_md_of(&step->scratch, descriptor, dnnl_query_scratchpad_md), "size the scratchpad of", name);
    const size_t bytes = okng_md_bytes(&step->scratch);
    if (bytes > c->plan->scratch_bytes) c->plan->scratch_bytes = bytes;
    return OKNG_OK;
}

okng_status okng_compiler_add_work(okng_compiler *c, okng_work *work, const okng_binding *bindings, int32_t count,
                                   okng_value value)
{
    okng_step *step = add_step(c, bindings, count, value);
    if (!step) {
        okng_work_free(work);
        return OKNG_ERROR_MEMORY;
    }
    step->work = work;
    size_t bytes;
    if (!okng_mul_size(work->room, (size_t)step->threads, &bytes))
        return okng_fail(c->error, OKNG_ERROR_LIMIT, "%s needs more bytes than can be addressed",
                         c->graph->nodes[value].name);
    if (bytes > c->plan->scratch_bytes) c->plan->scratch_bytes = bytes;
    return OKNG_OK;
}

okng_status okng_compiler_add_own(okng_compiler *c, const okng_work *model, const okng_binding *bindings, int32_t count,
                                  okng_value value)
{
    okng_work *work = okng_alloc(1, sizeof *work);
    if (!work) return okng_fail_memory(c->error, sizeof *work);
    *work = *model;
    return okng_compiler_add_work(c, work, bindings, count, value);
}

/* The factor of a reorder between scales, as an argument where oneDNN wants one. */
static okng_status add_factor(okng_compiler *c, float factor, int32_t *index)
{
    okng_error *error = c->error;
    okng_md one;
    OKNG_TRY_DNNL(okng_md_new(&one, &(int64_t){1}, 1, dnnl_f32, dnnl_x), "describe", "a scale");
    okng_status status = okng_compiler_add_constant(c, &one, index);
    okng_md_free(&one);
    if (status == OKNG_OK) *(float *)okng_compiler_buffer(c, *index)->data = factor;
    return status;
}

okng_status okng_compiler_add_reorder(okng_compiler *c, int32_t from, int32_t to, const char *name)
{
    okng_error *error = c->error;
    const okng_buffer *source = okng_compiler_buffer(c, from), *target = okng_compiler_buffer(c, to);
    float factor = source->scale / target->scale;
    int32_t factor_buffer = 0;
    dnnl_primitive_desc_t descriptor;
    OKNG_TRY_DNNL(okng_dnnl_reorder(&descriptor, c->compiled->dnnl, &source->md, &target->md, factor), "reorder", name);
    bool scaled = factor != 1.0f && OKNG_DNNL_ARG_REORDER_SCALE != 0;
    okng_status status = scaled ? add_factor(c, factor, &factor_buffer) : OKNG_OK;
    okng_binding bindings[] = {
        {DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}, {scaled ? OKNG_DNNL_ARG_REORDER_SCALE : 0, factor_buffer}};
    if (status == OKNG_OK) status = okng_compiler_add_step(c, descriptor, bindings, 3, OKNG_NO_VALUE, name);
    (void)okng_dnnl.primitive_desc_destroy(descriptor);
    return status;
}
