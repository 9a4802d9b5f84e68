/* Broken, truncated and hostile files. */
#include "test_image.h"

static okng_status decode_exact(const uint8_t *data, size_t size, uint64_t *hash, okng_error *error)
{
    uint8_t *exact = malloc(size ? size : 1); /* so that a sanitizer sees a read past the end */
    assert_non_null(exact);
    memcpy(exact, data, size);
    okng_image image;
    okng_status status = okng_image_decode(&image, exact, size, "cut", MANY_PIXELS, error);
    *hash = status == OKNG_OK ? image_hash(&image) : 0;
    okng_image_free(&image);
    free(exact);
    return status;
}

/* The files of one format: every cut (of long files every third) is an error, or where `tail` bytes at most are
 * missing, which hold no pixels, gives all of the picture. The last number of a PNM of text may lose a digit unseen. */
static void check_cuts(const char *ending, size_t tail)
{
    FILE *list = fopen(GOLDEN "decode.txt", "r");
    assert_non_null(list);
    char name[64];
    unsigned long long hash;
    int files = 0;
    while (fscanf(list, "%63s %*d %*d %llx", name, &hash) == 2) {
        const char *dot = strrchr(name, '.');
        if (!dot || strcmp(dot, ending) != 0 || strcmp(name, "p3.ppm") == 0) continue;
        size_t size;
        uint8_t *data = read_golden(name, &size);
        for (size_t cut = 1; cut<size; cut += cut> 200 && cut + 200 < size ? 3 : 1) {
            okng_error error = {0};
            uint64_t found;
            okng_status status = decode_exact(data, cut, &found, &error);
            if (status == OKNG_OK && size - cut <= tail && found == hash) continue;
            if (status == OKNG_OK) fail_msg("%s cut to %zu of %zu bytes is taken for whole", name, cut, size);
            if (status != OKNG_ERROR_FORMAT && status != OKNG_ERROR_UNSUPPORTED)
                fail_msg("%s cut to %zu bytes: %s", name, cut, error.message);
        }
        free(data);
        files++;
    }
    (void)fclose(list);
    assert_true(files > 2);
}

static void a_truncated_jpeg_is_an_error(void **state)
{
    (void)state;
    check_cuts(".jpg", 0);
}

/* libspng does not miss the checksum of the end mark, which is always the same. */
static void a_truncated_png_is_an_error(void **state)
{
    (void)state;
    check_cuts(".png", 4);
}

/* What stands behind the pixels of a TIFF (other pages, resolution) may be missing. */
static void a_truncated_tiff_is_an_error(void **state)
{
    (void)state;
    check_cuts(".tif", 100000);
}

static void a_truncated_webp_is_an_error(void **state)
{
    (void)state;
    check_cuts(".webp", 0);
}

/* stb_image pads what is missing; okng does not. */
static void a_truncated_bmp_is_an_error(void **state)
{
    (void)state;
    check_cuts(".bmp", 0);
}

/* Text formats may lack the last line's end. */
static void a_truncated_pnm_is_an_error(void **state)
{
    (void)state;
    check_cuts(".pgm", 1);
    check_cuts(".ppm", 1);
}

static void one_changed_byte_of_a_png_is_an_error(void **state)
{
    (void)state;
    static const char *const names[] = {"grey.png", "palette_alpha.png", "interlaced.png"};
    for (size_t i = 0; i < 3; i++) {
        size_t size;
        uint8_t *data = read_golden(names[i], &size);
        for (size_t at = 0; at < size; at++) {
            uint64_t hash;
            data[at] ^= 0x10;
            if (decode_exact(data, size, &hash, NULL) == OKNG_OK)
                fail_msg("%s with byte %zu changed is taken for whole", names[i], at);
            data[at] ^= 0x10;
        }
        free(data);
    }
}

static void changed_bytes_never_do_harm(void **state)
{
    (void)state;
    FILE *list = fopen(GOLDEN "decode.txt", "r");
    assert_non_null(list);
    char name[64];
    while (fscanf(list, "%63s %*d %*d %*s", name) == 1) {
        size_t size;
        uint8_t *data = read_golden(name, &size), values[64];
        for (size_t round = 0; round < 60; round++) {
            noise(values, sizeof values, (uint32_t)(round * 7919 + size));
            size_t at = (size_t)(values[0] | values[1] << 8) % (round % 2 && size > 128 ? 128 : size);
            uint8_t kept = data[at];
            uint64_t hash;
            okng_error error = {0};
            data[at] = values[2];
            okng_status status = decode_exact(data, size, &hash, &error);
            assert_int_not_equal(status, OKNG_ERROR_INTERNAL);
            assert_true(status == OKNG_OK || error.message[0]);
            data[at] = kept;
        }
        free(data);
    }
    (void)fclose(list);
}

static void a_file_that_is_no_picture_says_so(void **state)
{
    (void)state;
    okng_image image;
    const char *text = "hello, I am a text file";
    assert_fails(OKNG_ERROR_FORMAT, "PNG, JPEG, BMP, TIFF, WebP, PNM",
                 okng_image_decode(&image, text, strlen(text), "notes.png", MANY_PIXELS, error));
    assert_fails(OKNG_ERROR_FORMAT,
                 "notes.png: ", okng_image_decode(&image, text, strlen(text), "notes.png", MANY_PIXELS, error));
    assert_fails(OKNG_ERROR_FORMAT, "empty", okng_image_decode(&image, "", 0, "a.png", MANY_PIXELS, error));
    assert_fails(OKNG_ERROR_FORMAT, "empty", okng_image_decode(&image, NULL, 0, "a.png", MANY_PIXELS, error));
    assert_null(image.pixels);
}

