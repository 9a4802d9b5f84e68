/* What the tables of options tell to others: all that bindings are made from. */
#include <math.h>

#include "test.h"

static const okng_option_list lists[] = {OKNG_OPTIONS_BUILD, OKNG_OPTIONS_INSPECT, OKNG_OPTIONS_DATASET,
                                         OKNG_OPTIONS_EXPERIMENT};

enum { LISTS = sizeof lists / sizeof lists[0] };

static okng_option_info at(okng_option_list list, size_t i)
{
    okng_option_info info = {.struct_size = sizeof info};
    assert_ok(okng_option_get(list, i, &info, error));
    return info;
}

static okng_option_info find(okng_option_list list, const char *name)
{
    for (size_t i = 0; i < okng_option_count(list); i++) {
        okng_option_info info = at(list, i);
        if (strcmp(info.name, name) == 0) return info;
    }
    fail_msg("no option %s", name);
    return (okng_option_info){0};
}

static void every_row_is_complete(void **state)
{
    (void)state;
    for (size_t l = 0; l < LISTS; l++)
        for (size_t i = 0; i < okng_option_count(lists[l]); i++) {
            okng_option_info info = at(lists[l], i);
            assert_true(info.name[0] && info.values[0] && info.help[0] && info.group[0] && info.verbs[0]);
            assert_non_null(info.initial);
            assert_true(info.help[strlen(info.help) - 1] != '.' && !strstr(info.help, "--"));
            assert_true(info.minimum <= info.maximum);
            bool number = info.type == OKNG_OPTION_INTEGER || info.type == OKNG_OPTION_REAL ||
                          info.type == OKNG_OPTION_BYTES || info.type == OKNG_OPTION_COLOUR ||
                          info.type == OKNG_OPTION_RANGE;
            assert_true(number || (isinf(info.minimum) && isinf(info.maximum)));
            if (info.type == OKNG_OPTION_CHOICE && !info.alias) assert_non_null(strstr(info.values, info.initial));
            for (size_t j = 0; j < i; j++) assert_string_not_equal(info.name, at(lists[l], j).name);
        }
}

static void infos_tell_type_range_default_and_readers(void **state)
{
    (void)state;
    okng_option_info info = find(OKNG_OPTIONS_BUILD, "coreset");
    assert_int_equal(info.type, OKNG_OPTION_REAL);
    assert_true(info.minimum == 0 && info.maximum == 1 && info.recorded && !info.first);
    assert_string_equal(info.initial, "0.1");
    assert_true(okng_option_is_read(&info, "build") && okng_option_is_read(&info, "bench coreset"));
    assert_false(okng_option_is_read(&info, "infer") || okng_option_is_read(&info, "bench knn"));
    info = find(OKNG_OPTIONS_BUILD, "shorter");
    assert_string_equal(info.alias, "resize");
    assert_string_equal(info.word, "none");
    assert_int_equal(info.type, OKNG_OPTION_SIZE);
    assert_true(find(OKNG_OPTIONS_BUILD, "preset").first == 2 && find(OKNG_OPTIONS_BUILD, "backbone").first == 1);
    assert_true(find(OKNG_OPTIONS_BUILD, "threads").recorded == 0);
    info = find(OKNG_OPTIONS_INSPECT, "threshold-image");
    assert_true(info.type == OKNG_OPTION_REAL && isinf(info.minimum) && isinf(info.maximum));
    assert_string_equal(info.initial, "bank");
    info = find(OKNG_OPTIONS_DATASET, "validation");
    assert_true(info.maximum == 0.9 && okng_option_is_read(&info, "data show"));
    info = find(OKNG_OPTIONS_EXPERIMENT, "model.sampler.ratio");
    assert_true(info.type == OKNG_OPTION_REAL && info.maximum == 1 && !info.alias);
    assert_string_equal(info.verbs, "run");
    assert_string_equal(info.initial, "0.1");
}

