#include "demo/made_defect.h"

#include <stdlib.h>
#include <string.h>

#include "demo/demo.h"
#include "test.h"

/* Grey weave with some noise. */
static okng_image good_picture(int32_t width, int32_t height)
{
    okng_image image;
    assert_ok(okng_image_new(&image, width, height, 3, error));
    okng_rng rng = okng_rng_new(7, OKNG_STREAM_BENCH);
    for (int32_t y = 0; y < height; y++)
        for (int32_t x = 0; x < width; x++)
            for (int c = 0; c < 3; c++)
                image.pixels[((size_t)y * (size_t)width + (size_t)x) * 3 + (size_t)c] =
                    (uint8_t)(110 + (x / 4 & 1) * 30 + (int)okng_rng_below(&rng, 8));
    return image;
}

static void a_defect_is_where_the_mask_says_and_nowhere_else(void **state)
{
    (void)state;
    static const int32_t sizes[][2] = {{256, 256}, {1247, 500}, {40, 300}, {16, 16}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int kind = 0; kind < OKNG_MADE_DEFECTS; kind++)
            for (uint64_t seed = 0; seed < 20; seed++) {
                okng_image good = good_picture(sizes[s][0], sizes[s][1]), bad, mask;
                assert_ok(okng_made_defect_put(&good, (okng_made_defect)kind, seed, &bad, &mask, error));
                size_t pixels = (size_t)good.width * (size_t)good.height, marked = 0, strong = 0;
                for (size_t i = 0; i < pixels; i++) {
                    int apart = 0;
                    for (size_t c = 0; c < 3; c++) {
                        int d = abs(bad.pixels[3 * i + c] - good.pixels[3 * i + c]);
                        if (d > apart) apart = d;
                    }
                    marked += mask.pixels[i] == 255;
                    strong += apart > 18;
                    assert_true(mask.pixels[i] == 0 || mask.pixels[i] == 255);
                    if (kind != OKNG_MADE_MOVED && mask.pixels[i] == 0) assert_true(apart <= 18); /* a quarter of 72 */
                }
                assert_true(marked > 0 && marked < pixels / (pixels < 1000 ? 1 : 20));
                if (kind != OKNG_MADE_MOVED) assert_true(strong <= marked && (kind == OKNG_MADE_SCRATCH || strong > 0));
                okng_image_free(&good);
                okng_image_free(&bad);
                okng_image_free(&mask);
            }
}

static void the_seed_decides(void **state)
{
    (void)state;
    okng_image good = good_picture(200, 120), one, same, other;
    size_t bytes = 200 * 120 * 3;
    for (int kind = 0; kind < OKNG_MADE_DEFECTS; kind++) {
        assert_ok(okng_made_defect_put(&good, (okng_made_defect)kind, 5, &one, NULL, error));
        assert_ok(okng_made_defect_put(&good, (okng_made_defect)kind, 5, &same, NULL, error));
        assert_ok(okng_made_defect_put(&good, (okng_made_defect)kind, 6, &other, NULL, error));
        assert_memory_equal(one.pixels, same.pixels, bytes);
        assert_memory_not_equal(one.pixels, other.pixels, bytes);
        assert_memory_not_equal(one.pixels, good.pixels, bytes);
        okng_image_free(&one);
        okng_image_free(&same);
        okng_image_free(&other);
    }
    okng_image_free(&good);
}

static void what_has_no_room_is_refused(void **state)
{
    (void)state;
    okng_image good = good_picture(100, 15), bad, mask;
    assert_fails(OKNG_ERROR_ARGUMENT, "100 x 15", okng_made_defect_put(&good, OKNG_MADE_BLOB, 0, &bad, &mask, error));
    assert_null(bad.pixels);
    assert_null(mask.pixels);
    assert_fails(OKNG_ERROR_ARGUMENT, "at least 16 x 16",
                 okng_made_defect_put(&good, OKNG_MADE_DEFECTS, 0, &bad, NULL, error));
    okng_image_free(&good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_defect_is_where_the_mask_says_and_nowhere_else),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(what_has_no_room_is_refused),
    };
    return RUN_TESTS(tests);
}
