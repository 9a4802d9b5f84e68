/* Operators that compute nothing: the same numbers, seen otherwise. */
#include "engine/onednn/compiler.h"

/* The value is seen in the buffer `index` as `md` says. */
static okng_status see(okng_compiler *c, okng_value value, int32_t index, const okng_md *md)
{
    return okng_compiler_share(c, index, md, okng_compiler_buffer(c, index)->scale, &c->values[value]);
}

/* Makes a view of a source's layout. */
typedef dnnl_status_t (*view_fn)(const okng_compiler *c, okng_value value, const okng_md *from, okng_md *md);

/* In the layout that the source has, else in a row-major copy. */
static okng_status add_view(okng_compiler *c, okng_value value, view_fn view)
{
    const okng_node *node = &c->graph->nodes[value];
    int32_t index = c->values[node->inputs[0]];
    okng_md md;
    dnnl_status_t viewed = view(c, value, &okng_compiler_buffer(c, index)->md, &md);
    if (viewed != dnnl_success) {
        const dnnl_data_type_t type = okng_md_type(&okng_compiler_buffer(c, index)->md);
        OKNG_TRY(okng_compiler_plain(c, node->inputs[0], type, &index));
        viewed = view(c, value, &okng_compiler_buffer(c, index)->md, &md);
    }
    if (viewed != dnnl_success) return okng_fail_dnnl(c->error, viewed, "see", node->name);
    okng_status status = see(c, value, index, &md);
    okng_md_free(&md);
    return status;
}

static dnnl_status_t view_slice(const okng_compiler *c, okng_value value, const okng_md *from, okng_md *md)
{
    const okng_shape shape = okng_compiler_shape(c, value);
    int64_t offsets[OKNG_RANK_MAX] = {0};
    offsets[c->graph->nodes[value].axis] = c->graph->nodes[value].begin;
    return okng_md_part(md, from, shape.dims, offsets);
}

static dnnl_status_t view_transpose(const okng_compiler *c, okng_value value, const okng_md *from, okng_md *md)
{
    const okng_node *node = &c->graph->nodes[value];
    int places[OKNG_RANK_MAX] = {0};
    for (int i = 0; i < node->shape.rank; i++) places[node->order[i]] = i;
    return okng_md_permute(md, from, places);
}

static dnnl_status_t view_reshape(const okng_compiler *c, okng_value value, const okng_md *from, okng_md *md)
{
    const okng_shape shape = okng_compiler_shape(c, value);
    return okng_md_reshape(md, from, shape.dims, shape.rank);
}

okng_status okng_compile_slice(okng_compiler *c, okng_value value)
{
    return add_view(c, value, view_slice);
}

okng_status okng_compile_transpose(okng_compiler *c, okng_value value)
{
    return add_view(c, value, view_transpose);
}

okng_status okng_compile_reshape(okng_compiler *c, okng_value value)
{
    return add_view(c, value, view_reshape);
}
