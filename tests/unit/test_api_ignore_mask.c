/* Areas that are left out, as a program sees them: what lies there changes nothing of a result. */
#include <math.h>

#include "base/file.h"
#include "fixture.h"
#include "test.h"

#include "okng/experimental.h"

static char folder[] = "/tmp/okng-test-ignore-XXXXXX";
static char weights[64], mask[64], good[FIXTURE_OK][64];

static bool is_masked(int x, int y)
{
    return x >= 16 && x < 52 && y >= 10 && y < 48;
}

static okng_status write_mask(void)
{
    okng_image image;
    OKNG_TRY(okng_image_new(&image, FIXTURE_WIDTH, FIXTURE_HEIGHT, 1, NULL));
    for (int i = 0; i < FIXTURE_WIDTH * FIXTURE_HEIGHT; i++)
        image.pixels[i] = is_masked(i % FIXTURE_WIDTH, i / FIXTURE_WIDTH) ? 255 : 0;
    okng_status status = okng_image_write_png(&image, mask, NULL);
    okng_image_free(&image);
    return status;
}

static int make_pictures(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || fixture_write(folder, NULL) != OKNG_OK) return 1;
    (void)snprintf(weights, sizeof weights, "%s/resnet18.safetensors", folder);
    (void)snprintf(mask, sizeof mask, "%s/mask.png", folder);
    for (int i = 0; i < FIXTURE_OK; i++) (void)snprintf(good[i], sizeof good[i], "%s/ok/%03d.png", folder, i);
    return write_mask() != OKNG_OK;
}

static int remove_pictures(void **state)
{
    (void)state;
    return okng_test_remove_tree(folder);
}

static okng_build_options small(const char *method)
{
    okng_build_options options;
    okng_build_options_init(&options);
    const char *const settings[][2] = {{"method", method},  {"backbone", "resnet18"}, {"weights", weights},
                                       {"resize", "64x64"}, {"threads", "2"},         {"ignore-mask", mask}};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        assert_ok(okng_build_options_set(&options, settings[i][0], settings[i][1], error));
    return options;
}

static const char *in_folder(const char *name)
{
    static char path[2][128];
    static int which;
    which ^= 1;
    (void)snprintf(path[which], sizeof path[which], "%s/%s", folder, name);
    return path[which];
}

static okng_status build(const char *name, const okng_build_options *options, okng_error *error)
{
    const char *pictures[FIXTURE_OK];
    for (int i = 0; i < FIXTURE_OK; i++) pictures[i] = good[i];
    return okng_build_paths(pictures, FIXTURE_OK, in_folder(name), options, NULL, NULL, NULL, error);
}

/* A part with a scratch (0), with other things under the mask besides (1). */
static okng_result *inspect(const okng_bank *bank, int changed)
{
    static uint8_t pixels[FIXTURE_HEIGHT * FIXTURE_WIDTH * 3];
    okng_image part = {.width = FIXTURE_WIDTH, .height = FIXTURE_HEIGHT, .channels = 3, .pixels = pixels};
    fixture_picture(&part, 3, true);
    for (int i = 0; i < FIXTURE_WIDTH * FIXTURE_HEIGHT && changed; i++)
        if (is_masked(i % FIXTURE_WIDTH, i / FIXTURE_WIDTH)) memset(pixels + 3 * i, i % 251, 3);
    okng_picture picture = {.struct_size = sizeof picture};
    picture.pixels = pixels;
    picture.width = FIXTURE_WIDTH;
    picture.height = FIXTURE_HEIGHT;
    okng_inspect_options options;
    okng_inspect_options_init(&options);
    options.close_radius = 9;
    okng_result *result;
    assert_ok(okng_inspect(&result, bank, &picture, &options, error));
    return result;
}

