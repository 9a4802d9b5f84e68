#include <locale.h>

#include "net/graph.h"
#include "options/number.h"
#include "options/options.h"
#include "test.h"

static okng_build_options defaults(void)
{
    okng_build_options options;
    okng_build_options_init(&options);
    return options;
}

static void assert_get(const okng_build_options *options, const char *name, const char *expected)
{
    char text[OKNG_PATH_MAX];
    assert_ok(okng_build_options_get(options, name, text, sizeof text, error));
    assert_string_equal(text, expected);
}

static void the_default_preset_looks_at_everything(void **state)
{
    (void)state;
    okng_build_options options = defaults();
    assert_int_equal(options.struct_size, sizeof options);
    assert_string_equal(options.preset, "default");
    assert_string_equal(options.backbone, "");
    assert_int_equal(options.layer_count, 2);
    assert_string_equal(options.layers[0], "layer2");
    assert_string_equal(options.layers[1], "layer3");
    assert_int_equal(options.resize_mode, OKNG_RESIZE_AUTO);
    assert_int_equal(options.resize_height, 0);
    assert_int_equal(options.resize_width, 0);
    assert_true(options.pixels == 0);
    assert_int_equal(options.crop, 0);
    assert_true(options.mean[0] == 0.485f && options.std[2] == 0.225f);
    assert_int_equal(options.patch_size, 3);
    assert_int_equal(options.sampler, OKNG_SAMPLER_GREEDY);
    assert_true(options.coreset == 0.1 && options.coreset_size == 0);
    assert_int_equal(options.projection, 128);
    assert_int_equal(options.projection_kind, OKNG_PROJECTION_SPARSE);
    assert_int_equal(options.image_score, OKNG_SCORE_REWEIGHTED);
    assert_int_equal(options.neighbors, 9);
    assert_true(options.smoothing == 4.0f);
    assert_int_equal(options.calibration, OKNG_CALIBRATION_STAND_IN);
    assert_int_equal(options.image_rule, OKNG_IMAGE_RULE_ROBUST);
    assert_int_equal(options.threads, 0);
}

