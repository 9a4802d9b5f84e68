/* Pixels of cameras. The reference packs samples one bit at a time, as the EMVA's Pixel Format Naming Convention (2.1,
 * section 3) and GigE Vision (1.2, section 23) draw them. */
#include "line/camera_pixels.h"

#include "test.h"

enum {
    MONO8 = 0x01080001,
    MONO12P = 0x010c0047,
    MONO10P = 0x010a0046,
    MONO12PACKED = 0x010c0006,
    MONO10PACKED = 0x010c0004
};

static unsigned value_at(size_t i, unsigned bits)
{
    return (unsigned)(i * 2654435761u >> 7) & ((1u << bits) - 1);
}

static void set_bit(uint8_t *data, size_t bit, unsigned value)
{
    if (value & 1) data[bit / 8] = (uint8_t)(data[bit / 8] | 1u << bit % 8);
}

/* Bit b of sample i in a stream, the lowest first. */
static size_t place_in_stream(size_t i, unsigned b, unsigned bits)
{
    return i * bits + b;
}

/* In pairs of three bytes: the upper 8 bits of the first, the lower ones of both, the upper 8 of the second. */
static size_t place_in_pairs(size_t i, unsigned b, unsigned bits)
{
    unsigned lower = bits - 8;
    size_t pair = i / 2 * 24;
    if (b >= lower) return pair + (i % 2 ? 16 : 0) + b - lower;
    return pair + 8 + (i % 2 ? 4 : 0) + b;
}

static unsigned read16(const okng_picture *picture, int x, int y)
{
    const uint8_t *at = (const uint8_t *)picture->pixels + y * picture->stride + 2 * x;
    return at[0] | (unsigned)at[1] << 8;
}

static void check_packed(uint32_t code, unsigned bits, size_t (*place)(size_t, unsigned, unsigned),
                         okng_pixel_format expected, unsigned shift)
{
    enum { WIDTH = 13, HEIGHT = 5 }; /* rows that begin within a byte */
    size_t samples = WIDTH * HEIGHT, size = (samples * bits + 7) / 8 + 1;
    uint8_t *data = calloc(1, samples * 2); /* of exactly the bytes that are needed further down */
    for (size_t i = 0; i < samples; i++)
        for (unsigned b = 0; b < bits; b++) set_bit(data, place(i, b, bits), value_at(i, bits) >> b);
    size = place == place_in_pairs ? samples / 2 * 3 + samples % 2 * 2 : size - 1;
    uint8_t *exact = malloc(size); /* sanitizers see a byte too many */
    memcpy(exact, data, size);
    okng_camera_pixels pixels = {.code = code, .width = WIDTH, .height = HEIGHT, .data = exact, .size = size};
    okng_picture picture;
    void *unpacked;
    assert_ok(okng_camera_pixels_read(&picture, &unpacked, &pixels, error));
    assert_int_equal(picture.format, expected);
    assert_ptr_equal(picture.pixels, unpacked);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            assert_int_equal(read16(&picture, x, y), value_at((size_t)(y * WIDTH + x), bits) << shift);
    free(unpacked);
    pixels.size = size - 1;
    assert_fails(OKNG_ERROR_FORMAT, "bytes came", okng_camera_pixels_read(&picture, &unpacked, &pixels, error));
    assert_null(unpacked);
    free(exact);
    free(data);
}

static void test_packed(void **state)
{
    (void)state;
    check_packed(MONO10P, 10, place_in_stream, OKNG_PIXEL_MONO10, 0);
    check_packed(MONO12P, 12, place_in_stream, OKNG_PIXEL_MONO12, 0);
    check_packed(MONO10PACKED, 10, place_in_pairs, OKNG_PIXEL_MONO10, 0);
    check_packed(MONO12PACKED, 12, place_in_pairs, OKNG_PIXEL_MONO12, 0);
    check_packed(0x010a0058, 10, place_in_stream, OKNG_PIXEL_BAYER_RG12, 2); /* BayerRG10p */
    check_packed(0x010c0053, 12, place_in_stream, OKNG_PIXEL_BAYER_BG12, 0); /* BayerBG12p */
    check_packed(0x010c0026, 10, place_in_pairs, OKNG_PIXEL_BAYER_GR12, 2);  /* BayerGR10Packed */
    check_packed(0x010c002c, 12, place_in_pairs, OKNG_PIXEL_BAYER_GB12, 0);  /* BayerGB12Packed */
}

