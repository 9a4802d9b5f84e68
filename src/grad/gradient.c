#include "grad/gradient.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "grad/inside.h"
#include "grad/unfuse.h"
#include "net/fold_weights.h"

/* ---- parameters ---- */

/* Takes over `list`; NULL when memory is out. */
static okng_real *to_real(float *list, size_t count)
{
#if defined(OKNG_GRAD_DOUBLE)
    okng_real *out = okng_alloc(count, sizeof *out);
    for (size_t i = 0; out && i < count; i++) out[i] = (okng_real)list[i];
    free(list);
    return out;
#else
    (void)count;
    return list;
#endif
}

/* The value of a CONSTANT, or another node's parameter. */
static okng_status load(okng_gradient *g, const okng_node *node, const okng_param *param, const okng_naming *naming,
                        okng_real **out, okng_error *error)
{
    const bool constant = node->op == OKNG_OP_CONSTANT;
    const size_t count = (size_t)okng_shape_elements(constant ? &node->shape : &param->shape);
    float *list = okng_alloc(count, sizeof *list);
    if (!list) return okng_fail_memory(error, count * sizeof *list);
    okng_status status =
        constant ? okng_fold_constant(node, naming, list, error) : okng_fold_param(param, naming, list, error);
    if (status != OKNG_OK) {
        free(list);
        return status;
    }
    *out = to_real(list, count);
    if (!*out) return okng_fail_memory(error, count * sizeof **out);
    g->owned[g->owned_count++] = *out;
    return OKNG_OK;
}

static okng_status load_node(okng_gradient *g, size_t number, const okng_naming *naming,
                             const okng_gradient_request *request, okng_error *error)
{
    const okng_node *node = &g->graph->nodes[number];
    for (int32_t k = 0; k < node->param_count; k++) {
        const okng_param *param = &node->params[k];
        okng_grad_param *to = &g->params[number][param->role];
        const int trained = okng_grad_trained(request->trained, request->trained_count, param->name);
        okng_real *values = NULL;
        if (trained >= 0) {
            *to = (okng_grad_param){g->trained[trained].values, g->trained[trained].gradient};
            continue;
        }
        OKNG_TRY(load(g, node, param, naming, &values, error));
        to->values = values;
    }
    return OKNG_OK;
}

/* How the file calls this graph's tensors: by the first that is frozen. */
static okng_naming naming_of(const okng_gradient *g, const okng_weights *weights, const okng_gradient_request *request)
{
    for (size_t i = 0; i < g->graph->node_count; i++)
        for (int32_t k = 0; k < g->graph->nodes[i].param_count; k++) {
            const char *name = g->graph->nodes[i].params[k].name;
            if (okng_grad_trained(request->trained, request->trained_count, name) < 0)
                return okng_naming_find(weights, name);
        }
    return (okng_naming){weights, "", NULL, false};
}

static okng_status load_all(okng_gradient *g, const okng_weights *weights, const okng_gradient_request *request,
                            okng_error *error)
{
    size_t count = 0;
    for (size_t i = 0; i < g->graph->node_count; i++) count += (size_t)g->graph->nodes[i].param_count;
    g->owned = okng_alloc(count, sizeof *g->owned);
    g->params = okng_alloc_zero(g->graph->node_count, sizeof *g->params);
    if (!g->owned || !g->params) return okng_fail_memory(error, g->graph->node_count * sizeof *g->params);
    const okng_naming naming = naming_of(g, weights, request);
    for (size_t i = 0; i < g->graph->node_count; i++) OKNG_TRY(load_node(g, i, &naming, request, error));
    return OKNG_OK;
}

/* ---- trained ones ---- */

static size_t count_of(const okng_graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->node_count; i++)
        for (int32_t k = 0; k < graph->nodes[i].param_count; k++)
            if (strcmp(graph->nodes[i].params[k].name, name) == 0)
                return (size_t)okng_shape_elements(&graph->nodes[i].params[k].shape);
    return 0;
}

