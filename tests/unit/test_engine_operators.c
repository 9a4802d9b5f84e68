/* Every operator on its own: beside torch (golden/make_ops.py) and beside plain loops in double, alone and two pictures
 * at once, for any number of threads. */
#include "engine/engine.h"
#include "golden_weights.h"
#include "net/builder.h"
#include "test.h"

enum { BATCH = 2, MAX_INPUTS = 3, SAMPLES = 200 };

/* ---- one case: a graph with its inputs ---- */

typedef struct fixture {
    okng_error why;
    okng_builder b;
    okng_value inputs[MAX_INPUTS];
    int input_count;
    void *given[MAX_INPUTS]; /* for BATCH pictures */
    unsigned char *bytes;
    okng_weights *weights;
    size_t count; /* elements of the result, for BATCH pictures */
} fixture;

static size_t elements(const fixture *f, okng_value value)
{
    return (size_t)okng_shape_elements(&f->b.graph->nodes[value].shape);
}

/* A float input of any shape. */
static okng_value give(fixture *f, const char *name, okng_shape shape)
{
    okng_node *node = okng_net_begin(&f->b, OKNG_OP_INPUT, "", name, NULL, 0);
    node->shape = shape;
    okng_value value = okng_net_end(&f->b, node);
    size_t count = BATCH * elements(f, value);
    float *data = malloc(count * sizeof *data);
    assert_non_null(data);
    uint64_t hash = okng_golden_hash(name);
    for (size_t i = 0; i < count; i++) data[i] = okng_golden_uniform(hash, i) * 2.0f;
    f->given[f->input_count] = data;
    f->inputs[f->input_count++] = value;
    return value;
}

static okng_value give_numbers(fixture *f, const char *name, int64_t length, uint64_t rows)
{
    okng_value value = okng_net_input_numbers(&f->b, name, length);
    int32_t *data = malloc((size_t)length * BATCH * sizeof *data);
    assert_non_null(data);
    for (int64_t i = 0; i < length * BATCH; i++)
        data[i] = (int32_t)(okng_golden_mix(okng_golden_hash(name) + (uint64_t)i) % rows);
    f->given[f->input_count] = data;
    f->inputs[f->input_count++] = value;
    return value;
}

static okng_value add_case(fixture *f, const char *name); /* the graph of a case of make_ops.py */

static void open_case(fixture *f, const char *name)
{
    *f = (fixture){0};
    f->b = (okng_builder){.graph = calloc(1, sizeof(okng_graph)), .error = &f->why};
    assert_non_null(f->b.graph);
    okng_value value = add_case(f, name);
    if (f->b.status != OKNG_OK) fail_msg("%s: %s", name, f->why.message);
    f->b.graph->outputs[f->b.graph->output_count++] = value;
    f->count = BATCH * elements(f, value);
    size_t size;
    f->bytes = okng_golden_safetensors(f->b.graph, "", &size);
    assert_non_null(f->bytes);
    assert_ok(okng_weights_open_memory(&f->weights, f->bytes, size, "w", error));
}

static void close_case(fixture *f)
{
    for (int i = 0; i < f->input_count; i++) free(f->given[i]);
    okng_weights_close(&f->weights);
    okng_graph_free(&f->b.graph);
    free(f->bytes);
}

/* The result for BATCH pictures, at once or one after the other; the caller frees it. */
static float *run(const fixture *f, const okng_engine_options *options, int64_t batch)
{
    okng_engine *engine;
    okng_engine_session *session;
    float *out = malloc(f->count * sizeof *out);
    assert_non_null(out);
    memset(out, 0xff, f->count * sizeof *out); /* NaN: every element must be written */
    assert_ok(okng_engine_compile(&engine, f->b.graph, f->weights, options, error));
    assert_ok(okng_engine_session_new(&session, engine, batch, error));
    for (int64_t n = 0; n < BATCH; n += batch) {
        const void *inputs[MAX_INPUTS];
        for (int i = 0; i < f->input_count; i++)
            inputs[i] = (const char *)f->given[i] + (size_t)n * elements(f, f->inputs[i]) * 4;
        assert_ok(okng_engine_run(session, inputs, &(float *){out + (size_t)n * f->count / BATCH}, error));
    }
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    return out;
}

/* ---- plain loops, one per operator, in double ---- */

typedef struct reference {
    const fixture *f;
    double **data; /* per node, for BATCH pictures */
} reference;

static double *node_data(const reference *r, okng_value value)
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

