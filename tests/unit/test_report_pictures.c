/* Heat map, overlay and side by side: what each pixel has to be. */
#include "base/memory.h"
#include "report/report.h"
#include "test.h"

static okng_image picture(int32_t width, int32_t height, int32_t channels, uint8_t value)
{
    okng_image out;
    assert_ok(okng_image_new(&out, width, height, channels, error));
    memset(out.pixels, value, (size_t)width * (size_t)height * (size_t)channels);
    return out;
}

static float *scores(int32_t width, int32_t height, float value)
{
    float *map = okng_alloc((size_t)width * (size_t)height, sizeof *map);
    assert_non_null(map);
    for (int64_t i = 0; i < (int64_t)width * height; i++) map[i] = value;
    return map;
}

static const uint8_t *at(const okng_image *image, int32_t x, int32_t y)
{
    return image->pixels + ((int64_t)y * image->width + x) * image->channels;
}

static void assert_rgb(const okng_image *image, int32_t x, int32_t y, uint8_t r, uint8_t g, uint8_t b)
{
    const uint8_t *p = at(image, x, y);
    if (p[0] != r || p[1] != g || p[2] != b)
        fail_msg("pixel (%d, %d) is %d %d %d, expected %d %d %d", x, y, p[0], p[1], p[2], r, g, b);
}

static void fill(okng_image *mask, int32_t x, int32_t y, int32_t width, int32_t height)
{
    for (int32_t j = y; j < y + height; j++) memset(mask->pixels + (int64_t)j * mask->width + x, 255, (size_t)width);
}

/* ---- heat ---- */

static void heat_goes_from_low_over_the_threshold_to_white(void **state)
{
    (void)state;
    const float map[8] = {1.0f, 2.0f, 3.0f, 1.5f, 0.0f, 100.0f, NAN, INFINITY};
    const uint8_t expected[8] = {0, 128, 255, 64, 0, 255, 64, 255};
    okng_image grey;
    assert_ok(okng_report_heat(map, 2, 4, 1.0f, 2.0f, &grey, error));
    assert_int_equal(grey.width, 4);
    assert_int_equal(grey.height, 2);
    assert_int_equal(grey.channels, 1);
    assert_memory_equal(grey.pixels, expected, sizeof expected);
    okng_image_free(&grey);
}

static void heat_without_extent_is_a_step_at_the_threshold(void **state)
{
    (void)state;
    const float map[4] = {4.9f, 5.0f, 5.1f, NAN};
    const uint8_t expected[4] = {0, 128, 255, 64};
    okng_image grey;
    assert_ok(okng_report_heat(map, 1, 4, 5.0f, 5.0f, &grey, error));
    assert_memory_equal(grey.pixels, expected, sizeof expected);
    okng_image_free(&grey);
}

static void heat_below_a_threshold_that_nothing_reaches_is_black(void **state)
{
    (void)state;
    const float map[3] = {0.0f, 1e30f, INFINITY};
    const uint8_t expected[3] = {0, 0, 0};
    okng_image grey;
    assert_ok(okng_report_heat(map, 1, 3, 1.0f, INFINITY, &grey, error));
    assert_memory_equal(grey.pixels, expected, sizeof expected);
    okng_image_free(&grey);
}