static okng_status make_trained(okng_gradient *g, const okng_gradient_request *request, okng_error *error)
{
    g->trained = okng_alloc_zero((size_t)request->trained_count, sizeof *g->trained);
    if (!g->trained) return okng_fail_memory(error, (size_t)request->trained_count * sizeof *g->trained);
    for (; g->trained_count < request->trained_count; g->trained_count++) {
        okng_grad_trained_param *p = &g->trained[g->trained_count];
        p->count = count_of(g->graph, request->trained[g->trained_count]);
        p->values = okng_alloc_zero(p->count, sizeof *p->values);
        p->gradient = okng_alloc_zero(p->count, sizeof *p->gradient);
        if (p->values && p->gradient) continue;
        free(p->values);
        free(p->gradient);
        return okng_fail_memory(error, p->count * sizeof *p->values);
    }
    return OKNG_OK;
}

/* ---- all of it ---- */

static okng_status make(okng_gradient *g, const okng_graph *graph, const okng_weights *weights,
                        const okng_gradient_request *request, okng_error *error)
{
    g->threads = okng_thread_count(request->threads);
    OKNG_TRY(okng_graph_unfuse(&g->graph, graph, error));
    OKNG_TRY(okng_grad_plan_make(&g->plan, g->graph, request->trained, request->trained_count, request->inputs, error));
    OKNG_TRY(make_trained(g, request, error));
    return load_all(g, weights, request, error);
}

okng_status okng_gradient_new(okng_gradient **out, const okng_graph *graph, const okng_weights *weights,
                              const okng_gradient_request *request, okng_error *error)
{
    okng_gradient *g = calloc(1, sizeof *g);
    *out = NULL;
    if (!g) return okng_fail_memory(error, sizeof *g);
    okng_status status = make(g, graph, weights, request, error);
    if (status == OKNG_OK)
        *out = g;
    else
        okng_gradient_free(&g);
    return status;
}

void okng_gradient_free(okng_gradient **gradient)
{
    if (!gradient || !*gradient) return;
    okng_gradient *g = *gradient;
    for (int i = 0; i < g->trained_count; i++) {
        free(g->trained[i].values);
        free(g->trained[i].gradient);
    }
    for (size_t i = 0; i < g->owned_count; i++) free(g->owned[i]);
    free(g->trained);
    free(g->owned);
    free(g->params);
    okng_grad_plan_free(&g->plan);
    okng_graph_free(&g->graph);
    free(g);
    *gradient = NULL;
}

okng_real *okng_gradient_values(okng_gradient *gradient, int trained)
{
    return gradient->trained[trained].values;
}

okng_real *okng_gradient_of(okng_gradient *gradient, int trained)
{
    return gradient->trained[trained].gradient;
}

size_t okng_gradient_count(const okng_gradient *gradient, int trained)
{
    return gradient->trained[trained].count;
}

void okng_gradient_clear(okng_gradient *gradient)
{
    for (int i = 0; i < gradient->trained_count; i++)
        memset(gradient->trained[i].gradient, 0, gradient->trained[i].count * sizeof(okng_real));
}

/* Of a map one product for what it reads and one for its weights; of attention Q K^T once more, and for each of its
 * results the gradient by both factors. */
static double backward_flops(const okng_gradient *g, const okng_grad_node *planned)
{
    const okng_node *node = &g->graph->nodes[planned->node];
    const double forward = okng_node_flops(g->graph, node);
    if (node->op == OKNG_OP_ATTENTION) return 2.5 * forward;
    const int products = (planned->inputs & 1 ? 1 : 0) + (planned->inputs & 2 ? 1 : 0) +
                         (planned->params & 1u << OKNG_ROLE_WEIGHT ? 1 : 0);
    return products * forward;
}

double okng_gradient_flops(const okng_gradient *gradient)
{
    double sum = okng_graph_flops(gradient->graph);
    for (size_t i = 0; i < gradient->plan.node_count; i++) sum += backward_flops(gradient, &gradient->plan.nodes[i]);
    return sum;
}
