/* The text tower from vectors, and AF-CLIP's adapter on weights of two sources, both as graphs that the engine runs. */
#include "clip_fixture.h"
#include "engine/engine.h"

static const char small[] = "clip-tinyclip-8m-16";
enum { WIDTH = 256, EMBEDDING = 512, INNER = 512, HEADS = 8, TOKENS = 7, LENGTH = 9, SEQUENCES = 2 };

static void run(okng_part part, const char *layer, const okng_weights *weights, int32_t sequences, int32_t length,
                int64_t batch, const void *input, float *out)
{
    okng_graph *graph;
    okng_engine *engine;
    okng_engine_session *session;
    const okng_graph_request request = {
        .backbone = small, .layers = &layer, .layer_count = 1, .part = part, .sequences = sequences, .length = length};
    assert_ok(okng_graph_build(&graph, &request, error));
    assert_ok(
        okng_engine_compile(&engine, graph, weights, &(okng_engine_options){.threads = 2, .winograd = true}, error));
    assert_ok(okng_engine_session_new(&session, engine, batch, error));
    assert_ok(okng_engine_run(session, &input, &out, error));
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    okng_graph_free(&graph);
}

/* ---- words ---- */

static void vectors_in_place_of_ids_give_the_same_bits(void **state)
{
    (void)state;
    size_t size;
    okng_weights *weights;
    int32_t ids[SEQUENCES * LENGTH];
    const unsigned char *bytes = kept_clip_bytes(small, TEXT, &size);
    float *vectors = floats(SEQUENCES * LENGTH * WIDTH), *by_ids = floats(SEQUENCES * LENGTH * EMBEDDING),
          *by_vectors = floats(SEQUENCES * LENGTH * EMBEDDING);
    assert_ok(okng_weights_open_memory(&weights, bytes, size, "clip.safetensors", error));
    const okng_array *table = okng_weights_find(weights, "token_embedding.weight");
    assert_non_null(table);
    for (int i = 0; i < SEQUENCES * LENGTH; i++) {
        ids[i] = (i * 7919) % OKNG_CLIP_VOCABULARY;
        memcpy(vectors + i * WIDTH, (const char *)table->data + (size_t)ids[i] * WIDTH * sizeof(float),
               WIDTH * sizeof(float));
    }
    run(OKNG_PART_TEXT, "embedding", weights, SEQUENCES, LENGTH, 1, ids, by_ids);
    run(OKNG_PART_VECTORS, "embedding", weights, SEQUENCES, LENGTH, 1, vectors, by_vectors);
    assert_memory_equal(by_vectors, by_ids, SEQUENCES * LENGTH * EMBEDDING * sizeof(float));
    free(vectors);
    free(by_ids);
    free(by_vectors);
    okng_weights_close(&weights);
}

/* ---- the adapter ---- */

/* Weights that a picture's adapter needs, in the layout that is named. */
typedef struct source {
    const char *name; /* of the graph's */
    int32_t dims;
    int64_t shape[2];
    float low, range; /* values low + range * r */
    const char *hugging_face;
} source;

static const source sources[] = {
    {"attention.norm.weight", 1, {WIDTH}, 1, 0.25f, NULL},
    {"attention.norm.bias", 1, {WIDTH}, 0, 0.25f, NULL},
    {"attention.attn.to_q.weight", 2, {INNER, WIDTH}, 0, 0.1f, NULL},
    {"attention.attn.to_k.weight", 2, {INNER, WIDTH}, 0, 0.1f, NULL},
    {"attention.attn.to_v.weight", 2, {INNER, WIDTH}, 0, 0.1f, NULL},
    {"attention.attn.to_out.0.weight", 2, {WIDTH, INNER}, 0, 0.1f, NULL},
    {"attention.attn.to_out.0.bias", 1, {WIDTH}, 0, 0.25f, NULL},
    {"visual.ln_post.weight", 1, {WIDTH}, 1, 0.25f, "vision_model.post_layernorm.weight"},
    {"visual.ln_post.bias", 1, {WIDTH}, 0, 0.25f, "vision_model.post_layernorm.bias"},
    {"visual.proj", 2, {WIDTH, EMBEDDING}, 0, 0.1f, "visual_projection.weight"},
};
enum { SOURCES = sizeof sources / sizeof *sources, ADAPTERS = 7 };

typedef struct made {
    okng_array arrays[SOURCES];
    okng_weights *none, *clip, *joined; /* a file with nothing of it; the tower's; both */
} made;

static int64_t columns_of(const source *s)
{
    return s->dims == 2 ? s->shape[1] : 1;
}

