#include "net/shape_rules.h"

#include <stdio.h>

static const okng_shape *input_shape(const okng_graph *graph, const okng_node *node, int32_t k)
{
    return &graph->nodes[node->inputs[k]].shape;
}

/* The builder of a network is wrong: what the node was given, and what it takes. */
static okng_status refuse(const okng_graph *graph, const okng_node *node, const char *expected, okng_error *error)
{
    char list[256] = "", shape[64];
    size_t used = 0;
    for (int32_t k = 0; k < node->input_count && used < sizeof list; k++) {
        const okng_shape *s = input_shape(graph, node, k);
        int length = snprintf(list + used, sizeof list - used, "%s%s", k ? ", " : "",
                              okng_shape_text(s->rank, s->dims, shape, sizeof shape));
        used += length > 0 ? (size_t)length : 0;
    }
    return okng_fail(error, OKNG_ERROR_INTERNAL, "%s: %s was given %s, expected %s", graph->backbone, node->name, list,
                     expected);
}

static int64_t last(const okng_shape *shape)
{
    return shape->dims[shape->rank - 1];
}

/* ---- element by element ---- */

okng_status okng_shape_same(const okng_graph *graph, okng_node *node, okng_error *error)
{
    (void)error;
    node->shape = *input_shape(graph, node, 0);
    return OKNG_OK;
}

okng_status okng_shape_broadcast(const okng_graph *graph, okng_node *node, okng_error *error)
{
    const okng_shape *x = input_shape(graph, node, 0), *y = input_shape(graph, node, 1);
    node->shape = *x;
    const bool constant = graph->nodes[node->inputs[1]].op == OKNG_OP_CONSTANT;
    bool fits = constant ? y->rank <= x->rank : y->rank == x->rank;
    for (int32_t i = 1; fits && i <= y->rank; i++)
        fits = y->dims[y->rank - i] == 1 || y->dims[y->rank - i] == x->dims[x->rank - i];
    return fits ? OKNG_OK
                : refuse(graph, node, "a second operand of the first's shape, or with 1 where it is repeated", error);
}

/* ---- windows ---- */

/* Sets height and width of the result of a window that slides over the input. */
static okng_status slide(const okng_graph *graph, okng_node *node, okng_error *error)
{
    for (int i = 0; i < 2; i++) {
        const int32_t kernel = node->window.kernel[i], padding = node->window.padding[i];
        int64_t *side = &node->shape.dims[i + 2], room = *side + 2 * padding - kernel;
        if (room < 0)
            return okng_fail(error, OKNG_ERROR_ARGUMENT,
                             "%s: the input is too small: %lld pixels are left at %s, whose window needs %d; use a "
                             "larger resize",
                             graph->backbone, (long long)*side, node->name, kernel - 2 * padding);
        *side = room / node->window.stride[i] + 1;
    }
    return OKNG_OK;
}

okng_status okng_shape_pool(const okng_graph *graph, okng_node *node, okng_error *error)
{
    node->shape = *input_shape(graph, node, 0);
    if (node->shape.rank != 4) return refuse(graph, node, "[N, C, H, W]", error);
    return slide(graph, node, error);
}

okng_status okng_shape_conv(const okng_graph *graph, okng_node *node, okng_error *error)
{
    const int64_t *weight = okng_node_param(node, OKNG_ROLE_WEIGHT)->shape.dims;
    node->shape = *input_shape(graph, node, 0);
    if (node->shape.rank != 4 || node->groups < 1 || weight[0] % node->groups ||
        node->shape.dims[1] != weight[1] * node->groups)
        return refuse(graph, node, "[N, C, H, W] with channels as its weights and groups have", error);
    node->shape.dims[1] = weight[0];
    return slide(graph, node, error);
}

/* ---- products over the last axes ---- */

okng_status okng_shape_linear(const okng_graph *graph, okng_node *node, okng_error *error)
{
    const int64_t *weight = okng_node_param(node, OKNG_ROLE_WEIGHT)->shape.dims;
    node->shape = *input_shape(graph, node, 0);
    if (last(&node->shape) != weight[1]) return refuse(graph, node, "a last axis as long as its weights' rows", error);
    node->shape.dims[node->shape.rank - 1] = weight[0];
    return OKNG_OK;
}

okng_status okng_shape_matmul(const okng_graph *graph, okng_node *node, okng_error *error)
{
    const okng_shape *x = input_shape(graph, node, 0), *y = input_shape(graph, node, 1);
    const bool constant = graph->nodes[node->inputs[1]].op == OKNG_OP_CONSTANT;
    bool fits = x->rank >= 2 && y->rank >= 2 && (y->rank == 2 ? constant : y->rank == x->rank && !constant) &&
                last(x) == y->dims[y->rank - 2];
    for (int32_t i = 0; fits && y->rank > 2 && i < x->rank - 2; i++) fits = x->dims[i] == y->dims[i];
    if (!fits) return refuse(graph, node, "[..., M, K] and [..., K, N], or a constant [K, N]", error);
    node->shape = *x;
    node->shape.dims[x->rank - 1] = last(y);
    return OKNG_OK;
}

