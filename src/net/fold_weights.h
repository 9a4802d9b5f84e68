/* Weights as engines and exporters take them: norms and layer scales folded in, constants made, float32. */
#ifndef OKNG_NET_FOLD_WEIGHTS_H
#define OKNG_NET_FOLD_WEIGHTS_H

#include "net/node.h"

/* Of a CONV or LINEAR. weights: float32 [out, merge * in / groups, kernel, kernel], or [out, in]; bias: float32 [out]
 * (0 without a bias or norm). Computed in double. merge: so many neighbouring groups become one, zeros between a
 * group's outputs and the others' inputs (1: as they are). Errors: those of okng_graph_tensor, and MISMATCH where a
 * result is not finite. */
okng_status okng_fold_weights(const okng_node *node, const okng_naming *naming, int32_t merge, int threads,
                              float *weights, float *bias, okng_error *error);
/* The same, where folding may have nothing to do: *weights becomes `room`, or what the file holds where those are the
 * numbers already, as a recipe has them, which saves a pass through memory. */
okng_status okng_fold_weights_found(const okng_node *node, const okng_naming *naming, int32_t merge, int threads,
                                    float *room, const float **weights, float *bias, okng_error *error);
/* A parameter as it is: float32 of its shape. Errors: likewise. */
okng_status okng_fold_param(const okng_param *param, const okng_naming *naming, float *out, okng_error *error);
/* The value of a CONSTANT: float32 of the node's shape. Errors: likewise, and the transform's. */
okng_status okng_fold_constant(const okng_node *node, const okng_naming *naming, float *out, okng_error *error);

#endif
