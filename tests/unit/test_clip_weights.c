/* Checkpoints of which something is missing, or wrong: said with the file, what was found and what was expected; and
 * how much memory a long input takes. */
#include "base/memory.h"
#include "clip_fixture.h"
#include "engine/engine.h"

static const char small[] = "clip-tinyclip-8m-16";

/* ---- one checkpoint, changed in one tensor at a time ---- */

typedef struct change {
    const char *drop;   /* nodes whose tensors' names begin so */
    const char *narrow; /* a node that has as many outputs as three heads make, not four */
    const char *spoil;  /* a tensor: NaN in its last number */
    bool scale;         /* there is a logit_scale, */
    float logit;        /* of this */
    int32_t rank;       /* as [] or [1] */
} change;

typedef struct made {
    unsigned char *bytes;
    okng_weights *weights;
} made;

static bool begins(const okng_node *node, const char *prefix)
{
    return prefix && node->param_count > 0 && strncmp(node->params[0].name, prefix, strlen(prefix)) == 0;
}

/* Appends the nodes of a tower, changed. */
static void append(okng_graph *joined, okng_part part, const change *c)
{
    okng_graph *graph = clip_graph(small, part);
    joined->nodes = realloc(joined->nodes, (joined->node_count + graph->node_count + 1) * sizeof *joined->nodes);
    assert_non_null(joined->nodes);
    for (size_t k = 0; k < graph->node_count; k++) {
        okng_node *node = &joined->nodes[joined->node_count];
        *node = graph->nodes[k];
        if (begins(node, c->drop)) continue;
        joined->node_count++;
        if (begins(node, c->narrow)) node->params[0].shape.dims[0] = 3 * 3 * 64;
    }
    okng_graph_free(&graph);
}

static made make(int towers, const change *c)
{
    okng_graph joined = {0};
    made m;
    size_t size;
    if (towers & IMAGE) append(&joined, OKNG_PART_PICTURE, c);
    if (towers & TEXT) append(&joined, OKNG_PART_TEXT, c);
    if (c->scale)
        joined.nodes[joined.node_count++] =
            (okng_node){.op = OKNG_OP_CONSTANT,
                        .params = {{.role = OKNG_ROLE_VALUE, .shape = {c->rank, {1}}, .name = "logit_scale"}},
                        .param_count = 1};
    m.bytes = okng_golden_safetensors(&joined, "", &size);
    assert_non_null(m.bytes);
    if (c->scale) memcpy(m.bytes + size - sizeof c->logit, &c->logit, sizeof c->logit);
    assert_ok(okng_weights_open_memory(&m.weights, m.bytes, size, "w.safetensors", error));
    const okng_array *array = c->spoil ? okng_weights_find(m.weights, c->spoil) : NULL;
    if (array) ((float *)array->data)[array->bytes / sizeof(float) - 1] = NAN;
    assert_true(!c->spoil || array);
    free(joined.nodes);
    return m;
}

static void free_made(made *m)
{
    okng_weights_close(&m->weights);
    free(m->bytes);
}

static const okng_clip_request request = {.backbone = small, .height = 32, .width = 32};

