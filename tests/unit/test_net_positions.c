/* Position embeddings at other grids, beside what torch gives in the two projects that the weights are from. */
#include "golden_weights.h"
#include "net/positions.h"
#include "test.h"

enum { WIDTH = 3, SAMPLES = 40 };

/* The patches of a made table: it begins with the class token's. */
static float *make_table(int32_t side)
{
    size_t count = (size_t)side * (size_t)side * WIDTH;
    uint64_t hash = okng_golden_hash("pos_embed");
    float *table = malloc(count * sizeof *table);
    assert_non_null(table);
    for (size_t i = 0; i < count; i++) table[i] = okng_golden_uniform(hash, i + WIDTH) * 2.0f;
    return table;
}

static float *resample(const okng_position_rule *rule, int64_t height, int64_t width, int threads)
{
    float *table = make_table(rule->side);
    float *out = malloc((size_t)(height * width) * WIDTH * sizeof *out);
    assert_non_null(out);
    assert_ok(okng_positions_resample(rule, table, WIDTH, height, width, threads, out, error));
    free(table);
    return out;
}

static void tables_equal_those_of_torch(void **state)
{
    (void)state;
    FILE *file = fopen(OKNG_GOLDEN "/net/positions.txt", "r");
    assert_non_null(file);
    int side, antialias, cases = 0;
    long long height, width;
    double offset, max_abs;
    while (fscanf(file, " table %d %d %lf %lld %lld %lf", &side, &antialias, &offset, &height, &width, &max_abs) == 6) {
        okng_position_rule rule = {.side = side, .antialias = antialias != 0, .offset = offset};
        float *out = resample(&rule, height, width, 2);
        uint64_t count = (uint64_t)(height * width) * WIDTH;
        for (uint64_t k = 0; k < SAMPLES; k++) {
            double expected, found = (double)out[okng_golden_mix(k) % count];
            assert_int_equal(fscanf(file, "%lf", &expected), 1);
            if (fabs(found - expected) > 2e-5 * max_abs) /* torch places its samples in float32 */
                fail_msg("side %d, offset %g, %lldx%lld: %.9g, expected %.9g", side, offset, height, width, found,
                         expected);
        }
        free(out);
        cases++;
    }
    assert_int_equal(cases, 30);
    (void)fclose(file);
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    const okng_position_rule rules[] = {{37, false, 0.1}, {14, true, 0}};
    for (size_t i = 0; i < 2; i++) {
        float *one = resample(&rules[i], 23, 17, 1), *five = resample(&rules[i], 23, 17, 5);
        assert_memory_equal(one, five, (size_t)(23 * 17 * WIDTH) * sizeof *one);
        free(one);
        free(five);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_equal_those_of_torch),
        cmocka_unit_test(threads_do_not_change_a_bit),
    };
    return RUN_TESTS(tests);
}