static void a_missing_file_and_a_folder_say_so(void **state)
{
    (void)state;
    okng_image image;
    assert_fails(OKNG_ERROR_NOT_FOUND, "nowhere.png", okng_image_load(&image, "/nowhere.png", MANY_PIXELS, error));
    assert_fails(OKNG_ERROR_IO, "folder", okng_image_load(&image, "/tmp", MANY_PIXELS, error));
}

#define HUGE_CASE(format, width, bytes)         \
    {                                           \
        format, width, bytes, sizeof(bytes) - 1 \
    }

static void a_huge_header_is_refused_before_memory_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *format, *found, *bytes;
        size_t size;
    } cases[] = {
        HUGE_CASE("PNG", "400.0 megapixels",
                  "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x02\0\0\0\x6c\x12\xd1\x6e"),
        HUGE_CASE("JPEG", "400.0 megapixels",
                  "\xff\xd8\xff\xc0\0\x11\x08\x4e\x20\x4e\x20\x03\x01\x22\0\x02\x11\x01\x03\x11\x01"
                  "\xff\xda\0\x0c\x03\x01\0\x02\x11\x03\x11\0\x3f\0"),
        HUGE_CASE("BMP", "400.0 megapixels",
                  "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x20\x4e\0\0\x20\x4e\0\0\x01\0\x18\0\0\0\0\0"
                  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        HUGE_CASE("TIFF", "400.0 megapixels",
                  "II*\0\x08\0\0\0\x04\0\0\x01\x04\0\x01\0\0\0\x20\x4e\0\0\x01\x01\x04\0\x01\0\0\0\x20\x4e\0\0"
                  "\x11\x01\x04\0\x01\0\0\0\x08\0\0\0\x17\x01\x04\0\x01\0\0\0\x08\0\0\0\0\0\0\0"),
        HUGE_CASE("WebP", "268.4 megapixels", "RIFF\x12\0\0\0WEBPVP8L\x06\0\0\0\x2f\xff\xff\xff\x0f\0"),
        HUGE_CASE("PNM", "400.0 megapixels", "P6 20000 20000 255\n"),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_image image;
        assert_fails(OKNG_ERROR_LIMIT, cases[i].found,
                     okng_image_decode(&image, cases[i].bytes, cases[i].size, "huge", MANY_PIXELS, error));
        assert_fails(OKNG_ERROR_LIMIT, "100.0 megapixels",
                     okng_image_decode(&image, cases[i].bytes, cases[i].size, "huge", MANY_PIXELS, error));
        assert_fails(OKNG_ERROR_LIMIT, cases[i].format,
                     okng_image_decode(&image, cases[i].bytes, cases[i].size, "huge", MANY_PIXELS, error));
    }
}

static void the_limit_counts_pixels_of_every_format(void **state)
{
    (void)state;
    static const char *const names[] = {"rgb.png", "rgb.tif", "rgb.bmp", "p6.ppm"};
    for (size_t i = 0; i < 4; i++) {
        size_t size;
        uint8_t *data = read_golden(names[i], &size);
        okng_image image;
        assert_ok(okng_image_decode(&image, data, size, names[i], 37 * 29, error));
        okng_image_free(&image);
        assert_fails(OKNG_ERROR_LIMIT, names[i], okng_image_decode(&image, data, size, names[i], 37 * 29 - 1, error));
        free(data);
    }
}

static void malformed_pnm_is_refused(void **state)
{
    (void)state;
    static const char *const files[] = {"P5 2 2 0 abcd",   "P5 2 2 65536 abcdefgh", "P5 0 2 255 ",
                                        "P5 2 x 255 abcd", "P5 2222222222 2 255 ",  "P2 2 1 9 3 10 ",
                                        "P1 2 1 1 2 ",     "P2 2 1 9 3 -1 "};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        okng_image image;
        assert_fails(OKNG_ERROR_FORMAT, "PNM",
                     okng_image_decode(&image, files[i], strlen(files[i]), "bad", MANY_PIXELS, error));
    }
}

static void what_is_not_read_is_named(void **state)
{
    (void)state;
    size_t size;
    uint8_t *data = read_golden("palette.bmp", &size);
    okng_image image;
    data[30] = 1; /* run-length coding */
    assert_fails(OKNG_ERROR_UNSUPPORTED, "compression", okng_image_decode(&image, data, size, "b", MANY_PIXELS, error));
    data[28] = 7;
    assert_fails(OKNG_ERROR_UNSUPPORTED, "bits", okng_image_decode(&image, data, size, "b", MANY_PIXELS, error));
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_truncated_jpeg_is_an_error),
        cmocka_unit_test(a_truncated_png_is_an_error),
        cmocka_unit_test(a_truncated_tiff_is_an_error),
        cmocka_unit_test(a_truncated_webp_is_an_error),
        cmocka_unit_test(a_truncated_bmp_is_an_error),
        cmocka_unit_test(a_truncated_pnm_is_an_error),
        cmocka_unit_test(one_changed_byte_of_a_png_is_an_error),
        cmocka_unit_test(changed_bytes_never_do_harm),
        cmocka_unit_test(a_file_that_is_no_picture_says_so),
        cmocka_unit_test(a_missing_file_and_a_folder_say_so),
        cmocka_unit_test(a_huge_header_is_refused_before_memory_is_taken),
        cmocka_unit_test(the_limit_counts_pixels_of_every_format),
        cmocka_unit_test(malformed_pnm_is_refused),
        cmocka_unit_test(what_is_not_read_is_named),
    };
    return RUN_TESTS(tests);
}