static double erf_curve(double x)
{
    return 0.5 * x * (1.0 + erf(x / sqrt(2.0)));
}

static double quick_curve(double x)
{
    return x / (1.0 + exp(-1.702 * x));
}

static double curve_of(okng_op op, double x)
{
    if (op == OKNG_OP_RELU) return x > 0 ? x : 0;
    if (op == OKNG_OP_GELU) return erf_curve(x);
    return op == OKNG_OP_QUICK_GELU ? quick_curve(x) : x;
}

/* Element i of the result, at picture n; a constant has no pictures. */
static double operand_at(const reference *r, const okng_node *node, int64_t i)
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

static void plain_binary(const reference *r, const okng_node *node, double *out, int64_t count)
{
    const double *x = node_data(r, node->inputs[0]);
    for (int64_t i = 0; i < count; i++) {
        double y = operand_at(r, node, i);
        out[i] = node->op == OKNG_OP_ADD ? x[i] + y : x[i] * y;
    }
}

static void plain_linear(const reference *r, const okng_node *node, float *const *p, double *out, int64_t count)
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

static void plain_matmul(const reference *r, const okng_node *node, double *out, int64_t count)
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

static void plain_layer_norm(const reference *r, const okng_node *node, float *const *p, double *out, int64_t count)
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

static void softmax_row(double *row, int64_t count)
{
    double largest = -INFINITY, sum = 0;
    for (int64_t k = 0; k < count; k++) largest = fmax(largest, row[k]);
    for (int64_t k = 0; k < count; k++) sum += row[k] = exp(row[k] - largest);
    for (int64_t k = 0; k < count; k++) row[k] /= sum;
}

