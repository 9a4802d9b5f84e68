/* Models in other programs' formats score as those programs (tests/golden/make_import.py). */
#include <sys/inotify.h>
#include <unistd.h>

#include "fixture.h"
#include "test.h"

#include "bank/ensemble_file.h"
#include "import/import.h"
#include "model/model.h"

#define GOLDEN OKNG_GOLDEN "/import/"
#define PHOTOS OKNG_GOLDEN "/pipeline/"

enum { MAP_VALUES = 16, SIDE = 64 };

static char folder[] = "/tmp/okng-import-XXXXXX", weights_path[256];

static const char *const photos[] = {PHOTOS "photo.jpg", PHOTOS "photo_rgba.png", PHOTOS "photo_grey.png"};

static okng_import_options options_for(const char *resize)
{
    return (okng_import_options){
        .struct_size = sizeof(okng_import_options), .resize = resize, .weights = weights_path, .threads = 2};
}

static const char *bank_path(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static okng_status import(okng_import_kind kind, const char *source, const char *bank,
                          const okng_import_options *options, okng_import_report *report, okng_error *error)
{
    return okng_import_model(kind, source, bank_path(bank), options, NULL, report, error);
}

static okng_model *open_bank(const char *bank)
{
    okng_model *opened = NULL;
    assert_ok(okng_model_open(&opened, bank_path(bank), NULL, error));
    return opened;
}

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance)) fail_msg("%.9g, expected %.9g", value, expected);
}

/* Every line of expected.txt that begins with `model`. */
static void assert_scores(okng_model *opened, const char *model, const char *pictures, bool maps)
{
    FILE *file = fopen(GOLDEN "expected.txt", "r");
    assert_non_null(file);
    char line[256], name[64], picture[64], path[512];
    double score, values[MAP_VALUES];
    int seen = 0;
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "%63s %63s %lf", name, picture, &score) != 3 || strcmp(name, model) != 0) continue;
        for (int k = 0; k < MAP_VALUES && maps; k++) assert_int_equal(fscanf(file, "%lf", &values[k]), 1);
        okng_image rgb;
        okng_scored scored;
        (void)snprintf(path, sizeof path, "%s%s", pictures, picture);
        assert_ok(okng_image_load(&rgb, path, OKNG_MAX_PIXELS_DEFAULT, error));
        assert_ok(okng_model_inspect(opened, &rgb, 1, &scored, error));
        assert_near((double)scored.score, score, 1e-4 * score);
        assert_int_equal(scored.placement.height, SIDE);
        for (int k = 0; k < MAP_VALUES && maps; k++)
            assert_near((double)scored.input_map[k * 257 % (SIDE * SIDE)], values[k], 1e-4 * score);
        okng_scored_free(&scored);
        okng_image_free(&rgb);
        seen++;
    }
    (void)fclose(file);
    assert_int_equal(seen, 3);
}

static void a_model_of_patchcore_inspection_scores_as_there(void **state)
{
    (void)state;
    okng_import_options options = options_for("72");
    okng_import_report report;
    assert_ok(import(OKNG_IMPORT_PATCHCORE_INSPECTION, GOLDEN "single", "single", &options, &report, error));
    assert_int_equal(report.members, 1);
    assert_int_equal(report.rows, 120);
    assert_int_equal(report.dim, 32);
    assert_string_equal(report.backbone, "resnet18");
    assert_string_equal(report.warning, "");
    assert_true(isnan(report.image_tau) && isnan(report.pixel_tau));
    okng_model *opened = open_bank("single");
    okng_bank_file file;
    assert_ok(okng_bank_file_open(&file, bank_path("single"), error));
    assert_string_equal(file.config.imported, "patchcore-inspection");
    okng_bank_file_close(&file);
    const okng_model_info info = okng_model_look(opened);
    assert_string_equal(info.method->name, "patchcore");
    assert_int_equal(info.tau->source, OKNG_TAU_NONE);
    assert_true(isnan(info.tau->image) && isnan(info.tau->pixel) && info.tau->image_count == 0);
    assert_true(info.members == 0 && info.ready);
    assert_scores(opened, "single", PHOTOS, true);
    okng_model_close(&opened);
}

