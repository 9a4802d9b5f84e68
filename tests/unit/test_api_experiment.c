/* An experiment through the public header. */
#include "fixture.h"
#include "test.h"

static char folder[64];

static int make_fixture(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/okng-test-experiment-XXXXXX");
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

typedef struct small {
    okng_build_options build;
    okng_dataset_options data;
    okng_experiment_setup setup;
    char root[128], out[128];
} small;

static void small_setup(small *s)
{
    *s = (small){0};
    okng_build_options_init(&s->build);
    okng_dataset_options_init(&s->data);
    strcpy(s->build.backbone, "resnet18");
    (void)snprintf(s->build.weights, sizeof s->build.weights, "%s/resnet18.safetensors", folder);
    s->build.resize_height = s->build.resize_width = 64;
    (void)snprintf(s->root, sizeof s->root, "%s/mvtec", folder);
    (void)snprintf(s->out, sizeof s->out, "%s/results", folder);
    s->setup = (okng_experiment_setup){.struct_size = sizeof s->setup,
                                       .output_root = s->out,
                                       .root = s->root,
                                       .data = &s->data,
                                       .build = &s->build,
                                       .latency_runs = -1,
                                       .examples = -2};
}

static int steps(const okng_progress *progress, void *user)
{
    *(int *)user += progress->done <= progress->total;
    return 0;
}

/* What has a member of its own stands in the array too, under its key. */
static void check_figures(const okng_category_info *info)
{
    int found = 0;
    for (size_t i = 0; i < okng_figure_count(); i++) {
        okng_figure_info figure = {.struct_size = sizeof figure};
        assert_ok(okng_figure_get(i, &figure, error));
        double expected = strcmp(figure.key, "image_auroc") == 0        ? info->metrics->image_auroc
                          : strcmp(figure.key, "pixel_auroc_crop") == 0 ? info->metrics_crop->pixel_auroc
                          : strcmp(figure.key, "bank_rows") == 0        ? (double)info->bank_rows
                                                                        : (double)NAN;
        if (isnan(expected)) continue;
        assert_true(info->figures[i] == expected);
        found++;
    }
    assert_int_equal(found, 3);
    okng_figure_info none = {.struct_size = sizeof none};
    assert_fails(OKNG_ERROR_ARGUMENT, "there are", okng_figure_get(okng_figure_count(), &none, error));
}

static void check_document(const okng_experiment *experiment)
{
    char *json;
    assert_ok(okng_experiment_json(experiment, &json, error));
    assert_non_null(strstr(json, "\"image_auroc\""));
    assert_non_null(strstr(json, "report.html\""));
    assert_non_null(strstr(json, "\"cloth\": \"finished\""));
    okng_text_free(&json);
}

static void an_experiment_tells_what_came_of_it(void **state)
{
    (void)state;
    small s;
    small_setup(&s);
    okng_experiment *experiment;
    assert_ok(okng_experiment_new(&experiment, &s.setup, error));
    assert_null(okng_experiment_folder(experiment));
    assert_int_equal(okng_experiment_category_count(experiment), 0);
    int heard = 0;
    assert_ok(okng_experiment_run(experiment, 0, steps, NULL, &heard, error));
    assert_true(heard > 10);
    char expected[256];
    (void)snprintf(expected, sizeof expected, "%s/mvtec/patchcore/default", s.out);
    assert_string_equal(okng_experiment_folder(experiment), expected);
    assert_int_equal(okng_experiment_category_count(experiment), 2);
    okng_category_info info = {.struct_size = sizeof info};
    assert_ok(okng_experiment_category(experiment, 1, &info, error));
    assert_string_equal(info.category, "weave");
    assert_int_equal(info.state, OKNG_CATEGORY_FINISHED);
    assert_true(info.metrics->image_auroc > 0.9 && info.metrics_crop->pixel_auroc > 0.8);
    assert_true(isnan(info.latency_p50) && info.bank_rows > 0);
    check_figures(&info);
    assert_fails(OKNG_ERROR_ARGUMENT, "category 2 of 2", okng_experiment_category(experiment, 2, &info, error));
    check_document(experiment);
    /* The same handle again: all is there. */
    assert_ok(okng_experiment_run(experiment, 0, NULL, NULL, NULL, error));
    assert_ok(okng_experiment_category(experiment, 0, &info, error));
    assert_int_equal(info.state, OKNG_CATEGORY_SKIPPED);
    okng_experiment_free(&experiment);
    assert_null(experiment);
}

static void a_file_gives_the_same_configuration(void **state)
{
    (void)state;
    small s;
    small_setup(&s);
    okng_experiment *first, *second;
    assert_ok(okng_experiment_new(&first, &s.setup, error));
    char *yaml, *again, path[256];
    assert_ok(okng_experiment_yaml(first, &yaml, error));
    (void)snprintf(path, sizeof path, "%s/config.yaml", folder);
    assert_ok(okng_file_write(path, yaml, strlen(yaml), error));
    assert_ok(okng_experiment_load(&second, path, NULL, 0, error));
    assert_ok(okng_experiment_yaml(second, &again, error));
    assert_string_equal(yaml, again);
    okng_text_free(&again);
    okng_build_options build = {.struct_size = sizeof build};
    assert_ok(okng_experiment_get_build(second, &build, error));
    build.coreset = 0.25;
    assert_ok(okng_experiment_set_build(second, &build, error));
    assert_ok(okng_experiment_yaml(second, &again, error));
    assert_non_null(strstr(again, "ratio: 0.25"));
    okng_text_free(&again);
    okng_text_free(&yaml);
    okng_experiment_free(&first);
    okng_experiment_free(&second);
    const char *const settings[] = {"data.kshot=4"};
    assert_fails(OKNG_ERROR_ARGUMENT, "data.k_shot", okng_experiment_load(&second, path, settings, 1, error));
    assert_null(second);
}

static void what_is_wrong_is_refused(void **state)
{
    (void)state;
    small s;
    small_setup(&s);
    okng_experiment *experiment = NULL;
#define REFUSES(call) assert_fails(OKNG_ERROR_ARGUMENT, "", call)
    REFUSES(okng_experiment_new(NULL, &s.setup, error));
    REFUSES(okng_experiment_new(&experiment, NULL, error));
    REFUSES(okng_experiment_load(NULL, "x", NULL, 0, error));
    REFUSES(okng_experiment_load(&experiment, NULL, NULL, 0, error));
    REFUSES(okng_experiment_load(&experiment, "x", NULL, 1, error));
    REFUSES(okng_experiment_get_build(NULL, &s.build, error));
    REFUSES(okng_experiment_set_build(NULL, &s.build, error));
    REFUSES(okng_experiment_yaml(NULL, NULL, error));
    REFUSES(okng_experiment_run(NULL, 0, NULL, NULL, NULL, error));
    REFUSES(okng_experiment_category(NULL, 0, NULL, error));
    REFUSES(okng_experiment_json(NULL, NULL, error));
    s.setup.struct_size = 4;
    REFUSES(okng_experiment_new(&experiment, &s.setup, error));
    small_setup(&s);
    s.setup.name = "../elsewhere";
    REFUSES(okng_experiment_new(&experiment, &s.setup, error));
    s.setup.name = "a-name-that-is-longer-than-any-folder-of-an-experiment-would-reasonably-be-called";
    REFUSES(okng_experiment_new(&experiment, &s.setup, error));
    small_setup(&s);
    s.data.k_shot = -2;
    REFUSES(okng_experiment_new(&experiment, &s.setup, error));
    small_setup(&s);
    s.setup.pro_mode = (okng_pro_mode)7;
    REFUSES(okng_experiment_new(&experiment, &s.setup, error));
    assert_null(experiment);
    assert_null(okng_experiment_folder(NULL));
    assert_int_equal(okng_experiment_category_count(NULL), 0);
    okng_experiment_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_experiment_tells_what_came_of_it),
        cmocka_unit_test(a_file_gives_the_same_configuration),
        cmocka_unit_test(what_is_wrong_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_fixture, remove_fixture);
}
