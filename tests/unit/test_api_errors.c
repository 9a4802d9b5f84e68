/* Every function of the public headers that takes an okng_error: one that succeeds leaves it as it was, one that fails
 * fills it. The list is taken from the headers, so that a new function without a row here fails the test. */
#include "okng/experimental.h"

#include <ctype.h>

#include "fixture.h"
#include "inspect/handles.h"
#include "made_clip.h"
#include "test.h"

static char root[64] = "/tmp/okng-test-errors-XXXXXX";

static int make_world(void **state)
{
    (void)state;
    if (!mkdtemp(root)) return -1;
    char set[128];
    (void)snprintf(set, sizeof set, "%s/set", root);
    return fixture_write(root, NULL) == OKNG_OK && fixture_write_dataset(set, NULL) == OKNG_OK ? 0 : -1;
}

static int remove_world(void **state)
{
    (void)state;
    return okng_test_remove_tree(root);
}

/* A path below the root; of the last 32 asked for. */
static const char *in(const char *name)
{
    static char paths[32][128];
    static int next;
    char *path = paths[next++ % 32];
    (void)snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

/* ---- the walk ---- */

enum { MOST = 256 };
static const char *walked[MOST];
static size_t walked_count;

static void note(const char *name)
{
    assert_true(walked_count < MOST);
    walked[walked_count++] = name;
}

/* `good` must succeed, and `release` what it made; `bad` must fail, say why, and fail as well for a caller who does not
 * want to know. Both use `error`. */
#define WALK(name, good, release, bad) \
    do {                               \
        note(#name);                   \
        assert_ok(name good);          \
        release;                       \
        refuse(#name, name bad);       \
    } while (0)

#define refuse(name, call)                                                                                        \
    do {                                                                                                          \
        okng_error why_;                                                                                          \
        memset(&why_, 0, sizeof why_);                                                                            \
        okng_error *error = &why_;                                                                                \
        okng_status status_ = (call);                                                                             \
        if (status_ == OKNG_OK) fail_msg("%s: was to fail", name);                                                \
        if (why_.status != status_ || !why_.message[0])                                                           \
            fail_msg("%s: status %d, but the error has %d and says \"%s\"", name, (int)status_, (int)why_.status, \
                     why_.message);                                                                               \
        error = NULL;                                                                                             \
        if ((call) == OKNG_OK) fail_msg("%s: was to fail without an error too", name);                            \
    } while (0)

typedef struct world {
    okng_build_options build;
    okng_picture picture;
    okng_bank *bank;
    okng_result *result;
    okng_array *rows;
    char *text;
} world;

static void walk_options(world *w)
{
    char text[OKNG_PATH_MAX];
    okng_inspect_options inspect;
    okng_dataset_options data;
    okng_option_info option;
    okng_dataset_info type;
    okng_figure_info figure;
    okng_backbone_info backbone;
    okng_build_options_init(&w->build);
    okng_inspect_options_init(&inspect);
    okng_dataset_options_init(&data);
    okng_init(&option);
    okng_init(&type);
    okng_init(&figure);
    okng_init(&backbone);
    WALK(okng_build_info, (&w->text, error), okng_text_free(&w->text), (NULL, error));
    WALK(okng_set_cpu, ("auto", error), (void)0, ("abacus", error));
    WALK(okng_set_language, (root, "en", error), (void)0, (NULL, "en", error));
    WALK(okng_build_options_set, (&w->build, "resize", "32x32", error), (void)0, (&w->build, "resize", "wide", error));
    WALK(okng_build_options_get, (&w->build, "resize", text, sizeof text, error), (void)0,
         (&w->build, "size", text, 8, error));
    WALK(okng_inspect_options_set, (&inspect, "open", "3", error), (void)0, (&inspect, "open", "-3", error));
    WALK(okng_inspect_options_get, (&inspect, "open", text, sizeof text, error), (void)0,
         (&inspect, "size", text, 8, error));
    WALK(okng_dataset_options_set, (&data, "k-shot", "3", error), (void)0, (&data, "k-shot", "few", error));
    WALK(okng_dataset_options_get, (&data, "k-shot", text, sizeof text, error), (void)0,
         (&data, "size", text, 8, error));
    WALK(okng_option_get, (OKNG_OPTIONS_BUILD, 0, &option, error), (void)0,
         (OKNG_OPTIONS_BUILD, 10000, &option, error));
    WALK(okng_dataset_type_get, (0, &type, error), (void)0, (10000, &type, error));
    WALK(okng_figure_get, (0, &figure, error), (void)0, (10000, &figure, error));
    WALK(okng_backbone_get, (0, &backbone, error), (void)0, (10000, &backbone, error));
    WALK(okng_backbone_find, ("okng-s", &backbone, error), (void)0, ("elbow", &backbone, error));
    okng_public_file file = {.struct_size = sizeof file};
    WALK(okng_public_file_find, ("resnet18", &file, error), (void)0, ("elbow", &file, error));
    WALK(okng_public_file_cache, ("clip-vocabulary", text, sizeof text, error), (void)0,
         ("elbow", text, sizeof text, error));
    WALK(okng_backbone_cache, ("resnet18", text, sizeof text, error), (void)0, ("elbow", text, sizeof text, error));
    okng_build_options none = w->build;
    strcpy(none.backbone, "elbow");
    WALK(okng_choose_network, (&w->build, error), (void)0, (&none, error));
}

static void walk_files(world *w)
{
    char hex[65];
    const int64_t shape[2] = {4, 2};
    okng_array *array;
    okng_weights *weights;
    okng_tensor_info tensor;
    okng_picture_list *list;
    okng_left_out left;
    okng_init(&tensor);
    okng_init(&left);
    WALK(okng_file_write, (in("ok/camera.heic"), "....ftypheic", 12, error), (void)0, (in("no/x"), "x", 1, error));
    WALK(okng_file_sha256, (in("ok/camera.heic"), hex, error), (void)0, (in("none"), hex, error));
    WALK(okng_picture_list_open, (&list, in("ok"), error), okng_picture_list_free(&list), (&list, in("none"), error));
    assert_ok(okng_picture_list_open(&list, in("ok"), error));
    WALK(okng_picture_list_left_out, (list, 0, &left, error), (void)0, (list, 1, &left, error));
    okng_picture_list_free(&list);
    assert_int_equal(unlink(in("ok/camera.heic")), 0);
    WALK(okng_array_new, (&w->rows, OKNG_F32, 2, shape, error), (void)0, (&array, OKNG_F32, 99, shape, error));
    for (int i = 0; i < 8; i++) ((float *)okng_array_data(w->rows))[i] = (float)i;
    WALK(okng_array_write_npy, (w->rows, in("rows.npy"), error), (void)0, (w->rows, in("no/rows.npy"), error));
    WALK(okng_array_read_npy, (&array, in("rows.npy"), error), okng_array_free(&array),
         (&array, in("ok/000.png"), error));
    WALK(okng_weights_open, (&weights, in("resnet18.safetensors"), error), okng_weights_close(&weights),
         (&weights, in("ok/000.png"), error));
    assert_ok(okng_weights_open(&weights, in("resnet18.safetensors"), error));
    okng_backbone_fit fit = {.struct_size = sizeof fit};
    WALK(okng_backbone_fit_get, ("resnet18", weights, &fit, error), (void)0, ("resnet50", weights, &fit, error));
    WALK(okng_weights_tensor, (weights, 0, &tensor, error), (void)0, (weights, 100000, &tensor, error));
    okng_error before, after;
    memset(&before, 0x5a, sizeof before);
    after = before;
    note("okng_backbone_fits");
    assert_true(okng_backbone_fits("resnet18", weights, &after) > 0);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(okng_backbone_fits("elbow", weights, &after), 0);
    assert_true(after.status != OKNG_OK && after.message[0]);
    okng_weights_close(&weights);
}

static void walk_rows(world *w)
{
    okng_array *out, *places = NULL;
    okng_index *index;
    okng_build_options half = w->build, none = w->build;
    assert_ok(okng_build_options_set(&half, "coreset", "0.5", error));
    none.coreset = -1;
    WALK(okng_coreset, (&out, w->rows, &half, NULL, NULL, error), okng_array_free(&out),
         (&out, w->rows, &none, NULL, NULL, error));
    WALK(okng_knn, (&out, &places, w->rows, w->rows, 1, OKNG_DISTANCE_L2, 1, error),
         (okng_array_free(&out), okng_array_free(&places)),
         (&out, NULL, w->rows, w->rows, 99, OKNG_DISTANCE_L2, 1, error));
    WALK(okng_knn_file, (&out, &places, in("rows.npy"), w->rows, 1, OKNG_DISTANCE_L2, 0, 1, NULL, NULL, error),
         (okng_array_free(&out), okng_array_free(&places)),
         (&out, NULL, in("no/rows.npy"), w->rows, 1, OKNG_DISTANCE_L2, 0, 1, NULL, NULL, error));
    WALK(okng_index_new, (&index, w->rows, 1, error), okng_index_free(&index), (&index, NULL, 1, error));
    assert_ok(okng_index_new(&index, w->rows, 1, error));
    WALK(okng_index_search, (&out, NULL, index, w->rows, 1, OKNG_DISTANCE_L2, 1, error), okng_array_free(&out),
         (&out, NULL, index, w->rows, 99, OKNG_DISTANCE_L2, 1, error));
    okng_index_free(&index);
}

static void walk_stations(world *w)
{
    okng_array *out;
    okng_embedder *embedder;
    okng_build_options none = w->build;
    okng_picture missing = {.struct_size = sizeof missing, .path = in("none.png")};
    strcpy(none.backbone, "elbow");
    void *bytes;
    size_t size;
    WALK(okng_picture_png, (&w->picture, 0, &bytes, &size, error), okng_bytes_free(&bytes),
         (&w->picture, -1, &bytes, &size, error));
    int32_t width, height;
    WALK(okng_picture_size, (&w->picture, 1 << 30, &width, &height, error), (void)0,
         (&missing, 1 << 30, &width, &height, error));
    WALK(okng_preprocess, (&out, &w->picture, &w->build, error), okng_array_free(&out),
         (&out, &missing, &w->build, error));
    WALK(okng_embed, (&out, &w->picture, &w->build, error), okng_array_free(&out), (&out, &missing, &w->build, error));
    WALK(okng_embedder_open, (&embedder, &w->build, error), okng_embedder_close(&embedder), (&embedder, &none, error));
    WALK(okng_embedder_open_bank, (&embedder, in("bank"), NULL, error), okng_embedder_close(&embedder),
         (&embedder, in("none"), NULL, error));
    assert_ok(okng_embedder_open(&embedder, &w->build, error));
    WALK(okng_embedder_run, (&out, embedder, &w->picture, error), okng_array_free(&out),
         (&out, embedder, &missing, error));
    okng_embedder_close(&embedder);
}

static void walk_encoders(void)
{
    static const char *const texts[] = {"nut"}, *const wrong[] = {"\xff"};
    const okng_picture picture = {.struct_size = sizeof picture, .path = in("ok/000.png")}, *good[] = {&picture};
    const okng_picture missing = {.struct_size = sizeof missing, .path = in("none.png")}, *bad[] = {&missing};
    okng_build_options options, none;
    okng_encoders *encoders;
    okng_encoders_info info = {.struct_size = sizeof info}, unset = {0};
    okng_array *rows, *words, *table;
    assert_true(made_clip(root, "clip-tinyclip-8m-16 clip.safetensors --f16"));
    assert_true(made_clip(root, "--vocabulary bpe_simple_vocab_16e6.txt.gz"));
    okng_build_options_init(&options);
    assert_ok(okng_build_options_set(&options, "backbone", "clip-tinyclip-8m-16", error));
    assert_ok(okng_build_options_set(&options, "weights", in("clip.safetensors"), error));
    assert_ok(okng_build_options_set(&options, "resize", "32x32", error));
    none = options;
    strcpy(none.backbone, "elbow");
    WALK(okng_encoders_open, (&encoders, &options, error), okng_encoders_close(&encoders), (&encoders, &none, error));
    assert_ok(okng_encoders_open(&encoders, &options, error));
    WALK(okng_encoders_get_info, (encoders, &info, error), (void)0, (encoders, &unset, error));
    WALK(okng_encoders_texts, (&rows, encoders, texts, 1, NULL, 0, NULL, NULL, error), okng_array_free(&rows),
         (&rows, encoders, wrong, 1, NULL, 0, NULL, NULL, error));
    WALK(okng_encoders_pictures, (&rows, encoders, good, 1, 0, NULL, NULL, error), okng_array_free(&rows),
         (&rows, encoders, bad, 1, 0, NULL, NULL, error));
    WALK(okng_encoders_patches, (&rows, encoders, &picture, error), okng_array_free(&rows),
         (&rows, encoders, &missing, error));
    assert_ok(okng_encoders_texts(&rows, encoders, texts, 1, NULL, 0, NULL, NULL, error));
    assert_ok(okng_encoders_texts(&words, encoders, texts, 1, NULL, 0, NULL, NULL, error));
    WALK(okng_similarity, (&table, rows, words, 0, error), okng_array_free(&table), (&table, rows, words, -1, error));
    okng_array_free(&rows);
    okng_array_free(&words);
    okng_encoders_close(&encoders);
}

static void walk_tokenizer(void)
{
    okng_tokenizer *tokenizer;
    char path[OKNG_PATH_MAX];
    int32_t ids[OKNG_TEXT_TOKENS], length;
    WALK(okng_vocabulary_find, (NULL, in("clip.safetensors"), path, error), (void)0, (NULL, NULL, NULL, error));
    WALK(okng_tokenizer_open, (&tokenizer, path, error), okng_tokenizer_close(&tokenizer),
         (&tokenizer, in("none"), error));
    assert_ok(okng_tokenizer_open(&tokenizer, path, error));
    WALK(okng_tokenizer_encode, (tokenizer, "nut", NULL, ids, &length, NULL, error), (void)0,
         (tokenizer, "\xff", NULL, ids, &length, NULL, error));
    okng_tokenizer_close(&tokenizer);
}

static void walk_building(world *w)
{
    okng_picture pictures[2] = {{.struct_size = sizeof pictures[0], .path = in("ok/000.png")},
                                {.struct_size = sizeof pictures[0], .path = in("ok/001.png")}};
    const okng_picture *const some[] = {&pictures[0], &pictures[1]};
    const char *const paths[] = {in("ok/000.png"), in("ok/001.png")}, *const gone[] = {in("none.png")};
    okng_build_folder_options folder;
    okng_build_report report;
    okng_init(&folder);
    okng_init(&report);
    folder.build = &w->build;
    folder.report = 1;
    WALK(okng_build, (some, 2, in("first"), &w->build, NULL, NULL, &report, error), (void)0,
         (some, 0, in("first"), &w->build, NULL, NULL, &report, error));
    WALK(okng_build_paths, (paths, 2, in("second"), &w->build, NULL, NULL, &report, error), (void)0,
         (gone, 1, in("second"), &w->build, NULL, NULL, &report, error));
    okng_bank *made;
    okng_method_info method;
    okng_init(&method);
    WALK(okng_bank_make, (&made, paths, 2, &w->build, NULL, NULL, &report, error), okng_bank_close(&made),
         (&made, paths, 0, &w->build, NULL, NULL, &report, error));
    WALK(okng_method_info_of, ("patchcore", &method, error), (void)0, ("none", &method, error));
    WALK(okng_build_folder, (in("ok"), in("bank"), &folder, NULL, NULL, NULL, &report, error), (void)0,
         (in("none"), in("bank"), &folder, NULL, NULL, NULL, &report, error));
}

static void walk_banks(world *w)
{
    okng_bank *none;
    okng_bank_info info;
    okng_doubtful doubtful;
    okng_bank_choice choice;
    okng_init(&info);
    okng_init(&doubtful);
    okng_init(&choice);
    choice.by = "a test";
    choice.image = 3;
    choice.sets_image = 1;
    WALK(okng_bank_choose, (in("bank"), &choice, error), (void)0, (in("none"), &choice, error));
    WALK(okng_bank_open, (&w->bank, in("bank"), NULL, error), (void)0, (&none, in("none"), NULL, error));
    WALK(okng_bank_describe, (in("bank"), &w->text, error), okng_text_free(&w->text), (in("none"), &w->text, error));
    WALK(okng_bank_get_info, (w->bank, &info, error), (void)0, (w->bank, NULL, error));
    WALK(okng_bank_doubtful, (w->bank, 0, &doubtful, error), (void)0, (w->bank, 1000, &doubtful, error));
    WALK(okng_bank_picture_path, (w->bank, doubtful.name, &w->text, error), okng_text_free(&w->text),
         (w->bank, "none.png", &w->text, error));
}

static void walk_growing(world *w)
{
    const char *const others[] = {in("ok/002.png"), in("ok/003.png")};
    okng_grow_options aside, fewer;
    okng_grow_report report;
    okng_init(&aside);
    okng_init(&fewer);
    okng_init(&report);
    aside.out_dir = in("grown");
    fewer.out_dir = in("grown");
    fewer.coreset_size = 1;
    assert_ok(okng_build_paths(others, 2, in("others"), &w->build, NULL, NULL, NULL, error));
    WALK(okng_bank_add, (in("second"), in("ok"), NULL, NULL, NULL, &report, error), (void)0,
         (in("none"), in("ok"), NULL, NULL, NULL, &report, error));
    WALK(okng_bank_merge, (in("first"), in("others"), &aside, NULL, NULL, &report, error), (void)0,
         (in("first"), in("first"), &aside, NULL, NULL, &report, error));
    WALK(okng_bank_shrink, (in("second"), &fewer, NULL, NULL, &report, error), (void)0,
         (in("second"), &aside, NULL, NULL, &report, error));
    WALK(okng_bank_create, (in("first/memory_bank.pt"), in("grown"), &w->build, NULL, NULL, NULL, &report, error),
         (void)0, (in("none"), in("grown"), &w->build, NULL, NULL, NULL, &report, error));
    WALK(okng_bank_diff, (in("first"), in("second"), 1, NULL, NULL, &w->text, error), okng_text_free(&w->text),
         (in("first"), in("none"), 1, NULL, NULL, &w->text, error));
    okng_build_options resnet = w->build;
    assert_ok(okng_build_options_set(&resnet, "backbone", "resnet18", error));
    assert_ok(okng_build_options_set(&resnet, "weights", in("resnet18.safetensors"), error));
    const okng_build_folder_options folder = {.struct_size = sizeof folder, .build = &resnet};
    assert_ok(okng_build_folder(in("ok"), in("named"), &folder, NULL, NULL, NULL, NULL, error));
    WALK(okng_bank_rename_weights, (in("named"), in("resnet18.safetensors"), error), (void)0,
         (in("named"), in("rows.npy"), error));
}

static void walk_regions(world *w)
{
    const okng_roi part = {.struct_size = sizeof part, .name = "part", .x = 8, .y = 8, .width = 40, .height = 40};
    const okng_roi beyond = {.struct_size = sizeof beyond, .name = "part", .width = 4000, .height = 40};
    const okng_roi *good[] = {&part}, *bad[] = {&beyond};
    okng_picture missing = {.struct_size = sizeof missing, .path = in("none.png")};
    okng_build_options build = w->build;
    okng_finder *finder, *none;
    okng_finds *finds, *nothing;
    okng_found_roi found;
    okng_bank *bank;
    okng_roi roi;
    okng_init(&found);
    okng_init(&roi);
    WALK(okng_finder_open, (&finder, &w->picture, good, 1, NULL, error), (void)0,
         (&none, &w->picture, bad, 1, NULL, error));
    WALK(okng_finder_find, (&finds, finder, &w->picture, error), (void)0, (&nothing, finder, &missing, error));
    WALK(okng_finds_get, (finds, 0, &found, error), (void)0, (finds, 1, &found, error));
    okng_finds_free(&finds);
    okng_finder_close(&finder);
    const char *const pictures[] = {in("ok/000.png"), in("ok/000.png")};
    assert_ok(okng_build_options_set(&build, "roi", "8,8,40,40", error));
    assert_ok(okng_build_paths(pictures, 2, in("regions"), &build, NULL, NULL, NULL, error));
    assert_ok(okng_bank_open(&bank, in("regions"), NULL, error));
    WALK(okng_bank_roi, (bank, 0, &roi, error), (void)0, (bank, 1, &roi, error));
    okng_bank_close(&bank);
}

static void walk_inspection(world *w)
{
    okng_inspect_options options;
    okng_region region;
    okng_reason reason;
    okng_result *none;
    okng_picture bad = {.struct_size = sizeof bad, .path = in("ng/000.png")}, missing = bad;
    void *bytes;
    size_t size;
    missing.path = in("none.png");
    okng_inspect_options_init(&options);
    options.threshold_pixel = 0; /* so that there are regions */
    okng_init(&region);
    okng_init(&reason);
    WALK(okng_inspect, (&w->result, w->bank, &bad, &options, error), (void)0,
         (&none, w->bank, &missing, &options, error));
    assert_true(okng_result_region_count(w->result) > 0);
    WALK(okng_result_region, (w->result, 0, &region, error), (void)0, (w->result, 100000, &region, error));
    WALK(okng_result_reason, (w->result, 0, &reason, error), (void)0, (w->result, 100000, &reason, error));
    okng_roi_result found = {.box = {.name = "pin", .width = 8, .height = 8}, .found = true, .match.pose.scale = 1};
    const okng_result with = {.rois = &found, .roi_count = 1};
    okng_found_roi roi;
    okng_init(&roi);
    WALK(okng_result_roi, (&with, 0, &roi, error), (void)0, (&with, 1, &roi, error));
    const okng_result through = {.window = {.kind = OKNG_WINDOW_WORDS, .scale = 2, .x = 3, .width = 4},
                                 .scale = 1,
                                 .full_width = 9,
                                 .full_height = 9};
    okng_seen_window window;
    okng_init(&window);
    WALK(okng_result_window, (&through, &window, error), (void)0, (w->result, &window, error));
    assert_true(window.scale == 2 && window.x == 3 && window.width == 4 && strcmp(window.by, "words") == 0);
    WALK(okng_result_save, (w->result, in("one"), OKNG_SAVE_PICTURES | OKNG_SAVE_MAP, &w->picture, error), (void)0,
         (w->result, in("ok/000.png/one"), OKNG_SAVE_PICTURES, NULL, error));
    WALK(okng_result_png, (w->result, OKNG_PICTURE_OVERLAY, &bytes, &size, error), okng_bytes_free(&bytes),
         (w->result, (okng_result_picture)99, &bytes, &size, error));
    WALK(okng_result_json, (w->result, &w->text, error), okng_text_free(&w->text), (NULL, &w->text, error));
}

static void walk_folders(world *w)
{
    okng_folder_options options;
    okng_folder_report report;
    const char *const paths[] = {in("ok/000.png"), in("ng")}, *const gone[] = {in("none")};
    okng_init(&options);
    okng_init(&report);
    options.report = 1;
    WALK(okng_inspect_folder, (w->bank, in("ok"), in("out"), &options, NULL, NULL, NULL, &report, error), (void)0,
         (w->bank, in("none"), in("out"), &options, NULL, NULL, NULL, &report, error));
    WALK(okng_inspect_paths, (w->bank, paths, 2, in("out2"), &options, NULL, NULL, NULL, &report, error), (void)0,
         (w->bank, gone, 1, in("out2"), &options, NULL, NULL, NULL, &report, error));
    okng_tune_options tune;
    okng_init(&tune);
    tune.ng = &paths[1];
    tune.ng_count = 1;
    tune.page = in("tuned");
    WALK(okng_tune, (in("bank"), &tune, NULL, NULL, &w->text, error), okng_text_free(&w->text),
         (in("none"), &tune, NULL, NULL, &w->text, error));
}

static void walk_imports(world *w)
{
    okng_import_list *list;
    okng_import_options options;
    okng_import_report report;
    okng_init(&options);
    okng_init(&report);
    options.weights = in("resnet18.safetensors");
    options.resize = "72";
    const char *golden = OKNG_GOLDEN "/import/single";
    WALK(okng_import_list_open, (&list, golden, error), okng_import_list_free(&list), (&list, root, error));
    WALK(okng_import, (OKNG_IMPORT_PATCHCORE_INSPECTION, golden, in("imported"), &options, NULL, NULL, &report, error),
         (void)0, (OKNG_IMPORT_PATCHCORE_INSPECTION, in("ok"), in("imported"), &options, NULL, NULL, &report, error));
    (void)w;
}

static void walk_metrics(world *w)
{
    static const double scores[] = {1, 2};
    static const uint8_t labels[] = {0, 1}, mask[] = {0, 0, 0, 1};
    static const float map[] = {0, 1, 2, 3};
    const int64_t shape[2] = {2, 2};
    okng_metrics m;
    okng_pixel_metrics *pixels;
    okng_array *array;
    okng_metrics_init(&m);
    assert_ok(okng_file_write(in("scores.csv"), "path,score,label\na,1,0\nb,2,1\n", 29, error));
    assert_ok(okng_make_folders(in("maps"), error));
    assert_ok(okng_make_folders(in("masks"), error));
    assert_ok(okng_array_new(&array, OKNG_F32, 2, shape, error));
    assert_ok(okng_array_write_npy(array, in("maps/a.npy"), error));
    okng_array_free(&array);
    WALK(okng_metrics_scores, (scores, labels, 2, &m, error), (void)0, (scores, labels, 2, NULL, error));
    WALK(okng_metrics_read_scores, (in("scores.csv"), &m, error), (void)0, (in("ok/000.png"), &m, error));
    WALK(okng_metrics_read_maps, (in("maps"), in("masks"), OKNG_PRO_EXACT, 1, NULL, NULL, &m, error), (void)0,
         (in("none"), in("masks"), OKNG_PRO_EXACT, 1, NULL, NULL, &m, error));
    WALK(okng_pixel_metrics_new, (&pixels, OKNG_PRO_EXACT, 1, error), (void)0, (NULL, OKNG_PRO_EXACT, 1, error));
    WALK(okng_pixel_metrics_add, (pixels, map, mask, 2, 2, error), (void)0, (pixels, map, mask, 0, 2, error));
    WALK(okng_pixel_metrics_finish, (pixels, &m, error), (void)0, (NULL, &m, error));
    okng_pixel_metrics_free(&pixels);
    (void)w;
}

static void walk_data(world *w)
{
    okng_dataset *dataset;
    okng_samples *samples;
    static uint8_t mask[FIXTURE_WIDTH * FIXTURE_HEIGHT];
    WALK(okng_dataset_open, (&dataset, "mvtec", in("set"), NULL, error), okng_dataset_close(&dataset),
         (&dataset, "mvtec", in("ok"), NULL, error));
    assert_ok(okng_dataset_open(&dataset, "mvtec", in("set"), NULL, error));
    WALK(okng_samples_open, (&samples, dataset, "cloth", error), okng_samples_free(&samples),
         (&samples, dataset, "silk", error));
    assert_ok(okng_samples_open(&samples, dataset, "cloth", error));
    const okng_sample *bad = NULL;
    for (size_t i = 0; i < okng_samples_count(samples) && !bad; i++)
        if (okng_samples_get(samples, i)->label) bad = okng_samples_get(samples, i);
    assert_non_null(bad);
    WALK(okng_sample_mask, (bad, FIXTURE_WIDTH, FIXTURE_HEIGHT, mask, error), (void)0, (bad, 1, 1, mask, error));
    okng_samples_free(&samples);
    okng_dataset_close(&dataset);
    WALK(okng_demo_write, (in("demo"), "washer", 1, 1, NULL, NULL, error), (void)0,
         (in("demo"), "anvil", 1, 1, NULL, NULL, error));
    (void)w;
}

static void write_and_free(const char *path, char **text)
{
    assert_ok(okng_file_write(path, *text, strlen(*text), error));
    okng_text_free(text);
}

static void walk_experiments(world *w)
{
    okng_experiment *experiment, *none;
    okng_experiment_setup setup;
    okng_category_info category;
    okng_plot_info plot;
    okng_build_options build;
    const char *const settings[] = {"data.k_shot=4"}, *const wrong[] = {"data.k_shot=few"}, *dirs[] = {in("results")},
                      *gone[] = {in("none")};
    okng_init(&setup);
    okng_init(&category);
    okng_init(&plot);
    okng_build_options_init(&build);
    setup.output_root = in("results");
    setup.root = in("set");
    setup.build = &w->build;
    setup.latency_runs = -1;
    setup.examples = 1;
    WALK(okng_experiment_new, (&experiment, &setup, error), (void)0, (NULL, &setup, error));
    WALK(okng_experiment_get_build, (experiment, &build, error), (void)0, (experiment, NULL, error));
    WALK(okng_experiment_set_build, (experiment, &build, error), (void)0, (NULL, &build, error));
    WALK(okng_experiment_yaml, (experiment, &w->text, error), write_and_free(in("run.yaml"), &w->text),
         (NULL, &w->text, error));
    WALK(okng_experiment_load, (&none, in("run.yaml"), settings, 1, error), okng_experiment_free(&none),
         (&none, in("run.yaml"), wrong, 1, error));
    refuse("okng_experiment_json", okng_experiment_json(experiment, &w->text, error));
    WALK(okng_experiment_run, (experiment, 0, NULL, NULL, NULL, error), (void)0, (NULL, 0, NULL, NULL, NULL, error));
    WALK(okng_experiment_json, (experiment, &w->text, error), okng_text_free(&w->text), (experiment, NULL, error));
    WALK(okng_experiment_category, (experiment, 0, &category, error), (void)0, (experiment, 99, &category, error));
    WALK(okng_collect, (dirs, 1, 1, OKNG_TABLE_JSON, &w->text, error), okng_text_free(&w->text),
         (gone, 1, 1, OKNG_TABLE_CSV, &w->text, error));
    WALK(okng_plot, (in("results"), &plot, error), (void)0, (in("none"), &plot, error));
    okng_experiment_free(&experiment);
}

static void walk_measuring(world *w)
{
    okng_bench_inputs inputs;
    okng_init(&inputs);
    inputs.made_rows = 64;
    inputs.made_dim = 8;
    inputs.repeats = 1;
    WALK(okng_bench, ("coreset", &inputs, &w->build, NULL, NULL, &w->text, error), okng_text_free(&w->text),
         ("patience", &inputs, &w->build, NULL, NULL, &w->text, error));
    okng_advice *advice;
    okng_advice_info info;
    okng_advice_size size;
    const char *ok[FIXTURE_OK], *ng[] = {in("ng/000.png")};
    char names[FIXTURE_OK][128];
    for (int i = 0; i < FIXTURE_OK; i++) {
        (void)snprintf(names[i], sizeof names[i], "%s/ok/%03d.png", root, i);
        ok[i] = names[i];
    }
    okng_init(&info);
    okng_init(&size);
    okng_build_options few = w->build;
    assert_ok(okng_build_options_set(&few, "coreset-size", "4", error));
    assert_ok(
        okng_build_options_set(&few, "patch-stride", "2", error)); /* leave-one-out goes through all pairs of patches */
    WALK(okng_advise, (&advice, ok, FIXTURE_OK, ng, 1, &few, NULL, NULL, error), okng_advice_free(&advice),
         (&advice, ok, 2, ng, 1, &few, NULL, NULL, error));
    assert_ok(okng_advise(&advice, ok, FIXTURE_OK, ng, 1, &few, NULL, NULL, error));
    WALK(okng_advice_get_info, (advice, &info, error), (void)0, (NULL, &info, error));
    WALK(okng_advice_get_size, (advice, 0, &size, error), (void)0, (advice, 99, &size, error));
    okng_advice_free(&advice);
}

/* What CLIP weights walk_encoders has made; the checkpoint that is trained is imported again. */
static void walk_training(void)
{
    char data[128], weights[128];
    (void)snprintf(data, sizeof data, "data.root=%s/set", root);
    (void)snprintf(weights, sizeof weights, "model.weights=%s/clip.safetensors", root);
    char out[128];
    (void)snprintf(out, sizeof out, "training.out=%s/trained", root);
    const char *settings[] = {
        data, weights, out, "model.backbone=clip-tinyclip-8m-16", "model.resolution=32", "training.max_steps=1",
    };
    okng_train_options options, none;
    okng_train_report trained;
    okng_afclip_files files, swapped;
    okng_afclip_report report;
    okng_init(&options);
    okng_init(&trained);
    okng_init(&files);
    okng_init(&report);
    options.settings = settings;
    options.setting_count = sizeof settings / sizeof *settings;
    none = options;
    none.config = in("none.yaml");
    WALK(okng_train_afclip, (&options, NULL, NULL, NULL, &trained, error), (void)0,
         (&none, NULL, NULL, NULL, &trained, error));
    files.prompt = files.adapter = in("trained/afclip.safetensors");
    swapped = files;
    swapped.adapter = in("none.pt");
    WALK(okng_import_afclip, (&files, in("imported"), &report, error), (void)0,
         (&swapped, in("imported"), &report, error));
}

/* ---- what the headers declare ---- */

static bool is_walked(const char *name)
{
    for (size_t i = 0; i < walked_count; i++)
        if (strcmp(walked[i], name) == 0) return true;
    return false;
}

/* Goes through the declarations of a header; returns how many take an error. */
static size_t check_header(const char *path)
{
    void *data;
    size_t size, found = 0;
    assert_ok(okng_file_read(path, 1 << 20, &data, &size, error));
    char *text = calloc(size + 1, 1), *at = text;
    assert_non_null(text);
    memcpy(text, data, size);
    free(data);
    while ((at = strstr(at, "\nOKNG_API "))) {
        char *end = strchr(at, ';'), *open = strchr(at, '('), *name = open;
        assert_true(end && open && open < end);
        *end = *open = '\0';
        while (isalnum((unsigned char)name[-1]) || name[-1] == '_') name--;
        bool takes = strstr(open + 1, "okng_error *") != NULL;
        found += takes;
        if (takes && !is_walked(name)) fail_msg("%s: %s has no row in this test", path, name);
        at = end + 1;
    }
    free(text);
    return found;
}

/* Ed25519, of this test alone. */
static const char private_key[] = "-----BEGIN PRIVATE KEY-----\n"
                                  "MC4CAQAwBQYDK2VwBCIEIFcKqKtPtNLTKKOt1vlBfrc10x7OlNt88CKGt4Yv09e4\n"
                                  "-----END PRIVATE KEY-----\n";
static const char public_key[] = "-----BEGIN PUBLIC KEY-----\n"
                                 "MCowBQYDK2VwAyEARDZgah4ZyV0+j6BHZyOpll+ZgCSey2kAFu4nvf524mw=\n"
                                 "-----END PUBLIC KEY-----\n";

/* Banks that leave: as models of other runtimes, as recipes. */
static void walk_leaving(world *w)
{
    okng_export_options model, none;
    okng_export_report written;
    okng_verify_options how;
    okng_verify_report compared;
    okng_pack_options pack;
    okng_bank *frozen;
    okng_init(&model);
    okng_init(&written);
    okng_init(&how);
    okng_init(&compared);
    okng_init(&pack);
    none = model;
    model.out = in("models");
    how.count = 1;
    how.pictures = &w->picture;
    char key[128];
    (void)snprintf(key, sizeof key, "%s/key.pem", root);
    pack.sign = key;
    assert_ok(okng_file_write(key, private_key, strlen(private_key), error));
    assert_ok(okng_file_write(in("key.pub"), public_key, strlen(public_key), error));
    WALK(okng_bank_export, (w->bank, &model, &written, error), (void)0, (w->bank, &none, &written, error));
    WALK(okng_export_verify, (w->bank, written.file, &how, &compared, error), (void)0,
         (w->bank, in("ok/000.png"), &how, &compared, error));
    WALK(okng_recipe_pack, (in("bank"), in("part.okng"), &pack, error), (void)0,
         (in("none"), in("part.okng"), &pack, error));
    okng_bank_run_options run;
    okng_init(&run);
    run.device = "cpu";
    WALK(okng_bank_open_to_run, (&frozen, in("part.okng"), &run, error), okng_bank_close(&frozen),
         (&frozen, in("none"), NULL, error));
    WALK(okng_bank_open_signed, (&frozen, in("part.okng"), in("key.pub"), error), okng_bank_close(&frozen),
         (&frozen, in("part.okng"), in("ok/000.png"), error));
}

/* A rank that hears at once that all is over. */
static const char *rank_name(void *context, int32_t rank)
{
    (void)context;
    return rank == 0 ? "rank 0" : "rank 1";
}

static okng_status hear_the_end(void *context, int32_t from, int32_t tag, int32_t *sender, void **bytes, size_t *size,
                                okng_error *error)
{
    (void)context, (void)from, (void)tag, (void)sender, (void)error;
    *size = 0;
    *bytes = malloc(1);
    return OKNG_OK;
}

static void walk_ranks(void)
{
    okng_ranks alone, second;
    okng_init(&alone);
    alone.count = 1;
    alone.name = rank_name;
    second = alone;
    second.count = 2;
    second.rank = 1;
    second.receive = hear_the_end;
    WALK(okng_ranks_lead, (&alone, error), okng_ranks_dismiss(&alone), (&second, error));
    WALK(okng_ranks_follow, (&second, error), (void)0, (&alone, error));
}

static void walk_routing(const world *w)
{
    char paths[2][128];
    okng_router *router;
    okng_routes *routes;
    for (int i = 0; i < 2; i++) (void)snprintf(paths[i], sizeof paths[i], "%s/ok/00%d.png", root, i);
    const char *const good[] = {paths[0], paths[1]};
    WALK(okng_router_new, (&router, error), okng_router_free(&router), (NULL, error));
    assert_ok(okng_router_new(&router, error));
    WALK(okng_router_learn, (router, in("bank"), good, 2, error), (void)0, (router, in("bank"), good, 1, error));
    WALK(okng_router_set, (router, "bank", in("bank"), error), (void)0, (router, "bank", in("none"), error));
    WALK(okng_router_find, (&routes, router, &w->picture, error), okng_routes_free(&routes),
         (&routes, router, NULL, error));
    okng_router_free(&router);
}

static void errors_are_untouched_on_success_and_filled_on_failure(void **state)
{
    (void)state;
    world w = {0};
    walk_options(&w);
    w.picture = (okng_picture){.struct_size = sizeof w.picture, .path = strdup(in("ok/000.png"))};
    walk_files(&w);
    walk_rows(&w);
    walk_building(&w);
    walk_stations(&w);
    walk_encoders();
    walk_tokenizer();
    walk_banks(&w);
    walk_growing(&w);
    walk_leaving(&w);
    walk_regions(&w);
    walk_inspection(&w);
    walk_folders(&w);
    walk_imports(&w);
    walk_metrics(&w);
    walk_data(&w);
    walk_experiments(&w);
    walk_measuring(&w);
    walk_training();
    walk_routing(&w);
    walk_ranks();
    size_t found = check_header(OKNG_GOLDEN "/../../include/okng/okng.h") +
                   check_header(OKNG_GOLDEN "/../../include/okng/experimental.h");
    assert_int_equal(found, walked_count);
    okng_result_free(&w.result);
    okng_bank_close(&w.bank);
    okng_array_free(&w.rows);
    okng_text_free(&w.text);
    free((void *)w.picture.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(errors_are_untouched_on_success_and_filled_on_failure, make_world,
                                        remove_world),
    };
    return RUN_TESTS(tests);
}
