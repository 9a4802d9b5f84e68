/* Every operator as plain loops in double: what the engine is held to. */
#ifndef OKNG_TESTS_OPERATOR_LOOPS_H
#define OKNG_TESTS_OPERATOR_LOOPS_H

#include "operator_cases.h"

typedef struct reference {
    const fixture *f;
    double **data; /* per node, for BATCH pictures */
} reference;

static inline double *node_data(const reference *r, okng_value value)
{
    return r->data[value];
}

static const okng_shape *shape_of(const reference *r, okng_value value)
{
    return &r->f->b.graph->nodes[value].shape;
}

static int64_t last_of(const okng_shape *s)
{
    return s->dims[s->rank - 1];
}

static inline double erf_curve(double x)
{
    return 0.5 * x * (1.0 + erf(x / sqrt(2.0)));
}

static inline double quick_curve(double x)
{
    return x / (1.0 + exp(-1.702 * x));
}

static inline double curve_of(okng_op op, double x)
{
    if (op == OKNG_OP_RELU) return x > 0 ? x : 0;
    if (op == OKNG_OP_GELU) return erf_curve(x);
    return op == OKNG_OP_QUICK_GELU ? quick_curve(x) : x;
}

/* Element i of the result, at picture n; a constant has no pictures. */
static inline double operand_at(const reference *r, const okng_node *node, int64_t i)
{
    const okng_node *y = &r->f->b.graph->nodes[node->inputs[1]];
    int64_t at[OKNG_RANK_MAX], index = 0;
    for (int32_t a = node->shape.rank - 1; a >= 0; a--) {
        int64_t extent = a == 0 ? BATCH : node->shape.dims[a];
        at[a] = i % extent;
        i /= extent;
    }
    for (int32_t a = 0; a < y->shape.rank; a++) {
        int32_t full = a + node->shape.rank - y->shape.rank;
        int64_t extent = full == 0 && y->op != OKNG_OP_CONSTANT ? BATCH : y->shape.dims[a];
        index = index * extent + (extent == 1 ? 0 : at[full]);
    }
    return node_data(r, node->inputs[1])[index];
}

static inline void plain_binary(const reference *r, const okng_node *node, double *out, int64_t count)
{
    const double *x = node_data(r, node->inputs[0]);
    for (int64_t i = 0; i < count; i++) {
        double y = operand_at(r, node, i);
        out[i] = node->op == OKNG_OP_ADD ? x[i] + y : x[i] * y;
    }
}

static inline void plain_linear(const reference *r, const okng_node *node, float *const *p, double *out, int64_t count)
{
    const int64_t columns = last_of(&node->shape), inner = last_of(shape_of(r, node->inputs[0]));
    const double *x = node_data(r, node->inputs[0]);
    for (int64_t i = 0; i < count; i++) {
        const int64_t row = i / columns, column = i % columns;
        double sum = node->param_count > 1 ? (double)p[1][column] : 0.0;
        for (int64_t k = 0; k < inner; k++) sum += x[row * inner + k] * (double)p[0][column * inner + k];
        out[i] = sum;
    }
}

static inline void plain_matmul(const reference *r, const okng_node *node, double *out, int64_t count)
{
    const okng_shape *x = shape_of(r, node->inputs[0]), *y = shape_of(r, node->inputs[1]);
    const int64_t rows = x->dims[x->rank - 2], inner = last_of(x), columns = last_of(y);
    for (int64_t i = 0; i < count; i++) {
        const int64_t row = i / columns, column = i % columns, stack = y->rank > 2 ? row / rows : 0;
        out[i] = 0;
        for (int64_t k = 0; k < inner; k++)
            out[i] += node_data(r, node->inputs[0])[row * inner + k] *
                      node_data(r, node->inputs[1])[(stack * inner + k) * columns + column];
    }
}

static inline void plain_layer_norm(const reference *r, const okng_node *node, float *const *p, double *out,
                                    int64_t count)
{
    const int64_t c = last_of(&node->shape);
    for (int64_t row = 0; row < count / c; row++) {
        const double *x = node_data(r, node->inputs[0]) + row * c;
        double mean = 0, variance = 0;
        for (int64_t k = 0; k < c; k++) mean += x[k] / (double)c;
        for (int64_t k = 0; k < c; k++) variance += (x[k] - mean) * (x[k] - mean) / (double)c;
        for (int64_t k = 0; k < c; k++)
            out[row * c + k] = (x[k] - mean) / sqrt(variance + node->epsilon) * (double)p[0][k] + (double)p[1][k];
    }
}

static inline void softmax_row(double *row, int64_t count)
{
    double largest = -INFINITY, sum = 0;
    for (int64_t k = 0; k < count; k++) largest = fmax(largest, row[k]);
    for (int64_t k = 0; k < count; k++) sum += row[k] = exp(row[k] - largest);
    for (int64_t k = 0; k < count; k++) row[k] /= sum;
}

