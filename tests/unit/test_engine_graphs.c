/* Small graphs that no backbone has, beside a plain interpreter of the unfused nodes in double. */
#include "engine/engine.h"
#include "golden_weights.h"
#include "net/builder.h"
#include "test.h"

/* ---- the reference: one function per operator, N,C,H,W ---- */

typedef struct values {
    const okng_graph *graph;
    double **data; /* per node */
} values;

static size_t count_of(const okng_node *node)
{
    return (size_t)okng_shape_elements(&node->shape);
}

static float *fill(const okng_param *param)
{
    float *out = malloc(okng_golden_elements(param) * sizeof *out);
    assert_non_null(out);
    okng_golden_fill(param, out);
    return out;
}

/* Element (n, c, y, x), `outside` where there is none. */
static double pixel(const double *data, const int64_t s[4], int64_t n, int64_t c, int64_t y, int64_t x, double outside)
{
    if (y < 0 || x < 0 || y >= s[2] || x >= s[3]) return outside;
    return data[((n * s[1] + c) * s[2] + y) * s[3] + x];
}

static double conv_at(const values *v, const okng_node *node, const float *w, const int64_t at[4])
{
    const int64_t *in = v->graph->nodes[node->inputs[0]].shape.dims, *ws = node->params[0].shape.dims;
    int64_t group = at[1] / (node->shape.dims[1] / node->groups);
    const okng_window *win = &node->window;
    double sum = 0;
    for (int64_t c = 0; c < ws[1]; c++)
        for (int64_t y = 0; y < ws[2]; y++)
            for (int64_t x = 0; x < ws[3]; x++)
                sum += (double)w[((at[1] * ws[1] + c) * ws[2] + y) * ws[3] + x] *
                       pixel(v->data[node->inputs[0]], in, at[0], group * ws[1] + c,
                             at[2] * win->stride[0] - win->padding[0] + y, at[3] * win->stride[1] - win->padding[1] + x,
                             0.0);
    return sum;
}

static double pool_at(const values *v, const okng_node *node, const int64_t at[4])
{
    const okng_window *w = &node->window;
    double best = -INFINITY;
    for (int64_t y = 0; y < w->kernel[0]; y++)
        for (int64_t x = 0; x < w->kernel[1]; x++)
            best = fmax(best, pixel(v->data[node->inputs[0]], v->graph->nodes[node->inputs[0]].shape.dims, at[0], at[1],
                                    at[2] * w->stride[0] - w->padding[0] + y, at[3] * w->stride[1] - w->padding[1] + x,
                                    -INFINITY));
    return best;
}

static double norm_at(const okng_node *node, float *const *p, double x, int64_t c)
{
    return (x - (double)p[2][c]) / sqrt((double)p[3][c] + node->epsilon) * (double)p[0][c] + (double)p[1][c];
}

static double element_at(const values *v, const okng_node *node, float *const *params, size_t i, const int64_t at[4])
{
    switch (node->op) {
    case OKNG_OP_CONV:
        return conv_at(v, node, params[0], at);
    case OKNG_OP_BATCH_NORM:
        return norm_at(node, params, v->data[node->inputs[0]][i], at[1]);
    case OKNG_OP_RELU:
        return fmax(v->data[node->inputs[0]][i], 0.0);
    case OKNG_OP_ADD:
        return v->data[node->inputs[0]][i] + v->data[node->inputs[1]][i];
    case OKNG_OP_MAX_POOL:
        return pool_at(v, node, at);
    default:
        fail_msg("no reference for %s", okng_op_get(node->op)->name);
        return 0;
    }
}

