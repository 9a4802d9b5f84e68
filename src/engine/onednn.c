/* From graph to program: one pass over the nodes, each of which appends its steps. */
#include <dnnl_debug.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "engine/fold_weights.h"
#include "engine/pack.h"
#include "engine/program.h"
#include "net/node.h"

/* ---- oneDNN as a whole ---- */

int okng_engine_use_threads(int threads)
{
    int before = omp_get_max_threads();
    if (before != threads) omp_set_num_threads(threads);
    return before;
}

bool okng_engine_limit_cpu(const char *variant)
{
    dnnl_cpu_isa_t limit = dnnl_cpu_isa_all;
    if (strcmp(variant, "c") == 0) limit = dnnl_cpu_isa_sse41;
    if (strcmp(variant, "avx2") == 0) limit = dnnl_cpu_isa_avx2;
    /* oneDNN takes the first call's word; a second one for the same is refused too, but harmless */
    return dnnl_set_max_cpu_isa(limit) == dnnl_success || limit == dnnl_cpu_isa_all ||
           dnnl_get_effective_cpu_isa() == limit;
}

static char version_text[48];

static void write_version(void)
{
    const dnnl_version_t *version = dnnl_version();
    (void)snprintf(version_text, sizeof version_text, "oneDNN %d.%d.%d", version->major, version->minor,
                   version->patch);
}

const char *okng_engine_version(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, write_version);
    return version_text;
}

okng_status okng_fail_dnnl(okng_error *error, dnnl_status_t status, const char *doing, const char *what)
{
    okng_status kind = status == dnnl_out_of_memory   ? OKNG_ERROR_MEMORY
                       : status == dnnl_unimplemented ? OKNG_ERROR_UNSUPPORTED
                                                      : OKNG_ERROR_INTERNAL;
    return okng_fail(error, kind, "%s cannot %s %s: %s", okng_engine_version(), doing, what, dnnl_status2str(status));
}

/* ---- the compiler's state ---- */

typedef struct compiler {
    okng_engine *engine;
    const okng_graph *graph;
    const okng_weights *weights;
    const char *prefix;
    int32_t *values;     /* per value: the buffer that holds it */
    int32_t *last_reads; /* per value: the last node that reads it */
    okng_error *error;
} compiler;

/* ---- buffers ---- */

/* Adds an empty buffer; its index goes to *index. */
static okng_status add_buffer(compiler *c, okng_place place, int32_t place_index, int32_t *index)
{
    okng_engine *e = c->engine;
    *index = (int32_t)e->buffer_count;
    if (!okng_grow((void **)&e->buffers, &e->buffer_capacity, e->buffer_count + 1, sizeof *e->buffers))
        return okng_fail_memory(c->error, (e->buffer_count + 1) * sizeof *e->buffers);
    e->buffers[e->buffer_count++] = (okng_buffer){.place = place, .index = place_index};
    return OKNG_OK;
}

static okng_status add_buffer_like(compiler *c, const okng_md *md, okng_place place, int32_t place_index,
                                   int32_t *index)
{
    okng_error *error = c->error;
    OKNG_TRY(add_buffer(c, place, place_index, index));
    OKNG_TRY_DNNL(okng_md_copy(&c->engine->buffers[*index].md, md), "copy", "a memory descriptor");
    return OKNG_OK;
}

/* A buffer with a block of its own in the arena, alive from the step that comes next. */
static okng_status add_arena_buffer(compiler *c, const okng_md *md, int32_t *index)
{
    okng_engine *e = c->engine;
    if (!okng_grow((void **)&e->blocks, &e->block_capacity, e->block_count + 1, sizeof *e->blocks))
        return okng_fail_memory(c->error, (e->block_count + 1) * sizeof *e->blocks);
    int32_t step = (int32_t)e->step_count, block = (int32_t)e->block_count;
    e->blocks[e->block_count++] = (okng_block){.bytes = okng_md_bytes(md), .first = step, .last = step};
    return add_buffer_like(c, md, OKNG_PLACE_ARENA, block, index);
}

static okng_buffer *buffer_at(const compiler *c, int32_t index)
{
    return &c->engine->buffers[index];
}

/* A buffer's block lives at least to the step that comes next. */
static void keep_alive(const compiler *c, int32_t index)
{
    const okng_buffer *buffer = buffer_at(c, index);
    if (buffer->place == OKNG_PLACE_ARENA) c->engine->blocks[buffer->index].last = (int32_t)c->engine->step_count;
}

/* ---- steps ---- */

typedef struct binding {
    int32_t arg, buffer;
} binding;

