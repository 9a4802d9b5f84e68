/* Graphs: shapes, counts, names, the passes, and what weights must hold. */
#include "golden_weights.h"
#include "net/node.h"
#include "test.h"
#include "try_build.h"

static const char *const all_layers[] = {"layer1", "layer2", "layer3", "layer4"};

static okng_graph *build(const char *backbone, const char *const *layers, int count, int height, int width)
{
    okng_graph *graph = NULL;
    assert_ok(try_build(&graph, backbone, layers, count, height, width, error));
    return graph;
}

/* A graph, the bytes of a weight file for it and that file opened. */
typedef struct fixture {
    okng_graph *graph;
    unsigned char *bytes;
    size_t size;
    okng_weights *weights;
} fixture;

static fixture open_fixture(const char *backbone, const char *layer, const char *prefix)
{
    fixture f = {.graph = build(backbone, &layer, 1, 64, 64)};
    f.bytes = okng_golden_safetensors(f.graph, prefix, &f.size);
    assert_non_null(f.bytes);
    assert_ok(okng_weights_open_memory(&f.weights, f.bytes, f.size, "w.safetensors", error));
    return f;
}

static void close_fixture(fixture *f)
{
    okng_weights_close(&f->weights);
    okng_graph_free(&f->graph);
    free(f->bytes);
}

static const okng_node *node_named(const okng_graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->node_count; i++)
        if (strcmp(graph->nodes[i].name, name) == 0) return &graph->nodes[i];
    return NULL;
}

/* ---- building ---- */

/* Its layers are layer1 and so on, of convolutions. */
static bool is_resnet(const okng_backbone_info *info)
{
    return strncmp(info->layers, all_layers[0], strlen(all_layers[0])) == 0;
}

static void counts_equal_those_of_torch(void **state)
{
    (void)state;
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info = {.struct_size = sizeof info};
        okng_network_info network;
        assert_ok(okng_backbone_get(i, &info, error));
        assert_ok(okng_network_get(info.name, &network, error));
        if (network.activation != OKNG_ACTIVATION_AUTO) continue; /* a CLIP: test_net_clip.c */
        char path[512];
        (void)snprintf(path, sizeof path, OKNG_GOLDEN "/net/%s.txt", info.name);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        int n, h, w;
        long long parameters;
        double flops;
        assert_int_equal(fscanf(file, "input %d %d %d count %lld %lf", &n, &h, &w, &parameters, &flops), 5);
        const char *last = strrchr(info.layers, ' ');
        okng_graph *graph = is_resnet(&info)
                                ? build(info.name, all_layers, info.built_in ? 3 : 4, h, w)
                                : build(info.name, (const char *const[]){last ? last + 1 : info.layers}, 1, h, w);
        assert_int_equal(okng_graph_parameters(graph), parameters);
        assert_int_equal(info.parameters, parameters);
        assert_true(n * okng_graph_flops(graph) == flops);
        okng_graph_free(&graph);
        (void)fclose(file);
    }
}

static void shapes_follow_the_input(void **state)
{
    (void)state;
    okng_graph *graph = build("wide_resnet50_2", (const char *const[]){"layer2", "layer3"}, 2, 512, 771);
    int64_t shape[4];
    okng_graph_output_shape(graph, 0, shape);
    assert_memory_equal(shape, ((int64_t[4]){1, 512, 64, 97}), sizeof shape);
    okng_graph_output_shape(graph, 1, shape);
    assert_memory_equal(shape, ((int64_t[4]){1, 1024, 32, 49}), sizeof shape);
    okng_graph_free(&graph);
}

static void one_pixel_is_enough(void **state)
{
    (void)state;
    okng_graph *graph = build("resnet18", all_layers, 4, 1, 1);
    int64_t shape[4];
    okng_graph_output_shape(graph, 3, shape);
    assert_memory_equal(shape, ((int64_t[4]){1, 512, 1, 1}), sizeof shape);
    okng_graph_free(&graph);
}

static void the_graph_ends_at_the_last_asked_layer(void **state)
{
    (void)state;
    okng_graph *graph = build("resnet50", (const char *const[]){"layer2.1"}, 1, 224, 224);
    assert_null(node_named(graph, "layer2.2.conv1"));
    assert_null(node_named(graph, "layer3.0.conv1"));
    assert_non_null(node_named(graph, "layer2.1.conv3"));
    assert_int_equal(graph->outputs[0], graph->node_count - 1);
    okng_graph_free(&graph);
}

