/* An experiment over a small data set: what it leaves, that it goes on where it was, and what stops it. */
#include <dirent.h>
#include <sys/stat.h>

#include "base/json.h"
#include "experiment/run.h"
#include "fixture.h"
#include "model/methods.h"
#include "test.h"

static char folder[64];

static int make_fixture(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/okng-test-run-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    char mvtec[128];
    okng_error error;
    (void)snprintf(mvtec, sizeof mvtec, "%s/mvtec", folder);
    if (fixture_write_weights(folder, &error) != OKNG_OK) return -1;
    return fixture_write_dataset(mvtec, &error) == OKNG_OK ? 0 : -1;
}

static int remove_fixture(void **state)
{
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static const char *path_of(const char *name)
{
    static char paths[4][320];
    static int next;
    next = (next + 1) % 4;
    (void)snprintf(paths[next], sizeof paths[next], "%.63s/%.255s", folder, name);
    return paths[next];
}

static okng_experiment_config small_config(const char *name)
{
    okng_experiment_config config;
    okng_experiment_config_init(&config);
    (void)snprintf(config.name, sizeof config.name, "%s", name);
    (void)snprintf(config.output_root, sizeof config.output_root, "%s", path_of("results"));
    (void)snprintf(config.root, sizeof config.root, "%s", path_of("mvtec"));
    strcpy(config.build.backbone, "resnet18");
    (void)snprintf(config.build.weights, sizeof config.build.weights, "%s", path_of("resnet18.safetensors"));
    config.build.resize_mode = OKNG_RESIZE_EXACT;
    config.build.resize_height = config.build.resize_width = 64;
    config.latency_runs = 2;
    config.latency_warmup = 1;
    config.num_examples = 4;
    config.save_overlay = config.save_anomaly_map = true;
    return config;
}

typedef struct heard {
    int started, finished, skipped, failed, warnings;
    char text[1024];
} heard;

static void listen(const okng_experiment_event *event, void *user)
{
    heard *h = user;
    h->started += event->kind == OKNG_EXPERIMENT_STARTED;
    h->finished += event->kind == OKNG_EXPERIMENT_FINISHED;
    h->skipped += event->kind == OKNG_EXPERIMENT_SKIPPED;
    h->failed += event->kind == OKNG_EXPERIMENT_FAILED;
    h->warnings += event->kind == OKNG_EXPERIMENT_WARNING;
    if (event->text) (void)snprintf(h->text, sizeof h->text, "%s", event->text);
    assert_int_equal(event->count, 2);
    assert_non_null(event->info->category);
}

static okng_status run_ticked(const okng_experiment_config *config, unsigned flags, okng_ticker *ticker, heard *h,
                              okng_error *error)
{
    *h = (heard){0};
    okng_run run = {.config = config,
                    .versions = "{\"version\": \"test\"}",
                    .flags = flags,
                    .ticker = ticker,
                    .listener = listen,
                    .user = h};
    okng_status status = okng_run_open(&run, error);
    if (status == OKNG_OK) status = okng_run_all(&run, error);
    okng_run_close(&run);
    return status;
}

static okng_status run(const okng_experiment_config *config, unsigned flags, heard *h, okng_error *error)
{
    return run_ticked(config, flags, NULL, h, error);
}

static json_t *read_json(const char *name)
{
    json_t *document;
    assert_ok(okng_json_read(&document, path_of(name), &okng_json_small, error));
    return document;
}

static bool exists(const char *name)
{
    return access(path_of(name), F_OK) == 0;
}

static ino_t inode(const char *name)
{
    struct stat info;
    assert_int_equal(stat(path_of(name), &info), 0);
    return info.st_ino;
}

#define FIRST "results/mvtec/patchcore/first/"

static void a_run_leaves_everything(void **state)
{
    (void)state;
    heard h;
    okng_experiment_config config = small_config("first");
    assert_ok(run(&config, 0, &h, error));
    assert_int_equal(h.started, 2);
    assert_int_equal(h.finished, 2);
    assert_int_equal(h.warnings, 0);
    static const char *const files[] = {"config.yaml",
                                        "versions.json",
                                        "summary_metrics.csv",
                                        "metrics.json",
                                        "report.html",
                                        "cloth/metrics.csv",
                                        "weave/metrics.csv",
                                        "cloth/bank/memory_bank.pt",
                                        "weave/overlays/test/scratch/002.png",
                                        "weave/anomaly_maps/test/scratch/002.npy",
                                        "weave/anomaly_maps/test/scratch/002.png"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char name[256];
        (void)snprintf(name, sizeof name, FIRST "%s", files[i]);
        if (!exists(name)) fail_msg("%s is missing", name);
    }
    assert_false(exists(FIRST ".okng-lock"));
}

static void figures_are_in_range_and_complete(void **state)
{
    (void)state;
    okng_category_figures result;
    assert_ok(okng_category_figures_read(&result, path_of(FIRST "weave/metrics.json"), error));
    assert_string_equal(result.name, "weave");
    assert_int_equal(result.values[OKNG_FIGURE_TRAIN_IMAGES], FIXTURE_TRAIN);
    assert_int_equal(result.values[OKNG_FIGURE_TEST_IMAGES], FIXTURE_TEST_GOOD + FIXTURE_TEST_BAD);
    assert_int_equal(result.values[OKNG_FIGURE_DEFECTS], FIXTURE_TEST_BAD);
    assert_true(result.values[OKNG_FIGURE_IMAGE_AUROC] > 0.9 && result.values[OKNG_FIGURE_PIXEL_AUROC] > 0.8);
    assert_true(result.values[OKNG_FIGURE_PIXEL_AUROC_CROP] > 0.8);
    assert_true(result.values[OKNG_FIGURE_AUPRO_30] > 0 &&
                result.values[OKNG_FIGURE_AUPRO_05] <= result.values[OKNG_FIGURE_AUPRO_30]);
    assert_true(result.values[OKNG_FIGURE_LATENCY_P50] > 0 &&
                result.values[OKNG_FIGURE_LATENCY_P99] >= result.values[OKNG_FIGURE_LATENCY_P50] &&
                result.values[OKNG_FIGURE_LATENCY_RUNS] == 2);
    double stages = 0;
    for (int i = 0; i < OKNG_STAGE_COUNT; i++) stages += result.values[OKNG_FIGURE_STAGE_DECODE + i];
    assert_true(stages <= result.values[OKNG_FIGURE_LATENCY_MEAN] * 1.001 &&
                stages >= result.values[OKNG_FIGURE_LATENCY_MEAN] * 0.5);
    assert_true(result.values[OKNG_FIGURE_THROUGHPUT] > 0 && result.values[OKNG_FIGURE_PEAK_BYTES] > 1 << 20);
    assert_true(result.values[OKNG_FIGURE_BANK_ROWS] * result.values[OKNG_FIGURE_BANK_DIM] * 4 ==
                    result.values[OKNG_FIGURE_BANK_BYTES] &&
                result.values[OKNG_FIGURE_PARAMETERS] > 0);
}

static void scores_are_of_every_picture_and_name_what_was_drawn(void **state)
{
    (void)state;
    json_t *document = read_json(FIRST "cloth/scores.json");
    const json_t *pictures = json_object_get(document, "pictures");
    assert_int_equal(json_array_size(pictures), FIXTURE_TEST_GOOD + FIXTURE_TEST_BAD);
    double threshold = json_number_value(json_object_get(document, "threshold"));
    size_t drawn = 0;
    for (size_t i = 0; i < json_array_size(pictures); i++) {
        const json_t *row = json_array_get(pictures, i);
        const char *verdict = json_string_value(json_object_get(row, "verdict"));
        bool ng = json_number_value(json_object_get(row, "score")) > threshold;
        assert_string_equal(verdict, ng ? "NG" : "OK");
        bool bad = strstr(json_string_value(json_object_get(row, "name")), "scratch") != NULL;
        assert_int_equal(json_integer_value(json_object_get(row, "label")), bad);
        const char *overlay = json_string_value(json_object_get(row, "overlay"));
        if (!overlay) continue;
        char name[256];
        (void)snprintf(name, sizeof name, FIRST "cloth/%.200s", overlay);
        assert_true(exists(name));
        drawn++;
    }
    assert_int_equal(drawn, 4);
    json_decref(document);
}

static void what_is_finished_is_passed_over(void **state)
{
    (void)state;
    heard h;
    okng_experiment_config config = small_config("first");
    assert_int_equal(unlink(path_of(FIRST "weave/metrics.json")), 0); /* as a kill in the middle leaves it */
    ino_t before = inode(FIRST "cloth/metrics.json");
    assert_ok(run(&config, 0, &h, error));
    assert_int_equal(h.skipped, 1);
    assert_int_equal(h.finished, 1);
    assert_true(inode(FIRST "cloth/metrics.json") == before);
    assert_true(exists(FIRST "weave/metrics.json"));
    /* A damaged one is done again, and said so. */
    FILE *file = fopen(path_of(FIRST "weave/metrics.json"), "w");
    assert_non_null(file);
    (void)fputs("{\"okng_metrics\": 1", file);
    (void)fclose(file);
    assert_ok(run(&config, 0, &h, error));
    assert_int_equal(h.warnings, 1);
    assert_int_equal(h.finished, 1);
}

static void another_configuration_needs_force(void **state)
{
    (void)state;
    heard h;
    okng_experiment_config config = small_config("first");
    config.build.coreset = 0.2;
    assert_fails(OKNG_ERROR_MISMATCH, "model.sampler.ratio is ", run(&config, 0, &h, error));
    assert_fails(OKNG_ERROR_MISMATCH, "by force", run(&config, 0, &h, error));
    assert_ok(run(&config, OKNG_EXPERIMENT_FORCE, &h, error));
    assert_int_equal(h.finished, 2);
    assert_ok(run(&config, 0, &h, error));
    assert_int_equal(h.skipped, 2);
}

/* metrics.json without what a clock or the system says. */
static json_t *timeless(const char *name)
{
    static const char *const keys[] = {"seconds", "latency_ms", "stages_ms", "throughput", "peak_bytes", "experiment"};
    json_t *document = read_json(name);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) (void)json_object_del(document, keys[i]);
    return document;
}

