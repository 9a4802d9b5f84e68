/* Values as their readers and the caller want them laid out. */
#include "engine/onednn/compiler.h"

okng_status okng_compiler_in_layout(okng_compiler *c, okng_value value, const okng_md *wanted, float scale,
                                    int32_t *out)
{
    const okng_buffer *buffer = okng_compiler_buffer(c, c->values[value]);
    *out = c->values[value];
    if (okng_md_equal(&buffer->md, wanted) && buffer->scale == scale) return OKNG_OK;
    /* who reads it later and wants float32 must not find less */
    const bool rounded = c->precise[value] && okng_md_type(wanted) != okng_md_type(&buffer->md);
    OKNG_TRY(okng_compiler_add_arena(c, wanted, scale, out));
    OKNG_TRY(okng_compiler_add_reorder(c, c->values[value], *out, c->graph->nodes[value].name));
    if (!rounded) c->values[value] = *out;
    return OKNG_OK;
}

okng_status okng_compiler_plain(okng_compiler *c, okng_value value, dnnl_data_type_t type, int32_t *index)
{
    const okng_shape shape = okng_compiler_shape(c, value);
    okng_md md;
    OKNG_TRY(okng_compiler_plain_md(&md, &shape, type, c->graph->nodes[value].name, c->error));
    okng_status status = okng_compiler_in_layout(c, value, &md, 1.0f, index);
    okng_md_free(&md);
    return status;
}

okng_status okng_compiler_channels_last_md(const okng_compiler *c, okng_value value, okng_md *md)
{
    okng_error *error = c->error;
    const okng_shape shape = okng_compiler_shape(c, value);
    OKNG_TRY_DNNL(okng_md_new(md, shape.dims, 4, dnnl_f32, dnnl_nhwc), "describe", c->graph->nodes[value].name);
    return OKNG_OK;
}

okng_status okng_compiler_channels_last(okng_compiler *c, okng_value value, int32_t *index)
{
    okng_md md;
    OKNG_TRY(okng_compiler_channels_last_md(c, value, &md));
    okng_status status = okng_compiler_in_layout(c, value, &md, 1.0f, index);
    okng_md_free(&md);
    return status;
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

/* The caller's layout: feature maps with channels last, all else row-major. */
static okng_status output_md(const okng_compiler *c, okng_value value, okng_md *md)
{
    const okng_shape shape = okng_compiler_shape(c, value);
    if (shape.rank == 4) return okng_compiler_channels_last_md(c, value, md);
    return okng_compiler_plain_md(md, &shape, dnnl_f32, c->graph->nodes[value].name, c->error);
}

okng_status okng_compiler_add_result(okng_compiler *c, okng_value value, const okng_md *md, float scale, int32_t *index)
{
    okng_error *error = c->error;
    const int output = output_number(c->graph, value);
    if (output < 0) return okng_compiler_add_arena(c, md, scale, index);
    okng_md wanted;
    OKNG_TRY(output_md(c, value, &wanted));
    const bool direct = okng_md_equal(&wanted, md);
    okng_md_free(&wanted);
    if (!direct) return okng_compiler_add_arena(c, md, scale, index);
    OKNG_TRY(okng_compiler_add_buffer(c, OKNG_PLACE_OUTPUT, output, index));
    okng_compiler_buffer(c, *index)->scale = scale;
    OKNG_TRY_DNNL(okng_md_copy(&okng_compiler_buffer(c, *index)->md, md), "copy", "a memory descriptor");
    return OKNG_OK;
}

okng_status okng_compiler_add_plain_result(okng_compiler *c, okng_value value, dnnl_data_type_t type)
{
    const okng_shape shape = okng_compiler_shape(c, value);
    okng_md md;
    OKNG_TRY(okng_compiler_plain_md(&md, &shape, type, c->graph->nodes[value].name, c->error));
    okng_status status = okng_compiler_add_result(c, value, &md, 1.0f, &c->values[value]);
    okng_md_free(&md);
    return status;
}

okng_status okng_compiler_add_channels_last_result(okng_compiler *c, okng_value value)
{
    okng_md md;
    OKNG_TRY(okng_compiler_channels_last_md(c, value, &md));
    okng_status status = okng_compiler_add_result(c, value, &md, 1.0f, &c->values[value]);
    okng_md_free(&md);
    return status;
}

okng_status okng_compiler_finish_result(okng_compiler *c, okng_value value)
{
    const int output = output_number(c->graph, value);
    const okng_buffer *made = okng_compiler_buffer(c, c->values[value]);
    if (output < 0 || (made->place == OKNG_PLACE_OUTPUT && made->index == output)) return OKNG_OK;
    int32_t index;
    OKNG_TRY(okng_compiler_add_buffer(c, OKNG_PLACE_OUTPUT, output, &index));
    OKNG_TRY(output_md(c, value, &okng_compiler_buffer(c, index)->md));
    return okng_compiler_add_reorder(c, c->values[value], index, c->graph->nodes[value].name);
}
