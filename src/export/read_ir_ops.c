/* What IR's operations are in a program: a row each, the way back of openvino_ops.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "export/export.h"
#include "export/ir_types.h"
#include "export/read_ir.h"
#include "export/read_numbers.h"

typedef okng_ir_source source;

/* ---- attributes -------------------------------------------------------------------------------------------------- */

/* The value of an attribute, which counts as used; NULL where there is none. */
static const char *get(const source *s, const char *name)
{
    for (int32_t i = 0; i < s->layer->attribute_count; i++)
        if (strcmp(s->layer->attributes[i].name, name) == 0) {
            s->layer->attributes[i].used = true;
            return s->layer->attributes[i].value;
        }
    return NULL;
}

/* Whether it is `text`, in either case of letters; where it is not there, whether `otherwise` is. */
static bool is(const source *s, const char *name, const char *text, const char *otherwise)
{
    const char *value = get(s, name);
    if (!value) value = otherwise;
    return value && strcasecmp(value, text) == 0;
}

/* Whole numbers with commas between; at most `most`, their count; `most` + 1 for what is none. */
static size_t list_of(const char *text, size_t most, int64_t *values)
{
    size_t count = 0;
    while (text && *text) {
        char *end;
        errno = 0;
        const long long value = strtoll(text, &end, 10);
        if (end == text || errno != 0 || count == most) return most + 1;
        values[count++] = value;
        while (*end == ' ') end++;
        if (*end != ',' && *end) return most + 1;
        text = end + (*end == ',');
    }
    return count;
}

/* One whole number, or `otherwise` where it is not there; false for what is no number. */
static bool get_int(const source *s, const char *name, int64_t otherwise, int64_t *value)
{
    const char *text = get(s, name);
    *value = otherwise;
    return !text || list_of(text, 1, value) == 1;
}

/* `count` of them with commas between; false where there are others, and where it is not there. */
static bool get_ints(const source *s, const char *name, size_t count, int64_t *values)
{
    return list_of(get(s, name), count, values) == count;
}

/* ---- constants --------------------------------------------------------------------------------------------------- */

/* The type and the bytes of a Const, which lie in the .bin. */
static okng_status look_at(const source *s, const okng_ir_layer *layer, okng_program_type *type, const uint8_t **data,
                           okng_error *error)
{
    source own = *s;
    okng_ir_layer copy = *layer;
    int64_t offset, size, dims[OKNG_PROGRAM_RANK_MAX];
    own.layer = &copy;
    const char *element = get(&own, "element_type");
    const size_t rank = list_of(get(&own, "shape"), OKNG_PROGRAM_RANK_MAX, dims);
    *type = (okng_program_type){.rank = (int32_t)rank};
    if (!element || !okng_ir_dtype_of_element(element, &type->dtype))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: constant \"%.100s\" is of the type \"%.40s\"", s->ir->path,
                         layer->name, element ? element : "");
    bool fits =
        rank <= OKNG_PROGRAM_RANK_MAX && get_int(&own, "offset", -1, &offset) && get_int(&own, "size", -1, &size);
    for (size_t i = 0; fits && i < rank; i++) fits = (type->dims[i] = dims[i]) >= 1;
    const int64_t count = fits ? okng_program_elements(type) : -1;
    if (count < 0 || size != count * (int64_t)okng_dtype_size(type->dtype))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: constant \"%.100s\": shape and size do not fit", s->ir->path,
                         layer->name);
    if (offset < 0 || (uint64_t)offset > s->bin_size || s->bin_size - (uint64_t)offset < (uint64_t)size)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: constant \"%.100s\" lies beyond the end of the .bin, which has %zu bytes; the two are "
                         "not of one model, or it was cut off",
                         s->ir->path, layer->name, s->bin_size);
    *data = s->bin + offset;
    return OKNG_OK;
}

