/* The arguments of an attention, wherever they lie. */
#ifndef OKNG_GRAD_HEADS_H
#define OKNG_GRAD_HEADS_H

#include "grad/ops.h"

/* Of queries, keys, values and the result: numbers from one token to the next. Heads lie side by side. */
typedef struct okng_grad_heads {
    int64_t stacks, heads, queries, keys, width, depth; /* depth: of a head's values */
    int64_t q_row, k_row, v_row, y_row;
    int64_t k_begin, v_begin; /* in a packed argument; else 0 */
    bool packed, causal;
} okng_grad_heads;

/* Where a head of a stack begins. */
static inline int64_t okng_grad_heads_q(const okng_grad_heads *h, int64_t stack, int64_t head)
{
    return stack * h->queries * h->q_row + head * h->width;
}
static inline int64_t okng_grad_heads_k(const okng_grad_heads *h, int64_t stack, int64_t head)
{
    return stack * h->keys * h->k_row + h->k_begin + head * h->width;
}
static inline int64_t okng_grad_heads_v(const okng_grad_heads *h, int64_t stack, int64_t head)
{
    return stack * h->keys * h->v_row + h->v_begin + head * h->depth;
}
static inline int64_t okng_grad_heads_y(const okng_grad_heads *h, int64_t stack, int64_t head)
{
    return stack * h->queries * h->y_row + head * h->depth;
}

#endif
