/* Models behind one handle: banks of version 0.1, methods that are not known, methods that need less or more than
 * pictures. */
#include "fixture.h"
#include "test.h"

#include "bank/ensemble_file.h"
#include "base/json.h"
#include "base/sha256.h"
#include "model/build.h"
#include "model/member.h"
#include "model/methods.h"
#include "model/model.h"

#define OLD_BANK OKNG_GOLDEN "/bank/okng-0.1.0"

static char folder[] = "/tmp/okng-test-model-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[256];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static const char *below(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* ---- banks of version 0.1 ---- */

/* Written by version 0.1.0 from the good pictures of fixture.h: `okng build --resize 64x64 --coreset-size 16 --seed 3
 * --convolution direct`; its score of the bad picture, and its thresholds, are as that version printed them. */
static void a_bank_of_version_0_1_opens_and_scores_as_there(void **state)
{
    (void)state;
    okng_model *model;
    assert_ok(okng_model_open(&model, OLD_BANK, NULL, error));
    okng_model_info info;
    assert_ok(okng_model_describe(model, &info, error));
    assert_string_equal(info.method->name, "patchcore");
    assert_string_equal(info.options->method, "patchcore");
    assert_string_equal(info.backbone, "okng-s");
    assert_true(info.rows == 16 && info.dim == 384 && info.bytes == 16 * 384 * 4 && info.pictures == 8);
    assert_true(info.ready && info.members == 0 && info.cost.parameters > 0 && info.cost.flops > 0);
    assert_float_equal(info.tau->image, 1.01523447, 1e-6);

    okng_image bad;
    okng_scored scored;
    assert_ok(okng_image_new(&bad, FIXTURE_WIDTH, FIXTURE_HEIGHT, 3, error));
    fixture_picture(&bad, 3, true);
    assert_ok(okng_model_inspect(model, &bad, 2, &scored, error));
    assert_float_equal(scored.score, 2.62466621, 1e-4);
    assert_true(scored.placement.original_width == FIXTURE_WIDTH && scored.placement.width == 64);
    okng_scored_free(&scored);
    okng_image_free(&bad);
    okng_model_close(&model);
}

static void write_config(json_t *document, const char *name)
{
    char checksum[65];
    (void)json_object_del(document, "checksum");
    char *text = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);
    assert_non_null(text);
    okng_sha256(text, strlen(text), checksum);
    free(text);
    assert_int_equal(json_object_set_new(document, "checksum", json_string(checksum)), 0);
    assert_ok(okng_json_write(document, below(name), error));
}

static void a_bank_of_a_method_or_with_files_that_are_not_known_is_refused(void **state)
{
    (void)state;
    char command[1024];
    json_t *document;
    okng_model *model;
    (void)snprintf(command, sizeof command, "cp -r %s %s", OLD_BANK, below("bank"));
    assert_int_equal(system(command), 0);
    assert_ok(okng_json_read(&document, below("bank/bank_config.json"), &okng_json_small, error));
    (void)json_object_set_new(document, "method", json_string("tomorrow"));
    write_config(document, "bank/bank_config.json");
    assert_fails(OKNG_ERROR_NOT_FOUND, "unknown method \"tomorrow\"; there are patchcore",
                 okng_model_open(&model, below("bank"), NULL, error));
    assert_null(model);
    (void)json_object_set_new(document, "method", json_string("patchcore"));
    const char *const names[] = {"../memory_bank.pt", "memory_bank.txt", "backbone.safetensors", "/etc/x.pt", ".pt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)json_object_set_new(document, "data", json_pack("[s]", names[i]));
        write_config(document, "bank/bank_config.json");
        assert_fails(OKNG_ERROR_FORMAT, "\"data\" names", okng_model_open(&model, below("bank"), NULL, error));
    }
    (void)json_object_set_new(document, "data", json_pack("[s]", "other.pt"));
    (void)json_object_set(document, "other", json_object_get(document, "memory_bank"));
    write_config(document, "bank/bank_config.json");
    strcpy(command, below("bank/memory_bank.pt"));
    assert_int_equal(rename(command, below("bank/other.pt")), 0);
    assert_fails(OKNG_ERROR_FORMAT, "other.pt, which patchcore does not write",
                 okng_model_open(&model, below("bank"), NULL, error));
    json_decref(document);
}

