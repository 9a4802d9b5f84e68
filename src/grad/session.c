/* Runs a graph forward and backward, picture after picture; an operator's rows are shared among threads. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "grad/inside.h"
#include "grad/ops.h"

/* ---- where everything lies ---- */

/* Hands out a part of one piece of memory; only counts where that is not there yet. */
typedef struct places {
    char *memory; /* NULL: counting */
    size_t used;
    bool overflow;
    int threads; /* whose scratch is placed */
} places;

static okng_real *place(places *p, int64_t times, size_t count)
{
    size_t bytes, end;
    if (count == 0) return NULL;
    if (!okng_mul_size((size_t)times, count, &bytes) || !okng_mul_size(bytes, sizeof(okng_real), &bytes) ||
        !okng_add_size(bytes, OKNG_ALIGNMENT - 1, &bytes) ||
        !okng_add_size(p->used, bytes / OKNG_ALIGNMENT * OKNG_ALIGNMENT, &end)) {
        p->overflow = true;
        return NULL;
    }
    okng_real *out = p->memory ? (okng_real *)(void *)(p->memory + p->used) : NULL;
    p->used = end;
    return out;
}

static size_t elements(const okng_gradient *g, okng_value value)
{
    return (size_t)okng_shape_elements(&g->graph->nodes[value].shape);
}

static bool is_trained_constant(const okng_gradient *g, okng_value value)
{
    return g->graph->nodes[value].op == OKNG_OP_CONSTANT && g->params[value][OKNG_ROLE_VALUE].gradient;
}

static const okng_grad_node *planned(const okng_gradient *g, okng_value value)
{
    for (size_t i = 0; i < g->plan.node_count; i++)
        if (g->plan.nodes[i].node == value) return &g->plan.nodes[i];
    return NULL;
}

static void place_values(const okng_gradient *g, int64_t batch, okng_value value, places *p, okng_gradient_session *s)
{
    const okng_node *node = &g->graph->nodes[value];
    const okng_grad_op *op = okng_grad_op_get(node->op);
    const okng_grad_keeping keeping = g->plan.keeping[value];
    okng_real *values = NULL, *kept = NULL, *gradient = NULL;
    if (keeping != OKNG_GRAD_THERE) values = place(p, keeping == OKNG_GRAD_KEPT ? batch : 1, elements(g, value));
    if (op->kept) kept = place(p, batch, op->kept(g->graph, node));
    if (g->plan.wanted[value] && !is_trained_constant(g, value)) gradient = place(p, 1, elements(g, value));
    if (!s) return;
    s->values[value] = values;
    s->kept[value] = kept;
    s->gradients[value] = gradient;
}

/* Of a linear map: its packed weights, where they serve several pictures, and the sums of its gradient. */
static void place_map(const okng_gradient *g, int64_t batch, okng_value value, okng_grad_sizes *sizes, places *p,
                      okng_gradient_session *s)
{
    const okng_node *node = &g->graph->nodes[value];
    const okng_grad_node *back = planned(g, value);
    okng_grad_maps maps = okng_grad_maps_of(g->graph, node);
    okng_grad_sum sum = {0};
    if (maps.there) {
        okng_grad_maps_sizes(&maps, sizes);
        if (batch > 1) maps.to_columns = place(p, 1, okng_grad_maps_forward_size(&maps));
        if (batch > 1 && back && back->inputs & 1) maps.to_inner = place(p, 1, okng_grad_maps_back_size(&maps));
    }
    if (back && node->op == OKNG_OP_LINEAR && back->params & 1u << OKNG_ROLE_WEIGHT) {
        const okng_shape *weight = &okng_node_param(node, OKNG_ROLE_WEIGHT)->shape;
        sum.products = place(p, 1, (size_t)okng_shape_elements(weight));
        if (back->through) sum.sums = place(p, 1, (size_t)weight->dims[0]);
    }
    if (!s) return;
    s->maps[value] = maps;
    s->weights[value] = sum;
}

