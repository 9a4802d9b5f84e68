/* Vision transformers as graphs: layers, inputs, position embeddings, and whose weights they take. */
#include "golden_weights.h"
#include "net/fold_weights.h"
#include "net/positions.h"
#include "test.h"
#include "try_build.h"

static const char *const names[] = {"vit_tiny_patch16_224", "vit_small_patch16_224", "vit_base_patch16_224",
                                    "dinov2_vits14",        "dinov2_vitb14",         "dinov2_vits14_reg",
                                    "dinov2_vitb14_reg"};
enum { NAMES = sizeof names / sizeof *names };

static okng_graph *build(const char *backbone, const char *layer, int height, int width)
{
    okng_graph *graph = NULL;
    assert_ok(try_build(&graph, backbone, &layer, 1, height, width, error));
    return graph;
}

static const okng_node *node_named(const okng_graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->node_count; i++)
        if (strcmp(graph->nodes[i].name, name) == 0) return &graph->nodes[i];
    return NULL;
}

/* The weights of a network up to a layer, made. */
typedef struct made {
    okng_graph *graph;
    unsigned char *bytes;
    okng_weights *weights;
} made;

static made make_weights(const char *backbone, const char *layer, const char *prefix)
{
    made m = {.graph = build(backbone, layer, 112, 224)};
    size_t size;
    m.bytes = okng_golden_safetensors(m.graph, prefix, &size);
    assert_non_null(m.bytes);
    assert_ok(okng_weights_open_memory(&m.weights, m.bytes, size, "w.safetensors", error));
    return m;
}

static void free_weights(made *m)
{
    okng_weights_close(&m->weights);
    okng_graph_free(&m->graph);
    free(m->bytes);
}

/* ---- layers and inputs ---- */

static void outputs_are_maps_without_the_tokens_before_the_patches(void **state)
{
    (void)state;
    static const char *const layers[] = {"blocks.0", "blocks.5", "blocks.11", "norm"};
    static const int64_t widths[NAMES] = {192, 384, 768, 384, 768, 384, 768};
    for (size_t i = 0; i < NAMES; i++) {
        okng_graph *graph = NULL;
        int64_t shape[4], patch = i < 3 ? 16 : 14;
        assert_ok(try_build(&graph, names[i], layers, 4, 224, 112, error));
        for (int k = 0; k < 4; k++) {
            okng_graph_output_shape(graph, k, shape);
            assert_memory_equal(shape, ((int64_t[4]){1, widths[i], 224 / patch, 112 / patch}), sizeof shape);
        }
        okng_graph_free(&graph);
    }
}

static void a_graph_ends_at_the_last_asked_block(void **state)
{
    (void)state;
    okng_graph *graph = build("vit_tiny_patch16_224", "blocks.5", 224, 224);
    assert_non_null(node_named(graph, "blocks.5.mlp.fc2"));
    assert_null(node_named(graph, "blocks.6.attn.qkv"));
    assert_null(node_named(graph, "norm"));
    okng_graph_free(&graph);
}