static void presets_are_those_of_the_table_in_the_design(void **state)
{
    (void)state;
    static const struct {
        const char *preset, *name, *value;
    } expected[] = {
        {"paper", "backbone", "wide_resnet50_2"},
        {"paper", "resize", "256"},
        {"paper", "crop", "224"},
        {"paper", "projection-kind", "gaussian"},
        {"paper", "image-score", "reweighted"},
        {"inspection", "aggregate", "mean-map"},
        {"inspection", "target-dim", "1024"},
        {"inspection", "sampler", "approx-greedy"},
        {"inspection", "starting-points", "10"},
        {"inspection", "neighbors", "1"},
        {"inspection", "image-score", "mean-k"},
        {"inspection", "distance", "squared"},
        {"anomalib", "resize", "256x256"},
        {"anomalib", "crop", "none"},
        {"anomalib", "start", "random"},
        {"anomalib", "projection-kind", "sparse"},
        {"architecture", "resize", "224x224"},
        {"architecture", "coreset", "0.25"},
        {"architecture", "image-score", "max"},
        {"architecture", "smoothing", "0"},
        {"guide", "backbone", "resnet50"},
        {"guide", "layers", "layer2 layer3 layer4"},
        {"guide", "resize", "512"},
        {"guide", "patch-size", "1"},
        {"guide", "stride", "2"},
        {"guide", "reservoir-max", "100000"},
        {"guide", "sampler", "kmeans"},
        {"guide", "coreset", "0.02"},
        {"guide", "calibration", "train"},
        {"winclip", "method", "winclip"},
        {"winclip", "backbone", "clip-vit-b-16-plus-240"},
        {"winclip", "interpolation", "bicubic"},
        {"winclip", "smoothing", "0"},
        {"winclip", "prompts", "b"},
        {"winclip", "fusion", "sum"},
        {"winclip", "reference-tokens", "before-norm"},
        {"winclip-anomalib", "method", "winclip"},
        {"winclip-anomalib", "fusion", "mean"},
        {"winclip-anomalib", "reference-tokens", "after-norm"},
        {"winclip-anomalib", "interpolation", "bicubic-float"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        okng_build_options options = defaults();
        assert_ok(okng_build_options_set(&options, "preset", expected[i].preset, error));
        assert_string_equal(options.preset, expected[i].preset);
        assert_get(&options, expected[i].name, expected[i].value);
    }
}

static void a_preset_forgets_an_earlier_one_but_not_the_weights(void **state)
{
    (void)state;
    okng_build_options options = defaults();
    assert_ok(okng_build_options_set(&options, "weights", "a.pth", error));
    assert_ok(okng_build_options_set(&options, "seed", "7", error));
    assert_ok(okng_build_options_set(&options, "coreset-size", "50", error));
    assert_ok(okng_build_options_set(&options, "preset", "guide", error));
    assert_ok(okng_build_options_set(&options, "preset", "default", error));
    okng_build_options fresh = defaults();
    assert_string_equal(options.weights, "a.pth");
    assert_int_equal(options.seed, 7);
    memset(options.weights, 0, sizeof options.weights);
    options.seed = 0;
    assert_memory_equal(&options, &fresh, sizeof fresh);
}

/* ---- networks ---- */

static void a_backbone_brings_what_it_was_trained_with(void **state)
{
    (void)state;
    static const char *const expected[][2] = {
        {"layers", "blocks.5"}, {"resize", "auto"},  {"interpolation", "bicubic"}, {"mean", "0.5,0.5,0.5"},
        {"std", "0.5,0.5,0.5"}, {"patch-size", "1"}, {"image-score", "reweighted"}};
    okng_build_options options = defaults();
    assert_ok(okng_build_options_set(&options, "backbone", "vit_tiny_patch16_224", error));
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_get(&options, expected[i][0], expected[i][1]);
    assert_ok(okng_build_options_set(&options, "backbone", "dinov2_vits14", error));
    assert_get(&options, "layers", "norm");
    assert_get(&options, "resize", "auto");
    assert_get(&options, "mean", "0.485,0.456,0.406");
    static const char *const back[] = {"resnet18", "okng-s", "nonsense", ""};
    for (size_t i = 0; i < sizeof back / sizeof *back; i++) {
        assert_ok(okng_build_options_set(&options, "backbone", "vit_base_patch16_224", error));
        assert_ok(okng_build_options_set(&options, "backbone", back[i], error));
        okng_build_options fresh = defaults();
        memset(options.backbone, 0, sizeof options.backbone);
        assert_memory_equal(&options, &fresh, sizeof fresh);
    }
}

/* anomalib resizes to what the network was trained with. */
static void another_backbone_brings_its_size_into_the_preset_anomalib(void **state)
{
    (void)state;
    static const char *const expected[][2] = {{"resnet18", "256x256"},
                                              {"vit_tiny_patch16_224", "224x224"},
                                              {"dinov2_vits14", "518x518"},
                                              {"okng-s", "256x256"}};
    okng_build_options options = defaults();
    assert_ok(okng_build_options_set(&options, "preset", "anomalib", error));
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_ok(okng_build_options_set(&options, "backbone", expected[i][0], error));
        assert_get(&options, "resize", expected[i][1]);
    }
    assert_ok(okng_build_options_set(&options, "resize", "320x320", error));
    assert_ok(okng_build_options_set(&options, "backbone", "dinov2_vits14", error));
    assert_get(&options, "resize", "320x320");
}

