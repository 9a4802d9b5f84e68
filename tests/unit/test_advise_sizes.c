#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "image/image.h"
#include "okng/experimental.h"
#include "test.h"

enum { PICTURES = 12, NG = 3 };
static char folder[256];
static char paths[PICTURES + NG][320];
static const char *ok[PICTURES], *ng[NG];

/* Smooth grey strips of 120 x 48 (or, `turned`, of 48 x 120) that differ a little; bad ones with a bright bar. */
static void write_picture(const char *path, int number, bool bad, bool turned)
{
    okng_image image;
    assert_ok(okng_image_new(&image, turned ? 48 : 120, turned ? 120 : 48, 3, error));
    for (int32_t y = 0; y < image.height; y++)
        for (int32_t x = 0; x < image.width; x++)
            for (int c = 0; c < 3; c++)
                image.pixels[((size_t)y * (size_t)image.width + (size_t)x) * 3 + (size_t)c] =
                    (uint8_t)(bad && x > 30 && x < 40 ? 250 : 90 + (x * 7 + y * (3 + number % 3)) % 24);
    assert_ok(okng_image_write_png(&image, path, error));
    okng_image_free(&image);
}

static int make_pictures(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/okng_advise_XXXXXX");
    if (!mkdtemp(folder)) return -1;
    for (int i = 0; i < PICTURES + NG; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/%02d.png", folder, i);
        write_picture(paths[i], i, i >= PICTURES, false);
        *(i < PICTURES ? &ok[i] : &ng[i - PICTURES]) = paths[i];
    }
    return 0;
}

/* Under ASan the first test and the command-line cases take the same ways; the others would take a minute and a half.
 */
static void leave_to_the_release_build(void)
{
#ifdef __SANITIZE_ADDRESS__
    print_message("SKIP: of the release build alone, for its time\n");
    skip();
#endif
}

static int remove_pictures(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static okng_build_options small_options(void)
{
    okng_build_options options;
    okng_build_options_init(&options);
    options.coreset_size = 20;
    options.patch_stride = 2; /* leave-one-out goes through all pairs of patches */
    options.threads = 2;
    return options;
}

static okng_advice_size size_at(const okng_advice *advice, size_t i)
{
    okng_advice_size size = {.struct_size = sizeof size};
    assert_ok(okng_advice_get_size(advice, i, &size, error));
    return size;
}

static void the_shape_is_tried_at_three_sizes_and_a_square(void **state)
{
    (void)state;
    static const int32_t expected[][2] = {{256, 256}, {160, 400}, {224, 560}, {320, 800}};
    const okng_build_options options = small_options();
    okng_advice *advice;
    okng_advice_info info = {.struct_size = sizeof info};
    assert_ok(okng_advise(&advice, ok, PICTURES, ng, NG, &options, NULL, NULL, error));
    assert_ok(okng_advice_get_info(advice, &info, error));
    assert_true(info.sizes == 4 && info.learnt == 9 && info.good == 3 && info.bad == 3);
    assert_true(!info.made && !info.aspects_differ && info.picture_height == 48 && info.picture_width == 120);
    int proposed = 0;
    for (size_t i = 0; i < 4; i++) {
        okng_advice_size size = size_at(advice, i);
        assert_int_equal(size.height, expected[i][0]);
        assert_int_equal(size.width, expected[i][1]);
        assert_int_equal(size.pixels, i == 0 ? 0 : 65536 << (i - 1));
        assert_true(size.auroc == 1); /* a bar of a tenth of the picture */
        assert_true(size.milliseconds > 0 && size.seconds > 0 && size.bank_bytes == 20 * 384 * sizeof(float));
        assert_true(size.patch_width > 0 && size.patch_width < 8);
        proposed += size.proposed;
    }
    assert_int_equal(proposed, 1);
    assert_int_equal(size_at(advice, 1).proposed, 1); /* 64,000 pixels are fewer than 65,536 */
    okng_advice_size none = {.struct_size = sizeof none};
    assert_fails(OKNG_ERROR_ARGUMENT, "size 4 of 4", okng_advice_get_size(advice, 4, &none, error));
    okng_advice_free(&advice);
    assert_null(advice);
}

static void defects_are_made_where_there_are_none(void **state)
{
    (void)state;
    leave_to_the_release_build();
    okng_build_options options = small_options();
    double auroc[2];
    for (int i = 0; i < 2; i++) {
        okng_advice *advice;
        okng_advice_info info = {.struct_size = sizeof info};
        options.threads = 1 + i;
        assert_ok(okng_advise(&advice, ok, PICTURES, NULL, 0, &options, NULL, NULL, error));
        assert_ok(okng_advice_get_info(advice, &info, error));
        assert_true(info.made && info.good == 3 && info.bad == 6);
        auroc[i] = size_at(advice, 1).auroc;
        okng_advice_free(&advice);
    }
    assert_true(auroc[0] == auroc[1] && auroc[0] > 0.5);
}

static void several_shapes_are_tried_as_squares(void **state)
{
    (void)state;
    leave_to_the_release_build();
    const okng_build_options options = small_options();
    okng_advice *advice;
    okng_advice_info info = {.struct_size = sizeof info};
    write_picture(ok[0], 0, false, true);
    assert_ok(okng_advise(&advice, ok, PICTURES, ng, NG, &options, NULL, NULL, error));
    assert_ok(okng_advice_get_info(advice, &info, error));
    assert_true(info.aspects_differ && info.sizes == 3);
    for (size_t i = 0; i < 3; i++) {
        okng_advice_size size = size_at(advice, i);
        assert_int_equal(size.height, size.width);
        assert_int_equal(size.pixels, 65536 << i);
    }
    okng_advice_free(&advice);
    write_picture(ok[0], 0, false, false);
}

static int stop(const okng_progress *progress, void *user)
{
    (void)user;
    return strcmp(progress->stage, "inspecting") == 0 && progress->done > 1;
}

static void mistakes_are_told(void **state)
{
    (void)state;
    okng_build_options options = small_options();
    okng_advice *advice;
    assert_fails(OKNG_ERROR_ARGUMENT, "7 good pictures are too few",
                 okng_advise(&advice, ok, 7, NULL, 0, &options, NULL, NULL, error));
    assert_null(advice);
    assert_fails(OKNG_ERROR_CANCELLED, "cancelled",
                 okng_advise(&advice, ok, PICTURES, NULL, 0, &options, stop, NULL, error));
    const char *missing = "nothing.png";
    assert_fails(OKNG_ERROR_NOT_FOUND, "nothing.png",
                 okng_advise(&advice, ok, PICTURES, &missing, 1, &options, NULL, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "NULL", okng_advise(NULL, ok, PICTURES, NULL, 0, &options, NULL, NULL, error));
    okng_advice_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shape_is_tried_at_three_sizes_and_a_square),
        cmocka_unit_test(defects_are_made_where_there_are_none),
        cmocka_unit_test(several_shapes_are_tried_as_squares),
        cmocka_unit_test(mistakes_are_told),
    };
    return cmocka_run_group_tests(tests, make_pictures, remove_pictures);
}
