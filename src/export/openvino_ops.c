#include "export/openvino_ops.h"

#include <string.h>

#include "export/ir_types.h"

enum { MAX_LINKS = 8 }; /* inputs of any layer but Concat's */

typedef struct op_name {
    const char *type;
    int32_t opset;
} op_name;

/* clang-format off */
static const op_name op_names[OKNG_PROGRAM_OP_COUNT] = {
    [OKNG_PROGRAM_CONV] = {"Convolution", 1}, [OKNG_PROGRAM_MAX_POOL] = {"MaxPool", 1},
    [OKNG_PROGRAM_AVERAGE_POOL] = {"AvgPool", 1},
    [OKNG_PROGRAM_RELU] = {"ReLU", 1}, [OKNG_PROGRAM_SIGMOID] = {"Sigmoid", 1}, [OKNG_PROGRAM_ERF] = {"Erf", 1},
    [OKNG_PROGRAM_EXP] = {"Exp", 1}, [OKNG_PROGRAM_LOG] = {"Log", 1}, [OKNG_PROGRAM_SQRT] = {"Sqrt", 1},
    [OKNG_PROGRAM_ABS] = {"Abs", 1}, [OKNG_PROGRAM_NEGATE] = {"Negative", 1}, [OKNG_PROGRAM_ROUND] = {"Round", 5},
    [OKNG_PROGRAM_FLOOR] = {"Floor", 1}, [OKNG_PROGRAM_NOT] = {"LogicalNot", 1}, [OKNG_PROGRAM_IS_NAN] = {"IsNaN", 10},
    [OKNG_PROGRAM_ADD] = {"Add", 1}, [OKNG_PROGRAM_SUBTRACT] = {"Subtract", 1},
    [OKNG_PROGRAM_MULTIPLY] = {"Multiply", 1}, [OKNG_PROGRAM_DIVIDE] = {"Divide", 1},
    [OKNG_PROGRAM_MAXIMUM] = {"Maximum", 1}, [OKNG_PROGRAM_MINIMUM] = {"Minimum", 1},
    [OKNG_PROGRAM_GREATER] = {"Greater", 1}, [OKNG_PROGRAM_LESS] = {"Less", 1}, [OKNG_PROGRAM_EQUAL] = {"Equal", 1},
    [OKNG_PROGRAM_AND] = {"LogicalAnd", 1}, [OKNG_PROGRAM_OR] = {"LogicalOr", 1},
    [OKNG_PROGRAM_SELECT] = {"Select", 1}, [OKNG_PROGRAM_MATMUL] = {"MatMul", 1},
    [OKNG_PROGRAM_SOFTMAX] = {"SoftMax", 8}, [OKNG_PROGRAM_LAYER_NORM] = {"MVN", 6},
    [OKNG_PROGRAM_REDUCE_SUM] = {"ReduceSum", 1}, [OKNG_PROGRAM_REDUCE_MEAN] = {"ReduceMean", 1},
    [OKNG_PROGRAM_REDUCE_MAX] = {"ReduceMax", 1}, [OKNG_PROGRAM_REDUCE_MIN] = {"ReduceMin", 1},
    [OKNG_PROGRAM_TOP_K] = {"TopK", 11} /* the first that keeps the order of equal ones */,
    [OKNG_PROGRAM_GATHER] = {"Gather", 8}, [OKNG_PROGRAM_GATHER_ELEMENTS] = {"GatherElements", 6},
    [OKNG_PROGRAM_CONCAT] = {"Concat", 1}, [OKNG_PROGRAM_SLICE] = {"Slice", 8},
    [OKNG_PROGRAM_TRANSPOSE] = {"Transpose", 1}, [OKNG_PROGRAM_RESHAPE] = {"Reshape", 1},
    [OKNG_PROGRAM_EXPAND] = {"Broadcast", 3}, [OKNG_PROGRAM_PAD] = {"Pad", 1}, [OKNG_PROGRAM_CAST] = {"Convert", 1},
    [OKNG_PROGRAM_RESIZE] = {"Interpolate", 11} /* the first that has Pillow's filter */,
};
/* clang-format on */

/* ---- a step ------------------------------------------------------------------------------------------------------ */

static okng_openvino_port input(const okng_openvino_graph *graph, const okng_export_step *step, int32_t i)
{
    return graph->values[step->node->inputs[i]];
}

