/* Graphs as they are trained: an adapter behind a norm, and a block of a causal tower, fused and not. */
#include <string.h>

#include "grad/gradient.h"
#include "grad/plan.h"
#include "grad/unfuse.h"
#include "grad_fixture.h"

typedef struct built {
    okng_builder b;
    okng_error why;
} built;

static void begin(built *t)
{
    *t = (built){0};
    t->b = (okng_builder){.graph = calloc(1, sizeof(okng_graph)), .error = &t->why};
    assert_non_null(t->b.graph);
}

static void finish(built *t, okng_value out)
{
    if (t->b.status != OKNG_OK) fail_msg("%s", t->why.message);
    t->b.graph->outputs[t->b.graph->output_count++] = out;
}

/* z = norm(out(attention(q, k, v of norm(x)))) proj */
static void build_adapter(built *t, int64_t tokens, int64_t width, int32_t heads, int64_t embedding)
{
    begin(t);
    okng_builder *b = &t->b;
    okng_value x = okng_net_input_vectors(b, "x", tokens, width), qkv[3];
    x = okng_net_layer_norm(b, x, "", "norm", 1e-5);
    static const char *const names[] = {"to_q", "to_k", "to_v"};
    for (int i = 0; i < 3; i++) qkv[i] = okng_net_linear(b, x, "attn", names[i], 64 * (int64_t)heads, false);
    x = okng_net_attention(b, qkv, "", "attn", heads, false);
    x = okng_net_linear(b, x, "attn", "to_out", width, true);
    x = okng_net_layer_norm(b, x, "", "post", 1e-5);
    okng_value proj = okng_net_constant(b, "", "proj", OKNG_SHAPE(width, embedding));
    finish(t, okng_net_matmul(b, x, proj, "", "project"));
}

static const char *const adapter_params[] = {"norm.weight",      "norm.bias",        "attn.to_q.weight",
                                             "attn.to_k.weight", "attn.to_v.weight", "attn.to_out.weight",
                                             "attn.to_out.bias"};
enum { ADAPTER_PARAMS = sizeof adapter_params / sizeof *adapter_params };

/* A pre-norm block over `sequences` that do not see each other, behind positions. */
static void build_block(built *t, int64_t sequences, int64_t tokens, int64_t width, bool fuse)
{
    begin(t);
    okng_builder *b = &t->b;
    const int64_t all = sequences * tokens;
    okng_value x = okng_net_input_vectors(b, "x", all, width);
    x = okng_net_add(b, x, okng_net_constant(b, "", "places", OKNG_SHAPE(1, all, width)), "", "pos_add");
    okng_value y = okng_net_linear(b, okng_net_layer_norm(b, x, "", "ln_1", 1e-5), "", "qkv", 3 * width, true);
    y = okng_net_reshape(b, y, OKNG_SHAPE(sequences, tokens, 3 * width), "", "apart");
    y = okng_net_attention_packed(b, y, "", "attn", 2, true);
    y = okng_net_linear(b, okng_net_reshape(b, y, OKNG_SHAPE(all, width), "", "together"), "", "out", width, true);
    x = okng_net_add(b, x, y, "", "add_1");
    y = okng_net_linear(b, okng_net_layer_norm(b, x, "", "ln_2", 1e-5), "", "fc", 4 * width, true);
    y = okng_net_linear(b, okng_net_gelu(b, y, "", "gelu"), "", "proj", width, true);
    finish(t, okng_net_add(b, x, okng_net_scale(b, y, "ls", "gamma"), "", "add_2"));
    if (fuse) assert_ok(okng_graph_fuse(b->graph, error));
}

/* ---- the plan ---- */

static char *plan_text(const okng_graph *graph, const char *const *trained, int count, bool inputs)
{
    okng_grad_plan plan;
    assert_ok(okng_grad_plan_make(&plan, graph, trained, count, inputs, error));
    const size_t size = okng_grad_plan_text(&plan, graph, NULL, 0);
    char *text = malloc(size + 1);
    assert_non_null(text);
    assert_int_equal(okng_grad_plan_text(&plan, graph, text, size + 1), size);
    okng_grad_plan_free(&plan);
    return text;
}

static void expect_plan(const okng_graph *graph, const char *const *trained, int count, bool inputs,
                        const char *expected)
{
    char *text = plan_text(graph, trained, count, inputs);
    assert_string_equal(text, expected);
    free(text);
}