static void place_room(const okng_grad_sizes *sizes, places *p, okng_gradient_session *s)
{
    const okng_grad_room room = {.packed = place(p, 1, sizes->packed),
                                 .turned_weights = place(p, 1, sizes->turned_weights),
                                 .rows = place(p, 1, sizes->rows),
                                 .turned = place(p, 1, sizes->turned),
                                 .columns = place(p, 1, sizes->columns),
                                 .zeros = place(p, 1, sizes->zeros),
                                 .scratch = place(p, p->threads, sizes->each),
                                 .each = sizes->each};
    if (!s) return;
    s->room = room;
    if (room.zeros) memset(room.zeros, 0, sizes->zeros * sizeof *room.zeros);
}

static void place_all(const okng_gradient *g, int64_t batch, places *p, okng_gradient_session *s)
{
    size_t scratch = 0;
    okng_grad_sizes sizes = {0};
    for (size_t i = 0; i < g->graph->node_count; i++) {
        const okng_node *node = &g->graph->nodes[i];
        const okng_grad_op *op = okng_grad_op_get(node->op);
        const size_t wanted = op->scratch ? op->scratch(g->graph, node) : 0;
        if (wanted > scratch) scratch = wanted;
        place_values(g, batch, (okng_value)i, p, s);
        place_map(g, batch, (okng_value)i, &sizes, p, s);
    }
    place_room(&sizes, p, s);
    okng_real *room = place(p, p->threads, scratch);
    if (s) s->scratch = room;
}

static size_t count_bytes(const okng_gradient *g, int64_t batch, int threads)
{
    places p = {.threads = threads};
    place_all(g, batch, &p, NULL);
    return p.overflow ? SIZE_MAX : p.used;
}

size_t okng_gradient_session_bytes(const okng_gradient *gradient, int64_t batch)
{
    return count_bytes(gradient, batch, gradient->threads);
}

size_t okng_gradient_shared_bytes(const okng_gradient *gradient, int64_t batch)
{
    return count_bytes(gradient, batch, 0);
}

static okng_status make(okng_gradient_session *s, okng_gradient *g, int64_t batch, okng_error *error)
{
    const size_t count = g->graph->node_count, bytes = okng_gradient_session_bytes(g, batch);
    s->of = g;
    s->batch = batch;
    s->values = okng_alloc_zero(count, sizeof *s->values);
    s->kept = okng_alloc_zero(count, sizeof *s->kept);
    s->gradients = okng_alloc_zero(count, sizeof *s->gradients);
    s->weights = okng_alloc_zero(count, sizeof *s->weights);
    s->maps = okng_alloc_zero(count, sizeof *s->maps);
    s->inputs = okng_alloc_zero(count, sizeof *s->inputs);
    if (!s->values || !s->kept || !s->gradients || !s->weights || !s->maps || !s->inputs)
        return okng_fail_memory(error, count * sizeof *s->maps);
    s->memory = okng_alloc(bytes, 1);
    if (!s->memory) return okng_fail_memory(error, bytes);
    place_all(g, batch, &(places){.memory = s->memory, .threads = g->threads}, s);
    return OKNG_OK;
}

okng_status okng_gradient_session_new(okng_gradient_session **out, okng_gradient *gradient, int64_t batch,
                                      okng_error *error)
{
    *out = NULL;
    if (batch < 1)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "a batch of %lld pictures, expected 1 or more", (long long)batch);
    okng_gradient_session *s = calloc(1, sizeof *s);
    if (!s) return okng_fail_memory(error, sizeof *s);
    okng_status status = make(s, gradient, batch, error);
    if (status == OKNG_OK)
        *out = s;
    else
        okng_gradient_session_free(&s);
    return status;
}

void okng_gradient_session_free(okng_gradient_session **session)
{
    if (!session || !*session) return;
    okng_gradient_session *s = *session;
    free(s->memory);
    free(s->values);
    free(s->kept);
    free(s->gradients);
    free(s->weights);
    free(s->maps);
    free(s->inputs);
    free(s);
    *session = NULL;
}

/* ---- a node's numbers, of picture `n` ---- */

