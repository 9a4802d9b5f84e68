#include "bank/projection.h"
#include "bank_data.h"

static float *project(okng_projection kind, const float *rows, int64_t count, int64_t dim, int64_t target,
                      uint64_t seed, int threads)
{
    okng_projector *projector;
    assert_ok(okng_projector_new(&projector, kind, dim, target, seed, error));
    float *out = malloc((size_t)(count * target + 1) * sizeof *out);
    okng_projector_run(projector, rows, count, out, threads);
    okng_projector_free(&projector);
    assert_null(projector);
    return out;
}

static const okng_projection kinds[] = {OKNG_PROJECTION_GAUSSIAN, OKNG_PROJECTION_SPARSE};

static void lengths_are_kept_on_average(void **state)
{
    (void)state;
    enum { COUNT = 40, DIM = 600, TARGET = 128, SEEDS = 5 };
    float *rows = bank_values(COUNT * DIM, 31);
    for (int k = 0; k < 2; k++) {
        double ratio = 0;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            float *out = project(kinds[k], rows, COUNT, DIM, TARGET, seed, 2);
            for (int i = 0; i + 1 < COUNT; i++) { /* of differences: what selection looks at */
                double before = bank_squared(rows + i * DIM, rows + (i + 1) * DIM, DIM);
                ratio += bank_squared(out + i * TARGET, out + (i + 1) * TARGET, TARGET) / before;
            }
            free(out);
        }
        assert_true(fabs(ratio / (SEEDS * (COUNT - 1)) - 1) < 0.05);
    }
    free(rows);
}

/* The projection of the unit vectors is the matrix. */
static float *matrix_of(okng_projection kind, int64_t dim, int64_t target, uint64_t seed)
{
    float *unit = calloc((size_t)(dim * dim), sizeof *unit);
    for (int64_t d = 0; d < dim; d++) unit[d * dim + d] = 1;
    float *matrix = project(kind, unit, dim, dim, target, seed, 1);
    free(unit);
    return matrix;
}

static void the_gaussian_matrix_has_variance_one_over_target(void **state)
{
    (void)state;
    enum { DIM = 400, TARGET = 100, ENTRIES = DIM * TARGET };
    float *matrix = matrix_of(OKNG_PROJECTION_GAUSSIAN, DIM, TARGET, 5);
    double sum = 0, squares = 0, fourth = 0;
    for (int i = 0; i < ENTRIES; i++) {
        double x = (double)matrix[i] * sqrt(TARGET);
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
    }
    assert_true(fabs(sum / ENTRIES) < 0.02 && fabs(squares / ENTRIES - 1) < 0.03 && fabs(fourth / ENTRIES - 3) < 0.2);
    free(matrix);
}

static void the_sparse_matrix_has_the_density_and_entries_of_li(void **state)
{
    (void)state;
    enum { DIM = 625, TARGET = 64, ENTRIES = DIM * TARGET }; /* density 1 / 25 */
    float *matrix = matrix_of(OKNG_PROJECTION_SPARSE, DIM, TARGET, 6), entry = (float)sqrt(25.0 / TARGET);
    int plus = 0, minus = 0;
    for (int i = 0; i < ENTRIES; i++) {
        plus += matrix[i] == entry;
        minus += matrix[i] == -entry;
        assert_true(matrix[i] == 0 || matrix[i] == entry || matrix[i] == -entry);
    }
    /* 1600 entries, half of them of each sign: deviations 39 and 28. */
    assert_in_range(plus + minus, 1600 - 160, 1600 + 160);
    assert_in_range(plus, 800 - 120, 800 + 120);
    free(matrix);
}

static void every_row_is_the_product_with_the_matrix(void **state)
{
    (void)state;
    static const int64_t shapes[][3] = {{1, 1, 1}, {5, 3, 2}, {100, 37, 17}, {33, 300, 64}, {250, 700, 130}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int k = 0; k < 2; k++) {
            int64_t count = shapes[s][0], dim = shapes[s][1], target = shapes[s][2];
            float *rows = bank_values(count * dim, 32), *matrix = matrix_of(kinds[k], dim, target, 9);
            float *out = project(kinds[k], rows, count, dim, target, 9, 2);
            for (int64_t r = 0; r < count; r++)
                for (int64_t t = 0; t < target; t++) {
                    double sum = 0, size = 0;
                    for (int64_t d = 0; d < dim; d++) {
                        double product = (double)rows[r * dim + d] * (double)matrix[d * target + t];
                        sum += product;
                        size += fabs(product);
                    }
                    assert_true(fabs((double)out[r * target + t] - sum) <= 1e-5 * size);
                }
            free(rows);
            free(matrix);
            free(out);
        }
}

static void a_row_gives_the_same_bits_wherever_it_stands(void **state)
{
    (void)state;
    enum { COUNT = 500, DIM = 90, TARGET = 33 };
    float *rows = bank_values(COUNT * DIM, 33);
    for (int k = 0; k < 2; k++) {
        float *all = project(kinds[k], rows, COUNT, DIM, TARGET, 1, 1);
        float *threaded = project(kinds[k], rows, COUNT, DIM, TARGET, 1, 3);
        assert_memory_equal(all, threaded, COUNT * TARGET * sizeof *all);
        for (int64_t r = 0; r < COUNT; r += 23) {
            float *one = project(kinds[k], rows + r * DIM, 1, DIM, TARGET, 1, 1);
            assert_memory_equal(one, all + r * TARGET, TARGET * sizeof *one);
            free(one);
        }
        float *other = project(kinds[k], rows, COUNT, DIM, TARGET, 2, 1);
        assert_memory_not_equal(all, other, COUNT * TARGET * sizeof *all);
        free(all);
        free(threaded);
        free(other);
    }
    free(rows);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    okng_projector *projector;
    assert_fails(OKNG_ERROR_ARGUMENT, "expected 1..",
                 okng_projector_new(&projector, OKNG_PROJECTION_GAUSSIAN, 0, 4, 0, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "expected 1..",
                 okng_projector_new(&projector, OKNG_PROJECTION_SPARSE, 4, INT64_MAX, 0, error));
    assert_null(projector);
    okng_projector_free(&projector);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_are_kept_on_average),
        cmocka_unit_test(the_gaussian_matrix_has_variance_one_over_target),
        cmocka_unit_test(the_sparse_matrix_has_the_density_and_entries_of_li),
        cmocka_unit_test(every_row_is_the_product_with_the_matrix),
        cmocka_unit_test(a_row_gives_the_same_bits_wherever_it_stands),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return RUN_TESTS(tests);
}