/* The constant of a layer Const. Errors: FORMAT, UNSUPPORTED. */
static okng_status read_constant(const source *s, okng_ir_layer *layer, okng_error *error)
{
    okng_program_type type;
    const uint8_t *data;
    OKNG_TRY(look_at(s, layer, &type, &data, error));
    if (layer->output_count != 1 || layer->input_count != 0)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: constant \"%.100s\" has other than one port", s->ir->path,
                         layer->name);
    const bool named = okng_program_elements(&type) == 1 && !strchr(layer->name, '/') &&
                       strncmp(layer->name, "okng_", 5) != 0 && s->ir->named++ < OKNG_EXPORT_NAMED;
    if (type.dtype == OKNG_BOOL)
        for (int64_t i = 0; i < okng_program_elements(&type); i++)
            if (data[i] > 1)
                return okng_fail(error, OKNG_ERROR_FORMAT, "%s: constant \"%.100s\" holds a truth value of %d",
                                 s->ir->path, layer->name, (int)data[i]);
    layer->outputs[0].value =
        okng_program_constant(s->program, named ? layer->name : NULL, type.dtype, type.rank, type.dims, data, true);
    return OKNG_OK;
}

static const okng_ir_layer *layer_before(const source *s, int32_t i)
{
    return i < s->layer->input_count && s->layer->inputs[i].from_layer >= 0
               ? &s->ir->layers[s->layer->inputs[i].from_layer]
               : NULL;
}

/* Whole numbers of input i, where it is a constant of at most OKNG_IR_NUMBERS; their count, 0 where it is not. */
static size_t numbers_of(const source *s, int32_t i, int64_t values[OKNG_IR_NUMBERS])
{
    const okng_ir_layer *layer = layer_before(s, i);
    okng_program_type type;
    const uint8_t *data;
    if (!layer || strcmp(layer->type, "Const") != 0 || look_at(s, layer, &type, &data, NULL) != OKNG_OK) return 0;
    const int64_t count = okng_program_elements(&type);
    if (type.rank > 1 || count > OKNG_IR_NUMBERS || (type.dtype != OKNG_I64 && type.dtype != OKNG_I32)) return 0;
    for (int64_t k = 0; k < count; k++) {
        int32_t number;
        if (type.dtype == OKNG_I64) {
            memcpy(&values[k], data + 8 * k, 8);
            continue;
        }
        memcpy(&number, data + 4 * k, 4);
        values[k] = number;
    }
    return (size_t)count;
}

/* Input i is one whole number. */
static bool one_number(const source *s, int32_t i, int64_t *value)
{
    int64_t all[OKNG_IR_NUMBERS];
    if (numbers_of(s, i, all) != 1) return false;
    *value = all[0];
    return true;
}

okng_program_value okng_ir_input(const source *s, int32_t i)
{
    if (i >= s->layer->input_count || s->layer->inputs[i].from_layer < 0) return OKNG_PROGRAM_NONE;
    okng_ir_layer *layer = &s->ir->layers[s->layer->inputs[i].from_layer];
    okng_ir_port *port = &layer->outputs[s->layer->inputs[i].from_port];
    okng_error why;
    if (port->value == OKNG_PROGRAM_NONE && strcmp(layer->type, "Const") == 0 &&
        read_constant(s, layer, &why) != OKNG_OK)
        okng_program_fail(s->program, why.status, "%s", why.message);
    return port->value;
}

/* ---- operators --------------------------------------------------------------------------------------------------- */

/* The program's operator with the first `count` inputs and these settings. */
static void append(const source *s, const okng_program_node *like, int32_t count)
{
    okng_program_value few[4], *inputs = few;
    if (count > 4) inputs = okng_arena_take(&s->ir->arena, (size_t)count, sizeof *inputs);
    if (!inputs) {
        okng_program_fail(s->program, OKNG_ERROR_MEMORY, "out of memory for %d inputs", (int)count);
        return;
    }
    for (int32_t i = 0; i < count; i++) inputs[i] = okng_ir_input(s, i);
    s->layer->outputs[0].value = okng_program_append(s->program, like, inputs, count);
}

static bool axis_of(const source *s, int64_t axis, int32_t *out)
{
    return okng_read_axis(s->program, okng_ir_input(s, 0), axis, out);
}

