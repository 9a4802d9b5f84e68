/* A recipe by the public functions: what the folder gives, by several threads; errors, never a signal and never a wrong
 * result, where the file changes while a bank has it open. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "fixture.h"
#include "test.h"

enum { THREADS = 3, ROUNDS = 12 };

static char folder[64];

static const char *path_of(const char *name)
{
    static char paths[16][128];
    static atomic_int next;
    char *path = paths[atomic_fetch_add(&next, 1) % 16];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int make_fixture(void **state)
{
    (void)state;
    okng_build_options options;
    char paths[FIXTURE_OK][128];
    const char *pictures[FIXTURE_OK];
    strcpy(folder, "/tmp/okng-test-recipe-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    assert_ok(fixture_write(folder, error));
    okng_build_options_init(&options);
    strcpy(options.backbone, "resnet18");
    (void)snprintf(options.weights, sizeof options.weights, "%s", path_of("resnet18.safetensors"));
    options.resize_height = options.resize_width = 64;
    options.threads = 1;
    for (int i = 0; i < FIXTURE_OK; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/ok/%03d.png", folder, i);
        pictures[i] = paths[i];
    }
    assert_ok(okng_build_paths(pictures, FIXTURE_OK, path_of("bank"), &options, NULL, NULL, NULL, error));
    return 0;
}

static int remove_fixture(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static okng_status score_of(const okng_bank *bank, float *score, okng_error *error)
{
    char path[128];
    okng_result *result;
    okng_inspect_options options;
    okng_inspect_options_init(&options);
    options.threads = 1;
    (void)snprintf(path, sizeof path, "%s/ng/000.png", folder);
    const okng_picture picture = {.struct_size = sizeof picture, .path = path};
    okng_status status = okng_inspect(&result, bank, &picture, &options, error);
    if (status == OKNG_OK) *score = okng_result_score(result);
    okng_result_free(&result);
    return status;
}

static float expected(void)
{
    okng_bank *bank;
    float score = 0;
    assert_ok(okng_bank_open(&bank, path_of("bank"), NULL, error));
    assert_ok(score_of(bank, &score, error));
    okng_bank_close(&bank);
    return score;
}

static void a_recipe_is_taken_where_a_folder_is(void **state)
{
    (void)state;
    okng_bank *bank;
    okng_embedder *embedder;
    okng_array *rows[2];
    char *text, picture_path[128];
    float score;
    okng_bank_info info = {.struct_size = sizeof info};
    assert_ok(okng_recipe_pack(path_of("bank"), path_of("part.okng"), NULL, error));
    assert_ok(okng_bank_open(&bank, path_of("part.okng"), NULL, error));
    assert_ok(okng_bank_get_info(bank, &info, error));
    assert_string_equal(info.method, "patchcore");
    assert_ok(score_of(bank, &score, error));
    assert_true(score == expected());
    okng_bank_close(&bank);
    assert_ok(okng_bank_describe(path_of("part.okng"), &text, error));
    assert_non_null(strstr(text, "\"recipe\""));
    okng_text_free(&text);
    (void)snprintf(picture_path, sizeof picture_path, "%s/ng/000.png", folder);
    const okng_picture picture = {.struct_size = sizeof picture, .path = picture_path};
    for (int i = 0; i < 2; i++) {
        assert_ok(okng_embedder_open_bank(&embedder, path_of(i ? "part.okng" : "bank"), NULL, error));
        assert_ok(okng_embedder_run(&rows[i], embedder, &picture, error));
        okng_embedder_close(&embedder);
    }
    assert_int_equal(okng_array_shape(rows[0], 0), okng_array_shape(rows[1], 0));
    const size_t bytes = (size_t)(okng_array_shape(rows[0], 0) * okng_array_shape(rows[0], 1)) * sizeof(float);
    assert_memory_equal(okng_array_data(rows[0]), okng_array_data(rows[1]), bytes);
    for (int i = 0; i < 2; i++) okng_array_free(&rows[i]);
}

static void wrong_calls_are_refused(void **state)
{
    (void)state;
    okng_bank *bank;
    okng_pack_options options;
    okng_init(&options);
    options.precision = "fp8";
    assert_fails(OKNG_ERROR_ARGUMENT, "fp8", okng_recipe_pack(path_of("bank"), path_of("x.okng"), &options, error));
    options.precision = NULL;
    options.threads = -1;
    assert_fails(OKNG_ERROR_ARGUMENT, "threads", okng_recipe_pack(path_of("bank"), path_of("x.okng"), &options, error));
    options.struct_size = 0;
    assert_fails(OKNG_ERROR_ARGUMENT, "options of packing",
                 okng_recipe_pack(path_of("bank"), path_of("x.okng"), &options, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "bank folder", okng_recipe_pack(NULL, path_of("x.okng"), NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "path of the recipe", okng_recipe_pack(path_of("bank"), NULL, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "public key", okng_bank_open_signed(&bank, path_of("part.okng"), NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "path of a recipe", okng_bank_open_signed(&bank, NULL, "key.pub", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "is no recipe", okng_bank_open_signed(&bank, path_of("bank"), "key.pub", error));
    assert_int_not_equal(access(path_of("x.okng"), F_OK), 0);
}

/* A recipe of a recipe is what it says that it is: what was rounded is not called whole, nor rounded once more. */
static void what_was_rounded_is_not_packed_as_something_else(void **state)
{
    (void)state;
    okng_pack_options options;
    okng_init(&options);
    options.precision = "bf16";
    assert_ok(okng_recipe_pack(path_of("bank"), path_of("half.okng"), &options, error));
    assert_ok(okng_recipe_pack(path_of("half.okng"), path_of("half-again.okng"), &options, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "its weights are bf16, found precision fp32",
                 okng_recipe_pack(path_of("half.okng"), path_of("x.okng"), NULL, error));
    options.precision = "int8";
    assert_fails(OKNG_ERROR_ARGUMENT, "its weights are bf16, found precision int8",
                 okng_recipe_pack(path_of("half.okng"), path_of("x.okng"), &options, error));
    assert_int_not_equal(access(path_of("x.okng"), F_OK), 0);
    options.precision = NULL; /* with the weights themselves it is whole again */
    options.weights = path_of("resnet18.safetensors");
    assert_ok(okng_recipe_pack(path_of("half.okng"), path_of("x.okng"), &options, error));
    assert_int_equal(unlink(path_of("x.okng")), 0);
}

/* ---- while threads inspect ---- */

typedef struct inspecting {
    okng_bank *bank;
    float score;
    atomic_int good, failed, wrong;
} inspecting;

static void *inspect(void *context)
{
    inspecting *i = context;
    for (int round = 0; round < ROUNDS; round++) {
        okng_error error = {0};
        float score;
        okng_status status = score_of(i->bank, &score, &error);
        if (status == OKNG_OK)
            atomic_fetch_add(score == i->score ? &i->good : &i->wrong, 1);
        else if (status == OKNG_ERROR_IO && strstr(error.message, "made shorter"))
            atomic_fetch_add(&i->failed, 1);
        else
            atomic_fetch_add(&i->wrong, 1);
    }
    return NULL;
}

/* `after`: so many results first. */
static void cut_while_threads_inspect(int after, bool replace)
{
    inspecting i = {.score = expected()};
    pthread_t ids[THREADS];
    assert_ok(okng_recipe_pack(path_of("bank"), path_of("part.okng"), NULL, error));
    assert_ok(okng_bank_open(&i.bank, path_of("part.okng"), NULL, error));
    for (int t = 0; t < THREADS; t++) assert_int_equal(pthread_create(&ids[t], NULL, inspect, &i), 0);
    while (atomic_load(&i.good) < after) usleep(100);
    if (replace)
        assert_ok(okng_recipe_pack(path_of("part.okng"), path_of("part.okng"), NULL, error));
    else
        assert_int_equal(truncate(path_of("part.okng"), 4096), 0);
    for (int t = 0; t < THREADS; t++) assert_int_equal(pthread_join(ids[t], NULL), 0);
    assert_int_equal(atomic_load(&i.wrong), 0);
    assert_true(replace ? atomic_load(&i.good) == THREADS * ROUNDS : atomic_load(&i.failed) > 0);
    float score;
    if (!replace) assert_fails(OKNG_ERROR_IO, "made shorter", score_of(i.bank, &score, error));
    okng_bank_close(&i.bank);
}

static void a_recipe_that_is_cut_off_gives_errors(void **state)
{
    (void)state;
    cut_while_threads_inspect(0, false); /* before the network and the index are made of it, or meanwhile */
    cut_while_threads_inspect(2, false);
}

/* That is not a fault of the pictures, to be skipped one by one with a run that counts as done. */
static void a_recipe_that_is_cut_off_ends_the_run(void **state)
{
    (void)state;
    okng_bank *bank;
    okng_folder_report report;
    okng_init(&report);
    assert_ok(okng_recipe_pack(path_of("bank"), path_of("part.okng"), NULL, error));
    assert_ok(okng_bank_open(&bank, path_of("part.okng"), NULL, error));
    assert_ok(okng_inspect_folder(bank, path_of("ng"), path_of("whole"), NULL, NULL, NULL, NULL, &report, error));
    assert_int_equal(report.skipped, 0);
    assert_int_equal(truncate(path_of("part.okng"), 4096), 0);
    assert_fails(OKNG_ERROR_IO, "made shorter",
                 okng_inspect_folder(bank, path_of("ng"), path_of("cut"), NULL, NULL, NULL, NULL, &report, error));
    assert_int_equal(report.skipped, 0);
    okng_bank_close(&bank);
}

/* A byte in the middle is of the network's weights, which are checked when they are first used. */
static void damage_middle(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, info.st_size / 2, SEEK_SET), 0);
    const int byte = fgetc(file);
    assert_int_equal(fseek(file, info.st_size / 2, SEEK_SET), 0);
    assert_int_not_equal(fputc(byte ^ 1, file), EOF);
    assert_int_equal(fclose(file), 0);
}