static void test_plan(void **state)
{
    built t;
    (void)state;
    build_adapter(&t, 5, 64, 2, 32);
    /* Nothing goes to the input, nor to the frozen norm and projection at the end. */
    expect_plan(t.b.graph, adapter_params, ADAPTER_PARAMS, false,
                "project: matmul gives post; reads proj\n"
                "post: layer_norm gives attn.to_out; reads attn.to_out\n"
                "attn.to_out: linear gives attn, weight, bias; reads attn\n"
                "attn: attention gives attn.to_q, attn.to_k, attn.to_v; reads attn.to_q, attn.to_k, attn.to_v, its "
                "result\n"
                "attn.to_v: linear through its norm gives weight; reads norm\n"
                "attn.to_k: linear through its norm gives weight; reads norm\n"
                "attn.to_q: linear through its norm gives weight; reads norm\n"
                "norm: layer_norm through its norm gives scale, shift\n");
    expect_plan(t.b.graph, &adapter_params[6], 1, false,
                "project: matmul gives post; reads proj\n"
                "post: layer_norm gives attn.to_out; reads attn.to_out\n"
                "attn.to_out: linear gives bias\n");
    /* Towards an input there is no way round a norm. */
    expect_plan(t.b.graph, NULL, 0, true,
                "project: matmul gives post; reads proj\n"
                "post: layer_norm gives attn.to_out; reads attn.to_out\n"
                "attn.to_out: linear gives attn\n"
                "attn: attention gives attn.to_q, attn.to_k, attn.to_v; reads attn.to_q, attn.to_k, attn.to_v, its "
                "result\n"
                "attn.to_v: linear gives norm\n"
                "attn.to_k: linear gives +norm\n"
                "attn.to_q: linear gives +norm\n"
                "norm: layer_norm gives x; reads x\n");
    okng_graph_free(&t.b.graph);
}

static void test_unfused(void **state)
{
    built t;
    okng_graph *plain;
    (void)state;
    build_block(&t, 2, 3, 128, true);
    assert_ok(okng_graph_unfuse(&plain, t.b.graph, error));
    expect_plan(plain, (const char *const[]){"ls.gamma"}, 1, true,
                "proj.add: add gives proj.scale, out.add\n"
                "proj.scale: multiply gives proj, ls.gamma; reads proj, ls.gamma\n"
                "ls.gamma: constant gives value\n"
                "proj: linear gives fc.gelu\n"
                "fc.gelu: gelu gives fc; reads fc\n"
                "fc: linear gives ln_2\n"
                "ln_2: layer_norm gives +out.add; reads out.add\n"
                "out.add: add gives out, pos_add\n"
                "out: linear gives together\n"
                "together: reshape gives attn\n"
                "attn: attention gives apart; reads apart, its result\n"
                "apart: reshape gives qkv\n"
                "qkv: linear gives ln_1\n"
                "ln_1: layer_norm gives +pos_add; reads pos_add\n"
                "pos_add: add gives x\n");
    okng_graph_free(&plain);
    okng_graph_free(&t.b.graph);
}

/* ---- the gradients ---- */

static void check(const okng_graph *graph, const char *name, int64_t batch, bool differences, double tolerance)
{
    grad_case c;
    grad_open(&c, graph, batch, true);
    if (differences) grad_check_differences(&c, name, 3);
    grad_compare(&c, name, tolerance);
    grad_golden(&c, name, tolerance);
    grad_close(&c);
}

static void test_adapter(void **state)
{
    built t;
    (void)state;
    build_adapter(&t, 7, 64, 2, 32);
    check(t.b.graph, "adapter", 2, true, 1e-5);
    okng_graph_free(&t.b.graph);
}

/* Of sizes that take Strassen's products, and several tiles of keys and blocks of queries with what is left over. */
static void test_large(void **state)
{
    built t;
    (void)state;
    build_adapter(&t, 261, 192, 2, 128);
    check(t.b.graph, "large adapter", 2, false, 1e-5);
    okng_graph_free(&t.b.graph);
    build_block(&t, 2, 203, 128, false);
    check(t.b.graph, "large causal block", 2, false, 1e-5);
    okng_graph_free(&t.b.graph);
}

