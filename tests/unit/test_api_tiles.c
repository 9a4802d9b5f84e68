/* Large pictures in tiles, as a program sees them. */
#include <math.h>

#include "base/file.h"
#include "fixture.h"
#include "test.h"

#include "okng/experimental.h"

enum { WIDTH = 200, HEIGHT = 152, GOOD = 5 };

static char folder[] = "/tmp/okng-test-tiles-XXXXXX";
static char weights[64];
static uint8_t pixels[GOOD + 1][HEIGHT * WIDTH * 3]; /* good ones, and one with a scratch */

static int make_pictures(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || fixture_write_weights(folder, NULL) != OKNG_OK) return 1;
    (void)snprintf(weights, sizeof weights, "%s/resnet18.safetensors", folder);
    for (int i = 0; i <= GOOD; i++) {
        okng_image image = {.width = WIDTH, .height = HEIGHT, .channels = 3, .pixels = pixels[i]};
        fixture_picture(&image, i, i == GOOD);
    }
    return 0;
}

static int remove_pictures(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static okng_build_options small(const char *tile, const char *overlap, const char *banks)
{
    okng_build_options options;
    okng_build_options_init(&options);
    const char *const settings[][2] = {{"backbone", "resnet18"}, {"weights", weights}, {"resize", "64x64"},
                                       {"threads", "2"},         {"tile", tile},       {"overlap", overlap},
                                       {"tile-banks", banks},    {"coreset", "0.3"}};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        assert_ok(okng_build_options_set(&options, settings[i][0], settings[i][1], error));
    return options;
}

static okng_picture part_of(int number, int32_t x, int32_t y, int32_t width, int32_t height)
{
    okng_picture picture = {.struct_size = sizeof picture};
    picture.pixels = pixels[number] + 3 * (y * WIDTH + x);
    picture.width = width;
    picture.height = height;
    picture.stride = 3 * WIDTH;
    return picture;
}

static const char *path_of(const char *name)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static okng_status build(const char *name, const okng_build_options *options, okng_error *error)
{
    okng_picture good[GOOD];
    const okng_picture *list[GOOD];
    for (int i = 0; i < GOOD; i++) {
        good[i] = part_of(i, 0, 0, WIDTH, HEIGHT);
        list[i] = &good[i];
    }
    return okng_build(list, GOOD, path_of(name), options, NULL, NULL, NULL, error);
}

static okng_bank *open_bank(const char *name)
{
    okng_bank *bank;
    assert_ok(okng_bank_open(&bank, path_of(name), NULL, error));
    return bank;
}

static okng_result *inspect(const okng_bank *bank, const okng_picture *picture, int threads, uint64_t result_pixels)
{
    okng_result *result;
    okng_inspect_options options;
    okng_inspect_options_init(&options);
    options.threads = threads;
    options.result_pixels = result_pixels;
    options.threshold_pixel = 0.2f; /* so that there are regions */
    assert_ok(okng_inspect(&result, bank, picture, &options, error));
    return result;
}

static void one_tile_gives_the_same_bytes_as_none(void **state)
{
    (void)state;
    okng_build_options plain = small("none", "0", "one"), tiled = small("512x512", "64", "one");
    assert_ok(build("plain", &plain, error));
    assert_ok(build("tiled", &tiled, error));
    const char *const banks[] = {"plain", "tiled"};
    char *json[2];
    float maps[2][WIDTH * HEIGHT];
    for (int i = 0; i < 2; i++) {
        okng_bank *bank = open_bank(banks[i]);
        const okng_picture picture = part_of(GOOD, 0, 0, WIDTH, HEIGHT);
        okng_result *result = inspect(bank, &picture, 2, 1 << 30);
        assert_true(okng_result_region_count(result) > 0);
        assert_ok(okng_result_json(result, &json[i], error));
        memcpy(maps[i], okng_result_map(result, NULL, NULL), sizeof maps[i]);
        okng_result_free(&result);
        okng_bank_close(&bank);
    }
    assert_string_equal(json[0], json[1]);
    assert_memory_equal(maps[0], maps[1], sizeof maps[0]);
    okng_text_free(&json[0]);
    okng_text_free(&json[1]);
}

/* Tiles begin at 0, 64 and 120 across, and at 0, 64 and 72 down. */
static void the_score_is_that_of_the_highest_tile(void **state)
{
    (void)state;
    static const int32_t across[] = {0, 64, 120}, down[] = {0, 64, 72};
    okng_build_options options = small("80x80", "16", "one");
    assert_ok(build("one", &options, error));
    okng_bank *bank = open_bank("one");
    okng_bank_info info = {.struct_size = sizeof info};
    assert_ok(okng_bank_get_info(bank, &info, error));
    assert_int_equal(info.pictures, GOOD);
    assert_int_equal(info.rows, GOOD * 9 * 64 * 3 / 10);
    float highest = 0;
    for (int i = 0; i < 9; i++) {
        const okng_picture tile = part_of(GOOD, across[i % 3], down[i / 3], 80, 80);
        okng_result *result = inspect(bank, &tile, 1, 1 << 30);
        highest = fmaxf(highest, okng_result_score(result));
        okng_result_free(&result);
    }
    const okng_picture whole = part_of(GOOD, 0, 0, WIDTH, HEIGHT);
    okng_result *one = inspect(bank, &whole, 1, 1 << 30), *two = inspect(bank, &whole, 2, 1 << 30);
    assert_true(okng_result_score(one) == highest && okng_result_score(two) == highest);
    assert_memory_equal(okng_result_map(one, NULL, NULL), okng_result_map(two, NULL, NULL),
                        sizeof(float) * WIDTH * HEIGHT);
    okng_reason reason = {.struct_size = sizeof reason};
    assert_ok(okng_result_reason(one, 0, &reason, error));
    assert_int_equal(reason.near_picture_width, WIDTH);
    assert_true(reason.near_x >= 0 && reason.near_x + reason.near_width <= WIDTH && reason.width <= 12);
    okng_result *less = inspect(bank, &whole, 2, 10000); /* at half of its size */
    int32_t width, height;
    const float *map = okng_result_map(less, &width, &height), *full = okng_result_map(one, NULL, NULL);
    assert_int_equal(okng_result_scale(less), 4);
    assert_true(width == WIDTH / 4 && height == HEIGHT / 4 && okng_result_score(less) == highest);
    for (int i = 0; i < width * height; i++) { /* the centre is between four pixels of the whole */
        const float *at = full + (i / width * 4 + 1) * WIDTH + i % width * 4 + 1;
        assert_true(fabsf(map[i] - (at[0] + at[1] + at[WIDTH] + at[WIDTH + 1]) / 4) <= 0.02f * highest);
    }
    okng_result_free(&one);
    okng_result_free(&two);
    okng_result_free(&less);
    okng_bank_close(&bank);
}

/* A place is held against itself alone: the good pictures' own rows are all there, and no other place's are. */
static void each_place_may_have_rows_of_its_own(void **state)
{
    (void)state;
    okng_build_options options = small("80x80", "16", "place");
    options.coreset = 0; /* keep all */
    assert_ok(build("place", &options, error));
    okng_bank *bank = open_bank("place");
    const okng_picture good = part_of(1, 0, 0, WIDTH, HEIGHT), bad = part_of(GOOD, 0, 0, WIDTH, HEIGHT);
    okng_result *result = inspect(bank, &good, 2, 1 << 30);
    assert_true(okng_result_score(result) < 1e-3f);
    okng_result_free(&result);
    result = inspect(bank, &bad, 2, 1 << 30);
    assert_true(okng_result_score(result) > 0.5f && okng_result_region_count(result) > 0);
    okng_reason reason = {.struct_size = sizeof reason};
    for (size_t i = 0; i < okng_result_region_count(result); i++) {
        assert_ok(okng_result_reason(result, i, &reason, error));
        assert_true(abs(reason.near_x - reason.x) < 80 && abs(reason.near_y - reason.y) < 80);
    }
    okng_result_free(&result);
    const okng_picture other = part_of(GOOD, 0, 0, WIDTH - 1, HEIGHT);
    assert_fails(OKNG_ERROR_MISMATCH, "200x152", okng_inspect(&result, bank, &other, NULL, error));
    okng_bank_close(&bank);
    okng_pack_options packing = {.struct_size = sizeof packing};
    char recipe[128];
    (void)snprintf(recipe, sizeof recipe, "%s/place.okng", folder);
    assert_ok(okng_recipe_pack(path_of("place"), recipe, &packing, error));
    assert_ok(okng_bank_open(&bank, recipe, NULL, error));
    result = inspect(bank, &good, 2, 1 << 30);
    assert_true(okng_result_score(result) < 1e-3f);
    okng_result_free(&result);
    okng_bank_close(&bank);
}

static void what_does_not_go_with_tiles_is_refused(void **state)
{
    (void)state;
    static const char *const others[][2] = {
        {"crop", "32"}, {"noise-robust", "true"}, {"ignore-mask", "mask.png"}, {"overlap", "80"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        okng_build_options options = small("80x80", "16", "one");
        assert_ok(okng_build_options_set(&options, others[i][0], others[i][1], error));
        assert_fails(OKNG_ERROR_ARGUMENT, others[i][0], build("none", &options, error));
    }
    okng_build_options options = small("80x80", "16", "place");
    assert_ok(okng_build_options_set(&options, "sampler", "kmeans", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "kmeans", build("none", &options, error));
    assert_true(access(path_of("none"), F_OK) != 0);
    okng_bank *bank = open_bank("one");
    okng_result *result;
    const okng_picture little = part_of(GOOD, 0, 0, 60, 80);
    assert_fails(OKNG_ERROR_MISMATCH, "tiles of 60x80", okng_inspect(&result, bank, &little, NULL, error));
    okng_bank_close(&bank);
    okng_embedder *embedder;
    assert_fails(OKNG_ERROR_UNSUPPORTED, "tiles", okng_embedder_open_bank(&embedder, path_of("one"), NULL, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_tile_gives_the_same_bytes_as_none),
        cmocka_unit_test(the_score_is_that_of_the_highest_tile),
        cmocka_unit_test(each_place_may_have_rows_of_its_own),
        cmocka_unit_test(what_does_not_go_with_tiles_is_refused),
    };
    return cmocka_run_group_tests(tests, make_pictures, remove_pictures);
}
