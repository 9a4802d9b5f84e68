#include "test_image.h"

static okng_status size_of(const char *path, const void *data, size_t bytes, int32_t *width, int32_t *height,
                           okng_error *error)
{
    const okng_picture picture = {.struct_size = sizeof picture, .path = path, .data = data, .data_size = bytes};
    return okng_image_size(&picture, MANY_PIXELS, width, height, error);
}

/* As Pillow decodes them, which the list holds; of a file and of memory. */
static void every_format_tells_its_size(void **state)
{
    (void)state;
    FILE *list = fopen(GOLDEN "decode.txt", "r");
    assert_non_null(list);
    char name[64];
    int width, height, files = 0;
    while (fscanf(list, "%63s %d %d %*x", name, &width, &height) == 3) {
        char path[512];
        size_t bytes;
        int32_t found[4] = {0};
        (void)snprintf(path, sizeof path, GOLDEN "%s", name);
        uint8_t *data = read_golden(name, &bytes);
        assert_ok(size_of(path, NULL, 0, &found[0], &found[1], error));
        assert_ok(size_of(NULL, data, bytes, &found[2], &found[3], error));
        if (found[0] != width || found[1] != height) print_message("%s: %d x %d\n", name, found[0], found[1]);
        assert_true(found[0] == width && found[1] == height && found[2] == width && found[3] == height);
        free(data);
        files++;
    }
    (void)fclose(list);
    assert_true(files > 70);
}

/* The pixels are not looked at: a file that is cut after its header has a size, and is no picture. */
static void the_header_is_enough(void **state)
{
    (void)state;
    static const char *const names[] = {"rgb.png",   "bits.png", "rgb.bmp",    "palette4.bmp",
                                        "p6_16.ppm", "p2.pgm",   "lossy.webp", "lossless.webp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t bytes;
        uint8_t *data = read_golden(names[i], &bytes);
        int32_t whole[2], cut[2];
        okng_image image;
        assert_true(bytes > 64);
        assert_ok(size_of(NULL, data, bytes, &whole[0], &whole[1], error));
        if (size_of(NULL, data, 64, &cut[0], &cut[1], NULL) != OKNG_OK) fail_msg("%s needs its pixels", names[i]);
        assert_true(whole[0] == cut[0] && whole[1] == cut[1]);
        assert_int_not_equal(okng_image_decode(&image, data, 64, names[i], MANY_PIXELS, NULL), OKNG_OK);
        free(data);
    }
}

static void pixels_tell_their_size(void **state)
{
    (void)state;
    uint8_t grey[6] = {0};
    okng_picture picture = {
        .struct_size = sizeof picture, .pixels = grey, .width = 3, .height = 2, .format = OKNG_PIXEL_GREY8};
    int32_t width, height;
    assert_ok(okng_image_size(&picture, MANY_PIXELS, &width, &height, error));
    assert_true(width == 3 && height == 2);
    picture.width = 0;
    assert_fails(OKNG_ERROR_ARGUMENT, "0 x 2", okng_image_size(&picture, MANY_PIXELS, &width, &height, error));
}

/* The reader of the format says what is wrong. */
static void what_is_no_picture_is_told_as_by_decoding(void **state)
{
    (void)state;
    int32_t width, height;
    assert_fails(OKNG_ERROR_NOT_FOUND, "nothing.png", size_of("nothing.png", NULL, 0, &width, &height, error));
    assert_fails(OKNG_ERROR_FORMAT, "no picture of a known format",
                 size_of(NULL, "hello, hello, hello", 19, &width, &height, error));
    size_t bytes;
    uint8_t *data = read_golden("rgb.png", &bytes);
    okng_picture picture = {.struct_size = sizeof picture, .data = data, .data_size = bytes};
    assert_fails(OKNG_ERROR_LIMIT, "megapixels", okng_image_size(&picture, 10, &width, &height, error));
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_tells_its_size),
        cmocka_unit_test(the_header_is_enough),
        cmocka_unit_test(pixels_tell_their_size),
        cmocka_unit_test(what_is_no_picture_is_told_as_by_decoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
