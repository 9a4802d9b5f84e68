/* From graph to plan: one pass over the nodes, each of which appends its steps. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/onednn/compiler.h"
#include "engine/onednn/needs.h"

typedef okng_status (*compile_fn)(okng_compiler *c, okng_value value);

/* Batch norms have no entry: they run inside the convolution that they were folded into. */
static const struct {
    compile_fn compile;
    bool int8; /* runs between 8-bit convolutions */
} operators[OKNG_OP_COUNT] = {
    [OKNG_OP_INPUT] = {okng_compile_input, true},          [OKNG_OP_CONSTANT] = {okng_compile_constant, false},
    [OKNG_OP_CONV] = {okng_compile_convolution, true},     [OKNG_OP_MAX_POOL] = {okng_compile_max_pool, true},
    [OKNG_OP_RELU] = {okng_compile_curve, false},          [OKNG_OP_GELU] = {okng_compile_curve, false},
    [OKNG_OP_QUICK_GELU] = {okng_compile_curve, false},    [OKNG_OP_ADD] = {okng_compile_binary, false},
    [OKNG_OP_MULTIPLY] = {okng_compile_binary, false},     [OKNG_OP_LINEAR] = {okng_compile_linear, false},
    [OKNG_OP_MATMUL] = {okng_compile_matmul, false},       [OKNG_OP_LAYER_NORM] = {okng_compile_layer_norm, false},
    [OKNG_OP_SOFTMAX] = {okng_compile_softmax, false},     [OKNG_OP_ATTENTION] = {okng_compile_attention, false},
    [OKNG_OP_EMBEDDING] = {okng_compile_embedding, false}, [OKNG_OP_CONCAT] = {okng_compile_concat, false},
    [OKNG_OP_SLICE] = {okng_compile_slice, false},         [OKNG_OP_TRANSPOSE] = {okng_compile_transpose, false},
    [OKNG_OP_RESHAPE] = {okng_compile_reshape, false},
};

/* What reads a value: when last, under any of its names, and whether it may be less than float32. */
static void look_at_readers(okng_compiler *c)
{
    const okng_graph *graph = c->graph;
    for (size_t i = 0; i < graph->node_count; i++) {
        const okng_node *node = &graph->nodes[i];
        c->roots[i] = okng_op_get(node->op)->in_place ? c->roots[node->inputs[0]] : (okng_value)i;
        for (int32_t k = 0; k < node->input_count; k++) c->last_reads[c->roots[node->inputs[k]]] = (int32_t)i;
    }
    for (int i = 0; i < graph->output_count; i++) c->precise[graph->outputs[i]] = true;
    for (size_t i = graph->node_count; i-- > 0;) {
        const okng_node *node = &graph->nodes[i];
        for (int32_t k = 0; k < node->input_count; k++) {
            bool narrow = node->op == OKNG_OP_CONV || node->op == OKNG_OP_MAX_POOL ||
                          (node->op == OKNG_OP_LINEAR && k == 0) || (okng_op_get(node->op)->in_place && !c->precise[i]);
            if (!narrow) c->precise[node->inputs[k]] = true;
        }
    }
}

static okng_status refuse(const okng_compiler *c, const okng_node *node)
{
    const char *name = okng_op_get(node->op)->name;
    if (!operators[node->op].compile)
        return okng_fail(c->error, OKNG_ERROR_UNSUPPORTED, "%s: the engine cannot run a %s (%s) on its own",
                         c->graph->backbone, name, node->name);
    return okng_fail(c->error, OKNG_ERROR_UNSUPPORTED,
                     "precision int8: %s has a %s (%s), and int8 is for networks of convolutions; use precision fp32",
                     c->graph->backbone, name, node->name);
}

static okng_status compile_nodes(okng_compiler *c)
{
    const okng_graph *graph = c->graph;
    const bool int8 = c->compiled->precision == OKNG_PRECISION_INT8;
    look_at_readers(c);
    for (size_t i = 0; i < graph->node_count; i++) {
        const okng_node *node = &graph->nodes[i];
        if (!operators[node->op].compile || (int8 && !operators[node->op].int8)) return refuse(c, node);
        OKNG_TRY(okng_prove_node(c->compiled, node, c->folded_bytes, c->weights != NULL, c->error));
        OKNG_TRY(operators[node->op].compile(c, (okng_value)i));
        OKNG_TRY(okng_compiler_finish_result(c, (okng_value)i));
    }
    return okng_memory_plan(c->plan->blocks, c->plan->block_count, &c->plan->arena_bytes, c->error);
}

static okng_status compile(okng_compiled *compiled, okng_plan *plan, const okng_weights *weights, okng_error *error)
{
    const size_t nodes = compiled->graph->node_count;
    okng_compiler c = {.compiled = compiled,
                       .plan = plan,
                       .graph = compiled->graph,
                       .weights = weights,
                       .naming = weights ? okng_graph_naming(compiled->graph, weights) : (okng_naming){0},
                       .values = okng_alloc_zero(nodes, sizeof *c.values),
                       .roots = okng_alloc_zero(nodes, sizeof *c.roots),
                       .last_reads = okng_alloc_zero(nodes, sizeof *c.last_reads),
                       .precise = okng_alloc_zero(nodes, sizeof *c.precise),
                       .error = error};
    const int before = okng_dnnl_use_threads(compiled->threads);
    okng_status status = c.values && c.roots && c.last_reads && c.precise
                             ? compile_nodes(&c)
                             : okng_fail_memory(error, nodes * sizeof *c.values);
    okng_dnnl_leave_threads(before);
    free(c.values);
    free(c.roots);
    free(c.last_reads);
    free(c.precise);
    free(c.folded);
    return status;
}

okng_status okng_plan_new(okng_plan **out, okng_compiled *compiled, const okng_weights *weights, int64_t batch,
                          okng_error *error)
{
    okng_plan *plan = calloc(1, sizeof *plan);
    *out = plan;
    if (!plan) return okng_fail_memory(error, sizeof *plan);
    plan->batch = batch;
    okng_status status = compile(compiled, plan, weights, error);
    if (status != OKNG_OK) okng_plan_free(out);
    return status;
}

void okng_plan_free(okng_plan **plan)
{
    if (!plan || !*plan) return;
    okng_plan *p = *plan;
    for (size_t i = 0; i < p->step_count; i++) {
        if (p->steps[i].primitive) (void)okng_dnnl.primitive_destroy(p->steps[i].primitive);
        okng_md_free(&p->steps[i].scratch);
        okng_work_free(p->steps[i].work);
        free(p->steps[i].args);
    }
    for (size_t i = 0; i < p->buffer_count; i++) {
        okng_md_free(&p->buffers[i].md);
        if (p->buffers[i].owned) free(p->buffers[i].data);
    }
    free(p->steps);
    free(p->buffers);
    free(p->blocks);
    free(p);
    *plan = NULL;
}
