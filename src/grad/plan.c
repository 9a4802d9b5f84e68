#include "grad/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define BIT(role) (1u << OKNG_ROLE_##role)

/* What is known of an operator's gradient: which parameters may be trained, and which forward values it reads. */
typedef struct op_rule {
    bool known;
    uint32_t trainable;   /* roles */
    bool reads_inputs;    /* for the gradient of any input: all of them */
    bool reads_others;    /* for the gradient of one input: the others (a product) */
    bool reads_result;    /* for the gradient of any input */
    uint32_t params_read; /* roles whose gradient reads the first input */
    bool again;           /* cheap to compute once more */
} op_rule;

static const op_rule rules[OKNG_OP_COUNT] = {
    [OKNG_OP_INPUT] = {.known = true},
    [OKNG_OP_CONSTANT] = {.known = true, .trainable = BIT(VALUE)},
    [OKNG_OP_RELU] = {.known = true, .reads_inputs = true, .again = true},
    [OKNG_OP_GELU] = {.known = true, .reads_inputs = true, .again = true},
    [OKNG_OP_QUICK_GELU] = {.known = true, .reads_inputs = true, .again = true},
    [OKNG_OP_ADD] = {.known = true},
    [OKNG_OP_MULTIPLY] = {.known = true, .reads_others = true},
    [OKNG_OP_LINEAR] = {.known = true, .trainable = BIT(WEIGHT) | BIT(BIAS), .params_read = BIT(WEIGHT)},
    [OKNG_OP_MATMUL] = {.known = true, .reads_others = true},
    [OKNG_OP_LAYER_NORM] = {.known = true,
                            .trainable = BIT(SCALE) | BIT(SHIFT),
                            .reads_inputs = true,
                            .params_read = BIT(SCALE),
                            .again = true},
    [OKNG_OP_SOFTMAX] = {.known = true, .reads_result = true},
    [OKNG_OP_ATTENTION] = {.known = true, .reads_inputs = true, .reads_result = true},
    [OKNG_OP_EMBEDDING] = {.known = true, .trainable = BIT(WEIGHT), .params_read = BIT(WEIGHT)},
    [OKNG_OP_CONCAT] = {.known = true},
    [OKNG_OP_SLICE] = {.known = true, .again = true},
    [OKNG_OP_TRANSPOSE] = {.known = true, .again = true},
    [OKNG_OP_RESHAPE] = {.known = true, .again = true},
};

typedef struct planner {
    okng_grad_plan *plan;
    const okng_graph *graph;
    const char *const *trained;
    int trained_count;
    bool inputs;
    okng_error *error;
} planner;

int okng_grad_trained(const char *const *trained, int trained_count, const char *name)
{
    for (int i = 0; i < trained_count; i++)
        if (strcmp(trained[i], name) == 0) return i;
    return -1;
}

/* ---- which gradients are wanted ---- */

static okng_status find_params(const planner *p, const okng_node *node, uint32_t *params)
{
    *params = 0;
    for (int32_t k = 0; k < node->param_count; k++) {
        const okng_param *param = &node->params[k];
        if (okng_grad_trained(p->trained, p->trained_count, param->name) < 0) continue;
        if (!(rules[node->op].trainable & 1u << param->role) || node->transform)
            return okng_fail(p->error, OKNG_ERROR_UNSUPPORTED, "%s: %s, of %s %s, cannot be trained",
                             p->graph->backbone, param->name, okng_op_get(node->op)->name, node->name);
        *params |= 1u << param->role;
    }
    return OKNG_OK;
}

/* Each name once, and each of the graph. */
static okng_status check_names(const planner *p)
{
    for (int i = 0; i < p->trained_count; i++) {
        int found = 0;
        for (size_t n = 0; n < p->graph->node_count; n++)
            for (int32_t k = 0; k < p->graph->nodes[n].param_count; k++)
                found += strcmp(p->graph->nodes[n].params[k].name, p->trained[i]) == 0;
        if (found == 0)
            return okng_fail(p->error, OKNG_ERROR_NOT_FOUND, "%s has no parameter \"%.200s\" that could be trained",
                             p->graph->backbone, p->trained[i]);
        if (found > 1)
            return okng_fail(p->error, OKNG_ERROR_UNSUPPORTED,
                             "%s: %s is used in %d places, expected one for a parameter that is trained",
                             p->graph->backbone, p->trained[i], found);
        if (okng_grad_trained(p->trained, i, p->trained[i]) >= 0)
            return okng_fail(p->error, OKNG_ERROR_ARGUMENT, "the parameter %s is to be trained twice", p->trained[i]);
    }
    return OKNG_OK;
}