static void heat_without_a_scale_is_refused(void **state)
{
    (void)state;
    const float map[1] = {0.0f};
    okng_image grey;
    assert_fails(OKNG_ERROR_ARGUMENT, "threshold nan", okng_report_heat(map, 1, 1, 0.0f, NAN, &grey, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "from nan", okng_report_heat(map, 1, 1, NAN, 1.0f, &grey, error));
}

/* ---- overlay ---- */

static void overlay_leaves_what_is_ok_as_it_is(void **state)
{
    (void)state;
    okng_image rgb = picture(17, 9, 3, 0), mask = picture(17, 9, 1, 0), out;
    float *map = scores(17, 9, 1.0f);
    for (size_t i = 0; i < 17 * 9 * 3; i++) rgb.pixels[i] = (uint8_t)(i * 7);
    assert_ok(okng_report_overlay(&rgb, &mask, map, OKNG_OVERLAY_BOTH, okng_report_verdict_colour(OKNG_VERDICT_NG),
                                  &out, error));
    assert_memory_equal(out.pixels, rgb.pixels, 17 * 9 * 3);
    okng_image_free(&out);
    free(map);
    okng_image_free(&mask);
    okng_image_free(&rgb);
}

static void overlay_outlines_a_region_and_tints_its_inside(void **state)
{
    (void)state;
    okng_image rgb = picture(20, 20, 3, 100), mask = picture(20, 20, 1, 0), out;
    float *map = scores(20, 20, 1.0f);
    fill(&mask, 5, 6, 8, 7);
    assert_ok(okng_report_overlay(&rgb, &mask, map, OKNG_OVERLAY_BOTH, okng_report_verdict_colour(OKNG_VERDICT_NG),
                                  &out, error));
    for (int32_t y = 0; y < 20; y++)
        for (int32_t x = 0; x < 20; x++) {
            int in = x >= 5 && x < 13 && y >= 6 && y < 13, edge = x == 5 || x == 12 || y == 6 || y == 12;
            const uint8_t *p = at(&out, x, y);
            if (!in) {
                assert_rgb(&out, x, y, 100, 100, 100);
            } else if (edge) {
                assert_rgb(&out, x, y, 255, 0, 0);
            } else {
                assert_true(p[0] > 100 && p[0] < 255 && p[1] < 100 && p[1] > 50 && p[1] == p[2]);
            }
        }
    okng_image_free(&out);
    free(map);
    okng_image_free(&mask);
    okng_image_free(&rgb);
}

static void overlay_keeps_the_texture_under_the_tint(void **state)
{
    (void)state;
    okng_image rgb = picture(30, 30, 3, 60), mask = picture(30, 30, 1, 255), out;
    float *map = scores(30, 30, 1.0f);
    memset(rgb.pixels + (15 * 30 + 15) * 3, 160, 3);
    assert_ok(okng_report_overlay(&rgb, &mask, map, OKNG_OVERLAY_BOTH, okng_report_verdict_colour(OKNG_VERDICT_NG),
                                  &out, error));
    for (int c = 0; c < 3; c++) assert_true(at(&out, 15, 15)[c] - at(&out, 14, 15)[c] > 60);
    assert_rgb(&out, 0, 15, 255, 0, 0); /* the edge of the picture closes the outline */
    okng_image_free(&out);
    free(map);
    okng_image_free(&mask);
    okng_image_free(&rgb);
}

static void the_outline_grows_with_the_picture(void **state)
{
    (void)state;
    const int32_t sides[] = {64, 599, 600, 1200, 2500}, widths[] = {1, 1, 2, 3, 3};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        int32_t side = sides[i], reds = 0;
        okng_image rgb = picture(side + 3, side, 3, 9), mask = picture(side + 3, side, 1, 0), out;
        float *map = scores(side + 3, side, 1.0f);
        fill(&mask, 10, 10, 40, 40);
        assert_ok(okng_report_overlay(&rgb, &mask, map, OKNG_OVERLAY_BOTH, okng_report_verdict_colour(OKNG_VERDICT_NG),
                                      &out, error));
        for (int32_t x = 0; x < 30; x++) reds += at(&out, x, 30)[0] == 255 && at(&out, x, 30)[1] == 0;
        assert_int_equal(reds, widths[i]);
        okng_image_free(&out);
        free(map);
        okng_image_free(&mask);
        okng_image_free(&rgb);
    }
}

static void overlay_dims_and_hatches_what_was_never_seen(void **state)
{
    (void)state;
    okng_image rgb = picture(40, 16, 3, 200), mask = picture(40, 16, 1, 0), out;
    float *map = scores(40, 16, NAN);
    for (int32_t y = 0; y < 16; y++)
        for (int32_t x = 24; x < 40; x++) map[y * 40 + x] = 0.5f;
    int lines = 0;
    assert_ok(okng_report_overlay(&rgb, &mask, map, OKNG_OVERLAY_BOTH, okng_report_verdict_colour(OKNG_VERDICT_NG),
                                  &out, error));
    uint8_t dim = at(&out, 1, 0)[0];
    for (int32_t y = 0; y < 16; y++)
        for (int32_t x = 0; x < 40; x++) {
            const uint8_t *p = at(&out, x, y);
            assert_true(p[0] == p[1] && p[1] == p[2]);
            assert_true(x < 24 ? p[0] < 150 : p[0] == 200);
            lines += x < 24 && p[0] > dim;
        }
    assert_int_equal(lines, 24 * 16 / 8);
    okng_image_free(&out);
    free(map);
    okng_image_free(&mask);
    okng_image_free(&rgb);
}

