/* Masks from files, in every form that people save them in (tests/golden/make_masks.py). */
#include "image/formats.h"
#include "image/mask.h"
#include "test_image.h"

enum { WIDTH = 16, HEIGHT = 12 };

static bool is_defect(size_t pixel)
{
    size_t x = pixel % WIDTH, y = pixel / WIDTH;
    return y >= 1 && y < 9 && x >= 2 && x < 10;
}

static const char *const files[] = {"grey8_1.png",           "grey8_255.png",    "grey8_7.bmp",      "palette_3.png",
                                    "grey16_1.png",          "grey16_255.png",   "grey16_65535.png", "grey16_1.tif",
                                    "grey16_255.tif",        "grey16_65535.tif", "grey16_2.pgm",     "rgb16_blue.png",
                                    "grey16_alpha.png",      "rgb16_alpha.png",  "grey8.jpg",        "grey8_255.gif",
                                    "palette_2.gif",         "blue_3.tif",       "palette_1.tif",    "grey12_1.tif",
                                    "white_is_zero16_1.tif", "bits.png",         "bits.pbm",         "no_palette_1.bmp",
                                    "turned3_1.tif",         "grey8.jfif",       "lossless_1.webp"};
enum { FILES = sizeof files / sizeof files[0] };

static const char *path_of(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/masks/%s", name);
    return path;
}

static void the_defect_is_the_same_in_every_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILES; i++) {
        const char *path = path_of(files[i]);
        uint8_t mask[WIDTH * HEIGHT];
        assert_ok(okng_masks_unite(&path, 1, "part.png", WIDTH, HEIGHT, mask, error));
        for (size_t p = 0; p < sizeof mask; p++)
            if (mask[p] != is_defect(p)) fail_msg("%s: pixel %zu is %d", files[i], p, mask[p]);
    }
}

static void a_picture_of_16_bits_keeps_the_upper_bits_that_it_uses(void **state)
{
    (void)state;
    okng_image picture;
    okng_encoded file = {.max_pixels = MANY_PIXELS};
    assert_ok(okng_image_load(&picture, path_of("grey16_255.png"), MANY_PIXELS, error));
    for (size_t p = 0; p < (size_t)WIDTH * HEIGHT; p++) assert_int_equal(picture.pixels[3 * p], is_defect(p) ? 255 : 0);
    okng_image_free(&picture);
    file.bit_depth = 16;
    assert_ok(okng_image_load_as(&picture, path_of("grey16_255.png"), &file, error));
    for (size_t p = 0; p < (size_t)3 * WIDTH * HEIGHT; p++) assert_int_equal(picture.pixels[p], 0);
    okng_image_free(&picture);
}

static void several_are_united_and_of_one_size(void **state)
{
    (void)state;
    char first[512];
    (void)snprintf(first, sizeof first, "%s", path_of("grey16_1.png"));
    const char *paths[] = {first, path_of("grey8.jpg")};
    uint8_t mask[WIDTH * HEIGHT];
    assert_ok(okng_masks_unite(paths, 2, "part.png", WIDTH, HEIGHT, mask, error));
    for (size_t p = 0; p < sizeof mask; p++) assert_int_equal(mask[p], is_defect(p));
    assert_ok(okng_masks_unite(NULL, 0, "part.png", WIDTH, HEIGHT, mask, error));
    for (size_t p = 0; p < sizeof mask; p++) assert_int_equal(mask[p], 0);
    assert_fails(OKNG_ERROR_MISMATCH, "the mask is 16x12, expected 12x16 as part.png",
                 okng_masks_unite(paths, 1, "part.png", HEIGHT, WIDTH, mask, error));
    paths[1] = "nowhere.png";
    assert_fails(OKNG_ERROR_NOT_FOUND, "nowhere.png",
                 okng_masks_unite(paths, 2, "part.png", WIDTH, HEIGHT, mask, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defect_is_the_same_in_every_form),
        cmocka_unit_test(a_picture_of_16_bits_keeps_the_upper_bits_that_it_uses),
        cmocka_unit_test(several_are_united_and_of_one_size),
    };
    return RUN_TESTS(tests);
}