static okng_status find_wanted(const planner *p)
{
    for (size_t i = 0; i < p->graph->node_count; i++) {
        const okng_node *node = &p->graph->nodes[i];
        uint32_t params;
        if (!rules[node->op].known)
            return okng_fail(p->error, OKNG_ERROR_UNSUPPORTED, "%s: %s, a %s, has no gradient", p->graph->backbone,
                             node->name, okng_op_get(node->op)->name);
        OKNG_TRY(find_params(p, node, &params));
        bool wanted = params != 0 || (node->op == OKNG_OP_INPUT && p->inputs && node->dtype == OKNG_F32);
        for (int32_t k = 0; k < node->input_count; k++) wanted = wanted || p->plan->wanted[node->inputs[k]];
        p->plan->wanted[i] = wanted;
        if (wanted && node->input_count > OKNG_GRAD_INPUTS)
            return okng_fail(p->error, OKNG_ERROR_UNSUPPORTED, "%s: %s joins %d values, expected at most %d",
                             p->graph->backbone, node->name, (int)node->input_count, OKNG_GRAD_INPUTS);
    }
    return OKNG_OK;
}

/* ---- the nodes ---- */

static void plan_node(const planner *p, okng_value value, uint32_t params, bool *given)
{
    const okng_node *node = &p->graph->nodes[value];
    const op_rule *rule = &rules[node->op];
    okng_grad_node *out = &p->plan->nodes[p->plan->node_count++];
    *out = (okng_grad_node){.node = value, .params = params};
    for (int32_t k = 0; k < node->input_count; k++) {
        if (!p->plan->wanted[node->inputs[k]]) continue;
        out->inputs |= 1u << k;
        if (given[node->inputs[k]]) out->adds |= 1u << k;
        given[node->inputs[k]] = true;
    }
    for (int32_t k = 0; k < node->input_count; k++) {
        const bool other = rule->reads_others && (out->inputs & ~(1u << k));
        if ((out->inputs && rule->reads_inputs) || other || (k == 0 && (params & rule->params_read)))
            out->reads |= 1u << k;
    }
    out->reads_result = rule->reads_result && out->inputs;
}

/* In the order of falling depth. An output's gradient is given from outside. */
static okng_status plan_nodes(const planner *p, bool *given)
{
    for (int i = 0; i < p->graph->output_count; i++) given[p->graph->outputs[i]] = true;
    for (size_t i = p->graph->node_count; i-- > 0;) {
        const okng_node *node = &p->graph->nodes[i];
        uint32_t params;
        OKNG_TRY(find_params(p, node, &params));
        if (p->plan->wanted[i] && given[i] && (node->input_count > 0 || params))
            plan_node(p, (okng_value)i, params, given);
    }
    return OKNG_OK;
}

/* ---- maps of a norm ---- */

/* Whether all that reads the result of a norm are linear maps with trained weights, and nothing is wanted beyond it. */
static bool goes_through(const planner *p, okng_value norm)
{
    const okng_graph *graph = p->graph;
    size_t readers = 0, maps = 0;
    if (graph->nodes[norm].op != OKNG_OP_LAYER_NORM || p->plan->wanted[graph->nodes[norm].inputs[0]]) return false;
    for (int i = 0; i < graph->output_count; i++) readers += graph->outputs[i] == norm;
    for (size_t i = 0; i < graph->node_count; i++)
        for (int32_t k = 0; k < graph->nodes[i].input_count; k++) readers += graph->nodes[i].inputs[k] == norm;
    for (size_t i = 0; i < p->plan->node_count; i++) {
        const okng_grad_node *g = &p->plan->nodes[i];
        const okng_node *node = &graph->nodes[g->node];
        maps += node->op == OKNG_OP_LINEAR && node->inputs[0] == norm && (g->params & BIT(WEIGHT));
    }
    return maps > 0 && maps == readers;
}

/* The norm's node stays in the plan: it ends what the maps before it have begun. */
static void plan_through(const planner *p)
{
    for (size_t n = 0; n < p->plan->node_count; n++) {
        okng_grad_node *norm = &p->plan->nodes[n];
        if (!norm->params || !goes_through(p, norm->node)) continue;
        norm->through = true;
        norm->reads = 0;
        for (size_t i = 0; i < n; i++) {
            okng_grad_node *map = &p->plan->nodes[i];
            if (p->graph->nodes[map->node].input_count < 1 || p->graph->nodes[map->node].inputs[0] != norm->node)
                continue;
            map->through = true;
            map->inputs = map->adds = 0;
        }
    }
}

/* ---- what is kept ---- */

static void keep(const planner *p, okng_value value)
{
    const okng_node *node = &p->graph->nodes[value];
    okng_grad_keeping *keeping = &p->plan->keeping[value];
    if (*keeping != OKNG_GRAD_PASSING) return;
    *keeping = rules[node->op].again ? OKNG_GRAD_AGAIN : OKNG_GRAD_KEPT;
}

