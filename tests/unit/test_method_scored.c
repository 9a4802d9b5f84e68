/* Scores of parts of a picture, made one. */
#include "method/scored.h"

#include <math.h>

#include "test.h"

static float highest_of(const float *scores, size_t count)
{
    float highest = -INFINITY;
    for (size_t i = 0; i < count; i++)
        if (okng_score_is_higher(scores[i], highest)) highest = scores[i];
    return highest;
}

/* A part that cannot be scored must not be hidden by parts that can. */
static void no_number_stays_the_highest(void **state)
{
    (void)state;
    assert_true(highest_of((const float[]){1, 3, 2}, 3) == 3);
    assert_true(isnan(highest_of((const float[]){NAN, 1, 2}, 3)));
    assert_true(isnan(highest_of((const float[]){1, NAN, 2}, 3)));
    assert_true(isnan(highest_of((const float[]){1, INFINITY, NAN}, 3)));
    assert_true(isinf(highest_of((const float[]){1, INFINITY, 2}, 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_number_stays_the_highest)};
    return RUN_TESTS(tests);
}