static okng_real *value_of(const okng_gradient_session *s, okng_value value, int64_t n)
{
    const okng_gradient *g = s->of;
    const okng_node *node = &g->graph->nodes[value];
    const size_t at = (size_t)n * elements(g, value);
    if (node->op == OKNG_OP_CONSTANT) return (okng_real *)(uintptr_t)g->params[value][OKNG_ROLE_VALUE].values;
    if (node->op == OKNG_OP_INPUT) {
        const size_t size = node->dtype == OKNG_I32 ? sizeof(int32_t) : sizeof(okng_real);
        return (okng_real *)(uintptr_t)((const char *)s->inputs[value] + at * size);
    }
    return s->values[value] + (g->plan.keeping[value] == OKNG_GRAD_KEPT ? at : 0);
}

static okng_grad_call call_of(okng_gradient_session *s, okng_value value, int64_t n, const okng_real **x)
{
    const okng_gradient *g = s->of;
    const okng_node *node = &g->graph->nodes[value];
    const okng_grad_op *op = okng_grad_op_get(node->op);
    okng_grad_call call = {.graph = g->graph,
                           .node = node,
                           .threads = g->threads,
                           .x = x,
                           .maps = s->maps[value].there ? &s->maps[value] : NULL,
                           .room = &s->room,
                           .scratch = s->scratch};
    if (op->kept) call.kept = s->kept[value] + (size_t)n * op->kept(g->graph, node);
    for (int role = 0; role < OKNG_ROLE_COUNT; role++) call.params[role] = g->params[value][role].values;
    return call;
}

/* ---- forward ---- */

/* `bare`: a norm without its scale and shift. */
static void run_node(okng_gradient_session *s, okng_value value, int64_t n, const okng_real **x, bool bare)
{
    const okng_node *node = &s->of->graph->nodes[value];
    okng_grad_call call = call_of(s, value, n, x);
    for (int32_t k = 0; k < node->input_count; k++) x[k] = value_of(s, node->inputs[k], n);
    call.y = value_of(s, value, n);
    if (bare) memset(call.params, 0, sizeof call.params);
    okng_grad_op_get(node->op)->forward(&call);
}

/* Numbers that an embedding has no row for. */
static okng_status check_numbers(const okng_gradient_session *s, okng_error *error)
{
    const okng_graph *graph = s->of->graph;
    for (size_t i = 0; i < graph->node_count; i++) {
        if (graph->nodes[i].op != OKNG_OP_EMBEDDING) continue;
        const int32_t *numbers = s->inputs[graph->nodes[i].inputs[0]];
        const int64_t rows = okng_node_param(&graph->nodes[i], OKNG_ROLE_WEIGHT)->shape.dims[0];
        const size_t count = (size_t)s->batch * elements(s->of, graph->nodes[i].inputs[0]);
        for (size_t k = 0; numbers && k < count; k++)
            if (numbers[k] < 0 || numbers[k] >= rows)
                return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: number %d, expected 0..%lld", graph->nodes[i].name,
                                 (int)numbers[k], (long long)rows - 1);
    }
    return OKNG_OK;
}

static int32_t most_inputs(const okng_graph *graph)
{
    int32_t most = OKNG_GRAD_INPUTS;
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i].input_count > most) most = graph->nodes[i].input_count;
    return most;
}

/* Every number may be another now. */
static void forget_rows(okng_gradient_session *s)
{
    s->room.rows_of = s->room.turned_of = NULL;
}

/* Weights that serve all pictures of a run, as its products want them. */
static void pack_weights(okng_gradient_session *s)
{
    const okng_gradient *g = s->of;
    for (size_t i = 0; i < g->graph->node_count; i++) {
        const okng_node *node = &g->graph->nodes[i];
        if (!s->maps[i].there) continue;
        const okng_grad_param *matrix =
            node->op == OKNG_OP_LINEAR ? &g->params[i][OKNG_ROLE_WEIGHT] : &g->params[node->inputs[1]][OKNG_ROLE_VALUE];
        if (!s->packed || matrix->gradient) okng_grad_maps_pack(&s->maps[i], &s->room, g->threads, matrix->values);
    }
    s->packed = true;
}