/* The last of the two counts, and either order of auto and a number of pixels says the same. */
static void pixels_are_of_auto(void **state)
{
    (void)state;
    static const char *const cases[][6] = {
        {"pixels", "262144", "resize", "auto", "auto", "262144"},
        {"resize", "auto", "pixels", "262144", "auto", "262144"},
        {"resize", "224x320", "pixels", "512x256", "auto", "131072"},
        {"pixels", "131072", "resize", "224x320", "224x320", "network"},
        {"pixels", "131072", "shorter", "256", "256", "network"},
        {"resize", "none", "pixels", "network", "none", "network"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_build_options options = defaults();
        assert_ok(okng_build_options_set(&options, cases[i][0], cases[i][1], error));
        assert_ok(okng_build_options_set(&options, cases[i][2], cases[i][3], error));
        assert_get(&options, "resize", cases[i][4]);
        assert_get(&options, "pixels", cases[i][5]);
    }
    okng_build_options options = defaults();
    assert_ok(okng_build_options_set(&options, "pixels", "131072", error));
    assert_ok(okng_build_options_set(&options, "preset", "anomalib", error));
    assert_true(options.pixels == 0);
}

/* As every program wrote before there was auto. */
static void sides_that_are_set_by_hand_are_exact(void **state)
{
    (void)state;
    okng_build_options options = defaults(), full;
    assert_ok(okng_build_options_check(&options, &full, error));
    assert_int_equal(full.resize_mode, OKNG_RESIZE_AUTO);
    options.resize_height = 128;
    options.resize_width = 64;
    assert_ok(okng_build_options_check(&options, &full, error));
    assert_int_equal(full.resize_mode, OKNG_RESIZE_EXACT);
    assert_int_equal(full.resize_height, 128);
    assert_int_equal(full.resize_width, 64);
}

static void a_backbone_leaves_what_was_asked_for(void **state)
{
    (void)state;
    okng_build_options options = defaults();
    assert_ok(okng_build_options_set(&options, "preset", "paper", error));
    assert_ok(okng_build_options_set(&options, "layers", "blocks.3 blocks.7", error));
    assert_ok(okng_build_options_set(&options, "std", "1,1,1", error));
    assert_ok(okng_build_options_set(&options, "backbone", "vit_tiny_patch16_224", error));
    assert_get(&options, "resize", "256");
    assert_get(&options, "crop", "224");
    assert_get(&options, "layers", "blocks.3 blocks.7");
    assert_get(&options, "std", "1,1,1");
    assert_get(&options, "mean", "0.5,0.5,0.5");
}

/* Also where the preset says just what its own network would have brought. */
static void a_backbone_leaves_what_the_preset_says(void **state)
{
    (void)state;
    static const char *const backbones[] = {"vit_tiny_patch16_224", "okng-s", "dinov2_vitb14"};
    static const char *const expected[][2] = {
        {"layers", "norm"}, {"resize", "448"}, {"interpolation", "bicubic"}, {"patch-size", "1"}};
    okng_build_options options = defaults();
    assert_ok(okng_build_options_set(&options, "preset", "anomalydino", error));
    for (size_t b = 0; b < sizeof backbones / sizeof *backbones; b++) {
        assert_ok(okng_build_options_set(&options, "backbone", backbones[b], error));
        assert_get(&options, "backbone", backbones[b]);
        assert_get(&options, "mean", b == 0 ? "0.5,0.5,0.5" : "0.485,0.456,0.406");
        for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
            assert_get(&options, expected[i][0], expected[i][1]);
    }
    assert_ok(okng_build_options_set(&options, "patch-size", "5", error));
    assert_ok(okng_build_options_set(&options, "backbone", "okng-s", error));
    assert_get(&options, "patch-size", "5");
    assert_ok(okng_build_options_set(&options, "preset", "default", error));
    okng_build_options fresh = defaults();
    assert_memory_equal(&options, &fresh, sizeof fresh);
}

/* ---- methods ---- */

static void a_method_takes_back_what_the_one_before_it_set(void **state)
{
    (void)state;
    static const char *const presets[][3] = {
        {"default", "reweighted", "l2"}, {"inspection", "mean-k", "squared"}, {"anomalydino", "top", "cosine"}};
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
        okng_build_options options = defaults(), before;
        assert_ok(okng_build_options_set(&options, "preset", presets[i][0], error));
        before = options;
        assert_ok(okng_build_options_set(&options, "method", "subspace", error));
        assert_get(&options, "image-score", "top");
        assert_get(&options, "distance", "l2");
        assert_ok(okng_build_options_set(&options, "method", "patchcore", error));
        assert_get(&options, "image-score", presets[i][1]);
        assert_get(&options, "distance", presets[i][2]);
        assert_memory_equal(&options, &before, sizeof before);
    }
    okng_build_options options = defaults();
    assert_ok(okng_build_options_set(&options, "method", "subspace", error));
    assert_ok(okng_build_options_set(&options, "image-score", "max", error));
    assert_ok(okng_build_options_set(&options, "method", "patchcore", error));
    assert_get(&options, "image-score", "max");
}