static void a_recipe_that_is_damaged_ends_the_run(void **state)
{
    (void)state;
    okng_bank *bank;
    okng_folder_report report;
    okng_init(&report);
    assert_ok(okng_recipe_pack(path_of("bank"), path_of("part.okng"), NULL, error));
    damage_middle(path_of("part.okng"));
    assert_ok(okng_bank_open(&bank, path_of("part.okng"), NULL, error)); /* it is not read there */
    assert_fails(OKNG_ERROR_FORMAT, "is damaged: it is not what was packed",
                 okng_inspect_folder(bank, path_of("ng"), path_of("damaged"), NULL, NULL, NULL, NULL, &report, error));
    assert_int_equal(report.skipped, 0);
    okng_bank_close(&bank);
}

/* A model that was exported from a recipe that lost its pages would be all zeros, and nobody would know: the file that
 * is there stays, of a model that is new there is none. */
static void a_recipe_that_is_cut_off_is_not_exported(void **state)
{
    (void)state;
    static const char *const formats[] = {"onnx", "openvino"}, *const files[] = {"models/m.onnx", "models/m/m.xml"};
    for (int i = 0; i < 2; i++) {
        okng_bank *bank;
        okng_export_options options;
        float score;
        void *before, *after;
        size_t size, other;
        okng_init(&options);
        options.format = formats[i];
        options.out = path_of("models");
        options.name = "m";
        assert_ok(okng_recipe_pack(path_of("bank"), path_of("part.okng"), NULL, error));
        assert_ok(okng_bank_open(&bank, path_of("part.okng"), NULL, error));
        assert_ok(okng_bank_export(bank, &options, NULL, error));
        assert_ok(okng_file_read(path_of(files[i]), 1 << 28, &before, &size, error));
        okng_bank_close(&bank);
        assert_ok(okng_bank_open(&bank, path_of("part.okng"), NULL, error));
        assert_ok(score_of(bank, &score, error)); /* the rows and the network are made of it, and checked */
        assert_int_equal(truncate(path_of("part.okng"), 4096), 0);
        assert_fails(OKNG_ERROR_IO, "made shorter", okng_bank_export(bank, &options, NULL, error));
        assert_ok(okng_file_read(path_of(files[i]), 1 << 28, &after, &other, error));
        assert_int_equal(size, other);
        assert_memory_equal(before, after, size);
        options.name = "new";
        assert_fails(OKNG_ERROR_IO, "made shorter", okng_bank_export(bank, &options, NULL, error));
        assert_int_not_equal(access(path_of(i ? "models/new/new.xml" : "models/new.onnx"), F_OK), 0);
        okng_bank_close(&bank);
        free(before);
        free(after);
    }
}

static void a_recipe_that_is_replaced_stays_what_it_was(void **state)
{
    (void)state;
    cut_while_threads_inspect(1, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recipe_is_taken_where_a_folder_is),
        cmocka_unit_test(wrong_calls_are_refused),
        cmocka_unit_test(what_was_rounded_is_not_packed_as_something_else),
        cmocka_unit_test(a_recipe_that_is_cut_off_gives_errors),
        cmocka_unit_test(a_recipe_that_is_cut_off_ends_the_run),
        cmocka_unit_test(a_recipe_that_is_damaged_ends_the_run),
        cmocka_unit_test(a_recipe_that_is_cut_off_is_not_exported),
        cmocka_unit_test(a_recipe_that_is_replaced_stays_what_it_was),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_fixture, remove_fixture);
}