static void find_keeping(const planner *p)
{
    for (size_t i = 0; i < p->graph->node_count; i++)
        if (p->graph->nodes[i].input_count == 0) p->plan->keeping[i] = OKNG_GRAD_THERE;
    for (size_t i = 0; i < p->plan->node_count; i++) {
        const okng_grad_node *g = &p->plan->nodes[i];
        for (int32_t k = 0; k < p->graph->nodes[g->node].input_count && k < OKNG_GRAD_INPUTS; k++)
            if (g->reads & 1u << k) keep(p, p->graph->nodes[g->node].inputs[k]);
        if (g->reads_result) keep(p, g->node);
    }
    /* What is computed again reads its own inputs, which come earlier. */
    for (size_t i = p->graph->node_count; i-- > 0;)
        if (p->plan->keeping[i] == OKNG_GRAD_AGAIN)
            for (int32_t k = 0; k < p->graph->nodes[i].input_count; k++) keep(p, p->graph->nodes[i].inputs[k]);
}

/* ---- making it ---- */

static okng_status make(const planner *p)
{
    OKNG_TRY(check_names(p));
    OKNG_TRY(find_wanted(p));
    bool *given = okng_alloc_zero(p->graph->node_count, sizeof *given);
    if (!given) return okng_fail_memory(p->error, p->graph->node_count * sizeof *given);
    okng_status status = plan_nodes(p, given);
    free(given);
    if (status != OKNG_OK) return status;
    plan_through(p);
    find_keeping(p);
    return OKNG_OK;
}

okng_status okng_grad_plan_make(okng_grad_plan *out, const okng_graph *graph, const char *const *trained,
                                int trained_count, bool inputs, okng_error *error)
{
    const planner p = {out, graph, trained, trained_count, inputs, error};
    const size_t count = graph->node_count;
    *out = (okng_grad_plan){.nodes = okng_alloc(count, sizeof *out->nodes),
                            .wanted = okng_alloc_zero(count, sizeof *out->wanted),
                            .keeping = okng_alloc_zero(count, sizeof *out->keeping)};
    okng_status status = OKNG_ERROR_MEMORY;
    if (!out->nodes || !out->wanted || !out->keeping)
        (void)okng_fail_memory(error, count * sizeof *out->nodes);
    else
        status = make(&p);
    if (status != OKNG_OK) okng_grad_plan_free(out);
    return status;
}

void okng_grad_plan_free(okng_grad_plan *plan)
{
    free(plan->nodes);
    free(plan->wanted);
    free(plan->keeping);
    *plan = (okng_grad_plan){0};
}

/* ---- as text ---- */

typedef struct writer {
    char *text;
    size_t size, used;
} writer;

__attribute__((format(printf, 2, 3))) static void put(writer *w, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const bool room = w->used < w->size;
    int length = vsnprintf(room ? w->text + w->used : NULL, room ? w->size - w->used : 0, format, list);
    va_end(list);
    w->used += length > 0 ? (size_t)length : 0;
}

static const char *role_name(okng_role role)
{
    static const char *const names[OKNG_ROLE_COUNT] = {
        [OKNG_ROLE_WEIGHT] = "weight", [OKNG_ROLE_SCALE] = "scale",       [OKNG_ROLE_SHIFT] = "shift",
        [OKNG_ROLE_MEAN] = "mean",     [OKNG_ROLE_VARIANCE] = "variance", [OKNG_ROLE_BIAS] = "bias",
        [OKNG_ROLE_VALUE] = "value"};
    return names[role];
}

static void put_node(writer *w, const okng_graph *graph, const okng_grad_node *g)
{
    const okng_node *node = &graph->nodes[g->node];
    const char *before = " gives ";
    put(w, "%s: %s%s", node->name, okng_op_get(node->op)->name, g->through ? " through its norm" : "");
    for (int32_t k = 0; k < node->input_count; k++)
        if (g->inputs & 1u << k) {
            put(w, "%s%s%s", before, g->adds & 1u << k ? "+" : "", graph->nodes[node->inputs[k]].name);
            before = ", ";
        }
    for (int role = 0; role < OKNG_ROLE_COUNT; role++)
        if (g->params & 1u << role) {
            put(w, "%s%s", before, role_name((okng_role)role));
            before = ", ";
        }
    before = "; reads ";
    for (int32_t k = 0; k < node->input_count; k++)
        if (g->reads & 1u << k) {
            put(w, "%s%s", before, graph->nodes[node->inputs[k]].name);
            before = ", ";
        }
    put(w, "%s%s\n", g->reads_result ? before : "", g->reads_result ? "its result" : "");
}

size_t okng_grad_plan_text(const okng_grad_plan *plan, const okng_graph *graph, char *text, size_t size)
{
    writer w = {text, size, 0};
    if (size > 0) text[0] = 0;
    for (size_t i = 0; i < plan->node_count; i++) put_node(&w, graph, &plan->nodes[i]);
    return w.used;
}
