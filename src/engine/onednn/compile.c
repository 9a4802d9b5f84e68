/* From graph to program: one pass over the nodes, each of which appends its steps. */
#include <dnnl_debug.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "engine/onednn/compiler.h"

/* ---- oneDNN as a whole ---- */

int okng_engine_use_threads(int threads)
{
    int before = omp_get_max_threads();
    if (before != threads) omp_set_num_threads(threads);
    return before;
}

bool okng_engine_limit_cpu(const char *variant)
{
    dnnl_cpu_isa_t limit = OKNG_DNNL_ISA_ALL;
    if (strcmp(variant, "c") == 0) limit = dnnl_cpu_isa_sse41;
    if (strcmp(variant, "avx2") == 0) limit = dnnl_cpu_isa_avx2;
    /* oneDNN takes the first call's word; a second one for the same is refused too, but harmless */
    return dnnl_set_max_cpu_isa(limit) == dnnl_success || limit == OKNG_DNNL_ISA_ALL ||
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

/* ---- operators ---- */

okng_dnnl_window okng_compiler_window(const okng_node *node)
{
    const okng_window *w = &node->window;
    return (okng_dnnl_window){.kernel = {w->kernel[0], w->kernel[1]},
                              .strides = {w->stride[0], w->stride[1]},
                              .padding = {w->padding[0], w->padding[1]}};
}

static okng_status compile_input(okng_compiler *c, okng_value value)
{
    okng_error *error = c->error;
    OKNG_TRY(okng_compiler_add_buffer(c, OKNG_PLACE_INPUT, 0, &c->values[value]));
    OKNG_TRY_DNNL(okng_md_new(&okng_compiler_buffer(c, c->values[value])->md, c->graph->nodes[value].shape.dims, 4,
                              dnnl_f32, dnnl_nchw),
                  "describe", "the input");
    return OKNG_OK;
}

static okng_status add_max_pool(okng_compiler *c, okng_value value, const_dnnl_primitive_desc_t descriptor)
{
    okng_error *error = c->error;
    const okng_node *node = &c->graph->nodes[value];
    const int32_t src = c->values[node->inputs[0]];
    okng_md md;
    OKNG_TRY_DNNL(okng_md_of(&md, descriptor, dnnl_query_dst_md), "plan", node->name);
    okng_status status =
        okng_compiler_add_result(c, value, &md, okng_compiler_buffer(c, src)->scale, &c->values[value]);
    okng_md_free(&md);
    if (status != OKNG_OK) return status;
    okng_binding bindings[] = {{DNNL_ARG_SRC, src}, {DNNL_ARG_DST, c->values[value]}};
    return okng_compiler_add_step(c, descriptor, bindings, 2, value, node->name);
}

/* In the type of its source. */
static okng_status compile_max_pool(okng_compiler *c, okng_value value)
{
    okng_error *error = c->error;
    const okng_node *node = &c->graph->nodes[value];
    const okng_md *src = &okng_compiler_buffer(c, c->values[node->inputs[0]])->md;
    okng_dnnl_window window = okng_compiler_window(node);
    dnnl_primitive_desc_t descriptor;
    okng_md any;
    OKNG_TRY_DNNL(okng_md_new(&any, node->shape.dims, 4, okng_md_type(src), dnnl_format_tag_any), "plan", node->name);
    dnnl_status_t planned = okng_dnnl_max_pool(&descriptor, c->engine->dnnl, src, &any, &window);
    okng_md_free(&any);
    OKNG_TRY_DNNL(planned, "plan the pooling", node->name);
    okng_status status = add_max_pool(c, value, descriptor);
    (void)dnnl_primitive_desc_destroy(descriptor);
    return status;
}

/* ---- the whole ---- */

typedef okng_status (*compile_fn)(okng_compiler *c, okng_value value);

/* Batch norms, ReLUs and sums have no entry: they run inside the convolution that they were fused into. */
static const compile_fn compile_op[OKNG_OP_COUNT] = {
    [OKNG_OP_INPUT] = compile_input, [OKNG_OP_CONV] = okng_compile_convolution, [OKNG_OP_MAX_POOL] = compile_max_pool};

static okng_status compile_nodes(okng_compiler *c)
{
    const okng_graph *graph = c->graph;
    for (size_t i = 0; i < graph->node_count; i++)
        for (int32_t k = 0; k < graph->nodes[i].input_count; k++) c->last_reads[graph->nodes[i].inputs[k]] = (int32_t)i;
    for (size_t i = 0; i < graph->node_count; i++) {
        const okng_node *node = &graph->nodes[i];
        if (!compile_op[node->op])
            return okng_fail(c->error, OKNG_ERROR_UNSUPPORTED, "%s: the engine cannot run a %s (%s) on its own",
                             graph->backbone, okng_op_get(node->op)->name, node->name);
        OKNG_TRY(compile_op[node->op](c, (okng_value)i));
        OKNG_TRY(okng_compiler_finish_result(c, (okng_value)i));
    }
    okng_engine *e = c->engine;
    return okng_memory_plan(e->blocks, e->block_count, &e->arena_bytes, c->error);
}

static okng_status compile(okng_engine *engine, const okng_graph *graph, const okng_weights *weights,
                           const okng_engine_options *options, okng_error *error)
{
    OKNG_TRY_DNNL(dnnl_engine_create(&engine->dnnl, dnnl_cpu, 0), "start on", "the CPU");
    engine->output_count = graph->output_count;
    OKNG_TRY(okng_graph_check_shapes(graph, weights, NULL, error));
    okng_compiler c = {.engine = engine,
                       .options = options,
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
    free(c.folded);
    return status;
}

okng_status okng_engine_supports(okng_precision precision, okng_error *error)
{
    bool fine = precision == OKNG_PRECISION_INT8   ? okng_dnnl_has_int8()
                : precision == OKNG_PRECISION_BF16 ? okng_dnnl_has_bf16()
                                                   : true;
    if (fine) return OKNG_OK;
    bool bf16 = precision == OKNG_PRECISION_BF16;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "precision %s: this CPU has no %s instructions (or the environment forbids them); use precision "
                     "fp32, with which a bank must be built anew",
                     bf16 ? "bf16" : "int8", bf16 ? "AVX-512 BF16" : "VNNI");
}

okng_status okng_engine_compile(okng_engine **out, const okng_graph *graph, const okng_weights *weights,
                                const okng_engine_options *options, okng_error *error)
{
    *out = NULL;
    OKNG_TRY(okng_engine_supports(options->precision, error));
    okng_engine *engine = calloc(1, sizeof *engine);
    if (!engine) return okng_fail_memory(error, sizeof *engine);
    engine->threads = okng_thread_count(options->threads);
    engine->value_count = graph->node_count;
    int before = okng_engine_use_threads(engine->threads);
    okng_status status = compile(engine, graph, weights, options, error);
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
