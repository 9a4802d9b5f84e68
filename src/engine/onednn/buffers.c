/* What every operator's compilation needs: buffers, steps, and results where the caller wants them. */
#include <omp.h>

#include "base/memory.h"
#include "engine/onednn/compiler.h"

/* ---- buffers ---- */

okng_buffer *okng_compiler_buffer(const okng_compiler *c, int32_t index)
{
    return &c->engine->buffers[index];
}

okng_status okng_compiler_add_buffer(okng_compiler *c, okng_place place, int32_t place_index, int32_t *index)
{
    okng_engine *e = c->engine;
    *index = (int32_t)e->buffer_count;
    if (!okng_grow((void **)&e->buffers, &e->buffer_capacity, e->buffer_count + 1, sizeof *e->buffers))
        return okng_fail_memory(c->error, (e->buffer_count + 1) * sizeof *e->buffers);
    e->buffers[e->buffer_count++] = (okng_buffer){.place = place, .index = place_index, .scale = 1.0f};
    return OKNG_OK;
}

static okng_status add_buffer_like(okng_compiler *c, const okng_md *md, float scale, okng_place place,
                                   int32_t place_index, int32_t *index)
{
    okng_error *error = c->error;
    OKNG_TRY(okng_compiler_add_buffer(c, place, place_index, index));
    okng_buffer *buffer = okng_compiler_buffer(c, *index);
    buffer->scale = scale;
    OKNG_TRY_DNNL(okng_md_copy(&buffer->md, md), "copy", "a memory descriptor");
    return OKNG_OK;
}

/* A buffer with a block of its own in the arena, alive from the step that comes next. */
static okng_status add_arena_buffer(okng_compiler *c, const okng_md *md, float scale, int32_t *index)
{
    okng_engine *e = c->engine;
    if (!okng_grow((void **)&e->blocks, &e->block_capacity, e->block_count + 1, sizeof *e->blocks))
        return okng_fail_memory(c->error, (e->block_count + 1) * sizeof *e->blocks);
    int32_t step = (int32_t)e->step_count, block = (int32_t)e->block_count;
    e->blocks[e->block_count++] = (okng_block){.bytes = okng_md_bytes(md), .first = step, .last = step};
    return add_buffer_like(c, md, scale, OKNG_PLACE_ARENA, block, index);
}

okng_status okng_compiler_share_block(okng_compiler *c, int32_t buffer, const okng_md *md, float scale, int32_t *index)
{
    return add_buffer_like(c, md, scale, OKNG_PLACE_ARENA, okng_compiler_buffer(c, buffer)->index, index);
}

okng_status okng_compiler_add_constant(okng_compiler *c, const okng_md *md, int32_t *index)
{
    OKNG_TRY(add_buffer_like(c, md, 1.0f, OKNG_PLACE_CONSTANT, 0, index));
    okng_buffer *buffer = okng_compiler_buffer(c, *index);
    size_t bytes = okng_md_bytes(md);
    buffer->data = okng_alloc(1, bytes);
    return buffer->data ? OKNG_OK : okng_fail_memory(c->error, bytes);
}

/* A buffer's block lives at least to the step that comes next. */
static void keep_alive(const okng_compiler *c, int32_t index)
{
    const okng_buffer *buffer = okng_compiler_buffer(c, index);
    if (buffer->place == OKNG_PLACE_ARENA) c->engine->blocks[buffer->index].last = (int32_t)c->engine->step_count;
}

/* ---- steps ---- */

static void bind_args(const okng_compiler *c, okng_step *step, const okng_binding *bindings, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        if (bindings[i].arg == 0) continue;
        keep_alive(c, bindings[i].buffer);
        step->args[step->arg_count] = bindings[i].arg;
        step->buffers[step->arg_count++] = bindings[i].buffer;
    }
}

