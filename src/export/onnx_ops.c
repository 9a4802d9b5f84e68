#include "export/onnx_ops.h"

#include "export/op_names.h"

/* The step's own operator with its own inputs. */
static OkngOnnx__NodeProto *same(okng_onnx_graph *graph, const okng_export_step *step)
{
    const size_t count = (size_t)step->node->input_count;
    const char **inputs = okng_arena_take(&graph->arena, count, sizeof *inputs);
    if (!inputs) return NULL;
    for (size_t i = 0; i < count; i++) inputs[i] = okng_export_input(step, (int32_t)i);
    return okng_onnx_node(graph, okng_export_onnx_name(step->node->op), inputs, count, okng_export_result(step));
}

/* The step's own operator with its first input and another that is a constant. */
static OkngOnnx__NodeProto *with(okng_onnx_graph *graph, const okng_export_step *step, const char *second)
{
    const char *inputs[2] = {okng_export_input(step, 0), second};
    return okng_onnx_node(graph, okng_export_onnx_name(step->node->op), inputs, 2, okng_export_result(step));
}

okng_status okng_onnx_plain(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    (void)same(graph, step);
    return OKNG_OK;
}

/* onnxruntime's Where chooses no bool: there it is (c and x) or (not c and y). */
okng_status okng_onnx_select(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    if (step->node->type.dtype != OKNG_BOOL) return okng_onnx_plain(graph, step, error);
    const char *condition = okng_export_input(step, 0);
    const char *no = okng_onnx_name(graph, "okng_not"), *first = okng_onnx_name(graph, "okng_first");
    const char *second = okng_onnx_name(graph, "okng_second");
    (void)okng_onnx_node(graph, "Not", &condition, 1, no);
    const char *one[2] = {condition, okng_export_input(step, 1)}, *other[2] = {no, okng_export_input(step, 2)};
    (void)okng_onnx_node(graph, "And", one, 2, first);
    (void)okng_onnx_node(graph, "And", other, 2, second);
    const char *both[2] = {first, second};
    (void)okng_onnx_node(graph, "Or", both, 2, okng_export_result(step));
    return OKNG_OK;
}

