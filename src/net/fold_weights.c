#include "net/fold_weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"

typedef struct folding {
    const okng_array *tensors[OKNG_ROLE_COUNT]; /* NULL where there is none */
    bool normalized;
    double epsilon;
    int64_t channels, row;         /* row: weights of one output channel */
    int64_t group_channels, merge; /* outputs of a group; groups that become one */
    float *weights, *bias;         /* weights NULL: those of the file will do */
    bool *bad;                     /* [channels] */
} folding;

static double element(const okng_array *array, int64_t i)
{
    float value;
    size_t size = okng_dtype_size(array->dtype);
    okng_to_float(array->dtype, (const char *)array->data + (size_t)i * size, 1, &value);
    return (double)value;
}

static double bias_of(const folding *f, int64_t channel)
{
    return f->tensors[OKNG_ROLE_BIAS] ? element(f->tensors[OKNG_ROLE_BIAS], channel) : 0.0;
}

/* norm(conv(x)) = (w x + bias - mean) gamma / sqrt(variance + epsilon) + beta; a layer scale: (w x + bias) gamma */
static void fold_channel(const folding *f, int64_t channel)
{
    const okng_array *tensor = f->tensors[OKNG_ROLE_WEIGHT];
    float *merged = f->weights + channel * f->row * f->merge;
    float *row = merged + channel / f->group_channels % f->merge * f->row;
    size_t offset = (size_t)(channel * f->row) * okng_dtype_size(tensor->dtype);
    if (f->merge > 1) memset(merged, 0, (size_t)(f->row * f->merge) * sizeof *merged);
    okng_to_float(tensor->dtype, (const char *)tensor->data + offset, (size_t)f->row, row);

    double scale = 1.0, shift = bias_of(f, channel);
    if (f->normalized) {
        double deviation = sqrt(element(f->tensors[OKNG_ROLE_VARIANCE], channel) + f->epsilon);
        scale = element(f->tensors[OKNG_ROLE_SCALE], channel) / deviation;
        shift = element(f->tensors[OKNG_ROLE_SHIFT], channel) +
                (shift - element(f->tensors[OKNG_ROLE_MEAN], channel)) * scale;
    } else if (f->tensors[OKNG_ROLE_SCALE]) {
        scale = element(f->tensors[OKNG_ROLE_SCALE], channel);
        shift *= scale;
    }
    f->bias[channel] = (float)shift;
    int bad = !isfinite(f->bias[channel]);
    for (int64_t i = 0; i < f->row; i++) {
        row[i] = (float)((double)row[i] * scale);
        bad |= !(row[i] - row[i] == 0.0f); /* Inf - Inf and NaN - NaN are NaN */
    }
    f->bad[channel] = bad != 0;
}

static void fold_range(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    for (int64_t i = begin; i < end; i++) fold_channel(context, i);
}

/* Nothing to fold: the weights are looked at alone. */
static void look_at_range(void *context, int64_t begin, int64_t end, int thread)
{
    const folding *f = context;
    (void)thread;
    for (int64_t channel = begin; channel < end; channel++) {
        const float *row = (const float *)f->tensors[OKNG_ROLE_WEIGHT]->data + channel * f->row;
        f->bias[channel] = (float)bias_of(f, channel);
        int bad = !isfinite(f->bias[channel]);
        for (int64_t i = 0; i < f->row; i++) bad |= !(row[i] - row[i] == 0.0f);
        f->bad[channel] = bad != 0;
    }
}

static okng_status find_bad(const folding *f, const okng_node *node, const okng_naming *naming, okng_error *error)
{
    for (int64_t i = 0; i < f->channels; i++)
        if (f->bad[i])
            return okng_fail(error, OKNG_ERROR_MISMATCH,
                             "%s: the weights of %s%s give NaN or infinite values at output channel %lld, expected "
                             "finite ones: the file is damaged or its training diverged",
                             okng_weights_path(naming->weights), naming->prefix, node->name, (long long)i);
    return OKNG_OK;
}

static okng_status fold(folding *f, const okng_node *node, const okng_naming *naming, int threads, okng_error *error)
{
    f->bad = okng_alloc_zero((size_t)f->channels, sizeof *f->bad);
    if (!f->bad) return okng_fail_memory(error, (size_t)f->channels);
    okng_parallel_for(threads, f->channels, 16, f->weights ? fold_range : look_at_range, f);
    okng_status status = find_bad(f, node, naming, error);
    free(f->bad);
    return status;
}