static bool read_unary(const source *s, okng_program_node *like)
{
    append(s, like, 1);
    return like->op != OKNG_PROGRAM_ROUND || is(s, "mode", "half_to_even", "half_to_even");
}

static bool broadcasts(const source *s)
{
    return is(s, "auto_broadcast", "numpy", "numpy") || is(s, "auto_broadcast", "none", NULL);
}

static bool read_binary(const source *s, okng_program_node *like)
{
    append(s, like, 2);
    return broadcasts(s);
}

static bool read_divide(const source *s, okng_program_node *like)
{
    const okng_program_value x = okng_ir_input(s, 0);
    const bool down = is(s, "m_pythondiv", "true", "true");
    if (x >= 0 && (size_t)x < s->program->count && s->program->nodes[x].type.dtype != OKNG_F32 && down) return false;
    return read_binary(s, like);
}

static bool read_not_equal(const source *s, okng_program_node *like)
{
    if (!read_binary(s, like)) return false;
    s->layer->outputs[0].value = okng_program_not(s->program, s->layer->outputs[0].value);
    return true;
}

static bool read_select(const source *s, okng_program_node *like)
{
    append(s, like, 3);
    return broadcasts(s);
}

static bool read_along(const source *s, okng_program_node *like)
{
    int64_t axis;
    if (!get_int(s, "axis", like->op == OKNG_PROGRAM_SOFTMAX ? 1 : INT64_MIN, &axis) || axis < -OKNG_PROGRAM_RANK_MAX ||
        !axis_of(s, axis, &like->axis))
        return false;
    append(s, like, s->layer->input_count);
    return true;
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

/* kernel: NULL where the window's is known. */
static bool read_window(const source *s, okng_window *window, const char *kernel)
{
    int64_t stride[2], begin[2], end[2], dilations[2] = {1, 1}, size[2];
    if (!get_ints(s, "strides", 2, stride) || !get_ints(s, "pads_begin", 2, begin) ||
        !get_ints(s, "pads_end", 2, end) || (kernel && !get_ints(s, kernel, 2, size)))
        return false;
    if (get(s, "dilations") && !get_ints(s, "dilations", 2, dilations)) return false;
    if (begin[0] != end[0] || begin[1] != end[1] || dilations[0] != 1 || dilations[1] != 1) return false;
    if (!okng_read_small(stride, 2) || !okng_read_small(begin, 2) || (kernel && !okng_read_small(size, 2)))
        return false;
    for (int i = 0; i < 2; i++) {
        window->stride[i] = (int32_t)stride[i];
        window->padding[i] = (int32_t)begin[i];
        if (kernel) window->kernel[i] = (int32_t)size[i];
    }
    return is(s, "auto_pad", "explicit", "explicit") && is(s, "rounding_type", "floor", "floor");
}

static bool read_pool(const source *s, okng_program_node *like)
{
    if (!read_window(s, &like->window, "kernel")) return false;
    const bool padded = like->window.padding[0] > 0 || like->window.padding[1] > 0;
    if (like->op == OKNG_PROGRAM_AVERAGE_POOL && !is(s, "exclude-pad", "false", NULL) && padded) return false;
    /* where the largest lies is asked for by nobody: a second port stays without a value */
    (void)get(s, "axis");
    (void)get(s, "index_element_type");
    append(s, like, 1);
    return true;
}

static bool read_conv(const source *s, okng_program_node *like)
{
    okng_program *p = s->program;
    okng_program_value inputs[2] = {okng_ir_input(s, 0), okng_ir_input(s, 1)};
    const bool grouped = strcmp(s->layer->type, "GroupConvolution") == 0;
    const int32_t rank = okng_program_rank(p, inputs[1]);
    if (rank != (grouped ? 5 : 4) || !read_window(s, &like->window, NULL)) return false;
    int64_t dims[5];
    for (int32_t i = 0; i < rank; i++) dims[i] = okng_program_dim(p, inputs[1], i);
    like->groups = 1;
    if (grouped) {
        if (!okng_read_small(dims, 5) || dims[0] < 1) return false;
        like->groups = (int32_t)dims[0];
        inputs[1] = okng_program_reshape(p, inputs[1], 4, (int64_t[]){dims[0] * dims[1], dims[2], dims[3], dims[4]});
    }
    if (!okng_read_small(&dims[rank - 2], 2)) return false;
    for (int i = 0; i < 2; i++) like->window.kernel[i] = (int32_t)dims[rank - 2 + i];
    s->layer->outputs[0].value = okng_program_append(p, like, inputs, 2);
    return true;
}

static bool read_interpolate(const source *s, okng_program_node *like)
{
    static const char *const passed[] = {"coordinate_transformation_mode", "nearest_mode", "antialias", "cube_coeff"};
    int64_t size[OKNG_IR_NUMBERS], axes[OKNG_IR_NUMBERS], pad;
    if (numbers_of(s, 1, size) != 2 || numbers_of(s, 2, axes) != 2 || axes[0] != 2 || axes[1] != 3) return false;
    if (!get_int(s, "pads_begin", 0, &pad) || pad != 0 || !get_int(s, "pads_end", 0, &pad) || pad != 0) return false;
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) (void)get(s, passed[i]); /* mean nothing in this mode */
    like->size[0] = size[0];
    like->size[1] = size[1];
    append(s, like, 1);
    return is(s, "mode", "bilinear_pillow", NULL) && is(s, "shape_calculation_mode", "sizes", NULL);
}