static void flip_last_byte(const char *path)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, -1, SEEK_END), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, -1, SEEK_END), 0);
    assert_int_not_equal(fputc(byte ^ 1, file), EOF);
    assert_int_equal(fclose(file), 0);
}

static void other_weights_at_the_same_place_need_force(void **state)
{
    (void)state;
    heard h;
    okng_experiment_config config = small_config("weights");
    assert_ok(run(&config, 0, &h, error));
    flip_last_byte(config.build.weights);
    assert_fails(OKNG_ERROR_MISMATCH, "the weight file has changed since", run(&config, 0, &h, error));
    flip_last_byte(config.build.weights);
    assert_ok(run(&config, 0, &h, error));
    assert_int_equal(h.skipped, 2);
}

static void figures_do_not_depend_on_threads(void **state)
{
    (void)state;
    static const char *const names[] = {"one", "three"};
    json_t *found[2];
    for (int i = 0; i < 2; i++) {
        okng_experiment_config config = small_config(names[i]);
        config.build.threads = i == 0 ? 1 : 3;
        strcpy(config.data.categories, "weave");
        okng_run r = {.config = &config, .versions = "{}"};
        assert_ok(okng_run_open(&r, error));
        assert_ok(okng_run_all(&r, error));
        okng_run_close(&r);
        char name[256];
        (void)snprintf(name, sizeof name, "results/mvtec/patchcore/%s/weave/metrics.json", names[i]);
        found[i] = timeless(name);
    }
    assert_true(json_equal(found[0], found[1]));
    json_decref(found[0]);
    json_decref(found[1]);
}