static void test_block(void **state)
{
    built t;
    (void)state;
    for (int fused = 0; fused < 2; fused++) {
        build_block(&t, 2, 5, 128, fused);
        check(t.b.graph, "block", 2, true, 1e-5);
        okng_graph_free(&t.b.graph);
    }
}

/* By way of the products with the normalised input, and as autograd does it where the input's gradient is wanted. */
static void run_adapter(const grad_case *c, bool inputs, int threads, float *const *gradients)
{
    const okng_gradient_request request = {
        .trained = adapter_params, .trained_count = ADAPTER_PARAMS, .inputs = inputs, .threads = threads};
    okng_gradient *g;
    okng_gradient_session *s;
    float *out = grad_room(c->output_size[0], sizeof *out), *d_input = grad_room(c->input_size[0], sizeof *d_input);
    assert_ok(okng_gradient_new(&g, c->graph, c->weights, &request, error));
    for (int i = 0; i < ADAPTER_PARAMS; i++)
        for (int k = 0; k < c->trained_count; k++)
            if (strcmp(c->trained[k], adapter_params[i]) == 0)
                memcpy(okng_gradient_values(g, i), c->values[k], c->trained_size[k] * sizeof(float));
    assert_ok(okng_gradient_session_new(&s, g, c->batch, error));
    for (int twice = 0; twice < 2; twice++) { /* they add up */
        assert_ok(okng_gradient_forward(s, (const void *const *)c->given, &out, error));
        assert_ok(okng_gradient_backward(s, (const float *const *)c->d_outputs, inputs ? &d_input : NULL, error));
    }
    for (int i = 0; i < ADAPTER_PARAMS; i++)
        memcpy(gradients[i], okng_gradient_of(g, i), okng_gradient_count(g, i) * sizeof(float));
    okng_gradient_clear(g);
    for (int i = 0; i < ADAPTER_PARAMS; i++)
        for (size_t k = 0; k < okng_gradient_count(g, i); k++) assert_true(okng_gradient_of(g, i)[k] == 0.0f);
    okng_gradient_session_free(&s);
    okng_gradient_free(&g);
    free(out);
    free(d_input);
}

static void test_through_norm(void **state)
{
    built t;
    grad_case c;
    float *ways[3][ADAPTER_PARAMS];
    (void)state;
    build_adapter(&t, 33, 128, 2, 64);
    grad_open(&c, t.b.graph, 3, true);
    for (int way = 0; way < 3; way++) {
        for (int i = 0; i < ADAPTER_PARAMS; i++) ways[way][i] = grad_room(128 * 128, sizeof(float));
        run_adapter(&c, way == 1, way == 2 ? 3 : 1, ways[way]);
    }
    for (int i = 0; i < ADAPTER_PARAMS; i++) {
        double *wide = grad_wide(ways[1][i], 128 * 128);
        grad_near(adapter_params[i], ways[0][i], wide, 128 * 128, 1e-5);
        assert_memory_equal(ways[0][i], ways[2][i], 128 * 128 * sizeof(float)); /* of any number of threads */
        free(wide);
        for (int way = 0; way < 3; way++) free(ways[way][i]);
    }
    grad_close(&c);
    okng_graph_free(&t.b.graph);
}

/* ---- of networks ---- */

static void build_part(okng_graph **out, okng_part part, const char *layer, int32_t sequences)
{
    const okng_graph_request request = {.backbone = "clip-tinyclip-8m-16",
                                        .layers = &layer,
                                        .layer_count = 1,
                                        .part = part,
                                        .sequences = sequences,
                                        .length = 17};
    assert_ok(okng_graph_build(out, &request, error));
}

/* As AF-CLIP is trained: by its adapter's parameters alone, and by the vectors before a frozen text tower. */
static void test_networks(void **state)
{
    okng_graph *graph;
    grad_case c;
    (void)state;
    build_part(&graph, OKNG_PART_ADAPTER, "tokens.embedding", 1);
    grad_open(&c, graph, 2, true);
    grad_compare(&c, "AF-CLIP's adapter", 1e-5);
    grad_close(&c);
    okng_graph_free(&graph);
    build_part(&graph, OKNG_PART_VECTORS, "embedding", 2);
    grad_open(&c, graph, 1, false);
    grad_check_differences(&c, "the text tower", 1);
    grad_compare(&c, "the text tower", 2e-5);
    grad_close(&c);
    okng_graph_free(&graph);
}