/* The name of a layer beside the step's own: "okng_7_top_k/k". */
static const char *beside(okng_openvino_graph *graph, const okng_export_step *step, const char *what)
{
    return okng_openvino_print(graph, "%s/%s", okng_export_result(step), what);
}

/* A layer that is on the way to the step's result. */
static okng_openvino_port between(okng_openvino_graph *graph, const okng_export_step *step, const char *type,
                                  const char *what, const char *attributes, const okng_openvino_port *inputs,
                                  int32_t count, const okng_program_type *result)
{
    return okng_openvino_add(graph, &(okng_openvino_layer){.type = type,
                                                           .name = beside(graph, step, what),
                                                           .opset = 1,
                                                           .attributes = attributes,
                                                           .inputs = inputs,
                                                           .input_count = count,
                                                           .outputs = result,
                                                           .output_count = 1});
}

/* The layer that gives the step's result. */
static okng_status finish(okng_openvino_graph *graph, const okng_export_step *step, const op_name *op,
                          const char *attributes, const okng_openvino_port *inputs, int32_t count)
{
    graph->values[step->value] =
        okng_openvino_add(graph, &(okng_openvino_layer){
                                     .type = op->type,
                                     .name = okng_export_result(step),
                                     .opset = op->opset,
                                     .attributes = attributes,
                                     .inputs = inputs,
                                     .input_count = count,
                                     .outputs = &step->node->type,
                                     .output_count = 1,
                                     .tensor_names = {okng_openvino_tensor_names(graph, step->value)},
                                 });
    return OKNG_OK;
}

/* Under the name of its own row, with its own inputs and `more` behind them. */
static okng_status finish_own(okng_openvino_graph *graph, const okng_export_step *step, const char *attributes,
                              const okng_openvino_port *more, int32_t more_count)
{
    okng_openvino_port inputs[MAX_LINKS];
    const int32_t own = step->node->input_count;
    for (int32_t i = 0; i < own; i++) inputs[i] = input(graph, step, i);
    for (int32_t i = 0; i < more_count; i++) inputs[own + i] = more[i];
    return finish(graph, step, &op_names[step->node->op], attributes, inputs, own + more_count);
}

/* ---- element by element ------------------------------------------------------------------------------------------ */

okng_status okng_openvino_plain(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    const char *attributes = step->node->op == OKNG_PROGRAM_ROUND ? "mode=\"half_to_even\""
                             : step->node->input_count == 2       ? "auto_broadcast=\"numpy\""
                                                                  : NULL;
    return finish_own(graph, step, attributes, NULL, 0);
}

okng_status okng_openvino_divide(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    /* of whole numbers its default rounds down */
    const bool whole = step->node->type.dtype != OKNG_F32;
    return finish_own(graph, step,
                      whole ? "auto_broadcast=\"numpy\" m_pythondiv=\"false\"" : "auto_broadcast=\"numpy\"", NULL, 0);
}

/* Whether a condition of this shape selects of values that broadcast to `whole` without making more of them. */
static bool covers(const okng_program_type *whole, const okng_program_type *condition)
{
    okng_program_type all;
    if (!okng_program_broadcast(whole, condition, &all)) return false;
    all.dtype = whole->dtype;
    return okng_program_type_equal(&all, whole);
}

/* x with as many elements as the condition has: x + 0 where that is a number, which leaves every x as it is; of bools
 * x or (condition and not condition). */
static okng_openvino_port spread(okng_openvino_graph *graph, const okng_export_step *step, okng_openvino_port condition,
                                 okng_openvino_port x)
{
    okng_program_type zeros = condition.type, all;
    if (!okng_program_broadcast(&x.type, &condition.type, &all)) return x;
    all.dtype = x.type.dtype;
    zeros.dtype = x.type.dtype;
    const char *numpy = "auto_broadcast=\"numpy\"";
    if (x.type.dtype == OKNG_BOOL) {
        okng_openvino_port pair[2] = {condition};
        pair[1] = between(graph, step, "LogicalNot", "not", NULL, &condition, 1, &condition.type);
        const okng_openvino_port none[2] = {
            x, between(graph, step, "LogicalAnd", "none", numpy, pair, 2, &condition.type)};
        return between(graph, step, "LogicalOr", "spread", numpy, none, 2, &all);
    }
    const char *type = okng_openvino_print(graph, "destination_type=\"%s\"", okng_ir_element(x.type.dtype));
    okng_openvino_port product[2] = {between(graph, step, "Convert", "ones", type, &condition, 1, &zeros)};
    product[1] = x.type.dtype == OKNG_F32 ? okng_openvino_float(graph, beside(graph, step, "zero"), 0)
                                          : okng_openvino_number(graph, beside(graph, step, "zero"), 0);
    const okng_openvino_port sum[2] = {x, between(graph, step, "Multiply", "zeros", numpy, product, 2, &zeros)};
    return between(graph, step, "Add", "spread", numpy, sum, 2, &all);
}