static void overlay_of_pictures_of_any_size_stays_inside(void **state)
{
    (void)state;
    const int32_t sizes[][2] = {{1, 1}, {2, 1}, {1, 3}, {2, 2}, {3, 3}, {1, 700}, {700, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        okng_image rgb = picture(sizes[i][0], sizes[i][1], 3, 7), out;
        okng_image mask = picture(sizes[i][0], sizes[i][1], 1, 255);
        float *map = scores(sizes[i][0], sizes[i][1], 1.0f);
        assert_ok(okng_report_overlay(&rgb, &mask, map, OKNG_OVERLAY_BOTH, okng_report_verdict_colour(OKNG_VERDICT_NG),
                                      &out, error));
        assert_rgb(&out, 0, 0, 255, 0, 0);
        okng_image_free(&out);
        free(map);
        okng_image_free(&mask);
        okng_image_free(&rgb);
    }
}

static void overlay_of_two_sizes_is_refused(void **state)
{
    (void)state;
    okng_image rgb = picture(8, 9, 3, 0), mask = picture(9, 8, 1, 0), out;
    assert_fails(OKNG_ERROR_ARGUMENT, "8x9",
                 okng_report_overlay(&rgb, &mask, NULL, OKNG_OVERLAY_BOTH, okng_report_verdict_colour(OKNG_VERDICT_NG),
                                     &out, error));
    okng_image_free(&mask);
    okng_image_free(&rgb);
}

/* ---- side by side ---- */

static void side_by_side_shows_four_cells_with_gaps(void **state)
{
    (void)state;
    okng_image reference = picture(6, 5, 3, 10), test = picture(12, 10, 3, 20), out;
    okng_image mask = picture(12, 10, 1, 255), overlay = picture(12, 10, 3, 40);
    assert_ok(okng_report_side_by_side(&reference, &test, &mask, &overlay, &out, error));
    assert_int_equal(out.width, 2 * 12 + 3 * 2);
    assert_int_equal(out.height, 2 * 10 + 3 * 2);
    assert_int_equal(out.channels, 3);
    for (int32_t y = 0; y < out.height; y++)
        for (int32_t x = 0; x < out.width; x++) {
            int column = x >= 2 && x < 14 ? 0 : x >= 16 && x < 28 ? 1 : -1;
            int row = y >= 2 && y < 12 ? 0 : y >= 14 && y < 24 ? 1 : -1;
            const uint8_t cells[2][2] = {{10, 20}, {255, 40}};
            uint8_t value = column < 0 || row < 0 ? 160 : cells[row][column];
            assert_rgb(&out, x, y, value, value, value);
        }
    okng_image_free(&out);
    okng_image_free(&overlay);
    okng_image_free(&mask);
    okng_image_free(&test);
    okng_image_free(&reference);
}

static void side_by_side_copies_pixels(void **state)
{
    (void)state;
    okng_image cells[4], out; /* reference, test, mask, overlay */
    for (int i = 0; i < 4; i++) {
        cells[i] = picture(3, 2, i == 2 ? 1 : 3, 0);
        for (int k = 0; k < 6 * cells[i].channels; k++) cells[i].pixels[k] = (uint8_t)(50 * i + k);
    }
    assert_ok(okng_report_side_by_side(&cells[0], &cells[1], &cells[2], &cells[3], &out, error));
    assert_memory_equal(at(&out, 2, 3), cells[0].pixels + 9, 9);
    assert_memory_equal(at(&out, 7, 3), cells[1].pixels + 9, 9);
    assert_rgb(&out, 3, 7, 104, 104, 104);
    assert_memory_equal(at(&out, 7, 6), cells[3].pixels, 9);
    okng_image_free(&out);
    for (int i = 0; i < 4; i++) okng_image_free(&cells[i]);
}

static void side_by_side_of_other_sizes_is_refused(void **state)
{
    (void)state;
    okng_image test = picture(12, 10, 3, 20), mask = picture(12, 11, 1, 255), out;
    assert_fails(OKNG_ERROR_ARGUMENT, "the mask is 12x11, expected the test picture's 12x10",
                 okng_report_side_by_side(&test, &test, &mask, &test, &out, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "the overlay is 12x11",
                 okng_report_side_by_side(&test, &test, &test, &mask, &out, error));
    okng_image_free(&mask);
    okng_image_free(&test);
}

/* ---- colours ---- */

/* Oklab's lightness of a colour of sRGB (Ottosson 2020). */
static double lightness(const uint8_t rgb[3])
{
    double c[3];
    for (int i = 0; i < 3; i++) {
        double v = rgb[i] / 255.0;
        c[i] = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
    }
    double l = cbrt(0.4122214708 * c[0] + 0.5363325363 * c[1] + 0.0514459929 * c[2]);
    double m = cbrt(0.2119034982 * c[0] + 0.6806995451 * c[1] + 0.1073969566 * c[2]);
    double s = cbrt(0.0883024619 * c[0] + 0.2817188376 * c[1] + 0.6299787005 * c[2]);
    return 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
}

static void heat_colours_rise_evenly_in_lightness(void **state)
{
    (void)state;
    uint8_t rgb[3];
    for (int grey = 0; grey < 256; grey++) {
        okng_report_heat_rgb((uint8_t)grey, rgb);
        double expected = 0.18 + 0.78 * grey / 255, found = lightness(rgb);
        if (fabs(found - expected) > 0.012)
            fail_msg("grey %d has lightness %.3f, expected %.3f", grey, found, expected);
    }
}

static void heat_in_colour_is_that_of_grey(void **state)
{
    (void)state;
    const float map[4] = {1.0f, 2.0f, 100.0f, NAN};
    okng_image rgb;
    assert_ok(okng_report_heat_colour(map, 1, 4, 1.0f, 2.0f, &rgb, error));
    assert_int_equal(rgb.channels, 3);
    assert_rgb(&rgb, 0, 0, 10, 1, 65);
    assert_rgb(&rgb, 1, 0, 217 + (242 - 217 + 8) / 16, 18 + (36 - 18 + 8) / 16, 89 + (64 - 89 + 8) / 16 - 1);
    assert_rgb(&rgb, 2, 0, 255, 247, 140);
    assert_rgb(&rgb, 3, 0, 128, 128, 128);
    okng_image_free(&rgb);
}

/* ---- looks of an overlay ---- */

static void looks_draw_the_tint_the_outline_or_both(void **state)
{
    (void)state;
    static const uint8_t blue[3] = {0, 140, 255};
    okng_image rgb = picture(9, 9, 3, 100), mask = picture(9, 9, 1, 0), out;
    fill(&mask, 2, 2, 5, 5);
    assert_ok(okng_report_overlay(&rgb, &mask, NULL, OKNG_OVERLAY_OUTLINE, blue, &out, error));
    assert_rgb(&out, 2, 2, 0, 140, 255);
    assert_rgb(&out, 4, 4, 100, 100, 100);
    okng_image_free(&out);
    assert_ok(okng_report_overlay(&rgb, &mask, NULL, OKNG_OVERLAY_FILL, blue, &out, error));
    assert_rgb(&out, 2, 2, 72, 111, 144);
    assert_rgb(&out, 4, 4, 72, 111, 144);
    okng_image_free(&out);
    assert_ok(okng_report_overlay(&rgb, &mask, NULL, OKNG_OVERLAY_BOTH, blue, &out, error));
    assert_rgb(&out, 2, 2, 0, 140, 255);
    assert_rgb(&out, 4, 4, 72, 111, 144);
    okng_image_free(&out);
    assert_ok(okng_report_truth(&rgb, &mask, &out, error));
    assert_rgb(&out, 2, 2, 0, 220, 90);
    assert_rgb(&out, 4, 4, 100, 100, 100);
    okng_image_free(&out);
    okng_image_free(&rgb);
    okng_image_free(&mask);
}

static void verdicts_have_colours_of_their_own(void **state)
{
    (void)state;
    const uint8_t *ok = okng_report_verdict_colour(OKNG_VERDICT_OK), *ng = okng_report_verdict_colour(OKNG_VERDICT_NG);
    const uint8_t *review = okng_report_verdict_colour(OKNG_VERDICT_REVIEW);
    assert_memory_not_equal(ok, ng, 3);
    assert_memory_not_equal(ok, review, 3);
    assert_memory_not_equal(ng, review, 3);
}

/* ---- labels ---- */

/* Pixels that are not 100 any more in a part of the picture. */
static int64_t changed(const okng_image *image, int32_t x, int32_t y, int32_t width, int32_t height)
{
    int64_t count = 0;
    for (int32_t j = y; j < y + height; j++)
        for (int32_t i = x; i < x + width; i++) count += at(image, i, j)[1] != 100;
    return count;
}

static void a_label_stands_in_the_corner_with_least_of_the_mask(void **state)
{
    (void)state;
    static const uint8_t red[3] = {255, 0, 0};
    okng_image rgb = picture(400, 300, 3, 100), mask = picture(400, 300, 1, 0);
    assert_ok(okng_report_label(&rgb, &mask, "NG 3.21 > 2.5", red, error));
    assert_true(changed(&rgb, 0, 0, 60, 15) > 60 * 14); /* 300 / 20 = 15 high, on a ground of its own */
    assert_true(changed(&rgb, 0, 15, 400, 285) == 0);
    bool white = false;
    for (int32_t x = 0; x < 60; x++) white = white || at(&rgb, x, 7)[2] > 200;
    assert_true(white);
    okng_image_free(&rgb);

    rgb = picture(400, 300, 3, 100);
    fill(&mask, 0, 0, 30, 30);
    fill(&mask, 370, 0, 30, 30);
    assert_ok(okng_report_label(&rgb, &mask, "NG 3.21 > 2.5", red, error));
    assert_true(changed(&rgb, 0, 0, 400, 285) == 0);
    assert_true(changed(&rgb, 0, 285, 60, 15) > 60 * 14);
    okng_image_free(&rgb);
    okng_image_free(&mask);
}

static void a_label_is_left_out_where_there_is_no_room(void **state)
{
    (void)state;
    static const uint8_t red[3] = {255, 0, 0};
    okng_image rgb = picture(40, 40, 3, 100), mask = picture(40, 40, 1, 0);
    assert_ok(okng_report_label(&rgb, &mask, "NG 3.21 > 2.5", red, error));
    assert_true(changed(&rgb, 0, 0, 40, 40) == 0);
    okng_image_free(&rgb);
    okng_image_free(&mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heat_goes_from_low_over_the_threshold_to_white),
        cmocka_unit_test(heat_without_extent_is_a_step_at_the_threshold),
        cmocka_unit_test(heat_below_a_threshold_that_nothing_reaches_is_black),
        cmocka_unit_test(heat_without_a_scale_is_refused),
        cmocka_unit_test(overlay_leaves_what_is_ok_as_it_is),
        cmocka_unit_test(overlay_outlines_a_region_and_tints_its_inside),
        cmocka_unit_test(overlay_keeps_the_texture_under_the_tint),
        cmocka_unit_test(the_outline_grows_with_the_picture),
        cmocka_unit_test(overlay_dims_and_hatches_what_was_never_seen),
        cmocka_unit_test(overlay_of_pictures_of_any_size_stays_inside),
        cmocka_unit_test(overlay_of_two_sizes_is_refused),
        cmocka_unit_test(side_by_side_shows_four_cells_with_gaps),
        cmocka_unit_test(side_by_side_copies_pixels),
        cmocka_unit_test(side_by_side_of_other_sizes_is_refused),
        cmocka_unit_test(heat_colours_rise_evenly_in_lightness),
        cmocka_unit_test(heat_in_colour_is_that_of_grey),
        cmocka_unit_test(looks_draw_the_tint_the_outline_or_both),
        cmocka_unit_test(verdicts_have_colours_of_their_own),
        cmocka_unit_test(a_label_stands_in_the_corner_with_least_of_the_mask),
        cmocka_unit_test(a_label_is_left_out_where_there_is_no_room),
    };
    return RUN_TESTS(tests);
}
