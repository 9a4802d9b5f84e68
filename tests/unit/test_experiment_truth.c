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

static void check(const char *name, int32_t resize, int32_t crop)
{
    okng_array *full = read_golden(name, "full"), *expected = read_golden(name, "crop");
    okng_build_options options;
    okng_build_options_init(&options);
    options.resize_mode = OKNG_RESIZE_SHORTER;
    options.resize_height = options.resize_width = resize;
    options.crop = crop;
    okng_placement placement;
    assert_ok(okng_placement_of(&options, (int32_t)okng_array_shape(full, 1), (int32_t)okng_array_shape(full, 0),
                                &placement, error));
    uint8_t *actual = malloc((size_t)crop * (size_t)crop);
    assert_non_null(actual);
    assert_ok(okng_truth_crop(okng_array_data(full), &placement, actual, error));
    assert_memory_equal(actual, okng_array_data(expected), (size_t)crop * (size_t)crop);
    free(actual);
    okng_array_free(&full);
    okng_array_free(&expected);
}

static void masks_are_cut_as_the_pictures_are(void **state)
{
    (void)state;
    check("down", 40, 32);
    check("up", 96, 64);
    check("odd", 33, 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(masks_are_cut_as_the_pictures_are)};
    return RUN_TESTS(tests);
}
