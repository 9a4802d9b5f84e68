/* A prepared bank through the public header. */
#include "test.h"

static okng_array *matrix(int64_t rows, int64_t dim, uint32_t seed)
{
    const int64_t shape[] = {rows, dim};
    okng_array *array;
    assert_ok(okng_array_new(&array, OKNG_F32, 2, shape, error));
    float *data = okng_array_data(array);
    for (int64_t i = 0; i < rows * dim; i++) {
        seed = seed * 1664525u + 1013904223u;
        data[i] = (float)(seed >> 8) * 0x1p-24f * (i % dim < 9 ? 1.0f : 0.1f);
    }
    return array;
}

static void an_index_finds_what_a_search_finds(void **state)
{
    (void)state;
    okng_array *bank = matrix(2500, 260, 1), *queries = matrix(40, 260, 2), *distances[2], *indices[2];
    okng_index *index;
    assert_ok(okng_index_new(&index, bank, 2, error));
    for (int32_t k = 1; k < 7; k += 5)
        for (int unit = 0; unit < 2; unit++) {
            okng_distance distance = unit ? OKNG_DISTANCE_SQUARED : OKNG_DISTANCE_L2;
            assert_ok(okng_knn(&distances[0], &indices[0], bank, queries, k, distance, 1, error));
            assert_ok(okng_index_search(&distances[1], &indices[1], index, queries, k, distance, 2, error));
            assert_memory_equal(okng_array_data(distances[0]), okng_array_data(distances[1]), 160 * (size_t)k);
            assert_memory_equal(okng_array_data(indices[0]), okng_array_data(indices[1]), 320 * (size_t)k);
            assert_int_equal(okng_array_shape(distances[1], 0), 40);
            assert_int_equal(okng_array_shape(indices[1], 1), k);
            for (int i = 0; i < 2; i++) {
                okng_array_free(&distances[i]);
                okng_array_free(&indices[i]);
            }
        }
    okng_array *narrow = matrix(3, 5, 3);
    assert_fails(OKNG_ERROR_ARGUMENT, "expected the bank's 260",
                 okng_index_search(&distances[0], NULL, index, narrow, 1, OKNG_DISTANCE_L2, 1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "expected 1 to 2500",
                 okng_index_search(&distances[0], NULL, index, queries, 2501, OKNG_DISTANCE_L2, 1, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "searches rows as they are",
                 okng_index_search(&distances[0], NULL, index, queries, 1, OKNG_DISTANCE_COSINE, 1, error));
    okng_index_free(&index);
    assert_null(index);
    okng_array_free(&narrow);
    okng_array_free(&bank);
    okng_array_free(&queries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_index_finds_what_a_search_finds)};
    return RUN_TESTS(tests);
}
