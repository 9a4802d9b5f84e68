#include "test_image.h"

static okng_interpolation filter_of(const char *name)
{
    return strcmp(name, "bilinear") == 0 ? OKNG_BILINEAR : strcmp(name, "bicubic") == 0 ? OKNG_BICUBIC : OKNG_NEAREST;
}

static void source(okng_image *image, int32_t width, int32_t height, int32_t channels)
{
    assert_ok(okng_image_new(image, width, height, channels, error));
    noise(image->pixels, (size_t)width * (size_t)height * (size_t)channels, (uint32_t)(width * 31 + height));
}

static void every_size_and_filter_equals_pillow(void **state)
{
    (void)state;
    FILE *list = fopen(GOLDEN "resize.txt", "r");
    assert_non_null(list);
    int width, height, channels, to_width, to_height, cases = 0, wrong = 0;
    char filter[16];
    unsigned long long hash;
    while (fscanf(list, "%d %d %d %d %d %15s %llx", &width, &height, &channels, &to_width, &to_height, filter, &hash) ==
           7) {
        okng_image image, out;
        source(&image, width, height, channels);
        assert_ok(okng_image_resize(&image, to_width, to_height, filter_of(filter), &out, error));
        assert_int_equal(out.width, to_width);
        assert_int_equal(out.height, to_height);
        if (image_hash(&out) != hash) {
            print_message("%dx%dx%d to %dx%d %s differs\n", width, height, channels, to_width, to_height, filter);
            wrong++;
        }
        cases++;
        okng_image_free(&image);
        okng_image_free(&out);
    }
    (void)fclose(list);
    assert_true(cases > 200);
    assert_int_equal(wrong, 0);
}

static void some_results_equal_pillow_byte_by_byte(void **state)
{
    (void)state;
    static const char *const filters[] = {"bilinear", "bicubic", "nearest"};
    for (size_t i = 0; i < 3; i++) {
        char golden[64];
        okng_image image, out;
        source(&image, 37, 29, 3);
        assert_ok(okng_image_resize(&image, 16, 16, filter_of(filters[i]), &out, error));
        (void)snprintf(golden, sizeof golden, "resize_%s.rgb", filters[i]);
        assert_equals_golden(&out, golden);
        okng_image_free(&image);
        okng_image_free(&out);
    }
}

/* A pass by the products that okng_image_resize_axis says, in float32 as a graph computes them. */
static void products_are_the_pass_bit_by_bit(void **state)
{
    (void)state;
    static const int32_t sizes[][2] = {{37, 16}, {200, 13}, {16, 41}, {9, 9}, {120, 119}};
    static const okng_interpolation kinds[] = {OKNG_BILINEAR, OKNG_BICUBIC, OKNG_NEAREST};
    static float high[200 * 120], low[200 * 120];
    for (size_t i = 0; i < 15; i++) {
        const int32_t in = sizes[i / 3][0], out = sizes[i / 3][1];
        okng_image image, expected;
        source(&image, in, 11, 1);
        assert_ok(okng_image_resize(&image, out, 11, kinds[i % 3], &expected, error));
        assert_ok(okng_image_resize_axis(in, out, kinds[i % 3], high, low, error));
        for (int32_t at = 0; at < 11 * out; at++) {
            const uint8_t *row = image.pixels + at / out * in;
            float h = 0, l = 0;
            for (int32_t k = 0; k < in; k++) {
                h += (float)row[k] * high[at % out * in + k];
                l += (float)row[k] * low[at % out * in + k];
            }
            float value = floorf((h + floorf((l + 0x1p21f) / 0x1p11f)) / 0x1p11f);
            assert_int_equal(expected.pixels[at], (int)fminf(fmaxf(value, 0), 255));
        }
        okng_image_free(&image);
        okng_image_free(&expected);
    }
}

static void a_size_of_nothing_is_refused(void **state)
{
    (void)state;
    okng_image image, out;
    source(&image, 4, 3, 1);
    assert_fails(OKNG_ERROR_ARGUMENT, "0 x 3", okng_image_resize(&image, 0, 3, OKNG_BILINEAR, &out, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "interpolation 9",
                 okng_image_resize(&image, 1, 3, (okng_interpolation)9, &out, error));
    assert_null(out.pixels);
    okng_image_free(&image);
}

static void a_crop_copies_a_rectangle_that_lies_inside(void **state)
{
    (void)state;
    okng_image image, out;
    source(&image, 11, 9, 3);
    assert_ok(okng_image_crop(&image, 4, 2, 7, 5, &out, error));
    for (size_t y = 0; y < 5; y++) assert_memory_equal(out.pixels + y * 21, image.pixels + ((y + 2) * 11 + 4) * 3, 21);
    okng_image_free(&out);
    assert_fails(OKNG_ERROR_ARGUMENT, "inside", okng_image_crop(&image, 5, 0, 7, 5, &out, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "inside", okng_image_crop(&image, 0, -1, 7, 5, &out, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "inside", okng_image_crop(&image, 0, 0, 7, INT32_MAX, &out, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "inside", okng_image_crop(&image, INT32_MAX, 0, 7, 1, &out, error));
    okng_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_and_filter_equals_pillow),
        cmocka_unit_test(some_results_equal_pillow_byte_by_byte),
        cmocka_unit_test(products_are_the_pass_bit_by_bit),
        cmocka_unit_test(a_size_of_nothing_is_refused),
        cmocka_unit_test(a_crop_copies_a_rectangle_that_lies_inside),
    };
    return RUN_TESTS(tests);
}
