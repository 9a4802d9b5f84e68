/* Pixels in memory in the formats of cameras. */
#include "image/image.h"
#include "test_image.h"

static okng_picture picture_of(const void *pixels, int32_t width, int32_t height, okng_pixel_format format)
{
    return (okng_picture){
        .struct_size = sizeof(okng_picture), .pixels = pixels, .width = width, .height = height, .format = format};
}

static void every_format_becomes_rgb(void **state)
{
    (void)state;
    static const struct {
        okng_pixel_format format;
        int32_t width;
        uint8_t bytes[16], rgb[6];
        int32_t bits; /* 0: silent */
    } cases[] = {
        {OKNG_PIXEL_RGB8, 2, {1, 2, 3, 4, 5, 6}, {1, 2, 3, 4, 5, 6}, 8},
        {OKNG_PIXEL_BGR8, 2, {1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, 8},
        {OKNG_PIXEL_MONO8, 2, {7, 9}, {7, 7, 7, 9, 9, 9}, 8},
        /* 1000 of 1023 and 1024, which is too large; 10 bits keep the upper 8 */
        {OKNG_PIXEL_MONO10, 2, {0xe8, 0x03, 0x00, 0x04}, {250, 250, 250, 255, 255, 255}, 10},
        {OKNG_PIXEL_MONO12, 2, {0x78, 0x05, 0xff, 0x0f}, {87, 87, 87, 255, 255, 255}, 12},
        {OKNG_PIXEL_MONO16, 2, {0x34, 0x12, 0xff, 0xff}, {0x12, 0x12, 0x12, 255, 255, 255}, 0},
        {OKNG_PIXEL_RGB16, 2, {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0xff, 0xff}, {1, 2, 3, 4, 5, 255}, 0},
        {OKNG_PIXEL_BGRA8, 2, {1, 2, 3, 99, 4, 5, 6, 0}, {3, 2, 1, 6, 5, 4}, 8},
        {OKNG_PIXEL_RGBA8, 2, {1, 2, 3, 99, 4, 5, 6, 0}, {1, 2, 3, 4, 5, 6}, 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_image image;
        okng_decoding how = {.max_pixels = 100};
        const okng_picture picture = picture_of(cases[i].bytes, cases[i].width, 1, cases[i].format);
        assert_ok(okng_image_take(&image, &picture, &how, error));
        for (size_t b = 0; b < 6; b++)
            if (image.pixels[b] != cases[i].rgb[b])
                fail_msg("case %zu: byte %zu is %d, expected %d", i, b, image.pixels[b], cases[i].rgb[b]);
        assert_int_equal(how.depth.stated, cases[i].bits);
        assert_int_equal(how.depth.silent, cases[i].bits == 0);
        okng_image_free(&image);
    }
}

static void sixteen_bits_are_read_by_the_bits_that_are_given(void **state)
{
    (void)state;
    const uint8_t bytes[] = {1, 0x78, 0x05, 0xff, 0x0f, 0x00, 0x10}; /* 1400, 4095, 4096 at an odd address */
    const okng_picture picture = picture_of(bytes + 1, 3, 1, OKNG_PIXEL_MONO16);
    static const struct {
        int32_t bits;
        uint8_t grey[3];
    } cases[] = {{12, {87, 255, 255}}, {16, {5, 15, 16}}, {14, {21, 63, 64}}, {0, {21, 63, 64}}, {8, {21, 63, 64}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_image image;
        okng_decoding how = {.max_pixels = 100, .bit_depth = cases[i].bits};
        assert_ok(okng_image_take(&image, &picture, &how, error));
        for (size_t x = 0; x < 3; x++) assert_int_equal(image.pixels[3 * x], cases[i].grey[x]);
        okng_image_free(&image);
        assert_int_equal(how.depth.seen, 0x1fff);
        char text[160] = "";
        if (cases[i].bits > 0)
            assert_int_equal(okng_depth_differs(how.depth, cases[i].bits, text, sizeof text), cases[i].bits < 14);
    }
}

/* tests/golden/image/bayer.txt: pattern bits width height hash, debayered by NumPy. */
static void bayer_patterns_are_debayered_by_the_stated_rule(void **state)
{
    (void)state;
    FILE *list = fopen(GOLDEN "bayer.txt", "r");
    assert_non_null(list);
    char pattern[4];
    int bits, width, height, done = 0;
    unsigned long long hash;
    while (fscanf(list, "%3s %d %d %d %llx", pattern, &bits, &width, &height, &hash) == 5) {
        static const char *const names[] = {"RG", "GR", "GB", "BG"};
        static uint8_t high[5000], low[5000], pixels[10000];
        const size_t count = (size_t)width * (size_t)height;
        size_t p = 0;
        while (strcmp(names[p], pattern) != 0) p++;
        noise(high, count, 70);
        noise(low, count, 71);
        for (size_t i = 0; i < count; i++) {
            unsigned sample = (unsigned)(high[i] << 8 | low[i]) >> 4;
            if (bits == 8) pixels[i] = high[i];
            if (bits == 12) pixels[2 * i] = (uint8_t)sample;
            if (bits == 12) pixels[2 * i + 1] = (uint8_t)(sample >> 8);
        }
        okng_pixel_format first = bits == 8 ? OKNG_PIXEL_BAYER_RG8 : OKNG_PIXEL_BAYER_RG12;
        const okng_picture picture = picture_of(pixels, width, height, (okng_pixel_format)(first + p));
        okng_image image;
        assert_ok(okng_image_from_picture(&image, &picture, 5000, error));
        if (image_hash(&image) != hash) fail_msg("%s%d of %d x %d differs from NumPy", pattern, bits, width, height);
        okng_image_free(&image);
        done++;
    }
    (void)fclose(list);
    assert_int_equal(done, 40);
}

static void pixels_that_cannot_be_are_refused(void **state)
{
    (void)state;
    const uint8_t bytes[16] = {0};
    okng_image image;
    okng_picture picture = picture_of(bytes, 4, 1, OKNG_PIXEL_BAYER_BG8);
    assert_fails(OKNG_ERROR_ARGUMENT, "at least 2 x 2", okng_image_from_picture(&image, &picture, 9, error));
    picture = picture_of(bytes, 2, 2, OKNG_PIXEL_RGB16);
    picture.stride = 11;
    assert_fails(OKNG_ERROR_ARGUMENT, "12 bytes", okng_image_from_picture(&image, &picture, 9, error));
    picture = picture_of(bytes, 2, 2, (okng_pixel_format)(OKNG_PIXEL_BAYER_BG12 + 1));
    assert_fails(OKNG_ERROR_ARGUMENT, "format 17", okng_image_from_picture(&image, &picture, 9, error));
    picture = picture_of(bytes, 2, 2, (okng_pixel_format)-1);
    assert_fails(OKNG_ERROR_ARGUMENT, "pixel format", okng_image_from_picture(&image, &picture, 9, error));
    assert_null(image.pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_becomes_rgb),
        cmocka_unit_test(sixteen_bits_are_read_by_the_bits_that_are_given),
        cmocka_unit_test(bayer_patterns_are_debayered_by_the_stated_rule),
        cmocka_unit_test(pixels_that_cannot_be_are_refused),
    };
    return RUN_TESTS(tests);
}