okng_status okng_openvino_select(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    okng_openvino_port inputs[3];
    okng_program_type whole;
    for (int32_t i = 0; i < 3; i++) inputs[i] = input(graph, step, i);
    if (!okng_program_broadcast(&inputs[1].type, &inputs[2].type, &whole))
        return okng_fail(error, OKNG_ERROR_INTERNAL, "%s selects of values that do not fit", okng_export_result(step));
    whole.dtype = inputs[1].type.dtype;
    if (!covers(&whole, &inputs[0].type)) {
        if (inputs[1].type.dtype != OKNG_F32 && inputs[1].type.dtype != OKNG_I64 && inputs[1].type.dtype != OKNG_BOOL)
            return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: OpenVINO IR cannot select of %s by a larger condition",
                             okng_export_result(step), okng_dtype_name(inputs[1].type.dtype));
        inputs[1] = spread(graph, step, inputs[0], inputs[1]);
    }
    return finish(graph, step, &op_names[OKNG_PROGRAM_SELECT], "auto_broadcast=\"numpy\"", inputs, 3);
}

okng_status okng_openvino_cast(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    const okng_openvino_port x = input(graph, step, 0);
    if (step->node->type.dtype != OKNG_BOOL || x.type.dtype == OKNG_BOOL)
        return finish_own(
            graph, step, okng_openvino_print(graph, "destination_type=\"%s\"", okng_ir_element(step->node->type.dtype)),
            NULL, 0);
    /* what Convert makes of 0.5 as a bool is not said */
    const op_name not_equal = {"NotEqual", 1};
    okng_openvino_port inputs[2] = {x};
    if (x.type.dtype != OKNG_F32 && x.type.dtype != OKNG_I64)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: OpenVINO IR does not say when %s is true",
                         okng_export_result(step), okng_dtype_name(x.type.dtype));
    inputs[1] = x.type.dtype == OKNG_F32 ? okng_openvino_float(graph, beside(graph, step, "zero"), 0)
                                         : okng_openvino_number(graph, beside(graph, step, "zero"), 0);
    return finish(graph, step, &not_equal, "auto_broadcast=\"numpy\"", inputs, 2);
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

static const char *pair(okng_openvino_graph *graph, const char *name, const int32_t two[2])
{
    return okng_openvino_print(graph, "%s=\"%d,%d\"", name, two[0], two[1]);
}

static const char *window_text(okng_openvino_graph *graph, const okng_window *window)
{
    return okng_openvino_print(graph, "%s %s %s auto_pad=\"explicit\"", pair(graph, "strides", window->stride),
                               pair(graph, "pads_begin", window->padding), pair(graph, "pads_end", window->padding));
}

okng_status okng_openvino_pool(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    const okng_window *window = &step->node->window;
    return finish_own(graph, step,
                      okng_openvino_print(graph, "%s %s rounding_type=\"floor\"%s", window_text(graph, window),
                                          pair(graph, "kernel", window->kernel),
                                          step->node->op == OKNG_PROGRAM_AVERAGE_POOL ? " exclude-pad=\"false\"" : ""),
                      NULL, 0);
}

/* A value of the same numbers in another shape: of a constant the same bytes, of others a Reshape. */
static okng_openvino_port shaped(okng_openvino_graph *graph, const okng_export_step *step, int32_t i, const char *what,
                                 const okng_program_type *type)
{
    const okng_program_value value = step->node->inputs[i];
    if (graph->walk->program->nodes[value].op == OKNG_PROGRAM_CONSTANT)
        return okng_openvino_value(graph, value, beside(graph, step, what), type);
    const okng_openvino_port inputs[2] = {
        graph->values[value], okng_openvino_numbers(graph, beside(graph, step, "shape"), type->dims, type->rank)};
    return between(graph, step, "Reshape", what, "special_zero=\"false\"", inputs, 2, type);
}