static void forward(okng_gradient_session *s, int64_t n, const okng_real **x, okng_real *const *outputs)
{
    const okng_graph *graph = s->of->graph;
    forget_rows(s);
    for (size_t i = 0; i < graph->node_count; i++)
        if (s->of->plan.keeping[i] != OKNG_GRAD_THERE) run_node(s, (okng_value)i, n, x, false);
    for (int i = 0; i < graph->output_count; i++) {
        const size_t count = elements(s->of, graph->outputs[i]);
        memcpy(outputs[i] + (size_t)n * count, value_of(s, graph->outputs[i], n), count * sizeof(okng_real));
    }
}

okng_status okng_gradient_forward(okng_gradient_session *session, const void *const *inputs, okng_real *const *outputs,
                                  okng_error *error)
{
    const okng_graph *graph = session->of->graph;
    session->ready = false;
    for (size_t i = 0, k = 0; i < graph->node_count; i++)
        if (graph->nodes[i].op == OKNG_OP_INPUT) session->inputs[i] = inputs[k++];
    OKNG_TRY(check_numbers(session, error));
    const okng_real **x = okng_alloc((size_t)most_inputs(graph), sizeof *x);
    if (!x) return okng_fail_memory(error, (size_t)most_inputs(graph) * sizeof *x);
    pack_weights(session);
    for (int64_t n = 0; n < session->batch; n++) forward(session, n, x, outputs);
    free(x);
    session->ready = true;
    return OKNG_OK;
}

/* ---- backward ---- */

/* Of maps that go through it: what they read is not its result. */
static bool is_bare(const okng_gradient *g, okng_value value)
{
    const okng_grad_node *node = planned(g, value);
    return node && node->through;
}

/* What is computed again, and gradients of 0 but for the outputs'. */
static void begin_picture(okng_gradient_session *s, int64_t n, const okng_real **x, const okng_real *const *d_outputs)
{
    const okng_gradient *g = s->of;
    forget_rows(s);
    for (size_t i = 0; i < g->graph->node_count; i++) {
        if (g->plan.keeping[i] == OKNG_GRAD_AGAIN) run_node(s, (okng_value)i, n, x, is_bare(g, (okng_value)i));
        if (s->gradients[i]) memset(s->gradients[i], 0, elements(g, (okng_value)i) * sizeof(okng_real));
    }
    for (int i = 0; i < g->graph->output_count; i++) {
        const okng_value value = g->graph->outputs[i];
        const size_t count = elements(g, value);
        if (!s->gradients[value] || !d_outputs[i]) continue;
        for (size_t k = 0; k < count; k++) s->gradients[value][k] += d_outputs[i][(size_t)n * count + k];
    }
}

static void run_back(okng_gradient_session *s, const okng_grad_node *gn, int64_t n, const okng_real **x)
{
    const okng_gradient *g = s->of;
    const okng_node *node = &g->graph->nodes[gn->node];
    const okng_grad_op *op = okng_grad_op_get(node->op);
    okng_grad_call call = call_of(s, gn->node, n, x);
    if (!op->backward || (gn->through && node->op == OKNG_OP_LAYER_NORM)) return;
    for (int32_t k = 0; k < node->input_count; k++) {
        const okng_value input = node->inputs[k];
        x[k] = gn->reads & 1u << k ? value_of(s, input, n) : NULL;
        if (!(gn->inputs & 1u << k)) continue;
        call.dx[k] = is_trained_constant(g, input) ? g->params[input][OKNG_ROLE_VALUE].gradient : s->gradients[input];
    }
    if (gn->reads_result) call.y = value_of(s, gn->node, n);
    call.dy = s->gradients[gn->node];
    for (int role = 0; role < OKNG_ROLE_COUNT; role++)
        if (gn->params & 1u << role) call.dparams[role] = g->params[gn->node][role].gradient;
    if (s->weights[gn->node].products) call.dparams[OKNG_ROLE_WEIGHT] = s->weights[gn->node].products;
    if (gn->through) call.dparams[OKNG_ROLE_BIAS] = s->weights[gn->node].sums;
    op->backward(&call);
}