static void unknown_layers_list_those_known(void **state)
{
    (void)state;
    okng_graph *graph;
    static const char *const bad[] = {"layer2", "blocks.12", "blocks.-1", "blocks", "head"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(OKNG_ERROR_NOT_FOUND, "expected one of: norm, or a block of them: blocks.0 up to blocks.11",
                     try_build(&graph, names[0], &bad[i], 1, 224, 224, error));
}

static void inputs_that_patches_do_not_fill_name_the_nearest(void **state)
{
    (void)state;
    static const struct {
        const char *backbone;
        int height, width;
        const char *message;
    } cases[] = {
        {"vit_tiny_patch16_224", 230, 225,
         "multiples of its patch of 16: the nearest are 224 or 240 high and 224 or 240"},
        {"vit_tiny_patch16_224", 224, 256 + 1, "the nearest are 224 high and 256 or 272 wide"},
        {"vit_base_patch16_224", 15, 16,
         "the input is 15 pixels high and 16 wide, expected multiples of its patch of 16: "
         "the nearest are 16 high and 16 wide"},
        {"dinov2_vits14", 256, 256,
         "multiples of its patch of 14: the nearest are 252 or 266 high and 252 or 266 wide"},
        {"dinov2_vitb14_reg", 518, 1, "the nearest are 518 high and 14 wide"},
        {"dinov2_vits14", 0, 14, "sides 1..65535"},
    };
    static const char *const layer[] = {"norm"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_graph *graph;
        assert_fails(OKNG_ERROR_ARGUMENT, cases[i].message,
                     try_build(&graph, cases[i].backbone, layer, 1, cases[i].height, cases[i].width, error));
        assert_null(graph);
    }
}

/* ---- position embeddings ---- */

/* The values of pos_embed as the engine gets them are those of the rule: the class token's as it was, then the grid. */
static void positions_follow_the_rule_of_the_weights_home(void **state)
{
    (void)state;
    static const struct {
        const char *backbone;
        int patch;
        okng_position_rule rule;
    } cases[] = {{"vit_tiny_patch16_224", 16, {.side = 14, .antialias = true}},
                 {"dinov2_vits14", 14, {.side = 37, .offset = 0.1}},
                 {"dinov2_vits14_reg", 14, {.side = 37, .antialias = true}}};
    enum { ROWS = 5, COLUMNS = 9 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made m = make_weights(cases[i].backbone, "blocks.0", "");
        okng_graph *graph = build(cases[i].backbone, "blocks.0", ROWS * cases[i].patch, COLUMNS * cases[i].patch);
        const okng_node *node = node_named(graph, "pos_embed");
        assert_non_null(node);
        const int64_t width = node->shape.dims[2];
        const size_t count = (size_t)((1 + ROWS * COLUMNS) * width);
        float *value = malloc(count * sizeof *value), *expected = malloc(count * sizeof *value);
        assert_true(value && expected);
        assert_ok(okng_fold_constant(node, &(okng_naming){m.weights, "", NULL, false}, value, error));
        const float *stored = okng_weights_find(m.weights, "pos_embed")->data;
        memcpy(expected, stored, (size_t)width * sizeof *expected);
        assert_ok(
            okng_positions_resample(&cases[i].rule, stored + width, width, ROWS, COLUMNS, 1, expected + width, error));
        assert_memory_equal(value, expected, count * sizeof *value);
        free(value);
        free(expected);
        okng_graph_free(&graph);
        free_weights(&m);
    }
}

/* ---- weights ---- */

static void whole_files_fit_their_network_alone(void **state)
{
    (void)state;
    static const size_t small[] = {0, 3, 5}; /* one of each kind */
    for (size_t i = 0; i < 3; i++) {
        made m = make_weights(names[small[i]], "norm", i == 2 ? "module." : "");
        for (size_t k = 0; k < okng_backbone_count(); k++) {
            okng_backbone_info info = {.struct_size = sizeof info};
            assert_ok(okng_backbone_get(k, &info, error));
            assert_int_equal(okng_backbone_fits(info.name, m.weights, NULL),
                             strcmp(info.name, names[small[i]]) == 0 ? 13 : 0);
        }
        free_weights(&m);
    }
}

static void a_file_that_ends_after_a_block_fits_so_far(void **state)
{
    (void)state;
    made m = make_weights("vit_tiny_patch16_224", "blocks.5", "");
    okng_error why = {0};
    assert_int_equal(okng_backbone_fits("vit_tiny_patch16_224", m.weights, &why), 6);
    assert_string_equal(why.message, ""); /* six fit: no failure */
    free_weights(&m);
}

static void siblings_are_told_apart(void **state)
{
    (void)state;
    made plain = make_weights("dinov2_vits14", "norm", ""), registers = make_weights("dinov2_vits14_reg", "norm", "");
    assert_fails(OKNG_ERROR_MISMATCH,
                 "holds register_tokens, which dinov2_vits14 does not have: the weights are of another network",
                 okng_graph_check_weights(plain.graph, registers.weights, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "no tensor register_tokens, expected one of shape [1, 4, 384]",
                 okng_graph_check_weights(registers.graph, plain.weights, error));
    okng_graph *timm = build("vit_small_patch16_224", "norm", 224, 224);
    assert_fails(OKNG_ERROR_MISMATCH,
                 "tensor patch_embed.proj.weight has shape [384, 3, 14, 14], expected [384, 3, 16, 16]",
                 okng_graph_check_weights(timm, plain.weights, error));
    okng_graph_free(&timm);
    free_weights(&plain);
    free_weights(&registers);
}

static void positions_that_are_not_finite_are_refused(void **state)
{
    (void)state;
    made m = make_weights("vit_tiny_patch16_224", "blocks.0", "");
    const okng_array *array = okng_weights_find(m.weights, "pos_embed");
    assert_non_null(array);
    ((float *)array->data)[197 * 192 - 1] = NAN;
    const okng_node *node = node_named(m.graph, "pos_embed");
    float *value = malloc((size_t)okng_shape_elements(&node->shape) * sizeof *value);
    assert_non_null(value);
    assert_fails(OKNG_ERROR_MISMATCH, "tensor pos_embed holds NaN or infinite values",
                 okng_fold_constant(node, &(okng_naming){m.weights, "", NULL, false}, value, error));
    free(value);
    free_weights(&m);
}

static void the_real_vit_tiny_fits(void **state)
{
    (void)state;
    need_shared("weights/vit_tiny_patch16_224.safetensors");
    okng_weights *weights = NULL;
    assert_ok(okng_weights_open(&weights, OKNG_SHARED "/weights/vit_tiny_patch16_224.safetensors", error));
    for (size_t i = 0; i < NAMES; i++) assert_int_equal(okng_backbone_fits(names[i], weights, NULL), i == 0 ? 13 : 0);
    okng_weights_close(&weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_maps_without_the_tokens_before_the_patches),
        cmocka_unit_test(a_graph_ends_at_the_last_asked_block),
        cmocka_unit_test(unknown_layers_list_those_known),
        cmocka_unit_test(inputs_that_patches_do_not_fill_name_the_nearest),
        cmocka_unit_test(positions_follow_the_rule_of_the_weights_home),
        cmocka_unit_test(whole_files_fit_their_network_alone),
        cmocka_unit_test(a_file_that_ends_after_a_block_fits_so_far),
        cmocka_unit_test(siblings_are_told_apart),
        cmocka_unit_test(positions_that_are_not_finite_are_refused),
        cmocka_unit_test(the_real_vit_tiny_fits),
    };
    return RUN_TESTS(tests);
}