/* Convolution or, of several groups, GroupConvolution, whose weight has the groups as an axis; then the bias. */
okng_status okng_openvino_conv(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    const okng_program_node *node = step->node;
    const okng_program_type *weight = okng_export_input_type(step, 1);
    const bool biased = node->input_count > 2 && node->inputs[2] >= 0;
    okng_openvino_port inputs[2] = {input(graph, step, 0), input(graph, step, 1)};
    op_name op = op_names[OKNG_PROGRAM_CONV];
    if (node->groups > 1) {
        okng_program_type grouped = {
            .dtype = OKNG_F32, .rank = 5, .dims = {node->groups, weight->dims[0] / node->groups}};
        for (int32_t i = 1; i < 4; i++) grouped.dims[i + 1] = weight->dims[i];
        inputs[1] = shaped(graph, step, 1, "grouped", &grouped);
        op.type = "GroupConvolution";
    }
    const char *attributes = okng_openvino_print(graph, "%s dilations=\"1,1\"", window_text(graph, &node->window));
    if (!biased) return finish(graph, step, &op, attributes, inputs, 2);
    const okng_program_type along = {.dtype = OKNG_F32, .rank = 4, .dims = {1, weight->dims[0], 1, 1}};
    const okng_openvino_port sum[2] = {between(graph, step, op.type, "product", attributes, inputs, 2, &node->type),
                                       shaped(graph, step, 2, "bias", &along)};
    return finish(graph, step, &op_names[OKNG_PROGRAM_ADD], "auto_broadcast=\"numpy\"", sum, 2);
}

okng_status okng_openvino_resize(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    static const int64_t sides[] = {2, 3};
    const okng_openvino_port more[2] = {okng_openvino_numbers(graph, beside(graph, step, "size"), step->node->size, 2),
                                        okng_openvino_numbers(graph, beside(graph, step, "axes"), sides, 2)};
    return finish_own(graph, step,
                      "mode=\"bilinear_pillow\" shape_calculation_mode=\"sizes\" "
                      "coordinate_transformation_mode=\"half_pixel\" nearest_mode=\"round_prefer_floor\" "
                      "antialias=\"false\" pads_begin=\"0\" pads_end=\"0\" cube_coeff=\"-0.75\"",
                      more, 2);
}

/* ---- products, norms, reductions --------------------------------------------------------------------------------- */

okng_status okng_openvino_matmul(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    return finish_own(graph, step,
                      step->node->turned ? "transpose_a=\"false\" transpose_b=\"true\""
                                         : "transpose_a=\"false\" transpose_b=\"false\"",
                      NULL, 0);
}

okng_status okng_openvino_layer_norm(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    const okng_program_type *type = &step->node->type;
    const int64_t last = type->rank - 1;
    const okng_openvino_port norm_inputs[2] = {input(graph, step, 0),
                                               okng_openvino_numbers(graph, beside(graph, step, "axes"), &last, 1)};
    const char *attributes = okng_openvino_print(
        graph, "eps=\"%.9g\" normalize_variance=\"true\" eps_mode=\"inside_sqrt\"", (double)step->node->epsilon);
    const okng_openvino_port norm = okng_openvino_add(graph, &(okng_openvino_layer){.type = "MVN",
                                                                                    .name = beside(graph, step, "norm"),
                                                                                    .opset = 6,
                                                                                    .attributes = attributes,
                                                                                    .inputs = norm_inputs,
                                                                                    .input_count = 2,
                                                                                    .outputs = type,
                                                                                    .output_count = 1});
    const char *numpy = "auto_broadcast=\"numpy\"";
    const okng_openvino_port product[2] = {norm, input(graph, step, 1)};
    const okng_openvino_port sum[2] = {between(graph, step, "Multiply", "scaled", numpy, product, 2, type),
                                       input(graph, step, 2)};
    return finish(graph, step, &op_names[OKNG_PROGRAM_ADD], numpy, sum, 2);
}

okng_status okng_openvino_reduce(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    int64_t axes[OKNG_PROGRAM_RANK_MAX];
    int32_t count = 0;
    for (int32_t i = 0; i < step->node->type.rank; i++)
        if (step->node->axes & OKNG_AXIS(i)) axes[count++] = i;
    const okng_openvino_port more = okng_openvino_numbers(graph, beside(graph, step, "axes"), axes, count);
    return finish_own(graph, step, "keep_dims=\"true\"", &more, 1);
}

