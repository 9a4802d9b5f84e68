/* Attention: a head of a sequence belongs to one thread. Of the weights of its softmax, which are as many as tokens
 * times tokens, only the logarithm of each row's sum is kept; they are computed again from it. */
#include <stdint.h>

#include "base/parallel.h"
#include "grad/heads.h"
#include "grad/tiles.h"

static int64_t tokens_of(const okng_shape *shape)
{
    return shape->dims[shape->rank - 2];
}

static okng_grad_heads heads_of(const okng_graph *graph, const okng_node *node)
{
    const bool packed = node->input_count == 1;
    const okng_shape *q = &graph->nodes[node->inputs[0]].shape, *k = &graph->nodes[node->inputs[packed ? 0 : 1]].shape,
                     *v = &graph->nodes[node->inputs[packed ? 0 : 2]].shape;
    okng_grad_heads h = {.stacks = 1,
                         .heads = node->heads,
                         .queries = tokens_of(q),
                         .keys = tokens_of(k),
                         .width = okng_grad_last(q) / (packed ? 3 : 1) / node->heads,
                         .depth = okng_grad_last(&node->shape) / node->heads,
                         .q_row = okng_grad_last(q),
                         .k_row = okng_grad_last(k),
                         .v_row = okng_grad_last(v),
                         .y_row = okng_grad_last(&node->shape),
                         .packed = packed,
                         .causal = node->causal};
    for (int32_t a = 0; a < q->rank - 2; a++) h.stacks *= q->dims[a];
    if (packed) {
        h.k_begin = h.heads * h.width;
        h.v_begin = 2 * h.k_begin;
    }
    return h;
}

size_t okng_grad_attention_kept(const okng_graph *graph, const okng_node *node)
{
    const okng_grad_heads h = heads_of(graph, node);
    return (size_t)(h.stacks * h.heads * h.queries);
}

/* A row of weights, or of their gradients. */
size_t okng_grad_attention_scratch(const okng_graph *graph, const okng_node *node)
{
    const okng_grad_heads h = heads_of(graph, node);
    if (okng_grad_tiles_can(&h)) return okng_grad_tiles_scratch(&h);
    return (size_t)h.keys;
}

typedef struct attention {
    const okng_grad_call *call;
    okng_grad_heads h;
    okng_real scale;
    const okng_real *q, *k, *v;
    okng_real *dq, *dk, *dv;
} attention;

static attention attention_of(const okng_grad_call *call)
{
    const okng_grad_heads h = heads_of(call->graph, call->node);
    const int32_t key = h.packed ? 0 : 1, value = h.packed ? 0 : 2;
    return (attention){call,
                       h,
                       1 / OKNG_REAL(sqrt)((okng_real)h.width),
                       call->x[0],
                       call->x[key],
                       call->x[value],
                       call->dx[0],
                       call->dx[key],
                       call->dx[value]};
}

static int64_t seen_by(const okng_grad_heads *h, int64_t query)
{
    return h->causal && query + 1 < h->keys ? query + 1 : h->keys;
}

