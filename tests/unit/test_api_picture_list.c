#include <sys/stat.h>

#include "okng/experimental.h"
#include "test.h"

static void touch(const char *folder, const char *name)
{
    char path[1024];
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
static void write_bytes(const char *folder, const char *name, const void *bytes, size_t size)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void pictures_are_known_by_what_is_in_them(void **state)
{
    (void)state;
    static const struct {
        const char *name, *bytes;
        size_t size;
        const char *what; /* "": is listed; NULL: is no picture */
    } files[] = {{"a", "\x89PNG\r\n\x1a\nrest", 12, ""},
                 {"b.jfif", "\xff\xd8\xff\xe0", 4, ""},
                 {"c.heic",
                  "\0\0\0\x18"
                  "ftypheic",
                  12, "HEIC"},
                 {"d.gif", "GIF89a", 6, ""},
                 {"d.of.some", "GIF89a", 6, ""},
                 {"e.bin",
                  "\0\0\0\x1c"
                  "ftypavif",
                  12, "AVIF"},
                 {"f.nef", "MM\0*", 4, "camera raw"},
                 {"g", "II*\0\x10\0\0\0CR", 10, "Canon raw"},
                 {"h.txt", "P5 is what I write", 18, NULL},
                 {"i.x", "P5 12 3 255 ", 12, ""},
                 {"j.x", "BM is a note about a part", 25, NULL},
                 {"k.x", "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", 18, ""},
                 {"l.tif.part", "II*\0", 4, ""},
                 {"m.svg", "<svg/>", 6, "SVG"},
                 {"n.jxl", "", 0, "JPEG XL"},
                 {"o.db", "", 0, NULL},
                 {"p.png", "hello", 5, ""},
                 {"q", "8BPS", 4, "Photoshop"}};
    char folder[] = "/tmp/okng_list_XXXXXX", path[512];
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        write_bytes(folder, files[i].name, files[i].bytes, files[i].size);
    static const char *const thumbs[] = {"@eaDir", ".thumbnails", "Thumbs", ".hidden"};
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, thumbs[i]);
        assert_int_equal(mkdir(path, 0777), 0);
        touch(path, "a.png");
    }
    okng_picture_list *list;
    okng_left_out left = {.struct_size = sizeof left};
    size_t listed = 0, unread = 3; /* the folders come first: '.' and '@' and 'T' sort before the rest */
    assert_ok(okng_picture_list_open(&list, folder, error));
    static const char *const sorted[] = {".thumbnails", "@eaDir", "Thumbs"};
    for (size_t i = 0; i < 3; i++) {
        assert_ok(okng_picture_list_left_out(list, i, &left, error));
        assert_string_equal(left.path, sorted[i]);
        assert_string_equal(left.what, "thumbnails");
        assert_true(left.is_folder);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (!files[i].what) continue;
        if (!files[i].what[0]) {
            assert_non_null(okng_picture_list_relative(list, listed));
            assert_string_equal(okng_picture_list_relative(list, listed++), files[i].name);
            continue;
        }
        assert_ok(okng_picture_list_left_out(list, unread++, &left, error));
        assert_string_equal(left.path, files[i].name);
        assert_string_equal(left.what, files[i].what);
        assert_false(left.is_folder);
    }
    assert_int_equal(okng_picture_list_count(list), listed);
    assert_int_equal(okng_picture_list_left_out_count(list), unread);
    assert_int_equal(okng_picture_list_left_out_files(list), unread - 3);
    assert_fails(OKNG_ERROR_ARGUMENT, "expected less than", okng_picture_list_left_out(list, unread, &left, error));
    okng_picture_list_free(&list);
    (void)snprintf(path, sizeof path, "rm -r %s", folder);
    assert_int_equal(system(path), 0);
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
                                       cmocka_unit_test(pictures_are_known_by_what_is_in_them),
                                       cmocka_unit_test(what_would_wait_for_a_writer_is_no_picture)};
    return RUN_TESTS(tests);
}
