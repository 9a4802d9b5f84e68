#include "bank/conformal.h"
#include "test.h"

static const float scores[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static void a_p_value_counts_the_ok_scores_as_high(void **state)
{
    (void)state;
    assert_true(okng_conformal_p_value(scores, 9, 9.5f) == 0.1);
    assert_true(okng_conformal_p_value(scores, 9, 9) == 0.2);
    assert_true(okng_conformal_p_value(scores, 9, 0.5f) == 1);
    assert_true(okng_conformal_p_value(scores, 1, 5) == 0.5);
}

static void above_the_threshold_the_p_value_is_at_most_the_rate(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 9; count++)
        for (int percent = 1; percent <= 100; percent++) {
            double rate = percent / 100.0;
            float threshold = okng_conformal_threshold(scores, count, rate);
            double above = okng_conformal_p_value(scores, count, nextafterf(threshold, INFINITY));
            if (rate * (double)(count + 1) >= 1 - 1e-9)
                assert_true(above <= rate + 1e-12);
            else
                assert_true(threshold == scores[count - 1]);
            /* and it is the lowest such: at the threshold itself the p-value is above the rate */
            if (percent < 100) assert_true(okng_conformal_p_value(scores, count, threshold) > rate - 1e-12);
        }
}

static void a_rate_of_one_calls_everything_ng(void **state)
{
    (void)state;
    assert_true(okng_conformal_threshold(scores, 9, 1) < -1e30f);
    assert_true(okng_conformal_threshold(scores, 9, 0) == 9);
    assert_true(okng_conformal_threshold(scores, 9, 0.1) == 9);
    assert_true(okng_conformal_threshold(scores, 9, 0.2) == 8);
}

static void what_can_be_promised_is_told(void **state)
{
    (void)state;
    assert_true(okng_conformal_promise(30, 0.01) == 1.0 / 31); /* too few: 3.2 % at best */
    assert_true(okng_conformal_promise(30, 0) == 1.0 / 31);
    assert_true(okng_conformal_promise(99, 0.01) == 0.01);
    assert_true(fabs(okng_conformal_promise(30, 0.1) - 3.0 / 31) < 1e-12); /* never more than was asked for */
    assert_true(okng_conformal_promise(30, 1) == 1);
    assert_true(isnan(okng_conformal_promise(0, 0.1)));
    for (int percent = 0; percent <= 100; percent++) { /* the promise is the p-value just above the threshold */
        float threshold = okng_conformal_threshold(scores, 9, percent / 100.0);
        double above = okng_conformal_p_value(scores, 9, nextafterf(threshold, INFINITY));
        assert_true(fabs(okng_conformal_promise(9, percent / 100.0) - above) < 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_p_value_counts_the_ok_scores_as_high),
        cmocka_unit_test(above_the_threshold_the_p_value_is_at_most_the_rate),
        cmocka_unit_test(a_rate_of_one_calls_everything_ng),
        cmocka_unit_test(what_can_be_promised_is_told),
    };
    return RUN_TESTS(tests);
}
