/* Pictures that are made smaller while they are decoded. */
#include "image/image.h"
#include "test_image.h"

/* Also to 9 by 11, as the second size. */
static int to_16_by_12(const void *context, int32_t width, int32_t height, okng_shrunk to[2])
{
    to[0] = (okng_shrunk){16, 12, *(const okng_interpolation *)context};
    to[1] = (okng_shrunk){9, 11, OKNG_BILINEAR};
    return width > 16 && height > 12 ? 2 : 0;
}

/* Every golden picture: the bits of decoding it whole and resizing it then. */
static void rows_come_to_what_the_whole_picture_does(void **state)
{
    (void)state;
    FILE *list = fopen(GOLDEN "decode.txt", "r");
    assert_non_null(list);
    char name[64];
    int width, height, shrunk = 0;
    unsigned long long hash;
    while (fscanf(list, "%63s %d %d %llx", name, &width, &height, &hash) == 4) {
        char path[512];
        (void)snprintf(path, sizeof path, GOLDEN "%s", name);
        for (okng_interpolation kind = OKNG_BILINEAR; kind <= OKNG_BICUBIC; kind++) {
            okng_image whole, smaller, second = {0}, expected;
            okng_decoding how = {
                .max_pixels = MANY_PIXELS, .shrink = to_16_by_12, .shrink_context = &kind, .second = &second};
            assert_ok(okng_image_load(&whole, path, MANY_PIXELS, error));
            assert_ok(okng_image_load_by(&smaller, path, &how, error));
            if (smaller.width != whole.width) {
                assert_ok(okng_image_resize(&whole, 16, 12, kind, &expected, error));
                assert_int_equal(smaller.width, 16);
                assert_int_equal(smaller.height, 12);
                if (memcmp(smaller.pixels, expected.pixels, (size_t)16 * 12 * 3) != 0) fail_msg("%s differs", name);
                okng_image_free(&expected);
                assert_ok(okng_image_resize(&whole, 9, 11, OKNG_BILINEAR, &expected, error));
                assert_memory_equal(second.pixels, expected.pixels, (size_t)9 * 11 * 3);
                okng_image_free(&expected);
                okng_image_free(&second);
                assert_int_equal(how.full_width, whole.width);
                assert_int_equal(how.full_height, whole.height);
                shrunk++;
            } else {
                assert_true(image_hash(&smaller) == image_hash(&whole));
            }
            okng_image_free(&whole);
            okng_image_free(&smaller);
        }
    }
    (void)fclose(list);
    assert_true(shrunk > 100);
}

static void damage_is_told_as_of_a_whole_picture(void **state)
{
    (void)state;
    static const char *const names[] = {"rgb420.jpg", "rgb.png", "rgb.tif", "tiled.tif", "low12.png"};
    const okng_interpolation kind = OKNG_BILINEAR;
    for (size_t i = 0; i < 5; i++) {
        size_t size;
        uint8_t *data = read_golden(names[i], &size);
        const okng_picture picture = {.struct_size = sizeof picture, .data = data, .data_size = size * 2 / 3};
        okng_image image, second = {0};
        okng_decoding how = {
            .max_pixels = MANY_PIXELS, .shrink = to_16_by_12, .shrink_context = &kind, .second = &second};
        assert_fails(OKNG_ERROR_FORMAT, "damaged", okng_image_take(&image, &picture, &how, error));
        assert_null(image.pixels);
        assert_null(second.pixels);
        free(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_to_what_the_whole_picture_does),
        cmocka_unit_test(damage_is_told_as_of_a_whole_picture),
    };
    return RUN_TESTS(tests);
}