static void thresholds_come_from_pictures_that_were_held_out(void **state)
{
    (void)state;
    heard h;
    okng_experiment_config config = small_config("validation");
    config.data.validation = 0.4;
    assert_ok(run(&config, 0, &h, error));
    okng_category_figures result;
    assert_ok(
        okng_category_figures_read(&result, path_of("results/mvtec/patchcore/validation/cloth/metrics.json"), error));
    assert_int_equal(result.values[OKNG_FIGURE_TRAIN_IMAGES], 3);
    assert_int_equal(result.values[OKNG_FIGURE_VALIDATION_IMAGES], 2);
    json_t *tau = read_json("results/mvtec/patchcore/validation/cloth/bank/tau.json");
    assert_string_equal(json_string_value(json_object_get(tau, "calibration")), "validation");
    assert_int_equal(json_array_size(json_object_get(tau, "image_scores")), 2);
    assert_true(fabs(json_number_value(json_object_get(tau, "image")) - result.values[OKNG_FIGURE_THRESHOLD_IMAGE]) <
                1e-6);
    json_decref(tau);
}

static void one_picture_can_be_learnt(void **state)
{
    (void)state;
    heard h;
    okng_experiment_config config = small_config("one-shot");
    config.data.k_shot = 1;
    assert_ok(run(&config, 0, &h, error));
    assert_int_equal(h.warnings, 2);
    assert_non_null(strstr(h.text, "data.validation"));
}

