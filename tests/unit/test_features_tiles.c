/* How pictures are cut into tiles, and one map is made of theirs. */
#include <math.h>
#include <stdlib.h>

#include "features/anomaly_map.h"
#include "features/tiles.h"
#include "test.h"

static okng_build_options options_of(int32_t height, int32_t width, int32_t overlap)
{
    okng_build_options options = {.struct_size = sizeof options, .tile_height = height, .tile_width = width};
    options.overlap = overlap;
    return options;
}

static okng_placement placement_of(const okng_tile *tile, int32_t height, int32_t width)
{
    return (okng_placement){tile->height, tile->width, height, width, 0, 0, height, width};
}

static const struct {
    int32_t height, width; /* of the picture */
    int32_t tile_height, tile_width, overlap;
    int32_t rows, columns;
} cases[] = {
    {600, 800, 0, 0, 0, 1, 1},      {600, 800, 600, 800, 100, 1, 1}, {600, 800, 1000, 300, 0, 1, 3},
    {600, 800, 256, 256, 64, 3, 4}, {100, 100, 40, 60, 39, 61, 3},   {65535, 20, 4096, 16, 0, 16, 2},
    {512, 1024, 256, 256, 0, 2, 4}, {257, 256, 256, 256, 10, 2, 1},
};
enum { CASES = sizeof cases / sizeof *cases };

static void tiles_overlap_and_cover_the_picture(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++) {
        const okng_build_options options = options_of(cases[i].tile_height, cases[i].tile_width, cases[i].overlap);
        okng_tile_grid grid;
        assert_ok(okng_tile_grid_of(&grid, &options, cases[i].width, cases[i].height, error));
        assert_int_equal(grid.rows, cases[i].rows);
        assert_int_equal(grid.columns, cases[i].columns);
        int32_t right = grid.overlap, bottom = grid.overlap;
        for (int32_t place = 0; place < okng_tile_grid_count(&grid); place++) {
            const okng_tile tile = okng_tile_grid_tile(&grid, place);
            if (place % grid.columns == 0) right = grid.overlap;
            if (place % grid.columns == 0 && place > 0) bottom = okng_tile_grid_tile(&grid, place - 1).y + tile.height;
            assert_true(tile.x >= 0 && tile.x <= right - grid.overlap && tile.y <= bottom - grid.overlap);
            right = tile.x + tile.width;
        }
        const okng_tile last = okng_tile_grid_tile(&grid, okng_tile_grid_count(&grid) - 1);
        assert_true(last.x + last.width == cases[i].width && last.y + last.height == cases[i].height);
    }
}

/* A plane over the picture: every tile's map is it, and so is the whole's, but for where a tile's map ends half a pixel
 * before its edge. */
static void a_map_that_is_the_same_in_all_tiles_comes_back(void **state)
{
    (void)state;
    enum { SIDE = 64 };
    static float input[SIDE * SIDE];
    for (int i = 0; i < CASES; i++) {
        if (cases[i].height > 1000) continue;
        const okng_build_options options = options_of(cases[i].tile_height, cases[i].tile_width, cases[i].overlap);
        for (int32_t scale = 1; scale <= 3; scale++) {
            okng_tile_grid grid;
            assert_ok(okng_tile_grid_of(&grid, &options, cases[i].width, cases[i].height, error));
            const int32_t height = (grid.height + scale - 1) / scale, width = (grid.width + scale - 1) / scale;
            float *map = malloc((size_t)height * (size_t)width * sizeof *map);
            okng_blend *blend;
            assert_non_null(map);
            assert_ok(okng_blend_new(&blend, &grid, map, height, width, error));
            for (int32_t place = 0; place < okng_tile_grid_count(&grid); place++) {
                const okng_tile tile = okng_tile_grid_tile(&grid, place);
                const okng_placement placement = placement_of(&tile, SIDE, SIDE);
                for (int p = 0; p < SIDE * SIDE; p++)
                    input[p] = (float)(100 + 2 * (tile.x + (p % SIDE + 0.5) * tile.width / SIDE) +
                                       3 * (tile.y + (p / SIDE + 0.5) * tile.height / SIDE));
                okng_blend_add(blend, place, &placement, input);
            }
            okng_blend_free(&blend);
            const double edge = 1.5 * (2.0 * grid.tile_width + 3.0 * grid.tile_height) / SIDE;
            for (int32_t p = 0; p < height * width; p++) {
                const double x = (p % width + 0.5) * grid.width / width, y = (p / width + 0.5) * grid.height / height;
                assert_true(fabs((double)map[p] - (100 + 2 * x + 3 * y)) <= edge);
            }
            free(map);
        }
    }
}