okng_status okng_openvino_top_k(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    const okng_program_node *node = step->node;
    const okng_program_type outputs[2] = {node->type, step->walk->program->nodes[step->value + 1].type};
    const okng_openvino_port inputs[2] = {input(graph, step, 0),
                                          okng_openvino_number(graph, beside(graph, step, "k"), node->k)};
    const char *attributes =
        okng_openvino_print(graph, "axis=\"%d\" mode=\"%s\" sort=\"value\" index_element_type=\"i64\" stable=\"true\"",
                            node->type.rank - 1, node->largest ? "max" : "min");
    okng_openvino_port *values = &graph->values[step->value];
    values[0] = okng_openvino_add(
        graph, &(okng_openvino_layer){.type = op_names[node->op].type,
                                      .name = okng_export_result(step),
                                      .opset = op_names[node->op].opset,
                                      .attributes = attributes,
                                      .inputs = inputs,
                                      .input_count = 2,
                                      .outputs = outputs,
                                      .output_count = 2,
                                      .tensor_names = {okng_openvino_tensor_names(graph, step->value),
                                                       okng_openvino_tensor_names(graph, step->value + 1)}});
    values[1] = (okng_openvino_port){.layer = values[0].layer, .port = values[0].port + 1, .type = outputs[1]};
    return OKNG_OK;
}

/* ---- where numbers are ------------------------------------------------------------------------------------------- */

okng_status okng_openvino_along(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    const char *attributes = okng_openvino_print(graph, "axis=\"%d\"", step->node->axis);
    const int32_t count = step->node->input_count;
    okng_openvino_port *inputs = okng_arena_take(&graph->arena, (size_t)count, sizeof *inputs);
    if (!inputs) return OKNG_OK; /* told at the end */
    for (int32_t i = 0; i < count; i++) inputs[i] = input(graph, step, i);
    return finish(graph, step, &op_names[step->node->op], attributes, inputs, count);
}

okng_status okng_openvino_gather(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    const okng_openvino_port more = okng_openvino_number(graph, beside(graph, step, "axis"), step->node->axis);
    return finish_own(graph, step, "batch_dims=\"0\"", &more, 1);
}

okng_status okng_openvino_slice(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    const okng_program_node *node = step->node;
    const int64_t axis = node->axis;
    const okng_openvino_port more[4] = {okng_openvino_numbers(graph, beside(graph, step, "start"), &node->begin, 1),
                                        okng_openvino_numbers(graph, beside(graph, step, "stop"), &node->end, 1),
                                        okng_openvino_numbers(graph, beside(graph, step, "step"), &node->step, 1),
                                        okng_openvino_numbers(graph, beside(graph, step, "axes"), &axis, 1)};
    return finish_own(graph, step, NULL, more, 4);
}

okng_status okng_openvino_transpose(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    int64_t order[OKNG_PROGRAM_RANK_MAX];
    for (int32_t i = 0; i < step->node->type.rank; i++) order[i] = step->node->order[i];
    const okng_openvino_port more =
        okng_openvino_numbers(graph, beside(graph, step, "order"), order, step->node->type.rank);
    return finish_own(graph, step, NULL, &more, 1);
}

okng_status okng_openvino_reshape(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    const okng_openvino_port more =
        okng_openvino_numbers(graph, beside(graph, step, "shape"), step->node->dims, step->node->rank);
    return finish_own(graph, step, "special_zero=\"true\"", &more, 1);
}

okng_status okng_openvino_expand(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    (void)error;
    const okng_openvino_port more =
        okng_openvino_numbers(graph, beside(graph, step, "shape"), step->node->dims, step->node->rank);
    return finish_own(graph, step, "mode=\"bidirectional\"", &more, 1);
}

okng_status okng_openvino_pad(okng_openvino_graph *graph, const okng_export_step *step, okng_error *error)
{
    const okng_program_node *node = step->node;
    if (node->type.dtype != OKNG_F32 && node->type.dtype != OKNG_I64)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: %s is not padded in OpenVINO IR", okng_export_result(step),
                         okng_dtype_name(node->type.dtype));
    const char *name = beside(graph, step, "value");
    const okng_openvino_port more[3] = {
        okng_openvino_numbers(graph, beside(graph, step, "before"), node->dims, node->type.rank),
        okng_openvino_numbers(graph, beside(graph, step, "behind"), node->behind, node->type.rank),
        node->type.dtype == OKNG_F32 ? okng_openvino_float(graph, name, node->value)
                                     : okng_openvino_number(graph, name, (int64_t)node->value)};
    return finish_own(graph, step, "pad_mode=\"constant\"", more, 3);
}
