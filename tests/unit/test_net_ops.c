/* Operators: shapes, counts, what the passes do with them, and constants made from weights. */
#include "golden_weights.h"
#include "net/builder.h"
#include "net/fold_weights.h"
#include "test.h"

static okng_builder begin(okng_error *error)
{
    okng_builder b = {.graph = calloc(1, sizeof(okng_graph)), .error = error};
    assert_non_null(b.graph);
    return b;
}

static const okng_node *node_at(const okng_builder *b, okng_value value)
{
    assert_int_equal(b->status, OKNG_OK);
    return &b->graph->nodes[value];
}

#define assert_shape(b, value, ...)                                                              \
    do {                                                                                         \
        const okng_shape found_ = node_at((b), (value))->shape, want_ = OKNG_SHAPE(__VA_ARGS__); \
        if (!okng_shape_equal(&found_, &want_)) fail_msg("shape of %s", #value);                 \
    } while (0)

/* ---- shapes and counts ---- */

static void windows_need_not_be_square(void **state)
{
    (void)state;
    okng_error why = {0};
    okng_builder b = begin(&why);
    okng_value x = okng_net_input(&b, 3, 20, 33);
    okng_value y = okng_net_conv_bias(&b, x, "", "a", 8, (okng_window){{2, 5}, {2, 3}, {0, 1}});
    assert_shape(&b, y, 1, 8, 10, 11);
    assert_shape(&b, okng_net_max_pool(&b, y, "", "p", (okng_window){{1, 3}, {1, 2}, {0, 1}}), 1, 8, 10, 6);
    assert_true(okng_graph_flops(b.graph) == 2.0 * 8 * 10 * 11 * 3 * 2 * 5);
    assert_int_equal(okng_graph_parameters(b.graph), 8 * 3 * 2 * 5 + 8);
    okng_graph_free(&b.graph);
}

static void a_block_of_a_transformer_has_torchs_shapes_and_counts(void **state)
{
    (void)state;
    okng_error why = {0};
    okng_builder b = begin(&why);
    okng_value x = okng_net_conv_bias(&b, okng_net_input(&b, 3, 32, 48), "", "proj", 24, okng_window_square(16, 16, 0));
    x = okng_net_tokens(&b, x, "", "tokens");
    assert_shape(&b, x, 1, 6, 24);
    okng_value token = okng_net_constant(&b, "", "cls_token", OKNG_SHAPE(1, 1, 24));
    x = okng_net_concat(&b, (okng_value[]){token, x}, 2, 1, "", "cat");
    assert_shape(&b, x, 1, 7, 24);
    okng_value y = okng_net_layer_norm(&b, x, "b", "norm1", 1e-6);
    y = okng_net_linear(&b, y, "b", "qkv", 72, true);
    y = okng_net_attention_packed(&b, y, "b", "attn", 4, false);
    assert_shape(&b, y, 1, 7, 24);
    assert_int_equal(okng_graph_parameters(b.graph), (24 * 3 * 256 + 24) + 24 + 48 + (72 * 24 + 72));
    double flops = 2.0 * (6 * 24 * 3 * 256 + 7 * 72 * 24 + 2 * 7 * 7 * 24);
    assert_true(okng_graph_flops(b.graph) == flops);
    y = okng_net_slice(&b, y, 1, 1, 6, "b", "patches");
    assert_shape(&b, y, 1, 6, 24);
    assert_shape(&b, okng_net_map(&b, y, 2, 3, "b", "map"), 1, 24, 2, 3);
    okng_graph_free(&b.graph);
}

static void tokens_of_a_text_are_numbers(void **state)
{
    (void)state;
    okng_error why = {0};
    okng_builder b = begin(&why);
    okng_value numbers = okng_net_input_numbers(&b, "text", 5);
    assert_int_equal(node_at(&b, numbers)->dtype, OKNG_I32);
    okng_value x = okng_net_embedding(&b, numbers, "", "table", 100, 12);
    assert_shape(&b, x, 1, 5, 12);
    okng_value table = okng_net_constant(&b, "", "text_projection", OKNG_SHAPE(12, 7));
    okng_value y = okng_net_matmul(&b, x, table, "", "product");
    assert_shape(&b, y, 1, 5, 7);
    assert_shape(&b, okng_net_softmax(&b, y, "", "softmax"), 1, 5, 7);
    assert_true(okng_graph_flops(b.graph) == 2.0 * 5 * 7 * 12);
    assert_int_equal(okng_graph_parameters(b.graph), 1200 + 84);
    okng_graph_free(&b.graph);
}

static void a_node_takes_any_number_of_inputs(void **state)
{
    (void)state;
    okng_error why = {0};
    okng_builder b = begin(&why);
    okng_value x = okng_net_input(&b, 3, 4, 4);
    okng_value y = okng_net_concat(&b, (okng_value[]){x, x, x, x, x}, 5, 1, "", "cat");
    assert_shape(&b, y, 1, 15, 4, 4);
    b.graph->outputs[b.graph->output_count++] = y;
    assert_ok(okng_graph_fuse(b.graph, error));
    assert_int_equal(b.graph->nodes[1].input_count, 5);
    okng_graph_free(&b.graph);
}

/* ---- what is refused ---- */

static void check_refused(okng_builder *b, const okng_error *why, const char *part)
{
    assert_int_equal(b->status, OKNG_ERROR_INTERNAL);
    if (!strstr(why->message, part)) fail_msg("\"%s\" does not say \"%s\"", why->message, part);
    okng_graph_free(&b->graph);
}

static void operands_that_do_not_fit_are_named(void **state)
{
    (void)state;
    okng_error why = {0};
    okng_builder b = begin(&why);
    okng_value x = okng_net_input(&b, 6, 4, 4);
    (void)okng_net_add(&b, x, okng_net_constant(&b, "", "c", OKNG_SHAPE(3)), "a", "add");
    check_refused(&b, &why, "a.add was given [1, 6, 4, 4], [3], expected a second operand of the first's shape");
    b = begin(&why);
    x = okng_net_tokens(&b, okng_net_input(&b, 6, 4, 4), "", "t");
    (void)okng_net_attention_packed(&b, x, "a", "attn", 4, false);
    check_refused(&b, &why, "of widths that the heads divide");
    b = begin(&why);
    x = okng_net_input(&b, 6, 4, 4);
    (void)okng_net_transpose(&b, x, (const int32_t[]){0, 1, 1, 2}, "", "t");
    check_refused(&b, &why, "an order of all its axes");
    b = begin(&why);
    x = okng_net_input(&b, 6, 4, 4);
    (void)okng_net_reshape(&b, x, OKNG_SHAPE(6, 15), "", "r");
    check_refused(&b, &why, "as many elements as the new shape has");
    b = begin(&why);
    x = okng_net_input(&b, 6, 4, 4);
    (void)okng_net_slice(&b, x, 1, 5, 2, "", "s");
    check_refused(&b, &why, "an axis that is long enough");
    b = begin(&why);
    (void)okng_net_relu(&b, okng_net_constant(&b, "", "c", OKNG_SHAPE(3)), "", "r");
    check_refused(&b, &why, "begins with a constant");
    b = begin(&why);
    x = okng_net_input(&b, 6, 4, 4);
    (void)okng_net_embedding(&b, okng_net_reshape(&b, x, OKNG_SHAPE(96), "", "r"), "", "e", 9, 3);
    check_refused(&b, &why, "expected numbers [N, T]");
}

/* ---- the passes ---- */

static void scale_sum_and_activation_are_fused_into_linear_maps(void **state)
{
    (void)state;
    okng_error why = {0};
    okng_builder b = begin(&why);
    okng_value x = okng_net_tokens(&b, okng_net_input(&b, 6, 4, 4), "", "t");
    okng_value y = okng_net_gelu(&b, okng_net_linear(&b, x, "", "fc1", 12, true), "", "act");
    y = okng_net_scale(&b, okng_net_linear(&b, y, "", "fc2", 6, true), "ls", "gamma");
    b.graph->outputs[b.graph->output_count++] = okng_net_add(&b, x, y, "", "add");
    assert_int_equal(b.status, OKNG_OK);
    assert_ok(okng_graph_fuse(b.graph, error));
    assert_int_equal(b.graph->node_count, 5); /* input, reshape, transpose, fc1, fc2 */
    const okng_node *fc1 = &b.graph->nodes[3], *fc2 = &b.graph->nodes[4];
    assert_int_equal(fc1->activation, OKNG_OP_GELU);
    assert_int_equal(fc2->activation, OKNG_OP_INPUT);
    assert_string_equal(okng_node_param(fc2, OKNG_ROLE_SCALE)->name, "ls.gamma");
    assert_int_equal(okng_node_residual(fc2), 2);
    okng_graph_free(&b.graph);
}

/* ---- constants ---- */

static okng_status mirror(const int64_t sizes[OKNG_RANK_MAX], const okng_shape *stored_shape, const float *stored,
                          const okng_shape *shape, float *value, okng_error *error)
{
    (void)error;
    const int64_t from = okng_shape_elements(stored_shape), to = okng_shape_elements(shape);
    for (int64_t i = 0; i < to; i++) value[i] = (float)sizes[1] * stored[from - 1 - i % from];
    return OKNG_OK;
}

static void a_constant_is_made_from_what_the_file_holds(void **state)
{
    (void)state;
    okng_error why = {0};
    okng_builder b = begin(&why);
    okng_value x = okng_net_tokens(&b, okng_net_input(&b, 6, 4, 4), "", "t");
    okng_value places = okng_net_constant_made(&b, "", "pos_embed", OKNG_SHAPE(1, 4, 6), OKNG_SHAPE(1, 16, 6), mirror,
                                               (int64_t[OKNG_RANK_MAX]){0, 3});
    b.graph->outputs[b.graph->output_count++] = okng_net_add(&b, x, places, "", "add");
    const okng_node *node = node_at(&b, places);
    assert_int_equal(okng_node_parameters(node), 24); /* of the file's */
    size_t size;
    unsigned char *bytes = okng_golden_safetensors(b.graph, "model.", &size);
    okng_weights *weights;
    assert_ok(okng_weights_open_memory(&weights, bytes, size, "w", error));
    float stored[24], value[96];
    okng_golden_fill(&node->params[0], stored);
    assert_ok(okng_fold_constant(node, &(okng_naming){weights, "model.", NULL, false}, value, error));
    for (int i = 0; i < 96; i++) assert_true(value[i] == 3.0f * stored[23 - i % 24]);
    float *held = okng_weights_find(weights, "model.pos_embed")->data;
    held[5] = NAN;
    assert_fails(OKNG_ERROR_MISMATCH, "tensor model.pos_embed holds NaN",
                 okng_fold_constant(node, &(okng_naming){weights, "model.", NULL, false}, value, error));
    okng_weights_close(&weights);
    free(bytes);
    okng_graph_free(&b.graph);
}

static void a_layer_scale_is_folded_into_weights_and_bias(void **state)
{
    (void)state;
    okng_error why = {0};
    okng_builder b = begin(&why);
    okng_value x = okng_net_tokens(&b, okng_net_input(&b, 5, 2, 2), "", "t");
    okng_value y = okng_net_scale(&b, okng_net_linear(&b, x, "", "fc", 3, true), "ls", "gamma");
    b.graph->outputs[b.graph->output_count++] = y;
    assert_int_equal(b.status, OKNG_OK);
    assert_ok(okng_graph_fuse(b.graph, error));
    const okng_node *fc = &b.graph->nodes[b.graph->node_count - 1];
    float w[15], bias[3], gamma[3], folded[15], shift[3];
    okng_golden_fill(okng_node_param(fc, OKNG_ROLE_WEIGHT), w);
    okng_golden_fill(okng_node_param(fc, OKNG_ROLE_BIAS), bias);
    okng_golden_fill(okng_node_param(fc, OKNG_ROLE_SCALE), gamma);
    size_t size;
    unsigned char *bytes = okng_golden_safetensors(b.graph, "", &size);
    okng_weights *weights;
    assert_ok(okng_weights_open_memory(&weights, bytes, size, "w", error));
    assert_ok(okng_fold_weights(fc, &(okng_naming){weights, "", NULL, false}, 1, 1, folded, shift, error));
    for (int i = 0; i < 3; i++) {
        assert_true(shift[i] == (float)((double)bias[i] * (double)gamma[i]));
        for (int k = 0; k < 5; k++) assert_true(folded[5 * i + k] == (float)((double)w[5 * i + k] * (double)gamma[i]));
    }
    okng_weights_close(&weights);
    free(bytes);
    okng_graph_free(&b.graph);
}

/* ---- rows of networks ---- */

static const char *default_of(const okng_network_info *info, const char *option)
{
    for (const okng_network_default *d = info->defaults; d->option; d++)
        if (strcmp(d->option, option) == 0) return d->value;
    return NULL;
}

static void every_network_says_what_it_was_trained_with(void **state)
{
    (void)state;
    static const char *const options[] = {"layers", "resize", "interpolation", "mean", "std", "patch-size"};
    okng_network_info info;
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info backbone = {.struct_size = sizeof backbone};
        assert_ok(okng_backbone_get(i, &backbone, error));
        assert_ok(okng_network_get(backbone.name, &info, error));
        assert_true(*info.stages && info.patch >= 1);
        for (size_t k = 0; k < sizeof options / sizeof *options; k++) assert_non_null(default_of(&info, options[k]));
    }
    assert_ok(okng_network_get("resnet18", &info, error));
    assert_string_equal(default_of(&info, "layers"), "layer2 layer3");
    assert_ok(okng_network_get("vit_tiny_patch16_224", &info, error));
    assert_string_equal(default_of(&info, "mean"), "0.5,0.5,0.5");
    assert_int_equal(info.patch, 16);
    assert_fails(OKNG_ERROR_NOT_FOUND, "unknown backbone \"x\"", okng_network_get("x", &info, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_need_not_be_square),
        cmocka_unit_test(a_block_of_a_transformer_has_torchs_shapes_and_counts),
        cmocka_unit_test(tokens_of_a_text_are_numbers),
        cmocka_unit_test(a_node_takes_any_number_of_inputs),
        cmocka_unit_test(operands_that_do_not_fit_are_named),
        cmocka_unit_test(scale_sum_and_activation_are_fused_into_linear_maps),
        cmocka_unit_test(a_constant_is_made_from_what_the_file_holds),
        cmocka_unit_test(a_layer_scale_is_folded_into_weights_and_bias),
        cmocka_unit_test(every_network_says_what_it_was_trained_with),
    };
    return RUN_TESTS(tests);
}
