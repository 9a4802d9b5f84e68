/* Areas that are left out, held against plain loops over pixels. */
#include "features/ignored.h"

#include <math.h>

#include "base/rng.h"
#include "features/preprocess.h"
#include "test.h"

enum { WIDTH = 150, HEIGHT = 97 };
static uint8_t mask[HEIGHT][WIDTH];

static okng_ignored *ignored_of_mask(void)
{
    static int32_t runs[3 * HEIGHT * WIDTH];
    int64_t count = 0;
    okng_ignored *ignored;
    for (int32_t y = 0; y < HEIGHT; y++)
        for (int32_t x = 0, end; x < WIDTH; x = end) {
            for (end = x + 1; end < WIDTH && mask[y][end] == mask[y][x]; end++) continue;
            if (!mask[y][x]) continue;
            int32_t *run = runs + 3 * count++;
            run[0] = y;
            run[1] = x;
            run[2] = end;
        }
    assert_ok(okng_ignored_new(&ignored, WIDTH, HEIGHT, runs, count, error));
    return ignored;
}

static void draw_mask(bool speckled)
{
    memset(mask, 0, sizeof mask);
    for (int y = 20; y < 61; y++) memset(&mask[y][33], 1, 50);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            mask[y][x] |= (x - 120) * (x - 120) + (y - 70) * (y - 70) < 300;
            mask[y][x] |= speckled && x < 30 && (x * 7 + y * 5) % 11 == 0;
        }
}

/* To height x width, or where width is 0 with the shorter side to height; crop 0: none. */
static okng_build_options options_of(int32_t height, int32_t width, int32_t crop, okng_interpolation interpolation)
{
    okng_build_options options = {.struct_size = sizeof options,
                                  .resize_mode = width > 0 ? OKNG_RESIZE_EXACT : OKNG_RESIZE_SHORTER,
                                  .resize_height = height,
                                  .resize_width = width > 0 ? width : height,
                                  .crop = crop,
                                  .interpolation = interpolation,
                                  .mean = {0.5f, 0.5f, 0.5f},
                                  .std = {0.2f, 0.2f, 0.2f}};
    return options;
}

/* ---- what lies under the mask reaches nothing -------------------------------------------------------------------- */

/* Two pictures that differ under the mask alone. */
static void fill_pair(okng_image pair[2])
{
    okng_rng rng = okng_rng_new(5, 9);
    for (int k = 0; k < 2; k++) assert_ok(okng_image_new(&pair[k], WIDTH, HEIGHT, 3, error));
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT * 3; i++) {
        pair[0].pixels[i] = (uint8_t)okng_rng_below(&rng, 256);
        pair[1].pixels[i] = mask[i / 3 / WIDTH][i / 3 % WIDTH] ? (uint8_t)(255 - pair[0].pixels[i]) : pair[0].pixels[i];
    }
}

static void assert_painted(const okng_build_options *options)
{
    okng_image pair[2];
    okng_placement p;
    okng_looked_at *l;
    okng_ignored *ignored = ignored_of_mask();
    fill_pair(pair);
    assert_ok(okng_placement_of(options, WIDTH, HEIGHT, &p, error));
    assert_ok(okng_looked_at_new(&l, ignored, options, p.height, p.width, 4, 4, error));
    const size_t pixels = (size_t)p.height * (size_t)p.width;
    float *inputs[2];
    for (int k = 0; k < 2; k++) {
        inputs[k] = calloc(3 * pixels, sizeof(float));
        assert_non_null(inputs[k]);
        assert_ok(okng_preprocess_image(options, &p, &pair[k], inputs[k], error));
    }
    size_t painted = 0, unseen = 0, differ = 0;
    for (size_t i = 0; i < pixels; i++) {
        bool same = true;
        for (size_t c = 0; c < 3; c++) same = same && inputs[0][c * pixels + i] == inputs[1][c * pixels + i];
        assert_true(same || l->painted[i]);
        assert_true(l->painted[i] || !l->unseen[i]);
        painted += l->painted[i];
        unseen += l->unseen[i];
        differ += !same;
    }
    assert_true(differ > 0 && unseen <= painted && painted < 2 * differ); /* and hardly more than must be */
    for (int k = 0; k < 2; k++) free(inputs[k]);
    for (int k = 0; k < 2; k++) okng_image_free(&pair[k]);
    okng_looked_at_free(&l);
    okng_ignored_free(&ignored);
}

static void nothing_under_the_mask_reaches_the_input(void **state)
{
    (void)state;
    static const int32_t sizes[][3] = {{48, 64, 0}, {97, 150, 0}, {200, 190, 0}, {64, 0, 48}};
    draw_mask(false);
    for (int i = OKNG_BILINEAR; i <= OKNG_BICUBIC_FLOAT; i++)
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            const okng_build_options options = options_of(sizes[k][0], sizes[k][1], sizes[k][2], (okng_interpolation)i);
            assert_painted(&options);
        }
}

/* ---- pixels and patches ------------------------------------------------------------------------------------------ */

static void pixels_are_those_whose_centre_is_masked(void **state)
{
    (void)state;
    static const int32_t sizes[][2] = {{WIDTH, HEIGHT}, {75, 49}, {300, 194}, {1, 1}, {151, 96}};
    draw_mask(true);
    okng_ignored *ignored = ignored_of_mask();
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const int32_t width = sizes[s][0], height = sizes[s][1];
        float *map = calloc((size_t)width * (size_t)height, sizeof *map);
        assert_non_null(map);
        okng_ignored_fill(ignored, map, height, width, NAN);
        for (int32_t y = 0; y < height; y++)
            for (int32_t x = 0; x < width; x++) {
                const int32_t row = (int32_t)((y + 0.5) * HEIGHT / height),
                              column = (int32_t)((x + 0.5) * WIDTH / width);
                assert_int_equal(isnan(map[y * width + x]) != 0, mask[row][column]);
            }
        free(map);
    }
    okng_ignored_free(&ignored);
}

