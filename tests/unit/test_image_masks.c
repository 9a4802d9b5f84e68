#include "image/morphology.h"
#include "test_image.h"

/* Set where the byte is below `sparsity`. */
static void make_mask(okng_image *mask, int32_t width, int32_t height, int sparsity)
{
    assert_ok(okng_image_new(mask, width, height, 1, error));
    size_t pixels = (size_t)width * (size_t)height;
    noise(mask->pixels, pixels, (uint32_t)sparsity);
    for (size_t i = 0; i < pixels; i++) mask->pixels[i] = mask->pixels[i] < sparsity ? 255 : 0;
}

static void opening_and_closing_equal_scikit_image(void **state)
{
    (void)state;
    FILE *list = fopen(GOLDEN "morphology.txt", "r");
    assert_non_null(list);
    int width, height, sparsity, radius, cases = 0, wrong = 0;
    char name[16];
    unsigned long long hash;
    while (fscanf(list, "%d %d %d %15s %d %llx", &width, &height, &sparsity, name, &radius, &hash) == 6) {
        okng_image mask;
        make_mask(&mask, width, height, sparsity);
        if (name[0] == 'o')
            assert_ok(okng_mask_open(&mask, radius, error));
        else
            assert_ok(okng_mask_close(&mask, radius, error));
        if (image_hash(&mask) != hash) {
            print_message("%s of %dx%d (%d), radius %d differs\n", name, width, height, sparsity, radius);
            wrong++;
        }
        cases++;
        okng_image_free(&mask);
    }
    (void)fclose(list);
    assert_true(cases > 200);
    assert_int_equal(wrong, 0);
}

static void radius_zero_changes_nothing_and_a_huge_one_is_no_trouble(void **state)
{
    (void)state;
    okng_image mask;
    make_mask(&mask, 300, 200, 128);
    uint64_t before = image_hash(&mask);
    assert_ok(okng_mask_open(&mask, 0, error));
    assert_ok(okng_mask_close(&mask, 0, error));
    assert_true(image_hash(&mask) == before);
    assert_ok(okng_mask_close(&mask, INT32_MAX, error));
    for (size_t i = 0; i < 300 * 200; i++) assert_int_equal(mask.pixels[i], 255);
    assert_ok(okng_mask_open(&mask, INT32_MAX, error));
    assert_int_equal(mask.pixels[77], 255); /* what is outside does not eat the mask */
    mask.pixels[100] = 0;
    assert_ok(okng_mask_open(&mask, INT32_MAX, error));
    for (size_t i = 0; i < 300 * 200; i++) assert_int_equal(mask.pixels[i], 0);
    assert_fails(OKNG_ERROR_ARGUMENT, "radius -1", okng_mask_open(&mask, -1, error));
    okng_image_free(&mask);
}

static void regions_equal_scikit_image(void **state)
{
    (void)state;
    FILE *list = fopen(GOLDEN "regions.txt", "r");
    assert_non_null(list);
    int width, height, sparsity, min_area;
    assert_int_equal(fscanf(list, "%d %d %d %d", &width, &height, &sparsity, &min_area), 4);
    okng_image mask;
    make_mask(&mask, width, height, sparsity);
    size_t pixels = (size_t)width * (size_t)height, count, area = 0, set = 0;
    uint8_t *bytes = malloc(pixels);
    float *scores = malloc(pixels * sizeof *scores);
    assert_true(bytes && scores);
    noise(bytes, pixels, 99);
    for (size_t i = 0; i < pixels; i++) scores[i] = bytes[i];
    okng_region *regions;
    assert_ok(okng_mask_regions(&mask, scores, min_area, &regions, &count, error));
    for (size_t i = 0; i < count; i++) {
        okng_region r = {0};
        long long found = 0;
        assert_int_equal(fscanf(list, "%d %d %d %d %lld %f %d %d", &r.x, &r.y, &r.width, &r.height, &found, &r.peak,
                                &r.peak_x, &r.peak_y),
                         8);
        assert_int_equal(regions[i].x, r.x);
        assert_int_equal(regions[i].y, r.y);
        assert_int_equal(regions[i].width, r.width);
        assert_int_equal(regions[i].height, r.height);
        assert_int_equal(regions[i].area, found);
        assert_true(regions[i].peak == r.peak);
        assert_int_equal(regions[i].peak_x, r.peak_x);
        assert_int_equal(regions[i].peak_y, r.peak_y);
        area += (size_t)found;
    }
    assert_int_equal(fscanf(list, "%*d"), EOF);
    for (size_t i = 0; i < pixels; i++) set += mask.pixels[i] != 0;
    assert_int_equal(set, area); /* small ones are cleared */
    (void)fclose(list);
    free(regions);
    free(scores);
    free(bytes);
    okng_image_free(&mask);
}