static inline int64_t tokens_of(const okng_shape *shape)
{
    return shape->dims[shape->rank - 2];
}

/* Query t of head h of sequence n; a picture may have several. */
static inline void attend(const reference *r, const okng_node *node, int64_t n, int64_t h, int64_t t, double *out)
{
    const bool packed = node->input_count == 1;
    const okng_value q = node->inputs[0], k = node->inputs[packed ? 0 : 1], v = node->inputs[packed ? 0 : 2];
    const int64_t q_row = last_of(shape_of(r, q)), k_row = last_of(shape_of(r, k)), v_row = last_of(shape_of(r, v));
    const int64_t width = q_row / (packed ? 3 : 1) / node->heads, depth = last_of(&node->shape) / node->heads;
    const int64_t tokens = tokens_of(shape_of(r, q)), keys = tokens_of(shape_of(r, k)), third = packed ? q_row / 3 : 0;
    const double *query = node_data(r, q) + (n * tokens + t) * q_row + h * width;
    double *scores = malloc((size_t)keys * sizeof *scores);
    assert_non_null(scores);
    for (int64_t s = 0; s < keys; s++) {
        const double *key = node_data(r, k) + (n * keys + s) * k_row + third + h * width;
        scores[s] = node->causal && s > t ? -INFINITY : 0;
        for (int64_t i = 0; i < width; i++) scores[s] += query[i] * key[i] / sqrt((double)width);
    }
    softmax_row(scores, keys);
    for (int64_t i = 0; i < depth; i++) {
        out[i] = 0;
        for (int64_t s = 0; s < keys; s++)
            out[i] += scores[s] * node_data(r, v)[(n * keys + s) * v_row + 2 * third + h * depth + i];
    }
    free(scores);
}

static inline void plain_attention(const reference *r, const okng_node *node, double *out)
{
    const int64_t tokens = tokens_of(&node->shape), row = last_of(&node->shape);
    int64_t sequences = BATCH;
    for (int32_t a = 1; a < node->shape.rank - 2; a++) sequences *= node->shape.dims[a];
    for (int64_t n = 0; n < sequences; n++)
        for (int64_t t = 0; t < tokens; t++)
            for (int64_t h = 0; h < node->heads; h++)
                attend(r, node, n, h, t, out + (n * tokens + t) * row + h * row / node->heads);
}

static inline void plain_concat(const reference *r, const okng_node *node, double *out)
{
    int64_t inner = 1, outer = BATCH, filled = 0;
    for (int32_t a = node->axis + 1; a < node->shape.rank; a++) inner *= node->shape.dims[a];
    for (int32_t a = 1; a < node->axis; a++) outer *= node->shape.dims[a];
    const int64_t row = node->shape.dims[node->axis] * inner;
    for (int32_t k = 0; k < node->input_count; k++) {
        const int64_t part = shape_of(r, node->inputs[k])->dims[node->axis] * inner;
        const bool constant = r->f->b.graph->nodes[node->inputs[k]].op == OKNG_OP_CONSTANT;
        for (int64_t o = 0; o < outer; o++)
            for (int64_t i = 0; i < part; i++)
                out[o * row + filled + i] = node_data(r, node->inputs[k])[(constant ? 0 : o * part) + i];
        filled += part;
    }
}

/* Slices and transpositions: element (a, b, c, d) of the result comes from another place. */
static inline void plain_places(const reference *r, const okng_node *node, double *out, int64_t count)
{
    const okng_shape *x = shape_of(r, node->inputs[0]);
    for (int64_t i = 0; i < count; i++) {
        int64_t at[OKNG_RANK_MAX] = {0}, from[OKNG_RANK_MAX] = {0}, rest = i, index = 0;
        for (int32_t a = node->shape.rank - 1; a >= 0; a--) {
            const int64_t extent = a == 0 ? BATCH : node->shape.dims[a];
            at[a] = rest % extent;
            rest /= extent;
        }
        for (int32_t a = 0; a < x->rank; a++) {
            if (node->op == OKNG_OP_TRANSPOSE) from[node->order[a]] = at[a];
            if (node->op == OKNG_OP_SLICE) from[a] = at[a] + (a == node->axis ? node->begin : 0);
        }
        for (int32_t a = 0; a < x->rank; a++) index = index * (a == 0 ? BATCH : x->dims[a]) + from[a];
        out[i] = node_data(r, node->inputs[0])[node->op == OKNG_OP_RESHAPE ? i : index];
    }
}