static void begin_weights(const okng_gradient_session *s, okng_value map)
{
    const okng_grad_sum *sum = &s->weights[map];
    if (!sum->products) return;
    const okng_shape *shape = &okng_node_param(&s->of->graph->nodes[map], OKNG_ROLE_WEIGHT)->shape;
    memset(sum->products, 0, (size_t)okng_shape_elements(shape) * sizeof(okng_real));
    if (sum->sums) memset(sum->sums, 0, (size_t)shape->dims[0] * sizeof(okng_real));
}

/* With G and the sums of d, of element k of the weights' row n: dW = scale[k] G + d[n] shift[k]; and of the norm,
 * d scale[k] += W G, d shift[k] += W d[n]. */
static void end_through(const okng_gradient_session *s, okng_value map, int64_t columns, int64_t inner)
{
    const okng_gradient *g = s->of;
    const okng_grad_param *own = g->params[map], *norm = g->params[g->graph->nodes[map].inputs[0]];
    const okng_grad_sum *sum = &s->weights[map];
    okng_real *d_scale = norm[OKNG_ROLE_SCALE].gradient, *d_shift = norm[OKNG_ROLE_SHIFT].gradient;
    for (int64_t n = 0; n < columns; n++) {
        const okng_real *weight = own[OKNG_ROLE_WEIGHT].values + n * inner, d = sum->sums[n];
        okng_real *d_weight = own[OKNG_ROLE_WEIGHT].gradient + n * inner;
        if (own[OKNG_ROLE_BIAS].gradient) own[OKNG_ROLE_BIAS].gradient[n] += d;
        for (int64_t k = 0; k < inner; k++) {
            const okng_real product = sum->products[k * columns + n];
            d_weight[k] += norm[OKNG_ROLE_SCALE].values[k] * product + d * norm[OKNG_ROLE_SHIFT].values[k];
            if (d_scale) d_scale[k] += weight[k] * product;
            if (d_shift) d_shift[k] += weight[k] * d;
        }
    }
}

static void end_weights(const okng_gradient_session *s, okng_value map)
{
    const okng_grad_sum *sum = &s->weights[map];
    if (!sum->products) return;
    const okng_shape *shape = &okng_node_param(&s->of->graph->nodes[map], OKNG_ROLE_WEIGHT)->shape;
    const int64_t columns = shape->dims[0], inner = shape->dims[1];
    okng_real *gradient = s->of->params[map][OKNG_ROLE_WEIGHT].gradient;
    if (sum->sums) {
        end_through(s, map, columns, inner);
        return;
    }
    for (int64_t n = 0; n < columns; n++)
        for (int64_t k = 0; k < inner; k++) gradient[n * inner + k] += sum->products[k * columns + n];
}

static void give_inputs(okng_gradient_session *s, int64_t n, okng_real *const *d_inputs)
{
    const okng_graph *graph = s->of->graph;
    for (size_t i = 0, k = 0; i < graph->node_count; i++) {
        if (graph->nodes[i].op != OKNG_OP_INPUT) continue;
        okng_real *to = d_inputs[k++];
        const size_t count = elements(s->of, (okng_value)i);
        if (to && s->gradients[i]) memcpy(to + (size_t)n * count, s->gradients[i], count * sizeof *to);
    }
}

okng_status okng_gradient_backward(okng_gradient_session *session, const okng_real *const *d_outputs,
                                   okng_real *const *d_inputs, okng_error *error)
{
    const okng_gradient *g = session->of;
    if (!session->ready) return okng_fail(error, OKNG_ERROR_ARGUMENT, "a backward run without a forward run before it");
    const okng_real **x = okng_alloc((size_t)most_inputs(g->graph), sizeof *x);
    if (!x) return okng_fail_memory(error, (size_t)most_inputs(g->graph) * sizeof *x);
    session->ready = false;
    for (size_t i = 0; i < g->graph->node_count; i++) begin_weights(session, (okng_value)i);
    for (int64_t n = 0; n < session->batch; n++) {
        begin_picture(session, n, x, d_outputs);
        for (size_t i = 0; i < g->plan.node_count; i++) run_back(session, &g->plan.nodes[i], n, x);
        if (d_inputs) give_inputs(session, n, d_inputs);
    }
    for (size_t i = 0; i < g->graph->node_count; i++) end_weights(session, (okng_value)i);
    free(x);
    return OKNG_OK;
}