/* The grid does not divide the input: by 1/6 of a pixel in both directions all counts are whole. */
static void patches_are_left_out_that_are_more_than_half_masked(void **state)
{
    (void)state;
    enum { SIDE = 64, GRID = 12, FINE = SIDE * 3 / GRID };
    const okng_build_options options = options_of(64, 64, 0, OKNG_BILINEAR);
    draw_mask(true);
    okng_ignored *ignored = ignored_of_mask();
    okng_looked_at *l;
    int64_t patches = 0;
    assert_ok(okng_looked_at_new(&l, ignored, &options, SIDE, SIDE, GRID, GRID, error));
    for (int32_t cell = 0; cell < GRID * GRID; cell++) {
        int covered = 0;
        for (int y = 0; y < FINE; y++)
            for (int x = 0; x < FINE; x++)
                covered += l->unseen[(cell / GRID * FINE + y) / 3 * SIDE + (cell % GRID * FINE + x) / 3];
        const bool kept = 2 * covered <= FINE * FINE;
        assert_int_equal(okng_patch_of_cell(l, cell), kept ? patches : -1);
        if (kept) assert_int_equal(okng_cell_of_patch(l, patches++), cell);
    }
    assert_int_equal(l->patches, patches);
    assert_true(patches > GRID && patches < GRID * GRID - 10);
    okng_looked_at_free(&l);
    okng_ignored_free(&ignored);
}

static void a_patch_that_is_left_out_has_the_score_of_the_nearest(void **state)
{
    (void)state;
    enum { GRID = 16, CELLS = GRID * GRID };
    const okng_build_options options = options_of(64, 64, 0, OKNG_BILINEAR);
    draw_mask(false);
    okng_ignored *ignored = ignored_of_mask();
    okng_looked_at *l;
    float scores[CELLS], grid[CELLS];
    assert_ok(okng_looked_at_new(&l, ignored, &options, 64, 64, GRID, GRID, error));
    for (int i = 0; i < CELLS; i++) scores[i] = (float)i;
    okng_spread_scores(l, scores, CELLS, grid);
    for (int cell = 0; cell < CELLS; cell++) {
        int64_t nearest = 0, least = INT64_MAX;
        for (int64_t patch = 0; patch < l->patches; patch++) {
            const int64_t dy = l->cells[patch] / GRID - cell / GRID, dx = l->cells[patch] % GRID - cell % GRID;
            if (dx * dx + dy * dy < least) nearest = patch;
            if (dx * dx + dy * dy < least) least = dx * dx + dy * dy;
        }
        assert_true(grid[cell] == (float)nearest);
    }
    okng_spread_scores(NULL, scores, CELLS, grid);
    assert_memory_equal(grid, scores, sizeof grid);
    okng_looked_at_free(&l);
    okng_ignored_free(&ignored);
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

static void what_is_no_mask_is_refused(void **state)
{
    (void)state;
    static const int32_t bad[][6] = {{0, 0, 5, 0, 5, 9},  {1, 0, 5, 0, 0, 5},  {0, 4, 4, 1, 0, 5}, {0, 0, 11, 1, 0, 5},
                                     {-1, 0, 5, 1, 0, 5}, {0, -1, 5, 1, 0, 5}, {0, 0, 5, 8, 0, 5}};
    okng_ignored *ignored;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(OKNG_ERROR_FORMAT, "a run is out of", okng_ignored_new(&ignored, 10, 8, bad[i], 2, error));
    assert_fails(OKNG_ERROR_FORMAT, "0 runs", okng_ignored_new(&ignored, 10, 8, bad[0], 0, error));
    assert_null(ignored);
    okng_looked_at *l = NULL;
    const okng_build_options options = options_of(64, 64, 0, OKNG_BILINEAR);
    memset(mask, 1, sizeof mask);
    ignored = ignored_of_mask();
    assert_fails(OKNG_ERROR_ARGUMENT, "whole picture", okng_looked_at_new(&l, ignored, &options, 64, 64, 8, 8, error));
    for (int y = 0; y < HEIGHT; y++)
        for (int x = y % 3; x < WIDTH; x += 3) mask[y][x] = 0;
    okng_ignored_free(&ignored);
    ignored = ignored_of_mask();
    assert_fails(OKNG_ERROR_ARGUMENT, "every patch", okng_looked_at_new(&l, ignored, &options, 64, 64, 8, 8, error));
    assert_fails(OKNG_ERROR_MISMATCH, "150x97", okng_looked_at_new(&l, ignored, &options, 64, 60, 8, 8, error));
    assert_null(l);
    assert_ok(okng_ignored_check(ignored, 301, 194, error));
    assert_fails(OKNG_ERROR_MISMATCH, "150x97", okng_ignored_check(ignored, 150, 150, error));
    okng_ignored_free(&ignored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_under_the_mask_reaches_the_input),
        cmocka_unit_test(pixels_are_those_whose_centre_is_masked),
        cmocka_unit_test(patches_are_left_out_that_are_more_than_half_masked),
        cmocka_unit_test(a_patch_that_is_left_out_has_the_score_of_the_nearest),
        cmocka_unit_test(what_is_no_mask_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