static void an_image_tower_that_does_not_fit_is_refused_at_once(void **state)
{
    (void)state;
    static const struct {
        change change;
        okng_status status;
        const char *message;
    } cases[] = {
        {{.drop = "visual.transformer.resblocks.4."},
         OKNG_ERROR_NOT_FOUND,
         "w.safetensors: no tensor visual.transformer.resblocks.4.ln_1.weight, expected one of shape [256]"},
        {{.drop = "visual.proj"},
         OKNG_ERROR_NOT_FOUND,
         "w.safetensors: no tensor visual.proj, expected one of shape [256, 512]"},
        {{.narrow = "visual.transformer.resblocks.4.attn.in_proj"},
         OKNG_ERROR_MISMATCH,
         "w.safetensors: tensor visual.transformer.resblocks.4.attn.in_proj_weight has shape [576, 256], expected "
         "[768, "
         "256]"},
        {{.drop = "visual.transformer.resblocks.3.ln_2"},
         OKNG_ERROR_NOT_FOUND,
         "no tensor visual.transformer.resblocks.3.ln_2.weight"},
        {{.scale = true, .logit = NAN}, OKNG_ERROR_MISMATCH, "w.safetensors: logit_scale is nan, expected"},
        {{.scale = true, .logit = 1e4f}, OKNG_ERROR_MISMATCH, "w.safetensors: logit_scale is 10000, expected"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_clip *clip;
        made m = make(IMAGE, &cases[i].change);
        assert_fails(cases[i].status, cases[i].message, okng_clip_open(&clip, m.weights, &request, error));
        assert_null(clip);
        free_made(&m);
    }
}

static void inputs_and_names_that_there_are_not_are_refused(void **state)
{
    (void)state;
    made m = make(IMAGE, &(change){0});
    okng_clip *clip;
    static const struct {
        okng_clip_request request;
        okng_status status;
        const char *message;
    } cases[] = {
        {{.backbone = "resnet18", .height = 32, .width = 32}, OKNG_ERROR_NOT_FOUND, "\"resnet18\" is no CLIP"},
        {{.backbone = small, .height = 40, .width = 32},
         OKNG_ERROR_ARGUMENT,
         "the input is 40 pixels high and 32 wide, expected multiples of its patch of 16: the nearest are 32 or 48 "
         "high"},
        {{.backbone = small, .height = 0, .width = 32}, OKNG_ERROR_ARGUMENT, "expected sides 1..65535"},
        {{.backbone = small, .height = 32, .width = 32, .device = "abacus"}, OKNG_ERROR_ARGUMENT, "found \"abacus\""},
        {{.backbone = "clip-tinyclip-39m-16", .height = 32, .width = 32},
         OKNG_ERROR_MISMATCH,
         "expected [512, 3, 16, 16]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_fails(cases[i].status, cases[i].message, okng_clip_open(&clip, m.weights, &cases[i].request, error));
    free_made(&m);
}

static void a_logit_scale_is_a_scalar_or_one_number(void **state)
{
    (void)state;
    static const struct {
        change change;
        double expected;
    } cases[] = {{{0}, 100.0},
                 {{.scale = true, .logit = 2.0f}, 7.38905609893065},
                 {{.scale = true, .logit = 2.0f, .rank = 1}, 7.38905609893065}};
    for (size_t i = 0; i < 3; i++) {
        made m = make(IMAGE, &cases[i].change);
        okng_clip *clip;
        okng_clip_sizes sizes;
        assert_ok(okng_clip_open(&clip, m.weights, &request, error));
        okng_clip_get_sizes(clip, &sizes);
        assert_true(fabs(sizes.logit_scale - cases[i].expected) < 1e-9);
        assert_int_equal(sizes.activation, OKNG_ACTIVATION_GELU);
        okng_clip_close(&clip);
        free_made(&m);
    }
}

static void the_text_tower_is_looked_at_when_it_is_used(void **state)
{
    (void)state;
    static const struct {
        int towers;
        change change;
        okng_status status;
        const char *message;
    } cases[] = {
        {IMAGE,
         {0},
         OKNG_ERROR_MISMATCH,
         "w.safetensors: holds the image tower of clip-tinyclip-8m-16 and no text tower"},
        {IMAGE | TEXT,
         {.drop = "transformer.resblocks.1."},
         OKNG_ERROR_NOT_FOUND,
         "w.safetensors: no tensor transformer.resblocks.1.ln_1.weight, expected one of shape [256]"},
        {IMAGE | TEXT,
         {.drop = "text_projection"},
         OKNG_ERROR_NOT_FOUND,
         "w.safetensors: no tensor text_projection, expected one of shape [256, 512]"},
        {IMAGE | TEXT,
         {.spoil = "token_embedding.weight"},
         OKNG_ERROR_MISMATCH,
         "w.safetensors: tensor token_embedding.weight holds NaN or infinite values"},
        {IMAGE | TEXT,
         {.spoil = "transformer.resblocks.2.mlp.c_fc.weight"},
         OKNG_ERROR_MISMATCH,
         "w.safetensors: the weights of transformer.resblocks.2.mlp.c_fc give NaN"},
    };
    static const int32_t ids[OKNG_CLIP_TOKENS] = {49406, 320, 49407};
    float out[512];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made m = make(cases[i].towers, &cases[i].change);
        okng_clip *clip;
        assert_ok(okng_clip_open(&clip, m.weights, &request, error));
        for (int again = 0; again < 2; again++)
            assert_fails(cases[i].status, cases[i].message, okng_clip_embed_ids(clip, ids, 1, 1, out, error));
        okng_clip_close(&clip);
        free_made(&m);
    }
}

static void numbers_that_are_not_finite_are_found_when_they_are_used(void **state)
{
    (void)state;
    static const struct {
        const char *tensor, *message;
    } cases[] = {
        {"visual.conv1.weight", "w.safetensors: the weights of visual.conv1 give NaN or infinite values"},
        {"visual.class_embedding", "w.safetensors: tensor visual.class_embedding holds NaN or infinite values"},
        {"visual.positional_embedding", "w.safetensors: tensor visual.positional_embedding holds NaN"},
        {"visual.ln_pre.weight", "w.safetensors: tensor visual.ln_pre.weight holds NaN"},
        {"visual.transformer.resblocks.9.attn.in_proj_bias",
         "w.safetensors: the weights of visual.transformer.resblocks.9.attn.in_proj give NaN"},
        {"visual.proj", "w.safetensors: tensor visual.proj holds NaN"},
    };
    static float tensor[3 * 32 * 32], tokens[5 * 256], out[512];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made m = make(IMAGE, &(change){.spoil = cases[i].tensor});
        okng_clip *clip;
        okng_clip_session *session;
        assert_ok(okng_clip_open(&clip, m.weights, &request, error));
        assert_ok(okng_clip_session_new(&session, clip, 1, error));
        if (i < 3)
            assert_fails(OKNG_ERROR_MISMATCH, cases[i].message, okng_clip_tokens(session, tensor, tokens, error));
        else
            assert_fails(OKNG_ERROR_MISMATCH, cases[i].message, okng_clip_windows(session, tokens, 1, 5, out, error));
        okng_clip_session_free(&session);
        okng_clip_close(&clip);
        free_made(&m);
    }
}

/* ---- memory ---- */

/* 5,477 tokens and 4 heads: all scores of one block would be 458 MiB. */
static void scores_of_attention_are_never_all_in_memory(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* they keep memory that was freed */
#endif
    enum { SIDE = 74 * 16, TOKENS = 1 + 74 * 74 };
    made m = make(IMAGE, &(change){0});
    okng_graph *graph;
    okng_engine *engine;
    okng_engine_session *session;
    const okng_graph_request wanted = {.backbone = small,
                                       .layers = (const char *const[]){"blocks.0.tokens"},
                                       .layer_count = 1,
                                       .height = SIDE,
                                       .width = SIDE};
    assert_ok(okng_graph_build(&graph, &wanted, error));
    float *tensor = calloc(3 * SIDE * SIDE, sizeof *tensor), *out = floats(TOKENS * 256);
    assert_non_null(tensor);
    assert_ok(okng_engine_compile(&engine, graph, m.weights, &(okng_engine_options){.threads = 2}, error));
    okng_memory_peak_reset();
    const uint64_t before = okng_memory_resident();
    assert_ok(okng_engine_session_new(&session, engine, 1, error));
    assert_ok(okng_engine_run(session, (const void *[]){tensor}, (float *[]){out}, error));
    const uint64_t grown = okng_memory_peak() - before;
    print_message("%d tokens: %llu MiB\n", TOKENS, (unsigned long long)(grown >> 20));
    assert_true(grown < 120 << 20);
    okng_engine_session_free(&session);
    okng_engine_free(&engine);
    okng_graph_free(&graph);
    free(tensor);
    free(out);
    free_made(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_tower_that_does_not_fit_is_refused_at_once),
        cmocka_unit_test(inputs_and_names_that_there_are_not_are_refused),
        cmocka_unit_test(a_logit_scale_is_a_scalar_or_one_number),
        cmocka_unit_test(the_text_tower_is_looked_at_when_it_is_used),
        cmocka_unit_test(numbers_that_are_not_finite_are_found_when_they_are_used),
        cmocka_unit_test(scores_of_attention_are_never_all_in_memory),
    };
    return RUN_TESTS(tests);
}
