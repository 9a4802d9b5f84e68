#include <math.h>
#include <stdio.h>

#include "method/image_rule.h"
#include "test.h"

enum { MOST = 100 };

static void robust_is_that_of_numpy(void **state)
{
    (void)state;
    FILE *golden = fopen(OKNG_GOLDEN "/method/image_rule.txt", "r");
    assert_non_null(golden);
    int lines = 0, count;
    float expected, scores[MOST];
    for (; fscanf(golden, "%d %f", &count, &expected) == 2; lines++) {
        assert_in_range(count, 1, MOST);
        for (int i = 0; i < count; i++) assert_int_equal(fscanf(golden, "%f", &scores[i]), 1);
        assert_true(okng_image_threshold(OKNG_IMAGE_RULE_ROBUST, 0.995, scores, (size_t)count) == expected);
    }
    (void)fclose(golden);
    assert_int_equal(lines, 12);
}

static void bad_pictures_among_the_good_do_not_move_it(void **state)
{
    (void)state;
    float scores[60];
    for (int i = 0; i < 60; i++) scores[i] = 1 + (float)i / 60;
    float clean = okng_image_threshold(OKNG_IMAGE_RULE_ROBUST, 0, scores, 60);
    for (int i = 51; i < 60; i++) scores[i] = 1e6f; /* 15 in a hundred */
    assert_true(okng_image_threshold(OKNG_IMAGE_RULE_ROBUST, 0, scores, 60) == clean);
    for (int i = 0; i < 30; i++) scores[i] = -1e6f; /* and what is very good says nothing */
    assert_true(okng_image_threshold(OKNG_IMAGE_RULE_ROBUST, 0, scores, 59) < 1e6f);
}

static void quantile_is_the_one_asked_for(void **state)
{
    (void)state;
    const float scores[] = {1, 2, 3, 4, 5};
    assert_true(okng_image_threshold(OKNG_IMAGE_RULE_QUANTILE, 0.875, scores, 5) == 4.5f);
    assert_true(okng_image_threshold(OKNG_IMAGE_RULE_QUANTILE, 1, scores, 5) == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(robust_is_that_of_numpy),
        cmocka_unit_test(bad_pictures_among_the_good_do_not_move_it),
        cmocka_unit_test(quantile_is_the_one_asked_for),
    };
    return RUN_TESTS(tests);
}
