/* A prepared search gives the bits of the plain one: on data of every kind, for every variant of the kernels. */
#include <math.h>

#include "bank/knn_screened.h"
#include "bank_data.h"
#include "base/rng.h"
#include "test.h"

static okng_rng rng;

typedef struct data {
    okng_rows rows;
    float *values, *queries;
    int32_t *origin;
    int64_t query_count;
} data;

/* Rows in a few directions and a little of all others, as features are. */
static void fill_features(float *out, int64_t count, int64_t dim, const float *directions, int64_t rank)
{
    for (int64_t r = 0; r < count; r++) {
        float *row = out + r * dim;
        for (int64_t d = 0; d < dim; d++) row[d] = 0.02f * (float)okng_rng_normal(&rng) + 0.3f;
        for (int64_t i = 0; i < rank; i++) {
            float weight = (float)okng_rng_normal(&rng) / (float)(i + 1);
            for (int64_t d = 0; d < dim; d++) row[d] += weight * directions[i * dim + d];
        }
    }
}

static data make(int64_t rows, int64_t dim, int64_t queries)
{
    data d = {.query_count = queries};
    static float directions[12 * 1100];
    assert_true(dim <= 1100);
    for (int i = 0; i < 12 * 1100; i++) directions[i] = (float)okng_rng_normal(&rng) * 0.05f;
    d.values = malloc((size_t)(rows * dim) * sizeof(float));
    d.queries = malloc((size_t)(queries * dim) * sizeof(float));
    d.origin = malloc((size_t)rows * sizeof *d.origin);
    fill_features(d.values, rows, dim, directions, 12);
    fill_features(d.queries, queries, dim, directions, 12);
    for (int64_t r = 0; r < rows; r++) d.origin[r] = (int32_t)okng_rng_below(&rng, 5) - 1;
    d.rows = (okng_rows){d.values, rows, dim, d.origin};
    return d;
}

static void release(data *d)
{
    free(d->values);
    free(d->queries);
    free(d->origin);
}

static void compare(const data *d, okng_knn_effort effort, int32_t k, int32_t excluded, int threads)
{
    size_t answers = (size_t)(d->query_count * k);
    float *squared = malloc(answers * sizeof *squared), *expected = malloc(answers * sizeof *expected);
    int64_t *found = malloc(answers * sizeof *found), *right = malloc(answers * sizeof *right);
    okng_knn_index *index;
    okng_knn_request plain = {&d->rows, d->queries, d->query_count, k, excluded, 1, expected, right};
    assert_ok(okng_knn_plain(&plain, error));
    assert_ok(okng_knn_index_new(&index, &d->rows, effort, threads, error));
    assert_ptr_equal(okng_knn_index_rows(index)->data, d->values);
    assert_ok(okng_knn_index_search(index, d->queries, d->query_count, k, excluded, threads, squared, found, error));
    okng_knn_index_free(&index);
    for (size_t i = 0; i < answers; i++)
        if (memcmp(squared + i, expected + i, sizeof *squared) != 0 || found[i] != right[i])
            fail_msg("query %zu, neighbour %zu of %d: row %lld at %a, expected %lld at %a", i / (size_t)k,
                     i % (size_t)k, k, (long long)found[i], (double)squared[i], (long long)right[i],
                     (double)expected[i]);
    free(squared);
    free(expected);
    free(found);
    free(right);
}

static void compare_all(const data *d)
{
    compare(d, OKNG_KNN_MANY, 1, -1, 1);
    compare(d, OKNG_KNN_MANY, 1, 2, 3);
    compare(d, OKNG_KNN_MANY, 9, 1, 2);
    compare(d, OKNG_KNN_FEW, 1, -1, 2);
    compare(d, OKNG_KNN_FEW, 5, 0, 1);
}

