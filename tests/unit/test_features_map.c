/* Anomaly maps against PyTorch, SciPy and NumPy, placements against torchvision (tests/golden/make_map.py). */
#include "base/memory.h"
#include "features/anomaly_map.h"
#include "test.h"

enum { SAMPLES = 1500 };

/* make_map.py's hashed() */
static float *hashed_map(int64_t height, int64_t width, uint32_t salt)
{
    float *map = okng_alloc((size_t)(height * width), sizeof *map);
    assert_non_null(map);
    for (int64_t i = 0; i < height * width; i++) {
        uint32_t h = (uint32_t)i * 2654435761u + salt * 40503u;
        for (int k = 0; k < 2; k++) h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
        h ^= h >> 13;
        map[i] = (float)(h >> 8) / 16777216.0f;
    }
    return map;
}

static float *empty_map(int64_t height, int64_t width)
{
    float *map = okng_alloc((size_t)(height * width), sizeof *map);
    assert_non_null(map);
    for (int64_t i = 0; i < height * width; i++) map[i] = 12345.0f;
    return map;
}

/* Every STEP-th value of the map is the golden file's, NaN where it is NaN, else within 1e-6 of the largest. */
static void check_map(const char *name, const float *map, size_t count)
{
    char path[512];
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/map/%s.npy", name);
    okng_array *array;
    assert_ok(okng_array_read_npy(&array, path, error));
    const float *expected = okng_array_data(array);
    size_t samples = (size_t)okng_array_shape(array, 0), step = ((count + SAMPLES - 1) / SAMPLES) | 1;
    assert_int_equal(samples, (count + step - 1) / step);
    float largest = 0.0f;
    for (size_t i = 0; i < samples; i++) largest = fmaxf(largest, fabsf(expected[i])); /* passes over NaN */
    for (size_t i = 0; i < samples; i++) {
        float found = map[i * step];
        if (isnan(found) && isnan(expected[i])) continue;
        if (!(fabsf(found - expected[i]) <= 1e-6f * largest))
            fail_msg("%s: value %zu is %.9g, expected %.9g", name, i * step, (double)found, (double)expected[i]);
    }
    okng_array_free(&array);
}

static void upsampling_is_torchs_interpolate(void **state)
{
    (void)state;
    const struct {
        const char *name;
        int32_t height, width, out_height, out_width;
    } cases[] = {
        {"up_paper", 28, 28, 224, 224}, {"up_default", 32, 32, 256, 256}, {"up_odd", 13, 37, 101, 300},
        {"up_same", 9, 7, 9, 7},        {"up_one", 1, 1, 5, 300},         {"up_down", 40, 33, 17, 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int32_t out_height = cases[i].out_height, out_width = cases[i].out_width;
        float *in = hashed_map(cases[i].height, cases[i].width, 1), *out = empty_map(out_height, out_width);
        okng_map_upsample(in, cases[i].height, cases[i].width, out, out_height, out_width);
        check_map(cases[i].name, out, (size_t)out_height * (size_t)out_width);
        free(out);
        free(in);
    }
}

static void smoothing_is_scipys_gaussian_filter(void **state)
{
    (void)state;
    const struct {
        const char *name;
        int32_t height, width;
        float sigma;
    } cases[] = {
        {"smooth_paper", 224, 224, 4.0f},    {"smooth_odd", 61, 83, 4.0f},  {"smooth_smaller_than_radius", 7, 11, 4.0f},
        {"smooth_much_smaller", 2, 3, 4.0f}, {"smooth_one", 1, 1, 4.0f},    {"smooth_line", 1, 50, 4.0f},
        {"smooth_narrow", 50, 40, 0.7f},     {"smooth_wide", 50, 40, 9.3f}, {"smooth_tiny_sigma", 20, 20, 0.1f},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int32_t height = cases[i].height, width = cases[i].width;
        float *map = hashed_map(height, width, 2);
        assert_ok(okng_map_smooth(map, height, width, cases[i].sigma, error));
        check_map(cases[i].name, map, (size_t)height * (size_t)width);
        free(map);
    }
}

/* The map of cells by both matrices. */
static float *map_by_matrices(const float *cells, int32_t h, int32_t w, int32_t height, int32_t width, float sigma)
{
    float *down = empty_map(height, h), *across = empty_map(width, w), *map = empty_map(height, width);
    assert_ok(okng_map_matrix(h, height, sigma, down, error));
    assert_ok(okng_map_matrix(w, width, sigma, across, error));
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++) {
            double sum = 0;
            for (int64_t r = 0; r < h; r++)
                for (int64_t c = 0; c < w; c++)
                    sum += (double)down[y * h + r] * (double)cells[r * w + c] * (double)across[x * w + c];
            map[y * width + x] = (float)sum;
        }
    free(down);
    free(across);
    return map;
}