/* Query t of head h of picture n. */
static void attend(const reference *r, const okng_node *node, int64_t n, int64_t h, int64_t t, double *out)
{
    const bool packed = node->input_count == 1;
    const okng_value q = node->inputs[0], k = node->inputs[packed ? 0 : 1], v = node->inputs[packed ? 0 : 2];
    const int64_t q_row = last_of(shape_of(r, q)), k_row = last_of(shape_of(r, k)), v_row = last_of(shape_of(r, v));
    const int64_t width = q_row / (packed ? 3 : 1) / node->heads, depth = last_of(&node->shape) / node->heads;
    const int64_t tokens = shape_of(r, q)->dims[1], keys = shape_of(r, k)->dims[1], third = packed ? q_row / 3 : 0;
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

static void plain_attention(const reference *r, const okng_node *node, double *out)
{
    const int64_t tokens = node->shape.dims[1], row = node->shape.dims[2];
    for (int64_t n = 0; n < BATCH; n++)
        for (int64_t t = 0; t < tokens; t++)
            for (int64_t h = 0; h < node->heads; h++)
                attend(r, node, n, h, t, out + (n * tokens + t) * row + h * row / node->heads);
}

static void plain_concat(const reference *r, const okng_node *node, double *out)
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
static void plain_places(const reference *r, const okng_node *node, double *out, int64_t count)
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

static void plain_window(const reference *r, const okng_node *node, float *const *p, double *out, int64_t count)
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

static void plain_embedding(const reference *r, const okng_node *node, float *const *p, double *out, int64_t count)
{
    const int64_t width = last_of(&node->shape);
    for (int64_t i = 0; i < count; i++)
        out[i] = (double)p[0][(int64_t)node_data(r, node->inputs[0])[i / width] * width + i % width];
}

static void plain_node(const reference *r, const okng_node *node, float *const *p, double *out, int64_t count)
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
static double *interpret(const fixture *f)
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

/* ---- the cases ---- */

static okng_value add_window(fixture *f, okng_value x)
{
    return okng_net_conv_bias(&f->b, x, "", "c", 16, (okng_window){{3, 5}, {2, 1}, {1, 2}});
}

static okng_value add_patches(fixture *f)
{
    okng_value x = give(f, "x", OKNG_SHAPE(1, 3, 8, 12));
    x = okng_net_conv_bias(&f->b, x, "", "proj", 20, okng_window_square(4, 4, 0));
    return okng_net_tokens(&f->b, x, "", "tokens");
}

static okng_value add_attention(fixture *f, int64_t tokens, bool causal)
{
    return okng_net_attention_packed(&f->b, give(f, "x", OKNG_SHAPE(1, tokens, 36)), "", "attn", 3, causal);
}

static okng_value add_linear(fixture *f, okng_shape shape, int64_t width, bool bias)
{
    return okng_net_linear(&f->b, give(f, "x", shape), "", "fc", width, bias);
}

static okng_value case_linear(fixture *f)
{
    return add_linear(f, OKNG_SHAPE(1, 7, 12), 10, true);
}
static okng_value case_linear_rank2(fixture *f)
{
    return add_linear(f, OKNG_SHAPE(1, 12), 10, false);
}
static okng_value case_linear_rank4(fixture *f)
{
    return add_linear(f, OKNG_SHAPE(1, 3, 5, 12), 10, true);
}
static okng_value case_linear_many_rows(fixture *f)
{
    return add_linear(f, OKNG_SHAPE(1, 301, 24), 20, true);
}
static okng_value case_linear_gelu(fixture *f)
{
    return okng_net_gelu(&f->b, case_linear(f), "", "act");
}
static okng_value case_linear_quick_gelu(fixture *f)
{
    return okng_net_quick_gelu(&f->b, case_linear(f), "", "act");
}
static okng_value case_linear_scale_add(fixture *f)
{
    okng_value y = add_linear(f, OKNG_SHAPE(1, 7, 12), 12, true);
    return okng_net_add(&f->b, f->inputs[0], okng_net_scale(&f->b, y, "ls", "gamma"), "", "add");
}
static okng_value case_matmul_rank3(fixture *f)
{
    okng_value x = give(f, "x", OKNG_SHAPE(1, 5, 6)), y = give(f, "y", OKNG_SHAPE(1, 6, 4));
    return okng_net_matmul(&f->b, x, y, "", "product");
}
static okng_value case_matmul_rank4(fixture *f)
{
    okng_value x = give(f, "x", OKNG_SHAPE(1, 3, 70, 6)), y = give(f, "y", OKNG_SHAPE(1, 3, 6, 4));
    return okng_net_matmul(&f->b, x, y, "", "product");
}
static okng_value case_matmul_constant(fixture *f)
{
    okng_value x = give(f, "x", OKNG_SHAPE(1, 5, 6));
    return okng_net_matmul(&f->b, x, okng_net_constant(&f->b, "", "projection", OKNG_SHAPE(6, 4)), "", "product");
}
static okng_value give_x(fixture *f)
{
    return give(f, "x", OKNG_SHAPE(1, 7, 12));
}
static okng_value case_layer_norm(fixture *f)
{
    return okng_net_layer_norm(&f->b, give_x(f), "", "norm", 1e-6);
}
static okng_value case_softmax(fixture *f)
{
    return okng_net_softmax(&f->b, give_x(f), "", "softmax");
}
static okng_value case_relu(fixture *f)
{
    return okng_net_relu(&f->b, give_x(f), "", "relu");
}
static okng_value case_gelu(fixture *f)
{
    return okng_net_gelu(&f->b, give_x(f), "", "gelu");
}
static okng_value case_quick_gelu(fixture *f)
{
    return okng_net_quick_gelu(&f->b, give_x(f), "", "gelu");
}
static okng_value case_attention(fixture *f)
{
    return add_attention(f, 7, false);
}
static okng_value case_attention_causal(fixture *f)
{
    return add_attention(f, 7, true);
}
static okng_value case_attention_tiles(fixture *f)
{
    return add_attention(f, 197, false);
}
static okng_value case_attention_tiles_causal(fixture *f)
{
    return add_attention(f, 197, true);
}
static okng_value case_attention_cross(fixture *f)
{
    const okng_value q = give(f, "q", OKNG_SHAPE(1, 9, 12)), k = give(f, "k", OKNG_SHAPE(1, 5, 12));
    return okng_net_attention(&f->b, (okng_value[]){q, k, give(f, "v", OKNG_SHAPE(1, 5, 6))}, "", "attn", 2, false);
}
static okng_value case_embedding(fixture *f)
{
    return okng_net_embedding(&f->b, give_numbers(f, "text", 8, 50), "", "table", 50, 12);
}
static okng_value case_concat(fixture *f)
{
    okng_value token = okng_net_constant(&f->b, "", "token", OKNG_SHAPE(1, 1, 12)), x = give_x(f);
    okng_value y = give(f, "y", OKNG_SHAPE(1, 2, 12));
    return okng_net_concat(&f->b, (okng_value[]){token, x, x, y}, 4, 1, "", "cat");
}
static okng_value case_concat_last(fixture *f)
{
    okng_value x = give_x(f);
    return okng_net_concat(&f->b, (okng_value[]){x, give(f, "y", OKNG_SHAPE(1, 7, 3))}, 2, 2, "", "cat");
}
static okng_value case_add_positions(fixture *f)
{
    okng_value x = give_x(f);
    return okng_net_add(&f->b, x, okng_net_constant(&f->b, "", "places", OKNG_SHAPE(1, 7, 12)), "", "add");
}
static okng_value case_multiply_channels(fixture *f)
{
    return okng_net_scale(&f->b, give_x(f), "", "gamma");
}
static okng_value case_multiply_values(fixture *f)
{
    okng_value x = give_x(f);
    return okng_net_multiply(&f->b, x, give(f, "y", OKNG_SHAPE(1, 1, 12)), "", "multiply");
}
static okng_value case_slice(fixture *f)
{
    return okng_net_slice(&f->b, give_x(f), 1, 2, 3, "", "slice");
}
static okng_value case_slice_last(fixture *f)
{
    return okng_net_slice(&f->b, give_x(f), 2, 3, 4, "", "slice");
}
static okng_value case_transpose(fixture *f)
{
    okng_value x = give(f, "x", OKNG_SHAPE(1, 3, 4, 5));
    return okng_net_transpose(&f->b, x, (const int32_t[]){0, 2, 3, 1}, "", "transpose");
}
static okng_value case_reshape(fixture *f)
{
    return okng_net_reshape(&f->b, give_x(f), OKNG_SHAPE(3, 4, 7), "", "reshape");
}
static okng_value case_tokens_and_back(fixture *f)
{
    okng_value x = okng_net_layer_norm(&f->b, add_patches(f), "", "norm", 1e-6);
    return okng_net_map(&f->b, okng_net_slice(&f->b, x, 1, 1, 4, "", "slice"), 2, 2, "", "map");
}
static okng_value case_window(fixture *f)
{
    return add_window(f, give(f, "x", OKNG_SHAPE(1, 3, 8, 12)));
}
static okng_value case_window_gelu(fixture *f)
{
    return okng_net_gelu(&f->b, case_window(f), "", "act");
}
static okng_value case_window_pool(fixture *f)
{
    return okng_net_max_pool(&f->b, case_window(f), "", "pool", (okng_window){{1, 3}, {1, 2}, {0, 1}});
}

static const struct {
    const char *name;
    okng_value (*add)(fixture *f);
} cases[] = {
    {"linear", case_linear},
    {"linear_rank2", case_linear_rank2},
    {"linear_rank4", case_linear_rank4},
    {"linear_many_rows", case_linear_many_rows},
    {"linear_gelu", case_linear_gelu},
    {"linear_quick_gelu", case_linear_quick_gelu},
    {"linear_scale_add", case_linear_scale_add},
    {"matmul_rank3", case_matmul_rank3},
    {"matmul_rank4", case_matmul_rank4},
    {"matmul_constant", case_matmul_constant},
    {"layer_norm", case_layer_norm},
    {"softmax", case_softmax},
    {"relu", case_relu},
    {"gelu", case_gelu},
    {"quick_gelu", case_quick_gelu},
    {"attention", case_attention},
    {"attention_causal", case_attention_causal},
    {"attention_tiles", case_attention_tiles},
    {"attention_tiles_causal", case_attention_tiles_causal},
    {"attention_cross", case_attention_cross},
    {"embedding", case_embedding},
    {"concat", case_concat},
    {"concat_last", case_concat_last},
    {"add_positions", case_add_positions},
    {"multiply_channels", case_multiply_channels},
    {"multiply_values", case_multiply_values},
    {"slice", case_slice},
    {"slice_last", case_slice_last},
    {"transpose", case_transpose},
    {"reshape", case_reshape},
    {"tokens", add_patches},
    {"tokens_and_back", case_tokens_and_back},
    {"window", case_window},
    {"window_gelu", case_window_gelu},
    {"window_pool", case_window_pool},
};
enum { CASES = sizeof cases / sizeof *cases };

static okng_value add_case(fixture *f, const char *name)
{
    for (size_t i = 0; i < CASES; i++)
        if (strcmp(cases[i].name, name) == 0) return cases[i].add(f);
    fail_msg("no case %s", name);
    return OKNG_NO_VALUE;
}

/* ---- comparing ---- */

/* Where element i of torch's order lies: the caller gets results of rank 4 with channels last. */
static size_t place_of(const fixture *f, okng_value value, size_t i)
{
    const okng_shape *s = &f->b.graph->nodes[value].shape;
    if (s->rank != 4) return i;
    const size_t w = (size_t)s->dims[3], h = (size_t)s->dims[2], c = (size_t)s->dims[1];
    const size_t x = i % w, y = i / w % h, channel = i / (w * h) % c, n = i / (w * h * c);
    return ((n * h + y) * w + x) * c + channel;
}

typedef struct golden {
    char name[64];
    size_t count;
    double max_abs, samples[SAMPLES];
} golden;

/* The next case of the file; false after the last. */
static bool read_case(FILE *file, golden *g)
{
    if (fscanf(file, " case %63s %zu %lf", g->name, &g->count, &g->max_abs) != 3) return false;
    for (size_t k = 0; k < SAMPLES && k < g->count; k++) assert_int_equal(fscanf(file, "%lf", &g->samples[k]), 1);
    return true;
}

static void compare_golden(const golden *g, const fixture *f, const float *out, double bound)
{
    assert_int_equal(g->count, f->count);
    const okng_value value = f->b.graph->outputs[0];
    double worst = 0;
    for (size_t k = 0; k < SAMPLES && k < g->count; k++) {
        const size_t i = okng_golden_mix((uint64_t)k) % g->count;
        worst = fmax(worst, fabs((double)out[place_of(f, value, i)] - g->samples[k]));
    }
    if (!(worst <= bound * g->max_abs))
        fail_msg("%s: %g of the largest value away from torch", g->name, worst / g->max_abs);
}

static void compare_plain(const fixture *f, const char *name, const double *expected, const float *out)
{
    double worst = 0, largest = 0;
    for (size_t i = 0; i < f->count; i++) {
        worst = fmax(worst, fabs((double)out[place_of(f, f->b.graph->outputs[0], i)] - expected[i]));
        largest = fmax(largest, fabs(expected[i]));
    }
    if (!(worst <= 1e-6 * largest))
        fail_msg("%s: %g of the largest value away from the plain loop", name, worst / largest);
}

/* ---- tests ---- */

/* As it is and fused, two pictures at once: torch's numbers and the plain loop's. */
static void operators_equal_torch_and_plain_loops(void **state)
{
    (void)state;
    FILE *file = fopen(OKNG_GOLDEN "/ops/ops.txt", "r");
    assert_non_null(file);
    golden g;
    size_t count = 0;
    for (; read_case(file, &g); count++) {
        fixture f;
        open_case(&f, g.name);
        double *expected = interpret(&f);
        float *plain = run(&f, &(okng_engine_options){.threads = 2}, BATCH);
        compare_plain(&f, g.name, expected, plain);
        compare_golden(&g, &f, plain, 1e-6);
        assert_ok(okng_graph_fuse(f.b.graph, error));
        for (int i = 0, k = 0; k < (int)f.b.graph->node_count; k++)
            if (f.b.graph->nodes[k].op == OKNG_OP_INPUT) f.inputs[i++] = k;
        float *fused = run(&f, &(okng_engine_options){.threads = 2}, BATCH);
        compare_golden(&g, &f, fused, 1e-6);
        free(expected);
        free(plain);
        free(fused);
        close_case(&f);
    }
    assert_int_equal(count, CASES);
    (void)fclose(file);
}

static void neither_threads_nor_company_change_a_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        fixture f;
        open_case(&f, cases[i].name);
        float *one = run(&f, &(okng_engine_options){.threads = 1}, 1);
        for (int threads = 1; threads <= 5; threads += 2) {
            float *many = run(&f, &(okng_engine_options){.threads = threads}, threads == 3 ? 1 : BATCH);
            if (memcmp(one, many, f.count * sizeof *one) != 0) fail_msg("%s, %d threads", cases[i].name, threads);
            free(many);
        }
        free(one);
        close_case(&f);
    }
}