static void a_category_that_fails_is_named(void **state)
{
    (void)state;
    heard h;
    okng_experiment_config config = small_config("broken");
    FILE *file = fopen(path_of("mvtec/cloth/test/scratch/999.png"), "w");
    assert_non_null(file);
    (void)fputs("no picture", file);
    (void)fclose(file);
    assert_int_equal(link(path_of("mvtec/cloth/ground_truth/scratch/000_mask.png"),
                          path_of("mvtec/cloth/ground_truth/scratch/999_mask.png")),
                     0);
    assert_fails(OKNG_ERROR_FORMAT, "category cloth: ", run(&config, 0, &h, error));
    assert_int_equal(h.finished, 0);
    assert_fails(OKNG_ERROR_FORMAT, "1 of 2 categories failed", run(&config, OKNG_EXPERIMENT_KEEP_GOING, &h, error));
    assert_non_null(strstr(h.text, "999.png"));
    assert_int_equal(h.finished, 1);
    assert_int_equal(h.failed, 1);
    assert_false(exists("results/mvtec/patchcore/broken/cloth/metrics.json"));
    assert_true(exists("results/mvtec/patchcore/broken/report.html"));
    assert_int_equal(unlink(path_of("mvtec/cloth/test/scratch/999.png")), 0);
    assert_int_equal(unlink(path_of("mvtec/cloth/ground_truth/scratch/999_mask.png")), 0);
}

static int stop_in_second(const okng_progress *progress, void *user)
{
    int *inspections = user;
    *inspections += strcmp(progress->stage, "inspecting") == 0 && progress->done == 1;
    return *inspections == 2;
}

static void a_stop_keeps_what_is_finished(void **state)
{
    (void)state;
    heard h;
    int inspections = 0;
    okng_experiment_config config = small_config("stopped");
    okng_ticker ticker;
    okng_ticker_init(&ticker, stop_in_second, &inspections);
    assert_fails(OKNG_ERROR_CANCELLED, "stopped", run_ticked(&config, 0, &ticker, &h, error));
    okng_ticker_destroy(&ticker);
    assert_int_equal(h.finished, 1);
    assert_true(exists("results/mvtec/patchcore/stopped/cloth/metrics.json"));
    assert_true(exists("results/mvtec/patchcore/stopped/summary_metrics.csv"));
    assert_false(exists("results/mvtec/patchcore/stopped/weave/metrics.json"));
}

