/* What two banks have differently, by the public function. */
#include "test.h"

enum { ROWS = 6, DIM = 384 };

static char folder[64];

static const char *path_of(const char *name)
{
    static char paths[4][128];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/okng-test-diff-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

/* A bank of okng-s whose rows are numbers up to `largest`. */
static void make_bank(const char *name, float largest, int seed)
{
    okng_array *rows;
    okng_build_options options;
    const int64_t shape[2] = {ROWS, DIM};
    assert_ok(okng_array_new(&rows, OKNG_F32, 2, shape, error));
    float *values = okng_array_data(rows);
    for (int i = 0; i < ROWS * DIM; i++) values[i] = largest * (float)((i * 37 + seed * 11) % 101) / 101;
    assert_ok(okng_array_write_npy(rows, path_of("rows.npy"), error));
    okng_array_free(&rows);
    okng_build_options_init(&options);
    options.resize_height = options.resize_width = 64;
    options.threads = 1;
    assert_ok(okng_bank_create(path_of("rows.npy"), path_of(name), &options, NULL, NULL, NULL, NULL, error));
}

static void distances_beyond_float32_are_null(void **state)
{
    (void)state;
    char *text;
    make_bank("a", 1e30F, 1);
    make_bank("b", 1e30F, 2);
    assert_ok(okng_bank_diff(path_of("a"), path_of("b"), 1, NULL, NULL, &text, error));
    assert_non_null(strstr(text, "\"largest\": null"));
    assert_non_null(strstr(text, "\"mean\": null"));
    okng_text_free(&text);
    assert_ok(okng_bank_diff(path_of("a"), path_of("a"), 1, NULL, NULL, &text, error));
    assert_null(strstr(text, "\"largest\": null"));
    okng_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_beyond_float32_are_null),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
