#include "eval/proportion.h"

#include <math.h>
#include <stdlib.h>

#include "base/csv.h"
#include "test.h"

static double number(const okng_csv *csv, size_t row, const char *column)
{
    size_t index;
    assert_ok(okng_csv_column(csv, column, &index, error));
    return strtod(okng_csv_field(csv, row, index), NULL);
}

static void intervals_are_those_of_scipy(void **state)
{
    (void)state;
    okng_csv *csv;
    assert_ok(okng_csv_read(&csv, OKNG_GOLDEN "/metrics/proportion.csv", error));
    assert_true(okng_csv_rows(csv) > 50);
    for (size_t row = 0; row < okng_csv_rows(csv); row++) {
        okng_interval found = okng_proportion_interval(
            (uint64_t)number(csv, row, "hits"), (uint64_t)number(csv, row, "count"), number(csv, row, "confidence"));
        double low = number(csv, row, "low"), high = number(csv, row, "high");
        if (fabs(found.low - low) > 1e-9 * low || fabs(found.high - high) > 1e-9 * high)
            fail_msg("line %zu: %.15g to %.15g, expected %.15g to %.15g", okng_csv_line(csv, row), found.low,
                     found.high, low, high);
    }
    okng_csv_free(&csv);
}

static void of_nothing_seen_nothing_is_known(void **state)
{
    (void)state;
    okng_interval found = okng_proportion_interval(0, 0, 0.9);
    assert_true(found.low == 0 && found.high == 1);
}

/* I_x(1, b) = 1 - (1 - x)^b and I_x(a, 1) = x^a. */
static void the_incomplete_beta_function_has_its_known_values(void **state)
{
    (void)state;
    for (double x = 0.01; x < 1; x += 0.07) {
        assert_true(fabs(okng_incomplete_beta(1, 5, x) - (1 - pow(1 - x, 5))) < 1e-14);
        assert_true(fabs(okng_incomplete_beta(7, 1, x) - pow(x, 7)) < 1e-14);
        assert_true(fabs(okng_incomplete_beta(3, 4, x) + okng_incomplete_beta(4, 3, 1 - x) - 1) < 1e-14);
    }
    assert_true(okng_incomplete_beta(2, 3, 0) == 0 && okng_incomplete_beta(2, 3, 1) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_of_scipy),
        cmocka_unit_test(of_nothing_seen_nothing_is_known),
        cmocka_unit_test(the_incomplete_beta_function_has_its_known_values),
    };
    return RUN_TESTS(tests);
}