static void a_folder_of_somebody_s_is_no_experiment(void **state)
{
    (void)state;
    heard h;
    okng_experiment_config config = small_config("taken");
    assert_ok(okng_make_folders(path_of("results/mvtec/patchcore/taken/cloth/pictures"), error));
    assert_fails(OKNG_ERROR_ARGUMENT, "taken/cloth: is in the folder", run(&config, OKNG_EXPERIMENT_FORCE, &h, error));
    assert_false(exists("results/mvtec/patchcore/taken/config.yaml"));
    assert_false(exists("results/mvtec/patchcore/taken/.okng-lock"));
    /* In one that is okng's, all but the pictures of a category. */
    const char *versions = "{\"config_hash\": \"another\", \"weights_sha256\": \"\"}\n";
    assert_ok(
        okng_file_write(path_of("results/mvtec/patchcore/taken/versions.json"), versions, strlen(versions), error));
    assert_ok(okng_make_folders(path_of("results/mvtec/patchcore/taken/mine"), error));
    assert_ok(okng_file_write(path_of("results/mvtec/patchcore/taken/mine/metrics.json"), "[1]", 3, error));
    assert_ok(okng_file_write(path_of("results/mvtec/patchcore/taken/cloth/pictures/notes.txt"), "mine", 4, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "notes.txt", run(&config, 0, &h, error));
    assert_true(exists("results/mvtec/patchcore/taken/cloth/pictures/notes.txt"));
    assert_true(exists("results/mvtec/patchcore/taken/mine/metrics.json"));
    char command[512];
    (void)snprintf(command, sizeof command, "rm -rf %s", path_of("results/mvtec/patchcore/taken"));
    assert_int_equal(system(command), 0);
}

static void one_run_writes_a_folder(void **state)
{
    (void)state;
    heard h;
    okng_experiment_config config = small_config("locked");
    okng_lock lock;
    assert_ok(okng_make_folders(path_of("results/mvtec/patchcore/locked"), error));
    assert_ok(okng_lock_take(&lock, path_of("results/mvtec/patchcore/locked/.okng-lock"), error));
    assert_fails(OKNG_ERROR_BUSY, ".okng-lock", run(&config, 0, &h, error));
    okng_lock_drop(&lock);
}

/* Before anything is learnt, not when the summary is written. */
static void a_category_that_reports_cannot_name_is_refused_first(void **state)
{
    (void)state;
    static const struct {
        const char *name, *says;
    } cases[] = {{"caf\xe9", "is no UTF-8"}, {"metrics.json", "okng's own results"}, {"figures", "okng's own results"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char category[64], good[96];
        okng_experiment_config config = small_config("odd");
        okng_run odd = {.config = &config};
        (void)snprintf(category, sizeof category, "odd%zu", i);
        (void)snprintf(config.root, sizeof config.root, "%s", path_of(category));
        (void)snprintf(good, sizeof good, "%s/%s/train/good", category, cases[i].name);
        assert_ok(okng_make_folders(path_of(good), error));
        assert_fails(OKNG_ERROR_ARGUMENT, cases[i].says, okng_run_open(&odd, error));
        okng_run_close(&odd);
    }
}

static void results_lie_apart_from_the_pictures(void **state)
{
    (void)state;
    static const char *const among[] = {"mvtec/cloth/test", "mvtec/weave/train/new",
                                        "mvtec/weave/ground_truth/../test"};
    for (size_t i = 0; i < 4; i++) {
        okng_experiment_config config = small_config("apart");
        okng_run one = {.config = &config};
        strcpy(config.data.categories, "cloth");
        (void)snprintf(config.output_root, sizeof config.output_root, "%s",
                       path_of(i < 3 ? among[i] : "mvtec/cloth/mine"));
        if (i < 3)
            assert_fails(OKNG_ERROR_ARGUMENT, "a folder of the data set's pictures", okng_run_open(&one, error));
        else
            assert_ok(okng_run_open(&one, error));
        okng_run_close(&one);
    }
}

static void a_method_is_found_by_name(void **state)
{
    (void)state;
    const okng_method *method;
    assert_ok(okng_method_find(&method, "patchcore", error));
    assert_string_equal(method->name, "patchcore");
    assert_fails(OKNG_ERROR_NOT_FOUND, "there are patchcore", okng_method_find(&method, "patchcare", error));
    assert_null(method);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_leaves_everything),
        cmocka_unit_test(figures_are_in_range_and_complete),
        cmocka_unit_test(scores_are_of_every_picture_and_name_what_was_drawn),
        cmocka_unit_test(what_is_finished_is_passed_over),
        cmocka_unit_test(another_configuration_needs_force),
        cmocka_unit_test(other_weights_at_the_same_place_need_force),
        cmocka_unit_test(figures_do_not_depend_on_threads),
        cmocka_unit_test(thresholds_come_from_pictures_that_were_held_out),
        cmocka_unit_test(one_picture_can_be_learnt),
        cmocka_unit_test(a_category_that_fails_is_named),
        cmocka_unit_test(a_stop_keeps_what_is_finished),
        cmocka_unit_test(a_folder_of_somebody_s_is_no_experiment),
        cmocka_unit_test(one_run_writes_a_folder),
        cmocka_unit_test(a_category_that_reports_cannot_name_is_refused_first),
        cmocka_unit_test(results_lie_apart_from_the_pictures),
        cmocka_unit_test(a_method_is_found_by_name),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_fixture, remove_fixture);
}