static void matrices_make_the_same_map(void **state)
{
    (void)state;
    const struct {
        int32_t h, w, height, width;
        float sigma;
    } cases[] = {
        {8, 8, 64, 64, 4.0f}, {5, 7, 40, 61, 2.5f}, {9, 7, 9, 7, 0.0f}, {1, 3, 5, 11, 4.0f},
        {6, 5, 30, 20, 0.0f}, {3, 3, 4, 4, 9.3f},   {1, 1, 1, 1, 4.0f}, {12, 10, 7, 9, 0.7f},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int32_t h = cases[i].h, w = cases[i].w, height = cases[i].height, width = cases[i].width;
        float *cells = hashed_map(h, w, 4), *expected = empty_map(height, width);
        okng_map_upsample(cells, h, w, expected, height, width);
        assert_ok(okng_map_smooth(expected, height, width, cases[i].sigma, error));
        float *found = map_by_matrices(cells, h, w, height, width, cases[i].sigma);
        for (int64_t p = 0; p < (int64_t)height * width; p++)
            if (!(fabsf(found[p] - expected[p]) <= 1e-6f))
                fail_msg("case %zu: pixel %lld is %.9g, expected %.9g", i, (long long)p, (double)found[p],
                         (double)expected[p]);
        free(found);
        free(expected);
        free(cells);
    }
}

static void smoothing_by_nothing_changes_nothing(void **state)
{
    (void)state;
    float *map = hashed_map(9, 13, 2), *same = hashed_map(9, 13, 2);
    assert_ok(okng_map_smooth(map, 9, 13, 0.0f, error));
    assert_ok(okng_map_smooth(map, 9, 13, -1.0f, error));
    assert_memory_equal(map, same, 9 * 13 * sizeof *map);
    free(same);
    free(map);
}

