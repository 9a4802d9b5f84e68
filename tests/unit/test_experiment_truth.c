/* Masks at the network's crop against torchvision (tests/golden/make_truth.py). */
#include "base/memory.h"
#include "experiment/truth.h"
#include "test.h"

static okng_array *read_golden(const char *name, const char *size)
{
    char path[512];
    okng_array *array;
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/truth/%s_%s.npy", name, size);
    assert_ok(okng_array_read_npy(&array, path, error));
    return array;
}

static void check(const char *name, const char *size, const char *resize, const char *crop, okng_mask_rule rule)
{
    okng_array *full = read_golden(name, "full"), *expected = read_golden(name, size);
    const int64_t height = okng_array_shape(expected, 0), width = okng_array_shape(expected, 1);
    okng_build_options options;
    okng_placement placement;
    okng_build_options_init(&options);
    assert_ok(okng_build_options_set(&options, "resize", resize, error));
    assert_ok(okng_build_options_set(&options, "crop", crop, error));
    assert_ok(okng_placement_of(&options, (int32_t)okng_array_shape(full, 1), (int32_t)okng_array_shape(full, 0),
                                &placement, error));
    assert_true(placement.height == height && placement.width == width);
    uint8_t *actual = malloc((size_t)(height * width));
    assert_non_null(actual);
    assert_ok(okng_truth_crop(okng_array_data(full), &placement, rule, actual, error));
    assert_memory_equal(actual, okng_array_data(expected), (size_t)(height * width));
    free(actual);
    okng_array_free(&full);
    okng_array_free(&expected);
}

static void masks_are_cut_as_the_pictures_are(void **state)
{
    (void)state;
    check("down", "crop", "40", "32", OKNG_MASK_WHITE);
    check("up", "crop", "96", "64", OKNG_MASK_WHITE);
    check("odd", "crop", "33", "24", OKNG_MASK_WHITE);
}

static void masks_are_cut_at_half_of_white(void **state)
{
    (void)state;
    check("down", "half", "32x36", "none", OKNG_MASK_HALF);
    check("up", "half", "64x68", "none", OKNG_MASK_HALF);
    check("odd", "half", "24x28", "none", OKNG_MASK_HALF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(masks_are_cut_as_the_pictures_are),
                                       cmocka_unit_test(masks_are_cut_at_half_of_white)};
    return RUN_TESTS(tests);
}