/* Appends the primitive of `descriptor`, with its bindings. */
static okng_status add_step(compiler *c, const_dnnl_primitive_desc_t descriptor, const binding *bindings, int32_t count,
                            const char *name)
{
    okng_engine *e = c->engine;
    okng_error *error = c->error;
    if (!okng_grow((void **)&e->steps, &e->step_capacity, e->step_count + 1, sizeof *e->steps))
        return okng_fail_memory(error, (e->step_count + 1) * sizeof *e->steps);
    for (int32_t i = 0; i < count; i++) keep_alive(c, bindings[i].buffer);
    okng_step *step = &e->steps[e->step_count++];
    *step = (okng_step){.arg_count = count, .threads = omp_get_max_threads()};
    for (int32_t i = 0; i < count; i++) {
        step->args[i] = bindings[i].arg;
        step->buffers[i] = bindings[i].buffer;
    }
    OKNG_TRY_DNNL(dnnl_primitive_create(&step->primitive, descriptor), "create the primitive of", name);
    OKNG_TRY_DNNL(okng_md_of(&step->scratch, descriptor, dnnl_query_scratchpad_md), "size the scratchpad of", name);
    size_t bytes = okng_md_bytes(&step->scratch);
    if (bytes > e->scratch_bytes) e->scratch_bytes = bytes;
    return OKNG_OK;
}