static void infos_may_grow(void **state)
{
    (void)state;
    struct {
        okng_option_info info;
        char later[8];
    } newer;
    memset(&newer, 0x5a, sizeof newer);
    newer.info.struct_size = sizeof newer;
    assert_ok(okng_option_get(OKNG_OPTIONS_BUILD, 0, &newer.info, error));
    assert_int_equal(newer.info.struct_size, sizeof newer);
    for (size_t i = 0; i < sizeof newer.later; i++) assert_int_equal(newer.later[i], 0);
    okng_option_info older;
    memset(&older, 0x5a, sizeof older);
    older.struct_size = offsetof(okng_option_info, values);
    assert_ok(okng_option_get(OKNG_OPTIONS_BUILD, 0, &older, error));
    assert_string_equal(older.name, "preset");
    assert_memory_equal(&older.type, "\x5a\x5a\x5a\x5a", 4);
}

static void what_is_not_there_is_refused(void **state)
{
    (void)state;
    okng_option_info info = {.struct_size = sizeof info};
    size_t count = okng_option_count(OKNG_OPTIONS_BUILD);
    assert_fails(OKNG_ERROR_ARGUMENT, "option", okng_option_get(OKNG_OPTIONS_BUILD, count, &info, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "list 77", okng_option_get((okng_option_list)77, 0, &info, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "NULL", okng_option_get(OKNG_OPTIONS_BUILD, 0, NULL, error));
    assert_int_equal(okng_option_count((okng_option_list)77), 0);
    assert_false(okng_option_is_read(NULL, "build"));
}

/* Every option of the three structs: its default is what a fresh struct has, and is accepted. */
static void defaults_are_those_of_the_structs(void **state)
{
    (void)state;
    okng_build_options build;
    okng_inspect_options inspect;
    okng_dataset_options data;
    okng_build_options_init(&build);
    okng_inspect_options_init(&inspect);
    okng_dataset_options_init(&data);
    for (size_t l = 0; l < 3; l++)
        for (size_t i = 0; i < okng_option_count(lists[l]); i++) {
            okng_option_info info = at(lists[l], i);
            char text[OKNG_PATH_MAX] = "";
            const char *name = info.name;
            if (l == 0) assert_ok(okng_build_options_get(&build, name, text, sizeof text, error));
            if (l == 1) assert_ok(okng_inspect_options_get(&inspect, name, text, sizeof text, error));
            if (l == 2) assert_ok(okng_dataset_options_get(&data, name, text, sizeof text, error));
            assert_string_equal(text, info.initial);
            okng_build_options other = build; /* one option may set another */
            if (l == 0) assert_ok(okng_build_options_set(&other, name, text, error));
            if (l == 1) assert_ok(okng_inspect_options_set(&inspect, name, text, error));
            if (l == 2) assert_ok(okng_dataset_options_set(&data, name, text, error));
        }
}

/* What a model's own files say is no option of its import. */
static void an_import_refuses_what_it_does_not_read(void **state)
{
    (void)state;
    okng_import_options options = {.struct_size = sizeof options, .crop = "64"};
    assert_fails(OKNG_ERROR_ARGUMENT, "option crop is not read for a model of patchcore-inspection",
                 okng_import(OKNG_IMPORT_PATCHCORE_INSPECTION, "a", "b", &options, NULL, NULL, NULL, error));
    options = (okng_import_options){.struct_size = sizeof options, .neighbors = 3};
    assert_fails(OKNG_ERROR_ARGUMENT, "option neighbors is not read for a model of patchcore-inspection",
                 okng_import(OKNG_IMPORT_PATCHCORE_INSPECTION, "a", "b", &options, NULL, NULL, NULL, error));
    options = (okng_import_options){.struct_size = sizeof options, .weights = "w.pth"};
    assert_fails(OKNG_ERROR_ARGUMENT, "option weights is not read for a model of anomalib",
                 okng_import(OKNG_IMPORT_ANOMALIB, "a", "b", &options, NULL, NULL, NULL, error));
    options = (okng_import_options){.struct_size = sizeof options, .prepend = "x"};
    assert_fails(OKNG_ERROR_ARGUMENT, "option prepend is not read for a model of anomalib",
                 okng_import(OKNG_IMPORT_ANOMALIB, "a", "b", &options, NULL, NULL, NULL, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(infos_tell_type_range_default_and_readers),
        cmocka_unit_test(infos_may_grow),
        cmocka_unit_test(what_is_not_there_is_refused),
        cmocka_unit_test(defaults_are_those_of_the_structs),
        cmocka_unit_test(an_import_refuses_what_it_does_not_read),
    };
    return RUN_TESTS(tests);
}
