/* okng_graph_build with what most tests ask for. */
#ifndef OKNG_TESTS_TRY_BUILD_H
#define OKNG_TESTS_TRY_BUILD_H

#include "net/graph.h"

static inline okng_status try_build(okng_graph **out, const char *backbone, const char *const *layers, int count,
                                    int height, int width, okng_error *error)
{
    const okng_graph_request request = {
        .backbone = backbone, .layers = layers, .layer_count = count, .height = height, .width = width};
    return okng_graph_build(out, &request, error);
}

#endif