static okng_real dot(const okng_real *a, const okng_real *b, int64_t count)
{
    okng_real sum = 0;
    for (int64_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

/* y += factor x */
static void add_times(okng_real *y, okng_real factor, const okng_real *x, int64_t count)
{
    for (int64_t i = 0; i < count; i++) y[i] += factor * x[i];
}

/* ---- forward ---- */

static void attend(const attention *a, int64_t stack, int64_t head, int64_t query, okng_real *weights)
{
    const okng_grad_heads *h = &a->h;
    const int64_t seen = seen_by(h, query);
    const okng_real *q = a->q + okng_grad_heads_q(h, stack, head) + query * h->q_row;
    const okng_real *k = a->k + okng_grad_heads_k(h, stack, head), *v = a->v + okng_grad_heads_v(h, stack, head);
    okng_real *y = a->call->y + okng_grad_heads_y(h, stack, head) + query * h->y_row, largest = 0, sum = 0;
    for (int64_t s = 0; s < seen; s++) {
        weights[s] = a->scale * dot(q, k + s * h->k_row, h->width);
        if (s == 0 || weights[s] > largest) largest = weights[s];
    }
    for (int64_t s = 0; s < seen; s++) sum += weights[s] = OKNG_REAL(exp)(weights[s] - largest);
    for (int64_t i = 0; i < h->depth; i++) y[i] = 0;
    for (int64_t s = 0; s < seen; s++) add_times(y, weights[s] / sum, v + s * h->v_row, h->depth);
    a->call->kept[(stack * h->heads + head) * h->queries + query] = largest + OKNG_REAL(log)(sum);
}

static void attend_heads(void *context, int64_t begin, int64_t end, int thread)
{
    const attention *a = context;
    okng_real *weights = a->call->scratch + thread * a->h.keys;
    for (int64_t i = begin; i < end; i++)
        for (int64_t query = 0; query < a->h.queries; query++)
            attend(a, i / a->h.heads, i % a->h.heads, query, weights);
}

void okng_grad_attention(const okng_grad_call *call)
{
    attention a = attention_of(call);
    if (okng_grad_tiles_can(&a.h)) {
        okng_grad_tiles_forward(call, &a.h);
        return;
    }
    okng_parallel_for(call->threads, a.h.stacks * a.h.heads, 1, attend_heads, &a);
}

/* ---- backward ---- */

/* With weights p and the gradients dp = dy v of one query: ds = p (dp - dy y), dq = scale ds k, dk += scale ds q,
 * dv += p dy. */
static void attend_back(const attention *a, int64_t stack, int64_t head, int64_t query, okng_real *weights)
{
    const okng_grad_heads *h = &a->h;
    const int64_t seen = seen_by(h, query), at_k = okng_grad_heads_k(h, stack, head),
                  at_v = okng_grad_heads_v(h, stack, head);
    const int64_t at_q = okng_grad_heads_q(h, stack, head) + query * h->q_row;
    const int64_t at_y = okng_grad_heads_y(h, stack, head) + query * h->y_row;
    const okng_real sum = a->call->kept[(stack * h->heads + head) * h->queries + query];
    const okng_real *dy = a->call->dy + at_y, along = dot(dy, a->call->y + at_y, h->depth);
    for (int64_t s = 0; s < seen; s++) {
        const okng_real score = a->scale * dot(a->q + at_q, a->k + at_k + s * h->k_row, h->width);
        const okng_real weight = OKNG_REAL(exp)(score - sum);
        weights[s] = a->scale * weight * (dot(dy, a->v + at_v + s * h->v_row, h->depth) - along);
        if (a->dv) add_times(a->dv + at_v + s * h->v_row, weight, dy, h->depth);
    }
    for (int64_t s = 0; a->dq && s < seen; s++)
        add_times(a->dq + at_q, weights[s], a->k + at_k + s * h->k_row, h->width);
    for (int64_t s = 0; a->dk && s < seen; s++)
        add_times(a->dk + at_k + s * h->k_row, weights[s], a->q + at_q, h->width);
}

static void attend_heads_back(void *context, int64_t begin, int64_t end, int thread)
{
    const attention *a = context;
    okng_real *weights = a->call->scratch + thread * a->h.keys;
    for (int64_t i = begin; i < end; i++)
        for (int64_t query = 0; query < a->h.queries; query++)
            attend_back(a, i / a->h.heads, i % a->h.heads, query, weights);
}

void okng_grad_attention_back(const okng_grad_call *call)
{
    attention a = attention_of(call);
    if (okng_grad_tiles_can(&a.h)) {
        okng_grad_tiles_back(call, &a.h);
        return;
    }
    okng_parallel_for(call->threads, a.h.stacks * a.h.heads, 1, attend_heads_back, &a);
}