static void interpret(const values *v, const float *input)
{
    for (size_t k = 0; k < v->graph->node_count; k++) {
        const okng_node *node = &v->graph->nodes[k];
        const int64_t *s = node->shape.dims;
        float *params[OKNG_ROLE_COUNT] = {NULL};
        for (int p = 0; p < node->param_count; p++) params[p] = fill(&node->params[p]);
        v->data[k] = malloc(count_of(node) * sizeof(double));
        assert_non_null(v->data[k]);
        for (size_t i = 0; i < count_of(node); i++) {
            int64_t e = (int64_t)i,
                    at[4] = {e / (s[1] * s[2] * s[3]), e / (s[2] * s[3]) % s[1], e / s[3] % s[2], e % s[3]};
            v->data[k][i] = node->op == OKNG_OP_INPUT ? (double)input[i] : element_at(v, node, params, i, at);
        }
        for (int p = 0; p < node->param_count; p++) free(params[p]);
    }
}

/* ---- building and comparing ---- */

static okng_builder begin(okng_error *error)
{
    okng_builder b = {.graph = calloc(1, sizeof(okng_graph)), .error = error};
    assert_non_null(b.graph);
    return b;
}

static void output(okng_builder *b, okng_value value)
{
    b->graph->outputs[b->graph->output_count++] = value;
}

static okng_value conv_bn(okng_builder *b, okng_value x, const char *name, int64_t channels, int32_t kernel,
                          int32_t groups)
{
    okng_window window = okng_window_square(kernel, 1, kernel / 2);
    return okng_net_batch_norm(b, okng_net_conv(b, x, name, "conv", channels, window, groups), name, "bn");
}

static void compare(const okng_graph *graph, const double *const *expected, float *const *maps)
{
    for (int i = 0; i < graph->output_count; i++) {
        int64_t s[4];
        okng_graph_output_shape(graph, i, s);
        for (int64_t n = 0; n < s[0]; n++)
            for (int64_t c = 0; c < s[1]; c++)
                for (int64_t y = 0; y < s[2]; y++)
                    for (int64_t x = 0; x < s[3]; x++) {
                        double want = pixel(expected[i], s, n, c, y, x, 0.0);
                        double got = (double)maps[i][((n * s[2] + y) * s[3] + x) * s[1] + c];
                        assert_true(fabs(got - want) <= 1e-5 * (1 + fabs(want)));
                    }
    }
}

/* Runs the graph fused, twice, with one and with more threads, and compares with the interpreter. Frees the graph. */
static void check(okng_builder *b)
{
    assert_int_equal(b->status, OKNG_OK);
    okng_graph *graph = b->graph;
    size_t input_count = count_of(&graph->nodes[0]), nodes = graph->node_count, size;
    float *input = malloc(input_count * sizeof *input), *maps[OKNG_MAX_LAYERS] = {NULL};
    values v = {.graph = graph, .data = calloc(nodes, sizeof(double *))};
    assert_true(input && v.data);
    okng_golden_input(input, input_count);
    interpret(&v, input);
    const double *expected[OKNG_MAX_LAYERS];
    for (int i = 0; i < graph->output_count; i++) {
        expected[i] = v.data[graph->outputs[i]];
        maps[i] = malloc(count_of(&graph->nodes[graph->outputs[i]]) * sizeof(float));
        assert_non_null(maps[i]);
    }
    okng_weights *weights;
    assert_ok(okng_graph_fuse(graph, error));
    unsigned char *bytes = okng_golden_safetensors(graph, "", &size);
    assert_ok(okng_weights_open_memory(&weights, bytes, size, "w", error));
    for (int threads = 1; threads <= 3; threads += 2) {
        okng_engine *engine;
        okng_engine_session *session;
        assert_ok(okng_engine_compile(&engine, graph, weights, &(okng_engine_options){.threads = threads}, error));
        assert_ok(okng_engine_session_new(&session, engine, 1, error));
        for (int run = 0; run < 2; run++) {
            assert_ok(okng_engine_run(session, (const void *[]){input}, maps, error));
            compare(graph, expected, maps);
        }
        okng_engine_session_free(&session);
        okng_engine_free(&engine);
    }
    for (size_t i = 0; i < nodes; i++) free(v.data[i]);
    for (int i = 0; i < graph->output_count; i++) free(maps[i]);
    free(v.data);
    free(input);
    okng_weights_close(&weights);
    free(bytes);
    okng_graph_free(&graph);
}

