/* The backward graph as data: for each node of a graph whose gradient is needed, in the order of computing, what it
 * gives gradients to and which values of the forward run it reads. Only as far as the trained parameters and wanted
 * inputs need: nothing goes towards what is frozen, and nothing is kept for the weights' gradients of a frozen map. */
#ifndef OKNG_GRAD_PLAN_H
#define OKNG_GRAD_PLAN_H

#include "net/node.h"

enum { OKNG_GRAD_INPUTS = 32 }; /* most inputs of a node that passes a gradient on */

typedef struct okng_grad_node {
    okng_value node;         /* whose result's gradient is known when its turn comes */
    uint32_t inputs, params; /* what it gives gradients to: bits 1 << number, 1 << role */
    uint32_t adds;           /* of inputs: those that a later node of the graph has given one already */
    uint32_t reads;          /* of inputs: values that it reads */
    bool reads_result;
    /* A linear map of a norm, `through` it: dW = d^T norm(x) comes from G = d^T xhat, as does the norm's own gradient,
     * which then needs none of its result: nothing is multiplied by W^T. */
    bool through;
} okng_grad_node;

/* What becomes of a value of the forward run. */
typedef enum okng_grad_keeping {
    OKNG_GRAD_PASSING = 0, /* not needed by the backward run */
    OKNG_GRAD_KEPT,
    OKNG_GRAD_AGAIN, /* cheap to compute from what is there: computed again */
    OKNG_GRAD_THERE  /* an input of the run, or a constant */
} okng_grad_keeping;

typedef struct okng_grad_plan {
    okng_grad_node *nodes;
    size_t node_count;
    bool *wanted;               /* [nodes of the graph]: its gradient is */
    okng_grad_keeping *keeping; /* [nodes of the graph] */
} okng_grad_plan;

/* `trained` names parameters of the graph, which is unfused. Errors: NOT_FOUND for one that it does not have;
 * UNSUPPORTED for an operator without a gradient, by name, and for a parameter that no gradient is known of; MEMORY. */
okng_status okng_grad_plan_make(okng_grad_plan *out, const okng_graph *graph, const char *const *trained,
                                int trained_count, bool inputs, okng_error *error);
void okng_grad_plan_free(okng_grad_plan *plan);
/* Number of the trained parameter of that name; -1 for a frozen one. */
int okng_grad_trained(const char *const *trained, int trained_count, const char *name);
/* A line per node: "fc2: linear gives act, weight, bias; reads act". What it adds to has a + before it. Into
 * text[size], cut where it does not fit; returns what it takes without the NUL. */
size_t okng_grad_plan_text(const okng_grad_plan *plan, const okng_graph *graph, char *text, size_t size);

#endif
