/* The inside of a gradient and its sessions. Private to grad/. */
#ifndef OKNG_GRAD_INSIDE_H
#define OKNG_GRAD_INSIDE_H

#include "grad/gradient.h"
#include "grad/maps.h"
#include "grad/plan.h"

/* A parameter that is trained. */
typedef struct okng_grad_trained_param {
    okng_real *values, *gradient; /* [count], owned */
    size_t count;
} okng_grad_trained_param;

/* A parameter of a node, or a constant. */
typedef struct okng_grad_param {
    const okng_real *values;
    okng_real *gradient; /* NULL where it is frozen */
} okng_grad_param;

struct okng_gradient {
    okng_graph *graph; /* unfused */
    okng_grad_plan plan;
    int threads;
    okng_grad_trained_param *trained;
    int trained_count;
    okng_grad_param (*params)[OKNG_ROLE_COUNT]; /* [nodes]; by role, that of a CONSTANT is its value */
    okng_real **owned;                          /* the frozen ones: [owned_count] */
    size_t owned_count;
};

/* Of a linear map with trained weights: its gradient over the pictures of a run. */
typedef struct okng_grad_sum {
    okng_real *products; /* [inner, columns]: x^T d; through a norm G^T, with xhat for x */
    okng_real *sums;     /* through a norm: the sum of d, [columns] */
} okng_grad_sum;

struct okng_gradient_session {
    okng_gradient *of;
    int64_t batch;
    void *memory;           /* what all numbers lie in */
    okng_real **values;     /* [nodes]: of every picture where they are kept, of one else; NULL where they are there */
    okng_real **kept;       /* [nodes]: what operators leave beside their results, of every picture */
    okng_real **gradients;  /* [nodes]: of one picture */
    okng_grad_sum *weights; /* [nodes] */
    okng_grad_maps *maps;   /* [nodes] */
    okng_grad_room room;
    bool packed; /* the frozen matrices are, where they stay so */
    okng_real *scratch;
    const void **inputs; /* [nodes]: what the last forward run was given */
    bool ready;          /* for a backward run */
};

#endif
