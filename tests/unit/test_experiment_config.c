#include "experiment/config.h"

#include "data_tree.h"

#define NONE ((const char *const[]){NULL})

/* Loads `text` as the file ROOT/x.yaml with overrides, which end with NULL. */
static okng_status load(const tree *t, okng_experiment_config *config, const char *text, const char *const *overrides,
                        okng_error *error)
{
    size_t count = 0;
    while (overrides[count]) count++;
    tree_write(t, "x.yaml", text);
    return okng_experiment_config_load(config, tree_path(t, "x.yaml"), overrides, count, error);
}

static const char everything[] = "experiment:\n  name: first\n  seed: 9223372036854775807\n  output_root: out/here\n"
                                 "data:\n  dataset: visa\n  root: \"/a b: c\"\n  categories: [candle, 'pcb 1']\n"
                                 "  batch_size: 4\n  threads: 2\n  k_shot: 8\n  validation: 0.1\n"
                                 "  transforms:\n    resize: [320, 288]\n    center_crop: none\n"
                                 "    normalize:\n      mean: [0.5, 0.5, 0.25]\n      std: [1, 2, 3]\n"
                                 "  loader:\n    use_full_train: false\n    max_test_samples: 50\n"
                                 "model:\n  name: patchcore\n  device: cpu\n  preset: anomalib\n  backbone: resnet18\n"
                                 "  weights: w.pth\n  layers: [layer1, layer2]\n  input_size: [3, 320, 288]\n"
                                 "  pretrain_embed_dim: 512\n  target_embed_dim: 256\n  patch: {size: 5, stride: 2}\n"
                                 "  nn: {k: 3, num_workers: 2}\n  sampler: {name: approx_greedy, ratio: 0.05}\n"
                                 "  score_map: {resize_to: [100, 200], normalize: true}\n"
                                 "  pretrained: {root: models, prepend: mvtec_, strict: true}\n"
                                 "  options: {smoothing: 2.5, image_pct: 0.9}\n"
                                 "evaluation:\n  metrics: {image_ap: false, aupro_05: false}\n  pro_mode: steps\n"
                                 "  latency: {warmup_iters: 1, measure_iters: 2}\n"
                                 "visualization: {num_examples: -1, save_overlay: false, save_anomaly_map: true}\n";

static void every_key_reaches_its_field(void **state)
{
    (void)state;
    tree t = tree_new();
    okng_experiment_config c;
    assert_ok(load(&t, &c, everything, NONE, error));
    assert_string_equal(c.name, "first");
    assert_string_equal(c.output_root, "out/here");
    assert_true(c.build.seed == INT64_MAX && c.data.seed == INT64_MAX);
    assert_string_equal(c.dataset, "visa");
    assert_string_equal(c.root, "/a b: c");
    assert_string_equal(c.data.categories, "candle,pcb 1");
    assert_int_equal(c.batch_size, 4);
    assert_int_equal(c.build.threads, 2);
    assert_int_equal(c.data.k_shot, 8);
    assert_true(c.data.validation == 0.1);
    assert_int_equal(c.build.resize_mode, OKNG_RESIZE_EXACT);
    assert_int_equal(c.build.resize_height, 320);
    assert_int_equal(c.build.resize_width, 288);
    assert_int_equal(c.build.crop, 0);
    assert_true(c.build.mean[2] == 0.25F && c.build.std[2] == 3.0F);
    assert_int_equal(c.data.max_test_samples, 50);
    assert_string_equal(c.build.method, "patchcore");
    assert_string_equal(c.build.preset, "anomalib");
    assert_string_equal(c.build.backbone, "resnet18");
    assert_string_equal(c.build.weights, "w.pth");
    assert_int_equal(c.build.layer_count, 2);
    assert_string_equal(c.build.layers[1], "layer2");
    assert_int_equal(c.build.aggregate, OKNG_AGGREGATE_MEAN_MAP);
    assert_int_equal(c.build.pretrain_dim, 512);
    assert_int_equal(c.build.target_dim, 256);
    assert_int_equal(c.build.patch_size, 5);
    assert_int_equal(c.build.patch_stride, 2);
    assert_int_equal(c.build.neighbors, 3);
    assert_int_equal(c.build.image_score, OKNG_SCORE_MEAN_K);
    assert_int_equal(c.build.sampler, OKNG_SAMPLER_APPROX_GREEDY);
    assert_true(c.build.coreset == 0.05);
    assert_int_equal(c.build.start, -1); /* of the preset */
    assert_true(c.build.smoothing == 2.5F);
    assert_true(c.build.image_pct == 0.9);
    assert_int_equal(c.map_height, 100);
    assert_int_equal(c.map_width, 200);
    assert_true(c.map_normalize && c.pretrained_strict);
    assert_string_equal(c.pretrained_root, "models");
    assert_string_equal(c.pretrained_prepend, "mvtec_");
    assert_true(c.metrics[OKNG_FIGURE_IMAGE_AUROC] && !c.metrics[OKNG_FIGURE_IMAGE_AP] &&
                !c.metrics[OKNG_FIGURE_AUPRO_05] && c.metrics[OKNG_FIGURE_AUPRO_30]);
    assert_int_equal(c.pro_mode, OKNG_PRO_STEPS);
    assert_int_equal(c.latency_warmup, 1);
    assert_int_equal(c.latency_runs, 2);
    assert_int_equal(c.num_examples, -1);
    assert_true(!c.save_overlay && c.save_anomaly_map);
    tree_remove(&t);
}