okng_status okng_onnx_along(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    okng_onnx_int(graph, same(graph, step), "axis", step->node->axis);
    return OKNG_OK;
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

static void add_window(okng_onnx_graph *graph, OkngOnnx__NodeProto *node, const okng_window *window)
{
    const int64_t kernel[2] = {window->kernel[0], window->kernel[1]},
                  stride[2] = {window->stride[0], window->stride[1]};
    const int64_t pads[4] = {window->padding[0], window->padding[1], window->padding[0], window->padding[1]};
    okng_onnx_ints(graph, node, "kernel_shape", kernel, 2);
    okng_onnx_ints(graph, node, "strides", stride, 2);
    okng_onnx_ints(graph, node, "pads", pads, 4);
}

okng_status okng_onnx_conv(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    OkngOnnx__NodeProto *node = same(graph, step);
    add_window(graph, node, &step->node->window);
    okng_onnx_int(graph, node, "group", step->node->groups);
    return OKNG_OK;
}

okng_status okng_onnx_pool(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    OkngOnnx__NodeProto *node = same(graph, step);
    add_window(graph, node, &step->node->window);
    if (step->node->op == OKNG_PROGRAM_AVERAGE_POOL) okng_onnx_int(graph, node, "count_include_pad", 1);
    return OKNG_OK;
}

/* ---- products and norms ------------------------------------------------------------------------------------------ */

/* x y^T of matrices. MatMul turns nothing, and a Transpose of the rows of a bank would be a second copy of them in the
 * runtime's memory; Gemm reads them as they lie. It takes matrices only, so all axes of x but the last are joined. */
static void turned_matrix(okng_onnx_graph *graph, const okng_export_step *step)
{
    const okng_program_type *x = okng_export_input_type(step, 0), *result = &step->node->type;
    const char *name = okng_export_input(step, 0), *product = okng_export_result(step);
    if (x->rank > 2) {
        const int64_t flat[2] = {-1, x->dims[x->rank - 1]};
        const char *inputs[2] = {name, okng_onnx_numbers(graph, flat, 2)};
        name = okng_onnx_name(graph, "okng_rows");
        (void)okng_onnx_node(graph, "Reshape", inputs, 2, name);
        product = okng_onnx_name(graph, "okng_product");
    }
    const char *inputs[2] = {name, okng_export_input(step, 1)};
    okng_onnx_int(graph, okng_onnx_node(graph, "Gemm", inputs, 2, product), "transB", 1);
    if (x->rank <= 2) return;
    int64_t shape[OKNG_PROGRAM_RANK_MAX];
    for (int32_t i = 0; i < result->rank; i++) shape[i] = result->dims[i] == OKNG_ANY ? -1 : result->dims[i];
    const char *back[2] = {product, okng_onnx_numbers(graph, shape, (size_t)result->rank)};
    (void)okng_onnx_node(graph, "Reshape", back, 2, okng_export_result(step));
}

static int32_t count_any(const okng_program_type *type)
{
    int32_t count = 0;
    for (int32_t i = 0; i < type->rank; i++) count += type->dims[i] == OKNG_ANY;
    return count;
}

okng_status okng_onnx_matmul(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    const okng_program_type *y = okng_export_input_type(step, 1);
    if (!step->node->turned) return okng_onnx_plain(graph, step, error);
    if (y->rank == 2 && count_any(&step->node->type) <= 1) {
        turned_matrix(graph, step);
        return OKNG_OK;
    }
    int64_t order[OKNG_PROGRAM_RANK_MAX];
    for (int32_t i = 0; i < y->rank; i++) order[i] = i;
    order[y->rank - 2] = y->rank - 1;
    order[y->rank - 1] = y->rank - 2;
    const char *turned = okng_onnx_name(graph, "okng_turned"), *second = okng_export_input(step, 1);
    okng_onnx_ints(graph, okng_onnx_node(graph, "Transpose", &second, 1, turned), "perm", order, (size_t)y->rank);
    (void)with(graph, step, turned);
    return OKNG_OK;
}

okng_status okng_onnx_layer_norm(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    OkngOnnx__NodeProto *node = same(graph, step);
    okng_onnx_int(graph, node, "axis", -1);
    okng_onnx_float(graph, node, "epsilon", step->node->epsilon);
    return OKNG_OK;
}

/* ---- reductions -------------------------------------------------------------------------------------------------- */

/* Of ReduceSum the axes are an input since opset 13, of the others since 18. */
okng_status okng_onnx_reduce(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    int64_t axes[OKNG_PROGRAM_RANK_MAX];
    size_t count = 0;
    for (int32_t i = 0; i < OKNG_PROGRAM_RANK_MAX; i++)
        if (step->node->axes & OKNG_AXIS(i)) axes[count++] = i;
    const bool input = step->node->op == OKNG_PROGRAM_REDUCE_SUM || graph->opset >= 18;
    OkngOnnx__NodeProto *node = with(graph, step, input ? okng_onnx_numbers(graph, axes, count) : NULL);
    if (!input) okng_onnx_ints(graph, node, "axes", axes, count);
    okng_onnx_int(graph, node, "keepdims", 1);
    return OKNG_OK;
}

okng_status okng_onnx_top_k(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    OkngOnnx__NodeProto *node = with(graph, step, okng_onnx_numbers(graph, &step->node->k, 1));
    okng_onnx_int(graph, node, "axis", -1);
    okng_onnx_int(graph, node, "largest", step->node->largest);
    okng_onnx_int(graph, node, "sorted", 1);
    okng_onnx_output(graph, node, step->walk->names[step->value + 1]);
    return OKNG_OK;
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

okng_status okng_onnx_slice(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    const okng_program_node *node = step->node;
    const int64_t axis = node->axis;
    const char *inputs[5] = {okng_export_input(step, 0), okng_onnx_numbers(graph, &node->begin, 1),
                             okng_onnx_numbers(graph, &node->end, 1), okng_onnx_numbers(graph, &axis, 1),
                             okng_onnx_numbers(graph, &node->step, 1)};
    (void)okng_onnx_node(graph, "Slice", inputs, 5, okng_export_result(step));
    return OKNG_OK;
}

okng_status okng_onnx_transpose(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    int64_t order[OKNG_PROGRAM_RANK_MAX];
    for (int32_t i = 0; i < step->node->type.rank; i++) order[i] = step->node->order[i];
    okng_onnx_ints(graph, same(graph, step), "perm", order, (size_t)step->node->type.rank);
    return OKNG_OK;
}

okng_status okng_onnx_reshape(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    (void)with(graph, step, okng_onnx_numbers(graph, step->node->dims, (size_t)step->node->rank));
    return OKNG_OK;
}

okng_status okng_onnx_pad(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    const okng_program_node *node = step->node;
    const size_t rank = (size_t)node->type.rank;
    if (node->type.dtype != OKNG_F32)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "padding of %s cannot be written as ONNX yet",
                         okng_dtype_name(node->type.dtype));
    int64_t pads[2 * OKNG_PROGRAM_RANK_MAX];
    for (size_t i = 0; i < rank; i++) {
        pads[i] = node->dims[i];
        pads[rank + i] = node->behind[i];
    }
    const char *inputs[3] = {okng_export_input(step, 0), okng_onnx_numbers(graph, pads, 2 * rank),
                             okng_onnx_scalar(graph, node->value)};
    (void)okng_onnx_node(graph, "Pad", inputs, 3, okng_export_result(step));
    return OKNG_OK;
}

okng_status okng_onnx_cast(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    okng_onnx_int(graph, same(graph, step), "to", okng_onnx_type(step->node->type.dtype));
    return OKNG_OK;
}

/* Before opset 18 there is no antialiasing. With exclude_outside the weights of what lies beyond the border go to what
 * lies within, as Pillow has it; without it onnxruntime repeats the border's pixels. */
okng_status okng_onnx_resize(okng_onnx_graph *graph, const okng_export_step *step, okng_error *error)
{
    if (graph->opset < 18)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "a resize inside the graph needs opset 18, this is %d: leave the opset out, or resize before",
                         (int)graph->opset);
    const int64_t axes[2] = {2, 3};
    const char *inputs[4] = {okng_export_input(step, 0), "", "", okng_onnx_numbers(graph, step->node->size, 2)};
    OkngOnnx__NodeProto *node = okng_onnx_node(graph, "Resize", inputs, 4, okng_export_result(step));
    okng_onnx_ints(graph, node, "axes", axes, 2);
    okng_onnx_int(graph, node, "antialias", 1);
    okng_onnx_int(graph, node, "exclude_outside", 1);
    okng_onnx_text(graph, node, "coordinate_transformation_mode", "half_pixel");
    okng_onnx_text(graph, node, "mode", "linear");
    return OKNG_OK;
}