/* What the table says at first is what the built-in network was trained with, and all of it can be set. */
static void defaults_of_networks_are_values_of_options(void **state)
{
    (void)state;
    okng_build_options fresh = defaults();
    for (size_t i = 0; i < okng_backbone_count(); i++) {
        okng_backbone_info info = {.struct_size = sizeof info};
        okng_network_info network;
        assert_ok(okng_backbone_get(i, &info, error));
        assert_ok(okng_network_get(info.name, &network, error));
        for (const okng_network_default *d = network.defaults; d->option; d++) {
            okng_build_options options = defaults();
            assert_ok(okng_build_options_set(&options, d->option, d->value, error));
            assert_get(&options, d->option, d->value);
            if (info.built_in && strcmp(d->option, "resize") != 0) assert_get(&fresh, d->option, d->value);
        }
        char side[32];
        (void)snprintf(side, sizeof side, "%dx%d", network.side, network.side);
        for (const okng_network_default *d = network.defaults; d->option; d++)
            if (strcmp(d->option, "resize") == 0) assert_string_equal(d->value, side);
        assert_true(network.step >= network.patch && network.step % network.patch == 0);
        assert_int_equal(network.side % network.step, 0);
    }
}

static void every_value_can_be_got_and_set_again(void **state)
{
    (void)state;
    static const char *const presets[] = {"default",      "paper", "inspection", "anomalib",
                                          "architecture", "guide", "anomalydino"};
    for (size_t p = 0; p < 6; p++) {
        okng_build_options options = defaults(), copy = defaults();
        assert_ok(okng_build_options_set(&options, "preset", presets[p], error));
        for (size_t i = 0; i < okng_build_table.count; i++) {
            char text[OKNG_PATH_MAX];
            const char *name = okng_build_table.rows[i].name;
            assert_ok(okng_build_options_get(&options, name, text, sizeof text, error));
            assert_ok(okng_build_options_set(&copy, name, text, error));
        }
        assert_memory_equal(&options, &copy, sizeof copy);
    }
}

static void values_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *expected;
    } cases[] = {
        {"resize", "320", "320"},
        {"shorter", "300", "300"},
        {"resize", "224x320", "224x320"},
        {"resize", "none", "none"},
        {"resize", "auto", "auto"},
        {"pixels", "65536", "65536"},
        {"pixels", "160x408", "65280"},
        {"pixels", "network", "network"},
        {"crop", "none", "none"},
        {"crop", "0", "none"},
        {"layers", "layer1,layer2.1", "layer1 layer2.1"},
        {"layers", "  layer1   layer4 ", "layer1 layer4"},
        {"mean", "0.5 0.25,0.125", "0.5,0.25,0.125"},
        {"interpolation", "nearest", "nearest"},
        {"image_score", "mean_k", "mean-k"},
        {"start", "random", "random"},
        {"start", "12", "12"},
        {"projection", "none", "none"},
        {"max-memory", "1.5G", "1610612736"},
        {"max-memory", "64KiB", "65536"},
        {"max-memory", "half", "half"},
        {"threads", "all", "all"},
        {"seed", "18446744073709551615", "18446744073709551615"},
        {"pixel-pct", "0.9995", "0.9995"},
        {"coreset", "1e-3", "0.001"},
        {"coreset-size", "1000", "1000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        okng_build_options options = defaults();
        assert_ok(okng_build_options_set(&options, cases[i].name, cases[i].value, error));
        assert_get(&options, cases[i].name, cases[i].expected);
    }
}