/* What is written reads back to the same bytes. */
static void comes_back(const tree *t, const char *text, const char *const *overrides)
{
    okng_experiment_config first, again;
    char *yaml, *second, hash[65], same[65];
    assert_ok(load(t, &first, text, overrides, error));
    assert_ok(okng_experiment_config_yaml(&first, &yaml, error));
    assert_ok(load(t, &again, yaml, NONE, error));
    assert_memory_equal(&first, &again, sizeof first);
    assert_ok(okng_experiment_config_yaml(&again, &second, error));
    assert_string_equal(yaml, second);
    assert_ok(okng_experiment_config_hash(&first, hash, error));
    assert_ok(okng_experiment_config_hash(&again, same, error));
    assert_string_equal(hash, same);
    free(yaml);
    free(second);
}

static void the_resolved_configuration_reads_back(void **state)
{
    (void)state;
    static const char *const presets[] = {"default", "paper", "inspection", "anomalib", "architecture", "guide"};
    tree t = tree_new();
    comes_back(&t, everything, NONE);
    comes_back(&t, "data: {root: d}\n", NONE);
    for (size_t i = 0; i < 6; i++) {
        char preset[64];
        (void)snprintf(preset, sizeof preset, "model.preset=%s", presets[i]);
        comes_back(&t, "data: {root: d}\n", (const char *const[]){preset, NULL});
    }
    comes_back(&t, "data: {root: d}\n",
               (const char *const[]){"data.root=true", "experiment.name=null and void", "data.normal=a\tb\"\\ \xc3\xa9",
                                     "data.categories=a b, c,", "data.transforms.resize=none",
                                     "model.options.max-memory=3G", "model.options.coreset-size=77",
                                     "model.sampler.name=kmeans", "experiment.output_root=", "data.csv=- x", NULL});
    okng_experiment_config c;
    char *yaml;
    assert_fails(OKNG_ERROR_ARGUMENT, "is no UTF-8",
                 (load(&t, &c, "data: {root: d}\n", (const char *const[]){"data.csv=\xff\xfe", NULL}, error),
                  okng_experiment_config_yaml(&c, &yaml, error)));
    assert_null(yaml);
    tree_remove(&t);
}