static void an_ensemble_is_normalised_over_the_set_as_there(void **state)
{
    (void)state;
    okng_import_options options = options_for("72");
    okng_import_report report;
    assert_ok(import(OKNG_IMPORT_PATCHCORE_INSPECTION, GOLDEN "ensemble", "ensemble", &options, &report, error));
    assert_int_equal(report.members, 2);
    assert_int_equal(report.rows, 270);
    okng_model *opened = open_bank("ensemble");
    assert_int_equal(okng_model_look(opened).members, 2);
    assert_false(okng_model_look(opened).ready);
    okng_image rgb;
    okng_scored scored;
    assert_ok(okng_image_load(&rgb, photos[0], OKNG_MAX_PIXELS_DEFAULT, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "no ranges", okng_model_inspect(opened, &rgb, 1, &scored, error));
    okng_image_free(&rgb);
    const okng_pictures one = okng_pictures_of_paths(photos, 1), all = okng_pictures_of_paths(photos, 3);
    bool changed;
    assert_fails(OKNG_ERROR_ARGUMENT, "no range to normalise by",
                 okng_model_survey(opened, &one, 1, NULL, &changed, error));
    assert_ok(okng_model_survey(opened, &all, 2, NULL, &changed, error));
    assert_true(okng_model_look(opened).ready);
    assert_scores(opened, "ensemble", PHOTOS, true);
    okng_model_info info;
    assert_ok(okng_model_describe(opened, &info, error));
    assert_int_equal(info.rows, 270);
    assert_int_equal(info.bytes, (120 * 32 + 150 * 24) * 4);
    okng_model_close(&opened);
}

static void a_survey_keeps_the_ranges_of_the_test_set(void **state)
{
    (void)state;
    okng_import_options options = options_for("72");
    const okng_pictures pictures = okng_pictures_of_paths(photos, 3);
    const char *const banks[] = {"surveyed", "alone"}, *const sources[] = {GOLDEN "ensemble", GOLDEN "single"};
    for (int ensemble = 1; ensemble >= 0; ensemble--) {
        const char *bank = banks[!ensemble];
        bool changed;
        assert_ok(import(OKNG_IMPORT_PATCHCORE_INSPECTION, sources[!ensemble], bank, &options, NULL, error));
        okng_model *opened = open_bank(bank);
        assert_ok(okng_model_survey(opened, &pictures, 2, NULL, &changed, error));
        assert_int_equal(changed, ensemble);
        okng_model_close(&opened);
    }
    okng_model *opened = open_bank("surveyed");
    assert_true(okng_model_look(opened).ready);
    assert_scores(opened, "ensemble", PHOTOS, true);
    okng_model_close(&opened);
}

static void ok_pictures_give_an_ensemble_its_ranges_and_thresholds(void **state)
{
    (void)state;
    okng_import_options options = options_for("72");
    okng_import_report report;
    options.ok_pictures = photos;
    options.ok_count = 3;
    assert_ok(import(OKNG_IMPORT_PATCHCORE_INSPECTION, GOLDEN "ensemble", "calibrated", &options, &report, error));
    okng_model *opened = open_bank("calibrated");
    assert_true(okng_model_look(opened).ready);
    assert_scores(opened, "ensemble", PHOTOS, true);
    const okng_tau *tau = okng_model_look(opened).tau;
    assert_int_equal(tau->image_count, 3);
    assert_near((double)tau->image_scores[0], 0.125077561, 1e-4);
    /* 0.345457733 + 0.99 * (1 - 0.345457733): quantile 0.995 of three */
    assert_near((double)tau->image, 0.99345457733, 1e-4);
    assert_true(report.image_tau == tau->image && report.pixel_tau == tau->pixel);
    okng_model_close(&opened);
}

static void one_member_can_be_taken_by_its_prefix(void **state)
{
    (void)state;
    okng_import_options options = options_for("72");
    okng_import_report report;
    options.prepend = "Ensemble-1-2_";
    assert_ok(import(OKNG_IMPORT_PATCHCORE_INSPECTION, GOLDEN "ensemble", "first", &options, &report, error));
    okng_model *opened = open_bank("first");
    assert_scores(opened, "single", PHOTOS, true); /* which is that member */
    okng_model_close(&opened);
    options.prepend = "other_";
    assert_fails(OKNG_ERROR_NOT_FOUND, "ensemble/other_patchcore_params.pkl",
                 import(OKNG_IMPORT_PATCHCORE_INSPECTION, GOLDEN "ensemble", "none", &options, &report, error));
}

static void a_checkpoint_of_anomalib_scores_as_there(void **state)
{
    (void)state;
    okng_import_options options = options_for("64x64");
    okng_import_report report;
    options.weights = NULL;
    assert_ok(import(OKNG_IMPORT_ANOMALIB, GOLDEN "anomalib.ckpt", "anomalib", &options, &report, error));
    assert_string_equal(report.backbone, "resnet18");
    assert_int_equal(report.rows, 100);
    assert_true(report.image_tau == 1.5f && report.pixel_tau == 1.25f);
    okng_model *opened = open_bank("anomalib");
    const okng_model_info info = okng_model_look(opened);
    assert_int_equal(info.options->layer_count, 1);
    assert_string_equal(info.options->layers[0], "layer1");
    assert_int_equal(info.tau->source, OKNG_TAU_ANOMALIB);
    assert_true(info.tau->image_range[0] == 0.5f && info.tau->image_range[1] == 2.5f);
    assert_true(info.tau->pixel_range[0] == 0.25f && isnan(info.tau->pixel_range[1]));
    assert_scores(opened, "anomalib", GOLDEN, false);
    assert_scores(opened, "anomalib-resized", PHOTOS, false);
    okng_model_close(&opened);
}

static void the_weights_go_with_the_folder(void **state)
{
    (void)state;
    char moved[512];
    okng_import_options options = options_for("64x64");
    assert_ok(import(OKNG_IMPORT_ANOMALIB, GOLDEN "anomalib.ckpt", "here", &options, NULL, error));
    (void)snprintf(moved, sizeof moved, "%s/there", folder);
    assert_int_equal(rename(bank_path("here"), moved), 0);
    okng_model *opened = open_bank("there");
    assert_scores(opened, "anomalib", GOLDEN, false);
    okng_model_close(&opened);
}

/* Files of gigabytes: what fits is found out by the same bytes that are used. */
static void weights_are_read_once(void **state)
{
    (void)state;
    struct inotify_event events[64];
    okng_import_options options = options_for("72");
    int watch = inotify_init1(IN_NONBLOCK);
    assert_true(watch >= 0 && inotify_add_watch(watch, weights_path, IN_OPEN) >= 0);
    assert_ok(import(OKNG_IMPORT_PATCHCORE_INSPECTION, GOLDEN "single", "once", &options, NULL, error));
    ssize_t size = read(watch, events, sizeof events);
    (void)close(watch);
    assert_int_equal(size, sizeof events[0]); /* one that it was opened, without a name as it is of one file */
}

static void a_new_import_replaces_an_old_one_and_nothing_else(void **state)
{
    (void)state;
    okng_import_options options = options_for("72");
    for (int twice = 0; twice < 2; twice++)
        assert_ok(import(OKNG_IMPORT_PATCHCORE_INSPECTION, GOLDEN "ensemble", "again", &options, NULL, error));
    assert_ok(import(OKNG_IMPORT_PATCHCORE_INSPECTION, GOLDEN "single", "again", &options, NULL, error));
    assert_false(okng_ensemble_is(bank_path("again")));
    assert_ok(import(OKNG_IMPORT_PATCHCORE_INSPECTION, GOLDEN "ensemble", "again", &options, NULL, error));
    char path[512];
    (void)snprintf(path, sizeof path, "%s/again/member-2/notes.txt", folder);
    assert_ok(okng_file_write(path, "mine", 4, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "notes.txt",
                 import(OKNG_IMPORT_PATCHCORE_INSPECTION, GOLDEN "single", "again", &options, NULL, error));
    assert_int_equal(access(path, F_OK), 0);
}

static void an_import_that_fails_leaves_the_old_bank(void **state)
{
    (void)state;
    okng_import_options options = options_for("72");
    static const char *const missing[] = {"/nowhere/a.png"};
    assert_ok(import(OKNG_IMPORT_PATCHCORE_INSPECTION, GOLDEN "single", "kept", &options, NULL, error));
    options.ok_pictures = missing;
    options.ok_count = 1;
    assert_fails(OKNG_ERROR_NOT_FOUND, "/nowhere/a.png",
                 import(OKNG_IMPORT_PATCHCORE_INSPECTION, GOLDEN "single", "kept", &options, NULL, error));
    okng_model *opened = open_bank("kept");
    assert_scores(opened, "single", PHOTOS, true);
    okng_model_close(&opened);
    assert_false(okng_is_folder(bank_path(".kept.okng-building")));
}

static void what_does_not_fit_is_told(void **state)
{
    (void)state;
    okng_import_options options = options_for(NULL);
    const char *single = GOLDEN "single";
    options.resize = "32";
    assert_fails(OKNG_ERROR_ARGUMENT, "64x64 cannot be cropped from pictures resized to 32",
                 import(OKNG_IMPORT_PATCHCORE_INSPECTION, single, "x", &options, NULL, error));
    options = options_for("32x64");
    options.crop = "64";
    assert_fails(OKNG_ERROR_ARGUMENT, "no 64x64 can be cropped from pictures resized to 32x64",
                 import(OKNG_IMPORT_ANOMALIB, GOLDEN "anomalib.ckpt", "x", &options, NULL, error));
    options = options_for("72");
    options.layers = "layer1";
    assert_ok(import(OKNG_IMPORT_PATCHCORE_INSPECTION, single, "x", &options, NULL, error));
    options.layers = "layer9";
    assert_fails(OKNG_ERROR_NOT_FOUND, "layer9",
                 import(OKNG_IMPORT_PATCHCORE_INSPECTION, single, "x", &options, NULL, error));
    options = options_for("72");
    options.backbone = "densenet201";
    assert_fails(OKNG_ERROR_UNSUPPORTED, "wide_resnet50_2",
                 import(OKNG_IMPORT_PATCHCORE_INSPECTION, single, "x", &options, NULL, error));
    options.backbone = "resnet34";
    options.weights = NULL;
    assert_fails(OKNG_ERROR_NOT_FOUND, "okng weights get resnet34",
                 import(OKNG_IMPORT_PATCHCORE_INSPECTION, single, "x", &options, NULL, error));
    options = options_for("256");
    assert_fails(OKNG_ERROR_ARGUMENT, "resize HxW",
                 import(OKNG_IMPORT_ANOMALIB, GOLDEN "anomalib.ckpt", "x", &options, NULL, error));
    options = options_for("64x64");
    options.backbone = "resnet50";
    assert_fails(OKNG_ERROR_MISMATCH, "is no resnet50",
                 import(OKNG_IMPORT_ANOMALIB, GOLDEN "anomalib.ckpt", "x", &options, NULL, error));
    assert_fails(OKNG_ERROR_UNSUPPORTED, "memory_bank",
                 import(OKNG_IMPORT_ANOMALIB, weights_path, "x", &options, NULL, error));
}

static int set_up(void **state)
{
    (void)state;
    okng_error error;
    if (!mkdtemp(folder) || setenv("XDG_CACHE_HOME", folder, 1) != 0) return -1;
    (void)snprintf(weights_path, sizeof weights_path, "%s/resnet18.safetensors", folder);
    return fixture_write_weights(folder, &error) == OKNG_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_of_patchcore_inspection_scores_as_there),
        cmocka_unit_test(an_ensemble_is_normalised_over_the_set_as_there),
        cmocka_unit_test(a_survey_keeps_the_ranges_of_the_test_set),
        cmocka_unit_test(ok_pictures_give_an_ensemble_its_ranges_and_thresholds),
        cmocka_unit_test(one_member_can_be_taken_by_its_prefix),
        cmocka_unit_test(a_checkpoint_of_anomalib_scores_as_there),
        cmocka_unit_test(the_weights_go_with_the_folder),
        cmocka_unit_test(weights_are_read_once),
        cmocka_unit_test(a_new_import_replaces_an_old_one_and_nothing_else),
        cmocka_unit_test(an_import_that_fails_leaves_the_old_bank),
        cmocka_unit_test(what_does_not_fit_is_told),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
