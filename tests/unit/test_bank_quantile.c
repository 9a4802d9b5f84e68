#include <stdbool.h>

#include "bank/quantile.h"
#include "bank_data.h"

static float quantile_of(const float *values, size_t count, double q, size_t step)
{
    okng_quantile *quantile;
    assert_ok(okng_quantile_new(&quantile, q, count, error));
    for (size_t i = 0; i < count; i += step)
        assert_ok(okng_quantile_add(quantile, values + i, count - i < step ? count - i : step, error));
    float value;
    assert_ok(okng_quantile_value(quantile, okng_ranks_together(), &value, error));
    okng_quantile_free(&quantile);
    assert_null(quantile);
    return value;
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void quantiles_equal_numpy(void **state)
{
    (void)state;
    okng_array *golden;
    assert_ok(okng_array_read_npy(&golden, OKNG_GOLDEN "/bank/quantile.npy", error));
    int64_t count = okng_array_shape(golden, 1);
    const double *q = okng_array_data(golden), *expected = q + count;
    float *values = bank_values(10007, 4), *sorted = bank_values(10007, 4);
    for (int i = 0; i < 10007; i++) sorted[i] = values[i] -= 0.5f;
    qsort(sorted, 10007, sizeof *sorted, by_size);
    for (int64_t i = 0; i < count; i++) {
        assert_true(quantile_of(values, 10007, q[i], 1000) == (float)expected[i]);
        assert_true(okng_quantile_sorted(sorted, 10007, q[i]) == (float)expected[i]);
    }
    okng_array_free(&golden);
    free(values);
    free(sorted);
}

static void the_order_of_arrival_does_not_matter(void **state)
{
    (void)state;
    enum { N = 5000 };
    float values[N], reversed[N];
    for (int i = 0; i < N; i++) values[i] = floorf(bank_value((uint32_t)i, 51) * 200) - 100; /* many are equal */
    qsort(values, N, sizeof *values, by_size);
    for (int i = 0; i < N; i++) reversed[i] = values[N - 1 - i];
    for (double q = 0; q <= 1; q += 0.03125) {
        float expected = okng_quantile_sorted(values, N, q);
        assert_true(quantile_of(values, N, q, 1) == expected);
        assert_true(quantile_of(values, N, q, N) == expected);
        assert_true(quantile_of(reversed, N, q, 7) == expected);
    }
}

static void few_values_and_odd_ones_are_handled(void **state)
{
    (void)state;
    float one = -3, two[] = {5, 1}, odd[] = {-0.0f, INFINITY, 0.0f, -INFINITY};
    assert_true(quantile_of(&one, 1, 0.3, 1) == -3.0f);
    assert_true(quantile_of(two, 2, 0.25, 1) == 2.0f);
    assert_true(quantile_of(two, 2, 1, 1) == 5.0f);
    assert_true(quantile_of(odd, 4, 0, 1) == -INFINITY);
    assert_true(quantile_of(odd, 4, 0.5, 1) == 0.0f);
    assert_true(quantile_of(odd, 4, 1, 1) == INFINITY);
}

static void wrong_counts_and_values_are_refused(void **state)
{
    (void)state;
    okng_quantile *quantile;
    float values[] = {1, NAN, 2}, value;
    assert_fails(OKNG_ERROR_ARGUMENT, "expected 0..1", okng_quantile_new(&quantile, 1.01, 3, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "expected 0..1", okng_quantile_new(&quantile, (double)NAN, 3, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "no values", okng_quantile_new(&quantile, 0.5, 0, error));
    assert_null(quantile);
    assert_ok(okng_quantile_new(&quantile, 0.5, 2, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "2 values got 0",
                 okng_quantile_value(quantile, okng_ranks_together(), &value, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "not a number", okng_quantile_add(quantile, values, 3, error));
    okng_quantile_free(&quantile);
    assert_ok(okng_quantile_new(&quantile, 0.5, 2, error));
    for (int i = 0; i < 3; i++) assert_ok(okng_quantile_add(quantile, values, 1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "2 values got 3",
                 okng_quantile_value(quantile, okng_ranks_together(), &value, error));
    okng_quantile_free(&quantile);
    okng_quantile_free(&quantile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_equal_numpy),
        cmocka_unit_test(the_order_of_arrival_does_not_matter),
        cmocka_unit_test(few_values_and_odd_ones_are_handled),
        cmocka_unit_test(wrong_counts_and_values_are_refused),
    };
    return RUN_TESTS(tests);
}
