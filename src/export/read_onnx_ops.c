/* What ONNX's operators are in a program: a row each, the way back of onnx_ops.c. */
#include <stdlib.h>
#include <string.h>

#include "export/op_names.h"
#include "export/read_numbers.h"
#include "export/read_onnx_node.h"
#include "export/type_numbers.h"

typedef okng_onnx_read_node source;

/* A program's operator with the node's inputs and these settings. */
static void append(source *node, const okng_program_node *like)
{
    node->outputs[0] = okng_program_append(node->program, like, node->inputs, node->input_count);
}

/* Of the first input. */
static bool axis_of(const source *node, int64_t axis, int32_t *out)
{
    return okng_read_axis(node->program, okng_onnx_get_input(node, 0), axis, out);
}

static bool read_plain(source *node, okng_program_node *like)
{
    append(node, like);
    return true;
}

static bool read_along(source *node, okng_program_node *like)
{
    const int64_t axis = okng_onnx_get_int(node, "axis", like->op == OKNG_PROGRAM_SOFTMAX ? -1 : 0);
    if (!axis_of(node, axis, &like->axis)) return false;
    append(node, like);
    return true;
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

static bool read_window(source *node, okng_window *window)
{
    int64_t kernel[2], stride[2] = {1, 1}, pads[4] = {0}, dilations[2] = {1, 1};
    if (!okng_onnx_get_ints(node, "kernel_shape", 2, kernel)) return false;
    (void)okng_onnx_get_ints(node, "strides", 2, stride);
    (void)okng_onnx_get_ints(node, "pads", 4, pads);
    (void)okng_onnx_get_ints(node, "dilations", 2, dilations);
    if (!okng_read_small(kernel, 2) || !okng_read_small(stride, 2) || !okng_read_small(pads, 4)) return false;
    if (pads[0] != pads[2] || pads[1] != pads[3] || dilations[0] != 1 || dilations[1] != 1) return false;
    for (int i = 0; i < 2; i++) {
        window->kernel[i] = (int32_t)kernel[i];
        window->stride[i] = (int32_t)stride[i];
        window->padding[i] = (int32_t)pads[i];
    }
    return okng_onnx_get_is(node, "auto_pad", "NOTSET", "NOTSET");
}

static bool read_conv(source *node, okng_program_node *like)
{
    const int64_t groups = okng_onnx_get_int(node, "group", 1);
    if (!read_window(node, &like->window) || !okng_read_small(&groups, 1)) return false;
    like->groups = (int32_t)groups;
    append(node, like);
    return true;
}

static bool read_pool(source *node, okng_program_node *like)
{
    if (!read_window(node, &like->window) || okng_onnx_get_int(node, "ceil_mode", 0) != 0) return false;
    const bool counts = okng_onnx_get_int(node, "count_include_pad", 0) != 0;
    const bool padded = like->window.padding[0] > 0 || like->window.padding[1] > 0;
    if (like->op == OKNG_PROGRAM_AVERAGE_POOL && padded && !counts) return false;
    append(node, like);
    return true;
}

/* ---- products, norms, reductions --------------------------------------------------------------------------------- */

static bool read_gemm(source *node, okng_program_node *like)
{
    if (okng_onnx_get_float(node, "alpha", 1) != 1.0f || okng_onnx_get_int(node, "transA", 0) != 0) return false;
    if (node->input_count != 2) return false;
    like->turned = okng_onnx_get_int(node, "transB", 0) != 0;
    append(node, like);
    return true;
}

static bool read_layer_norm(source *node, okng_program_node *like)
{
    int32_t axis;
    if (!axis_of(node, okng_onnx_get_int(node, "axis", -1), &axis)) return false;
    if (axis != okng_program_rank(node->program, node->inputs[0]) - 1) return false;
    like->epsilon = okng_onnx_get_float(node, "epsilon", 1e-5f);
    append(node, like);
    return true;
}

static bool read_reduce(source *node, okng_program_node *like)
{
    int64_t axes[OKNG_ONNX_INTS];
    size_t count = okng_onnx_get_list(node, "axes", axes);
    if (count == 0) count = okng_onnx_get_numbers(node, 1, axes);
    if (okng_onnx_get_int(node, "keepdims", 1) != 1 || count == 0) return false;
    for (size_t i = 0; i < count; i++) {
        int32_t axis;
        if (!axis_of(node, axes[i], &axis)) return false;
        like->axes |= OKNG_AXIS(axis);
    }
    node->input_count = 1;
    append(node, like);
    return true;
}

/* Input i is one whole number. */
static bool one_number(const source *node, int32_t i, int64_t *value)
{
    int64_t all[OKNG_ONNX_INTS];
    if (okng_onnx_get_numbers(node, i, all) != 1) return false;
    *value = all[0];
    return true;
}

static bool read_top_k(source *node, okng_program_node *like)
{
    int32_t axis;
    int64_t k;
    (void)like;
    if (!one_number(node, 1, &k)) return false;
    if (!axis_of(node, okng_onnx_get_int(node, "axis", -1), &axis)) return false;
    if (axis != okng_program_rank(node->program, node->inputs[0]) - 1) return false;
    if (okng_onnx_get_int(node, "sorted", 1) != 1) return false;
    node->outputs[0] = okng_program_top_k(node->program, node->inputs[0], k, okng_onnx_get_int(node, "largest", 1) != 0,
                                          &node->outputs[1]);
    return true;
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

static bool read_slice(source *node, okng_program_node *like)
{
    int64_t axis;
    like->step = 1;
    if (!one_number(node, 1, &like->begin) || !one_number(node, 2, &like->end) || !one_number(node, 3, &axis))
        return false;
    if (okng_onnx_get_input(node, 4) != OKNG_PROGRAM_NONE && !one_number(node, 4, &like->step)) return false;
    if (!axis_of(node, axis, &like->axis)) return false;
    node->input_count = 1;
    append(node, like);
    return true;
}

static bool read_transpose(source *node, okng_program_node *like)
{
    int64_t order[OKNG_ONNX_INTS];
    const size_t count = okng_onnx_get_list(node, "perm", order);
    if (count == 0 || count > OKNG_PROGRAM_RANK_MAX || !okng_read_small(order, count)) return false;
    if ((int32_t)count != okng_program_rank(node->program, okng_onnx_get_input(node, 0))) return false;
    for (size_t i = 0; i < count; i++) like->order[i] = (int32_t)order[i];
    append(node, like);
    return true;
}

static bool read_reshape(source *node, okng_program_node *like)
{
    int64_t dims[OKNG_ONNX_INTS];
    const size_t count = okng_onnx_get_numbers(node, 1, dims);
    if (count == 0 || count > OKNG_PROGRAM_RANK_MAX || okng_onnx_get_int(node, "allowzero", 0) != 0) return false;
    like->rank = (int32_t)count;
    memcpy(like->dims, dims, count * sizeof *dims);
    node->input_count = 1;
    append(node, like);
    return true;
}

static bool read_pad(source *node, okng_program_node *like)
{
    int64_t pads[OKNG_ONNX_INTS];
    const int32_t rank = okng_program_rank(node->program, okng_onnx_get_input(node, 0));
    if (!okng_onnx_get_is(node, "mode", "constant", "constant")) return false;
    if (okng_onnx_get_input(node, 3) != OKNG_PROGRAM_NONE) return false; /* axes, which may stand in another order */
    if (okng_onnx_get_numbers(node, 1, pads) != 2 * (size_t)rank || rank == 0) return false;
    const okng_program_value filling = okng_onnx_get_input(node, 2);
    if (filling != OKNG_PROGRAM_NONE) {
        const okng_program_node *from = &node->program->nodes[filling];
        if (from->op != OKNG_PROGRAM_CONSTANT || from->type.dtype != OKNG_F32 ||
            okng_program_elements(&from->type) != 1)
            return false;
        memcpy(&like->value, from->data, sizeof like->value);
    }
    for (int32_t i = 0; i < rank; i++) {
        like->dims[i] = pads[i];
        like->behind[i] = pads[rank + i];
    }
    node->input_count = 1;
    append(node, like);
    return true;
}

static bool read_cast(source *node, okng_program_node *like)
{
    if (!okng_onnx_dtype(okng_onnx_get_int(node, "to", 0), &like->type.dtype)) return false;
    append(node, like);
    return true;
}

static bool read_resize(source *node, okng_program_node *like)
{
    int64_t axes[2], size[OKNG_ONNX_INTS];
    if (!okng_onnx_get_ints(node, "axes", 2, axes) || axes[0] != 2 || axes[1] != 3) return false;
    if (okng_onnx_get_input(node, 2) != OKNG_PROGRAM_NONE || okng_onnx_get_numbers(node, 3, size) != 2) return false;
    if (okng_onnx_get_int(node, "antialias", 0) != 1 || okng_onnx_get_int(node, "exclude_outside", 0) != 1 ||
        !okng_onnx_get_is(node, "mode", "linear", "nearest") ||
        !okng_onnx_get_is(node, "coordinate_transformation_mode", "half_pixel", "half_pixel"))
        return false;
    memcpy(like->size, size, sizeof like->size);
    node->input_count = 1;
    append(node, like);
    return true;
}

static bool read_identity(source *node, okng_program_node *like)
{
    (void)like;
    node->outputs[0] = okng_onnx_get_input(node, 0);
    return true;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

/* False where the node is set as no operator of okng is. */
typedef bool read_fn(source *node, okng_program_node *like);

/* Operators that are not here are read as read_plain. */
static const struct {
    okng_program_op op;
    read_fn *read;
} readers[] = {
    {OKNG_PROGRAM_CONV, read_conv},
    {OKNG_PROGRAM_MAX_POOL, read_pool},
    {OKNG_PROGRAM_AVERAGE_POOL, read_pool},
    {OKNG_PROGRAM_SOFTMAX, read_along},
    {OKNG_PROGRAM_LAYER_NORM, read_layer_norm},
    {OKNG_PROGRAM_REDUCE_SUM, read_reduce},
    {OKNG_PROGRAM_REDUCE_MEAN, read_reduce},
    {OKNG_PROGRAM_REDUCE_MAX, read_reduce},
    {OKNG_PROGRAM_REDUCE_MIN, read_reduce},
    {OKNG_PROGRAM_TOP_K, read_top_k},
    {OKNG_PROGRAM_GATHER, read_along},
    {OKNG_PROGRAM_GATHER_ELEMENTS, read_along},
    {OKNG_PROGRAM_CONCAT, read_along},
    {OKNG_PROGRAM_SLICE, read_slice},
    {OKNG_PROGRAM_TRANSPOSE, read_transpose},
    {OKNG_PROGRAM_RESHAPE, read_reshape},
    {OKNG_PROGRAM_EXPAND, read_reshape},
    {OKNG_PROGRAM_PAD, read_pad},
    {OKNG_PROGRAM_CAST, read_cast},
    {OKNG_PROGRAM_RESIZE, read_resize},
};

/* NULL: okng has none. */
static read_fn *find_reader(const source *node, okng_program_op *op)
{
    *op = OKNG_PROGRAM_MATMUL;
    if (okng_span_is(node->op, "Gemm")) return read_gemm;
    if (okng_span_is(node->op, "Identity")) return read_identity;
    for (*op = 0; *op < OKNG_PROGRAM_OP_COUNT; (*op)++) {
        const char *name = okng_export_onnx_name(*op);
        if (!name || !okng_span_is(node->op, name)) continue;
        for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
            if (readers[i].op == *op) return readers[i].read;
        return read_plain;
    }
    return NULL;
}

static okng_status refuse(const source *node, const char *why, okng_span what, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "the operator %.*s (%.*s) %s%.*s",
                     (int)(node->op.size > 60 ? 60 : node->op.size), (const char *)node->op.data,
                     (int)(node->name.size > 60 ? 60 : node->name.size), (const char *)node->name.data, why,
                     (int)(what.size > 60 ? 60 : what.size), (const char *)what.data);
}

okng_status okng_onnx_read_op(okng_onnx_read_node *node, okng_error *error)
{
    const okng_span nothing = {(const uint8_t *)"", 0};
    okng_program_node like = {0};
    read_fn *read = find_reader(node, &like.op);
    if (!read || (node->domain.size > 0 && !okng_span_is(node->domain, "ai.onnx")))
        return refuse(node, "is none that okng reads", nothing, error);
    if (!read(node, &like)) return refuse(node, "is set as okng does not read it", nothing, error);
    for (size_t i = 0; i < node->attribute_count; i++)
        if (!node->attributes[i].used)
            return refuse(node, "has an attribute that okng does not know: ", node->attributes[i].name, error);
    return OKNG_OK;
}
