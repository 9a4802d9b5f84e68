/* The demo's pictures: layout, sizes, masks, the same bytes for any number of threads. */
#include "test.h"

#include <dirent.h>
#include <ftw.h>

#include "base/file.h"
#include "base/sha256.h"
#include "image/image.h"

static const char *const names[] = {"washer", "fabric", "circuit", "label", "blister"};
enum { NAMES = sizeof names / sizeof *names };

static char root[2][64]; /* all categories by two threads, and one of them alone by one */

static int forget(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int write_both(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        (void)snprintf(root[i], sizeof root[i], "/tmp/okng_demo_XXXXXX");
        if (!mkdtemp(root[i])) return 1;
        okng_error error = {0};
        if (okng_demo_write(root[i], i ? "fabric" : NULL, 7, 2 - i, NULL, NULL, &error) != OKNG_OK) {
            print_message("# %s\n", error.message);
            return 1;
        }
    }
    return 0;
}

static int remove_both(void **state)
{
    (void)state;
    return nftw(root[0], forget, 16, FTW_DEPTH | FTW_PHYS) | nftw(root[1], forget, 16, FTW_DEPTH | FTW_PHYS);
}

static void pictures_of_somebody_are_not_drawn_over(void **state)
{
    (void)state;
    char path[256];
    (void)snprintf(path, sizeof path, "%s/fabric/train/good/roll 3.jpg", root[1]);
    assert_ok(okng_file_write(path, "mine", 4, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "roll 3.jpg", okng_demo_write(root[1], NULL, 8, 1, NULL, NULL, error));
    assert_int_equal(access(path, F_OK), 0);
    (void)snprintf(path, sizeof path, "%s/washer", root[1]); /* nothing was begun */
    assert_int_equal(access(path, F_OK), -1);
    (void)snprintf(path, sizeof path, "%s/fabric/train/good/roll 3.jpg", root[1]);
    assert_int_equal(unlink(path), 0);
}

/* Calls `visit` for every file of a category's folder test/ or train/ that is no folder. */
typedef void (*visit_fn)(const char *category, const char *set, const char *kind, const char *file);

static int each_file(const char *category, const char *set, visit_fn visit)
{
    char folder[256], inner[512];
    int count = 0;
    (void)snprintf(folder, sizeof folder, "%s/%s/%s", root[0], category, set);
    DIR *kinds = opendir(folder);
    assert_non_null(kinds);
    for (struct dirent *kind; (kind = readdir(kinds));) {
        if (kind->d_name[0] == '.') continue;
        (void)snprintf(inner, sizeof inner, "%s/%.100s", folder, kind->d_name);
        DIR *files = opendir(inner);
        assert_non_null(files);
        for (struct dirent *file; (file = readdir(files));) {
            if (file->d_name[0] == '.') continue;
            visit(category, set, kind->d_name, file->d_name);
            count++;
        }
        (void)closedir(files);
    }
    (void)closedir(kinds);
    return count;
}

static void expect_same_bytes(const char *category, const char *set, const char *kind, const char *file)
{
    char path[512], hex[2][65];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s/%s/%.100s/%.100s", root[i], category, set, kind, file);
        assert_ok(okng_file_sha256(path, hex[i], error));
    }
    assert_string_equal(hex[0], hex[1]);
}

static void expect_size(const char *category, const char *set, const char *kind, const char *file)
{
    char path[512];
    okng_image image = {0};
    (void)snprintf(path, sizeof path, "%s/%s/%s/%.100s/%.100s", root[0], category, set, kind, file);
    assert_ok(okng_image_load(&image, path, OKNG_MAX_PIXELS_DEFAULT, error));
    assert_int_equal(image.width, 256);
    assert_int_equal(image.height, 256);
    okng_image_free(&image);
}

static void expect_mask(const char *category, const char *set, const char *kind, const char *file)
{
    char path[512];
    okng_image mask = {0};
    (void)set;
    if (strcmp(kind, "good") == 0) return;
    (void)snprintf(path, sizeof path, "%s/%s/ground_truth/%.100s/%.3s_mask.png", root[0], category, kind, file);
    assert_ok(okng_image_load(&mask, path, OKNG_MAX_PIXELS_DEFAULT, error));
    assert_int_equal(mask.width, 256);
    assert_int_equal(mask.height, 256);
    int marked = 0, pixels = 256 * 256;
    for (int i = 0; i < pixels; i++) {
        assert_true(mask.pixels[3 * i] == 0 || mask.pixels[3 * i] == 255);
        marked += mask.pixels[3 * i] == 255;
    }
    if (marked < 24 || marked > pixels / 8) fail_msg("%s: %d pixels are marked", path, marked);
    okng_image_free(&mask);
}

static void every_category_has_pictures_of_256_pixels(void **state)
{
    (void)state;
    for (int i = 0; i < NAMES; i++) {
        assert_int_equal(each_file(names[i], "train", expect_size), 30);
        assert_true(each_file(names[i], "test", expect_size) >= 12 + 3 * 6);
    }
}

static void every_defect_has_a_mask_that_marks_a_part_of_the_picture(void **state)
{
    (void)state;
    for (int i = 0; i < NAMES; i++) (void)each_file(names[i], "test", expect_mask);
}

static void one_category_by_one_thread_has_the_bytes_that_all_by_two_have(void **state)
{
    (void)state;
    (void)each_file("fabric", "train", expect_same_bytes);
    (void)each_file("fabric", "test", expect_same_bytes);
    (void)each_file("fabric", "ground_truth", expect_same_bytes);
}

static void an_unknown_category_is_refused_with_those_that_are_known(void **state)
{
    (void)state;
    for (int i = 0; i < NAMES; i++)
        assert_fails(OKNG_ERROR_ARGUMENT, names[i], okng_demo_write(root[0], "gear", 0, 1, NULL, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "gear", okng_demo_write(root[0], "gear", 0, 1, NULL, NULL, error));
}

static void no_folder_is_refused(void **state)
{
    (void)state;
    assert_fails(OKNG_ERROR_ARGUMENT, "folder", okng_demo_write(NULL, NULL, 0, 1, NULL, NULL, error));
}

static int stop_at_once(const okng_progress *progress, void *user)
{
    (void)user;
    assert_string_equal(progress->stage, "pictures");
    return 1;
}

static void progress_can_cancel(void **state)
{
    (void)state;
    char dir[128];
    (void)snprintf(dir, sizeof dir, "%s/cancelled", root[0]);
    assert_fails(OKNG_ERROR_CANCELLED, "cancel", okng_demo_write(dir, "washer", 0, 1, stop_at_once, NULL, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_of_somebody_are_not_drawn_over),
        cmocka_unit_test(every_category_has_pictures_of_256_pixels),
        cmocka_unit_test(every_defect_has_a_mask_that_marks_a_part_of_the_picture),
        cmocka_unit_test(one_category_by_one_thread_has_the_bytes_that_all_by_two_have),
        cmocka_unit_test(an_unknown_category_is_refused_with_those_that_are_known),
        cmocka_unit_test(no_folder_is_refused),
        cmocka_unit_test(progress_can_cancel),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, write_both, remove_both);
}