static okng_status add_reorder(compiler *c, int32_t from, int32_t to, const char *name)
{
    okng_error *error = c->error;
    dnnl_primitive_desc_t descriptor;
    OKNG_TRY_DNNL(okng_dnnl_reorder(&descriptor, c->engine->dnnl, &buffer_at(c, from)->md, &buffer_at(c, to)->md),
                  "reorder", name);
    okng_status status = add_step(c, descriptor, (binding[]){{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}, 2, name);
    (void)dnnl_primitive_desc_destroy(descriptor);
    return status;
}

/* The buffer `index` in the layout that a primitive wants: itself, or a reordered copy. */
static okng_status in_layout(compiler *c, int32_t index, const okng_md *wanted, int32_t *out, const char *name)
{
    *out = index;
    if (okng_md_equal(&buffer_at(c, index)->md, wanted)) return OKNG_OK;
    OKNG_TRY(add_arena_buffer(c, wanted, out));
    return add_reorder(c, index, *out, name);
}

/* ---- results ---- */

static int output_number(const okng_graph *graph, okng_value value)
{
    for (int i = 0; i < graph->output_count; i++)
        if (graph->outputs[i] == value) return i;
    return -1;
}

/* Where the result of `value` goes: straight to the caller where it is asked for and the layout is the caller's. */
static okng_status add_result(compiler *c, okng_value value, const okng_md *md, int32_t *index)
{
    okng_error *error = c->error;
    int output = output_number(c->graph, value);
    if (output < 0) return add_arena_buffer(c, md, index);
    const okng_node *node = &c->graph->nodes[value];
    okng_md nhwc;
    OKNG_TRY_DNNL(okng_md_new(&nhwc, node->shape, 4, dnnl_nhwc), "describe the output of", node->name);
    bool direct = okng_md_equal(&nhwc, md);
    okng_md_free(&nhwc);
    return direct ? add_buffer_like(c, md, OKNG_PLACE_OUTPUT, output, index) : add_arena_buffer(c, md, index);
}

/* After the step that made `value`: the copy for the caller, where it is asked for and not yet there. */
static okng_status finish_result(compiler *c, okng_value value)
{
    okng_error *error = c->error;
    const okng_node *node = &c->graph->nodes[value];
    int output = output_number(c->graph, value);
    if (output < 0 || buffer_at(c, c->values[value])->place == OKNG_PLACE_OUTPUT) return OKNG_OK;
    int32_t index;
    OKNG_TRY(add_buffer(c, OKNG_PLACE_OUTPUT, output, &index));
    OKNG_TRY_DNNL(okng_md_new(&buffer_at(c, index)->md, node->shape, 4, dnnl_nhwc), "describe the output of",
                  node->name);
    return add_reorder(c, c->values[value], index, node->name);
}

/* ---- operators ---- */

static okng_status compile_input(compiler *c, okng_value value)
{
    okng_error *error = c->error;
    OKNG_TRY(add_buffer(c, OKNG_PLACE_INPUT, 0, &c->values[value]));
    OKNG_TRY_DNNL(okng_md_new(&buffer_at(c, c->values[value])->md, c->graph->nodes[value].shape, 4, dnnl_nchw),
                  "describe", "the input");
    return OKNG_OK;
}

static okng_dnnl_window window_of(const okng_node *node)
{
    const okng_window *w = &node->window;
    return (okng_dnnl_window){
        .kernel = {w->kernel, w->kernel}, .strides = {w->stride, w->stride}, .padding = {w->padding, w->padding}};
}

/* ---- convolution ---- */

/* The layouts of a convolution: first what it may choose from, then what it chose. */
typedef struct convolution {
    okng_md src, weights, bias, dst;
    okng_md plain; /* of the folded weights */
    dnnl_primitive_desc_t descriptor;
    int32_t merge; /* groups that become one */
    bool alone;    /* to be run by one thread */
} convolution;

static void free_convolution(convolution *v)
{
    if (v->descriptor) (void)dnnl_primitive_desc_destroy(v->descriptor);
    okng_md_free(&v->src);
    okng_md_free(&v->weights);
    okng_md_free(&v->bias);
    okng_md_free(&v->dst);
    okng_md_free(&v->plain);
    *v = (convolution){0};
}

/* oneDNN takes grouped weights as [groups, out / groups, in / groups, kernel, kernel]. */
static dnnl_status_t weights_md(okng_md *md, const okng_node *node, int32_t merge, bool any)
{
    const int64_t *s = okng_node_param(node, OKNG_ROLE_WEIGHT)->shape;
    const int64_t groups = node->groups / merge, grouped[] = {groups, s[0] / groups, s[1] * merge, s[2], s[3]};
    if (node->groups == 1) return okng_md_new(md, s, 4, any ? dnnl_format_tag_any : dnnl_oihw);
    return okng_md_new(md, grouped, 5, any ? dnnl_format_tag_any : dnnl_goihw);
}

/* Lets oneDNN choose the layouts of source, weights and destination. */
static dnnl_status_t try_convolution(convolution *v, const compiler *c, const okng_node *node, int32_t merge,
                                     bool reproducible)
{
    const okng_node *input = &c->graph->nodes[node->inputs[0]];
    okng_dnnl_window window = window_of(node);
    okng_md src = {0}, weights = {0}, dst = {0};
    *v = (convolution){.merge = merge, .alone = !reproducible};
    dnnl_status_t status = okng_md_new(&src, input->shape, 4, dnnl_format_tag_any);
    if (status == dnnl_success) status = okng_md_new(&dst, node->shape, 4, dnnl_format_tag_any);
    if (status == dnnl_success) status = weights_md(&weights, node, merge, true);
    if (status == dnnl_success) status = weights_md(&v->plain, node, merge, false);
    if (status == dnnl_success) status = okng_md_new(&v->bias, &node->shape[1], 1, dnnl_x);
    if (status == dnnl_success)
        status = okng_dnnl_convolution(&v->descriptor, c->engine->dnnl, &src, &weights, &v->bias, &dst, &window,
                                       node->inputs[1] != OKNG_NO_VALUE, node->relu, reproducible);
    if (status == dnnl_success) status = okng_md_of(&v->src, v->descriptor, dnnl_query_src_md);
    if (status == dnnl_success) status = okng_md_of(&v->weights, v->descriptor, dnnl_query_weights_md);
    if (status == dnnl_success) status = okng_md_of(&v->dst, v->descriptor, dnnl_query_dst_md);
    okng_md_free(&src);
    okng_md_free(&weights);
    okng_md_free(&dst);
    if (status != dnnl_success) free_convolution(v);
    return status;
}

/* A convolution whose result does not depend on the number of threads. Groups that are too narrow for such an
 * implementation (ResNeXt's 4 channels on AVX2) are merged into wider ones with zeros between; what has none at all is
 * left to a single thread. */
static dnnl_status_t choose_convolution(convolution *v, const compiler *c, const okng_node *node)
{
    enum { WIDEST_GROUP = 16 }; /* channels: the widest block of any layout */
    int64_t width = okng_node_param(node, OKNG_ROLE_WEIGHT)->shape[1];
    dnnl_status_t status = try_convolution(v, c, node, 1, true);
    for (int32_t merge = 2; status == dnnl_unimplemented && merge * width <= WIDEST_GROUP; merge *= 2)
        if (node->groups % merge == 0) status = try_convolution(v, c, node, merge, true);
    if (status != dnnl_unimplemented) return status;
    (void)okng_engine_use_threads(1);
    return try_convolution(v, c, node, 1, false);
}

static okng_status add_constant(compiler *c, const okng_md *md, int32_t *index)
{
    OKNG_TRY(add_buffer_like(c, md, OKNG_PLACE_CONSTANT, 0, index));
    okng_buffer *buffer = buffer_at(c, *index);
    size_t bytes = okng_md_bytes(md);
    buffer->data = okng_alloc(1, bytes);
    return buffer->data ? OKNG_OK : okng_fail_memory(c->error, bytes);
}

/* Folds and packs the weights of a convolution into two constant buffers. */
static okng_status load_weights(compiler *c, const convolution *v, const okng_node *node, int32_t *weights,
                                int32_t *bias)
{
    OKNG_TRY(add_constant(c, &v->weights, weights));
    OKNG_TRY(add_constant(c, &v->bias, bias));
    float *packed = buffer_at(c, *weights)->data, *bias_data = buffer_at(c, *bias)->data;
    if (okng_md_equal(&v->plain, &v->weights))
        return okng_fold_weights(node, c->weights, c->prefix, v->merge, c->engine->threads, packed, bias_data,
                                 c->error);

    float *folded = okng_alloc(1, okng_md_bytes(&v->plain));
    if (!folded) return okng_fail_memory(c->error, okng_md_bytes(&v->plain));
    okng_status status =
        okng_fold_weights(node, c->weights, c->prefix, v->merge, c->engine->threads, folded, bias_data, c->error);
    if (status == OKNG_OK) {
        dnnl_status_t packing = okng_pack(c->engine->dnnl, &v->plain, folded, &v->weights, packed);
        if (packing != dnnl_success) status = okng_fail_dnnl(c->error, packing, "pack the weights of", node->name);
    }
    free(folded);
    return status;
}

/* The residual sum adds to what the destination holds: so the other operand's own buffer becomes the destination where
 * nothing reads it later, else a copy of it. */
static okng_status place_sum(compiler *c, const convolution *v, okng_value value, int32_t *dst)
{
    const okng_node *node = &c->graph->nodes[value];
    okng_value other = node->inputs[1];
    const okng_buffer *buffer = buffer_at(c, c->values[other]);
    *dst = c->values[other];
    if (buffer->place == OKNG_PLACE_ARENA && c->last_reads[other] == value && other != node->inputs[0] &&
        okng_md_equal(&buffer->md, &v->dst))
        return OKNG_OK;
    OKNG_TRY(add_result(c, value, &v->dst, dst));
    return add_reorder(c, c->values[other], *dst, node->name);
}

static okng_status add_convolution(compiler *c, okng_value value, const convolution *v)
{
    const okng_node *node = &c->graph->nodes[value];
    int32_t weights, bias, src, dst;
    OKNG_TRY(load_weights(c, v, node, &weights, &bias));
    OKNG_TRY(in_layout(c, c->values[node->inputs[0]], &v->src, &src, node->name));
    if (node->inputs[1] != OKNG_NO_VALUE)
        OKNG_TRY(place_sum(c, v, value, &dst));
    else
        OKNG_TRY(add_result(c, value, &v->dst, &dst));
    c->values[value] = dst;
    binding bindings[] = {{DNNL_ARG_SRC, src}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST, dst}};
    (void)okng_engine_use_threads(v->alone ? 1 : c->engine->threads);
    okng_status status = add_step(c, v->descriptor, bindings, 4, node->name);
    (void)okng_engine_use_threads(c->engine->threads);
    return status;
}

