/* The subspace against torch's eigenvectors in float64 (tests/golden/make_subspace.py), its sums bit by bit, its file.
 */
#include "bank_data.h"
#include "base/eigen.h"
#include "base/file.h"
#include "patch/moments.h"
#include "subspace/directions.h"
#include "subspace/subspace_file.h"
#include "tensor/array.h"

enum { DIM = 37, COUNT = 600, QUERIES = 50, PICTURE = 60 };
#define VARIANCE 0.998

/* vectors() of make_subspace.py. */
static float *subspace_vectors(int64_t count, uint32_t salt)
{
    float *rows = bank_values(count * DIM, salt);
    for (int64_t r = 0; r < count; r++)
        for (int64_t d = 0; d < DIM; d++) {
            float own = rows[r * DIM + d] / ((float)d + 1.0f);
            float common = bank_value((uint32_t)(r * 5 + d % 5), salt + 100) * 3.0f;
            rows[r * DIM + d] = own + common + (float)d;
        }
    return rows;
}

static okng_array *golden(const char *name)
{
    char path[512];
    okng_array *array;
    (void)snprintf(path, sizeof path, OKNG_GOLDEN "/subspace/%s.npy", name);
    assert_ok(okng_array_read_npy(&array, path, error));
    return array;
}

/* Adds rows [count, DIM] as pictures of PICTURE rows. */
static void add_pictures(okng_sums *sums, const float *rows, int64_t count)
{
    okng_sums one;
    assert_ok(okng_sums_new(&one, DIM, error));
    double *work = malloc((size_t)okng_products_bytes(PICTURE, DIM));
    for (int64_t first = 0; first < count; first += PICTURE) {
        assert_ok(okng_sums_of_rows(&one, rows + first * DIM, PICTURE, work, error));
        assert_ok(okng_sums_add(sums, &one, error));
    }
    free(work);
    okng_sums_free(&one);
}

static okng_sums sums_of(const float *rows, int64_t count)
{
    okng_sums sums;
    assert_ok(okng_sums_new(&sums, DIM, error));
    add_pictures(&sums, rows, count);
    return sums;
}

static void assert_same_sums(const okng_sums *a, const okng_sums *b)
{
    assert_int_equal(a->dim, b->dim);
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->values, b->values, (size_t)okng_sums_length(a->dim) * sizeof *a->values);
}

static void directions_and_residuals_are_those_of_torch(void **state)
{
    (void)state;
    float *rows = subspace_vectors(COUNT, 51), *queries = subspace_vectors(QUERIES, 52), scores[QUERIES];
    okng_array *mean = golden("mean"), *values = golden("eigenvalues"), *expected = golden("residuals");
    okng_sums sums = sums_of(rows, COUNT);
    okng_directions found;
    okng_residual residual;
    assert_ok(okng_directions_find(&found, &sums, VARIANCE, error));
    assert_ok(okng_residual_new(&residual, &found, error));
    assert_ok(okng_residual_score(&residual, queries, QUERIES, 2, scores, error));
    const double *m = mean->data, *v = values->data, *r = expected->data;
    for (int d = 0; d < DIM; d++) {
        assert_true(fabs(found.mean[d] - m[d]) < 1e-12 * (1 + fabs(m[d])));
        assert_true(fabs(found.values[d] - v[d]) < 1e-10 * v[0]);
    }
    for (int i = 0; i < QUERIES; i++)
        if (!(fabs((double)scores[i] - r[i]) < 1e-5 * r[i]))
            fail_msg("residual %d is %.9g, torch says %.9g", i, (double)scores[i], r[i]);
    okng_residual_free(&residual);
    okng_directions_free(&found);
    okng_sums_free(&sums);
    okng_array_free(&mean);
    okng_array_free(&values);
    okng_array_free(&expected);
    free(rows);
    free(queries);
}

static void sums_of_two_halves_are_those_of_the_whole_bit_by_bit(void **state)
{
    (void)state;
    float *rows = subspace_vectors(COUNT, 53);
    okng_sums whole = sums_of(rows, COUNT), second = sums_of(rows + COUNT / 2 * DIM, COUNT / 2),
              first = sums_of(rows, COUNT / 2);
    assert_ok(okng_sums_add(&second, &first, error)); /* the later pictures first */
    assert_same_sums(&whole, &second);

    /* and a picture that is taken out leaves the others */
    okng_sums out = sums_of(rows + 2 * PICTURE * DIM, PICTURE), others = sums_of(rows, 2 * PICTURE);
    add_pictures(&others, rows + 3 * PICTURE * DIM, COUNT - 3 * PICTURE);
    assert_ok(okng_sums_subtract(&whole, &out, error));
    assert_same_sums(&whole, &others);
    okng_sums_free(&whole);
    okng_sums_free(&first);
    okng_sums_free(&second);
    okng_sums_free(&out);
    okng_sums_free(&others);
    free(rows);
}

