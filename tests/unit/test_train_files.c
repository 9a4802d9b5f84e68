/* What training keeps on disk: its configuration read, tokens, and the state that it goes on from. Written, read, and
 * refused where it is another's or damaged. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/file.h"
#include "test.h"
#include "train/cache.h"
#include "train/state.h"

static char root[64] = "/tmp/okng-test-train-XXXXXX";

static int make_root(void **state)
{
    (void)state;
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    return okng_test_remove_tree(root);
}

static const char *in(const char *name)
{
    static char paths[16][128];
    static int next;
    char *path = paths[next++ % 16];
    (void)snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static void write_text(const char *path, const char *text)
{
    assert_ok(okng_file_write(path, text, strlen(text), error));
}

/* ---- configuration ---- */

static void test_configuration(void **state)
{
    (void)state;
    okng_train_config config;
    const char *const settings[] = {"data.root=elsewhere", "training.lr=0.5", "data.categories=[a, b]",
                                    "model.taps=[0, 1, 2, 3]"};
    write_text(in("a.yaml"),
               "data: {root: here}\nmodel: {weights: w.pt, resolution: 32, backbone: clip-tinyclip-8m-16}\n"
               "training: {out: there, gradient_quirk: off, memory: 2G, cache_type: bf16}\n");
    assert_ok(okng_train_config_load(&config, in("a.yaml"), settings, 4, error));
    assert_string_equal(config.root, "elsewhere");
    assert_string_equal(config.data.categories, "a,b");
    assert_true(config.build.tap_count == 4 && config.build.taps[3] == 3);
    assert_string_equal(config.build.backbone, "clip-tinyclip-8m-16");
    assert_string_equal(config.build.weights, "w.pt");
    assert_int_equal(config.build.positions, OKNG_POSITIONS_AFCLIP);
    assert_true(config.rate == 0.5 && config.quirk == OKNG_QUIRK_OFF && config.memory == (uint64_t)2 << 30);
    assert_true(config.resolution == 32 && config.batch_size == 8 && config.epochs == 2 && config.seed == 122);
    assert_int_equal(config.cache_type, OKNG_CACHE_BF16);
    const char *const defaults[] = {"data.root=x", "training.out=y"};
    assert_ok(okng_train_config_load(&config, NULL, defaults, 2, error));
    assert_string_equal(config.build.backbone, "clip-vit-l-14-336");
    assert_true(config.resolution == 518 && config.rate == 0.0001 && config.quirk == OKNG_QUIRK_ON);
}

static void refuse(const char *setting, const char *part)
{
    okng_train_config config;
    const char *const settings[] = {"data.root=x", "training.out=y", setting};
    assert_fails(OKNG_ERROR_ARGUMENT, part, okng_train_config_load(&config, NULL, settings, 3, error));
}