static void the_hash_leaves_out_what_changes_no_figure(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        bool same;
    } cases[] = {{"data.threads=3", true},
                 {"data.batch_size=2", true},
                 {"data.categories=a", true},
                 {"experiment.output_root=x", true},
                 {"model.options.max-memory=1G", true},
                 {"experiment.seed=1", false},
                 {"model.sampler.ratio=0.2", false},
                 {"data.k_shot=3", false},
                 {"model.options.smoothing=1", false},
                 {"visualization.save_anomaly_map=true", false}};
    tree t = tree_new();
    okng_experiment_config c;
    char before[65], after[65];
    assert_ok(load(&t, &c, "data: {root: d}\n", NONE, error));
    assert_ok(okng_experiment_config_hash(&c, before, error));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_ok(load(&t, &c, "data: {root: d}\n", (const char *const[]){cases[i].set, NULL}, error));
        assert_ok(okng_experiment_config_hash(&c, after, error));
        if ((strcmp(before, after) == 0) != cases[i].same) fail_msg("%s", cases[i].set);
    }
    tree_remove(&t);
}

/* ---- layers ---- */

static void a_base_comes_before_and_overrides_after(void **state)
{
    (void)state;
    tree t = tree_new();
    okng_experiment_config c;
    tree_write(&t, "bases/lowest.yaml",
               "data: {root: low, k_shot: 4}\nmodel: {preset: paper, options: {neighbors: 5, smoothing: 1}}\n");
    tree_write(&t, "bases/middle.yaml", "base: lowest.yaml\ndata: {root: middle}\n");
    assert_ok(load(&t, &c, "base: bases/middle.yaml\nmodel: {nn: {k: 2}}\ndata: {loader: {use_full_train: true}}\n",
                   (const char *const[]){"model.sampler.ratio=0.5", "data.categories=[x, y]", NULL}, error));
    assert_string_equal(c.root, "middle");
    assert_string_equal(c.build.preset, "paper");
    assert_int_equal(c.build.crop, 224);
    assert_int_equal(c.build.neighbors, 2); /* the upper file's key, over the lower one's option */
    assert_int_equal(c.build.image_score, OKNG_SCORE_MEAN_K);
    assert_true(c.build.smoothing == 1.0F);
    assert_true(c.build.coreset == 0.5);
    assert_int_equal(c.data.k_shot, 0);
    assert_string_equal(c.data.categories, "x,y");

    assert_ok(load(&t, &c, "base: bases/middle.yaml\ndata: {root: ~, k_shot: null}\n",
                   (const char *const[]){"data.root=r", "data.k_shot=~", NULL}, error)); /* back to the default */
    assert_int_equal(c.data.k_shot, 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "x.yaml:1: base: ", load(&t, &c, "base: gone.yaml\n", NONE, error));
    tree_write(&t, "bases/a.yaml", "base: b.yaml\n");
    tree_write(&t, "bases/b.yaml", "base: ../bases/a.yaml\n");
    assert_fails(OKNG_ERROR_ARGUMENT, "is its own base", load(&t, &c, "base: bases/a.yaml\n", NONE, error));
    for (int i = 0; i < 12; i++) {
        char name[32], text[32];
        (void)snprintf(name, sizeof name, "deep%d.yaml", i);
        (void)snprintf(text, sizeof text, "base: deep%d.yaml\n", i + 1);
        tree_write(&t, name, text);
    }
    assert_fails(OKNG_ERROR_LIMIT, "more than 8 times", load(&t, &c, "base: deep0.yaml\n", NONE, error));
    tree_remove(&t);
}

