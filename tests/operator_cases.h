/* Single operators as small graphs, each with its inputs: the cases of golden/make_ops.py. */
#ifndef OKNG_TESTS_OPERATOR_CASES_H
#define OKNG_TESTS_OPERATOR_CASES_H

#include "engine/engine.h"
#include "golden_weights.h"
#include "net/builder.h"
#include "test.h"

enum { BATCH = 2, MAX_INPUTS = 3 };

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

static inline size_t elements(const fixture *f, okng_value value)
{
    return (size_t)okng_shape_elements(&f->b.graph->nodes[value].shape);
}

/* A float input of any shape. */
static inline okng_value give(fixture *f, const char *name, okng_shape shape)
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

static inline okng_value give_numbers(fixture *f, const char *name, int64_t length, uint64_t rows)
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

static inline okng_value add_case(fixture *f, const char *name); /* the graph of a case of make_ops.py */

static inline void open_case(fixture *f, const char *name)
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

static inline void close_case(fixture *f)
{
    for (int i = 0; i < f->input_count; i++) free(f->given[i]);
    okng_weights_close(&f->weights);
    okng_graph_free(&f->b.graph);
    free(f->bytes);
}

/* The result for BATCH pictures, at once or one after the other; the caller frees it. */
static inline float *run(const fixture *f, const okng_engine_options *options, int64_t batch)
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

/* ---- the cases ---- */

static inline okng_value add_window(fixture *f, okng_value x)
{
    return okng_net_conv_bias(&f->b, x, "", "c", 16, (okng_window){{3, 5}, {2, 1}, {1, 2}});
}

static inline okng_value add_patches(fixture *f)
{
    okng_value x = give(f, "x", OKNG_SHAPE(1, 3, 8, 12));
    x = okng_net_conv_bias(&f->b, x, "", "proj", 20, okng_window_square(4, 4, 0));
    return okng_net_tokens(&f->b, x, "", "tokens");
}

static inline okng_value add_attention(fixture *f, int64_t tokens, bool causal)
{
    return okng_net_attention_packed(&f->b, give(f, "x", OKNG_SHAPE(1, tokens, 36)), "", "attn", 3, causal);
}

static inline okng_value add_linear(fixture *f, okng_shape shape, int64_t width, bool bias)
{
    return okng_net_linear(&f->b, give(f, "x", shape), "", "fc", width, bias);
}

