/* Weights of a network with all that is folded done: what a recipe holds of one (docs/recipe-format.md). */
#ifndef OKNG_NET_FOLDED_H
#define OKNG_NET_FOLDED_H

#include "net/graph.h"

/* The note of a weight file that holds such weights. */
#define OKNG_FOLDED_NOTE "folded"

/* Where the weights are such (okng_weights_metadata), makes the graph ask for them: a convolution or linear map for its
 * weights and bias alone, under the names that okng_graph_fold gives them. Before shapes and weights are checked. */
void okng_graph_take_folded(okng_graph *graph, const okng_weights *weights);

/* Gets a tensor of float32; `matrix`: the weights of a convolution or linear map. What it returns that is not OK ends
 * the walk. `array` is gone afterwards. */
typedef okng_status okng_folded_fn(void *context, const char *name, const okng_array *array, bool matrix,
                                   okng_error *error);
/* Hands over all that the graph wants, folded, each once. Errors: those of okng_fold_weights; MEMORY. */
okng_status okng_graph_fold(okng_graph *graph, const okng_weights *weights, int threads, okng_folded_fn *keep,
                            void *context, okng_error *error);

#endif