/* ---- products, norms, reductions --------------------------------------------------------------------------------- */

static bool read_matmul(const source *s, okng_program_node *like)
{
    like->turned = is(s, "transpose_b", "true", "false");
    append(s, like, 2);
    return is(s, "transpose_a", "false", "false");
}

enum { MAX_NORM = 1 << 20 }; /* numbers that are normalised together: the scale of ones has as many */

static bool read_mvn(const source *s, okng_program_node *like)
{
    int64_t axis;
    int32_t last;
    char *end;
    const okng_program_value x = okng_ir_input(s, 0);
    const char *epsilon = get(s, "eps");
    if (!one_number(s, 1, &axis) || !axis_of(s, axis, &last) || last != okng_program_rank(s->program, x) - 1)
        return false;
    if (!epsilon || !is(s, "eps_mode", "inside_sqrt", NULL) || !is(s, "normalize_variance", "true", NULL)) return false;
    like->epsilon = strtof(epsilon, &end);
    const int64_t count = okng_program_dim(s->program, x, last);
    if (*end || count < 1 || count > MAX_NORM) return false;
    float *ones = okng_alloc((size_t)count, sizeof *ones), *zeros = okng_alloc_zero((size_t)count, sizeof *zeros);
    for (int64_t i = 0; ones && i < count; i++) ones[i] = 1;
    const okng_program_value scale = okng_program_constant_own(s->program, NULL, OKNG_F32, 1, &count, ones);
    const okng_program_value shift = okng_program_constant_own(s->program, NULL, OKNG_F32, 1, &count, zeros);
    s->layer->outputs[0].value = okng_program_append(s->program, like, (okng_program_value[]){x, scale, shift}, 3);
    return true;
}

static bool read_reduce(const source *s, okng_program_node *like)
{
    int64_t axes[OKNG_IR_NUMBERS];
    const size_t count = numbers_of(s, 1, axes);
    if (count == 0 || !is(s, "keep_dims", "true", "false")) return false;
    for (size_t i = 0; i < count; i++) {
        int32_t axis;
        if (!axis_of(s, axes[i], &axis)) return false;
        like->axes |= OKNG_AXIS(axis);
    }
    append(s, like, 1);
    return true;
}

