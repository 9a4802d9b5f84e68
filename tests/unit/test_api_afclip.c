/* Learnt words and few good pictures through the public functions, on made weights: what holds whatever the numbers
 * are. */
#include "fixture.h"
#include "made_clip.h"
#include "test.h"

static char root[64] = "/tmp/okng-test-afclip-XXXXXX";

static int make_world(void **state)
{
    (void)state;
    char command[512];
    if (!mkdtemp(root)) return -1;
    for (int i = 0; i < 3; i++)
        if (fixture_write_picture(root, "ok", i, NULL) != OKNG_OK) return -1;
    (void)snprintf(command, sizeof command, "'%s' clip-tinyclip-8m-16 '%s/learnt' --large", OKNG_MAKE_AFCLIP, root);
    bool made = made_clip(root, "clip-tinyclip-8m-16 tiny.safetensors --f16") &&
                made_clip(root, "--vocabulary bpe_simple_vocab_16e6.txt.gz") && system(command) == 0 &&
                fixture_write_picture(root, "ng", 0, NULL) == OKNG_OK;
    return made ? 0 : -1;
}

static int remove_world(void **state)
{
    (void)state;
    return okng_test_remove_tree(root);
}

static const char *in(const char *name)
{
    static char paths[32][128];
    static int next;
    char *path = paths[next++ % 32];
    (void)snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static okng_build_options options_of(const char *method)
{
    okng_build_options options;
    const struct {
        const char *name, *value;
    } settings[] = {{"method", method},
                    {"backbone", "clip-tinyclip-8m-16"},
                    {"weights", in("tiny.safetensors")},
                    {"checkpoint", in("learnt")},
                    {"resize", "96x96"},
                    {"threads", "1"}};
    okng_build_options_init(&options);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        assert_ok(okng_build_options_set(&options, settings[i].name, settings[i].value, error));
    return options;
}

typedef struct seen {
    float score;
    okng_seen_window window;
} seen;

static seen look(const okng_bank *bank, const char *name, float threshold)
{
    const okng_picture picture = {.struct_size = sizeof picture, .path = in(name)};
    okng_inspect_options options;
    okng_result *result;
    seen s;
    okng_inspect_options_init(&options);
    options.threshold_image = threshold;
    okng_init(&s.window);
    assert_ok(okng_inspect(&result, bank, &picture, &options, error));
    s.score = okng_result_score(result);
    assert_ok(okng_result_window(result, &s.window, error));
    okng_result_free(&result);
    return s;
}

/* A neighbourhood of patches behind one of the four depths. */
static void assert_tells(const okng_seen_window *w, const char *by)
{
    assert_string_equal(w->by, by);
    assert_true(w->scale == 1 || w->scale == 3 || w->scale == 5);
    assert_true(w->depth == 3 || w->depth == 5 || w->depth == 8 || w->depth == 10);
    assert_true(w->rows >= 1 && w->rows <= w->scale && w->columns >= 1 && w->columns <= w->scale);
    assert_true(w->width > 0 && w->height > 0);
}

static void by_words_alone(void **state)
{
    (void)state;
    okng_build_options options = options_of("miniclip");
    okng_bank *bank;
    okng_method_info info = {.struct_size = sizeof info};
    assert_ok(okng_method_info_of("miniclip", &info, error));
    assert_true(!info.needs_pictures && !info.needs_class_name);
    assert_ok(okng_bank_make(&bank, NULL, 0, &options, NULL, NULL, NULL, error));
    const okng_picture bad = {.struct_size = sizeof bad, .path = in("ng/000.png")};
    okng_result *none;
    assert_fails(OKNG_ERROR_ARGUMENT, "no thresholds", okng_inspect(&none, bank, &bad, NULL, error));
    seen s = look(bank, "ng/000.png", 0.5f);
    assert_true(s.score > 0 && s.score < 1);
    assert_tells(&s.window, "words");
    okng_bank_close(&bank);
    options.checkpoint[0] = '\0';
    assert_fails(OKNG_ERROR_ARGUMENT, "option checkpoint is missing",
                 okng_bank_make(&bank, NULL, 0, &options, NULL, NULL, NULL, error));
}

static void beside_good_pictures(void **state)
{
    (void)state;
    const char *const paths[] = {in("ok/000.png"), in("ok/001.png"), in("ok/002.png")};
    okng_build_options options = options_of("afclip");
    okng_build_report report;
    okng_bank *bank, *opened;
    okng_init(&report);
    options.alpha = 0;
    assert_ok(okng_bank_make(&bank, paths, 3, &options, NULL, NULL, &report, error));
    assert_int_equal(report.pictures, 3);
    assert_int_equal(report.rows, 12 * 3 * 36); /* all patches in twelve streams */
    assert_true(report.image_tau > 0 && report.pixel_tau > 0);
    seen known = look(bank, "ok/001.png", NAN), unknown = look(bank, "ng/000.png", NAN);
    assert_true(known.score == 0); /* it is remembered, and words say nothing */
    assert_true(unknown.score > 0);
    assert_tells(&unknown.window, "pictures");
    okng_bank_close(&bank);
    assert_ok(okng_build_paths(paths, 3, in("bank"), &options, NULL, NULL, NULL, error));
    assert_ok(okng_bank_open(&opened, in("bank"), NULL, error));
    assert_true(look(opened, "ng/000.png", NAN).score == unknown.score);
    okng_bank_close(&opened);
    options.alpha = 0.5;
    options.coreset = 0.25;
    assert_ok(okng_bank_make(&bank, paths, 3, &options, NULL, NULL, &report, error));
    assert_int_equal(report.rows, 12 * 27);
    assert_true(look(bank, "ok/001.png", NAN).score > known.score);
    okng_bank_close(&bank);
}

/* Writes huge numbers over the first ones of a float32 tensor. */
static void enlarge(const char *path, const char *tensor)
{
    static char header[1 << 18];
    const float huge[] = {3e38f, -3e38f, 3e38f};
    uint64_t length = 0;
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fread(&length, sizeof length, 1, file), 1);
    assert_true(length < sizeof header && fread(header, 1, length, file) == length);
    const char *at = strstr(header, tensor), *offsets = at ? strstr(at, "\"data_offsets\":[") : NULL;
    assert_non_null(offsets);
    assert_int_equal(fseek(file, (long)(8 + length) + atol(offsets + strlen("\"data_offsets\":[")), SEEK_SET), 0);
    assert_int_equal(fwrite(huge, sizeof huge, 1, file), 1);
    assert_int_equal(fclose(file), 0);
}

