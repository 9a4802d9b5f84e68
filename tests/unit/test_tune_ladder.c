#include "tune/ladder.h"

#include <math.h>

#include "test.h"

static const float good[] = {1, 1.1f, 1.2f, 1.3f, 1.4f, 1.5f, 1.6f, 1.7f, 1.8f, 1.9f,
                             2, 2.1f, 2.2f, 2.3f, 2.4f, 2.5f, 2.6f, 2.7f, 2.8f, 9}; /* one odd among 20 */
static const float bad[] = {2.75f, 5, 12};

static const okng_tune_scores scores = {.good = good, .bad = bad, .good_count = 20, .bad_count = 3};
static const okng_tune_scores only_good = {.good = good, .good_count = 20};

static float proposed(const okng_tune_scores *s, okng_tune_rule rule, double rate, float computed)
{
    float threshold = NAN;
    assert_ok(okng_tune_propose(s, rule, rate, computed, &threshold, error));
    return threshold;
}

static void above_is_above(void **state)
{
    (void)state;
    assert_int_equal(okng_tune_above(good, 20, 2.8f), 1);
    assert_int_equal(okng_tune_above(good, 20, nextafterf(2.8f, 0)), 2);
    assert_int_equal(okng_tune_above(good, 20, -1), 20);
    assert_int_equal(okng_tune_above(good, 20, 9), 0);
    assert_int_equal(okng_tune_above(NULL, 0, 9), 0);
}

static void balanced_finds_most_with_few_false_alarms(void **state)
{
    (void)state;
    /* One false alarm of 20 is allowed: from 2.8 on, below 5, two bad ones are found. */
    assert_true(proposed(&scores, OKNG_TUNE_BALANCED, 0, 3.5f) == 3.5f); /* as good, and the bank's own */
    /* The nearest stretch is 2.8 to 5, 2.8 is 0.8 above the median. */
    assert_true(fabsf(proposed(&scores, OKNG_TUNE_BALANCED, 0, 20) - 3.2f) < 1e-5f);
    assert_true(fabsf(proposed(&scores, OKNG_TUNE_BALANCED, 0, NAN) - 3.2f) < 1e-5f);
    const float near_bad[] = {2.9f};
    const okng_tune_scores narrow = {.good = good, .bad = near_bad, .good_count = 20, .bad_count = 1};
    assert_true(fabsf(proposed(&narrow, OKNG_TUNE_BALANCED, 0, NAN) - 2.85f) < 1e-5f); /* no further than the middle */
    assert_true(proposed(&only_good, OKNG_TUNE_BALANCED, 0, 3.25f) == 3.25f);
    assert_true(proposed(&only_good, OKNG_TUNE_BALANCED, 0, NAN) == 9); /* 5 % of 20 is no false alarm promised */
    /* One bad picture far away does not pull the threshold to it. */
    const okng_tune_scores far = {.good = good, .bad = bad + 2, .good_count = 19, .bad_count = 1};
    assert_true(proposed(&far, OKNG_TUNE_BALANCED, 0, 3) == 3);
}

static void a_rate_of_false_alarms_needs_no_bad_pictures(void **state)
{
    (void)state;
    assert_true(proposed(&only_good, OKNG_TUNE_FALSE_ALARM, 0.1, 3) == 2.8f); /* p-values of at most 2 of 21 */
    assert_true(proposed(&only_good, OKNG_TUNE_FALSE_ALARM, 0, 3) == 9);
}

static void a_rate_of_misses_has_the_fewest_false_alarms(void **state)
{
    (void)state;
    float threshold = proposed(&scores, OKNG_TUNE_MISS, 0, 20);
    assert_true(threshold >= 2.7f && threshold < 2.75f);
    threshold = proposed(&scores, OKNG_TUNE_MISS, 0.34, 20);
    assert_true(threshold >= 2.8f && threshold < 5);
    threshold = proposed(&scores, OKNG_TUNE_MISS, 0.67, 20);
    assert_true(threshold >= 9 && threshold < 12);
    assert_true(proposed(&scores, OKNG_TUNE_MISS, 0.67, 10) == 10);
}

/* Counted by hand: above 9 F1 is 2/4, from 2.8 on 4/6, below 2.75 and from 2.7 on 6/8. */
static void the_largest_f1_is_found(void **state)
{
    (void)state;
    float threshold = proposed(&scores, OKNG_TUNE_F1, 0, NAN);
    assert_true(threshold >= 2.7f && threshold < 2.75f);
}

static void rules_say_which_pictures_they_lack(void **state)
{
    (void)state;
    float threshold;
    const okng_tune_scores none = {0}, only_bad = {.bad = bad, .bad_count = 3};
    assert_fails(OKNG_ERROR_ARGUMENT, "f1", okng_tune_propose(&only_good, OKNG_TUNE_F1, 0, 1, &threshold, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "miss", okng_tune_propose(&only_good, OKNG_TUNE_MISS, 0, 1, &threshold, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "good pictures",
                 okng_tune_propose(&none, OKNG_TUNE_FALSE_ALARM, 0.1, 1, &threshold, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "good pictures",
                 okng_tune_propose(&none, OKNG_TUNE_BALANCED, 0, NAN, &threshold, error));
    assert_true(proposed(&none, OKNG_TUNE_BALANCED, 0, 2) == 2);
    assert_true(proposed(&only_bad, OKNG_TUNE_BALANCED, 0, NAN) < 2.75f);
}

static void a_ladder_rises_and_counts_what_is_above_each_rung(void **state)
{
    (void)state;
    okng_rung rungs[OKNG_RUNGS_MAX];
    size_t count = okng_tune_ladder(&scores, 3, 4, 3.9f, rungs), named = 0;
    assert_true(count >= 7 && count < OKNG_RUNGS_MAX);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || rungs[i].threshold > rungs[i - 1].threshold);
        assert_int_equal(rungs[i].found, okng_tune_above(bad, 3, rungs[i].threshold));
        assert_int_equal(rungs[i].false_alarms, okng_tune_above(good, 20, rungs[i].threshold));
        named += (size_t)rungs[i].in_force + rungs[i].computed + rungs[i].proposed;
        if (rungs[i].in_force) assert_true(rungs[i].threshold == 3 && !rungs[i].proposed);
    }
    assert_int_equal(named, 3);
    assert_int_equal(rungs[0].found, 3); /* the lowest finds all */
    assert_int_equal(rungs[count - 1].false_alarms, 0);
    count = okng_tune_ladder(&only_good, 3, 3, 3, rungs);
    named = 0;
    for (size_t i = 0; i < count; i++) named += rungs[i].in_force && rungs[i].computed && rungs[i].proposed;
    assert_int_equal(named, 1);
    const okng_tune_scores none = {0};
    assert_int_equal(okng_tune_ladder(&none, NAN, NAN, NAN, rungs), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(above_is_above),
        cmocka_unit_test(balanced_finds_most_with_few_false_alarms),
        cmocka_unit_test(a_rate_of_false_alarms_needs_no_bad_pictures),
        cmocka_unit_test(a_rate_of_misses_has_the_fewest_false_alarms),
        cmocka_unit_test(the_largest_f1_is_found),
        cmocka_unit_test(rules_say_which_pictures_they_lack),
        cmocka_unit_test(a_ladder_rises_and_counts_what_is_above_each_rung),
    };
    return RUN_TESTS(tests);
}