static void an_empty_mask_has_no_regions(void **state)
{
    (void)state;
    okng_image mask;
    make_mask(&mask, 9, 7, 0);
    float scores[63] = {0};
    okng_region *regions = (void *)scores;
    size_t count = 5;
    assert_ok(okng_mask_regions(&mask, scores, 0, &regions, &count, error));
    assert_null(regions);
    assert_int_equal(count, 0);
    memset(mask.pixels, 255, 3);
    assert_ok(okng_mask_regions(&mask, scores, 4, &regions, &count, error));
    assert_null(regions);
    assert_int_equal(mask.pixels[0], 0);
    okng_image_free(&mask);
}

static void the_peak_ignores_nan(void **state)
{
    (void)state;
    okng_image mask;
    make_mask(&mask, 5, 1, 0);
    mask.pixels[0] = mask.pixels[1] = mask.pixels[2] = mask.pixels[4] = 255;
    const float scores[5] = {NAN, -2, NAN, 9, NAN};
    okng_region *regions;
    size_t count;
    assert_ok(okng_mask_regions(&mask, scores, 0, &regions, &count, error));
    assert_int_equal(count, 2);
    assert_true(regions[0].peak == -2);
    assert_int_equal(regions[0].peak_x, 1);
    assert_int_equal(regions[0].width, 3);
    assert_true(isnan(regions[1].peak)); /* nothing but NaN inside */
    assert_int_equal(regions[1].peak_x, 4);
    free(regions);
    okng_image_free(&mask);
}

static void a_comb_is_one_region(void **state)
{
    (void)state;
    okng_image mask; /* its teeth are joined at the bottom only: many sets that meet late */
    make_mask(&mask, 401, 300, 0);
    for (size_t i = 0; i < (size_t)401 * 300; i++) mask.pixels[i] = i % 401 % 2 == 0 || i / 401 == 299 ? 255 : 0;
    float *scores = calloc((size_t)401 * 300, sizeof *scores);
    okng_region *regions;
    size_t count;
    assert_ok(okng_mask_regions(&mask, scores, 0, &regions, &count, error));
    assert_int_equal(count, 1);
    assert_int_equal(regions[0].area, 201 * 299 + 401);
    free(regions);
    free(scores);
    okng_image_free(&mask);
}

/* By every pair of its pixels. */
static double length_of(const okng_image *mask)
{
    double most = 0;
    const int64_t pixels = (int64_t)mask->width * mask->height;
    for (int64_t a = 0; a < pixels; a++)
        for (int64_t b = a; b < pixels && mask->pixels[a]; b++) {
            const double dx = (double)(a % mask->width - b % mask->width);
            const double dy = (double)(a / mask->width - b / mask->width);
            if (mask->pixels[b]) most = fmax(most, hypot(dx, dy));
        }
    return most + 1;
}

static void assert_length(okng_image *mask)
{
    float *scores = calloc((size_t)mask->width * (size_t)mask->height, sizeof *scores);
    okng_region *regions;
    size_t count;
    assert_non_null(scores);
    assert_ok(okng_mask_regions(mask, scores, 0, &regions, &count, error));
    assert_int_equal(count, 1);
    assert_true(fabs(regions[0].length - length_of(mask)) < 1e-9);
    free(regions);
    free(scores);
}

static void a_region_is_as_long_as_its_farthest_pixels_are_apart(void **state)
{
    (void)state;
    okng_image mask;
    make_mask(&mask, 60, 50, 0);
    const size_t pixels = 60 * 50;
    for (int slope = -6; slope <= 6; slope++) { /* lines of every direction, one pixel thick where they are flat */
        memset(mask.pixels, 0, pixels);
        for (int x = 5; x < 55; x++)
            for (int y = 0; y < 50; y++) mask.pixels[y * 60 + x] = abs(6 * (y - 25) - slope * (x - 30)) <= 5 ? 255 : 0;
        assert_length(&mask);
    }
    for (int radius = 1; radius < 25; radius += 4) { /* ellipses, with a hole */
        for (int i = 0; i < 3000; i++) {
            const int dx = i % 60 - 30, dy = 2 * (i / 60 - 25), d = dx * dx + dy * dy;
            mask.pixels[i] = d <= radius * radius && d >= radius * radius / 3 - 1 ? 255 : 0;
        }
        assert_length(&mask);
    }
    memset(mask.pixels, 0, pixels); /* an angle, whose inner corner is nobody's end */
    memset(mask.pixels + 7 * 60, 255, 41);
    for (int y = 7; y < 40; y++) mask.pixels[y * 60] = 255;
    assert_length(&mask);
    memset(mask.pixels, 0, pixels);
    mask.pixels[1234] = 255;
    assert_true(length_of(&mask) == 1);
    assert_length(&mask);
    okng_image_free(&mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_and_closing_equal_scikit_image),
        cmocka_unit_test(radius_zero_changes_nothing_and_a_huge_one_is_no_trouble),
        cmocka_unit_test(regions_equal_scikit_image),
        cmocka_unit_test(an_empty_mask_has_no_regions),
        cmocka_unit_test(the_peak_ignores_nan),
        cmocka_unit_test(a_comb_is_one_region),
        cmocka_unit_test(a_region_is_as_long_as_its_farthest_pixels_are_apart),
    };
    return RUN_TESTS(tests);
}