/* Numbers of a CLIP that are too large for float32 to compute with: with words alone it is seen when a picture is
 * looked at, with good pictures before. */
static void a_damaged_clip_says_nothing(void **state)
{
    (void)state;
    const okng_picture picture = {.struct_size = sizeof picture, .path = in("ng/000.png")};
    const char *const paths[] = {in("ok/000.png"), in("ok/001.png")};
    okng_build_options options = options_of("miniclip");
    okng_inspect_options how;
    okng_result *result;
    okng_bank *bank;
    okng_error why;
    okng_inspect_options_init(&how);
    how.threshold_image = 0.5f;
    assert_true(made_clip(root, "clip-tinyclip-8m-16 damaged.safetensors"));
    enlarge(in("damaged.safetensors"), "\"visual.ln_post.bias\"");
    assert_ok(okng_build_options_set(&options, "weights", in("damaged.safetensors"), error));
    assert_ok(okng_bank_make(&bank, NULL, 0, &options, NULL, NULL, NULL, error));
    assert_int_equal(okng_inspect(&result, bank, &picture, &how, &why), OKNG_ERROR_MISMATCH);
    assert_non_null(strstr(why.message, "what the networks make of the picture is not finite; check the weights and"));
    assert_non_null(strstr(why.message, in("learnt"))); /* the checkpoint */
    okng_bank_close(&bank);
    assert_fails(OKNG_ERROR_MISMATCH, "ok/000.png: what the networks make of the picture is not finite",
                 okng_bank_make(&bank, paths, 2, &options, NULL, NULL, NULL, error));
    assert_true(made_clip(root, "clip-tinyclip-8m-16 damaged.safetensors --f16 --nan visual.proj"));
    assert_fails(OKNG_ERROR_MISMATCH, "damaged.safetensors: tensor visual.proj holds NaN or infinite values",
                 okng_bank_make(&bank, NULL, 0, &options, NULL, NULL, NULL, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_words_alone), cmocka_unit_test(beside_good_pictures),
                                       cmocka_unit_test(a_damaged_clip_says_nothing)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("tests", tests, make_world, remove_world);
}
