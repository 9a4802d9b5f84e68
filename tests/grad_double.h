/* src/grad compiled a second time, in double (OKNG_GRAD_DOUBLE): what finite differences and the float kernels are held
 * to. Its names are others (grad_double_names.h), so that a test has both. */
#ifndef OKNG_TESTS_GRAD_DOUBLE_H
#define OKNG_TESTS_GRAD_DOUBLE_H

#include "net/graph.h"

/* One run. By the number in trained: values, gradients; of the graph's inputs and outputs: inputs (double, or int32),
 * d_inputs, outputs, d_outputs. */
typedef struct grad_double {
    const okng_graph *graph;
    const okng_weights *weights;
    const char *const *trained;
    int trained_count;
    int64_t batch;
    double *const *values;
    const void *const *inputs;
    double *const *outputs;
    const double *const *d_outputs; /* NULL: forward alone */
    double *const *d_inputs, *const *gradients;
} grad_double;

okng_status grad_double_run(const grad_double *run, okng_error *error);

#endif
