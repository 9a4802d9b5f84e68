#include "features/input_size.h"

#include <stdlib.h>
#include <string.h>

#include "features/picture_sizes.h"
#include "features/placement.h"
#include "test.h"

static okng_build_options automatic(const char *backbone, int64_t pixels)
{
    okng_build_options options = {.resize_mode = OKNG_RESIZE_AUTO, .pixels = pixels, .max_pixels = 100000000};
    (void)snprintf(options.backbone, sizeof options.backbone, "%s", backbone);
    return options;
}

static void a_picture_keeps_its_aspect_at_about_as_many_pixels(void **state)
{
    (void)state;
    static const struct {
        const char *backbone;
        int64_t pixels;
        int32_t height, width, input_height, input_width;
    } cases[] = {
        {"okng-s", 0, 500, 1247, 160, 400},          /* 162.1 x 404.3 */
        {"resnet18", 0, 500, 1247, 160, 416},        /* multiples of 32 */
        {"wide_resnet50_2", 0, 1247, 500, 416, 160}, /* lying and standing alike */
        {"vit_tiny_patch16_224", 0, 500, 1247, 144, 352},
        {"dinov2_vits14", 0, 500, 1247, 322, 812},  /* 328.0 x 818.1 */
        {"", 0, 500, 1247, 160, 400},               /* preprocess knows no network */
        {"okng-s", 4 * 65536, 500, 1247, 320, 800}, /* 324.2 x 808.7 */
        {"okng-s", 0, 256, 256, 256, 256},
        {"okng-s", 0, 3000, 3000, 256, 256},
        {"okng-s", 0, 7, 7, 256, 256},
        {"resnet18", 0, 72, 80, 256, 288}, /* 242.9 x 269.8: the aspect first */
        {"vit_tiny_patch16_224", 0, 1, 1, 224, 224},
        {"dinov2_vitb14", 0, 640, 640, 518, 518},
        {"resnet18", 0, 10, 1000, 32, 2592},
        {"resnet18", 1024, 1000, 10, 352, 32}, /* no side is less than a step */
        {"resnet18", 0, 1, 65535, 32, 65536},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_build_options options = automatic(cases[i].backbone, cases[i].pixels);
        okng_input_size size = okng_input_size_of(&options, cases[i].height, cases[i].width);
        assert_int_equal(size.height, cases[i].input_height);
        assert_int_equal(size.width, cases[i].input_width);
    }
}

/* Whatever comes in, sides are whole steps, aspect and area are near. */
static void any_picture_comes_close(void **state)
{
    (void)state;
    for (int32_t height = 100; height < 2000; height += 37)
        for (int32_t width = 100; width < 2000; width += 41) {
            okng_build_options options = automatic("okng-s", 0);
            okng_input_size size = okng_input_size_of(&options, height, width);
            double aspect = (double)size.width / size.height * height / width;
            double area = (double)size.width * size.height / 65536;
            assert_true(size.height % 16 == 0 && size.width % 16 == 0);
            assert_true(aspect > 0.85 && aspect < 1.18 && area > 0.75 && area < 1.35);
        }
}

static void a_placement_is_the_picture_s_own_and_square_under_a_crop(void **state)
{
    (void)state;
    okng_build_options options = automatic("resnet18", 0);
    okng_placement p;
    assert_ok(okng_placement_of(&options, 1247, 500, &p, error));
    assert_int_equal(p.resized_height, 160);
    assert_int_equal(p.width, 416);
    options.crop = 224;
    assert_ok(okng_placement_of(&options, 1247, 500, &p, error));
    assert_int_equal(p.resized_height, 256);
    assert_int_equal(p.resized_width, 256);
    assert_int_equal(p.width, 224);
}

/* ---- many ---- */

/* Pictures of sizes alone: [count] of width, height; a width of 0 cannot be read. */
static const char *listed_name(const void *context, size_t i)
{
    (void)context, (void)i;
    return "a picture";
}

