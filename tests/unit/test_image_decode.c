#include "test_image.h"

static void every_format_and_mode_decodes_as_pillow_does(void **state)
{
    (void)state;
    FILE *list = fopen(GOLDEN "decode.txt", "r");
    assert_non_null(list);
    char name[64];
    int width, height, files = 0, wrong = 0;
    unsigned long long hash;
    while (fscanf(list, "%63s %d %d %llx", name, &width, &height, &hash) == 4) {
        char path[512];
        (void)snprintf(path, sizeof path, GOLDEN "%s", name);
        okng_image image;
        okng_error failure = {0};
        bool same = okng_image_load(&image, path, MANY_PIXELS, &failure) == OKNG_OK && image.width == width &&
                    image.height == height && image.channels == 3 && image_hash(&image) == hash;
        if (!same) print_message("%s differs from Pillow %s\n", name, failure.message);
        wrong += !same;
        files++;
        okng_image_free(&image);
    }
    (void)fclose(list);
    assert_true(files > 70);
    assert_int_equal(wrong, 0);
}

static void some_pictures_equal_pillow_byte_by_byte(void **state)
{
    (void)state;
    static const char *const names[] = {"rgb420.jpg", "palette.png", "lossy.webp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512], golden[80];
        (void)snprintf(path, sizeof path, GOLDEN "%s", names[i]);
        (void)snprintf(golden, sizeof golden, "%s.rgb", names[i]);
        okng_image image;
        assert_ok(okng_image_load(&image, path, MANY_PIXELS, error));
        assert_equals_golden(&image, golden);
        okng_image_free(&image);
    }
}

static void a_picture_comes_from_a_file_from_memory_or_from_pixels(void **state)
{
    (void)state;
    size_t size;
    uint8_t *data = read_golden("rgb.png", &size);
    okng_image file, memory, pixels;
    okng_picture picture = {.struct_size = sizeof picture, .path = GOLDEN "rgb.png"};
    assert_ok(okng_image_from_picture(&file, &picture, MANY_PIXELS, error));
    picture = (okng_picture){.struct_size = sizeof(okng_picture), .data = data, .data_size = size};
    assert_ok(okng_image_from_picture(&memory, &picture, MANY_PIXELS, error));
    assert_true(image_hash(&file) == image_hash(&memory));
    picture = (okng_picture){
        .struct_size = sizeof(okng_picture), .pixels = file.pixels, .width = file.width, .height = file.height};
    assert_ok(okng_image_from_picture(&pixels, &picture, MANY_PIXELS, error));
    assert_true(image_hash(&file) == image_hash(&pixels));
    free(data);
    okng_image_free(&file);
    okng_image_free(&memory);
    okng_image_free(&pixels);
}

static void raw_pixels_may_have_a_stride_and_another_order(void **state)
{
    (void)state;
    const uint8_t bgr[] = {1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12}; /* two rows, 8 bytes apart */
    const uint8_t rgb[] = {3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10};
    const uint8_t flipped[] = {9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4};
    okng_image image;
    okng_picture picture = {
        .struct_size = sizeof picture, .pixels = bgr, .width = 2, .height = 2, .stride = 8, .format = OKNG_PIXEL_BGR8};
    assert_ok(okng_image_from_picture(&image, &picture, 4, error));
    assert_memory_equal(image.pixels, rgb, sizeof rgb);
    okng_image_free(&image);
    picture.pixels = bgr + 8;
    picture.stride = -8;
    assert_ok(okng_image_from_picture(&image, &picture, 4, error));
    assert_memory_equal(image.pixels, flipped, sizeof flipped);
    okng_image_free(&image);
    const uint8_t grey[] = {5, 6, 7, 8}, repeated[] = {5, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8};
    picture = (okng_picture){
        .struct_size = sizeof(okng_picture), .pixels = grey, .width = 2, .height = 2, .format = OKNG_PIXEL_GREY8};
    assert_ok(okng_image_from_picture(&image, &picture, 4, error));
    assert_memory_equal(image.pixels, repeated, sizeof repeated);
    okng_image_free(&image);
}