/* The adapter's joined to a CLIP's, which is joined itself, to a file that is not of a CLIP. */
static made make(bool hugging_face)
{
    static const char empty[] = "\x3c\0\0\0\0\0\0\0"
                                "{\"other\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}  \0\0\0\0";
    made m = {.none = NULL};
    okng_named_array named[SOURCES];
    for (int i = 0; i < SOURCES; i++) {
        const source *s = &sources[i];
        const bool turned = hugging_face && strcmp(s->name, "visual.proj") == 0;
        const int64_t rows = s->shape[0], columns = columns_of(s);
        float *data = floats(rows * columns);
        for (int64_t k = 0; k < rows * columns; k++)
            data[turned ? k % columns * rows + k / columns : k] =
                s->low + s->range * okng_golden_uniform(okng_golden_hash(s->name), (uint64_t)k);
        m.arrays[i] = (okng_array){.dtype = OKNG_F32,
                                   .dims = s->dims,
                                   .shape = {turned ? columns : rows, turned ? rows : columns},
                                   .data = data,
                                   .bytes = (size_t)(rows * columns) * sizeof(float)};
        named[i] = (okng_named_array){hugging_face && s->hugging_face ? s->hugging_face : s->name, &m.arrays[i]};
    }
    assert_ok(okng_weights_open_memory(&m.none, empty, sizeof empty - 1, "none.safetensors", error));
    assert_ok(okng_weights_join(&m.clip, m.none, named + ADAPTERS, SOURCES - ADAPTERS, error));
    assert_ok(okng_weights_join(&m.joined, m.clip, named, ADAPTERS, error));
    return m;
}

static void free_made(made *m)
{
    okng_weights_close(&m->joined);
    okng_weights_close(&m->clip);
    okng_weights_close(&m->none);
    for (int i = 0; i < SOURCES; i++) free(m->arrays[i].data);
}

static double value_of(const made *m, const char *name, int64_t i)
{
    for (int k = 0; k < SOURCES; k++)
        if (strcmp(sources[k].name, name) == 0) return (double)((const float *)m->arrays[k].data)[i];
    fail_msg("no %s", name);
    return 0;
}

static void norm(const made *m, const char *weight, const char *bias, const double *x, double *y)
{
    double mean = 0, square = 0;
    for (int i = 0; i < WIDTH; i++) mean += x[i] / WIDTH;
    for (int i = 0; i < WIDTH; i++) square += (x[i] - mean) * (x[i] - mean) / WIDTH;
    for (int i = 0; i < WIDTH; i++)
        y[i] = (x[i] - mean) / sqrt(square + 1e-5) * value_of(m, weight, i) + value_of(m, bias, i);
}

/* y [out] = W x, W [out, in]. */
static void map(const made *m, const char *weight, const double *x, int in, double *y, int out)
{
    const float *w = NULL;
    for (int k = 0; k < SOURCES; k++)
        if (strcmp(sources[k].name, weight) == 0) w = m->arrays[k].data;
    assert_non_null(w);
    for (int o = 0; o < out; o++) {
        y[o] = 0;
        for (int i = 0; i < in; i++) y[o] += (double)w[o * in + i] * x[i];
    }
}

/* What a query of a head takes of all values. */
static void attend(double qkv[3][TOKENS][INNER], int token, int head, double *out)
{
    const int width = INNER / HEADS, first = head * width;
    double share[TOKENS], sum = 0;
    for (int t = 0; t < TOKENS; t++) {
        double product = 0;
        for (int i = first; i < first + width; i++) product += qkv[0][token][i] * qkv[1][t][i];
        sum += share[t] = exp(product / 8);
    }
    for (int i = first; i < first + width; i++) {
        out[i] = 0;
        for (int t = 0; t < TOKENS; t++) out[i] += share[t] / sum * qkv[2][t][i];
    }
}

