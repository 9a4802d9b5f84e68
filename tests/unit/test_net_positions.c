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

/* The patches of one of CLIP's. */
static float *make_clip_table(int32_t side)
{
    const size_t count = (size_t)side * (size_t)side * WIDTH;
    const uint64_t hash = okng_golden_hash("visual.positional_embedding");
    float *table = malloc(count * sizeof *table);
    assert_non_null(table);
    for (size_t i = 0; i < count; i++) table[i] = okng_golden_uniform(hash, i + WIDTH);
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

/* ---- the rules of CLIP's projects (golden/make_clip.py) ---- */

static okng_position_rule rule_of(const char *name, int32_t side)
{
    return (okng_position_rule){.side = side,
                                .antialias = strcmp(name, "open_clip") == 0,
                                .align_corners = strcmp(name, "tinyclip") == 0,
                                .bilinear = strcmp(name, "afclip") == 0};
}

static void check_ramp(FILE *file, const char *name)
{
    enum { SIDE = 24, NEW_SIDE = 37 };
    const okng_position_rule rule = rule_of(name, SIDE);
    float table[SIDE * SIDE], out[NEW_SIDE * NEW_SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) table[i] = (float)(i % SIDE);
    assert_ok(okng_positions_resample(&rule, table, 1, NEW_SIDE, NEW_SIDE, 2, out, error));
    for (int i = 0; i < NEW_SIDE; i++) {
        double expected;
        assert_int_equal(fscanf(file, "%lf", &expected), 1);
        for (int y = 0; y < NEW_SIDE; y += 18) assert_true(fabs((double)out[y * NEW_SIDE + i] - expected) < 2e-5);
    }
    static const double known[] = {0, .4730, 1.1216, 1.7703, 2.4189}; /* AF-CLIP's, as published with its check */
    for (int i = 0; rule.bilinear && i < 5; i++) assert_true(fabs((double)out[i] - known[i]) < 5e-5);
}

static void rules_of_clip_equal_those_of_torch(void **state)
{
    (void)state;
    FILE *file = fopen(OKNG_GOLDEN "/clip/positions.txt", "r");
    assert_non_null(file);
    char what[16], name[32];
    int tables = 0, ramps = 0;
    while (fscanf(file, " %15s", what) == 1) {
        if (strcmp(what, "ramp") == 0) {
            assert_int_equal(fscanf(file, "%31s", name), 1);
            check_ramp(file, name);
            ramps++;
            continue;
        }
        int side;
        long long rows, columns;
        double largest;
        assert_int_equal(fscanf(file, "%d %31s %lld %lld %lf", &side, name, &rows, &columns, &largest), 5);
        const okng_position_rule rule = rule_of(name, side);
        const size_t count = (size_t)(rows * columns) * WIDTH;
        float *table = make_clip_table(side), *out = malloc(count * sizeof *out);
        assert_non_null(out);
        assert_ok(okng_positions_resample(&rule, table, WIDTH, rows, columns, 2, out, error));
        for (uint64_t k = 0; k < SAMPLES; k++) {
            double expected, found = (double)out[okng_golden_mix(k) % count];
            assert_int_equal(fscanf(file, "%lf", &expected), 1);
            if (fabs(found - expected) > 2e-5 * largest)
                fail_msg("%s, side %d, %lldx%lld: %.9g, expected %.9g", name, side, rows, columns, found, expected);
        }
        free(table);
        free(out);
        tables++;
    }
    assert_true(tables == 90 && ramps == 3);
    (void)fclose(file);
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    const okng_position_rule rules[] = {{.side = 37, .offset = 0.1},
                                        {.side = 14, .antialias = true},
                                        {.side = 24, .align_corners = true},
                                        {.side = 24, .bilinear = true}};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
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
        cmocka_unit_test(rules_of_clip_equal_those_of_torch),
        cmocka_unit_test(threads_do_not_change_a_bit),
    };
    return RUN_TESTS(tests);
}
