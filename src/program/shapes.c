#include "program/shapes.h"

#include <string.h>

static bool is_number(okng_dtype dtype)
{
    return dtype == OKNG_F32 || dtype == OKNG_I64;
}

/* ---- element by element ---- */

static okng_status same(const okng_program_node *node, const okng_program_type *inputs, bool fits, const char *expected,
                        okng_program_type *result, okng_error *error)
{
    *result = inputs[0];
    return fits ? OKNG_OK : okng_program_refuse(node, inputs, expected, error);
}

OKNG_PROGRAM_SHAPE(float)
{
    return same(node, inputs, inputs[0].dtype == OKNG_F32, "float32", result, error);
}

OKNG_PROGRAM_SHAPE(number)
{
    return same(node, inputs, is_number(inputs[0].dtype), "float32 or int64", result, error);
}

OKNG_PROGRAM_SHAPE(bool)
{
    return same(node, inputs, inputs[0].dtype == OKNG_BOOL, "bool", result, error);
}

OKNG_PROGRAM_SHAPE(is_nan)
{
    OKNG_TRY(okng_program_shape_float(node, inputs, result, error));
    result->dtype = OKNG_BOOL;
    return OKNG_OK;
}

static okng_status repeat(const okng_program_node *node, const okng_program_type *inputs, bool fits,
                          const char *expected, okng_program_type *result, okng_error *error)
{
    *result = inputs[0];
    if (fits && inputs[0].dtype == inputs[1].dtype && okng_program_broadcast(&inputs[0], &inputs[1], result))
        return OKNG_OK;
    return okng_program_refuse(node, inputs, expected, error);
}

OKNG_PROGRAM_SHAPE(numbers)
{
    return repeat(node, inputs, is_number(inputs[0].dtype),
                  "two of float32 or two of int64 with equal extents, or 1 where one is repeated", result, error);
}

OKNG_PROGRAM_SHAPE(compare)
{
    OKNG_TRY(okng_program_shape_numbers(node, inputs, result, error));
    result->dtype = OKNG_BOOL;
    return OKNG_OK;
}

OKNG_PROGRAM_SHAPE(logic)
{
    return repeat(node, inputs, inputs[0].dtype == OKNG_BOOL,
                  "two of bool with equal extents, or 1 where one is repeated", result, error);
}

OKNG_PROGRAM_SHAPE(select)
{
    *result = inputs[1];
    if (inputs[0].dtype == OKNG_BOOL && inputs[1].dtype == inputs[2].dtype &&
        okng_program_broadcast(&inputs[1], &inputs[2], result) && okng_program_broadcast(result, &inputs[0], result))
        return OKNG_OK;
    return okng_program_refuse(node, inputs, "bool and two of one type with equal extents, or 1 where one is repeated",
                               error);
}

/* ---- products ---- */

OKNG_PROGRAM_SHAPE(matmul)
{
    const okng_program_type *x = &inputs[0], *y = &inputs[1];
    okng_program_type before = *x, after = *y;
    *result = *x;
    bool fits = x->dtype == OKNG_F32 && y->dtype == OKNG_F32 && x->rank >= 2 && y->rank >= 2;
    if (fits) {
        const int64_t *last = y->dims + y->rank - 2;
        const int64_t inner = node->turned ? last[1] : last[0], columns = node->turned ? last[0] : last[1];
        fits = x->dims[x->rank - 1] == inner;
        before.rank -= 2;
        after.rank -= 2;
        fits = fits && okng_program_broadcast(&before, &after, result);
        if (fits) {
            result->dims[result->rank++] = x->dims[x->rank - 2];
            result->dims[result->rank++] = columns;
        }
    }
    return fits ? OKNG_OK
                : okng_program_refuse(node, inputs,
                                      node->turned ? "float32 [..., M, K] and [..., N, K]"
                                                   : "float32 [..., M, K] and [..., K, N]",
                                      error);
}

/* ---- along axes ---- */

OKNG_PROGRAM_SHAPE(softmax)
{
    return same(node, inputs, inputs[0].dtype == OKNG_F32 && node->axis >= 0 && node->axis < inputs[0].rank,
                "float32 with the axis that is asked for", result, error);
}

OKNG_PROGRAM_SHAPE(layer_norm)
{
    const okng_program_type *x = &inputs[0];
    bool fits = x->dtype == OKNG_F32 && x->rank >= 1 && node->epsilon >= 0.0f;
    for (int k = 1; fits && k < 3; k++)
        fits = inputs[k].dtype == OKNG_F32 && inputs[k].rank == 1 && inputs[k].dims[0] == x->dims[x->rank - 1];
    return same(node, inputs, fits, "float32 [..., C], [C] and [C], and a positive epsilon", result, error);
}

OKNG_PROGRAM_SHAPE(reduce)
{
    const okng_program_type *x = &inputs[0];
    OKNG_TRY(same(node, inputs, x->dtype == OKNG_F32 && node->axes && !(node->axes >> x->rank),
                  "float32 with the axes that are asked for", result, error));
    for (int32_t i = 0; i < x->rank; i++)
        if (node->axes & OKNG_AXIS(i)) result->dims[i] = 1;
    return OKNG_OK;
}
