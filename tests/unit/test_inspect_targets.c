/* What is inspected, what it is called, where its results go, what its folders say of it, and results.csv. */
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "inspect/labels.h"
#include "inspect/names.h"
#include "inspect/results_file.h"
#include "inspect/targets.h"
#include "test.h"

static char folder[64] = "/tmp/okng-test-targets-XXXXXX";

static const char *inside(const char *name)
{
    static char paths[8][256];
    static int next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void touch(const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s", inside(name));
    *strrchr(path, '/') = '\0';
    assert_ok(okng_make_folders(path, error));
    assert_ok(okng_file_write(inside(name), "x", 1, error));
}

/* Names of what is given, with a blank behind each. */
static void assert_names(const char *const *given, size_t count, const char *expected)
{
    const char *paths[8];
    char names[512] = "";
    for (size_t i = 0; i < count; i++) paths[i] = inside(given[i]);
    okng_targets targets;
    assert_ok(okng_targets_open(&targets, paths, count, false, error));
    for (size_t i = 0; i < targets.count; i++) {
        (void)strcat(strcat(names, targets.items[i].name), " ");
        assert_int_equal(access(targets.items[i].path, F_OK), 0);
    }
    okng_targets_close(&targets);
    assert_string_equal(names, expected);
}
#define NAMES(expected, ...)                                           \
    do {                                                               \
        static const char *const given[] = {__VA_ARGS__};              \
        assert_names(given, sizeof given / sizeof given[0], expected); \
    } while (0)

static void names_are_relative_to_the_deepest_folder_that_holds_all(void **state)
{
    (void)state;
    NAMES("crack/0.png good/0.png good/1.png ", "t");
    NAMES("0.png 1.png ", "t/good");
    NAMES("crack/0.png good/0.png good/1.png ", "t/good", "t/crack");
    NAMES("crack/0.png good/1.png ", "t/good/1.png", "t/crack");
    NAMES("0.png ", "t/good/0.png");
    NAMES("0.png 1.png ", "t/good/1.png", "t/good/0.png", "t/good/../good/1.png");
    NAMES("0.png 1.png ", "t/good", "t/good/1.png");
    NAMES("goodbye/2.png t/good/0.png t/good/1.png ", "t/good", "goodbye");
    NAMES("bare ", "bare");
}

static void what_is_not_there_is_named(void **state)
{
    (void)state;
    const char *paths[] = {inside("t"), inside("nowhere.png")};
    okng_targets targets;
    assert_fails(OKNG_ERROR_NOT_FOUND, "nowhere.png", okng_targets_open(&targets, paths, 2, false, error));
    paths[0] = inside("empty");
    assert_fails(OKNG_ERROR_NOT_FOUND, "no pictures", okng_targets_open(&targets, paths, 1, false, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "no pictures", okng_targets_open(&targets, paths, 0, false, error));
}

static void folders_of_results_never_clash(void **state)
{
    (void)state;
    static const char *const paths[] = {"a/x.png", "a/x.jpg", "a/y.png", "results.csv.png", "run.json.png",
                                        ".png",    "..png",   "bare",    "d/mask.png.png",  "a.b/bare"};
    static const char *const expected[] = {"a/x.png", "a/x.jpg", "a/y",  "results.csv.png", "run.json.png",
                                           ".png",    "..png",   "bare", "d/mask.png.png",  "a.b/bare"};
    char **folders = okng_result_folders(paths, 10);
    assert_non_null(folders);
    for (size_t i = 0; i < 10; i++) assert_string_equal(folders[i], expected[i]);
    okng_result_folders_free(&folders, 10);
}

static void the_deepest_folder_with_a_word_for_it_decides(void **state)
{
    (void)state;
    assert_int_equal(okng_label_of("good/0.png", ""), OKNG_LABEL_GOOD);
    assert_int_equal(okng_label_of("test/OK/cam1/0.png", "ng"), OKNG_LABEL_GOOD);
    assert_int_equal(okng_label_of("good/ng/0.png", ""), OKNG_LABEL_BAD);
    assert_int_equal(okng_label_of("good.png", ""), OKNG_LABEL_UNKNOWN);
    assert_int_equal(okng_label_of("goods/0.png", "today"), OKNG_LABEL_UNKNOWN);
    assert_int_equal(okng_label_of("0.png", "Normal"), OKNG_LABEL_GOOD);
    assert_int_equal(okng_label_among("crack/0.png", "", true), OKNG_LABEL_BAD);
    assert_int_equal(okng_label_among("crack/0.png", "", false), OKNG_LABEL_UNKNOWN);
    assert_int_equal(okng_label_among("0.png", "", true), OKNG_LABEL_UNKNOWN);
}

static void assert_text(const char *path, const char *expected)
{
    void *data = NULL;
    size_t size = 0;
    assert_ok(okng_file_read(path, SIZE_MAX, &data, &size, error));
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(data, expected, size);
    free(data);
}

static void results_are_added_and_never_replaced(void **state)
{
    (void)state;
    const okng_result_line first[] = {
        {.name = "crack/0.png",
         .inspected = true,
         .score = 0.1f,
         .threshold = 1,
         .p_value = 0.25,
         .verdict = OKNG_VERDICT_NG},
        {.name = "good/0.png"},
    };
    const okng_result_line second[] = {
        {.name = "good/0.png",
         .inspected = true,
         .score = 2,
         .threshold = 1,
         .p_value = (double)NAN,
         .verdict = OKNG_VERDICT_REVIEW},
        {.name = "z,\"q\".png"},
    };
    const char *path = inside("results.csv");
    assert_ok(okng_results_write(path, NULL, first, 2, "", error));
    assert_text(path, "path,score,verdict,threshold,p_value,label\n"
                      "crack/0.png,0.100000001,NG,1,0.25,1\ngood/0.png,,error,,,0\n");
    okng_earlier earlier;
    assert_ok(okng_earlier_read(&earlier, path, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "crack/0.png", okng_results_need_new(earlier.table, first, 2, error));
    assert_ok(okng_results_need_new(earlier.table, second, 2, error)); /* what was skipped may come again */
    path = inside("more.csv");
    assert_ok(okng_results_write(path, &earlier, second, 2, "", error));
    assert_text(path, "path,score,verdict,threshold,p_value,label\n"
                      "crack/0.png,0.100000001,NG,1,0.25,1\ngood/0.png,2,REVIEW,1,,0\n\"z,\"\"q\"\".png\",,error,,,\n");
    okng_earlier_close(&earlier);
    /* Results of version 0.2 had three columns. */
    assert_ok(okng_file_write(path, "path,score,verdict\na.png,1.5,OK\n", 32, error));
    assert_ok(okng_earlier_read(&earlier, path, error));
    assert_ok(okng_results_write(path, &earlier, &second[1], 1, "", error));
    assert_text(path, "path,score,verdict,threshold,p_value\na.png,1.5,OK,,\n\"z,\"\"q\"\".png\",,error,,\n");
    okng_earlier_close(&earlier);
}

/* A table that was cut off within the end of a line ("\r" of "\r\n"): the next line must not become a part of it. */
static void a_table_that_ends_in_half_a_line_end_is_added_to(void **state)
{
    (void)state;
    static const char *const ends[] = {"", "\r", "\n", "\n\r", "\r\n", "\r\n\r"};
    const okng_result_line added = {.name = "b.png"};
    const char *path = inside("cut.csv");
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char text[64];
        okng_earlier earlier;
        int size = snprintf(text, sizeof text, "path,score,verdict\na.png,1.5,OK%s", ends[i]);
        assert_ok(okng_file_write(path, text, (size_t)size, error));
        assert_ok(okng_earlier_read(&earlier, path, error));
        assert_ok(okng_results_write(path, &earlier, &added, 1, "", error));
        okng_earlier_close(&earlier);
        assert_ok(okng_earlier_read(&earlier, path, error));
        assert_int_equal(okng_csv_rows(earlier.table), 2);
        assert_string_equal(okng_csv_field(earlier.table, 1, 0), "b.png");
        okng_earlier_close(&earlier);
    }
}

int main(void)
{
    if (!mkdtemp(folder)) return 1;
    static const char *const files[] = {"t/good/0.png",  "t/good/1.png", "t/crack/0.png",
                                        "goodbye/2.png", "bare",         "empty/readme.md"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) touch(files[i]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_that_ends_in_half_a_line_end_is_added_to),
        cmocka_unit_test(names_are_relative_to_the_deepest_folder_that_holds_all),
        cmocka_unit_test(what_is_not_there_is_named),
        cmocka_unit_test(folders_of_results_never_clash),
        cmocka_unit_test(the_deepest_folder_with_a_word_for_it_decides),
        cmocka_unit_test(results_are_added_and_never_replaced),
    };
    int failed = RUN_TESTS(tests);
    char command[96];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0) failed++;
    return failed;
}