static void sums_of_what_is_not_finite_or_too_large_are_refused(void **state)
{
    (void)state;
    static const float odd[] = {NAN, INFINITY, -INFINITY, 1e30f};
    okng_sums sums, other;
    assert_ok(okng_sums_new(&sums, DIM, error));
    assert_ok(okng_sums_new(&other, DIM + 1, error));
    double *work = malloc((size_t)okng_products_bytes(3, DIM));
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        float rows[3 * DIM] = {0};
        rows[DIM + 5] = odd[i];
        assert_fails(OKNG_ERROR_MISMATCH, "not finite or far too large",
                     okng_sums_of_rows(&sums, rows, 3, work, error));
    }
    assert_fails(OKNG_ERROR_MISMATCH, "37 and of 38", okng_sums_add(&sums, &other, error));
    okng_sums_clear(&sums);
    other.dim = DIM; /* its triangle is the larger one */
    sums.values[7] = other.values[7] = (okng_fixed)1 << 126;
    assert_fails(OKNG_ERROR_LIMIT, "beyond 2^63", okng_sums_add(&sums, &other, error));
    okng_sums_free(&other);
    assert_fails(OKNG_ERROR_LIMIT, "1 to 8192", okng_sums_new(&other, 8193, error));
    free(work);
    okng_sums_free(&sums);
}

static void eigenvectors_are_orthonormal_and_signed_where_directions_lack(void **state)
{
    (void)state;
    enum { N = 90, VECTORS = 12 };
    float *rows = bank_values(VECTORS * N, 54);
    double *matrix = calloc(N * N, sizeof *matrix), values[N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            for (int r = 0; r < VECTORS; r++) matrix[i * N + j] += (double)rows[r * N + i] * (double)rows[r * N + j];
    assert_ok(okng_eigen_symmetric(matrix, N, values, error));
    for (int i = 0; i < N; i++) {
        assert_true(i < VECTORS ? values[i] > 1e-3 : fabs(values[i]) < 1e-10);
        double largest = 0;
        for (int d = 0; d < N; d++)
            if (fabs(matrix[i * N + d]) > fabs(largest)) largest = matrix[i * N + d];
        assert_true(largest > 0);
        for (int j = 0; j <= i; j++) {
            double product = 0;
            for (int d = 0; d < N; d++) product += matrix[i * N + d] * matrix[j * N + d];
            assert_true(fabs(product - (i == j)) < 1e-12);
        }
    }
    free(matrix);
    free(rows);
}

static void a_part_of_the_variance_is_reached_by_the_fewest_directions(void **state)
{
    (void)state;
    float rows[4 * 2] = {3, 0, -3, 0, 0, 1, 0, -1}; /* variances 9 to 1 */
    double work[1024];
    okng_sums sums, flat;
    okng_directions found;
    assert_ok(okng_sums_new(&sums, 2, error));
    assert_true(okng_products_bytes(4, 2) <= sizeof work);
    assert_ok(okng_sums_of_rows(&sums, rows, 4, work, error));
    assert_ok(okng_directions_find(&found, &sums, 0.9, error));
    assert_int_equal(found.kept, 1);
    assert_true(fabs(found.values[0] - 6) < 1e-12 && fabs(found.values[1] - 2.0 / 3) < 1e-12);
    assert_true(fabsf(found.rows[0] - 1) < 1e-6f);
    okng_directions_free(&found);
    assert_fails(OKNG_ERROR_ARGUMENT, "all 2 directions", okng_directions_find(&found, &sums, 0.91, error));

    float same[2 * 2] = {5, 7, 5, 7}; /* vectors that are all alike: one direction, whichever */
    assert_ok(okng_sums_new(&flat, 2, error));
    assert_ok(okng_sums_of_rows(&flat, same, 2, work, error));
    assert_ok(okng_directions_find(&found, &flat, 0.99, error));
    assert_int_equal(found.kept, 1);
    okng_directions_free(&found);
    flat.count = 1;
    assert_fails(OKNG_ERROR_ARGUMENT, "at least 2", okng_directions_find(&found, &flat, 0.99, error));
    okng_sums_free(&sums);
    okng_sums_free(&flat);
}

static void scores_do_not_depend_on_threads(void **state)
{
    (void)state;
    float *rows = subspace_vectors(COUNT, 55), one[COUNT], four[COUNT];
    okng_sums sums = sums_of(rows, COUNT);
    okng_directions found;
    okng_residual residual;
    assert_ok(okng_directions_find(&found, &sums, VARIANCE, error));
    assert_ok(okng_residual_new(&residual, &found, error));
    assert_ok(okng_residual_score(&residual, rows, COUNT, 1, one, error));
    assert_ok(okng_residual_score(&residual, rows, COUNT, 4, four, error));
    assert_memory_equal(one, four, sizeof one);
    okng_residual_free(&residual);
    okng_directions_free(&found);
    okng_sums_free(&sums);
    free(rows);
}

/* ---- the file ------------------------------------------------------------------------------- */

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    char path[] = "/tmp/okng-subspace-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    float *rows = subspace_vectors(COUNT, 56);
    okng_sums sums = sums_of(rows, COUNT), again;
    okng_directions found, read;
    okng_weights *file;
    assert_ok(okng_directions_find(&found, &sums, VARIANCE, error));
    assert_ok(okng_subspace_file_write(path, &sums, &found, error));
    assert_ok(okng_weights_open(&file, path, error));
    assert_ok(okng_subspace_file_sums(&again, file, DIM, error));
    assert_same_sums(&sums, &again);
    okng_sums_free(&again);
    assert_ok(okng_subspace_file_directions(&read, file, DIM, error));
    assert_int_equal(read.kept, found.kept);
    assert_memory_equal(read.mean, found.mean, DIM * sizeof *read.mean);
    assert_memory_equal(read.values, found.values, DIM * sizeof *read.values);
    assert_memory_equal(read.rows, found.rows, DIM * DIM * sizeof *read.rows);
    okng_directions_free(&read);
    assert_fails(OKNG_ERROR_FORMAT, "\"mean\" is float64 [37], expected float64 [36]",
                 okng_subspace_file_directions(&read, file, DIM - 1, error));
    assert_fails(OKNG_ERROR_FORMAT, "\"sums\" is int64 [740, 2]",
                 okng_subspace_file_sums(&again, file, DIM - 1, error));
    okng_weights_close(&file);
    okng_directions_free(&found);
    okng_sums_free(&sums);
    free(rows);
    (void)close(descriptor);
    (void)unlink(path);
}

