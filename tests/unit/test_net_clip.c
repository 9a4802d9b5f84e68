/* Graphs of CLIP's towers: counts, layers, and what is refused. */
#include "net/clip.h"
#include "net/clip_activation.h"
#include "net/node.h"
#include "test.h"

static const char small[] = "clip-tinyclip-8m-16";

static okng_status build(okng_graph **out, const char *layer, okng_graph_request request, okng_error *error)
{
    if (!request.backbone) request.backbone = small;
    request.layers = &layer;
    request.layer_count = 1;
    return okng_graph_build(out, &request, error);
}

/* ---- counts ---- */

static int64_t count_tower(const char *backbone, okng_part part)
{
    okng_graph *graph;
    assert_ok(build(&graph, "embedding",
                    (okng_graph_request){
                        .backbone = backbone, .part = part, .height = 224, .width = 224, .sequences = 1, .length = 77},
                    error));
    const int64_t count = okng_graph_parameters(graph);
    okng_graph_free(&graph);
    return count;
}

/* As torch counts them, with logit_scale. */
static void both_towers_have_as_many_parameters_as_the_published_ones(void **state)
{
    (void)state;
    static const struct {
        const char *backbone;
        int64_t parameters;
    } cases[] = {
        {"clip-vit-b-16", 149620737},       {"clip-vit-b-16-plus-240", 208377345}, {"clip-vit-b-32", 151277313},
        {"clip-vit-l-14", 427616513},       {"clip-vit-l-14-336", 427944193},      {"clip-tinyclip-8m-16", 23446017},
        {"clip-tinyclip-39m-16", 83101185}, {"clip-tinyclip-40m-32", 84205569},    {"clip-tinyclip-61m-32", 115382145},
    };
    size_t clips = 0;
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info = {.struct_size = sizeof info};
        okng_network_info network;
        assert_ok(okng_backbone_get(i, &info, error));
        assert_ok(okng_network_get(info.name, &network, error));
        if (network.activation == OKNG_ACTIVATION_AUTO) continue;
        assert_string_equal(info.name, cases[clips].backbone);
        const int64_t image = count_tower(info.name, OKNG_PART_PICTURE), text = count_tower(info.name, OKNG_PART_TEXT);
        assert_int_equal(info.parameters, image);
        assert_int_equal(image + text + 1, cases[clips].parameters);
        clips++;
    }
    assert_int_equal(clips, sizeof cases / sizeof *cases);
}

/* The same network, cut in two. */
static void from_tokens_on_it_is_the_same_tower(void **state)
{
    (void)state;
    okng_graph *whole, *head, *rest;
    assert_ok(build(&whole, "embedding", (okng_graph_request){.height = 96, .width = 64}, error));
    assert_ok(build(&head, "tokens", (okng_graph_request){.height = 96, .width = 64}, error));
    assert_ok(
        build(&rest, "embedding", (okng_graph_request){.part = OKNG_PART_TOKENS, .sequences = 1, .length = 25}, error));
    assert_int_equal(okng_graph_parameters(head) + okng_graph_parameters(rest), okng_graph_parameters(whole));
    const double alone = okng_graph_flops(rest);
    okng_graph_free(&whole);
    okng_graph_free(&rest);
    assert_ok(build(&whole, "norm.tokens", (okng_graph_request){.height = 96, .width = 64}, error));
    assert_ok(build(&rest, "norm.tokens", (okng_graph_request){.part = OKNG_PART_TOKENS, .sequences = 1, .length = 25},
                    error));
    assert_true(okng_graph_flops(head) + okng_graph_flops(rest) == okng_graph_flops(whole));
    /* for the embedding alone the last block is finished for one token of 25: out_proj, c_fc and c_proj; then proj */
    assert_true(okng_graph_flops(rest) - alone == 2.0 * 24 * 9 * 256 * 256 - 2.0 * 256 * 512);
    okng_graph_free(&whole);
    okng_graph_free(&head);
    okng_graph_free(&rest);
}

/* So many sequences cost so many times as much, and what attention costs grows with the square of their length. */
static void sequences_do_not_see_each_other(void **state)
{
    (void)state;
    okng_graph *one, *twelve, *long_one;
    assert_ok(
        build(&one, "norm.tokens", (okng_graph_request){.part = OKNG_PART_TOKENS, .sequences = 1, .length = 5}, error));
    assert_ok(build(&twelve, "norm.tokens",
                    (okng_graph_request){.part = OKNG_PART_TOKENS, .sequences = 12, .length = 5}, error));
    assert_ok(build(&long_one, "norm.tokens",
                    (okng_graph_request){.part = OKNG_PART_TOKENS, .sequences = 1, .length = 60}, error));
    assert_true(okng_graph_flops(twelve) == 12 * okng_graph_flops(one));
    assert_true(okng_graph_flops(long_one) - okng_graph_flops(twelve) == 4.0 * (60 * 60 - 12 * 25) * 256 * 10);
    okng_graph_free(&one);
    okng_graph_free(&twelve);
    okng_graph_free(&long_one);
}