/* ---- tests ---- */

/* x is added twice and asked for: the first sum must not be made in its memory. */
static void a_value_that_is_read_later_survives_a_sum(void **state)
{
    (void)state;
    okng_error error = {0};
    okng_builder b = begin(&error);
    okng_value x = okng_net_relu(&b, conv_bn(&b, okng_net_input(&b, 3, 11, 9), "a", 32, 3, 1), "a", "relu");
    okng_value y = okng_net_add(&b, conv_bn(&b, x, "b", 32, 3, 1), x, "b", "add");
    okng_value z = okng_net_relu(&b, okng_net_add(&b, conv_bn(&b, y, "c", 32, 1, 1), x, "c", "add"), "c", "relu");
    output(&b, x);
    output(&b, y);
    output(&b, z);
    check(&b);
}

/* The convolution reads what is added to its result: it must not write there. */
static void a_convolution_plus_its_own_input_is_not_made_in_place(void **state)
{
    (void)state;
    okng_error error = {0};
    okng_builder b = begin(&error);
    okng_value x = conv_bn(&b, okng_net_input(&b, 3, 13, 8), "a", 64, 3, 1);
    output(&b, okng_net_add(&b, conv_bn(&b, x, "b", 64, 3, 1), x, "b", "add"));
    check(&b);
}

/* Groups of 4 run in the caller's own layout where there is AVX-512, and merged where there is not. */
static void narrow_groups_give_the_same_result(void **state)
{
    (void)state;
    static const int widths[] = {1, 2, 4, 5, 8, 16};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        okng_error error = {0};
        okng_builder b = begin(&error);
        int channels = 8 * widths[i];
        okng_value x = conv_bn(&b, okng_net_input(&b, 3, 12, 10), "a", channels, 3, 1);
        okng_value y = conv_bn(&b, x, "b", channels, 3, 8);
        okng_value z = okng_net_add(&b, conv_bn(&b, y, "c", channels, 1, 1), y, "c", "add");
        output(&b, y);
        output(&b, z);
        check(&b);
    }
}

/* Nothing fast is made for these; they must be right all the same. */
static void odd_channels_give_the_same_result(void **state)
{
    (void)state;
    okng_error error = {0};
    okng_builder b = begin(&error);
    okng_value x = conv_bn(&b, okng_net_input(&b, 3, 10, 10), "a", 21, 3, 3);
    okng_value y = okng_net_max_pool(&b, x, "", "pool", okng_window_square(3, 2, 1));
    okng_value z = conv_bn(&b, y, "b", 14, 3, 7);
    output(&b, x);
    output(&b, z);
    output(&b, conv_bn(&b, z, "c", 5, 1, 1));
    check(&b);
}

static void an_operator_on_its_own_is_named(void **state)
{
    (void)state;
    okng_error why = {0};
    okng_builder b = begin(&why);
    output(&b, okng_net_batch_norm(&b, okng_net_input(&b, 3, 8, 8), "x", "bn"));
    assert_int_equal(b.status, OKNG_OK);
    assert_ok(okng_graph_fuse(b.graph, error));
    size_t size;
    unsigned char *bytes = okng_golden_safetensors(b.graph, "", &size);
    okng_weights *weights;
    okng_engine *engine;
    assert_ok(okng_weights_open_memory(&weights, bytes, size, "w", error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "cannot run a batch_norm (x.bn) on its own",
                 okng_engine_compile(&engine, b.graph, weights, &(okng_engine_options){.threads = 1}, error));
    assert_null(engine);
    okng_weights_close(&weights);
    free(bytes);
    okng_graph_free(&b.graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_that_is_read_later_survives_a_sum),
        cmocka_unit_test(a_convolution_plus_its_own_input_is_not_made_in_place),
        cmocka_unit_test(narrow_groups_give_the_same_result),
        cmocka_unit_test(odd_channels_give_the_same_result),
        cmocka_unit_test(an_operator_on_its_own_is_named),
    };
    return RUN_TESTS(tests);
}
