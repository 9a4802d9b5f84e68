/* What checkpoints of anomalib's versions say of themselves; tests/golden/make_import_settings.py made them. */
#include "test.h"

#include "import/settings.h"

#define CHECKPOINT(name) OKNG_GOLDEN "/import/settings/" name ".ckpt"

static okng_settings read_settings(const char *path)
{
    okng_weights *checkpoint;
    assert_ok(okng_weights_open_checkpoint(&checkpoint, path, error));
    okng_settings settings = okng_settings_read(checkpoint);
    okng_weights_close(&checkpoint);
    return settings;
}

static void assert_input(const okng_settings *s, const char *resize, const char *crop, const char *mean,
                         const char *std)
{
    assert_true(s->transform);
    assert_string_equal(s->default_of, "");
    assert_string_equal(s->resize, resize);
    assert_string_equal(s->crop, crop);
    assert_string_equal(s->mean, mean);
    assert_string_equal(s->std, std);
}

static void version_1_keeps_its_transform_in_the_checkpoint(void **state)
{
    (void)state;
    const okng_settings s = read_settings(CHECKPOINT("v1"));
    assert_input(&s, "128x192", "112", "0.485,0.456,0.406", "0.229,0.224,0.225");
    assert_string_equal(s.layers, "layer3 layer2");
    assert_string_equal(s.neighbors, "5");
    assert_string_equal(s.other, "");
    assert_false(s.wide_crop);
}

static void version_2_keeps_it_in_the_pre_processor_of_its_arguments(void **state)
{
    (void)state;
    static const char *const paths[] = {CHECKPOINT("v2"), CHECKPOINT("v2_protocol5"), CHECKPOINT("v2_older_container")};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const okng_settings s = read_settings(paths[i]);
        assert_input(&s, "256", "224", "0.5,0.5,0.5", "0.25,0.5,1");
        assert_string_equal(s.layers, "layer2 layer3");
        assert_string_equal(s.neighbors, "3");
        assert_string_equal(s.other, "");
    }
}

static void a_configuration_tells_it_too(void **state)
{
    (void)state;
    okng_settings s = read_settings(CHECKPOINT("v2_class_path"));
    assert_input(&s, "64x96", "none", "0,0,0", "1,1,1"); /* a transform that does not normalise */
    assert_string_equal(s.layers, "");
    assert_string_equal(s.neighbors, "");
    s = read_settings(CHECKPOINT("v0"));
    assert_input(&s, "256x256", "224", "0,0,0", "1,1,1");
    assert_string_equal(s.layers, "layer1 layer2");
    assert_string_equal(s.neighbors, "7");
}

static void what_is_not_told_is_the_default_of_the_version(void **state)
{
    (void)state;
    static const struct {
        const char *path, *crop, *whose;
    } cases[] = {
        {CHECKPOINT("v1_default"), "224", "1.x"},
        {CHECKPOINT("v2_default"), "none", "2.1 and later (2.0.0 has --crop 224)"},
        {CHECKPOINT("v2_precise"), "none", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const okng_settings s = read_settings(cases[i].path);
        assert_false(s.transform);
        assert_string_equal(s.resize, "256x256");
        assert_string_equal(s.crop, cases[i].crop);
        assert_string_equal(s.default_of, cases[i].whose);
        assert_string_equal(s.mean, "");
        assert_string_equal(s.other, "");
    }
}

static void what_okng_does_not_do_is_named(void **state)
{
    (void)state;
    okng_settings s = read_settings(CHECKPOINT("v2_other"));
    assert_true(s.wide_crop);
    assert_string_equal(s.crop, "200x100");
    assert_string_equal(s.resize, "none");
    assert_string_equal(s.other, "ColorJitter, CenterCrop before Resize, CenterCrop before Resize, the numbers of "
                                 "Normalize");
    s = read_settings(CHECKPOINT("v2_rough"));
    assert_string_equal(s.resize, "32x48");
    assert_string_equal(s.interpolation, "bicubic");
    assert_string_equal(s.other, "Resize with antialias False");
}

/* {"transform": {"class_path": "Compose", "init_args": itself}}, and a list that holds itself four times. */
static void settings_that_hold_themselves_end(void **state)
{
    (void)state;
    static const char own[] = "\x80\4}\x8c\x09transform}\x94(\x8c\x0a"
                              "class_path\x8c\x07"
                              "Compose\x8c\x09init_argsh\0us.",
                      list[] = "\x80\4}\x8c\x09transform]\x94(h\0h\0h\0h\0es.";
    const struct {
        const char *bytes;
        size_t size;
    } cases[] = {{own, sizeof own - 1}, {list, sizeof list - 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_error error = {0};
        okng_pickle pickle = {.path = "itself", .error = &error, .lenient = true};
        okng_pickle_ref root;
        size_t used;
        assert_int_equal(okng_pickle_run(&pickle, (const uint8_t *)cases[i].bytes, cases[i].size, &used, &root),
                         OKNG_OK);
        const okng_settings s = okng_settings_of(&pickle, root);
        assert_true(s.transform);
        assert_string_equal(s.resize, "none");
        okng_pickle_free(&pickle);
    }
}

static void nothing_is_run(void **state)
{
    (void)state;
    okng_weights *checkpoint;
    assert_fails(OKNG_ERROR_UNSUPPORTED, "posix.system is not allowed",
                 okng_weights_open_checkpoint(&checkpoint, CHECKPOINT("runs"), error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_1_keeps_its_transform_in_the_checkpoint),
        cmocka_unit_test(version_2_keeps_it_in_the_pre_processor_of_its_arguments),
        cmocka_unit_test(a_configuration_tells_it_too),
        cmocka_unit_test(what_is_not_told_is_the_default_of_the_version),
        cmocka_unit_test(what_okng_does_not_do_is_named),
        cmocka_unit_test(settings_that_hold_themselves_end),
        cmocka_unit_test(nothing_is_run),
    };
    return RUN_TESTS(tests);
}
