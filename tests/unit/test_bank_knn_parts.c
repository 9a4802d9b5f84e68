/* Rows that come part by part give the neighbours of all rows at once, bit by bit. */
#include "bank/knn_parts.h"
#include "bank_data.h"

enum { ROWS = 700, DIM = 40, QUERIES = 9, MOST_K = 12 };

typedef struct reading {
    const float *rows;
    int64_t at, largest; /* largest: part that was asked for */
} reading;

static okng_status next(void *context, int64_t count, float *rows, okng_error *error)
{
    reading *r = context;
    (void)error;
    memcpy(rows, r->rows + r->at * DIM, (size_t)(count * DIM) * sizeof *rows);
    r->at += count;
    if (count > r->largest) r->largest = count;
    return OKNG_OK;
}

static void compare(const float *data, const float *queries, int32_t k, int64_t part)
{
    static float squared[2][QUERIES * MOST_K];
    static int64_t index[2][QUERIES * MOST_K];
    const okng_rows rows = {.data = data, .count = ROWS, .dim = DIM};
    reading r = {.rows = data};
    const okng_row_source source = {ROWS, DIM, next, &r};
    assert_ok(okng_knn_search(&rows, queries, QUERIES, k, -1, 2, squared[0], index[0], error));
    assert_ok(okng_knn_search_parts(&source, part, queries, QUERIES, k, 2, NULL, squared[1], index[1], error));
    assert_int_equal(r.at, ROWS);
    assert_true(r.largest <= part);
    assert_memory_equal(squared[0], squared[1], (size_t)(QUERIES * k) * sizeof(float));
    assert_memory_equal(index[0], index[1], (size_t)(QUERIES * k) * sizeof(int64_t));
}

static void parts_of_every_size_give_the_same(void **unused)
{
    (void)unused;
    float *data = bank_values(ROWS * DIM, 2), *queries = bank_values(QUERIES * DIM, 3);
    memcpy(data + 500 * DIM, data + 3 * DIM, DIM * sizeof *data); /* ties over parts */
    memcpy(queries, data + 3 * DIM, DIM * sizeof *data);
    data[600 * DIM] = NAN; /* as far as can be, but found where all are wanted */
    static const int64_t sizes[] = {1, 5, 350, 699, ROWS, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int32_t k = 1; k <= MOST_K; k += 11) compare(data, queries, k, sizes[i]);
    for (int64_t r = 0; r < ROWS; r++) data[r * DIM] = INFINITY; /* none is nearer than another */
    compare(data, queries, MOST_K, 7);
    free(data);
    free(queries);
}

static void a_part_fits_the_limit(void **unused)
{
    (void)unused;
    const okng_row_source source = {1000000, 1536, next, NULL};
    int64_t part, larger;
    assert_ok(okng_knn_part(&part, &source, 784, 1, (uint64_t)1 << 30, error));
    assert_true(part > 50000 && part < 170000);
    assert_ok(okng_knn_part(&larger, &source, 784, 1, (uint64_t)1 << 34, error));
    assert_int_equal(larger, 1000000); /* of 6.1 GB, in 16 GiB */
    assert_fails(OKNG_ERROR_LIMIT, "max-memory of 4 MiB is too little",
                 okng_knn_part(&part, &source, 784, 1, (uint64_t)4 << 20, error));
    const okng_row_source few = {3, 2, next, NULL};
    assert_ok(okng_knn_part(&part, &few, 1, 1, (uint64_t)1 << 20, error));
    assert_int_equal(part, 3);
}

static int stop(const okng_progress *progress, void *user)
{
    (void)user;
    return progress->done >= 200;
}

static void it_can_be_stopped(void **unused)
{
    (void)unused;
    float *data = bank_values(ROWS * DIM, 2), squared[QUERIES];
    int64_t index[QUERIES];
    reading r = {.rows = data};
    const okng_row_source source = {ROWS, DIM, next, &r};
    okng_ticker ticker;
    okng_ticker_init(&ticker, stop, NULL);
    okng_ticker_stage(&ticker, "search", ROWS);
    assert_fails(OKNG_ERROR_CANCELLED, "cancelled",
                 okng_knn_search_parts(&source, 100, data, QUERIES, 1, 1, &ticker, squared, index, error));
    assert_int_equal(r.at, 200);
    okng_ticker_destroy(&ticker);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_every_size_give_the_same),
        cmocka_unit_test(a_part_fits_the_limit),
        cmocka_unit_test(it_can_be_stopped),
    };
    return RUN_TESTS(tests);
}
