#include "net/folded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/fold_weights.h"

/* ---- graphs that ask for it -------------------------------------------------------------------------------------- */

/* "X.bias" of "X.weight". */
static void name_bias(const char *weight, char name[OKNG_NAME_MAX])
{
    static const char end[] = ".weight";
    size_t length = strlen(weight);
    const size_t cut = length >= strlen(end) ? length - strlen(end) : 0;
    if (cut > 0 && strcmp(weight + cut, end) == 0) length = cut;
    (void)snprintf(name, OKNG_NAME_MAX, "%.*s.bias", (int)(length < OKNG_NAME_MAX ? length : OKNG_NAME_MAX - 1),
                   weight);
}

/* Something is folded into its weights: a norm, or a layer scale. */
static bool is_folded(const okng_node *node)
{
    return okng_op_get(node->op)->fuses && okng_node_param(node, OKNG_ROLE_SCALE);
}

static void take_node(okng_node *node)
{
    const okng_param weight = *okng_node_param(node, OKNG_ROLE_WEIGHT);
    const okng_param *given = okng_node_param(node, OKNG_ROLE_BIAS);
    okng_param bias = {.role = OKNG_ROLE_BIAS, .shape = {.rank = 1, .dims = {weight.shape.dims[0]}}};
    if (given)
        bias = *given;
    else
        name_bias(weight.name, bias.name);
    node->params[0] = weight;
    node->params[1] = bias;
    node->param_count = 2;
    node->normalized = false;
}

void okng_graph_take_folded(okng_graph *graph, const okng_weights *weights)
{
    if (!okng_weights_metadata(weights, OKNG_FOLDED_NOTE)) return;
    for (size_t i = 0; i < graph->node_count; i++)
        if (is_folded(&graph->nodes[i])) take_node(&graph->nodes[i]);
}

/* ---- weights as such graphs want them ---------------------------------------------------------------------------- */

typedef struct walk {
    const okng_graph *graph;
    okng_naming naming;
    int threads;
    okng_folded_fn *keep;
    void *context;
    okng_error *error;
} walk;

/* Whether a node before this one has handed over a parameter of that name. */
static bool is_kept(const walk *w, size_t node, const char *name)
{
    for (size_t i = 0; i < node; i++)
        for (int k = 0; k < w->graph->nodes[i].param_count; k++)
            if (strcmp(w->graph->nodes[i].params[k].name, name) == 0) return true;
    return false;
}

static okng_array view(const okng_shape *shape, float *data)
{
    okng_array array = {.dims = shape->rank, .data = data, .bytes = (size_t)okng_shape_elements(shape) * sizeof *data};
    memcpy(array.shape, shape->dims, (size_t)shape->rank * sizeof *shape->dims);
    return array;
}

static okng_status keep_folded(const walk *w, const okng_node *node)
{
    okng_node folded = *node;
    take_node(&folded);
    const okng_shape *shape = &folded.params[0].shape, *line = &folded.params[1].shape;
    const size_t count = (size_t)okng_shape_elements(shape), channels = (size_t)line->dims[0];
    float *values = okng_alloc(count + channels, sizeof *values);
    if (!values) return okng_fail_memory(w->error, (count + channels) * sizeof *values);
    const okng_array weights = view(shape, values), bias = view(line, values + count);
    okng_status status = okng_fold_weights(node, &w->naming, 1, w->threads, values, values + count, w->error);
    if (status == OKNG_OK) status = w->keep(w->context, folded.params[0].name, &weights, true, w->error);
    if (status == OKNG_OK) status = w->keep(w->context, folded.params[1].name, &bias, false, w->error);
    free(values);
    return status;
}

static okng_status keep_param(const walk *w, const okng_node *node, const okng_param *param)
{
    const size_t count = (size_t)okng_shape_elements(&param->shape);
    const bool matrix = okng_op_get(node->op)->fuses && param->role == OKNG_ROLE_WEIGHT;
    float *values = okng_alloc(count, sizeof *values);
    if (!values) return okng_fail_memory(w->error, count * sizeof *values);
    const okng_array array = view(&param->shape, values);
    okng_status status = okng_fold_param(param, &w->naming, values, w->error);
    if (status == OKNG_OK) status = w->keep(w->context, param->name, &array, matrix, w->error);
    free(values);
    return status;
}

okng_status okng_graph_fold(okng_graph *graph, const okng_weights *weights, int threads, okng_folded_fn *keep,
                            void *context, okng_error *error)
{
    okng_graph_take_folded(graph, weights);
    const walk w = {graph, okng_graph_naming(graph, weights), threads, keep, context, error};
    for (size_t i = 0; i < graph->node_count; i++) {
        const okng_node *node = &graph->nodes[i];
        if (is_folded(node)) {
            OKNG_TRY(keep_folded(&w, node));
            continue;
        }
        for (int k = 0; k < node->param_count; k++)
            if (!is_kept(&w, i, node->params[k].name)) OKNG_TRY(keep_param(&w, node, &node->params[k]));
    }
    return OKNG_OK;
}