static void values_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *part;
    } cases[] = {
        {"coreset", "1.5", "option coreset: found \"1.5\", expected a number 0..1"},
        {"coreset", "-0.1", "0..1"},
        {"coreset", "nan", "0..1"},
        {"coreset", "0x1", "0..1"},
        {"coreset", "", "0..1"},
        {"coreset", "0.1 ", "0..1"},
        {"coreset-size", "-1", "a whole number, 0 or more"},
        {"coreset-size", "99999999999999999999", "whole number"},
        {"patch-size", "4", "an odd number 1..15"},
        {"patch-size", "17", "1..15"},
        {"stride", "0", "1..64"},
        {"neighbors", "0", "1..1024"},
        {"neighbors", "9.5", "1..1024"},
        {"crop", "-3", "1..65535 or none"},
        {"resize", "0", "HxW"},
        {"resize", "12x", "HxW"},
        {"resize", "Auto", "auto, N, HxW"},
        {"pixels", "10", "1024..67108864 or network"},
        {"pixels", "10x10", "1024..67108864 or network"},
        {"pixels", "65535x65535", "1024..67108864 or network"},
        {"pixels", "auto", "1024..67108864 or network"},
        {"pixels", "256,256", "whole number"},
        {"pixels", "x", "whole number"},
        {"resize", "x12", "HxW"},
        {"resize", "12x13x14", "HxW"},
        {"resize", "1000000x2", "HxW"},
        {"layers", "", "1..8 names"},
        {"layers", "a b c d e f g h i", "1..8 names"},
        {"layers", "layer2;layer3", "1..8 names"},
        {"layers", "../layer2", "1..8 names"},
        {"mean", "0.5,0.5", "three numbers"},
        {"mean", "0.5,0.5,0.5,0.5", "three numbers"},
        {"std", "0.5,0,0.5", "three numbers"},
        {"sampler", "best", "one of identity|random|greedy|approx-greedy|kmeans"},
        {"sampler", "", "one of"},
        {"preset", "mine", "one of default|paper"},
        {"max-memory", "lots", "bytes"},
        {"max-memory", "-1", "bytes"},
        {"max-memory", "1X", "bytes"},
        {"seed", "-1", "whole number"},
        {"threads", "-1", "1..1024 or all"},
        {"threads", "5000", "1..1024 or all"},
        {"imge-score", "max", "did you mean \"image-score\"?"},
        {"zzzzzzzzzzzz", "max", "unknown option \"zzzzzzzzzzzz\""},
        {"threshold-pixel", "1", "unknown option"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        okng_build_options options = defaults(), before = options;
        assert_fails(OKNG_ERROR_ARGUMENT, cases[i].part,
                     okng_build_options_set(&options, cases[i].name, cases[i].value, error));
        assert_memory_equal(&options, &before, sizeof before);
    }
}

