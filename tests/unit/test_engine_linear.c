/* Linear maps by kernels of ours beside double: both ways, any number of rows, tiles, stacks. */
#include "base/rng.h"
#include "engine/onednn/linear.h"
#include "test.h"

typedef struct problem {
    int64_t stacks, rows, inner, columns;
    float *x, *weights, *bias, *added;
} problem;

static float *numbers(okng_rng *rng, int64_t count)
{
    float *made = malloc((size_t)count * sizeof *made);
    assert_non_null(made);
    for (int64_t i = 0; i < count; i++) made[i] = (float)okng_rng_normal(rng);
    return made;
}

static problem make_problem(int64_t stacks, int64_t rows, int64_t inner, int64_t columns)
{
    okng_rng rng = okng_rng_new((uint64_t)(rows * inner + columns), OKNG_STREAM_START);
    problem p = {.stacks = stacks, .rows = rows, .inner = inner, .columns = columns};
    p.weights = numbers(&rng, inner * columns);
    p.bias = numbers(&rng, columns);
    p.x = numbers(&rng, stacks * rows * inner);
    p.added = numbers(&rng, stacks * rows * columns);
    return p;
}

static void free_problem(problem *p)
{
    free(p->x);
    free(p->weights);
    free(p->bias);
    free(p->added);
}

/* The map's result for the first `stacks` of a problem; tiles in falling order where `backwards`. NULL where there are
 * no kernels of ours. */
static float *run(const problem *p, int64_t stacks, bool fast, bool backwards, bool *strassen)
{
    okng_linear_map map;
    if (!okng_linear_map_of(&map, stacks, p->rows, p->inner, p->columns, fast)) return NULL;
    map.added = true;
    float *packed = malloc(okng_linear_weights(&map) * sizeof *packed);
    float *rows = malloc((okng_linear_rows(&map) + 1) * sizeof *rows), *scratch = malloc(okng_linear_scratch(&map));
    float *out = malloc((size_t)(stacks * p->rows * p->columns) * sizeof *out);
    assert_true(packed && rows && scratch && out);
    okng_linear_pack(&map, 2, p->weights, packed);
    for (int64_t i = 0; map.strassen && i < okng_linear_sum_tiles(&map); i++) okng_linear_sum(&map, i, p->x, rows);
    const int64_t tiles = okng_linear_tiles(&map);
    for (int64_t i = 0; i < tiles; i++)
        okng_linear_multiply(&map, backwards ? tiles - 1 - i : i, map.strassen ? rows : p->x, packed, p->bias, p->added,
                             out, scratch);
    *strassen = map.strassen;
    free(packed);
    free(rows);
    free(scratch);
    return out;
}

/* The largest difference to double, in parts of sqrt(inner), which is what a result is like. */
static double error_of(const problem *p, const float *found)
{
    double most = 0;
    for (int64_t r = 0; r < p->stacks * p->rows; r++)
        for (int64_t n = 0; n < p->columns; n++) {
            double sum = (double)p->bias[n] + (double)p->added[r * p->columns + n];
            for (int64_t k = 0; k < p->inner; k++)
                sum += (double)p->x[r * p->inner + k] * (double)p->weights[n * p->inner + k];
            most = fmax(most, fabs((double)found[r * p->columns + n] - sum));
        }
    return most / sqrt((double)p->inner);
}

static void check(int64_t stacks, int64_t rows, int64_t inner, int64_t columns, bool expect_strassen)
{
    problem p = make_problem(stacks, rows, inner, columns);
    for (int fast = 0; fast < 2; fast++) {
        bool strassen = false;
        const size_t bytes = (size_t)(rows * columns) * sizeof(float);
        float *out = run(&p, stacks, fast, false, &strassen), *one = run(&p, 1, fast, false, &strassen);
        float *backwards = run(&p, stacks, fast, true, &strassen);
        if (!out) break; /* this CPU has oneDNN's products alone */
        assert_int_equal(strassen, fast && expect_strassen);
        const double error = error_of(&p, out);
        if (!(error < (strassen ? 6e-6 : 2e-6)))
            fail_msg("%lld x %lld, %lld to %lld, %s: off by %g", (long long)stacks, (long long)rows, (long long)inner,
                     (long long)columns, strassen ? "Strassen" : "direct", error);
        if (memcmp(out, one, bytes) != 0) fail_msg("other pictures change the first, %lld rows", (long long)rows);
        if (memcmp(out, backwards, bytes * (size_t)stacks) != 0) fail_msg("the order of tiles changes the result");
        free(out);
        free(one);
        free(backwards);
    }
    free_problem(&p);
}

static void maps_are_right(void **state)
{
    (void)state;
    check(1, 1, 1, 1, false);
    check(3, 5, 64, 64, false);
    check(3, 7, 50, 21, false);
    check(1, 450, 20, 70, false);
    check(2, 10, 64, 64, true);
    check(3, 33, 448, 192, true);
    check(1, 35, 192, 128, true);
    check(2, 98, 64, 128, true);
    check(30, 8, 128, 64, true);
    check(2, 36, 128, 96, false); /* columns that are no multiple of what all variants take */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(maps_are_right)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
