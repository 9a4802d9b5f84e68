/* sources.safetensors: what is written is read again, and what is out of range is refused. */
#include "base/file.h"
#include "patchcore/sources.h"
#include "test.h"

static char path[] = "/tmp/okng-sources-XXXXXX";

static const char *const names[] = {"1.png", "deep/\xff 2.png"};

static const char *name_of(const void *context, size_t i)
{
    (void)context;
    return names[i];
}

static const int32_t grid[3] = {4, 6, 2};

static okng_sources *made(void)
{
    okng_sources *s;
    static const int32_t places[3][3] = {{0, 0, 0}, {3, 3, 5}, {2, 1, 4}};
    static const int32_t sizes[2][2] = {{300, 200}, {64, 48}};
    okng_picture_names pictures;
    assert_ok(okng_picture_names_new(&pictures, 2, name_of, NULL, error));
    assert_ok(okng_sources_new(&s, 3, &pictures, "", grid, error));
    okng_picture_names_free(&pictures);
    memcpy(s->places, places, sizeof places);
    memcpy(s->sizes, sizes, sizeof sizes);
    return s;
}

static void check_error(okng_sources *s, int64_t count, const char *part)
{
    okng_weights *file;
    okng_sources *read;
    assert_ok(okng_sources_write(s, path, error));
    okng_sources_free(&s);
    assert_ok(okng_weights_open(&file, path, error));
    assert_fails(OKNG_ERROR_FORMAT, part, okng_sources_read(&read, file, count, error));
    assert_null(read);
    okng_weights_close(&file);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    okng_sources *s = made(), *read;
    okng_weights *file;
    okng_source one;
    free(s->folder);
    s->folder = strdup("/a/good");
    assert_ok(okng_sources_write(s, path, error));
    okng_sources_free(&s);
    assert_ok(okng_weights_open(&file, path, error));
    assert_ok(okng_sources_read(&read, file, 3, error));
    okng_weights_close(&file);
    assert_true(okng_sources_get(read, 1, &one));
    assert_string_equal(one.folder, "/a/good");
    assert_string_equal(one.name, "deep/\xff 2.png");
    assert_int_equal(one.width, 64);
    assert_int_equal(one.height, 48);
    assert_int_equal(one.turn, 1);
    assert_int_equal(one.turns, 2);
    assert_int_equal(one.row, 3);
    assert_int_equal(one.column, 5);
    assert_int_equal(one.grid_height, 4);
    assert_int_equal(one.grid_width, 6);
    assert_true(okng_sources_get(read, 2, &one));
    assert_string_equal(one.name, "deep/\xff 2.png");
    assert_int_equal(one.turn, 0);
    assert_false(okng_sources_get(read, 3, &one));
    assert_false(okng_sources_get(read, -1, &one));
    okng_sources_free(&read);
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    static const int32_t bad[][3] = {{4, 0, 0}, {-1, 0, 0}, {0, 4, 0}, {0, -1, 0}, {0, 0, 6}, {0, 0, -1}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        okng_sources *s = made();
        memcpy(s->places, bad[i], sizeof bad[i]);
        check_error(s, 3, "the place of a row");
    }
    okng_sources *s = made();
    s->sizes[3] = 0;
    check_error(s, 3, "the size of a picture");
    s = made();
    s->grid[2] = 0;
    check_error(s, 3, "the grid");
    check_error(made(), 4, "rows");
}

static void names_that_lead_out_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"../.png", "/x.png", "a/../b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        okng_sources *s = made();
        free(s->names.text);
        s->names.bytes = strlen(bad[i]) + 3;
        s->names.text = calloc(1, s->names.bytes);
        assert_non_null(s->names.text);
        s->names.text[0] = 'a';
        memcpy(s->names.text + 2, bad[i], strlen(bad[i]));
        check_error(s, 3, "a name of a picture");
    }
    okng_sources *s = made();
    s->names.bytes -= 8; /* ends in the middle of a name */
    check_error(s, 3, "a name of a picture");
    s = made();
    free(s->folder);
    s->folder = strdup("here");
    check_error(s, 3, "the folder of the pictures");
}

static int make_file(void **state)
{
    (void)state;
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(names_that_lead_out_are_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
