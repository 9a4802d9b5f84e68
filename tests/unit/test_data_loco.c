/* When a defect of MVTec LOCO is found whole: defects_config.json, and its rule against Python's
 * (tests/golden/make_spro.py). */
#include "base/csv.h"
#include "data/saturation.h"
#include "data_tree.h"
#include "image/mask.h"

static void saturations_are_those_of_the_definition(void **state)
{
    (void)state;
    okng_csv *csv;
    assert_ok(okng_csv_read(&csv, OKNG_GOLDEN "/spro/saturation.csv", error));
    assert_int_equal(okng_csv_rows(csv), 64);
    for (size_t row = 0; row < okng_csv_rows(csv); row++) {
        const okng_saturation saturation = {.known = true,
                                            .relative = okng_csv_field(csv, row, 1)[0] == '1',
                                            .threshold = strtod(okng_csv_field(csv, row, 0), NULL)};
        const uint64_t area = strtoull(okng_csv_field(csv, row, 2), NULL, 10);
        assert_int_equal(okng_saturation_area(&saturation, area), strtoull(okng_csv_field(csv, row, 3), NULL, 10));
    }
    okng_csv_free(&csv);
    const okng_saturation tiny = {.known = true, .relative = true, .threshold = 0.1};
    assert_int_equal(okng_saturation_area(&tiny, 3), 1); /* Python: int(0.3) is 0, and the overlap 0 / 0 */
}

static void a_configuration_is_read(void **state)
{
    (void)state;
    tree t = tree_new();
    okng_saturations found;
    tree_write(
        &t, "defects_config.json",
        "[{\"defect_name\":\"a\",\"pixel_value\":255,\"saturation_threshold\":6300,\"relative_saturation\":false},"
        "{\"defect_name\":\"b\",\"pixel_value\":236,\"saturation_threshold\":1,\"relative_saturation\":true}]");
    assert_ok(okng_saturations_read(&found, tree_path(&t, "defects_config.json"), error));
    assert_true(found.values[255].known && !found.values[255].relative && found.values[255].threshold == 6300);
    assert_true(found.values[236].known && found.values[236].relative && found.values[236].threshold == 1);
    assert_false(found.values[254].known);
    okng_saturations_free(&found);
    tree_remove(&t);
}

#define ENTRY(value, threshold, relative) \
    "{\"pixel_value\":" value ",\"saturation_threshold\":" threshold ",\"relative_saturation\":" relative "}"

static void what_is_wrong_with_a_configuration_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *json, *says;
    } files[] = {
        {"{}", "holds no list"},
        {"[]", "holds no list"},
        {"[4]", "an entry is no object"},
        {"[" ENTRY("0", "1", "false") "]", "\"pixel_value\""},
        {"[" ENTRY("256", "1", "false") "]", "\"pixel_value\""},
        {"[" ENTRY("7", "1", "false") "," ENTRY("7", "2", "false") "]", "\"pixel_value\" 7 comes twice"},
        {"[" ENTRY("7", "0", "false") "]", "is 0, expected a whole number"},
        {"[" ENTRY("7", "0", "true") "]", "is 0, expected a share"},
        {"[" ENTRY("7", "1.5", "true") "]", "\"saturation_threshold\""},
        {"[" ENTRY("7", "1.5", "false") "]", "is 1.5, expected a whole number"},
        {"[" ENTRY("7", "1e300", "false") "]", "\"saturation_threshold\""},
        {"[" ENTRY("7", "\"1\"", "false") "]", "\"saturation_threshold\""},
        {"[" ENTRY("7", "1", "1") "]", "\"relative_saturation\""},
        {"[" ENTRY("7", "1", "true"), "line 1"},
    };
    tree t = tree_new();
    okng_saturations found;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        tree_write(&t, "c.json", files[i].json);
        assert_fails(OKNG_ERROR_FORMAT, files[i].says, okng_saturations_read(&found, tree_path(&t, "c.json"), error));
        assert_null(found.path);
    }
    assert_fails(OKNG_ERROR_NOT_FOUND, "none.json", okng_saturations_read(&found, tree_path(&t, "none.json"), error));
    tree_remove(&t);
}

static void a_mask_is_one_defect_of_one_value(void **state)
{
    (void)state;
    tree t = tree_new();
    uint8_t mask[TREE_WIDTH * TREE_HEIGHT], value;
    bool any;
    tree_mask(&t, "m.png", TREE_WIDTH, 1, 2, 237);
    assert_ok(okng_mask_of_value(tree_path(&t, "m.png"), "p", TREE_WIDTH, TREE_HEIGHT, mask, &value, error));
    assert_int_equal(value, 237);
    assert_true(!mask[0] && mask[1] && mask[2] && !mask[3]);
    assert_ok(okng_mask_any(tree_path(&t, "m.png"), &any, error));
    assert_true(any);
    assert_fails(OKNG_ERROR_MISMATCH, "is 6x4, expected 5x4 as p",
                 okng_mask_of_value(tree_path(&t, "m.png"), "p", 5, 4, mask, &value, error));
    tree_mask(&t, "m.png", TREE_WIDTH, 1, 2, 0);
    assert_fails(OKNG_ERROR_FORMAT, "is all 0",
                 okng_mask_of_value(tree_path(&t, "m.png"), "p", TREE_WIDTH, TREE_HEIGHT, mask, &value, error));
    assert_ok(okng_mask_any(tree_path(&t, "m.png"), &any, error));
    assert_false(any);
    tree_write(&t, "m.ppm", "P6\n2 1\n255\n\1\1\1\1\2\1");
    assert_fails(OKNG_ERROR_FORMAT, "has colours",
                 okng_mask_of_value(tree_path(&t, "m.ppm"), "p", 2, 1, mask, &value, error));
    tree_write(&t, "m.ppm", "P6\n2 1\n255\n\1\1\1\2\2\2");
    assert_fails(OKNG_ERROR_FORMAT, "holds the values 1 and 2",
                 okng_mask_of_value(tree_path(&t, "m.ppm"), "p", 2, 1, mask, &value, error));
    tree_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saturations_are_those_of_the_definition),
        cmocka_unit_test(a_configuration_is_read),
        cmocka_unit_test(what_is_wrong_with_a_configuration_is_named),
        cmocka_unit_test(a_mask_is_one_defect_of_one_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
