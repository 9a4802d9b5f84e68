#include <stdbool.h>

#include "bank/knn.h"
#include "bank_data.h"

typedef struct answer {
    float *squared;
    int64_t *index;
} answer;

static answer search(const okng_rows *rows, const float *queries, int64_t count, int32_t k, int32_t excluded,
                     int threads)
{
    size_t size = (size_t)(count * k);
    answer a = {malloc(size * sizeof(float)), malloc(size * sizeof(int64_t))};
    assert_ok(okng_knn_search(rows, queries, count, k, excluded, threads, a.squared, a.index, error));
    return a;
}

static void release(answer a)
{
    free(a.squared);
    free(a.index);
}

static void neighbours_equal_numpy_in_float64(void **state)
{
    (void)state;
    okng_array *index, *squared;
    assert_ok(okng_array_read_npy(&index, OKNG_GOLDEN "/bank/knn_index.npy", error));
    assert_ok(okng_array_read_npy(&squared, OKNG_GOLDEN "/bank/knn_squared.npy", error));
    const int64_t *expected_index = okng_array_data(index);
    const double *expected = okng_array_data(squared);
    float *data = bank_values(3000 * 100, 2), *queries = bank_values(40 * 100, 3);
    okng_rows rows = {.data = data, .count = 3000, .dim = 100};
    for (int32_t k = 1; k <= 9; k += 4) {
        answer a = search(&rows, queries, 40, k, -1, 2);
        for (int q = 0; q < 40; q++)
            for (int i = 0; i < k; i++) {
                double found = (double)a.squared[q * k + i], right = expected[q * 9 + i];
                assert_true(fabs(found - right) <= 1e-5 * right);
                assert_int_equal(a.index[q * k + i], expected_index[q * 9 + i]);
            }
        release(a);
    }
    free(data);
    free(queries);
    okng_array_free(&index);
    okng_array_free(&squared);
}

/* All pairs, then a sort: the definition. */
static const float *sort_squared;

static int nearer(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    float dx = isnan(sort_squared[x]) ? INFINITY : sort_squared[x];
    float dy = isnan(sort_squared[y]) ? INFINITY : sort_squared[y];
    if (dx != dy) return dx < dy ? -1 : 1;
    return (x > y) - (x < y);
}

static void check_plain(const okng_rows *rows, const float *queries, int64_t count, int32_t k, int32_t excluded,
                        int threads)
{
    float *squared = malloc((size_t)rows->count * sizeof *squared);
    int64_t *order = malloc((size_t)rows->count * sizeof *order);
    answer a = search(rows, queries, count, k, excluded, threads);
    for (int64_t q = 0; q < count; q++) {
        int64_t left = 0;
        for (int64_t r = 0; r < rows->count; r++) {
            okng_rows one = {.data = rows->data + r * rows->dim, .count = 1, .dim = rows->dim};
            int64_t zero;
            assert_ok(okng_knn_search(&one, queries + q * rows->dim, 1, 1, -1, 1, squared + r, &zero, error));
            if (excluded < 0 || !rows->origin || rows->origin[r] != excluded) order[left++] = r;
        }
        sort_squared = squared;
        qsort(order, (size_t)left, sizeof *order, nearer);
        for (int32_t i = 0; i < k; i++) {
            float expected = i < left ? squared[order[i]] : INFINITY;
            assert_memory_equal(&a.squared[q * k + i], &expected, sizeof expected);
            assert_int_equal(a.index[q * k + i], i < left ? order[i] : -1);
        }
    }
    release(a);
    free(squared);
    free(order);
}

