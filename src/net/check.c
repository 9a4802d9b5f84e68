#include <math.h>
#include <stdio.h>
#include <string.h>

#include "net/node.h"

const char *okng_graph_prefix(const okng_graph *graph, const okng_weights *weights)
{
    /* torch.nn.DataParallel, and training code that keeps the network in a member */
    static const char *const prefixes[] = {"", "module.", "backbone.", "model.", "module.backbone."};
    for (size_t i = 0; i < graph->node_count; i++) {
        if (graph->nodes[i].param_count == 0) continue;
        char name[2 * OKNG_NAME_MAX];
        for (size_t k = 0; k < sizeof prefixes / sizeof *prefixes; k++) {
            (void)snprintf(name, sizeof name, "%s%s", prefixes[k], graph->nodes[i].params[0].name);
            if (okng_weights_has(weights, name)) return prefixes[k];
        }
        break;
    }
    return "";
}

static bool is_floating(okng_dtype dtype)
{
    return dtype == OKNG_F32 || dtype == OKNG_F64 || dtype == OKNG_F16 || dtype == OKNG_BF16;
}

okng_status okng_graph_tensor(const okng_weights *weights, const char *prefix, const okng_param *param,
                              const okng_array **out, okng_error *error)
{
    char name[2 * OKNG_NAME_MAX], found[128], expected[128];
    (void)snprintf(name, sizeof name, "%s%s", prefix, param->name);
    (void)okng_shape_text(param->shape.rank, param->shape.dims, expected, sizeof expected);
    const okng_array *array;
    okng_status status = okng_weights_get(weights, name, &array, error);
    if (status == OKNG_ERROR_NOT_FOUND)
        return okng_fail(error, status, "%s: no tensor %s, expected one of shape %s", okng_weights_path(weights), name,
                         expected);
    if (status != OKNG_OK) return status;
    if (array->dims != param->shape.rank ||
        memcmp(array->shape, param->shape.dims, (size_t)array->dims * sizeof *array->shape) != 0)
        return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: tensor %s has shape %s, expected %s",
                         okng_weights_path(weights), name,
                         okng_shape_text(array->dims, array->shape, found, sizeof found), expected);
    if (!is_floating(array->dtype))
        return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: tensor %s is of %s, expected floating point",
                         okng_weights_path(weights), name, okng_dtype_name(array->dtype));
    *out = array;
    return OKNG_OK;
}

/* Weights of a sibling with more in it hold every tensor of this network and would run without complaint. */
static okng_status check_absent(const okng_graph *graph, const okng_weights *weights, const char *prefix,
                                okng_error *error)
{
    for (size_t i = 0; i < graph->absent_count; i++) {
        char name[2 * OKNG_NAME_MAX];
        (void)snprintf(name, sizeof name, "%s%s", prefix, graph->absent[i].name);
        if (okng_weights_has(weights, name))
            return okng_fail(error, OKNG_ERROR_MISMATCH,
                             "%s: holds %s, which %s does not have: the weights are of another network",
                             okng_weights_path(weights), name, graph->backbone);
    }
    return OKNG_OK;
}

okng_status okng_graph_check_shapes(const okng_graph *graph, const okng_weights *weights, okng_value *node,
                                    okng_error *error)
{
    const char *prefix = okng_graph_prefix(graph, weights);
    okng_value failed = 0;
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < graph->node_count && status == OKNG_OK; i++) {
        const okng_array *array;
        failed = (okng_value)i;
        for (int k = 0; k < graph->nodes[i].param_count && status == OKNG_OK; k++)
            status = okng_graph_tensor(weights, prefix, &graph->nodes[i].params[k], &array, error);
    }
    if (status == OKNG_OK) {
        failed = 0; /* nothing fits when the network is another one */
        status = check_absent(graph, weights, prefix, error);
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

okng_status okng_graph_check_weights(const okng_graph *graph, const okng_weights *weights, okng_error *error)
{
    OKNG_TRY(okng_graph_check_shapes(graph, weights, NULL, error));
    const char *prefix = okng_graph_prefix(graph, weights);
    for (size_t i = 0; i < graph->node_count; i++)
        for (int k = 0; k < graph->nodes[i].param_count; k++) {
            const okng_param *param = &graph->nodes[i].params[k];
            const okng_array *array;
            OKNG_TRY(okng_graph_tensor(weights, prefix, param, &array, error));
            const char *bad = find_bad_value(array, param->role == OKNG_ROLE_VARIANCE ? 0.0f : -INFINITY);
            if (bad)
                return okng_fail(error, OKNG_ERROR_MISMATCH,
                                 "%s: tensor %s%s holds %s, expected finite ones: the file is damaged or its training "
                                 "diverged",
                                 okng_weights_path(weights), prefix, param->name, bad);
        }
    return OKNG_OK;
}