static void expect(const made *m, const float *tokens, double out[TOKENS][EMBEDDING])
{
    static double qkv[3][TOKENS][INNER];
    static const char *const maps[3] = {"attention.attn.to_q.weight", "attention.attn.to_k.weight",
                                        "attention.attn.to_v.weight"};
    double x[WIDTH], y[INNER], z[WIDTH];
    for (int t = 0; t < TOKENS; t++) {
        for (int i = 0; i < WIDTH; i++) x[i] = (double)tokens[t * WIDTH + i];
        norm(m, "attention.norm.weight", "attention.norm.bias", x, z);
        for (int k = 0; k < 3; k++) map(m, maps[k], z, WIDTH, qkv[k][t], INNER);
    }
    for (int t = 0; t < TOKENS; t++) {
        for (int h = 0; h < HEADS; h++) attend(qkv, t, h, y);
        map(m, "attention.attn.to_out.0.weight", y, INNER, x, WIDTH);
        for (int i = 0; i < WIDTH; i++) x[i] += value_of(m, "attention.attn.to_out.0.bias", i);
        norm(m, "visual.ln_post.weight", "visual.ln_post.bias", x, z);
        for (int e = 0; e < EMBEDDING; e++) {
            out[t][e] = 0;
            for (int i = 0; i < WIDTH; i++) out[t][e] += z[i] * value_of(m, "visual.proj", (int64_t)i * EMBEDDING + e);
        }
    }
}

/* Every sequence of a batch for itself. */
static void the_adapter_is_attention_without_a_residual_sum(void **state)
{
    (void)state;
    static double expected[TOKENS][EMBEDDING];
    enum { BATCH = 3 };
    made m = make(false);
    float *tokens = floats(BATCH * TOKENS * WIDTH), *out = floats(BATCH * TOKENS * EMBEDDING);
    for (uint64_t i = 0; i < BATCH * TOKENS * WIDTH; i++) tokens[i] = 3 * okng_golden_uniform(7, i) + 0.5f;
    run(OKNG_PART_ADAPTER, "tokens.embedding", m.joined, 1, TOKENS, BATCH, tokens, out);
    for (int b = 0; b < BATCH; b++) {
        expect(&m, tokens + b * TOKENS * WIDTH, expected);
        for (int i = 0; i < TOKENS * EMBEDDING; i++)
            assert_true(fabs((double)out[b * TOKENS * EMBEDDING + i] - expected[i / EMBEDDING][i % EMBEDDING]) < 1e-4);
    }
    free(tokens);
    free(out);
    free_made(&m);
}

static void a_checkpoint_of_any_layout_may_be_joined(void **state)
{
    (void)state;
    made plain = make(false), other = make(true);
    float *tokens = floats(TOKENS * WIDTH), *a = floats(TOKENS * EMBEDDING), *b = floats(TOKENS * EMBEDDING);
    okng_golden_input(tokens, TOKENS * WIDTH);
    run(OKNG_PART_ADAPTER, "tokens.embedding", plain.joined, 1, TOKENS, 1, tokens, a);
    run(OKNG_PART_ADAPTER, "tokens.embedding", other.joined, 1, TOKENS, 1, tokens, b);
    assert_memory_equal(a, b, TOKENS * EMBEDDING * sizeof(float));
    free(tokens);
    free(a);
    free(b);
    free_made(&plain);
    free_made(&other);
}

static void what_is_joined_twice_or_missing_is_named(void **state)
{
    (void)state;
    made m = make(false);
    okng_weights *twice;
    okng_graph *graph;
    const okng_named_array again = {"visual.proj", &m.arrays[SOURCES - 1]};
    assert_fails(OKNG_ERROR_FORMAT, "none.safetensors: holds tensor \"visual.proj\" twice",
                 okng_weights_join(&twice, m.clip, &again, 1, error));
    assert_null(twice);
    okng_graph_request request = {.backbone = small,
                                  .layers = (const char *const[]){"tokens.embedding"},
                                  .layer_count = 1,
                                  .part = OKNG_PART_ADAPTER,
                                  .sequences = 1,
                                  .length = TOKENS};
    assert_ok(okng_graph_build(&graph, &request, error));
    assert_int_equal(okng_graph_parameters(graph), 525056 + 2 * WIDTH + WIDTH * EMBEDDING);
    assert_ok(okng_graph_check_weights(graph, m.joined, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "no tensor attention.norm.weight, expected one of shape [256]",
                 okng_graph_check_weights(graph, m.clip, error));
    okng_graph_free(&graph);
    request.sequences = 2;
    assert_fails(OKNG_ERROR_ARGUMENT, "2 sequences for the adapter, expected 1",
                 okng_graph_build(&graph, &request, error));
    request.backbone = "vit-tiny-16";
    assert_true(okng_graph_build(&graph, &request, NULL) != OKNG_OK);
    free_made(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_in_place_of_ids_give_the_same_bits),
        cmocka_unit_test(the_adapter_is_attention_without_a_residual_sum),
        cmocka_unit_test(a_checkpoint_of_any_layout_may_be_joined),
        cmocka_unit_test(what_is_joined_twice_or_missing_is_named),
    };
    return RUN_TESTS(tests);
}
