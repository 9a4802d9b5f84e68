/* Where patches lie in the picture. */
#include "features/patch_place.h"
#include "test.h"

static okng_placement squashed(int32_t width, int32_t height)
{
    return (okng_placement){height, width, 256, 256, 0, 0, 256, 256};
}

/* Boxes of neighbours meet or share the pixel that their edge cuts, and all of them cover the picture. */
static void boxes_cover_the_picture(void **state)
{
    (void)state;
    const okng_placement p = squashed(500, 1247);
    int32_t right = 0;
    for (int32_t column = 0; column < 32; column++) {
        okng_box box = okng_patch_box(&p, 32, 32, 3, column);
        assert_true(box.x == right || box.x == right - 1);
        right = box.x + box.width;
        int32_t row, at;
        okng_patch_at(&p, 32, 32, box.x + box.width / 2, box.y + box.height / 2, &row, &at);
        assert_int_equal(row, 3);
        assert_int_equal(at, column);
    }
    assert_int_equal(right, 500);
    assert_int_equal(okng_patch_box(&p, 32, 32, 0, 0).y, 0);
    okng_box last = okng_patch_box(&p, 32, 32, 31, 31);
    assert_int_equal(last.y + last.height, 1247);
}

/* 360 x 540, its shorter side to 256 and cropped to 224: the crop begins at (16, 80) of 256 x 384. */
static void a_crop_is_undone(void **state)
{
    (void)state;
    const okng_placement p = {540, 360, 384, 256, 16, 80, 224, 224};
    okng_box box = okng_patch_box(&p, 28, 28, 0, 0);
    assert_int_equal(box.x, 22); /* 16 * 360 / 256 = 22.5 */
    assert_int_equal(box.y, 112);
    assert_int_equal(box.x + box.width, 34); /* 24 * 360 / 256 = 33.75 */
    assert_int_equal(box.y + box.height, 124);
    int32_t row, column;
    okng_patch_at(&p, 28, 28, 0, 0, &row, &column); /* outside the crop */
    assert_int_equal(row, 0);
    assert_int_equal(column, 0);
    okng_patch_at(&p, 28, 28, 359, 539, &row, &column);
    assert_int_equal(row, 27);
    assert_int_equal(column, 27);
}

static void a_small_picture_has_boxes_of_a_pixel(void **state)
{
    (void)state;
    const okng_placement p = squashed(5, 3);
    for (int32_t i = 0; i < 32; i++) {
        okng_box box = okng_patch_box(&p, 32, 32, i, i);
        assert_true(box.width >= 1 && box.height >= 1);
        assert_true(box.x >= 0 && box.x + box.width <= 5 && box.y >= 0 && box.y + box.height <= 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_cover_the_picture),
        cmocka_unit_test(a_crop_is_undone),
        cmocka_unit_test(a_small_picture_has_boxes_of_a_pixel),
    };
    return RUN_TESTS(tests);
}
