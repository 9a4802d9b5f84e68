/* Pictures as PNG: the same pixels come back; a side bounds the size. */
#include "test.h"

static void pixels_come_back(void **state)
{
    (void)state;
    uint8_t pixels[3 * 4 * 3];
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(7 * i);
    okng_picture picture, again;
    okng_init(&picture);
    picture.pixels = pixels;
    picture.width = 4;
    picture.height = 3;
    picture.format = OKNG_PIXEL_RGB8;
    void *bytes, *twice;
    size_t size, size_twice;
    assert_ok(okng_picture_png(&picture, 0, &bytes, &size, error));
    okng_init(&again);
    again.data = bytes;
    again.data_size = size;
    assert_ok(okng_picture_png(&again, 4, &twice, &size_twice, error));
    assert_int_equal(size, size_twice);
    assert_memory_equal(bytes, twice, size);
    okng_bytes_free(&twice);
    assert_ok(okng_picture_png(&again, 2, &twice, &size_twice, error));
    assert_memory_equal(twice, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01", 24);
    int32_t width, height;
    assert_ok(okng_picture_size(&again, 12, &width, &height, error));
    assert_int_equal(width, 4);
    assert_int_equal(height, 3);
    assert_fails(OKNG_ERROR_LIMIT, "", okng_picture_size(&again, 11, &width, &height, error));
    okng_bytes_free(&twice);
    okng_bytes_free(&bytes);
    assert_fails(OKNG_ERROR_ARGUMENT, "side", okng_picture_png(&picture, -2, &bytes, &size, error));
    assert_null(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pixels_come_back)};
    return RUN_TESTS(tests);
}