static void features_of_odd_sizes(void **state)
{
    (void)state;
    rng = okng_rng_new(1, OKNG_STREAM_START);
    static const int64_t shapes[][3] = {{512, 32, 7},     {513, 33, 1},    {2277, 256, 25}, {2049, 300, 50},
                                        {4100, 31, 3},    {5003, 257, 97}, {18011, 64, 30}, {17000, 256, 5},
                                        {2100, 400, 200}, {2100, 1030, 19}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        data d = make(shapes[s][0], shapes[s][1], shapes[s][2]);
        compare_all(&d);
        if (d.rows.count > 10000) compare(&d, OKNG_KNN_MANY, 256, 3, 2);
        release(&d);
    }
}

static void success_leaves_the_error_as_it_was(void **state)
{
    (void)state;
    rng = okng_rng_new(4, OKNG_STREAM_START);
    data d = make(2048, 300, 1);
    okng_knn_index *index;
    okng_error error = {OKNG_ERROR_BUSY, "of another call"};
    assert_int_equal(okng_knn_index_new(&index, &d.rows, OKNG_KNN_MANY, 2, &error), OKNG_OK);
    assert_int_equal(error.status, OKNG_ERROR_BUSY);
    assert_string_equal(error.message, "of another call");
    okng_knn_index_free(&index);
    release(&d);
}

static void outlines_are_used_where_they_are_worth_it(void **state)
{
    (void)state;
    rng = okng_rng_new(2, OKNG_STREAM_START);
    data d = make(2048, 300, 1);
    okng_knn_index *index;
    assert_ok(okng_knn_index_new(&index, &d.rows, OKNG_KNN_MANY, 1, error));
    assert_non_null(index->whole.codes);
    assert_non_null(index->brief.codes);
    okng_knn_index_free(&index);
    assert_ok(okng_knn_index_new(&index, &d.rows, OKNG_KNN_FEW, 1, error));
    assert_non_null(index->whole.codes);
    assert_null(index->brief.codes);
    okng_knn_index_free(&index);
    for (int64_t i = 0; i < 2048 * 300; i++) d.values[i] = (float)okng_rng_normal(&rng); /* no direction stands out */
    assert_ok(okng_knn_index_new(&index, &d.rows, OKNG_KNN_MANY, 1, error));
    assert_non_null(index->whole.codes);
    assert_null(index->brief.codes);
    okng_knn_index_free(&index);
    d.rows.count = 100;
    assert_ok(okng_knn_index_new(&index, &d.rows, OKNG_KNN_MANY, 1, error));
    assert_null(index->whole.codes);
    okng_knn_index_free(&index);
    okng_knn_index_free(&index); /* NULL by now */
    release(&d);
}

static void noise(void **state)
{
    (void)state;
    rng = okng_rng_new(3, OKNG_STREAM_START);
    data d = make(3000, 384, 60);
    for (int64_t i = 0; i < d.rows.count * d.rows.dim; i++) d.values[i] = (float)okng_rng_normal(&rng);
    for (int64_t i = 0; i < d.query_count * d.rows.dim; i++) d.queries[i] = (float)okng_rng_normal(&rng);
    compare_all(&d);
    release(&d);
}

/* Equal rows, queries that are rows, and neighbours one bit apart. */
static void ties_and_near_ties(void **state)
{
    (void)state;
    rng = okng_rng_new(4, OKNG_STREAM_START);
    data d = make(2500, 260, 40);
    int64_t dim = d.rows.dim;
    for (int64_t r = 0; r < d.rows.count; r++) {
        int64_t from = (int64_t)okng_rng_below(&rng, 50);
        memcpy(d.values + r * dim, d.values + from * dim, (size_t)dim * sizeof(float));
        if (r % 3 != 0) continue;
        float *value = d.values + r * dim + okng_rng_below(&rng, (uint64_t)dim);
        *value = nextafterf(*value, r % 2 ? INFINITY : -INFINITY);
    }
    for (int64_t q = 0; q < 30; q++)
        memcpy(d.queries + q * dim, d.values + (q * 83) * dim, (size_t)dim * sizeof(float));
    compare_all(&d);
    compare(&d, OKNG_KNN_MANY, 39, 1, 2);
    compare(&d, OKNG_KNN_MANY, 700, 1, 2);
    for (int64_t i = 0; i < d.rows.count * dim; i++) d.values[i] = d.values[i % dim]; /* one row over and over */
    compare_all(&d);
    release(&d);
}