static void what_lies_under_the_mask_changes_nothing(const char *path)
{
    okng_bank *bank;
    assert_ok(okng_bank_open(&bank, path, NULL, error));
    okng_result *plain = inspect(bank, 0), *changed = inspect(bank, 1);
    assert_true(okng_result_score(plain) == okng_result_score(changed));
    int32_t width, height;
    const float *map = okng_result_map(plain, &width, &height), *other = okng_result_map(changed, NULL, NULL);
    const uint8_t *found = okng_result_mask(plain, NULL, NULL);
    assert_true(width == FIXTURE_WIDTH && height == FIXTURE_HEIGHT);
    assert_memory_equal(map, other, (size_t)width * (size_t)height * sizeof *map);
    for (int i = 0; i < width * height; i++) {
        assert_int_equal(isnan(map[i]) != 0, is_masked(i % width, i / width));
        assert_true(!isnan(map[i]) || !found[i]);
    }
    okng_result_free(&plain);
    okng_result_free(&changed);
    okng_bank_close(&bank);
}

static void of_every_method_that_takes_a_mask(void **state)
{
    (void)state;
    static const char *const methods[] = {"patchcore", "subspace"};
    for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
        okng_build_options options = small(methods[m]);
        assert_ok(build("bank", &options, error));
        what_lies_under_the_mask_changes_nothing(in_folder("bank"));
        okng_pack_options packing = {.struct_size = sizeof packing};
        assert_ok(okng_recipe_pack(in_folder("bank"), in_folder("bank.okng"), &packing, error));
        what_lies_under_the_mask_changes_nothing(in_folder("bank.okng"));
    }
}

/* The mask of the good pictures, of which a patch has more rows than it has without. */
static void masked_patches_are_not_learnt(void **state)
{
    (void)state;
    okng_build_options options = small("patchcore");
    options.sampler = OKNG_SAMPLER_IDENTITY;
    okng_bank *bank;
    okng_bank_info masked = {.struct_size = sizeof masked}, whole = {.struct_size = sizeof whole};
    assert_ok(build("bank", &options, error));
    assert_ok(okng_bank_open(&bank, in_folder("bank"), NULL, error));
    assert_ok(okng_bank_get_info(bank, &masked, error));
    okng_bank_close(&bank);
    options.ignore_mask[0] = 0;
    assert_ok(build("whole", &options, error));
    assert_ok(okng_bank_open(&bank, in_folder("whole"), NULL, error));
    assert_ok(okng_bank_get_info(bank, &whole, error));
    okng_bank_close(&bank);
    assert_int_equal(whole.rows, FIXTURE_OK * 64);
    assert_int_equal(masked.rows, FIXTURE_OK * (64 - 3 * 4)); /* columns 2 to 4 of 10 x 9 pixels, rows 1 to 4 */
}

static void what_does_not_go_with_a_mask_is_refused(void **state)
{
    (void)state;
    okng_build_options options = small("patchcore");
    options.turns = 4;
    assert_fails(OKNG_ERROR_ARGUMENT, "augment", build("none", &options, error));
    options = small("patchcore");
    (void)snprintf(options.ignore_mask, sizeof options.ignore_mask, "%s/nowhere.png", folder);
    assert_fails(OKNG_ERROR_NOT_FOUND, "nowhere.png", build("none", &options, error));
    options = small("patchcore");
    okng_bank *bank;
    assert_ok(build("bank", &options, error));
    assert_ok(okng_bank_open(&bank, in_folder("bank"), NULL, error));
    static const uint8_t pixels[64 * 200 * 3];
    okng_picture picture = {.struct_size = sizeof picture};
    picture.pixels = pixels;
    picture.width = 200;
    picture.height = 64;
    okng_result *result;
    assert_fails(OKNG_ERROR_MISMATCH, "ignore mask", okng_inspect(&result, bank, &picture, NULL, error));
    okng_bank_close(&bank);
    assert_true(access(in_folder("none"), F_OK) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_every_method_that_takes_a_mask),
        cmocka_unit_test(masked_patches_are_not_learnt),
        cmocka_unit_test(what_does_not_go_with_a_mask_is_refused),
    };
    return cmocka_run_group_tests(tests, make_pictures, remove_pictures);
}
