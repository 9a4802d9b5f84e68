#include "bank/review.h"

#include <math.h>

#include "test.h"

static const float scores[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static float width(float threshold, double rate)
{
    float w = NAN;
    assert_ok(okng_review_width(scores, 9, threshold, rate, &w, error));
    return w;
}

/* Distances of the scores to 8.25 in order: 0.25 (8), 0.75 (9), 1.25 (7), 2.25, 3.25, 4.25, 5.25, 6.25, 7.25. */
static void the_width_is_the_quantile_of_distances_that_a_new_picture_stays_within(void **state)
{
    (void)state;
    assert_true(width(8.25f, 0) == 0);
    assert_true(width(8.25f, 0.1) == 0.25f); /* number 1 of 10 */
    assert_true(width(8.25f, 0.2) == 0.75f);
    assert_true(width(8.25f, 0.9) == 7.25f);
    assert_true(fabsf(width(8.25f, 0.05) - 0.125f) < 1e-6f); /* half of the way from 0 */
    assert_true(fabsf(width(8.25f, 0.35) - 1.75f) < 1e-6f);
    assert_true(width(8.25f, 1) == 7.25f && width(8.25f, 0.95) == 7.25f);
}

/* What the rule promises, counted: of 10 pictures each once the new one, by the other 9. */
static void a_new_picture_falls_in_as_often_as_asked_for(void **state)
{
    (void)state;
    static const float all[] = {1, 2.5f, 3, 4.25f, 5, 6.75f, 7, 8.5f, 9.125f, 11};
    for (int k = 1; k <= 9; k++) {
        int within = 0;
        for (int new = 0; new < 10; new ++) {
            float others[9], w;
            for (int i = 0, n = 0; i < 10; i++)
                if (i != new) others[n++] = all[i];
            assert_ok(okng_review_width(others, 9, 8.1f, k / 10.0, &w, error));
            within += fabsf(all[new] - 8.1f) <= w;
        }
        assert_int_equal(within, k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_width_is_the_quantile_of_distances_that_a_new_picture_stays_within),
        cmocka_unit_test(a_new_picture_falls_in_as_often_as_asked_for),
    };
    return RUN_TESTS(tests);
}