/* Writes what `sums` and `found` hold, and opens it for directions. */
static okng_status read_back(const okng_sums *sums, const okng_directions *found, okng_error *error)
{
    char path[] = "/tmp/okng-subspace-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    okng_weights *file;
    okng_directions read = {0};
    okng_sums again = {0};
    okng_status status = okng_subspace_file_write(path, sums, found, error);
    if (status == OKNG_OK) status = okng_weights_open(&file, path, error);
    assert_int_equal(status, OKNG_OK);
    status = okng_subspace_file_directions(&read, file, DIM, error);
    if (status == OKNG_OK) status = okng_subspace_file_sums(&again, file, DIM, error);
    okng_directions_free(&read);
    okng_sums_free(&again);
    okng_weights_close(&file);
    (void)close(descriptor);
    (void)unlink(path);
    return status;
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    float *rows = subspace_vectors(COUNT, 57);
    okng_sums sums = sums_of(rows, COUNT);
    okng_directions found;
    assert_ok(okng_directions_find(&found, &sums, VARIANCE, error));
    okng_directions bad = found;
    bad.kept = DIM;
    assert_fails(OKNG_ERROR_FORMAT, "\"kept\" is 37, expected 1 to 36", read_back(&sums, &bad, error));
    bad.kept = 0;
    assert_fails(OKNG_ERROR_FORMAT, "\"kept\" is 0", read_back(&sums, &bad, error));
    double value = found.values[3];
    found.values[3] = -1;
    assert_fails(OKNG_ERROR_FORMAT, "do not fall", read_back(&sums, &found, error));
    found.values[3] = value;
    found.mean[3] = NAN;
    assert_fails(OKNG_ERROR_FORMAT, "not finite", read_back(&sums, &found, error));
    found.mean[3] = 0;
    found.rows[40] = INFINITY;
    assert_fails(OKNG_ERROR_FORMAT, "not finite", read_back(&sums, &found, error));
    found.rows[40] = 0;
    sums.count = 1;
    assert_fails(OKNG_ERROR_FORMAT, "\"count\" is 1", read_back(&sums, &found, error));
    okng_directions_free(&found);
    okng_sums_free(&sums);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directions_and_residuals_are_those_of_torch),
        cmocka_unit_test(sums_of_two_halves_are_those_of_the_whole_bit_by_bit),
        cmocka_unit_test(sums_of_what_is_not_finite_or_too_large_are_refused),
        cmocka_unit_test(eigenvectors_are_orthonormal_and_signed_where_directions_lack),
        cmocka_unit_test(a_part_of_the_variance_is_reached_by_the_fewest_directions),
        cmocka_unit_test(scores_do_not_depend_on_threads),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(damaged_files_are_refused),
    };
    return RUN_TESTS(tests);
}
