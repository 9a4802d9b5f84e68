#include <sys/stat.h>

#include "test.h"

static void touch(const char *folder, const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static void pictures_are_listed_in_byte_order_below_the_folder(void **state)
{
    (void)state;
    char folder[] = "/tmp/okng_list_XXXXXX", path[512];
    assert_non_null(mkdtemp(folder));
    static const char *const folders[] = {"b", "b/deep", ".hidden", "empty", "c.png"};
    for (size_t i = 0; i < 5; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, folders[i]);
        assert_int_equal(mkdir(path, 0777), 0);
    }
    static const char *const files[] = {"z.PNG",     "a.jpg",         "b/1.tiff", "b/deep/x.WebP", "b.png",
                                        "notes.txt", ".hidden/a.png", ".dot.png", "png",           "c.png/in.bmp"};
    for (size_t i = 0; i < 10; i++) touch(folder, files[i]);
    (void)snprintf(path, sizeof path, "%s/empty/up", folder);
    assert_int_equal(symlink("..", path), 0);

    okng_picture_list *list;
    static const char *const expected[] = {"a.jpg", "b.png", "b/1.tiff", "b/deep/x.WebP", "c.png/in.bmp", "z.PNG"};
    assert_ok(okng_picture_list_open(&list, folder, error));
    assert_int_equal(okng_picture_list_count(list), 6);
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(okng_picture_list_relative(list, i), expected[i]);
        (void)snprintf(path, sizeof path, "%s/%s", folder, expected[i]);
        assert_string_equal(okng_picture_list_path(list, i), path);
    }
    assert_null(okng_picture_list_path(list, 6));
    okng_picture_list_free(&list);
    assert_null(list);

    (void)snprintf(path, sizeof path, "%s/a.jpg", folder);
    assert_fails(OKNG_ERROR_IO, "expected a folder", okng_picture_list_open(&list, path, error));
    (void)snprintf(path, sizeof path, "rm -r %s", folder);
    assert_int_equal(system(path), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "No such file", okng_picture_list_open(&list, folder, error));
    assert_null(list);
}
static void what_would_wait_for_a_writer_is_no_picture(void **state)
{
    (void)state;
    char folder[] = "/tmp/okng_list_XXXXXX", path[512];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/pipe.png", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    okng_picture_list *list;
    assert_ok(okng_picture_list_open(&list, folder, error));
    assert_int_equal(okng_picture_list_count(list), 0);
    okng_picture_list_free(&list);
    okng_picture picture = {.struct_size = sizeof picture, .path = path};
    okng_build_options options;
    okng_build_options_init(&options);
    okng_array *tensor;
    assert_fails(OKNG_ERROR_IO, "not a regular file", okng_preprocess(&tensor, &picture, &options, error));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pictures_are_listed_in_byte_order_below_the_folder),
                                       cmocka_unit_test(what_would_wait_for_a_writer_is_no_picture)};
    return RUN_TESTS(tests);
}