static okng_status compile_conv(compiler *c, okng_value value)
{
    convolution v;
    const char *name = c->graph->nodes[value].name;
    dnnl_status_t chosen = choose_convolution(&v, c, &c->graph->nodes[value]);
    (void)okng_engine_use_threads(c->engine->threads);
    if (chosen != dnnl_success) return okng_fail_dnnl(c->error, chosen, "plan the convolution", name);
    okng_status status = add_convolution(c, value, &v);
    free_convolution(&v);
    return status;
}

/* ---- max pooling ---- */

static okng_status add_max_pool(compiler *c, okng_value value, const_dnnl_primitive_desc_t descriptor)
{
    okng_error *error = c->error;
    const okng_node *node = &c->graph->nodes[value];
    okng_md md;
    OKNG_TRY_DNNL(okng_md_of(&md, descriptor, dnnl_query_dst_md), "plan", node->name);
    okng_status status = add_result(c, value, &md, &c->values[value]);
    okng_md_free(&md);
    if (status != OKNG_OK) return status;
    binding bindings[] = {{DNNL_ARG_SRC, c->values[node->inputs[0]]}, {DNNL_ARG_DST, c->values[value]}};
    return add_step(c, descriptor, bindings, 2, node->name);
}

static okng_status compile_max_pool(compiler *c, okng_value value)
{
    okng_error *error = c->error;
    const okng_node *node = &c->graph->nodes[value];
    const okng_md *src = &buffer_at(c, c->values[node->inputs[0]])->md;
    okng_dnnl_window window = window_of(node);
    dnnl_primitive_desc_t descriptor;
    okng_md any;
    OKNG_TRY_DNNL(okng_md_new(&any, node->shape, 4, dnnl_format_tag_any), "plan", node->name);
    dnnl_status_t planned = okng_dnnl_max_pool(&descriptor, c->engine->dnnl, src, &any, &window);
    okng_md_free(&any);
    OKNG_TRY_DNNL(planned, "plan the pooling", node->name);
    okng_status status = add_max_pool(c, value, descriptor);
    (void)dnnl_primitive_desc_destroy(descriptor);
    return status;
}