/* Members that see 64x64 pixels, but not the same ones. */
static void members_that_look_at_other_places_are_refused(void **state)
{
    (void)state;
    char command[1024];
    const okng_ensemble_file ensemble = {.count = 2};
    json_t *document;
    okng_model *model;
    (void)snprintf(command, sizeof command, "mkdir %s/pair && cd %s/pair && cp -r %s member-1 && cp -r %s member-2",
                   folder, folder, OLD_BANK, OLD_BANK);
    assert_int_equal(system(command), 0);
    (void)snprintf(command, sizeof command, "cp %s/tau.json %s/pair", OLD_BANK, folder);
    assert_int_equal(system(command), 0);
    assert_ok(okng_ensemble_file_write(&ensemble, below("pair"), error));
    assert_ok(okng_model_open(&model, below("pair"), NULL, error));
    assert_int_equal(okng_model_look(model).bytes, 2 * 16 * 384 * 4);
    okng_model_close(&model);
    static const char *const changed[][3] = {
        {"64x64", "64", "member 2 has resize 64x64 and crop 64, member 1 has resize 64x64 and crop 0"},
        {"72", "64", "member 2 has resize 72 and crop 64, member 1 has resize 64x64 and crop 0"},
    };
    for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
        assert_ok(okng_json_read(&document, OLD_BANK "/bank_config.json", &okng_json_small, error));
        json_t *options = json_object_get(document, "options");
        (void)json_object_set_new(options, "resize", json_string(changed[i][0]));
        (void)json_object_set_new(options, "crop", json_string(changed[i][1]));
        write_config(document, "pair/member-2/bank_config.json");
        json_decref(document);
        assert_fails(OKNG_ERROR_MISMATCH, changed[i][2], okng_model_open(&model, below("pair"), NULL, error));
        assert_null(model);
    }
}

/* ---- what a method needs ---- */

/* Learns nothing: every pixel scores 0.25. */
static okng_status fit_nothing(void **model, okng_bank_file *bank, const okng_weights *weights,
                               const okng_lesson *lesson, okng_ticker *ticker, okng_build_report *report,
                               okng_error *error)
{
    (void)ticker, (void)report, (void)error;
    bank->config.input_height = bank->config.input_width = 8;
    bank->config.pictures = lesson->pictures.count;
    *model = (void *)(uintptr_t)weights;
    return OKNG_OK;
}

static okng_status save_nothing(const void *model, const okng_bank_file *bank, const char *dir, okng_error *error)
{
    (void)model, (void)bank, (void)dir, (void)error;
    return OKNG_OK;
}

static void close_nothing(void **model)
{
    *model = NULL;
}

static okng_status inspect_flat(void *model, const okng_image *rgb, int threads, okng_scored *scored, okng_error *error)
{
    (void)model, (void)threads;
    const float scores[4] = {0.25f, 0.25f, 0.25f, 0.25f};
    *scored = (okng_scored){.score = 0.25f, .placement = {rgb->height, rgb->width, 8, 8, 0, 0, 8, 8}};
    return okng_scored_fill(scored, scores, 2, 2, 0, error);
}

static const char *const no_names[] = {NULL};
static const okng_method flat = {.name = "flat",
                                 .data_files = no_names,
                                 .options = no_names,
                                 .fit = fit_nothing,
                                 .save = save_nothing,
                                 .close = close_nothing,
                                 .inspect = inspect_flat};

static void what_a_method_needs_is_asked_for(void **state)
{
    (void)state;
    static const char *const paths[] = {"a.png"};
    static const uint8_t labels[] = {1};
    okng_method method = flat;
    okng_lesson lesson = {.class_name = NULL};
    assert_ok(okng_method_check(&method, &lesson, error));
    method.needs = OKNG_NEEDS_PICTURES;
    assert_fails(OKNG_ERROR_ARGUMENT, "no OK pictures", okng_method_check(&method, &lesson, error));
    lesson.pictures = okng_pictures_of_paths(paths, 1);
    assert_ok(okng_method_check(&method, &lesson, error));
    method.needs |= OKNG_NEEDS_CLASS_NAME;
    assert_fails(OKNG_ERROR_ARGUMENT, "no name of the part", okng_method_check(&method, &lesson, error));
    lesson.class_name = " \t";
    assert_fails(OKNG_ERROR_ARGUMENT, "give one as class-name", okng_method_check(&method, &lesson, error));
    lesson.class_name = "metal nut";
    assert_ok(okng_method_check(&method, &lesson, error));
    method.needs |= OKNG_NEEDS_LABELS;
    assert_fails(OKNG_ERROR_ARGUMENT, "no labels and masks", okng_method_check(&method, &lesson, error));
    const okng_pictures masks = okng_pictures_of_paths(paths, 1);
    lesson.labels = labels;
    lesson.masks = &masks;
    assert_ok(okng_method_check(&method, &lesson, error));
    lesson.pictures.count = (size_t)INT32_MAX + 1;
    assert_fails(OKNG_ERROR_LIMIT, "at most", okng_method_check(&method, &lesson, error));
}

