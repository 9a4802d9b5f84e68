/* Rotation against scipy.ndimage.affine_transform in float64 (tests/golden/make_image.py). */
#include "test_image.h"

static void source_picture(okng_image *image, int32_t width, int32_t height)
{
    assert_ok(okng_image_new(image, width, height, 3, error));
    noise(image->pixels, (size_t)(width * height * 3), (uint32_t)(width * 31 + height));
}

static void turns_are_those_of_scipy(void **state)
{
    (void)state;
    static const int32_t cases[][4] = {{23, 17, 1, 8}, {23, 17, 3, 7}, {7, 31, 2, 8}, {16, 16, 5, 8}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const int32_t *given = cases[c];
        char golden[64];
        okng_image image, out;
        size_t size, differ = 0;
        source_picture(&image, given[0], given[1]);
        assert_ok(okng_image_rotate(&image, given[2], given[3], &out, error));
        (void)snprintf(golden, sizeof golden, "rotate_%dx%d_%d_%d.rgb", given[0], given[1], given[2], given[3]);
        uint8_t *expected = read_golden(golden, &size);
        assert_int_equal(size, given[0] * given[1] * 3);
        for (size_t i = 0; i < size; i++) {
            differ += out.pixels[i] != expected[i]; /* halves may be rounded the other way */
            assert_true(abs(out.pixels[i] - expected[i]) <= 1);
        }
        assert_true(differ * 100 <= size);
        free(expected);
        okng_image_free(&image);
        okng_image_free(&out);
    }
}

static void quarters_of_a_square_keep_every_pixel(void **state)
{
    (void)state;
    enum { SIDE = 9 };
    okng_image image, out;
    source_picture(&image, SIDE, SIDE);
    for (int32_t turn = 0; turn < 4; turn++) {
        assert_ok(okng_image_rotate(&image, 2 * turn, 8, &out, error));
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) {
                int from_x = x, from_y = y;
                for (int t = 0; t < turn; t++) { /* a quarter counter-clockwise: the right column becomes the top row */
                    int before = from_x;
                    from_x = SIDE - 1 - from_y;
                    from_y = before;
                }
                assert_memory_equal(out.pixels + (y * SIDE + x) * 3, image.pixels + (from_y * SIDE + from_x) * 3, 3);
            }
        okng_image_free(&out);
    }
    okng_image_free(&image);
}

static void a_picture_of_one_pixel_or_row_can_be_turned(void **state)
{
    (void)state;
    okng_image image, out;
    source_picture(&image, 1, 1);
    assert_ok(okng_image_rotate(&image, 1, 3, &out, error));
    assert_memory_equal(out.pixels, image.pixels, 3);
    okng_image_free(&image);
    okng_image_free(&out);
    source_picture(&image, 41, 1); /* every row is the same one, so upright each column takes its middle pixel */
    assert_ok(okng_image_rotate(&image, 1, 4, &out, error));
    for (int x = 0; x < 41; x++) assert_memory_equal(out.pixels + 3 * x, image.pixels + 3 * 20, 3);
    okng_image_free(&image);
    okng_image_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_are_those_of_scipy),
        cmocka_unit_test(quarters_of_a_square_keep_every_pixel),
        cmocka_unit_test(a_picture_of_one_pixel_or_row_can_be_turned),
    };
    return RUN_TESTS(tests);
}
