/* Weights as the primitives take them: batch norm folded in, float32. */
#ifndef OKNG_ENGINE_FOLD_WEIGHTS_H
#define OKNG_ENGINE_FOLD_WEIGHTS_H

#include "net/node.h"

/* weights: float32 [out, merge * in / groups, kernel, kernel]; bias: float32 [out] (0 without a bias or batch norm).
 * Computed in double. merge: so many neighbouring groups become one, zeros between a group's outputs and the others'
 * inputs (1: as they are). Errors: those of okng_graph_tensor, and MISMATCH where a result is not finite. */
okng_status okng_fold_weights(const okng_node *conv, const okng_weights *file, const char *prefix, int32_t merge,
                              int threads, float *weights, float *bias, okng_error *error);

#endif