static void batch_norm_relu_and_sum_are_fused_away(void **state)
{
    (void)state;
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info = {.struct_size = sizeof info};
        assert_ok(okng_backbone_get(i, &info, error));
        if (!is_resnet(&info)) continue;
        okng_graph *graph = build(info.name, all_layers, info.built_in ? 3 : 4, 224, 224);
        for (size_t k = 0; k < graph->node_count; k++) {
            const okng_node *node = &graph->nodes[k];
            assert_true(node->op == OKNG_OP_INPUT || node->op == OKNG_OP_CONV || node->op == OKNG_OP_MAX_POOL);
            if (node->op == OKNG_OP_CONV)
                assert_true(node->normalized != (okng_node_param(node, OKNG_ROLE_BIAS) != NULL));
            for (int s = 0; s < node->input_count; s++) assert_true(node->inputs[s] < (okng_value)k);
        }
        okng_graph_free(&graph);
    }
    okng_graph *graph = build("resnet18", all_layers, 1, 224, 224);
    const okng_node *conv2 = node_named(graph, "layer1.0.conv2");
    assert_int_equal(conv2->activation, OKNG_OP_RELU);
    assert_string_equal(graph->nodes[okng_node_residual(conv2)].name, "maxpool");
    okng_graph_free(&graph);
}

/* A value that is asked for itself must not disappear in what follows it. */
static void a_value_that_is_asked_for_is_not_fused_over(void **state)
{
    (void)state;
    okng_graph *graph = build("resnet18", (const char *const[]){"layer2.0", "layer2.1"}, 2, 64, 64);
    assert_int_not_equal(graph->outputs[0], graph->outputs[1]);
    assert_int_equal(graph->nodes[graph->outputs[0]].activation, OKNG_OP_RELU);
    okng_graph_free(&graph);
}

static void the_last_block_of_a_layer_is_the_layer(void **state)
{
    (void)state;
    okng_graph *whole = build("resnet18", &all_layers[1], 1, 64, 64);
    okng_graph *block = build("resnet18", (const char *const[]){"layer2.1"}, 1, 64, 64);
    assert_int_equal(whole->node_count, block->node_count);
    assert_int_equal(whole->outputs[0], block->outputs[0]);
    okng_graph_free(&whole);
    okng_graph_free(&block);
}

/* ---- what is refused ---- */