static void what_a_part_is_called_is_utf8_of_200_bytes(void **state)
{
    (void)state;
    okng_build_options options, full;
    char longest[OKNG_CLASS_MAX + 1];
    okng_build_options_init(&options);
    assert_string_equal(options.class_name, "");
    assert_ok(okng_build_options_set(&options, "class-name", "\xeb\x84\x88\xed\x8a\xb8", error));
    assert_string_equal(options.class_name, "\xeb\x84\x88\xed\x8a\xb8");
    assert_ok(okng_build_options_set(&options, "preset", "anomalib", error));
    assert_string_equal(options.class_name, "\xeb\x84\x88\xed\x8a\xb8");
    assert_fails(OKNG_ERROR_ARGUMENT, "option class-name: not UTF-8 text",
                 okng_build_options_set(&options, "class_name", "nut \xeb\x84", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "expected a line without control characters",
                 okng_build_options_set(&options, "class-name", "metal\nnut", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "expected a line without control characters",
                 okng_build_options_set(&options, "class-name", "\x1b[31mnut", error));
    memset(longest, 'n', sizeof longest);
    longest[OKNG_CLASS_MAX] = '\0';
    assert_fails(OKNG_ERROR_ARGUMENT, "expected fewer than 201 bytes",
                 okng_build_options_set(&options, "class-name", longest, error));
    longest[OKNG_CLASS_MAX - 1] = '\0';
    assert_ok(okng_build_options_set(&options, "class-name", longest, error));
    (void)strcpy(options.class_name, "\xff");
    assert_fails(OKNG_ERROR_ARGUMENT, "option class-name: not UTF-8 text",
                 okng_build_options_check(&options, &full, error));
}

static void scales_rise_and_their_weights_are_numbers(void **state)
{
    (void)state;
    okng_build_options options = defaults(), full;
    assert_get(&options, "scales", "2 3");
    assert_get(&options, "scale-weights", "equal");
    assert_ok(okng_build_options_set(&options, "scales", "1,2 5", error));
    assert_true(options.scale_count == 3 && options.scales[0] == 1 && options.scales[1] == 2 && options.scales[2] == 5);
    assert_get(&options, "scales", "1 2 5");
    static const char *const wrong[] = {"", "0", "3 2", "2 2", "2 65", "2 x", "1 2 3 4 5 6 7 8 9"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_fails(OKNG_ERROR_ARGUMENT, "expected 1..8 whole numbers from 1 to 64, rising, such as 2 3",
                     okng_build_options_set(&options, "scales", wrong[i], error));
    assert_get(&options, "scales", "1 2 5");
    assert_ok(okng_build_options_set(&options, "scale-weights", "0.5, 0 2", error));
    assert_true(options.scale_weight_count == 3 && options.scale_weights[0] == 0.5 && options.scale_weights[2] == 2);
    assert_get(&options, "scale-weights", "0.5 0 2");
    assert_fails(OKNG_ERROR_ARGUMENT, "expected 1..8 numbers from 0 to 1000, or equal",
                 okng_build_options_set(&options, "scale-weights", "1 -1", error));
    assert_ok(okng_build_options_set(&options, "scale-weights", "equal", error));
    assert_int_equal(options.scale_weight_count, 0);
    options.scale_count = 0;
    assert_fails(OKNG_ERROR_ARGUMENT, "option scales", okng_build_options_check(&options, &full, error));
    options.scale_count = 2000000;
    assert_fails(OKNG_ERROR_ARGUMENT, "option scales", okng_build_options_check(&options, &full, error));
    options.scale_count = 2;
    options.scale_weight_count = -1;
    assert_fails(OKNG_ERROR_ARGUMENT, "option scale-weights", okng_build_options_check(&options, &full, error));
}

static void a_method_brings_its_network_where_none_is_named(void **state)
{
    (void)state;
    okng_build_options options = defaults();
    assert_ok(okng_build_options_set(&options, "method", "winclip", error));
    assert_get(&options, "backbone", "clip-vit-b-16-plus-240");
    assert_get(&options, "smoothing", "0");
    assert_ok(okng_build_options_set(&options, "preset", "default", error));
    assert_get(&options, "backbone", "clip-vit-b-16-plus-240");
    assert_ok(okng_build_options_set(&options, "method", "patchcore", error));
    assert_get(&options, "backbone", "");
    assert_get(&options, "smoothing", "4");
    assert_ok(okng_build_options_set(&options, "backbone", "resnet18", error));
    assert_ok(okng_build_options_set(&options, "method", "winclip", error));
    assert_get(&options, "backbone", "resnet18");
}

static void text_too_long_for_its_field_is_refused(void **state)
{
    (void)state;
    okng_build_options options = defaults();
    char text[OKNG_PATH_MAX + 1];
    memset(text, 'a', sizeof text);
    text[OKNG_PATH_MAX] = '\0';
    assert_fails(OKNG_ERROR_ARGUMENT, "fewer than 4096 bytes",
                 okng_build_options_set(&options, "weights", text, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "names", okng_build_options_set(&options, "layers", text, error));
    text[OKNG_PATH_MAX - 1] = '\0';
    assert_ok(okng_build_options_set(&options, "weights", text, error));
    char small[8];
    assert_ok(okng_build_options_get(&options, "weights", small, sizeof small, error));
    assert_string_equal(small, "aaaaaaa");
}

static void the_last_of_coreset_and_coreset_size_counts(void **state)
{
    (void)state;
    okng_build_options options = defaults();
    assert_ok(okng_build_options_set(&options, "coreset-size", "100", error));
    assert_int_equal(options.coreset_size, 100);
    assert_ok(okng_build_options_set(&options, "coreset", "0.2", error));
    assert_int_equal(options.coreset_size, 0);
    assert_true(options.coreset == 0.2);
}

static void fields_past_the_callers_struct_are_not_touched(void **state)
{
    (void)state;
    okng_build_options options, untouched;
    memset(&options, 0x5a, sizeof options);
    memset(&untouched, 0x5a, sizeof untouched);
    size_t old = offsetof(okng_build_options, neighbors);
    okng_build_options_init_sized(&options, old);
    assert_ok(okng_build_options_set(&options, "preset", "guide", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "too old", okng_build_options_set(&options, "neighbors", "3", error));
    assert_memory_equal((char *)&options + old, (char *)&untouched + old, sizeof options - old);
    okng_build_options full;
    assert_ok(okng_build_options_check(&options, &full, error));
    assert_int_equal(full.sampler, OKNG_SAMPLER_KMEANS);
    assert_int_equal(full.neighbors, 9);
    assert_int_equal(full.struct_size, sizeof full);
}

static void a_struct_from_the_future_keeps_its_size_and_zeroes(void **state)
{
    (void)state;
    struct {
        okng_build_options known;
        int32_t later;
    } options;
    memset(&options, 0x5a, sizeof options);
    okng_build_options_init_sized(&options.known, sizeof options);
    assert_int_equal(options.known.struct_size, sizeof options);
    assert_int_equal(options.later, 0);
    okng_build_options full;
    assert_ok(okng_build_options_check(&options.known, &full, error));
    assert_int_equal(full.struct_size, sizeof full);
}

static void structs_filled_by_hand_are_checked(void **state)
{
    (void)state;
    okng_build_options options = defaults(), full;
    options.coreset = NAN;
    assert_fails(OKNG_ERROR_ARGUMENT, "coreset", okng_build_options_check(&options, &full, error));
    options = defaults();
    options.sampler = (okng_sampler)17;
    assert_fails(OKNG_ERROR_ARGUMENT, "sampler: found \"17\"", okng_build_options_check(&options, &full, error));
    options = defaults();
    options.layer_count = 0;
    assert_fails(OKNG_ERROR_ARGUMENT, "layers", okng_build_options_check(&options, &full, error));
    options = defaults();
    options.layer_count = 1000;
    memset(options.layers, 'x', sizeof options.layers);
    assert_fails(OKNG_ERROR_ARGUMENT, "layers", okng_build_options_check(&options, &full, error));
    options = defaults();
    memset(options.weights, 'x', sizeof options.weights);
    assert_fails(OKNG_ERROR_ARGUMENT, "weights", okng_build_options_check(&options, &full, error));
    options = defaults();
    options.layer_count = -1;
    assert_fails(OKNG_ERROR_ARGUMENT, "layers", okng_build_options_check(&options, &full, error));
    options = defaults();
    options.layer_count = OKNG_MAX_LAYERS + 1; /* with only two of them named */
    assert_fails(OKNG_ERROR_ARGUMENT, "layers", okng_build_options_check(&options, &full, error));
    options = defaults();
    options.resize_mode = (okng_resize_mode)4;
    assert_fails(OKNG_ERROR_ARGUMENT, "resize", okng_build_options_check(&options, &full, error));
    options = defaults();
    options.resize_width = -5;
    assert_fails(OKNG_ERROR_ARGUMENT, "resize", okng_build_options_check(&options, &full, error));
    options = defaults();
    options.struct_size = 0;
    assert_fails(OKNG_ERROR_ARGUMENT, "not initialised", okng_build_options_check(&options, &full, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "not initialised", okng_build_options_set(&options, "crop", "3", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "must not be NULL", okng_build_options_check(NULL, &full, error));
    options = defaults();
    options.coreset_size = 20;
    options.max_memory = 5;
    assert_ok(okng_build_options_check(&options, &full, error));
    assert_memory_equal(&options, &full, sizeof full);
}

static void inspect_options_have_defaults_that_leave_the_bank_as_it_is(void **state)
{
    (void)state;
    okng_inspect_options options, full;
    okng_inspect_options_init(&options);
    assert_true(isnan(options.threshold_pixel) && isnan(options.threshold_image) && isnan(options.false_alarm));
    assert_int_equal(options.max_pixels, 100000000);
    assert_int_equal(options.open_radius + options.close_radius + options.threads, 0);
    assert_true(options.min_area == -1 && isnan(options.max_length) && options.max_count == -1);
    assert_ok(okng_inspect_options_set(&options, "threshold_image", "2.5", error));
    assert_ok(okng_inspect_options_set(&options, "false-alarm", "0.01", error));
    assert_ok(okng_inspect_options_set(&options, "open", "3", error));
    assert_ok(okng_inspect_options_set(&options, "threads", "2", error));
    assert_ok(okng_inspect_options_check(&options, &full, error));
    assert_true(full.threshold_image == 2.5f && full.false_alarm == 0.01 && full.open_radius == 3);
    assert_true(isnan(full.threshold_pixel) && full.threads == 2);
    assert_ok(okng_inspect_options_set(&options, "false-alarm", "off", error));
    assert_true(isnan(options.false_alarm));
    assert_fails(OKNG_ERROR_ARGUMENT, "0..1", okng_inspect_options_set(&options, "false-alarm", "5", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "0..1000", okng_inspect_options_set(&options, "open", "-1", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "unknown option", okng_inspect_options_set(&options, "crop", "1", error));
    options.min_area = -2;
    assert_fails(OKNG_ERROR_ARGUMENT, "min-area", okng_inspect_options_check(&options, &full, error));
    assert_ok(okng_inspect_options_check(NULL, &full, error));
}

static void a_review_band_is_two_numbers_the_banks_or_none(void **state)
{
    (void)state;
    okng_inspect_options options, full;
    char text[64];
    okng_inspect_options_init(&options);
    assert_true(isnan(options.review[0]) && isnan(options.review[1]) && isnan(options.review_rate));
    assert_ok(okng_inspect_options_get(&options, "review", text, sizeof text, error));
    assert_string_equal(text, "bank");
    assert_ok(okng_inspect_options_set(&options, "review", "-1.5, 0.1", error));
    assert_true(options.review[0] == -1.5f && options.review[1] == 0.1f);
    assert_ok(okng_inspect_options_get(&options, "review", text, sizeof text, error));
    assert_string_equal(text, "-1.5,0.1");
    assert_ok(okng_inspect_options_check(&options, &full, error));
    assert_true(full.review[1] == 0.1f);
    assert_ok(okng_inspect_options_set(&options, "review", "off", error));
    assert_true(isinf(options.review[0]) && options.review[0] == options.review[1]);
    assert_ok(okng_inspect_options_check(&options, &full, error));
    assert_ok(okng_inspect_options_set(&options, "review", "bank", error));
    assert_true(isnan(options.review[0]));
    static const char *const bad[] = {"2,1", "1", "1,2,3", "", "a,b", "nan,nan", "1,inf"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(OKNG_ERROR_ARGUMENT, "LOW,HIGH", okng_inspect_options_set(&options, "review", bad[i], error));
    options.review[0] = 2;
    options.review[1] = 1;
    assert_fails(OKNG_ERROR_ARGUMENT, "review", okng_inspect_options_check(&options, &full, error));
}

static void numbers_do_not_depend_on_the_locale(void **state)
{
    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8"))
        print_message("# no locale with a decimal comma here\n");
    double value = 0;
    char text[32];
    assert_true(okng_number_real("0.25", &value) && value == 0.25);
    assert_false(okng_number_real("0,25", &value));
    okng_number_text(0.485, false, text, sizeof text);
    assert_string_equal(text, "0.485");
    okng_number_text((double)0.485f, true, text, sizeof text);
    assert_string_equal(text, "0.485");
    okng_number_text((double)NAN, true, text, sizeof text);
    assert_string_equal(text, "nan");
    (void)setlocale(LC_ALL, "C");
}

/* ---- lists of pictures ---------------------------------------------------------------------- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_preset_looks_at_everything),
        cmocka_unit_test(presets_are_those_of_the_table_in_the_design),
        cmocka_unit_test(a_preset_forgets_an_earlier_one_but_not_the_weights),
        cmocka_unit_test(a_backbone_brings_what_it_was_trained_with),
        cmocka_unit_test(another_backbone_brings_its_size_into_the_preset_anomalib),
        cmocka_unit_test(pixels_are_of_auto),
        cmocka_unit_test(sides_that_are_set_by_hand_are_exact),
        cmocka_unit_test(a_backbone_leaves_what_was_asked_for),
        cmocka_unit_test(a_backbone_leaves_what_the_preset_says),
        cmocka_unit_test(a_method_takes_back_what_the_one_before_it_set),
        cmocka_unit_test(defaults_of_networks_are_values_of_options),
        cmocka_unit_test(every_value_can_be_got_and_set_again),
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(values_that_make_no_sense_are_refused),
        cmocka_unit_test(what_a_part_is_called_is_utf8_of_200_bytes),
        cmocka_unit_test(scales_rise_and_their_weights_are_numbers),
        cmocka_unit_test(a_method_brings_its_network_where_none_is_named),
        cmocka_unit_test(text_too_long_for_its_field_is_refused),
        cmocka_unit_test(the_last_of_coreset_and_coreset_size_counts),
        cmocka_unit_test(fields_past_the_callers_struct_are_not_touched),
        cmocka_unit_test(a_struct_from_the_future_keeps_its_size_and_zeroes),
        cmocka_unit_test(structs_filled_by_hand_are_checked),
        cmocka_unit_test(inspect_options_have_defaults_that_leave_the_bank_as_it_is),
        cmocka_unit_test(a_review_band_is_two_numbers_the_banks_or_none),
        cmocka_unit_test(numbers_do_not_depend_on_the_locale),
    };
    return RUN_TESTS(tests);
}
