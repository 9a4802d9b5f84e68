/* What every operator's compilation needs: values in memory, and constants. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/onednn/compiler.h"

/* ---- buffers ---- */

okng_buffer *okng_compiler_buffer(const okng_compiler *c, int32_t index)
{
    return &c->plan->buffers[index];
}

okng_status okng_compiler_add_buffer(okng_compiler *c, okng_place place, int32_t place_index, int32_t *index)
{
    okng_plan *p = c->plan;
    *index = (int32_t)p->buffer_count;
    if (!okng_grow((void **)&p->buffers, &p->buffer_capacity, p->buffer_count + 1, sizeof *p->buffers))
        return okng_fail_memory(c->error, (p->buffer_count + 1) * sizeof *p->buffers);
    p->buffers[p->buffer_count++] = (okng_buffer){.place = place, .index = place_index, .scale = 1.0f};
    return OKNG_OK;
}

okng_status okng_compiler_share(okng_compiler *c, int32_t buffer, const okng_md *md, float scale, int32_t *index)
{
    okng_error *error = c->error;
    const okng_buffer from = *okng_compiler_buffer(c, buffer);
    OKNG_TRY(okng_compiler_add_buffer(c, from.place, from.index, index));
    okng_buffer *to = okng_compiler_buffer(c, *index);
    to->scale = scale;
    to->data = from.data;
    OKNG_TRY_DNNL(okng_md_copy(&to->md, md), "copy", "a memory descriptor");
    return OKNG_OK;
}

/* ---- constants ---- */

okng_status okng_compiler_add_constant(okng_compiler *c, const okng_md *md, int32_t *index)
{
    okng_error *error = c->error;
    OKNG_TRY(okng_compiler_add_buffer(c, OKNG_PLACE_CONSTANT, 0, index));
    okng_buffer *buffer = okng_compiler_buffer(c, *index);
    OKNG_TRY_DNNL(okng_md_copy(&buffer->md, md), "copy", "a memory descriptor");
    const size_t bytes = okng_md_bytes(md);
    buffer->data = okng_alloc(1, bytes);
    buffer->owned = true;
    return buffer->data ? OKNG_OK : okng_fail_memory(error, bytes);
}

static okng_constant *constant_at(const okng_compiler *c, okng_value value, okng_constant_kind kind)
{
    return &c->compiled->constants[value * OKNG_CONSTANT_KINDS + (int)kind];
}

const okng_md *okng_compiler_kept(const okng_compiler *c, okng_value value, okng_constant_kind kind)
{
    const okng_constant *constant = constant_at(c, value, kind);
    return constant->data ? &constant->md : NULL;
}

/* Memory for a constant that is made for the first time. */
static okng_status keep(const okng_compiler *c, okng_constant *constant, const okng_md *md)
{
    okng_error *error = c->error;
    const size_t bytes = okng_md_bytes(md);
    OKNG_TRY_DNNL(okng_md_copy(&constant->md, md), "copy", "a memory descriptor");
    constant->data = okng_alloc(1, bytes);
    return constant->data ? OKNG_OK : okng_fail_memory(error, bytes);
}

okng_status okng_compiler_constant(okng_compiler *c, okng_value value, okng_constant_kind kind, const okng_md *md,
                                   int32_t *index, bool *fresh)
{
    okng_error *error = c->error;
    okng_constant *constant = constant_at(c, value, kind);
    if (!constant->data && c->compiled->kept) {
        const okng_kept_name name = {value, (int32_t)kind};
        constant->data = okng_kept_find(c->compiled->kept, name, okng_md_bytes(md), okng_md_digest(md));
        constant->borrowed = constant->data != NULL;
        if (constant->data) OKNG_TRY_DNNL(okng_md_copy(&constant->md, md), "copy", "a memory descriptor");
    }
    *fresh = !constant->data;
    if (*fresh && c->weights) OKNG_TRY(keep(c, constant, md));
    if (!constant->data || !okng_md_equal(&constant->md, md))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s wants its weights packed otherwise for %lld pictures",
                         c->graph->nodes[value].name, (long long)c->plan->batch);
    OKNG_TRY(okng_compiler_add_buffer(c, OKNG_PLACE_CONSTANT, 0, index));
    okng_buffer *buffer = okng_compiler_buffer(c, *index);
    buffer->data = constant->data;
    OKNG_TRY_DNNL(okng_md_copy(&buffer->md, md), "copy", "a memory descriptor");
    return OKNG_OK;
}

okng_status okng_compiler_line_md(okng_md *md, size_t floats, const char *name, okng_error *error)
{
    const okng_shape shape = {1, {(int64_t)floats}};
    return okng_compiler_plain_md(md, &shape, dnnl_f32, name, error);
}

okng_status okng_compiler_constant_line(okng_compiler *c, okng_value value, okng_constant_kind kind, size_t floats,
                                        int32_t *index, bool *fresh)
{
    okng_md md;
    OKNG_TRY(okng_compiler_line_md(&md, floats, c->graph->nodes[value].name, c->error));
    okng_status status = okng_compiler_constant(c, value, kind, &md, index, fresh);
    okng_md_free(&md);
    return status;
}

/* One piece of memory for all nodes: fresh pages would be cleared for each. */
okng_status okng_compiler_reserve(okng_compiler *c, size_t bytes)
{
    if (bytes <= c->folded_bytes) return OKNG_OK;
    free(c->folded);
    c->folded = okng_alloc(1, bytes);
    c->folded_bytes = c->folded ? bytes : 0;
    return c->folded ? OKNG_OK : okng_fail_memory(c->error, bytes);
}

/* ---- layouts ---- */

okng_shape okng_compiler_shape(const okng_compiler *c, okng_value value)
{
    okng_shape shape = c->graph->nodes[value].shape;
    if (c->graph->nodes[value].op != OKNG_OP_CONSTANT) shape.dims[0] *= c->plan->batch;
    return shape;
}

okng_status okng_compiler_plain_md(okng_md *md, const okng_shape *shape, dnnl_data_type_t type, const char *name,
                                   okng_error *error)
{
    static const dnnl_format_tag_t tags[] = {dnnl_format_tag_undef, dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd};
    OKNG_TRY_DNNL(okng_md_new(md, shape->dims, shape->rank, type, tags[shape->rank]), "describe", name);
    return OKNG_OK;
}

/* A buffer with a block of its own in the arena, alive from the step that comes next. */
okng_status okng_compiler_add_arena(okng_compiler *c, const okng_md *md, float scale, int32_t *index)
{
    okng_error *error = c->error;
    okng_plan *p = c->plan;
    if (!okng_grow((void **)&p->blocks, &p->block_capacity, p->block_count + 1, sizeof *p->blocks))
        return okng_fail_memory(error, (p->block_count + 1) * sizeof *p->blocks);
    const int32_t step = (int32_t)p->step_count, block = (int32_t)p->block_count;
    p->blocks[p->block_count++] = (okng_block){.bytes = okng_md_bytes(md), .first = step, .last = step};
    OKNG_TRY(okng_compiler_add_buffer(c, OKNG_PLACE_ARENA, block, index));
    okng_buffer *buffer = okng_compiler_buffer(c, *index);
    buffer->scale = scale;
    OKNG_TRY_DNNL(okng_md_copy(&buffer->md, md), "copy", "a memory descriptor");
    return OKNG_OK;
}