static void test_threads(void **state)
{
    okng_graph *graph;
    grad_case c;
    grad_result one, more;
    (void)state;
    build_part(&graph, OKNG_PART_ADAPTER, "tokens.embedding", 1);
    grad_open(&c, graph, 2, true);
    grad_run_float(&c, &one, 1);
    for (int threads = 2; threads <= 4; threads += 2) {
        grad_run_float(&c, &more, threads);
        assert_memory_equal(more.outputs[0], one.outputs[0], c.output_size[0] * sizeof(float));
        assert_memory_equal(more.d_inputs[0], one.d_inputs[0], c.input_size[0] * sizeof(float));
        for (int i = 0; i < c.trained_count; i++)
            assert_memory_equal(more.gradients[i], one.gradients[i], c.trained_size[i] * sizeof(float));
        grad_result_close(&more);
    }
    grad_result_close(&one);
    grad_close(&c);
    okng_graph_free(&graph);
}

/* What decides how much is done at a time must not depend on threads: sums would have another order. */
static void test_bytes(void **state)
{
    built t;
    grad_case c;
    size_t bytes[2], shared[2];
    (void)state;
    build_adapter(&t, 40, 64, 2, 32);
    grad_open(&c, t.b.graph, 1, true);
    for (int i = 0; i < 2; i++) {
        okng_gradient *g;
        const okng_gradient_request request = {
            .trained = c.trained, .trained_count = c.trained_count, .threads = i ? 7 : 1};
        assert_ok(okng_gradient_new(&g, t.b.graph, c.weights, &request, error));
        bytes[i] = okng_gradient_session_bytes(g, 3);
        shared[i] = okng_gradient_shared_bytes(g, 3);
        okng_gradient_free(&g);
    }
    assert_true(shared[0] == shared[1] && shared[0] < bytes[0] && bytes[0] < bytes[1]);
    grad_close(&c);
    okng_graph_free(&t.b.graph);
}

/* ---- what is refused ---- */

static void refuse(const built *t, const okng_weights *weights, const char *const *names, int count, okng_status status,
                   const char *part)
{
    okng_gradient *g;
    const okng_gradient_request request = {.trained = names, .trained_count = count, .threads = 1};
    assert_fails(status, part, okng_gradient_new(&g, t->b.graph, weights, &request, error));
    assert_null(g);
}

static void test_refused(void **state)
{
    built t;
    grad_case c;
    okng_gradient *g;
    okng_gradient_session *s;
    float out[5 * 32];
    (void)state;
    build_adapter(&t, 5, 64, 2, 32);
    grad_open(&c, t.b.graph, 1, true);
    refuse(&t, c.weights, (const char *const[]){"norm.gain"}, 1, OKNG_ERROR_NOT_FOUND, "no parameter \"norm.gain\"");
    refuse(&t, c.weights, (const char *const[]){"norm.bias", "norm.bias"}, 2, OKNG_ERROR_ARGUMENT, "norm.bias");
    assert_ok(okng_gradient_new(&g, t.b.graph, c.weights, &(okng_gradient_request){.inputs = true}, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "a batch of 0", okng_gradient_session_new(&s, g, 0, error));
    assert_fails(OKNG_ERROR_MEMORY, "", okng_gradient_session_new(&s, g, INT64_MAX / 2, error));
    assert_null(s);
    assert_ok(okng_gradient_session_new(&s, g, 1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "without a forward",
                 okng_gradient_backward(s, (const float *const *)c.d_outputs, NULL, error));
    assert_ok(okng_gradient_forward(s, (const void *const *)c.given, &(float *){out}, error));
    assert_ok(okng_gradient_backward(s, (const float *const *)c.d_outputs, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "without a forward",
                 okng_gradient_backward(s, (const float *const *)c.d_outputs, NULL, error));
    okng_gradient_session_free(&s);
    okng_gradient_free(&g);
    grad_close(&c);
    okng_graph_free(&t.b.graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_plan),     cmocka_unit_test(test_unfused),
                                       cmocka_unit_test(test_adapter),  cmocka_unit_test(test_block),
                                       cmocka_unit_test(test_large),    cmocka_unit_test(test_through_norm),
                                       cmocka_unit_test(test_networks), cmocka_unit_test(test_threads),
                                       cmocka_unit_test(test_bytes),    cmocka_unit_test(test_refused)};
    return RUN_TESTS(tests);
}