/* Whether the weights of the file are what is wanted, as they lie there. */
static bool are_folded(const okng_node *node, const okng_tensor *weight, int32_t merge)
{
    return !node->normalized && !okng_node_param(node, OKNG_ROLE_SCALE) && merge == 1 &&
           weight->array.dtype == OKNG_F32 && !weight->made && (uintptr_t)weight->array.data % sizeof(float) == 0;
}

/* *found is `room`, with the folded weights, or those of the file where that is allowed and they are the same. */
static okng_status fold_or_find(const okng_node *node, const okng_naming *naming, int32_t merge, int threads,
                                float *room, const float **found, float *bias, okng_error *error)
{
    const okng_shape *shape = &okng_node_param(node, OKNG_ROLE_WEIGHT)->shape;
    okng_tensor tensors[OKNG_ROLE_COUNT] = {0};
    folding f = {.normalized = node->normalized,
                 .epsilon = node->epsilon,
                 .channels = shape->dims[0],
                 .row = okng_shape_elements(shape) / shape->dims[0],
                 .group_channels = shape->dims[0] / node->groups,
                 .merge = merge,
                 .weights = room,
                 .bias = bias};
    okng_status status = OKNG_OK;
    for (int i = 0; i < node->param_count && status == OKNG_OK; i++) {
        const okng_role role = node->params[i].role;
        status = okng_graph_tensor(naming, &node->params[i], &tensors[role], error);
        f.tensors[role] = &tensors[role].array;
    }
    if (status == OKNG_OK && found && are_folded(node, &tensors[OKNG_ROLE_WEIGHT], merge)) f.weights = NULL;
    if (status == OKNG_OK) status = fold(&f, node, naming, threads, error);
    if (status == OKNG_OK && found) *found = f.weights ? room : tensors[OKNG_ROLE_WEIGHT].array.data;
    for (int i = 0; i < OKNG_ROLE_COUNT; i++) okng_tensor_release(&tensors[i]);
    return status;
}

okng_status okng_fold_weights(const okng_node *node, const okng_naming *naming, int32_t merge, int threads,
                              float *weights, float *bias, okng_error *error)
{
    return fold_or_find(node, naming, merge, threads, weights, NULL, bias, error);
}

okng_status okng_fold_weights_found(const okng_node *node, const okng_naming *naming, int32_t merge, int threads,
                                    float *room, const float **weights, float *bias, okng_error *error)
{
    *weights = NULL;
    return fold_or_find(node, naming, merge, threads, room, weights, bias, error);
}

/* ---- constants ---- */

static okng_status check_finite(const okng_naming *naming, const okng_param *param, const float *values, int64_t count,
                                okng_error *error)
{
    char name[2 * OKNG_NAME_MAX];
    int bad = 0; /* without a branch, so that it runs at the speed of memory */
    for (int64_t i = 0; i < count; i++) bad |= !(values[i] - values[i] == 0.0f);
    if (!bad) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: tensor %s holds NaN or infinite values, expected finite ones: the file is damaged or its "
                     "training diverged",
                     okng_weights_path(naming->weights), okng_naming_name(naming, param->name, name));
}

okng_status okng_fold_param(const okng_param *param, const okng_naming *naming, float *out, okng_error *error)
{
    okng_tensor tensor;
    const int64_t count = okng_shape_elements(&param->shape);
    OKNG_TRY(okng_graph_tensor(naming, param, &tensor, error));
    okng_to_float(tensor.array.dtype, tensor.array.data, (size_t)count, out);
    okng_tensor_release(&tensor);
    return check_finite(naming, param, out, count, error);
}

okng_status okng_fold_constant(const okng_node *node, const okng_naming *naming, float *out, okng_error *error)
{
    const okng_param *param = okng_node_param(node, OKNG_ROLE_VALUE);
    if (!node->transform) return okng_fold_param(param, naming, out, error);
    const size_t count = (size_t)okng_shape_elements(&param->shape);
    float *stored = okng_alloc(count, sizeof *stored);
    if (!stored) return okng_fail_memory(error, count * sizeof *stored);
    okng_status status = okng_fold_param(param, naming, stored, error);
    if (status == OKNG_OK) status = node->transform(node->sizes, &param->shape, stored, &node->shape, out, error);
    free(stored);
    return status;
}