static void wrong_pixels_are_refused(void **state)
{
    (void)state;
    uint8_t byte = 0;
    okng_image image;
    okng_picture picture = {.struct_size = sizeof picture};
    assert_fails(OKNG_ERROR_ARGUMENT, "exactly one", okng_image_from_picture(&image, &picture, 9, error));
    picture = (okng_picture){.struct_size = sizeof(okng_picture), .path = "a", .pixels = &byte};
    assert_fails(OKNG_ERROR_ARGUMENT, "exactly one", okng_image_from_picture(&image, &picture, 9, error));
    picture = (okng_picture){.struct_size = sizeof(okng_picture), .pixels = &byte, .width = 0, .height = 1};
    assert_fails(OKNG_ERROR_ARGUMENT, "0 x 1", okng_image_from_picture(&image, &picture, 9, error));
    picture = (okng_picture){.struct_size = sizeof(okng_picture), .pixels = &byte, .width = 65536, .height = 1};
    assert_fails(OKNG_ERROR_ARGUMENT, "65535", okng_image_from_picture(&image, &picture, 9, error));
    picture =
        (okng_picture){.struct_size = sizeof(okng_picture), .pixels = &byte, .width = 2, .height = 1, .stride = -5};
    assert_fails(OKNG_ERROR_ARGUMENT, "stride", okng_image_from_picture(&image, &picture, 9, error));
    picture = (okng_picture){
        .struct_size = sizeof(okng_picture), .pixels = &byte, .width = 1, .height = 1, .format = (okng_pixel_format)70};
    assert_fails(OKNG_ERROR_ARGUMENT, "format 70", okng_image_from_picture(&image, &picture, 9, error));
    picture = (okng_picture){.struct_size = sizeof(okng_picture), .pixels = &byte, .width = 4, .height = 4};
    assert_fails(OKNG_ERROR_LIMIT, "megapixels", okng_image_from_picture(&image, &picture, 9, error));
    assert_null(image.pixels);
}

static void a_written_png_is_read_back_and_always_the_same(void **state)
{
    (void)state;
    char path[] = "/tmp/okng-test-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    (void)close(descriptor);
    for (int32_t channels = 1; channels <= 3; channels += 2) {
        okng_image image, back;
        uint64_t hash[2];
        assert_ok(okng_image_new(&image, 133, 71, channels, error));
        noise(image.pixels, (size_t)133 * 71 * (size_t)channels, 5);
        memset(image.pixels, 40, 4000);
        for (int i = 0; i < 2; i++) {
            assert_ok(okng_image_write_png(&image, path, error));
            FILE *file = fopen(path, "rb");
            assert_non_null(file);
            static uint8_t data[100000];
            hash[i] = fnv(data, fread(data, 1, sizeof data, file));
            assert_int_equal(data[25], channels == 1 ? 0 : 2); /* colour type */
            (void)fclose(file);
        }
        assert_true(hash[0] == hash[1]);
        assert_ok(okng_image_load(&back, path, MANY_PIXELS, error));
        for (size_t i = 0; i < (size_t)133 * 71 * 3; i++)
            assert_int_equal(back.pixels[i], image.pixels[channels == 1 ? i / 3 : i]);
        okng_image_free(&back);
        okng_image_free(&image);
    }
    (void)unlink(path);
}

static void a_png_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    okng_image image;
    assert_ok(okng_image_new(&image, 3, 2, 1, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "/nowhere/", okng_image_write_png(&image, "/nowhere/at/all.png", error));
    okng_image_free(&image);
}

static void a_picture_has_a_sensible_size(void **state)
{
    (void)state;
    okng_image image;
    assert_fails(OKNG_ERROR_ARGUMENT, "0 x 1", okng_image_new(&image, 0, 1, 3, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "2 channels", okng_image_new(&image, 1, 1, 2, error));
    assert_fails(OKNG_ERROR_MEMORY, "memory", okng_image_new(&image, INT32_MAX, INT32_MAX, 3, error));
    okng_image_free(&image);
    okng_image_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_and_mode_decodes_as_pillow_does),
        cmocka_unit_test(some_pictures_equal_pillow_byte_by_byte),
        cmocka_unit_test(a_picture_comes_from_a_file_from_memory_or_from_pixels),
        cmocka_unit_test(raw_pixels_may_have_a_stride_and_another_order),
        cmocka_unit_test(wrong_pixels_are_refused),
        cmocka_unit_test(a_written_png_is_read_back_and_always_the_same),
        cmocka_unit_test(a_png_that_cannot_be_written_is_an_error),
        cmocka_unit_test(a_picture_has_a_sensible_size),
    };
    return RUN_TESTS(tests);
}
