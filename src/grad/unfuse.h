/* A graph with one operator to a node again, as okng_graph_fuse found it. */
#ifndef OKNG_GRAD_UNFUSE_H
#define OKNG_GRAD_UNFUSE_H

#include "net/node.h"

/* A copy in which a linear map's layer scale, sum and activation are nodes of their own: "fc1", "fc1.scale" with the
 * constant of the scale's name, "fc1.add", "fc1.gelu". Without marks. Errors: MEMORY. */
okng_status okng_graph_unfuse(okng_graph **out, const okng_graph *graph, okng_error *error);

#endif