static inline okng_value case_linear(fixture *f)
{
    return add_linear(f, OKNG_SHAPE(1, 7, 12), 10, true);
}
static inline okng_value case_linear_rank2(fixture *f)
{
    return add_linear(f, OKNG_SHAPE(1, 12), 10, false);
}
static inline okng_value case_linear_rank4(fixture *f)
{
    return add_linear(f, OKNG_SHAPE(1, 3, 5, 12), 10, true);
}
static inline okng_value case_linear_many_rows(fixture *f)
{
    return add_linear(f, OKNG_SHAPE(1, 301, 24), 20, true);
}
static inline okng_value case_linear_gelu(fixture *f)
{
    return okng_net_gelu(&f->b, case_linear(f), "", "act");
}
static inline okng_value case_linear_quick_gelu(fixture *f)
{
    return okng_net_quick_gelu(&f->b, case_linear(f), "", "act");
}
static inline okng_value case_linear_scale_add(fixture *f)
{
    okng_value y = add_linear(f, OKNG_SHAPE(1, 7, 12), 12, true);
    return okng_net_add(&f->b, f->inputs[0], okng_net_scale(&f->b, y, "ls", "gamma"), "", "add");
}
static inline okng_value case_matmul_rank3(fixture *f)
{
    okng_value x = give(f, "x", OKNG_SHAPE(1, 5, 6)), y = give(f, "y", OKNG_SHAPE(1, 6, 4));
    return okng_net_matmul(&f->b, x, y, "", "product");
}
static inline okng_value case_matmul_rank4(fixture *f)
{
    okng_value x = give(f, "x", OKNG_SHAPE(1, 3, 70, 6)), y = give(f, "y", OKNG_SHAPE(1, 3, 6, 4));
    return okng_net_matmul(&f->b, x, y, "", "product");
}
static inline okng_value case_matmul_constant(fixture *f)
{
    okng_value x = give(f, "x", OKNG_SHAPE(1, 5, 6));
    return okng_net_matmul(&f->b, x, okng_net_constant(&f->b, "", "projection", OKNG_SHAPE(6, 4)), "", "product");
}
static inline okng_value give_x(fixture *f)
{
    return give(f, "x", OKNG_SHAPE(1, 7, 12));
}
static inline okng_value case_layer_norm(fixture *f)
{
    return okng_net_layer_norm(&f->b, give_x(f), "", "norm", 1e-6);
}
static inline okng_value case_softmax(fixture *f)
{
    return okng_net_softmax(&f->b, give_x(f), "", "softmax");
}
static inline okng_value case_relu(fixture *f)
{
    return okng_net_relu(&f->b, give_x(f), "", "relu");
}
static inline okng_value case_gelu(fixture *f)
{
    return okng_net_gelu(&f->b, give_x(f), "", "gelu");
}
static inline okng_value case_quick_gelu(fixture *f)
{
    return okng_net_quick_gelu(&f->b, give_x(f), "", "gelu");
}
static inline okng_value case_attention(fixture *f)
{
    return add_attention(f, 7, false);
}
static inline okng_value case_attention_causal(fixture *f)
{
    return add_attention(f, 7, true);
}
static inline okng_value case_attention_tiles(fixture *f)
{
    return add_attention(f, 197, false);
}
static inline okng_value case_attention_tiles_causal(fixture *f)
{
    return add_attention(f, 197, true);
}
static inline okng_value case_attention_sequences(fixture *f)
{
    return okng_net_attention_packed(&f->b, give(f, "x", OKNG_SHAPE(1, 3, 50, 192)), "", "attn", 2, true);
}
static inline okng_value case_attention_cross(fixture *f)
{
    const okng_value q = give(f, "q", OKNG_SHAPE(1, 9, 12)), k = give(f, "k", OKNG_SHAPE(1, 5, 12));
    return okng_net_attention(&f->b, (okng_value[]){q, k, give(f, "v", OKNG_SHAPE(1, 5, 6))}, "", "attn", 2, false);
}
static inline okng_value case_embedding(fixture *f)
{
    return okng_net_embedding(&f->b, give_numbers(f, "text", 8, 50), "", "table", 50, 12);
}
static inline okng_value case_concat(fixture *f)
{
    okng_value token = okng_net_constant(&f->b, "", "token", OKNG_SHAPE(1, 1, 12)), x = give_x(f);
    okng_value y = give(f, "y", OKNG_SHAPE(1, 2, 12));
    return okng_net_concat(&f->b, (okng_value[]){token, x, x, y}, 4, 1, "", "cat");
}
static inline okng_value case_concat_last(fixture *f)
{
    okng_value x = give_x(f);
    return okng_net_concat(&f->b, (okng_value[]){x, give(f, "y", OKNG_SHAPE(1, 7, 3))}, 2, 2, "", "cat");
}
static inline okng_value case_add_positions(fixture *f)
{
    okng_value x = give_x(f);
    return okng_net_add(&f->b, x, okng_net_constant(&f->b, "", "places", OKNG_SHAPE(1, 7, 12)), "", "add");
}
static inline okng_value case_multiply_channels(fixture *f)
{
    return okng_net_scale(&f->b, give_x(f), "", "gamma");
}
static inline okng_value case_multiply_values(fixture *f)
{
    okng_value x = give_x(f);
    return okng_net_multiply(&f->b, x, give(f, "y", OKNG_SHAPE(1, 1, 12)), "", "multiply");
}
static inline okng_value case_slice(fixture *f)
{
    return okng_net_slice(&f->b, give_x(f), 1, 2, 3, "", "slice");
}
static inline okng_value case_slice_last(fixture *f)
{
    return okng_net_slice(&f->b, give_x(f), 2, 3, 4, "", "slice");
}
static inline okng_value case_transpose(fixture *f)
{
    okng_value x = give(f, "x", OKNG_SHAPE(1, 3, 4, 5));
    return okng_net_transpose(&f->b, x, (const int32_t[]){0, 2, 3, 1}, "", "transpose");
}
static inline okng_value case_reshape(fixture *f)
{
    return okng_net_reshape(&f->b, give_x(f), OKNG_SHAPE(3, 4, 7), "", "reshape");
}
static inline okng_value case_tokens_and_back(fixture *f)
{
    okng_value x = okng_net_layer_norm(&f->b, add_patches(f), "", "norm", 1e-6);
    return okng_net_map(&f->b, okng_net_slice(&f->b, x, 1, 1, 4, "", "slice"), 2, 2, "", "map");
}
static inline okng_value case_window(fixture *f)
{
    return add_window(f, give(f, "x", OKNG_SHAPE(1, 3, 8, 12)));
}
static inline okng_value case_window_gelu(fixture *f)
{
    return okng_net_gelu(&f->b, case_window(f), "", "act");
}
static inline okng_value case_window_pool(fixture *f)
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
    {"attention_sequences", case_attention_sequences},
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

static inline okng_value add_case(fixture *f, const char *name)
{
    for (size_t i = 0; i < CASES; i++)
        if (strcmp(cases[i].name, name) == 0) return cases[i].add(f);
    fail_msg("no case %s", name);
    return OKNG_NO_VALUE;
}

#endif