static bool read_top_k(const source *s, okng_program_node *like)
{
    int64_t k, axis;
    int32_t last;
    okng_program_value indices;
    const okng_program_value x = okng_ir_input(s, 0);
    const bool largest = is(s, "mode", "max", NULL);
    (void)like;
    (void)get(s, "stable"); /* okng's always is */
    if (!one_number(s, 1, &k) || !get_int(s, "axis", INT64_MIN, &axis) || axis < -OKNG_PROGRAM_RANK_MAX ||
        !axis_of(s, axis, &last) || last != okng_program_rank(s->program, x) - 1)
        return false;
    if ((!largest && !is(s, "mode", "min", NULL)) || !is(s, "sort", "value", NULL) ||
        !is(s, "index_element_type", "i64", "i32") || s->layer->output_count != 2)
        return false;
    s->layer->outputs[0].value = okng_program_top_k(s->program, x, k, largest, &indices);
    s->layer->outputs[1].value = indices;
    return true;
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

static bool read_gather(const source *s, okng_program_node *like)
{
    int64_t axis, batch;
    if (!one_number(s, 2, &axis) || !axis_of(s, axis, &like->axis)) return false;
    if (!get_int(s, "batch_dims", 0, &batch) || batch != 0) return false;
    append(s, like, 2);
    return true;
}

static int64_t cut(int64_t at, int64_t extent)
{
    if (at < 0) at += extent;
    return at < 0 ? 0 : at > extent ? extent : at;
}

static bool read_slice(const source *s, okng_program_node *like)
{
    enum { START, STOP, STEP, AXES };
    int64_t lists[4][OKNG_IR_NUMBERS];
    const size_t count = numbers_of(s, 1, lists[START]);
    okng_program_value x = okng_ir_input(s, 0);
    (void)like;
    for (int i = STOP; i <= STEP; i++)
        if (count == 0 || numbers_of(s, i + 1, lists[i]) != count) return false;
    for (size_t k = 0; k < count && s->layer->input_count == 4; k++) lists[AXES][k] = (int64_t)k;
    if (s->layer->input_count > 4 && numbers_of(s, 4, lists[AXES]) != count) return false;
    for (size_t k = 0; k < count; k++) {
        int32_t axis;
        if (!axis_of(s, lists[AXES][k], &axis) || lists[STEP][k] < 1) return false;
        const int64_t extent = okng_program_dim(s->program, x, axis);
        if (extent < 1) return false;
        x = okng_program_slice(s->program, x, axis, cut(lists[START][k], extent), cut(lists[STOP][k], extent),
                               lists[STEP][k]);
    }
    s->layer->outputs[0].value = x;
    return true;
}

static bool read_transpose(const source *s, okng_program_node *like)
{
    int64_t order[OKNG_IR_NUMBERS];
    const int32_t rank = okng_program_rank(s->program, okng_ir_input(s, 0));
    if (numbers_of(s, 1, order) != (size_t)rank || !okng_read_small(order, (size_t)rank)) return false;
    for (int32_t i = 0; i < rank; i++) like->order[i] = (int32_t)order[i];
    append(s, like, 1);
    return true;
}

/* RESHAPE and EXPAND: the shape is input 1, a constant; a rank of 0 is a list of no numbers, which is no constant. */
static bool read_shaped(const source *s, okng_program_node *like)
{
    int64_t dims[OKNG_IR_NUMBERS];
    const size_t rank = numbers_of(s, 1, dims);
    if (rank == 0 || rank > OKNG_PROGRAM_RANK_MAX) return false;
    const bool zero_is_special = is(s, "special_zero", "true", "true");
    for (size_t i = 0; i < rank; i++) {
        if (dims[i] == 0 && !zero_is_special) return false;
        like->dims[i] = dims[i];
    }
    like->rank = (int32_t)rank;
    append(s, like, 1);
    return like->op == OKNG_PROGRAM_RESHAPE || is(s, "mode", "bidirectional", "numpy") ||
           is(s, "mode", "numpy", "numpy");
}

static bool read_pad(const source *s, okng_program_node *like)
{
    int64_t before[OKNG_IR_NUMBERS], behind[OKNG_IR_NUMBERS], number;
    const size_t rank = (size_t)okng_program_rank(s->program, okng_ir_input(s, 0));
    if (rank == 0 || numbers_of(s, 1, before) != rank || numbers_of(s, 2, behind) != rank) return false;
    for (size_t i = 0; i < rank; i++) {
        like->dims[i] = before[i];
        like->behind[i] = behind[i];
    }
    if (one_number(s, 3, &number))
        like->value = (float)number;
    else if (s->layer->input_count > 3) {
        const okng_program_value value = okng_ir_input(s, 3);
        const okng_program_node *node =
            value >= 0 && (size_t)value < s->program->count ? &s->program->nodes[value] : NULL;
        if (!node || node->op != OKNG_PROGRAM_CONSTANT || node->type.dtype != OKNG_F32 || node->type.rank != 0)
            return false;
        memcpy(&like->value, node->data, sizeof like->value);
    }
    append(s, like, 1);
    return is(s, "pad_mode", "constant", NULL);
}

static bool read_convert(const source *s, okng_program_node *like)
{
    const char *element = get(s, "destination_type");
    if (!element || !okng_ir_dtype_of_element(element, &like->type.dtype)) return false;
    append(s, like, 1);
    return true;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

typedef struct row {
    const char *type;
    int32_t first, last; /* sets of operations in which it means this */
    okng_program_op op;
    int32_t min_inputs, max_inputs, outputs;
    bool (*read)(const source *s, okng_program_node *like);
} row;

enum { ANY = 99 };

/* clang-format off */
static const row rows[] = {
    {"Convolution", 1, ANY, OKNG_PROGRAM_CONV, 2, 2, 1, read_conv},
    {"GroupConvolution", 1, ANY, OKNG_PROGRAM_CONV, 2, 2, 1, read_conv},
    {"MaxPool", 1, 7, OKNG_PROGRAM_MAX_POOL, 1, 1, 1, read_pool},
    {"MaxPool", 8, ANY, OKNG_PROGRAM_MAX_POOL, 1, 1, 2, read_pool},
    {"AvgPool", 1, ANY, OKNG_PROGRAM_AVERAGE_POOL, 1, 1, 1, read_pool},
    {"ReLU", 1, ANY, OKNG_PROGRAM_RELU, 1, 1, 1, read_unary},
    {"Sigmoid", 1, ANY, OKNG_PROGRAM_SIGMOID, 1, 1, 1, read_unary},
    {"Erf", 1, ANY, OKNG_PROGRAM_ERF, 1, 1, 1, read_unary},
    {"Exp", 1, ANY, OKNG_PROGRAM_EXP, 1, 1, 1, read_unary},
    {"Log", 1, ANY, OKNG_PROGRAM_LOG, 1, 1, 1, read_unary},
    {"Sqrt", 1, ANY, OKNG_PROGRAM_SQRT, 1, 1, 1, read_unary},
    {"Abs", 1, ANY, OKNG_PROGRAM_ABS, 1, 1, 1, read_unary},
    {"Negative", 1, ANY, OKNG_PROGRAM_NEGATE, 1, 1, 1, read_unary},
    {"Round", 5, ANY, OKNG_PROGRAM_ROUND, 1, 1, 1, read_unary},
    {"Floor", 1, ANY, OKNG_PROGRAM_FLOOR, 1, 1, 1, read_unary},
    {"LogicalNot", 1, ANY, OKNG_PROGRAM_NOT, 1, 1, 1, read_unary},
    {"IsNaN", 10, ANY, OKNG_PROGRAM_IS_NAN, 1, 1, 1, read_unary},
    {"Add", 1, ANY, OKNG_PROGRAM_ADD, 2, 2, 1, read_binary},
    {"Subtract", 1, ANY, OKNG_PROGRAM_SUBTRACT, 2, 2, 1, read_binary},
    {"Multiply", 1, ANY, OKNG_PROGRAM_MULTIPLY, 2, 2, 1, read_binary},
    {"Divide", 1, ANY, OKNG_PROGRAM_DIVIDE, 2, 2, 1, read_divide},
    {"Maximum", 1, ANY, OKNG_PROGRAM_MAXIMUM, 2, 2, 1, read_binary},
    {"Minimum", 1, ANY, OKNG_PROGRAM_MINIMUM, 2, 2, 1, read_binary},
    {"Greater", 1, ANY, OKNG_PROGRAM_GREATER, 2, 2, 1, read_binary},
    {"Less", 1, ANY, OKNG_PROGRAM_LESS, 2, 2, 1, read_binary},
    {"Equal", 1, ANY, OKNG_PROGRAM_EQUAL, 2, 2, 1, read_binary},
    {"NotEqual", 1, ANY, OKNG_PROGRAM_EQUAL, 2, 2, 1, read_not_equal},
    {"LogicalAnd", 1, ANY, OKNG_PROGRAM_AND, 2, 2, 1, read_binary},
    {"LogicalOr", 1, ANY, OKNG_PROGRAM_OR, 2, 2, 1, read_binary},
    {"Select", 1, ANY, OKNG_PROGRAM_SELECT, 3, 3, 1, read_select},
    {"MatMul", 1, ANY, OKNG_PROGRAM_MATMUL, 2, 2, 1, read_matmul},
    {"SoftMax", 1, ANY, OKNG_PROGRAM_SOFTMAX, 1, 1, 1, read_along},
    {"MVN", 6, ANY, OKNG_PROGRAM_LAYER_NORM, 2, 2, 1, read_mvn},
    {"ReduceSum", 1, ANY, OKNG_PROGRAM_REDUCE_SUM, 2, 2, 1, read_reduce},
    {"ReduceMean", 1, ANY, OKNG_PROGRAM_REDUCE_MEAN, 2, 2, 1, read_reduce},
    {"ReduceMax", 1, ANY, OKNG_PROGRAM_REDUCE_MAX, 2, 2, 1, read_reduce},
    {"ReduceMin", 1, ANY, OKNG_PROGRAM_REDUCE_MIN, 2, 2, 1, read_reduce},
    {"TopK", 3, ANY, OKNG_PROGRAM_TOP_K, 2, 2, 2, read_top_k},
    {"Gather", 7, ANY, OKNG_PROGRAM_GATHER, 3, 3, 1, read_gather},
    {"GatherElements", 6, ANY, OKNG_PROGRAM_GATHER_ELEMENTS, 2, 2, 1, read_along},
    {"Concat", 1, ANY, OKNG_PROGRAM_CONCAT, 1, OKNG_IR_MAX_PORTS, 1, read_along},
    {"Slice", 8, ANY, OKNG_PROGRAM_SLICE, 4, 5, 1, read_slice},
    {"Transpose", 1, ANY, OKNG_PROGRAM_TRANSPOSE, 2, 2, 1, read_transpose},
    {"Reshape", 1, ANY, OKNG_PROGRAM_RESHAPE, 2, 2, 1, read_shaped},
    {"Broadcast", 3, ANY, OKNG_PROGRAM_EXPAND, 2, 2, 1, read_shaped},
    {"Pad", 1, ANY, OKNG_PROGRAM_PAD, 3, 4, 1, read_pad},
    {"Convert", 1, ANY, OKNG_PROGRAM_CAST, 1, 1, 1, read_convert},
    {"Interpolate", 11, ANY, OKNG_PROGRAM_RESIZE, 3, 3, 1, read_interpolate},
};
/* clang-format on */

static okng_status unsupported(const source *s, const char *what, const char *name, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: layer \"%.100s\", %.40s of opset%d: %s%s", s->ir->path,
                     s->layer->name, s->layer->type, (int)s->layer->opset, what, name);
}

okng_status okng_ir_read_op(const source *s, okng_error *error)
{
    const okng_ir_layer *layer = s->layer;
    const row *found = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].type, layer->type) == 0 && rows[i].first <= layer->opset && layer->opset <= rows[i].last)
            found = &rows[i];
    if (!found) return unsupported(s, "okng has no such operator", "", error);
    if (layer->input_count < found->min_inputs || layer->input_count > found->max_inputs ||
        layer->output_count != found->outputs)
        return unsupported(s, "other inputs or outputs than it has", "", error);
    okng_program_node like = {.op = found->op};
    if (!found->read(s, &like)) {
        OKNG_TRY(okng_program_check(s->program, error));
        return unsupported(s, "a setting that no operator of okng has", "", error);
    }
    for (int32_t i = 0; i < layer->attribute_count; i++)
        if (!layer->attributes[i].used)
            return unsupported(s, "okng does not know its attribute ", layer->attributes[i].name, error);
    return OKNG_OK;
}