static void smoothing_without_bounds_is_refused(void **state)
{
    (void)state;
    float map[1] = {1.0f};
    assert_fails(OKNG_ERROR_ARGUMENT, "smoothing inf", okng_map_smooth(map, 1, 1, INFINITY, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "smoothing nan", okng_map_smooth(map, 1, 1, NAN, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "smoothing inf", okng_map_matrix(1, 1, INFINITY, map, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "smoothing nan", okng_map_matrix(1, 1, NAN, map, error));
}

static void placing_undoes_crop_and_resize(void **state)
{
    (void)state;
    const struct {
        const char *name;
        okng_placement placement;
    } cases[] = {
        {"place_same", {24, 31, 24, 31, 0, 0, 24, 31}},        {"place_up", {300, 411, 64, 64, 0, 0, 64, 64}},
        {"place_down", {40, 33, 64, 64, 0, 0, 64, 64}},        {"place_crop_up", {160, 200, 64, 80, 16, 8, 48, 48}},
        {"place_crop_down", {50, 62, 64, 79, 12, 4, 56, 56}},  {"place_crop_same", {70, 65, 70, 65, 0, 3, 64, 64}},
        {"place_crop_odd", {333, 257, 83, 64, 0, 10, 64, 64}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const okng_placement *p = &cases[i].placement;
        float *in = hashed_map(p->height, p->width, 3), *out = empty_map(p->original_height, p->original_width);
        okng_map_place(in, p, out);
        check_map(cases[i].name, out, (size_t)p->original_height * (size_t)p->original_width);
        free(out);
        free(in);
    }
}

static void longer_sides_are_whole_patches(void **state)
{
    (void)state;
    static const struct {
        const char *backbone;
        int32_t shorter, crop, width, height, input_width, input_height;
    } cases[] = {
        {"dinov2_vits14", 448, 0, 640, 480, 602, 448}, /* 597.3 */
        {"dinov2_vits14", 448, 0, 480, 640, 448, 602},
        {"dinov2_vits14", 448, 0, 500, 500, 448, 448},
        {"dinov2_vits14", 448, 0, 480, 650, 448, 602}, /* 606.7 */
        {"dinov2_vits14", 14, 0, 1000, 10, 1400, 14},
        {"vit_tiny_patch16_224", 16, 0, 23, 22, 16, 16},
        {"vit_tiny_patch16_224", 256, 224, 640, 480, 224, 224},
        {"resnet18", 448, 0, 640, 480, 597, 448},
        {"", 448, 0, 640, 480, 597, 448},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_build_options options = {
            .resize_mode = OKNG_RESIZE_SHORTER, .resize_height = cases[i].shorter, .crop = cases[i].crop};
        okng_placement p;
        (void)snprintf(options.backbone, sizeof options.backbone, "%s", cases[i].backbone);
        assert_ok(okng_placement_of(&options, cases[i].width, cases[i].height, &p, error));
        assert_int_equal(p.width, cases[i].input_width);
        assert_int_equal(p.height, cases[i].input_height);
    }
}

static void placing_at_the_same_size_copies_the_bits(void **state)
{
    (void)state;
    const okng_placement whole = {24, 310, 24, 310, 0, 0, 24, 310};
    float *in = hashed_map(24, 310, 3), *out = empty_map(24, 310);
    okng_map_place(in, &whole, out);
    assert_memory_equal(in, out, 24 * 310 * sizeof *in);
    free(out);
    free(in);
}

static void pixels_outside_the_crop_are_nan_and_no_others(void **state)
{
    (void)state;
    const okng_placement p = {6, 8, 6, 8, 2, 1, 4, 4};
    float *in = hashed_map(4, 4, 3), *out = empty_map(6, 8);
    okng_map_place(in, &p, out);
    for (int y = 0; y < 6; y++)
        for (int x = 0; x < 8; x++) {
            int inside = y >= 1 && y < 5 && x >= 2 && x < 6;
            if (inside)
                assert_true(out[y * 8 + x] == in[(y - 1) * 4 + x - 2]);
            else
                assert_true(isnan(out[y * 8 + x]));
        }
    free(out);
    free(in);
}

static void placements_are_torchvisions(void **state)
{
    (void)state;
    okng_array *array;
    assert_ok(okng_array_read_npy(&array, OKNG_GOLDEN "/map/placements.npy", error));
    const int32_t(*rows)[12] = okng_array_data(array);
    int64_t count = okng_array_shape(array, 0);
    assert_int_equal(count, 17);
    for (int64_t i = 0; i < count; i++) {
        const int32_t *r = rows[i];
        okng_build_options options = {
            .resize_mode = (okng_resize_mode)r[2], .resize_height = r[3], .resize_width = r[4], .crop = r[5]};
        okng_placement p;
        assert_ok(okng_placement_of(&options, r[0], r[1], &p, error));
        const int32_t found[8] = {p.original_width, p.original_height, p.resized_height, p.resized_width,
                                  p.crop_x,         p.crop_y,          p.height,         p.width};
        const int32_t expected[8] = {r[0], r[1], r[6], r[7], r[8], r[9], r[10], r[11]};
        assert_memory_equal(found, expected, sizeof found);
    }
    okng_array_free(&array);
}

static void a_placement_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    okng_placement p;
    okng_build_options o = {.resize_mode = OKNG_RESIZE_SHORTER, .resize_height = 256, .resize_width = 256, .crop = 257};
    assert_fails(OKNG_ERROR_ARGUMENT, "crop 257: a picture of 640x480 is 341x256",
                 okng_placement_of(&o, 640, 480, &p, error));
    o.crop = 224;
    assert_fails(OKNG_ERROR_ARGUMENT, "1..65535", okng_placement_of(&o, 65536, 480, &p, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "1..65535", okng_placement_of(&o, 0, 480, &p, error));
    okng_build_options huge = {.resize_mode = OKNG_RESIZE_EXACT, .resize_height = 65535, .resize_width = 65535};
    assert_fails(OKNG_ERROR_LIMIT, "at most 268435456 pixels", okng_placement_of(&huge, 640, 480, &p, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "after the resize is 8192000x256", okng_placement_of(&o, 32000, 1, &p, error));
    o.crop = -1;
    assert_fails(OKNG_ERROR_ARGUMENT, "crop -1", okng_placement_of(&o, 640, 480, &p, error));
    o = (okng_build_options){.resize_mode = OKNG_RESIZE_EXACT, .resize_height = 0, .resize_width = 5};
    assert_fails(OKNG_ERROR_ARGUMENT, "5x0", okng_placement_of(&o, 640, 480, &p, error));
    o.resize_mode = (okng_resize_mode)9;
    assert_fails(OKNG_ERROR_ARGUMENT, "resize mode 9", okng_placement_of(&o, 640, 480, &p, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(upsampling_is_torchs_interpolate),
        cmocka_unit_test(smoothing_is_scipys_gaussian_filter),
        cmocka_unit_test(matrices_make_the_same_map),
        cmocka_unit_test(smoothing_by_nothing_changes_nothing),
        cmocka_unit_test(smoothing_without_bounds_is_refused),
        cmocka_unit_test(placing_undoes_crop_and_resize),
        cmocka_unit_test(longer_sides_are_whole_patches),
        cmocka_unit_test(placing_at_the_same_size_copies_the_bits),
        cmocka_unit_test(pixels_outside_the_crop_are_nan_and_no_others),
        cmocka_unit_test(placements_are_torchvisions),
        cmocka_unit_test(a_placement_that_does_not_fit_is_refused),
    };
    return RUN_TESTS(tests);
}