static void sizes_from_tiny_to_huge(void **state)
{
    (void)state;
    static const float scales[] = {1e-44f, 1e-38f, 1e-22f, 1e-6f, 1e9f, 1e17f, 1e19f, 3e37f};
    for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
        rng = okng_rng_new(5, OKNG_STREAM_START);
        data d = make(2100, 256, 20);
        for (int64_t i = 0; i < d.rows.count * d.rows.dim; i++) d.values[i] *= scales[s];
        for (int64_t i = 0; i < d.query_count * d.rows.dim; i++) d.queries[i] *= scales[s];
        compare_all(&d);
        release(&d);
    }
}

/* Single numbers and whole rows that are anything, far away or none. */
static void wild_numbers(void **state)
{
    (void)state;
    static const float odd[] = {0.0f, -0.0f, 1e-45f, 3e38f, -3e38f, INFINITY, -INFINITY, NAN, -NAN, 1e4f, -1e10f};
    for (uint64_t round = 0; round < 6; round++) {
        rng = okng_rng_new(6 + round, OKNG_STREAM_START);
        data d = make(2150, 300, 30);
        int64_t every = round < 2 ? 7 : 3001;
        for (int64_t i = 0; i < d.rows.count * d.rows.dim; i++)
            if (okng_rng_below(&rng, (uint64_t)every) == 0)
                d.values[i] = odd[okng_rng_below(&rng, sizeof odd / sizeof *odd)];
        for (int64_t i = 0; i < d.query_count * d.rows.dim; i++)
            if (okng_rng_below(&rng, 2003) == 0) d.queries[i] = odd[okng_rng_below(&rng, sizeof odd / sizeof *odd)];
        for (int64_t r = 0; r < d.rows.count; r += 11)
            for (int64_t c = 0; c < d.rows.dim; c++) d.values[r * d.rows.dim + c] *= round % 2 ? 1e6f : 30.0f;
        compare_all(&d);
        release(&d);
    }
}

static void rows_without_any_spread(void **state)
{
    (void)state;
    rng = okng_rng_new(20, OKNG_STREAM_START);
    data d = make(2060, 256, 10);
    for (int64_t i = 0; i < d.rows.count * d.rows.dim; i++) d.values[i] = 0.75f;
    compare_all(&d);
    for (int64_t i = 0; i < d.query_count * d.rows.dim; i++) d.queries[i] = 0.75f;
    compare_all(&d);
    for (int64_t i = 0; i < d.rows.count * d.rows.dim; i++) d.values[i] = i % 256 == 3 ? (float)(i / 256) : 0.0f;
    compare_all(&d); /* spread in one direction only */
    for (int64_t i = 0; i < d.rows.count; i++) d.origin[i] = 2;
    compare(&d, OKNG_KNN_MANY, 3, 2, 1); /* nothing is left */
    release(&d);
}

int main(int count, char **names)
{
    static const struct {
        const char *name;
        okng_cpu cpu;
    } variants[] = {{"c", OKNG_CPU_C}, {"avx2", OKNG_CPU_AVX2}, {"avx512", OKNG_CPU_AVX512}, {"neon", OKNG_CPU_NEON}};
    for (size_t v = 0; v < 4 && count > 1; v++)
        if (strcmp(names[1], variants[v].name) == 0 && !okng_kernels_force(variants[v].cpu)) return 0; /* not here */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_of_odd_sizes),
        cmocka_unit_test(success_leaves_the_error_as_it_was),
        cmocka_unit_test(outlines_are_used_where_they_are_worth_it),
        cmocka_unit_test(noise),
        cmocka_unit_test(ties_and_near_ties),
        cmocka_unit_test(sizes_from_tiny_to_huge),
        cmocka_unit_test(wild_numbers),
        cmocka_unit_test(rows_without_any_spread),
    };
    return RUN_TESTS(tests);
}