static okng_build_options built_in(void)
{
    okng_build_options options;
    okng_build_options_init(&options);
    assert_ok(okng_build_options_set(&options, "backbone", "okng-s", error));
    assert_ok(okng_build_options_set(&options, "method", "flat", error));
    return options;
}

static void a_method_that_learns_nothing_has_a_bank_without_data_and_thresholds(void **state)
{
    (void)state;
    okng_build_options options = built_in();
    const okng_lesson nothing = {.class_name = NULL};
    okng_build_report report = {.struct_size = sizeof report};
    okng_member *member;
    okng_bank_file file;
    assert_ok(okng_member_fit(&member, &flat, &nothing, &options, NULL, &report, error));
    assert_ok(okng_make_folders(below("flat"), error));
    assert_ok(okng_member_save(member, below("flat"), error));
    okng_member_close(&member);
    assert_ok(okng_bank_file_open(&file, below("flat"), error));
    assert_string_equal(file.config.options.method, "flat");
    assert_true(file.config.data_count == 0 && file.config.pictures == 0 && file.config.patches == 0);
    assert_true(file.tau.source == OKNG_TAU_NONE && isnan(file.tau.image) && file.tau.image_count == 0);
    okng_bank_file_close(&file);
    json_t *document;
    assert_ok(okng_json_read(&document, below("flat/bank_config.json"), &okng_json_small, error));
    const json_t *recorded = json_object_get(document, "options");
    assert_non_null(json_object_get(recorded, "resize"));
    assert_null(json_object_get(recorded, "coreset")); /* which it does not read */
    json_decref(document);
}

/* A method that takes no thresholds itself has them from the scores of what it learnt. */
static void thresholds_come_from_the_scores_of_the_lesson(void **state)
{
    (void)state;
    char path[512];
    const char *const paths[] = {path, path};
    okng_build_options options = built_in();
    okng_build_report report = {.struct_size = sizeof report};
    okng_member *member;
    assert_ok(fixture_write_picture(folder, "ok", 0, error));
    strcpy(path, below("ok/000.png"));
    const okng_lesson lesson = {.pictures = okng_pictures_of_paths(paths, 2)};
    assert_ok(okng_member_fit(&member, &flat, &lesson, &options, NULL, &report, error));
    const okng_tau *tau = &member->file.tau;
    assert_true(tau->image == 0.25f && tau->pixel == 0.25f && tau->pixel_low == 0.25f && tau->image_count == 2);
    assert_int_equal(tau->basis, OKNG_TAU_TRAIN);
    assert_int_equal(report.stage_count, 1); /* of this method's stages and no other's */
    assert_string_equal(report.stages[0].name, "calibration");
    okng_member_close(&member);
}

static void thresholds_come_from_good_pictures_alone(void **state)
{
    (void)state;
    char path[512];
    const char *const paths[] = {"/nowhere/bad.png", path, "/nowhere/worse.png"};
    uint8_t labels[] = {1, 0, 1};
    okng_build_options options = built_in();
    okng_build_report report = {.struct_size = sizeof report};
    okng_member *member;
    assert_ok(fixture_write_picture(folder, "ok", 0, error));
    strcpy(path, below("ok/000.png"));
    const okng_lesson lesson = {.pictures = okng_pictures_of_paths(paths, 3), .labels = labels};
    assert_ok(okng_member_fit(&member, &flat, &lesson, &options, NULL, &report, error));
    assert_true(member->file.tau.image == 0.25f && member->file.tau.image_count == 1);
    okng_member_close(&member);
    labels[1] = 1; /* none is good */
    assert_ok(okng_member_fit(&member, &flat, &lesson, &options, NULL, &report, error));
    assert_int_equal(member->file.tau.source, OKNG_TAU_NONE);
    assert_int_equal(member->file.tau.image_count, 0);
    okng_member_close(&member);
    labels[0] = 0; /* which cannot be read */
    assert_fails(OKNG_ERROR_NOT_FOUND, "/nowhere/bad.png",
                 okng_member_fit(&member, &flat, &lesson, &options, NULL, &report, error));
}