static void bf16_is_near(void **state)
{
    (void)state;
    okng_error why = {0};
    if (okng_engine_supports("cpu", OKNG_PRECISION_BF16, &why) != OKNG_OK) {
        print_message("SKIP bf16: %s\n", why.message);
        skip();
    }
    FILE *file = fopen(OKNG_GOLDEN "/ops/ops.txt", "r");
    assert_non_null(file);
    golden g;
    while (read_case(file, &g)) {
        fixture f;
        open_case(&f, g.name);
        float *out = run(&f, &(okng_engine_options){.threads = 2, .precision = OKNG_PRECISION_BF16}, BATCH);
        compare_golden(&g, &f, out, 2e-2);
        free(out);
        close_case(&f);
    }
    (void)fclose(file);
}

static void int8_names_the_operator_that_it_has_not(void **state)
{
    (void)state;
    okng_error why = {0};
    if (okng_engine_supports("cpu", OKNG_PRECISION_INT8, &why) != OKNG_OK) {
        print_message("SKIP int8: %s\n", why.message);
        skip();
    }
    fixture f;
    okng_engine *engine;
    float ranges[8] = {0};
    open_case(&f, "layer_norm");
    assert_fails(OKNG_ERROR_UNSUPPORTED, "a layer_norm (norm), and int8 is for networks of convolutions",
                 okng_engine_compile(
                     &engine, f.b.graph, f.weights,
                     &(okng_engine_options){.threads = 1, .precision = OKNG_PRECISION_INT8, .ranges = ranges}, error));
    assert_null(engine);
    close_case(&f);
}