/* Neighbouring pixels of a map over tiles of different values never differ by more than a step of the ramp. */
static void there_are_no_seams(void **state)
{
    (void)state;
    enum { SIDE = 32, OVERLAP = 40, SIDES = 400 };
    static float map[SIDES * SIDES], input[SIDE * SIDE];
    const okng_build_options options = options_of(128, 150, OVERLAP);
    okng_tile_grid grid;
    okng_blend *blend;
    assert_ok(okng_tile_grid_of(&grid, &options, SIDES, SIDES, error));
    assert_ok(okng_blend_new(&blend, &grid, map, SIDES, SIDES, error));
    for (int32_t place = 0; place < okng_tile_grid_count(&grid); place++) {
        const okng_tile tile = okng_tile_grid_tile(&grid, place);
        const okng_placement placement = placement_of(&tile, SIDE, SIDE);
        for (int p = 0; p < SIDE * SIDE; p++) input[p] = (float)(place % 2);
        okng_blend_add(blend, place, &placement, input);
    }
    okng_blend_free(&blend);
    float most = 0;
    for (int p = 0; p < SIDES * SIDES; p++) {
        assert_true(map[p] >= 0 && map[p] <= 1.00001f);
        if (p % SIDES > 0) most = fmaxf(most, fabsf(map[p] - map[p - 1]));
        if (p >= SIDES) most = fmaxf(most, fabsf(map[p] - map[p - SIDES]));
    }
    assert_true(most <= 1.01f / OVERLAP);
}

static void one_tile_is_the_picture_bit_by_bit(void **state)
{
    (void)state;
    enum { IN_HEIGHT = 37, IN_WIDTH = 53 };
    static const int32_t sizes[][2] = {{91, 133}, {37, 53}, {20, 31}, {1, 1}, {200, 53}};
    float input[IN_HEIGHT * IN_WIDTH];
    for (int i = 0; i < IN_HEIGHT * IN_WIDTH; i++) input[i] = (float)(i * 7919 % 1000) / 997.0f;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const int32_t height = sizes[s][0], width = sizes[s][1];
        const okng_build_options options = options_of(300, 300, 50);
        okng_tile_grid grid;
        okng_blend *blend;
        float *map = malloc((size_t)height * (size_t)width * sizeof *map);
        float *expected = malloc((size_t)height * (size_t)width * sizeof *map);
        assert_true(map && expected);
        assert_ok(okng_tile_grid_of(&grid, &options, width, height, error));
        assert_ok(okng_blend_new(&blend, &grid, map, height, width, error));
        const okng_tile tile = okng_tile_grid_tile(&grid, 0);
        const okng_placement placement = placement_of(&tile, IN_HEIGHT, IN_WIDTH);
        okng_blend_add(blend, 0, &placement, input);
        okng_map_place(input, &placement, expected);
        assert_memory_equal(map, expected, (size_t)height * (size_t)width * sizeof *map);
        okng_blend_free(&blend);
        free(map);
        free(expected);
    }
}

static void the_tile_of_a_pixel_is_the_one_that_counts_most(void **state)
{
    (void)state;
    const okng_build_options options = options_of(100, 100, 40);
    okng_tile_grid grid;
    assert_ok(okng_tile_grid_of(&grid, &options, 220, 160, error)); /* tiles begin at 0, 60, 120 and at 0, 60 */
    assert_int_equal(okng_tile_grid_at(&grid, 0, 0), 0);
    assert_int_equal(okng_tile_grid_at(&grid, 79, 79), 0);
    assert_int_equal(okng_tile_grid_at(&grid, 81, 79), 1);
    assert_int_equal(okng_tile_grid_at(&grid, 219, 81), 5);
}

static void what_cannot_be_cut_is_refused(void **state)
{
    (void)state;
    okng_tile_grid grid;
    okng_build_options options = options_of(64, 100, 64);
    assert_fails(OKNG_ERROR_ARGUMENT, "overlap 64", okng_tile_grid_of(&grid, &options, 500, 500, error));
    options = options_of(16, 16, 15);
    assert_fails(OKNG_ERROR_LIMIT, "16384", okng_tile_grid_of(&grid, &options, 500, 500, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_overlap_and_cover_the_picture),
        cmocka_unit_test(a_map_that_is_the_same_in_all_tiles_comes_back),
        cmocka_unit_test(there_are_no_seams),
        cmocka_unit_test(one_tile_is_the_picture_bit_by_bit),
        cmocka_unit_test(the_tile_of_a_pixel_is_the_one_that_counts_most),
        cmocka_unit_test(what_cannot_be_cut_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