static void test_configuration_refused(void **state)
{
    (void)state;
    okng_train_config config;
    refuse("training.lrr=1", "did you mean \"training.lr\"?; known are training.out, training.batch_size");
    refuse("model.lr=1", "did you mean \"training.lr\"?");
    refuse("odd=1", "known are data, model, training");
    refuse("training=1", "expected keys below it");
    refuse("training.lr=null", "has no value, expected RATE");
    refuse("training.lr", "expected key=value, as training.lr=0.0002");
    refuse("training.lr=fast", "setting training.lr: found \"fast\"");
    refuse("training.batch_size=0", "setting training.batch_size");
    refuse("training.gradient_quirk=maybe", "off|on");
    refuse("training.out=", "training.out is missing");
    refuse("data.root=", "data.root is missing");
    write_text(in("odd.yaml"), "training:\n  lr: 1\n  momentum: 0.9\n");
    assert_fails(OKNG_ERROR_ARGUMENT, "odd.yaml:3: training.momentum: unknown key",
                 okng_train_config_load(&config, in("odd.yaml"), NULL, 0, error));
    write_text(in("deep.yaml"), "training:\n  lr: {a: 1}\n");
    assert_fails(OKNG_ERROR_ARGUMENT, "deep.yaml:2: training.lr",
                 okng_train_config_load(&config, in("deep.yaml"), NULL, 0, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "none.yaml", okng_train_config_load(&config, in("none.yaml"), NULL, 0, error));
}

static void test_what_learning_depends_on(void **state)
{
    (void)state;
    char *before, *now, differs[200];
    okng_train_config config;
    const char *const settings[] = {"data.root=x", "training.out=y"};
    assert_ok(okng_train_config_load(&config, NULL, settings, 2, error));
    assert_ok(okng_train_config_text(&config, &before, error));
    config.epochs = 7;
    config.max_steps = 3;
    config.checkpoint_every = 1;
    config.build.threads = 3;
    strcpy(config.cache, "c");
    strcpy(config.out, "o");
    assert_ok(okng_train_config_text(&config, &now, error));
    assert_string_equal(now, before);
    free(now);
    config.cache_type = OKNG_CACHE_BF16; /* rounds what is learnt from, but where there is a cache only */
    assert_ok(okng_train_config_text(&config, &now, error));
    okng_train_config_differ(now, before, differs, sizeof differs);
    assert_string_equal(differs, "training.cache_type is \"bf16\", and was \"fp32\"");
    free(now);
    config.cache[0] = '\0';
    assert_ok(okng_train_config_text(&config, &now, error));
    assert_string_equal(now, before);
    free(now);
    config.lambda2 = 0.5;
    assert_ok(okng_train_config_text(&config, &now, error));
    okng_train_config_differ(now, before, differs, sizeof differs);
    assert_string_equal(differs, "training.lambda2 is \"0.5\", and was \"1\"");
    okng_train_config_differ(before + strcspn(before, "\n") + 1, before, differs, sizeof differs);
    assert_string_equal(differs, "its options are others"); /* of another version */
    free(now);
    free(before);
}

/* ---- tokens ---- */

static const okng_afclip_plan plan = {.rows = 2, .columns = 2, .tokens = 5, .width = 3};
enum { NUMBERS = 4 * 5 * 3 };
static const char name_a[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char name_b[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

static okng_status open_cache(okng_token_cache *cache, const char *folder, const char *weights, okng_cache_type type,
                              bool rebuild, okng_error *error)
{
    json_t *key = json_pack("{s:s, s:s}", "backbone", "clip-tinyclip-8m-16", "weights_sha256", weights);
    okng_status status = okng_token_cache_open(cache, folder, key, type, &plan, rebuild, error);
    json_decref(key);
    return status;
}

static void fill(float *tokens)
{
    for (int i = 0; i < NUMBERS; i++) tokens[i] = (float)(i - 20) * 1.2345678f;
}

static void test_tokens_come_back(void **state)
{
    (void)state;
    float tokens[NUMBERS], found[NUMBERS], rounded[NUMBERS];
    for (int type = 0; type < 2; type++) {
        okng_token_cache cache;
        const char *folder = in(type ? "cache16" : "cache32");
        assert_ok(open_cache(&cache, folder, "w", (okng_cache_type)type, false, error));
        assert_false(okng_token_cache_has(&cache, name_a));
        assert_fails(OKNG_ERROR_NOT_FOUND, name_a, okng_token_cache_read(&cache, name_a, found, error));
        fill(rounded);
        assert_ok(okng_token_cache_write(&cache, name_a, rounded, error));
        assert_true(okng_token_cache_has(&cache, name_a) && !okng_token_cache_has(&cache, name_b));
        okng_token_cache_close(&cache);
        assert_ok(open_cache(&cache, folder, "w", (okng_cache_type)type, false, error));
        assert_ok(okng_token_cache_read(&cache, name_a, found, error));
        assert_memory_equal(found, rounded, sizeof found);
        fill(tokens);
        for (int i = 0; i < NUMBERS; i++) /* eight bits of a number are kept, to the nearest */
            assert_true(type == 0 ? found[i] == tokens[i] : fabsf(found[i] - tokens[i]) <= fabsf(tokens[i]) / 256);
        assert_int_equal(okng_token_cache_bytes(&cache) < (type ? 700 : 800), true);
        okng_token_cache_close(&cache);
    }
}

static void test_bf16_is_to_the_nearest_even(void **state)
{
    (void)state;
    /* 1 + 2^-8 lies between 1 and 1 + 2^-7; so does 1 + 3 * 2^-8 between its neighbours */
    float tokens[NUMBERS] = {1.00390625f, 1.01171875f, 1.00390637f, -1.00390625f, 3e38f};
    okng_token_cache cache;
    assert_ok(open_cache(&cache, in("even"), "w", OKNG_CACHE_BF16, false, error));
    assert_ok(okng_token_cache_write(&cache, name_a, tokens, error));
    assert_true(tokens[0] == 1 && tokens[1] == 1.015625f && tokens[2] == 1.0078125f && tokens[3] == -1);
    assert_true(isfinite(tokens[4]));
    okng_token_cache_close(&cache);
}

static void test_tokens_of_another(void **state)
{
    (void)state;
    okng_token_cache cache;
    float tokens[NUMBERS];
    fill(tokens);
    assert_ok(open_cache(&cache, in("mine"), "aaaa", OKNG_CACHE_FP32, false, error));
    assert_ok(okng_token_cache_write(&cache, name_a, tokens, error));
    okng_token_cache_close(&cache);
    assert_fails(OKNG_ERROR_MISMATCH,
                 "with weights aaaa, expected clip-tinyclip-8m-16 with weights bbbb (\"weights_sha256\"",
                 open_cache(&cache, in("mine"), "bbbb", OKNG_CACHE_FP32, false, error));
    assert_fails(OKNG_ERROR_MISMATCH, "\"type\" differs",
                 open_cache(&cache, in("mine"), "aaaa", OKNG_CACHE_BF16, false, error));
    assert_ok(open_cache(&cache, in("mine"), "bbbb", OKNG_CACHE_FP32, true, error));
    assert_false(okng_token_cache_has(&cache, name_a));
    okng_token_cache_close(&cache);
    write_text(in("mine/notes.txt"), "of a user");
    assert_fails(OKNG_ERROR_ARGUMENT, "notes.txt",
                 open_cache(&cache, in("mine"), "cccc", OKNG_CACHE_FP32, true, error));
    assert_int_equal(access(in("mine/notes.txt"), F_OK), 0);
}

/* As a removal leaves them that was killed half way. */
static void test_tokens_of_nobody(void **state)
{
    (void)state;
    okng_token_cache cache;
    float tokens[NUMBERS];
    fill(tokens);
    assert_ok(open_cache(&cache, in("nobody"), "aaaa", OKNG_CACHE_FP32, false, error));
    assert_ok(okng_token_cache_write(&cache, name_a, tokens, error));
    okng_token_cache_close(&cache);
    assert_int_equal(unlink(in("nobody/cache.json")), 0);
    assert_fails(OKNG_ERROR_MISMATCH, "no cache.json that says whose",
                 open_cache(&cache, in("nobody"), "bbbb", OKNG_CACHE_FP32, false, error));
    assert_ok(open_cache(&cache, in("nobody"), "bbbb", OKNG_CACHE_FP32, true, error));
    assert_false(okng_token_cache_has(&cache, name_a));
    okng_token_cache_close(&cache);
}

static void test_damaged_tokens(void **state)
{
    (void)state;
    char path[200];
    okng_token_cache cache;
    float tokens[NUMBERS];
    fill(tokens);
    assert_ok(open_cache(&cache, in("damaged"), "w", OKNG_CACHE_FP32, false, error));
    assert_ok(okng_token_cache_write(&cache, name_a, tokens, error));
    (void)snprintf(path, sizeof path, "%s/damaged/%s.safetensors", root, name_a);
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    const int descriptor = open(path, O_RDWR);
    assert_true(descriptor >= 0);
    assert_int_equal(pwrite(descriptor, "x", 1, file.st_size - 64 - 40), 1); /* one byte of a token */
    assert_int_equal(close(descriptor), 0);
    assert_fails(OKNG_ERROR_MISMATCH, "damaged", okng_token_cache_read(&cache, name_a, tokens, error));
    assert_int_equal(truncate(path, 100), 0);
    assert_fails(OKNG_ERROR_FORMAT, name_a, okng_token_cache_read(&cache, name_a, tokens, error));
    okng_token_cache_close(&cache);
}

static void test_full_disk(void **state)
{
    (void)state;
    okng_token_cache cache;
    float tokens[NUMBERS];
    fill(tokens);
    assert_ok(open_cache(&cache, in("full"), "w", OKNG_CACHE_FP32, false, error));
    assert_fails(OKNG_ERROR_IO, "MiB free; make room", okng_token_cache_room(&cache, (size_t)1 << 50, error));
    assert_ok(okng_token_cache_room(&cache, 1, error));
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 100;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    okng_error said = {0};
    const okng_status status = okng_token_cache_write(&cache, name_a, tokens, &said);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, OKNG_ERROR_IO);
    assert_false(okng_token_cache_has(&cache, name_a));
    assert_ok(okng_token_cache_write(&cache, name_a, tokens, error));
    okng_token_cache_close(&cache);
}

/* ---- state ---- */

static void make_state(okng_train_state *s)
{
    assert_ok(okng_train_state_new(s, 4, 3, error));
    okng_afclip_learnt_draw(&s->learnt, 5);
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++)
        for (size_t k = 0; k < s->moments[i].count; k++)
            s->moments[i].mean[k] = (float)(k + 1), s->moments[i].square[k] = (float)i;
    const okng_loss_row row = {1, 8, {0.5, 0.25, 0.125, 1.0 / 3, 0}};
    assert_ok(okng_loss_curve_add(&s->curve, &row, error));
    assert_ok(okng_loss_curve_add(&s->curve, &row, error));
    s->options = strdup("training.lr=0.0001\n");
    strcpy(s->data_sha256, name_a);
    strcpy(s->weights_sha256, name_b);
    s->epoch = 3;
    s->seen = 16;
    s->order = (okng_rng){UINT64_MAX - 5, 0x123456789abcdef1};
}

static void test_state_comes_back(void **state)
{
    (void)state;
    bool there;
    okng_train_state s, found;
    make_state(&s);
    assert_ok(okng_make_folders(in("run"), error));
    assert_ok(okng_train_state_read(&found, in("run"), &there, error));
    assert_false(there);
    assert_ok(okng_train_state_write(&s, in("run"), error));
    assert_ok(okng_train_state_read(&found, in("run"), &there, error));
    assert_true(there);
    for (int i = 0; i < OKNG_AFCLIP_PARAMS; i++) {
        const size_t bytes = s.moments[i].count * sizeof(float);
        assert_memory_equal(found.learnt.values[i], s.learnt.values[i], bytes);
        assert_memory_equal(found.moments[i].mean, s.moments[i].mean, bytes);
        assert_memory_equal(found.moments[i].square, s.moments[i].square, bytes);
    }
    assert_int_equal(found.curve.count, 2);
    assert_memory_equal(&found.curve.rows[1], &s.curve.rows[1], sizeof s.curve.rows[1]);
    assert_string_equal(found.options, s.options);
    assert_string_equal(found.data_sha256, s.data_sha256);
    assert_string_equal(found.weights_sha256, s.weights_sha256);
    assert_string_equal(found.start_sha256, "");
    assert_true(found.epoch == 3 && found.seen == 16);
    assert_memory_equal(&found.order, &s.order, sizeof s.order);
    okng_train_state_free(&found);
    okng_train_state_free(&s);
}

/* The file with `from` [size] replaced by `to`, refused with `part`. */
static void refuse_state(const char *from, const char *to, const char *part)
{
    void *data;
    size_t size;
    bool there;
    okng_train_state found;
    assert_ok(okng_file_read(in("run/training.safetensors"), 1 << 24, &data, &size, error));
    char *at = memmem(data, size, from, strlen(from));
    assert_non_null(at);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(at, to, strlen(to));
    assert_ok(okng_make_folders(in("bad"), error));
    assert_ok(okng_file_write(in("bad/training.safetensors"), data, size, error));
    free(data);
    okng_error said = {0};
    assert_true(okng_train_state_read(&found, in("bad"), &there, &said) != OKNG_OK);
    if (!strstr(said.message, part)) fail_msg("\"%s\" does not say \"%s\"", said.message, part);
    assert_null(found.options);
}

static void test_damaged_state(void **state)
{
    (void)state;
    refuse_state("okng afclip training", "okng afclip straying", "format");
    refuse_state("\"version\":1", "\"version\":2", "version");
    refuse_state("\"epoch\":3", "\"epoch\":-", "training.safetensors");
    refuse_state("\"seen\":16", "\"sewn\":16", "seen");
    refuse_state("\"order\":[\"ff", "\"order\":[\"gg", "order");
    refuse_state("adam.mean.prompt", "adam.mean.promqt", "adam.mean.prompt");
    refuse_state("\"losses\"", "\"lasses\"", "losses");
    refuse_state("UUUUUU\xd5\x3f", "UUUUUU\xf5\x7f", "\"losses\" holds"); /* a third, no number */
    refuse_state("\"shape\":[2,7]", "\"shape\":[7,2]", "7 columns");
    refuse_state("UUUUUU\xd5\x3f", "UUUUUU\xd5\x3e", "another SHA-256"); /* another number */
    refuse_state("\"seen\":16", "\"seen\":15", "another SHA-256");
    refuse_state("\"sha256\":{", "\"sha255\":{", "sha256");
}

static void test_means_of_epochs(void **state)
{
    (void)state;
    okng_loss_curve curve = {0};
    assert_true(okng_loss_curve_mean(&curve) == 0);
    for (int i = 0; i < 5; i++) {
        const okng_loss_row row = {i < 3 ? 1 : 2, 8, {.total = i}};
        assert_ok(okng_loss_curve_add(&curve, &row, error));
    }
    assert_true(okng_loss_curve_mean(&curve) == 3.5);
    assert_ok(okng_make_folders(in("curve"), error));
    assert_ok(okng_loss_curve_write(&curve, in("curve"), error));
    void *text;
    size_t size;
    assert_ok(okng_file_read(in("curve/losses.csv"), 1 << 16, &text, &size, error));
    assert_non_null(memmem(text, size, "3,1,8,2,0,0,0,0,1\n4,2,8,3,0,0,0,0,3\n5,2,8,4,0,0,0,0,3.5\n", 54));
    free(text);
    assert_ok(okng_file_read(in("curve/losses.svg"), 1 << 16, &text, &size, error));
    assert_non_null(memmem(text, size, "mean of the epoch", 17));
    free(text);
    okng_loss_curve_free(&curve);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_configuration_refused),
        cmocka_unit_test(test_what_learning_depends_on),
        cmocka_unit_test(test_tokens_come_back),
        cmocka_unit_test(test_bf16_is_to_the_nearest_even),
        cmocka_unit_test(test_tokens_of_another),
        cmocka_unit_test(test_tokens_of_nobody),
        cmocka_unit_test(test_damaged_tokens),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_state_comes_back),
        cmocka_unit_test(test_damaged_state),
        cmocka_unit_test(test_means_of_epochs),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