static void a_number_that_is_not_in_its_table_is_refused(void **state)
{
    (void)state;
    fixture f;
    okng_engine *engine;
    okng_engine_session *session;
    open_case(&f, "embedding");
    ((int32_t *)f.given[0])[3] = 50;
    float *out = malloc(f.count * sizeof *out);
    assert_ok(okng_engine_compile(&engine, f.b.graph, f.weights, &(okng_engine_options){.threads = 1}, error));
    assert_ok(okng_engine_session_new(&session, engine, 1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "token 3 is number 50, expected 0..49",
                 okng_engine_run(session, (const void *[]){f.given[0]}, &out, error));
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    free(out);
    close_case(&f);
}

static void observing_sees_every_operator(void **state)
{
    (void)state;
    fixture f;
    okng_engine *engine;
    okng_engine_session *session;
    open_case(&f, "linear_scale_add");
    float ranges[8] = {0}, *out = malloc(f.count * sizeof *out), largest = 0;
    assert_ok(okng_engine_compile(&engine, f.b.graph, f.weights, &(okng_engine_options){.threads = 1}, error));
    assert_ok(okng_engine_session_new(&session, engine, BATCH, error));
    assert_ok(okng_engine_observe(session, (const void *[]){f.given[0]}, &out, ranges, error));
    for (size_t i = 0; i < f.count; i++) largest = fmaxf(largest, fabsf(out[i]));
    assert_true(ranges[f.b.graph->outputs[0]] == largest && largest > 0);
    assert_true(ranges[1] > 0); /* the linear map */
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    free(out);
    close_case(&f);
}

static void a_device_that_is_not_there_is_named_beside_those_that_are(void **state)
{
    (void)state;
    fixture f;
    okng_engine *engine;
    okng_engine_info info;
    open_case(&f, "relu");
    assert_fails(OKNG_ERROR_ARGUMENT, "device: found \"gpu\", expected cpu",
                 okng_engine_compile(&engine, f.b.graph, f.weights,
                                     &(okng_engine_options){.device = "gpu", .threads = 1}, error));
    assert_null(engine);
    assert_true(okng_engine_get(0, &info));
    assert_string_equal(info.device, "cpu");
    assert_true(*info.version && *info.instructions);
    assert_false(okng_engine_get(1, &info));
    close_case(&f);
}

static void a_batch_out_of_range_is_refused(void **state)
{
    (void)state;
    fixture f;
    okng_engine *engine;
    okng_engine_session *session;
    open_case(&f, "relu");
    assert_ok(okng_engine_compile(&engine, f.b.graph, f.weights, &(okng_engine_options){.threads = 1}, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "0 pictures at once, expected 1..65536",
                 okng_engine_session_new(&session, engine, 0, error));
    assert_null(session);
    okng_engine_free(&engine);
    close_case(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_equal_torch_and_plain_loops),
        cmocka_unit_test(neither_threads_nor_company_change_a_bit),
        cmocka_unit_test(bf16_is_near),
        cmocka_unit_test(int8_names_the_operator_that_it_has_not),
        cmocka_unit_test(a_number_that_is_not_in_its_table_is_refused),
        cmocka_unit_test(observing_sees_every_operator),
        cmocka_unit_test(a_device_that_is_not_there_is_named_beside_those_that_are),
        cmocka_unit_test(a_batch_out_of_range_is_refused),
    };
    return RUN_TESTS(tests);
}