/* Rows with bytes between them begin with a byte of their own. */
static void test_row_padding(void **state)
{
    (void)state;
    enum { WIDTH = 3, HEIGHT = 2, ROW = 5 + 3 }; /* 36 bits, and three bytes */
    uint8_t data[2 * ROW - 3] = {0};
    for (size_t y = 0; y < HEIGHT; y++)
        for (size_t x = 0; x < WIDTH; x++)
            for (unsigned b = 0; b < 12; b++)
                set_bit(data + y * ROW, place_in_stream(x, b, 12), value_at(y * WIDTH + x, 12) >> b);
    okng_camera_pixels pixels = {
        .code = MONO12P, .width = WIDTH, .height = HEIGHT, .row_padding = 3, .data = data, .size = sizeof data};
    okng_picture picture;
    void *unpacked;
    assert_ok(okng_camera_pixels_read(&picture, &unpacked, &pixels, error));
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) assert_int_equal(read16(&picture, x, y), value_at((size_t)(y * WIDTH + x), 12));
    free(unpacked);
    pixels.code = MONO8;
    pixels.size = 2 * WIDTH + 3;
    assert_ok(okng_camera_pixels_read(&picture, &unpacked, &pixels, error));
    assert_null(unpacked);
    assert_ptr_equal(picture.pixels, data);
    assert_int_equal(picture.stride, WIDTH + 3);
}

/* What okng has no format for comes out in one that it has. */
static void test_plain_formats_that_change(void **state)
{
    (void)state;
    static const struct {
        uint32_t code;
        int width;
        uint16_t in[6], out[6];
        okng_pixel_format format;
    } cases[] = {
        {0x0110000d, 6, {0, 1, 512, 1023, 3, 4}, {0, 4, 2048, 4092, 12, 16}, OKNG_PIXEL_BAYER_RG12},  /* BayerRG10 */
        {0x01100031, 6, {0, 15, 16, 65535, 4096, 1}, {0, 0, 1, 4095, 256, 0}, OKNG_PIXEL_BAYER_BG12}, /* BayerBG16 */
        {0x0230001b, 2, {1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, OKNG_PIXEL_RGB16},                    /* BGR12 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_camera_pixels pixels = {
            .code = cases[i].code, .width = cases[i].width, .height = 1, .data = cases[i].in, .size = 12};
        okng_picture picture;
        void *unpacked;
        assert_ok(okng_camera_pixels_read(&picture, &unpacked, &pixels, error));
        assert_int_equal(picture.format, cases[i].format);
        for (int j = 0; j < 6; j++) assert_int_equal(read16(&picture, j, 0), cases[i].out[j]);
        free(unpacked);
    }
}

static void test_refused(void **state)
{
    (void)state;
    uint8_t data[16] = {0};
    okng_picture picture;
    void *unpacked;
    okng_camera_pixels pixels = {.code = 0x0210001f, .width = 2, .height = 2, .data = data, .size = 16};
    assert_fails(OKNG_ERROR_UNSUPPORTED, "0x0210001f", okng_camera_pixels_read(&picture, &unpacked, &pixels, error));
    pixels.code = MONO8;
    pixels.width = 0;
    assert_fails(OKNG_ERROR_LIMIT, "0 x 2", okng_camera_pixels_read(&picture, &unpacked, &pixels, error));
    pixels.width = 70000;
    assert_fails(OKNG_ERROR_LIMIT, "70000 x 2", okng_camera_pixels_read(&picture, &unpacked, &pixels, error));
    pixels.width = 9;
    assert_fails(OKNG_ERROR_FORMAT, "18 are expected", okng_camera_pixels_read(&picture, &unpacked, &pixels, error));
    assert_string_equal(okng_camera_pixels_name(MONO12PACKED), "Mono12Packed");
    assert_null(okng_camera_pixels_name(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packed),
        cmocka_unit_test(test_row_padding),
        cmocka_unit_test(test_plain_formats_that_change),
        cmocka_unit_test(test_refused),
    };
    return RUN_TESTS(tests);
}