static okng_status listed_size(const void *context, size_t i, uint64_t max_pixels, int32_t *width, int32_t *height,
                               okng_error *error)
{
    (void)max_pixels;
    const int32_t(*sizes)[2] = context;
    if (sizes[i][0] == 0) return okng_fail(error, OKNG_ERROR_FORMAT, "picture %zu is damaged", i);
    *width = sizes[i][0];
    *height = sizes[i][1];
    return OKNG_OK;
}

static okng_status listed_load(const void *context, size_t i, okng_decoding *how, okng_image *rgb, okng_error *error)
{
    int32_t width = 0, height = 0;
    OKNG_TRY(listed_size(context, i, how->max_pixels, &width, &height, error));
    return okng_image_new(rgb, width, height, 3, error);
}

static okng_pictures listed(const int32_t (*sizes)[2], size_t count)
{
    return (okng_pictures){
        .count = count, .context = sizes, .name = listed_name, .load = listed_load, .size = listed_size};
}

static void assert_chosen(const int32_t (*sizes)[2], size_t count, bool differ, int32_t height, int32_t width)
{
    for (int by_loading = 0; by_loading < 2; by_loading++) {
        okng_build_options options = automatic("resnet18", 0);
        okng_picture_sizes found;
        okng_pictures pictures = listed(sizes, count);
        if (by_loading) pictures.size = NULL;
        assert_ok(okng_input_size_choose(&options, &pictures, &found, error));
        assert_int_equal(found.differ, differ);
        assert_int_equal(options.resize_mode, OKNG_RESIZE_EXACT);
        assert_int_equal(options.resize_height, height);
        assert_int_equal(options.resize_width, width);
        assert_true(options.pixels == 0);
    }
}

static void pictures_of_one_aspect_share_it(void **state)
{
    (void)state;
    assert_chosen((const int32_t[][2]){{1247, 500}, {1247, 500}, {2494, 1000}}, 3, false, 160, 416);
    assert_chosen((const int32_t[][2]){{1000, 500}, {1010, 500}, {1020, 500}}, 3, false, 192, 384); /* 2 % */
    assert_chosen((const int32_t[][2]){{1000, 500}, {1010, 500}, {1021, 500}}, 3, true, 256, 256);
    assert_chosen((const int32_t[][2]){{1000, 500}, {500, 1000}}, 2, true, 256, 256);
    assert_chosen((const int32_t[][2]){{640, 640}}, 1, false, 256, 256);
}

static void a_picture_that_cannot_be_read_counts_for_nothing(void **state)
{
    (void)state;
    assert_chosen((const int32_t[][2]){{0, 0}, {1247, 500}, {0, 0}, {1247, 500}}, 4, false, 160, 416);
    okng_build_options options = automatic("resnet18", 0);
    okng_picture_sizes found;
    const okng_pictures none = listed((const int32_t[][2]){{0, 0}, {0, 0}}, 2);
    assert_fails(OKNG_ERROR_FORMAT, "picture 0 is damaged", okng_input_size_choose(&options, &none, &found, error));
    assert_int_equal(options.resize_mode, OKNG_RESIZE_AUTO);
}

static void a_size_that_was_asked_for_stays(void **state)
{
    (void)state;
    const okng_pictures pictures = listed((const int32_t[][2]){{1247, 500}, {500, 1247}}, 2);
    okng_build_options options = {.resize_mode = OKNG_RESIZE_EXACT, .resize_height = 64, .resize_width = 96};
    okng_picture_sizes found;
    assert_ok(okng_input_size_choose(&options, &pictures, &found, error));
    assert_int_equal(options.resize_height, 64);
    assert_int_equal(options.resize_width, 96);
    assert_int_equal(found.width, 1247);
    assert_false(found.differ);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_keeps_its_aspect_at_about_as_many_pixels),
        cmocka_unit_test(any_picture_comes_close),
        cmocka_unit_test(a_placement_is_the_picture_s_own_and_square_under_a_crop),
        cmocka_unit_test(pictures_of_one_aspect_share_it),
        cmocka_unit_test(a_picture_that_cannot_be_read_counts_for_nothing),
        cmocka_unit_test(a_size_that_was_asked_for_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