/* ---- the whole ---- */

typedef okng_status (*compile_fn)(compiler *c, okng_value value);

/* Batch norms, ReLUs and sums have no entry: they run inside the convolution that they were fused into. */
static const compile_fn compile_op[OKNG_OP_COUNT] = {
    [OKNG_OP_INPUT] = compile_input, [OKNG_OP_CONV] = compile_conv, [OKNG_OP_MAX_POOL] = compile_max_pool};

static okng_status compile_nodes(compiler *c)
{
    const okng_graph *graph = c->graph;
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < 2; k++)
            if (graph->nodes[i].inputs[k] != OKNG_NO_VALUE) c->last_reads[graph->nodes[i].inputs[k]] = (int32_t)i;
    for (size_t i = 0; i < graph->node_count; i++) {
        const okng_node *node = &graph->nodes[i];
        if (!compile_op[node->op])
            return okng_fail(c->error, OKNG_ERROR_UNSUPPORTED, "%s: the engine cannot run a %s (%s) on its own",
                             graph->backbone, okng_op_name(node->op), node->name);
        OKNG_TRY(compile_op[node->op](c, (okng_value)i));
        OKNG_TRY(finish_result(c, (okng_value)i));
    }
    okng_engine *e = c->engine;
    return okng_memory_plan(e->blocks, e->block_count, &e->arena_bytes, c->error);
}

static okng_status compile(okng_engine *engine, const okng_graph *graph, const okng_weights *weights, okng_error *error)
{
    OKNG_TRY_DNNL(dnnl_engine_create(&engine->dnnl, dnnl_cpu, 0), "start on", "the CPU");
    engine->output_count = graph->output_count;
    OKNG_TRY(okng_graph_check_shapes(graph, weights, NULL, error));
    compiler c = {.engine = engine,
                  .graph = graph,
                  .weights = weights,
                  .prefix = okng_graph_prefix(graph, weights),
                  .values = okng_alloc_zero(graph->node_count, sizeof *c.values),
                  .last_reads = okng_alloc_zero(graph->node_count, sizeof *c.last_reads),
                  .error = error};
    okng_status status =
        c.values && c.last_reads ? compile_nodes(&c) : okng_fail_memory(error, graph->node_count * sizeof *c.values);
    free(c.values);
    free(c.last_reads);
    return status;
}

okng_status okng_engine_compile(okng_engine **out, const okng_graph *graph, const okng_weights *weights, int threads,
                                okng_error *error)
{
    *out = NULL;
    okng_engine *engine = calloc(1, sizeof *engine);
    if (!engine) return okng_fail_memory(error, sizeof *engine);
    engine->threads = okng_thread_count(threads);
    int before = okng_engine_use_threads(engine->threads);
    okng_status status = compile(engine, graph, weights, error);
    (void)okng_engine_use_threads(before);
    if (status == OKNG_OK)
        *out = engine;
    else
        okng_engine_free(&engine);
    return status;
}

void okng_engine_free(okng_engine **engine)
{
    if (!engine || !*engine) return;
    okng_engine *e = *engine;
    for (size_t i = 0; i < e->step_count; i++) {
        if (e->steps[i].primitive) (void)dnnl_primitive_destroy(e->steps[i].primitive);
        okng_md_free(&e->steps[i].scratch);
    }
    for (size_t i = 0; i < e->buffer_count; i++) {
        okng_md_free(&e->buffers[i].md);
        free(e->buffers[i].data);
    }
    if (e->dnnl) (void)dnnl_engine_destroy(e->dnnl);
    free(e->steps);
    free(e->buffers);
    free(e->blocks);
    free(e);
    *engine = NULL;
}