okng_status okng_compiler_add_step(okng_compiler *c, const_dnnl_primitive_desc_t descriptor,
                                   const okng_binding *bindings, int32_t count, okng_value value, const char *name)
{
    okng_engine *e = c->engine;
    okng_error *error = c->error;
    if (!okng_grow((void **)&e->steps, &e->step_capacity, e->step_count + 1, sizeof *e->steps))
        return okng_fail_memory(error, (e->step_count + 1) * sizeof *e->steps);
    okng_step *step = &e->steps[e->step_count];
    *step = (okng_step){.threads = omp_get_max_threads(), .value = value};
    bind_args(c, step, bindings, count);
    e->step_count++;
    OKNG_TRY_DNNL(dnnl_primitive_create(&step->primitive, descriptor), "create the primitive of", name);
    OKNG_TRY_DNNL(okng_md_of(&step->scratch, descriptor, dnnl_query_scratchpad_md), "size the scratchpad of", name);
    size_t bytes = okng_md_bytes(&step->scratch);
    if (bytes > e->scratch_bytes) e->scratch_bytes = bytes;
    return OKNG_OK;
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
    OKNG_TRY_DNNL(okng_dnnl_reorder(&descriptor, c->engine->dnnl, &source->md, &target->md, factor), "reorder", name);
    bool scaled = factor != 1.0f && OKNG_DNNL_ARG_REORDER_SCALE != 0;
    okng_status status = scaled ? add_factor(c, factor, &factor_buffer) : OKNG_OK;
    okng_binding bindings[] = {
        {DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}, {scaled ? OKNG_DNNL_ARG_REORDER_SCALE : 0, factor_buffer}};
    if (status == OKNG_OK) status = okng_compiler_add_step(c, descriptor, bindings, 3, OKNG_NO_VALUE, name);
    (void)dnnl_primitive_desc_destroy(descriptor);
    return status;
}

okng_status okng_compiler_in_layout(okng_compiler *c, okng_value value, const okng_md *wanted, float scale,
                                    int32_t *out)
{
    const okng_buffer *buffer = okng_compiler_buffer(c, c->values[value]);
    *out = c->values[value];
    if (okng_md_equal(&buffer->md, wanted) && buffer->scale == scale) return OKNG_OK;
    OKNG_TRY(add_arena_buffer(c, wanted, scale, out));
    OKNG_TRY(okng_compiler_add_reorder(c, c->values[value], *out, c->graph->nodes[value].name));
    c->values[value] = *out;
    return OKNG_OK;
}

/* ---- results ---- */

static int output_number(const okng_graph *graph, okng_value value)
{
    for (int i = 0; i < graph->output_count; i++)
        if (graph->outputs[i] == value) return i;
    return -1;
}

bool okng_compiler_is_output(const okng_compiler *c, okng_value value)
{
    return output_number(c->graph, value) >= 0;
}

okng_status okng_compiler_add_result(okng_compiler *c, okng_value value, const okng_md *md, float scale, int32_t *index)
{
    okng_error *error = c->error;
    int output = output_number(c->graph, value);
    if (output < 0) return add_arena_buffer(c, md, scale, index);
    const okng_node *node = &c->graph->nodes[value];
    okng_md nhwc;
    OKNG_TRY_DNNL(okng_md_new(&nhwc, node->shape.dims, 4, dnnl_f32, dnnl_nhwc), "describe the output of", node->name);
    bool direct = okng_md_equal(&nhwc, md);
    okng_md_free(&nhwc);
    return direct ? add_buffer_like(c, md, scale, OKNG_PLACE_OUTPUT, output, index)
                  : add_arena_buffer(c, md, scale, index);
}

okng_status okng_compiler_finish_result(okng_compiler *c, okng_value value)
{
    okng_error *error = c->error;
    const okng_node *node = &c->graph->nodes[value];
    int output = output_number(c->graph, value);
    if (output < 0 || okng_compiler_buffer(c, c->values[value])->place == OKNG_PLACE_OUTPUT) return OKNG_OK;
    int32_t index;
    OKNG_TRY(okng_compiler_add_buffer(c, OKNG_PLACE_OUTPUT, output, &index));
    OKNG_TRY_DNNL(okng_md_new(&okng_compiler_buffer(c, index)->md, node->shape.dims, 4, dnnl_f32, dnnl_nhwc),
                  "describe the output of", node->name);
    return okng_compiler_add_reorder(c, c->values[value], index, node->name);
}
