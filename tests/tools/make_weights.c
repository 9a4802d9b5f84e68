/* Writes made weights of a backbone, for scripts that need a network of its size whatever it sees. Usage: make_weights
 * BACKBONE FILE [LAYER]: as far as the layer needs, all without one. */
#include <stdio.h>
#include <string.h>

#include "../try_build.h"
#include "base/file.h"
#include "bench/made.h"
#include "net/node.h"

/* A .safetensors file: the length of its header in 8 bytes, the header, the numbers. */
static size_t file_bytes(const void *bytes, const okng_graph *graph)
{
    uint64_t header;
    memcpy(&header, bytes, sizeof header);
    size_t size = sizeof header + (size_t)header;
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i].param_count; k++)
            size += (size_t)okng_shape_elements(&graph->nodes[i].params[k].shape) * sizeof(float);
    return size;
}

int main(int argc, char **argv)
{
    okng_error error = {0};
    okng_graph *graph = NULL;
    okng_weights *weights = NULL;
    okng_network_info info;
    void *bytes = NULL;
    if (argc != 3 && argc != 4) return 2;
    okng_status status = okng_network_get(argv[1], &info, &error);
    const char *space = status == OKNG_OK ? strrchr(info.stages, ' ') : NULL;
    const char *layer = argc == 4 ? argv[3] : space ? space + 1 : info.stages;
    if (status == OKNG_OK) status = try_build(&graph, argv[1], &layer, 1, info.side, info.side, &error);
    if (status == OKNG_OK) status = okng_made_weights(&weights, &bytes, graph, &error);
    if (status == OKNG_OK) status = okng_file_write(argv[2], bytes, file_bytes(bytes, graph), &error);
    if (status == OKNG_OK) return 0;
    fprintf(stderr, "%s\n", error.message);
    return 1;
}