static void unknown_names_list_those_known(void **state)
{
    (void)state;
    okng_graph *graph;
    assert_fails(OKNG_ERROR_NOT_FOUND, "unknown backbone \"resnet19\", expected one of: okng-s, resnet18, resnet34",
                 try_build(&graph, "resnet19", all_layers, 4, 64, 64, error));
    assert_null(graph);
    assert_fails(OKNG_ERROR_NOT_FOUND,
                 "resnet18 has no layer \"layer5\", expected one of: layer1, layer2, layer3, layer4, or a block of "
                 "them: layer1.0 up to layer4.1",
                 try_build(&graph, "resnet18", (const char *const[]){"layer5"}, 1, 64, 64, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "layer2.9",
                 try_build(&graph, "resnet18", (const char *const[]){"layer2.9"}, 1, 64, 64, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "no layer \"\"",
                 try_build(&graph, "resnet18", (const char *const[]){""}, 1, 64, 64, error));
}

static void layers_come_in_the_order_asked_each_once(void **state)
{
    (void)state;
    okng_graph *graph;
    int64_t shape[4];
    assert_ok(try_build(&graph, "resnet18", (const char *const[]){"layer3", "layer2"}, 2, 64, 64, error));
    assert_int_equal(okng_graph_output_shape(graph, 0, shape), 4);
    assert_true(shape[1] == 256 && shape[2] == 4);
    assert_int_equal(okng_graph_output_shape(graph, 1, shape), 4);
    assert_true(shape[1] == 128 && shape[2] == 8);
    okng_graph_free(&graph);
    assert_fails(OKNG_ERROR_ARGUMENT, "layers layer2 and layer2 of resnet18 are the same",
                 try_build(&graph, "resnet18", (const char *const[]){"layer2", "layer3", "layer2"}, 3, 64, 64, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "layers layer2 and layer2 of resnet18 are the same",
                 try_build(&graph, "resnet18", (const char *const[]){"layer2", "layer2"}, 2, 64, 64, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "layers layer2 and layer2.1 of resnet18 are the same",
                 try_build(&graph, "resnet18", (const char *const[]){"layer2", "layer2.1"}, 2, 64, 64, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "0 layers asked", try_build(&graph, "resnet18", NULL, 0, 64, 64, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "9 layers asked", try_build(&graph, "resnet18", all_layers, 9, 64, 64, error));
}

static void inputs_out_of_range_are_refused(void **state)
{
    (void)state;
    okng_graph *graph;
    const int bad[][2] = {{0, 64}, {64, -1}, {65536, 64}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(OKNG_ERROR_ARGUMENT, "pixels, expected sides 1..65535",
                     try_build(&graph, "resnet18", all_layers, 4, bad[i][0], bad[i][1], error));
    assert_fails(OKNG_ERROR_LIMIT, "input would hold 12884508675 numbers of a picture, expected at most 2147483647",
                 try_build(&graph, "resnet18", all_layers, 4, 65535, 65535, error));
}

/* ---- the table ---- */

static void torchvisions_files_are_named_after_their_hash(void **state)
{
    (void)state;
    static const char home[] = "https://download.pytorch.org/models/";
    size_t torchvisions = 0, count = okng_backbone_count();
    okng_backbone_info info = {.struct_size = sizeof info};
    for (size_t i = 0; i < count; i++) {
        assert_ok(okng_backbone_get(i, &info, error));
        const bool unstated = strstr(info.url, "TinyCLIP") != NULL; /* the one publisher here who states no hash */
        assert_int_equal(strlen(info.hash_prefix), *info.url && !unstated ? 8 : 0);
        if (info.built_in) assert_string_equal(info.url, "");
        if (*info.url) assert_int_equal(strncmp(info.url, "https://", 8), 0);
        if (strncmp(info.url, home, strlen(home)) != 0) continue;
        char file[256];
        (void)snprintf(file, sizeof file, "%s-%s.pth", info.name, info.hash_prefix);
        assert_string_equal(info.url + strlen(home), file);
        assert_true(info.flops > 3e9);
        torchvisions++;
    }
    assert_int_equal(torchvisions, 9);
    char expected[64];
    (void)snprintf(expected, sizeof expected, "backbone number %zu, expected 0..%zu", count, count - 1);
    assert_fails(OKNG_ERROR_ARGUMENT, expected, okng_backbone_get(count, &info, error));
}

/* ---- weights ---- */

static void weights_of_the_right_network_pass(void **state)
{
    (void)state;
    fixture f = open_fixture("resnet18", "layer3", "");
    assert_ok(okng_graph_check_weights(f.graph, f.weights, error));
    close_fixture(&f);
}

static void prefixes_of_training_wrappers_are_seen_through(void **state)
{
    (void)state;
    fixture f = open_fixture("resnet18", "layer1", "module.");
    assert_string_equal(okng_graph_naming(f.graph, f.weights).prefix, "module.");
    assert_ok(okng_graph_check_weights(f.graph, f.weights, error));
    okng_error why = {0};
    assert_int_equal(okng_backbone_fits("resnet18", f.weights, &why), 1);
    close_fixture(&f);
}

static void the_first_missing_tensor_is_named(void **state)
{
    (void)state;
    fixture f = open_fixture("resnet18", "layer2", "");
    okng_graph *deeper = build("resnet18", &all_layers[2], 1, 64, 64);
    assert_fails(OKNG_ERROR_NOT_FOUND,
                 "w.safetensors: no tensor layer3.0.conv1.weight, expected one of shape [256, 128, 3, 3]",
                 okng_graph_check_weights(deeper, f.weights, error));
    okng_graph_free(&deeper);
    close_fixture(&f);
}

static void a_mis_shaped_tensor_is_named_with_both_shapes(void **state)
{
    (void)state;
    fixture f = open_fixture("resnet50", "layer2", "");
    okng_graph *wide = build("wide_resnet50_2", &all_layers[1], 1, 64, 64);
    assert_fails(OKNG_ERROR_MISMATCH,
                 "w.safetensors: tensor layer1.0.conv1.weight has shape [64, 64, 1, 1], expected [128, 64, 1, 1]",
                 okng_graph_check_weights(wide, f.weights, error));
    okng_graph_free(&wide);
    close_fixture(&f);
}

static void weights_of_a_deeper_sibling_are_refused(void **state)
{
    (void)state;
    fixture f = open_fixture("resnet34", "layer2", "");
    okng_graph *small = build("resnet18", &all_layers[1], 1, 64, 64);
    assert_fails(OKNG_ERROR_MISMATCH,
                 "holds layer1.2.conv1.weight, which resnet18 does not have: the weights are of another network",
                 okng_graph_check_weights(small, f.weights, error));
    okng_graph_free(&small);
    close_fixture(&f);
}

/* Overwrites element 0 of a tensor and checks that the message names it. */
static void check_damage(const char *tensor, float value, const char *message)
{
    fixture f = open_fixture("resnet18", "layer1", "");
    const okng_array *array = okng_weights_find(f.weights, tensor);
    assert_non_null(array);
    memcpy(array->data, &value, sizeof value);
    assert_fails(OKNG_ERROR_MISMATCH, message, okng_graph_check_weights(f.graph, f.weights, error));
    close_fixture(&f);
}

static void values_that_cannot_be_are_named(void **state)
{
    (void)state;
    check_damage("layer1.1.conv2.weight", NAN, "tensor layer1.1.conv2.weight holds NaN or infinite values");
    check_damage("layer1.0.bn1.bias", -INFINITY, "tensor layer1.0.bn1.bias holds NaN or infinite values");
    check_damage("bn1.running_var", -1.0f, "tensor bn1.running_var holds negative values");
}

static void a_tensor_of_integers_is_refused(void **state)
{
    (void)state;
    fixture f = open_fixture("resnet18", "layer1", "");
    char *dtype = strstr((char *)f.bytes + 8, "\"F32\""); /* of conv1.weight, the first */
    assert_non_null(dtype);
    memcpy(dtype, "\"I32\"", 5);
    okng_weights_close(&f.weights);
    assert_ok(okng_weights_open_memory(&f.weights, f.bytes, f.size, "w.safetensors", error));
    assert_fails(OKNG_ERROR_MISMATCH, "tensor conv1.weight is of int32, expected floating point",
                 okng_graph_check_weights(f.graph, f.weights, error));
    close_fixture(&f);
}

static void fits_tells_the_deepest_layer_and_why(void **state)
{
    (void)state;
    fixture f = open_fixture("resnet50", "layer3", "");
    okng_error why = {0};
    assert_int_equal(okng_backbone_fits("resnet50", f.weights, &why), 3);
    assert_string_equal(why.message, ""); /* three layers fit: no failure */
    assert_int_equal(okng_backbone_fits("resnet18", f.weights, &why), 0);
    assert_non_null(strstr(why.message, "layer1.0.conv1.weight has shape [64, 64, 1, 1], expected [64, 64, 3, 3]"));
    assert_int_equal(okng_backbone_fits("resnet101", f.weights, &why), 0); /* layer3 goes on, but otherwise */
    assert_non_null(strstr(why.message, "layer3.6.conv1.weight"));
    assert_int_equal(okng_backbone_fits("wide_resnet50_2", f.weights, NULL), 0);
    assert_int_equal(okng_backbone_fits("vgg16", f.weights, &why), 0);
    close_fixture(&f);
    f = open_fixture("resnet34", "layer4", "");
    assert_int_equal(okng_backbone_fits("resnet34", f.weights, NULL), 4);
    assert_int_equal(okng_backbone_fits("resnet18", f.weights, &why), 0);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_equal_those_of_torch),
        cmocka_unit_test(shapes_follow_the_input),
        cmocka_unit_test(one_pixel_is_enough),
        cmocka_unit_test(the_graph_ends_at_the_last_asked_layer),
        cmocka_unit_test(batch_norm_relu_and_sum_are_fused_away),
        cmocka_unit_test(a_value_that_is_asked_for_is_not_fused_over),
        cmocka_unit_test(the_last_block_of_a_layer_is_the_layer),
        cmocka_unit_test(unknown_names_list_those_known),
        cmocka_unit_test(layers_come_in_the_order_asked_each_once),
        cmocka_unit_test(inputs_out_of_range_are_refused),
        cmocka_unit_test(torchvisions_files_are_named_after_their_hash),
        cmocka_unit_test(weights_of_the_right_network_pass),
        cmocka_unit_test(prefixes_of_training_wrappers_are_seen_through),
        cmocka_unit_test(the_first_missing_tensor_is_named),
        cmocka_unit_test(a_mis_shaped_tensor_is_named_with_both_shapes),
        cmocka_unit_test(weights_of_a_deeper_sibling_are_refused),
        cmocka_unit_test(values_that_cannot_be_are_named),
        cmocka_unit_test(a_tensor_of_integers_is_refused),
        cmocka_unit_test(fits_tells_the_deepest_layer_and_why),
    };
    return RUN_TESTS(tests);
}