okng_status okng_shape_layer_norm(const okng_graph *graph, okng_node *node, okng_error *error)
{
    node->shape = *input_shape(graph, node, 0);
    return last(&node->shape) == okng_node_param(node, OKNG_ROLE_SCALE)->shape.dims[0]
               ? OKNG_OK
               : refuse(graph, node, "a last axis as long as scale and shift", error);
}

/* The number of tokens. */
static int64_t tokens(const okng_shape *shape)
{
    return shape->dims[shape->rank - 2];
}

okng_status okng_shape_attention(const okng_graph *graph, okng_node *node, okng_error *error)
{
    const bool packed = node->input_count == 1;
    const okng_shape *q = input_shape(graph, node, 0), *k = input_shape(graph, node, packed ? 0 : 1),
                     *v = input_shape(graph, node, packed ? 0 : node->input_count - 1);
    const int64_t parts = packed ? 3 : 1, heads = node->heads;
    bool fits = node->input_count != 2 && heads >= 1 && q->rank >= 3 && k->rank == q->rank && v->rank == q->rank;
    for (int32_t i = 0; fits && i < q->rank - 2; i++) fits = q->dims[i] == k->dims[i] && k->dims[i] == v->dims[i];
    fits = fits && tokens(k) == tokens(v) && last(q) == last(k) && last(q) % (parts * heads) == 0 &&
           last(v) % (parts * heads) == 0 && (!node->causal || tokens(q) == tokens(k));
    if (!fits)
        return refuse(graph, node, "[N, T, 3 C], or [N, T, C], [N, S, C], [N, S, V], of widths that the heads divide",
                      error);
    node->shape = *q;
    node->shape.dims[q->rank - 1] = last(v) / parts;
    return OKNG_OK;
}

okng_status okng_shape_embedding(const okng_graph *graph, okng_node *node, okng_error *error)
{
    const okng_node *numbers = &graph->nodes[node->inputs[0]];
    if (numbers->shape.rank != 2 || numbers->dtype != OKNG_I32) return refuse(graph, node, "numbers [N, T]", error);
    node->shape = (okng_shape){
        3, {numbers->shape.dims[0], numbers->shape.dims[1], okng_node_param(node, OKNG_ROLE_WEIGHT)->shape.dims[1]}};
    return OKNG_OK;
}

/* ---- where the numbers are ---- */

okng_status okng_shape_concat(const okng_graph *graph, okng_node *node, okng_error *error)
{
    okng_shape sum = *input_shape(graph, node, 0);
    bool fits = node->axis >= 1 && node->axis < sum.rank;
    for (int32_t k = 1; fits && k < node->input_count; k++) {
        const okng_shape *x = input_shape(graph, node, k);
        fits = x->rank == sum.rank;
        for (int32_t i = 0; fits && i < sum.rank; i++) {
            fits = i == node->axis || x->dims[i] == sum.dims[i];
        }
        if (!fits) break;
        sum.dims[node->axis] += x->dims[node->axis];
    }
    node->shape = sum;
    return fits ? OKNG_OK : refuse(graph, node, "shapes that differ along the joined axis alone", error);
}

okng_status okng_shape_slice(const okng_graph *graph, okng_node *node, okng_error *error)
{
    const int64_t length = node->shape.dims[node->axis];
    node->shape = *input_shape(graph, node, 0);
    if (node->axis < 1 || node->axis >= node->shape.rank || node->begin < 0 || length < 1 ||
        length > node->shape.dims[node->axis] - node->begin)
        return refuse(graph, node, "an axis that is long enough for what is cut out of it", error);
    node->shape.dims[node->axis] = length;
    return OKNG_OK;
}

okng_status okng_shape_transpose(const okng_graph *graph, okng_node *node, okng_error *error)
{
    const okng_shape *x = input_shape(graph, node, 0);
    uint32_t seen = 0;
    node->shape = *x;
    for (int32_t i = 0; i < x->rank; i++) {
        if (node->order[i] < 0 || node->order[i] >= x->rank) continue;
        seen |= 1u << node->order[i];
        node->shape.dims[i] = x->dims[node->order[i]];
    }
    bool fits = node->order[0] == 0 && seen == (1u << x->rank) - 1;
    return fits ? OKNG_OK : refuse(graph, node, "an order of all its axes, the first in its place", error);
}

okng_status okng_shape_reshape(const okng_graph *graph, okng_node *node, okng_error *error)
{
    const okng_shape *x = input_shape(graph, node, 0);
    return node->shape.dims[0] == x->dims[0] && okng_shape_elements(&node->shape) == okng_shape_elements(x)
               ? OKNG_OK
               : refuse(graph, node, "as many elements as the new shape has, the first axis as it was", error);
}
