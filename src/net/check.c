#include <math.h>
#include <string.h>

#include "net/node.h"

okng_naming okng_graph_naming(const okng_graph *graph, const okng_weights *weights)
{
    const char *first = NULL;
    for (size_t i = 0; i < graph->node_count; i++) {
        if (graph->nodes[i].param_count == 0) continue;
        const char *name = graph->nodes[i].params[0].name;
        if (okng_naming_is_clip(name)) return okng_naming_find(weights, name); /* an adapter's come before it */
        if (!first) first = name;
    }
    return first ? okng_naming_find(weights, first) : (okng_naming){weights, "", NULL, false};
}

okng_status okng_graph_tensor(const okng_naming *naming, const okng_param *param, okng_tensor *out, okng_error *error)
{
    return okng_naming_tensor(naming, param->name, param->shape.rank, param->shape.dims, out, error);
}

/* Weights of a sibling with more in it hold every tensor of this network and would run without complaint. */
static okng_status check_absent(const okng_graph *graph, const okng_naming *naming, okng_error *error)
{
    for (size_t i = 0; i < graph->absent_count; i++)
        if (okng_naming_has(naming, graph->absent[i].name))
            return okng_fail(
                error, OKNG_ERROR_MISMATCH, "%s: holds %s, which %s does not have: the weights are of another network",
                okng_weights_path(naming->weights),
                okng_naming_name(naming, graph->absent[i].name, (char[2 * OKNG_NAME_MAX]){0}), graph->backbone);
    return OKNG_OK;
}

okng_status okng_graph_check_shapes(const okng_graph *graph, const okng_weights *weights, okng_value *node,
                                    okng_error *error)
{
    const okng_naming naming = okng_graph_naming(graph, weights);
    okng_value failed = 0;
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < graph->node_count && status == OKNG_OK; i++) {
        failed = (okng_value)i;
        for (int k = 0; k < graph->nodes[i].param_count && status == OKNG_OK; k++)
            status = okng_graph_tensor(&naming, &graph->nodes[i].params[k], NULL, error);
    }
    if (status == OKNG_OK) {
        failed = 0; /* nothing fits when the network is another one */
        status = check_absent(graph, &naming, error);
    }
    if (status != OKNG_OK && node) *node = failed;
    return status;
}

/* A NULL when every value is finite and not below `low`, else what is wrong. */
static const char *find_bad_value(const okng_array *array, float low)
{
    enum { CHUNK = 4096 };
    float values[CHUNK];
    size_t size = okng_dtype_size(array->dtype), count = array->bytes / size;
    for (size_t i = 0; i < count; i += CHUNK) {
        size_t n = count - i < CHUNK ? count - i : CHUNK;
        okng_to_float(array->dtype, (const char *)array->data + i * size, n, values);
        int infinite = 0, below = 0; /* without a branch, so that it runs at the speed of memory */
        for (size_t k = 0; k < n; k++) {
            infinite |= !(values[k] - values[k] == 0.0f); /* Inf - Inf and NaN - NaN are NaN */
            below |= values[k] < low;
        }
        if (infinite) return "NaN or infinite values";
        if (below) return "negative values";
    }
    return NULL;
}

static okng_status check_values(const okng_naming *naming, const okng_param *param, okng_error *error)
{
    okng_tensor tensor;
    char name[2 * OKNG_NAME_MAX];
    OKNG_TRY(okng_graph_tensor(naming, param, &tensor, error));
    const char *bad = find_bad_value(&tensor.array, param->role == OKNG_ROLE_VARIANCE ? 0.0f : -INFINITY);
    okng_tensor_release(&tensor);
    if (!bad) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: tensor %s holds %s, expected finite ones: the file is damaged or its training diverged",
                     okng_weights_path(naming->weights), okng_naming_name(naming, param->name, name), bad);
}

okng_status okng_graph_check_weights(const okng_graph *graph, const okng_weights *weights, okng_error *error)
{
    OKNG_TRY(okng_graph_check_shapes(graph, weights, NULL, error));
    const okng_naming naming = okng_graph_naming(graph, weights);
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i].param_count; k++)
            OKNG_TRY(check_values(&naming, &graph->nodes[i].params[k], error));
    return OKNG_OK;
}