static void input_size_agrees_with_resize_and_crop(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        okng_resize_mode mode;
        int32_t height, crop;
    } cases[] = {
        {"data: {root: d}\nmodel: {input_size: 224}\n", OKNG_RESIZE_EXACT, 224, 0},
        {"data: {root: d}\nmodel: {preset: paper, input_size: 224}\n", OKNG_RESIZE_SHORTER, 256, 224},
        {"data: {root: d, transforms: {resize: 366}}\nmodel: {input_size: 320}\n", OKNG_RESIZE_SHORTER, 366, 320},
        {"data: {root: d, transforms: {resize: 256, center_crop: 224}}\nmodel: {input_size: [3, 224, 224]}\n",
         OKNG_RESIZE_SHORTER, 256, 224},
        {"data: {root: d, transforms: {resize: [64, 64]}}\nmodel: {input_size: 64}\n", OKNG_RESIZE_EXACT, 64, 0},
    };
    tree t = tree_new();
    okng_experiment_config c;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_ok(load(&t, &c, cases[i].text, NONE, error));
        assert_int_equal(c.build.resize_mode, cases[i].mode);
        assert_int_equal(c.build.resize_height, cases[i].height);
        assert_int_equal(c.build.crop, cases[i].crop);
    }
    assert_fails(
        OKNG_ERROR_ARGUMENT, "x.yaml:2: model.input_size: is 320x320, which is not what data.transforms.center_crop",
        load(&t, &c, "data: {root: d, transforms: {resize: 256, center_crop: 224}}\nmodel: {input_size: 320}\n", NONE,
             error));
    assert_fails(OKNG_ERROR_ARGUMENT, "no square that can be cropped",
                 load(&t, &c, "data: {root: d, transforms: {resize: 256}}\nmodel: {input_size: 320}\n", NONE, error));
    tree_remove(&t);
}

static void normalize_takes_words_too(void **state)
{
    (void)state;
    tree t = tree_new();
    okng_experiment_config c;
    assert_ok(load(&t, &c, "data: {root: d, transforms: {normalize: none}}\n", NONE, error));
    assert_true(c.build.mean[0] == 0.0F && c.build.std[0] == 1.0F);
    assert_ok(load(&t, &c, "data: {root: d, transforms: {normalize: true}}\n", NONE, error));
    assert_true(c.build.mean[0] == 0.485F && c.build.std[2] == 0.225F);
    tree_remove(&t);
}

/* ---- what is wrong ---- */

