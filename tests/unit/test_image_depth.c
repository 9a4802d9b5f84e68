/* How many bits of their samples pictures use. */
#include "image/image.h"
#include "test_image.h"

static void bits_are_the_fewest_that_hold_what_was_seen(void **state)
{
    (void)state;
    static const struct {
        okng_depth depth;
        int32_t bits;
    } cases[] = {
        {{.stated = 8}, 8},
        {{.stated = 12}, 12},
        {{.silent = true, .seen = 0xff}, 8},
        {{.silent = true, .seen = 0x100}, 10},
        {{.silent = true, .seen = 0x3ff}, 10},
        {{.silent = true, .seen = 0x400}, 12},
        {{.silent = true, .seen = 0xfff}, 12},
        {{.silent = true, .seen = 0x1001}, 14},
        {{.silent = true, .seen = 0x4000}, 16},
        {{.silent = true, .seen = 0xfff0}, 16},
        {{.silent = true, .seen = 0x3ff0}, 16}, /* the upper 12 of 16, dark */
        {{.silent = true, .seen = 0x3ff8}, 14},
        {{.silent = true, .seen = 0xff0}, 12}, /* that is what a gain of 16 leaves in 12 bits */
        {{.silent = true, .seen = 0}, 16},
        {{.silent = true, .seen = 0x1f0, .hint = 12}, 12},
        {{.silent = true, .seen = 0x1f0, .hint = 11}, 12},
        {{.silent = true, .seen = 0xfff0, .hint = 12}, 16}, /* PNG's rule */
        {{.silent = true, .seen = 0, .hint = 10}, 10},
        {{.silent = true, .seen = 0x3ff, .stated = 12}, 12}, /* of two pictures */
        {{.silent = true, .seen = 0xfff, .stated = 8}, 12},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (okng_depth_bits(cases[i].depth) != cases[i].bits)
            fail_msg("case %zu: %d bits, expected %d", i, okng_depth_bits(cases[i].depth), cases[i].bits);
}

static void several_pictures_are_seen_as_one(void **state)
{
    (void)state;
    okng_depth all = {0};
    okng_depth_unite(&all, (okng_depth){.stated = 8});
    assert_int_equal(okng_depth_bits(all), 8);
    okng_depth_unite(&all, (okng_depth){.silent = true, .seen = 0x1ff});
    assert_int_equal(okng_depth_bits(all), 10);
    okng_depth_unite(&all, (okng_depth){.silent = true, .seen = 0x800, .hint = 12});
    assert_int_equal(okng_depth_bits(all), 12);
}

static void what_files_say_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t stated, hint, bits;
    } files[] = {{"rgb.png", 8, 0, 8},
                 {"rgb420.jpg", 8, 0, 8},
                 {"low12.png", 0, 0, 12},
                 {"low12_dark.png", 0, 12, 12},
                 {"low10_dark.png", 0, 10, 10},
                 {"high12.png", 0, 12, 16},
                 {"grey16.png", 0, 0, 16},
                 {"packed12.tif", 12, 0, 12},
                 {"packed10.tif", 10, 0, 10},
                 {"smax12_dark.tif", 0, 12, 12},
                 {"low14.tif", 0, 0, 14},
                 {"low8.tif", 0, 0, 8},
                 {"low12_white_is_zero.tif", 0, 0, 12},
                 {"low12_alpha.tif", 0, 0, 12},
                 {"rgb.tif", 8, 0, 8},
                 {"bits.tif", 8, 0, 8},
                 {"p6_10.ppm", 10, 0, 10},
                 {"low12.pgm", 0, 0, 12},
                 {"p5.pgm", 8, 0, 8},
                 {"rgb.bmp", 8, 0, 8},
                 {"few.gif", 8, 0, 8}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, GOLDEN "%s", files[i].name);
        const okng_picture picture = {.struct_size = sizeof picture, .path = path};
        okng_decoding how = {.max_pixels = MANY_PIXELS};
        assert_ok(okng_image_look(&picture, &how, error));
        const okng_depth depth = how.depth;
        if (depth.stated != files[i].stated || depth.hint != files[i].hint || okng_depth_bits(depth) != files[i].bits)
            fail_msg("%s: stated %d, hint %d, %d bits", files[i].name, depth.stated, depth.hint,
                     okng_depth_bits(depth));
        assert_int_equal(depth.silent, files[i].stated == 0);
    }
}

static void a_difference_is_put_into_words(void **state)
{
    (void)state;
    static const struct {
        okng_depth depth;
        int32_t bits;
        const char *text; /* NULL: none */
    } cases[] = {
        {{.stated = 8}, 8, NULL},
        {{.stated = 8}, 16, NULL},
        {{.stated = 8}, 12, "it has 8 bits a sample, where 12 are expected"},
        {{.stated = 11}, 12, NULL},
        {{.stated = 10}, 12, "it has 10 bits"},
        {{.stated = 12}, 8, "it has 12 bits"},
        {{.silent = true, .seen = 0xfff}, 12, NULL},
        {{.silent = true, .seen = 0xfff}, 10, "samples above 1023"},
        {{.silent = true, .seen = 0xfff}, 8, "its samples use 12 bits"},
        {{.silent = true, .seen = 0xff}, 8, NULL},
        {{.silent = true, .seen = 0xffff}, 16, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[160] = "";
        bool differs = okng_depth_differs(cases[i].depth, cases[i].bits, text, sizeof text);
        if (differs != (cases[i].text != NULL) || (differs && !strstr(text, cases[i].text)))
            fail_msg("case %zu: \"%s\"", i, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_are_the_fewest_that_hold_what_was_seen),
        cmocka_unit_test(several_pictures_are_seen_as_one),
        cmocka_unit_test(what_files_say_is_found),
        cmocka_unit_test(a_difference_is_put_into_words),
    };
    return RUN_TESTS(tests);
}