static void every_shape_equals_a_plain_sort(void **state)
{
    (void)state;
    static const struct {
        int64_t rows, dim, queries;
        int32_t k;
    } shapes[] = {{1, 1, 1, 1},    {7, 3, 5, 7},     {17, 16, 65, 1},  {600, 5, 3, 600},
                  {2100, 4, 2, 3}, {2100, 4, 1, 1},  {130, 33, 70, 9}, {1100, 2, 1, 1024},
                  {40, 700, 3, 2}, {16, 5000, 2, 4}, {513, 64, 66, 5}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        float *data = bank_values(shapes[s].rows * shapes[s].dim, 5);
        float *queries = bank_values(shapes[s].queries * shapes[s].dim, 6);
        int32_t *origin = malloc((size_t)shapes[s].rows * sizeof *origin);
        for (int64_t r = 0; r < shapes[s].rows; r++) origin[r] = (int32_t)(r % 4) - 1;
        okng_rows rows = {data, shapes[s].rows, shapes[s].dim, NULL};
        check_plain(&rows, queries, shapes[s].queries, shapes[s].k, 1, 1);
        rows.origin = origin;
        check_plain(&rows, queries, shapes[s].queries, shapes[s].k, 1, 3);
        free(data);
        free(queries);
        free(origin);
    }
}

static void ties_go_to_the_lower_index(void **state)
{
    (void)state;
    enum { ROWS = 3000 };
    float data[ROWS], query = 0.5f;
    for (int r = 0; r < ROWS; r++) data[r] = r % 3 == 2 ? 0.25f : 0.75f; /* equally far, all of them */
    okng_rows rows = {data, ROWS, 1, NULL};
    for (int threads = 1; threads < 4; threads++)
        for (int32_t k = 1; k < 60; k += 29) {
            answer a = search(&rows, &query, 1, k, -1, threads);
            for (int32_t i = 0; i < k; i++) assert_int_equal(a.index[i], i);
            release(a);
        }
}

static void the_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    float *data = bank_clusters(5000, 24, 7, 8), *queries = bank_clusters(200, 24, 5, 9);
    okng_rows rows = {data, 5000, 24, NULL};
    static const int64_t counts[] = {1, 3, 200};
    for (int c = 0; c < 3; c++)
        for (int32_t k = 1; k <= 11; k += 10) {
            answer one = search(&rows, queries, counts[c], k, -1, 1);
            for (int threads = 2; threads < 9; threads += 3) {
                answer many = search(&rows, queries, counts[c], k, -1, threads);
                assert_memory_equal(one.squared, many.squared, (size_t)(counts[c] * k) * sizeof(float));
                assert_memory_equal(one.index, many.index, (size_t)(counts[c] * k) * sizeof(int64_t));
                release(many);
            }
            release(one);
        }
    free(data);
    free(queries);
}

static void nan_is_infinitely_far_and_excluded_rows_are_passed_over(void **state)
{
    (void)state;
    float data[] = {NAN, 1, INFINITY, 2, 3}, query = 0;
    int32_t origin[] = {0, 1, 0, 1, 2};
    okng_rows rows = {data, 5, 1, origin};
    answer a = search(&rows, &query, 1, 5, 1, 1);
    static const int64_t index[] = {4, 0, 2, -1, -1};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(a.index[i], index[i]);
        assert_true(i == 0 ? a.squared[i] == 9.0f : isinf(a.squared[i]));
    }
    release(a);
    for (int i = 0; i < 5; i++) origin[i] = 1;
    a = search(&rows, &query, 1, 1, 1, 1);
    assert_true(isinf(a.squared[0]) && a.index[0] == -1);
    release(a);
    query = NAN;
    a = search(&rows, &query, 1, 1, -1, 1);
    assert_true(isinf(a.squared[0]) && a.index[0] == 0);
    release(a);
}

static void k_must_fit_the_bank(void **state)
{
    (void)state;
    float data[4] = {0}, squared[8];
    int64_t index[8];
    okng_rows rows = {data, 2, 2, NULL};
    assert_fails(OKNG_ERROR_ARGUMENT, "expected 1..2",
                 okng_knn_search(&rows, data, 1, 3, -1, 1, squared, index, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "k is 0", okng_knn_search(&rows, data, 1, 0, -1, 1, squared, index, error));
    assert_ok(okng_knn_search(&rows, data, 0, 1, -1, 1, squared, index, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_equal_numpy_in_float64),
        cmocka_unit_test(every_shape_equals_a_plain_sort),
        cmocka_unit_test(ties_go_to_the_lower_index),
        cmocka_unit_test(the_bits_do_not_depend_on_threads),
        cmocka_unit_test(nan_is_infinitely_far_and_excluded_rows_are_passed_over),
        cmocka_unit_test(k_must_fit_the_bank),
    };
    return RUN_TESTS(tests);
}
