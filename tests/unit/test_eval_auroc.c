#include <float.h>
#include <math.h>
#include <string.h>

#include "eval/auroc.h"
#include "test.h"

static double auroc_of(const float *good, size_t good_count, const float *bad, size_t bad_count)
{
    float g[64], b[64];
    double value;
    if (good_count) memcpy(g, good, good_count * sizeof *g);
    if (bad_count) memcpy(b, bad, bad_count * sizeof *b);
    assert_ok(okng_auroc(g, good_count, b, bad_count, &value, error));
    return value;
}

static void pairs_are_counted(void **state)
{
    (void)state;
    const float good[] = {0.1f, 0.4f}, bad[] = {0.35f, 0.8f};
    assert_true(auroc_of(good, 2, bad, 2) == 0.75);
    assert_true(auroc_of(bad, 2, good, 2) == 0.25);
    const float low[] = {3, 1, 2}, high[] = {5, 4};
    assert_true(auroc_of(low, 3, high, 2) == 1);
    assert_true(auroc_of(high, 2, low, 3) == 0);
}

static void a_tie_counts_half(void **state)
{
    (void)state;
    const float same[] = {2, 2, 2}, good[] = {1, 2, 3}, bad[] = {2, 3, 3, 4};
    assert_true(auroc_of(same, 3, same, 3) == 0.5);
    assert_true(auroc_of(good, 3, bad, 4) == (1.5 + 2.5 + 2.5 + 3) / 12);
}

static void zeros_negative_and_infinite_scores_are_in_order(void **state)
{
    (void)state;
    const float plus[] = {0.0f}, minus[] = {-0.0f};
    assert_true(auroc_of(plus, 1, minus, 1) == 0.5);
    const float good[] = {-INFINITY, -3, -FLT_MIN, FLT_MAX}, bad[] = {-2, 0, 1, INFINITY};
    assert_true(auroc_of(good, 4, bad, 4) == 12.0 / 16);
}

static void one_kind_alone_has_no_area(void **state)
{
    (void)state;
    const float scores[] = {1, 2};
    assert_true(isnan(auroc_of(scores, 2, NULL, 0)));
    assert_true(isnan(auroc_of(NULL, 0, scores, 2)));
    assert_true(isnan(auroc_of(NULL, 0, NULL, 0)));
}

static void many_scores_give_what_counting_gives(void **state)
{
    (void)state;
    enum { N = 3000, M = 700 };
    static float good[N], bad[M];
    uint32_t random = 1;
    for (int i = 0; i < N + M; i++) {
        random = random * 1664525u + 1013904223u;
        float value = (float)(random >> 20) / 64.0f - 20.0f; /* some are equal */
        if (i < N)
            good[i] = value;
        else
            bad[i - N] = value + 3;
    }
    double pairs = 0, value;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++) pairs += bad[j] > good[i] ? 1 : bad[j] == good[i] ? 0.5 : 0;
    assert_ok(okng_auroc(good, N, bad, M, &value, error));
    assert_true(value == pairs / N / M);
    for (int i = 1; i < N; i++) assert_true(good[i - 1] <= good[i]);
}

static void the_curve_has_a_point_for_every_score(void **state)
{
    (void)state;
    const float good[] = {1, 2, 3, 3}, bad[] = {2, 4};
    const okng_roc_point expected[] = {{0, 0}, {0, 0.5}, {0.5, 0.5}, {0.75, 1}, {1, 1}};
    okng_roc_point points[7];
    assert_int_equal(okng_roc_curve(good, 4, bad, 2, points), 5);
    assert_memory_equal(points, expected, sizeof expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_counted),
        cmocka_unit_test(a_tie_counts_half),
        cmocka_unit_test(zeros_negative_and_infinite_scores_are_in_order),
        cmocka_unit_test(one_kind_alone_has_no_area),
        cmocka_unit_test(many_scores_give_what_counting_gives),
        cmocka_unit_test(the_curve_has_a_point_for_every_score),
    };
    return RUN_TESTS(tests);
}