static inline void plain_window(const reference *r, const okng_node *node, float *const *p, double *out, int64_t count)
{
    const int64_t *s = node->shape.dims, *in = shape_of(r, node->inputs[0])->dims;
    const okng_window *w = &node->window;
    const bool conv = node->op == OKNG_OP_CONV;
    for (int64_t i = 0; i < count; i++) {
        const int64_t column = i % s[3], line = i / s[3] % s[2], channel = i / (s[3] * s[2]) % s[1];
        const int64_t n = i / (s[3] * s[2] * s[1]), first = conv ? 0 : channel, past = conv ? in[1] : channel + 1;
        out[i] = conv ? (double)p[1][channel] : -INFINITY;
        for (int64_t c = first; c < past; c++)
            for (int64_t k = 0; k < w->kernel[0] * w->kernel[1]; k++) {
                const int64_t y = line * w->stride[0] - w->padding[0] + k / w->kernel[1];
                const int64_t x = column * w->stride[1] - w->padding[1] + k % w->kernel[1];
                if (y < 0 || x < 0 || y >= in[2] || x >= in[3]) continue;
                const double pixel = node_data(r, node->inputs[0])[((n * in[1] + c) * in[2] + y) * in[3] + x];
                const int64_t tap = (channel * in[1] + c) * w->kernel[0] * w->kernel[1] + k;
                out[i] = conv ? out[i] + pixel * (double)p[0][tap] : fmax(out[i], pixel);
            }
    }
}

static inline void plain_embedding(const reference *r, const okng_node *node, float *const *p, double *out,
                                   int64_t count)
{
    const int64_t width = last_of(&node->shape);
    for (int64_t i = 0; i < count; i++)
        out[i] = (double)p[0][(int64_t)node_data(r, node->inputs[0])[i / width] * width + i % width];
}

static inline void plain_node(const reference *r, const okng_node *node, float *const *p, double *out, int64_t count)
{
    switch (node->op) {
    case OKNG_OP_CONSTANT:
        for (int64_t i = 0; i < okng_shape_elements(&node->shape); i++) out[i] = (double)p[0][i];
        break;
    case OKNG_OP_CONV:
    case OKNG_OP_MAX_POOL:
        plain_window(r, node, p, out, count);
        break;
    case OKNG_OP_RELU:
    case OKNG_OP_GELU:
    case OKNG_OP_QUICK_GELU:
        for (int64_t i = 0; i < count; i++) out[i] = curve_of(node->op, node_data(r, node->inputs[0])[i]);
        break;
    case OKNG_OP_ADD:
    case OKNG_OP_MULTIPLY:
        plain_binary(r, node, out, count);
        break;
    case OKNG_OP_LINEAR:
        plain_linear(r, node, p, out, count);
        break;
    case OKNG_OP_MATMUL:
        plain_matmul(r, node, out, count);
        break;
    case OKNG_OP_LAYER_NORM:
        plain_layer_norm(r, node, p, out, count);
        break;
    case OKNG_OP_SOFTMAX:
        memcpy(out, node_data(r, node->inputs[0]), (size_t)count * sizeof *out);
        for (int64_t i = 0; i < count; i += last_of(&node->shape)) softmax_row(out + i, last_of(&node->shape));
        break;
    case OKNG_OP_ATTENTION:
        plain_attention(r, node, out);
        break;
    case OKNG_OP_EMBEDDING:
        plain_embedding(r, node, p, out, count);
        break;
    case OKNG_OP_CONCAT:
        plain_concat(r, node, out);
        break;
    case OKNG_OP_SLICE:
    case OKNG_OP_TRANSPOSE:
    case OKNG_OP_RESHAPE:
        plain_places(r, node, out, count);
        break;
    default:
        fail_msg("no reference for %s", okng_op_get(node->op)->name);
    }
}

/* The result of the unfused graph; the caller frees it. */
static inline double *interpret(const fixture *f)
{
    const okng_graph *g = f->b.graph;
    reference r = {.f = f, .data = calloc(g->node_count, sizeof(double *))};
    assert_non_null(r.data);
    for (size_t k = 0; k < g->node_count; k++) {
        const okng_node *node = &g->nodes[k];
        float *p[OKNG_ROLE_COUNT] = {NULL};
        const int64_t count = BATCH * okng_shape_elements(&node->shape);
        r.data[k] = malloc((size_t)count * sizeof(double));
        assert_non_null(r.data[k]);
        for (int32_t i = 0; i < node->param_count; i++) {
            p[i] = malloc(okng_golden_elements(&node->params[i]) * sizeof(float));
            assert_non_null(p[i]);
            okng_golden_fill(&node->params[i], p[i]);
        }
        for (int i = 0; i < f->input_count; i++)
            for (int64_t e = 0; f->inputs[i] == (okng_value)k && e < count; e++)
                r.data[k][e] =
                    node->dtype == OKNG_I32 ? ((int32_t *)f->given[i])[e] : (double)((float *)f->given[i])[e];
        if (node->op != OKNG_OP_INPUT) plain_node(&r, node, p, r.data[k], count);
        for (int32_t i = 0; i < node->param_count; i++) free(p[i]);
    }
    double *out = r.data[g->outputs[0]];
    r.data[g->outputs[0]] = NULL;
    for (size_t k = 0; k < g->node_count; k++) free(r.data[k]);
    free(r.data);
    return out;
}

#endif