static void mistakes_are_named_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
        okng_status status;
    } cases[] = {
        {"", "data.root is missing", OKNG_ERROR_ARGUMENT},
        {"modle:\n  name: patchcore\n", "x.yaml:1: modle: unknown key \"modle\"; did you mean \"model\"?",
         OKNG_ERROR_ARGUMENT},
        {"model:\n  sampler:\n    nmae: greedy\n",
         "x.yaml:3: model.sampler.nmae: unknown key \"model.sampler.nmae\"; did you mean \"model.sampler.name\"?",
         OKNG_ERROR_ARGUMENT},
        {"model:\n  batch_size: 4\n", "did you mean \"data.batch_size\"?", OKNG_ERROR_ARGUMENT},
        {"data:\n  k_shot: four\n", "x.yaml:2: data.k_shot: option k-shot: found \"four\", expected a whole number",
         OKNG_ERROR_ARGUMENT},
        {"data:\n  batch_size: 0\n", "x.yaml:2: data.batch_size: found \"0\", expected a whole number 1..1024",
         OKNG_ERROR_ARGUMENT},
        {"model:\n  device: cuda\n", "x.yaml:2: model.device: found \"cuda\", expected ", OKNG_ERROR_ARGUMENT},
        {"model:\n  sampler:\n    name: best\n", "option sampler: found \"best\"", OKNG_ERROR_ARGUMENT},
        {"model:\n  sampler: greedy\n", "x.yaml:2: model.sampler: found \"greedy\", expected keys below it",
         OKNG_ERROR_ARGUMENT},
        {"model:\n  name:\n    a: b\n", "x.yaml:2: model.name: found keys below it, expected NAME",
         OKNG_ERROR_ARGUMENT},
        {"model:\n  options:\n    smothing: 3\n", "unknown option \"smothing\"; did you mean \"smoothing\"?",
         OKNG_ERROR_ARGUMENT},
        {"model:\n  options:\n    seed: 3\n", "is not set here but by the key experiment.seed", OKNG_ERROR_ARGUMENT},
        {"evaluation:\n  metrics:\n    image_ap: maybe\n", "found \"maybe\", expected true|false", OKNG_ERROR_ARGUMENT},
        {"evaluation:\n  pro_mode: fast\n", "found \"fast\", expected one of exact|steps", OKNG_ERROR_ARGUMENT},
        {"experiment:\n  name: ../up\n", "expected a name without /", OKNG_ERROR_ARGUMENT},
        {"model:\n  nn:\n    k:\n", "model.nn.k: has no value", OKNG_ERROR_ARGUMENT},
        {"model: {nn: {num_workers: 2}}\ndata: {root: d, threads: 3}\n", "data.threads, which is the same",
         OKNG_ERROR_ARGUMENT},
        {"data: {root: d}\nmodel: {pretrained: {strict: true}}\n", "without a model.pretrained.root",
         OKNG_ERROR_ARGUMENT},
        {"data:\n  root: a\n  root: b\n", "data.root is here a second time", OKNG_ERROR_FORMAT},
        {"data: {root: d}\ndata: {k_shot: 1}\n", "x.yaml:2: data is here a second time", OKNG_ERROR_FORMAT},
        {"base:\n  a: b\n", "x.yaml:1: base: found keys below it, expected the name of a file", OKNG_ERROR_ARGUMENT},
        {"data: [root\n", "x.yaml:2: is no YAML: ", OKNG_ERROR_FORMAT},
        {"data:\n  root: caf\xe9\n", "x.yaml:2: found the byte 0xe9, which is no UTF-8", OKNG_ERROR_FORMAT},
        {"data:\n  root: a\x01\n", "x.yaml:2: found the control character 0x01", OKNG_ERROR_FORMAT},
        {"data:\n  ? root\n  : d\n", "x.yaml:2: begins with \"?\"", OKNG_ERROR_FORMAT},
        {"%xpeM\x8e: `< u", "x.yaml:1: found the byte 0x8e", OKNG_ERROR_FORMAT}, /* libfyaml reads it for ever */
        {"experiment:\n  seed: 9223372036854775808\ndata:\n  root: d\n", "experiment.seed is 9223372036854775808",
         OKNG_ERROR_ARGUMENT},
        {"just text\n", "x.yaml:1: found \"just text\", expected sections", OKNG_ERROR_FORMAT},
        {"- a\n", "found a list", OKNG_ERROR_FORMAT},
        {"data:\n  categories: [[a]]\n", "x.yaml:2: a list in a list", OKNG_ERROR_FORMAT},
        {"data: &x\n  root: d\n", "anchors and aliases", OKNG_ERROR_UNSUPPORTED},
        {"data:\n  root: !!python/object:x d\n", "tags are not read", OKNG_ERROR_UNSUPPORTED},
        {"data: {root: d}\n---\ndata: {root: e}\n", "a second document", OKNG_ERROR_FORMAT},
        {"data: {root: \"a\\0b\"}\n", "byte 0", OKNG_ERROR_FORMAT},
        {"a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}}}}}}}}}}}\n", "more than 16",
         OKNG_ERROR_LIMIT},
    };
    tree t = tree_new();
    okng_experiment_config c;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_fails(cases[i].status, cases[i].says, load(&t, &c, cases[i].text, NONE, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "setting data.root: expected key=value",
                 load(&t, &c, "", (const char *const[]){"data.root", NULL}, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "setting data.rot: unknown key \"data.rot\"; did you mean \"data.root\"?",
                 load(&t, &c, "", (const char *const[]){"data.rot=x", NULL}, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "setting base: ", load(&t, &c, "", (const char *const[]){"base=x", NULL}, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "/none.yaml",
                 okng_experiment_config_load(&c, tree_path(&t, "none.yaml"), NULL, 0, error));
    tree_remove(&t);
}

static void a_struct_filled_by_hand_is_checked(void **state)
{
    (void)state;
    okng_experiment_config c;
    okng_experiment_config_init(&c);
    assert_fails(OKNG_ERROR_ARGUMENT, "data.root is missing", okng_experiment_config_check(&c, error));
    (void)strcpy(c.root, "d");
    assert_ok(okng_experiment_config_check(&c, error));
    c.batch_size = 0;
    assert_fails(OKNG_ERROR_ARGUMENT, "data.batch_size: found \"0\"", okng_experiment_config_check(&c, error));
    c.batch_size = 1;
    c.pro_mode = (okng_pro_mode)7;
    assert_fails(OKNG_ERROR_ARGUMENT, "evaluation.pro_mode", okng_experiment_config_check(&c, error));
    c.pro_mode = OKNG_PRO_EXACT;
    c.build.seed = 3;
    assert_fails(OKNG_ERROR_ARGUMENT, "the seeds of the data and of the model differ",
                 okng_experiment_config_check(&c, error));
}

/* ---- what is shipped ---- */

static void shipped_profiles_are_what_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t height, crop;
        double coreset;
        const char *backbone;
    } profiles[] = {
        {"mvtec_patchcore", 0, 0, 0.1, ""}, /* resize auto */
        {"visa_patchcore", 0, 0, 0.1, ""},
        {"mvtec_wr50_224_10", 256, 224, 0.1, "wide_resnet50_2"},
        {"mvtec_wr50_320_1", 366, 320, 0.01, "wide_resnet50_2"},
        {"mvtec_wr50_224_25", 256, 224, 0.25, "wide_resnet50_2"},
        {"mvtec_r18_256_10", 256, 0, 0.1, "resnet18"},
        {"mvtec_winclip", 240, 0, 0.1, "clip-vit-b-16-plus-240"},
        {"visa_winclip", 240, 0, 0.1, "clip-vit-b-16-plus-240"},
        {"mvtec_afclip", 518, 0, 1, "clip-vit-l-14-336"},
        {"visa_afclip", 518, 0, 1, "clip-vit-l-14-336"},
        {"mvtec_afclip_tiny", 512, 0, 1, "clip-tinyclip-8m-16"},
        {"visa_afclip_tiny", 512, 0, 1, "clip-tinyclip-8m-16"},
    };
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
        char path[512];
        okng_experiment_config c;
        (void)snprintf(path, sizeof path, "%s/../../configs/%s.yaml", OKNG_GOLDEN, profiles[i].name);
        assert_ok(okng_experiment_config_load(&c, path, NULL, 0, error));
        assert_int_equal(c.build.resize_height, profiles[i].height);
        assert_int_equal(c.build.crop, profiles[i].crop);
        assert_true(c.build.coreset == profiles[i].coreset);
        assert_string_equal(c.build.backbone, profiles[i].backbone);
    }
}

static void every_key_is_documented(void **state)
{
    (void)state;
    void *text;
    size_t size;
    assert_ok(okng_file_read(OKNG_GOLDEN "/../../docs/experiments.md", 1 << 20, &text, &size, error));
    for (size_t i = 0; i < okng_experiment_table.count; i++) {
        char quoted[128];
        (void)snprintf(quoted, sizeof quoted, "`%s`", okng_experiment_table.rows[i].name);
        if (!memmem(text, size, quoted, strlen(quoted))) fail_msg("docs/experiments.md has no %s", quoted);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_reaches_its_field),
        cmocka_unit_test(the_resolved_configuration_reads_back),
        cmocka_unit_test(the_hash_leaves_out_what_changes_no_figure),
        cmocka_unit_test(a_base_comes_before_and_overrides_after),
        cmocka_unit_test(input_size_agrees_with_resize_and_crop),
        cmocka_unit_test(normalize_takes_words_too),
        cmocka_unit_test(mistakes_are_named_with_their_line),
        cmocka_unit_test(a_struct_filled_by_hand_is_checked),
        cmocka_unit_test(shipped_profiles_are_what_they_say),
        cmocka_unit_test(every_key_is_documented),
    };
    return RUN_TESTS(tests);
}