static void an_option_that_only_other_methods_read_is_an_error(void **state)
{
    (void)state;
    okng_build_options options = built_in();
    assert_ok(okng_method_check_options(&flat, &options, error));
    assert_ok(okng_build_options_set(&options, "preset", "inspection", error)); /* of what a preset says, none is */
    assert_ok(okng_build_options_set(&options, "resize", "32x32", error));
    assert_ok(okng_method_check_options(&flat, &options, error));
    assert_ok(okng_build_options_set(&options, "coreset", "0.5", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "option coreset: found \"0.5\", but the method flat does not read it",
                 okng_method_check_options(&flat, &options, error));
    const okng_method *patchcore;
    assert_ok(okng_method_find(&patchcore, "patchcore", error));
    assert_ok(okng_method_check_options(patchcore, &options, error));
    assert_true(okng_method_reads(patchcore, "coreset") && okng_method_reads(&flat, "resize"));
    assert_false(okng_method_reads(&flat, "coreset") || okng_method_reads(patchcore, "no-such-option"));
    const okng_method *winclip; /* which makes no patch vectors; what a network brings for those nobody set */
    assert_ok(okng_method_find(&winclip, "winclip", error));
    okng_build_options_init(&options);
    assert_ok(okng_build_options_set(&options, "method", "winclip", error));
    assert_ok(okng_build_options_set(&options, "backbone", "clip-tinyclip-8m-16", error));
    assert_ok(okng_method_check_options(winclip, &options, error));
    static const char *const unread[][2] = {{"layers", "blocks.1"}, {"patch-size", "3"}, {"target-dim", "64"}};
    for (size_t i = 0; i < sizeof unread / sizeof *unread; i++) {
        okng_build_options set = options;
        assert_ok(okng_build_options_set(&set, unread[i][0], unread[i][1], error));
        assert_fails(OKNG_ERROR_ARGUMENT, "but the method winclip does not read it",
                     okng_method_check_options(winclip, &set, error));
        assert_true(okng_method_reads(patchcore, unread[i][0]));
    }
}

static void building_by_a_method_that_is_not_known_names_those_that_are(void **state)
{
    (void)state;
    const okng_build_options options = built_in(); /* "flat" is not in the table */
    const okng_lesson nothing = {.class_name = NULL};
    okng_build_report report = {.struct_size = sizeof report};
    assert_fails(OKNG_ERROR_NOT_FOUND, "unknown method \"flat\"; there are patchcore",
                 okng_model_build(&nothing, below("never"), &options, NULL, &report, error));
}

static void the_class_name_of_the_options_is_the_lessons(void **state)
{
    (void)state;
    okng_build_options options = built_in();
    const okng_method *method;
    okng_lesson lesson = {.class_name = NULL};
    assert_ok(okng_build_options_set(&options, "method", "patchcore", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "no OK pictures", okng_member_prepare(&method, &lesson, &options, error));
    static const char *const paths[] = {"a.png"};
    lesson = (okng_lesson){.pictures = okng_pictures_of_paths(paths, 1)};
    assert_ok(okng_member_prepare(&method, &lesson, &options, error));
    assert_string_equal(lesson.class_name, "");
    assert_ok(okng_build_options_set(&options, "class-name", "metal nut", error));
    lesson.class_name = NULL;
    assert_fails(OKNG_ERROR_ARGUMENT,
                 "option class-name: found \"metal nut\", but the method patchcore does not read it",
                 okng_member_prepare(&method, &lesson, &options, error));
    assert_string_equal(lesson.class_name, "metal nut");
    lesson.class_name = "screw"; /* what the lesson says holds */
    (void)okng_member_prepare(&method, &lesson, &options, NULL);
    assert_string_equal(lesson.class_name, "screw");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bank_of_version_0_1_opens_and_scores_as_there),
        cmocka_unit_test(a_bank_of_a_method_or_with_files_that_are_not_known_is_refused),
        cmocka_unit_test(members_that_look_at_other_places_are_refused),
        cmocka_unit_test(what_a_method_needs_is_asked_for),
        cmocka_unit_test(a_method_that_learns_nothing_has_a_bank_without_data_and_thresholds),
        cmocka_unit_test(thresholds_come_from_the_scores_of_the_lesson),
        cmocka_unit_test(thresholds_come_from_good_pictures_alone),
        cmocka_unit_test(an_option_that_only_other_methods_read_is_an_error),
        cmocka_unit_test(the_class_name_of_the_options_is_the_lessons),
        cmocka_unit_test(building_by_a_method_that_is_not_known_names_those_that_are),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