/* ---- layers ---- */

static void check_shape(const char *layer, okng_graph_request request, int32_t rank, const int64_t shape[4])
{
    okng_graph *graph;
    int64_t found[4];
    assert_ok(build(&graph, layer, request, error));
    assert_int_equal(okng_graph_output_shape(graph, 0, found), rank);
    assert_memory_equal(found, shape, (size_t)rank * sizeof *shape);
    okng_graph_free(&graph);
}

static void layers_come_as_maps_or_with_the_class_token(void **state)
{
    (void)state;
    const okng_graph_request picture = {.height = 96, .width = 64};
    const okng_graph_request windows = {.part = OKNG_PART_TOKENS, .sequences = 12, .length = 5};
    const okng_graph_request texts = {.part = OKNG_PART_TEXT, .sequences = 8, .length = 8};
    check_shape("tokens", picture, 3, (const int64_t[4]){1, 25, 256});
    check_shape("blocks.9", picture, 4, (const int64_t[4]){1, 256, 6, 4});
    check_shape("blocks.9.tokens", picture, 3, (const int64_t[4]){1, 25, 256});
    check_shape("norm", picture, 4, (const int64_t[4]){1, 256, 6, 4});
    check_shape("norm.tokens", picture, 3, (const int64_t[4]){1, 25, 256});
    check_shape("embedding", picture, 3, (const int64_t[4]){1, 1, 512});
    check_shape("blocks.0.tokens", windows, 3, (const int64_t[4]){1, 60, 256});
    check_shape("embedding", windows, 3, (const int64_t[4]){1, 12, 512});
    check_shape("blocks.2.tokens", texts, 3, (const int64_t[4]){1, 64, 256});
    check_shape("embedding", texts, 3, (const int64_t[4]){1, 64, 512});
}

static void unknown_layers_list_those_known(void **state)
{
    (void)state;
    okng_graph *graph;
    assert_fails(OKNG_ERROR_NOT_FOUND,
                 "clip-tinyclip-8m-16 has no layer \"blocks.10\", expected one of: tokens, norm, embedding, or a block "
                 "of them: blocks.0 up to blocks.9 (with the class token: blocks.0.tokens)",
                 build(&graph, "blocks.10", (okng_graph_request){.height = 96, .width = 64}, error));
}

/* ---- what is refused ---- */

static void what_a_network_has_not_is_refused(void **state)
{
    (void)state;
    okng_graph *graph;
    okng_clip_shape shape;
    assert_fails(OKNG_ERROR_ARGUMENT, "the input is 100 pixels high and 64 wide, expected multiples of its patch of 16",
                 build(&graph, "norm", (okng_graph_request){.height = 100, .width = 64}, error));
    assert_fails(
        OKNG_ERROR_ARGUMENT, "texts of 78 tokens, expected 1..77",
        build(&graph, "embedding", (okng_graph_request){.part = OKNG_PART_TEXT, .sequences = 1, .length = 78}, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "0 sequences, expected 1 or more",
                 build(&graph, "embedding", (okng_graph_request){.part = OKNG_PART_TOKENS, .length = 5}, error));
    assert_fails(
        OKNG_ERROR_ARGUMENT, "resnet18 has no tower of its own for tokens or texts, expected a CLIP",
        build(&graph, "layer1",
              (okng_graph_request){.backbone = "resnet18", .part = OKNG_PART_TEXT, .sequences = 1, .length = 8},
              error));
    assert_fails(OKNG_ERROR_ARGUMENT, "resnet18 has no choice of its activation, expected auto",
                 build(&graph, "layer1",
                       (okng_graph_request){
                           .backbone = "resnet18", .activation = OKNG_ACTIVATION_QUICKGELU, .height = 64, .width = 64},
                       error));
    assert_fails(OKNG_ERROR_ARGUMENT, "resnet18 has no choice of how its positions are resampled, expected auto",
                 build(&graph, "layer1",
                       (okng_graph_request){
                           .backbone = "resnet18", .positions = OKNG_POSITIONS_AFCLIP, .height = 64, .width = 64},
                       error));
    assert_fails(OKNG_ERROR_NOT_FOUND,
                 "\"resnet18\" is no CLIP, expected one of: clip-vit-b-16, clip-vit-b-16-plus-240",
                 okng_clip_shape_of("resnet18", &shape, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_towers_have_as_many_parameters_as_the_published_ones),
        cmocka_unit_test(from_tokens_on_it_is_the_same_tower),
        cmocka_unit_test(sequences_do_not_see_each_other),
        cmocka_unit_test(layers_come_as_maps_or_with_the_class_token),
        cmocka_unit_test(unknown_layers_list_those_known),
        cmocka_unit_test(what_a_network_has_not_is_refused),
    };
    return RUN_TESTS(tests);
}
