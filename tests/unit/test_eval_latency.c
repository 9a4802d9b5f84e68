#include <math.h>
#include <stdbool.h>

#include "eval/latency.h"
#include "test.h"

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fmax(1, fabs(b));
}

static void quantiles_are_numpys(void **state)
{
    (void)state;
    double values[] = {7, 1, 3, 10};
    okng_latency got = okng_latency_summary(values, 4);
    assert_true(got.count == 4 && got.min == 1 && got.max == 10);
    assert_true(near(got.mean, 5.25));
    assert_true(near(got.median, 5) && got.p50 == got.median);
    /* numpy.quantile([7, 1, 3, 10], [0.95, 0.99]) */
    assert_true(near(got.p95, 9.55));
    assert_true(near(got.p99, 9.91));
    /* (7.75 - 2.5) / 5 */
    assert_true(near(got.spread, 1.05));
}

static void one_value_is_every_quantile(void **state)
{
    (void)state;
    double value = 2.5;
    okng_latency got = okng_latency_summary(&value, 1);
    assert_true(got.min == 2.5 && got.median == 2.5 && got.p99 == 2.5 && got.max == 2.5 && got.mean == 2.5);
    assert_true(got.spread == 0);
}

static void equal_values_have_no_spread(void **state)
{
    (void)state;
    double values[] = {0, 0, 0};
    okng_latency got = okng_latency_summary(values, 3);
    assert_true(got.median == 0 && got.spread == 0);
}

static void nothing_is_nan(void **state)
{
    (void)state;
    okng_latency got = okng_latency_summary(NULL, 0);
    assert_true(got.count == 0 && isnan(got.median) && isnan(got.p99) && isnan(got.min) && isnan(got.mean));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_numpys),
        cmocka_unit_test(one_value_is_every_quantile),
        cmocka_unit_test(equal_values_have_no_spread),
        cmocka_unit_test(nothing_is_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
