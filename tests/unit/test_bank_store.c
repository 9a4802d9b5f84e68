#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "bank/store.h"
#include "bank_data.h"
#include "base/memory.h"

static const uint64_t budgets[] = {UINT64_MAX, 0}; /* in memory, in the file */

static void rows_come_back_as_they_were_written(void **state)
{
    (void)state;
    enum { N = 1000, DIM = 37 };
    float *rows = bank_values(N * DIM, 41), *back = malloc(N * DIM * sizeof *back);
    for (int b = 0; b < 2; b++) {
        okng_store *store;
        assert_ok(okng_store_new(&store, N, DIM, budgets[b], error));
        assert_int_equal(okng_store_capacity(store), N);
        assert_int_equal(okng_store_dim(store), DIM);
        assert_int_equal(okng_store_spilled(store), b == 0 ? 0 : N * DIM * 4);
        assert_true((okng_store_memory(store) != NULL) == (b == 0));
        for (int64_t first = 900; first >= 0; first -= 100)
            assert_ok(okng_store_write(store, first, 100, rows + first * DIM, error));
        assert_ok(okng_store_read(store, 0, N, back, error));
        assert_memory_equal(back, rows, N * DIM * sizeof *rows);
        float *place = okng_store_place(store, 500, 500);
        assert_true((place != NULL) == (b == 0));
        if (place) assert_memory_equal(place, rows + 500 * DIM, 500 * DIM * sizeof *rows);
        if (place) assert_ok(okng_store_write(store, 500, 500, place, error));
        assert_null(okng_store_place(store, 501, 500));
        okng_store_free(&store);
        assert_null(store);
        okng_store_free(&store);
    }
    free(rows);
    free(back);
}

static void the_budget_decides_where_rows_live(void **state)
{
    (void)state;
    okng_store *store;
    assert_ok(okng_store_new(&store, 10, 10, 400, error));
    assert_int_equal(okng_store_spilled(store), 0);
    okng_store_free(&store);
    assert_ok(okng_store_new(&store, 10, 10, 399, error));
    assert_int_equal(okng_store_spilled(store), 400);
    okng_store_free(&store);
}

static void rows_outside_are_refused(void **state)
{
    (void)state;
    float row[4] = {0};
    for (int b = 0; b < 2; b++) {
        okng_store *store;
        assert_ok(okng_store_new(&store, 3, 4, budgets[b], error));
        assert_fails(OKNG_ERROR_ARGUMENT, "store of 3", okng_store_write(store, 3, 1, row, error));
        assert_fails(OKNG_ERROR_ARGUMENT, "store of 3", okng_store_read(store, -1, 1, row, error));
        assert_fails(OKNG_ERROR_ARGUMENT, "store of 3", okng_store_read(store, 1, INT64_MAX, row, error));
        assert_fails(OKNG_ERROR_ARGUMENT, "store of 3", okng_store_read(store, 3, 1, row, error));
        okng_store_free(&store);
    }
    okng_store *store;
    assert_fails(OKNG_ERROR_LIMIT, "reservoir-max", okng_store_new(&store, INT64_MAX, 1536, 0, error));
    assert_fails(OKNG_ERROR_LIMIT, "cannot be kept", okng_store_new(&store, 0, 1536, 0, error));
    assert_null(store);
}

/* A limit on file size stands in for a full disk: both end in the same place. */
static void a_full_disk_is_known_at_once(void **state)
{
    (void)state;
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){1 << 20, before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    okng_store *store;
    okng_error failure = {0};
    okng_status status = okng_store_new(&store, 1 << 20, 64, 0, &failure);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(status, OKNG_ERROR_IO);
    assert_null(store);
    const char *folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/var/tmp";
    const char *parts[] = {folder, "needs 256.0 MiB", "MiB are free", "TMPDIR", "reservoir-max"};
    for (int i = 0; i < 5; i++)
        if (!strstr(failure.message, parts[i])) fail_msg("\"%s\" is not in: %s", parts[i], failure.message);
}

static void more_than_the_disk_holds_is_refused(void **state)
{
    (void)state;
    okng_store *store;
    /* 4 PiB. */
    assert_fails(OKNG_ERROR_IO, "set TMPDIR", okng_store_new(&store, (int64_t)1 << 40, 1024, 0, error));
    assert_null(store);
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    char *before = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL;
    assert_int_equal(setenv("TMPDIR", "/nowhere/at/all", 1), 0);
    okng_store *store;
    assert_fails(OKNG_ERROR_IO, "/nowhere/at/all", okng_store_new(&store, 10, 10, 0, error));
    assert_int_equal(before ? setenv("TMPDIR", before, 1) : unsetenv("TMPDIR"), 0);
    free(before);
}

static void memory_does_not_grow_with_the_file(void **state)
{
    (void)state;
    enum { BLOCK = 1024, DIM = 1024, BLOCKS = 64 }; /* 256 MiB in all */
    float *rows = bank_values(BLOCK * DIM, 42);
    okng_store *store;
    assert_ok(okng_store_new(&store, BLOCK * BLOCKS, DIM, 0, error));
    uint64_t before = okng_memory_resident();
    for (int64_t b = 0; b < BLOCKS; b++) assert_ok(okng_store_write(store, b * BLOCK, BLOCK, rows, error));
    for (int64_t b = 0; b < BLOCKS; b++) assert_ok(okng_store_read(store, b * BLOCK, BLOCK, rows, error));
    assert_true(okng_memory_resident() < before + ((uint64_t)16 << 20));
    okng_store_free(&store);
    free(rows);
}

enum { WRITERS = 4, WRITER_ROWS = 200, WRITER_DIM = 50 };

typedef struct writer {
    okng_store *store;
    int number;
    okng_status status;
} writer;

static void *write_rows(void *argument)
{
    writer *w = argument;
    float row[WRITER_DIM];
    for (int64_t r = 0; r < WRITER_ROWS && w->status == OKNG_OK; r++) {
        for (int d = 0; d < WRITER_DIM; d++) row[d] = (float)(w->number * WRITER_ROWS + r);
        w->status = okng_store_write(w->store, w->number * WRITER_ROWS + r, 1, row, NULL);
    }
    return NULL;
}

static void threads_may_write_side_by_side(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        okng_store *store;
        assert_ok(okng_store_new(&store, WRITERS * WRITER_ROWS, WRITER_DIM, budgets[b], error));
        pthread_t threads[WRITERS];
        writer writers[WRITERS];
        for (int t = 0; t < WRITERS; t++) {
            writers[t] = (writer){store, t, OKNG_OK};
            assert_int_equal(pthread_create(&threads[t], NULL, write_rows, &writers[t]), 0);
        }
        for (int t = 0; t < WRITERS; t++) assert_int_equal(pthread_join(threads[t], NULL), 0);
        float row[WRITER_DIM];
        for (int64_t r = 0; r < WRITERS * WRITER_ROWS; r++) {
            assert_ok(okng_store_read(store, r, 1, row, error));
            for (int d = 0; d < WRITER_DIM; d++) assert_true(row[d] == (float)r);
        }
        okng_store_free(&store);
    }
}

static void borrowed_rows_are_read_and_never_written(void **state)
{
    (void)state;
    const float rows[] = {1, 2, 3, 4, 5, 6};
    float found[4];
    okng_store *store;
    assert_ok(okng_store_over(&store, rows, 3, 2, error));
    assert_int_equal(okng_store_capacity(store), 3);
    assert_int_equal(okng_store_dim(store), 2);
    assert_int_equal(okng_store_spilled(store), 0);
    assert_ptr_equal(okng_store_memory(store), rows);
    assert_ok(okng_store_read(store, 1, 2, found, error));
    assert_memory_equal(found, rows + 2, sizeof found);
    assert_fails(OKNG_ERROR_ARGUMENT, "borrowed", okng_store_write(store, 0, 1, found, error));
    okng_store_free(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back_as_they_were_written),
        cmocka_unit_test(the_budget_decides_where_rows_live),
        cmocka_unit_test(rows_outside_are_refused),
        cmocka_unit_test(a_full_disk_is_known_at_once),
        cmocka_unit_test(more_than_the_disk_holds_is_refused),
        cmocka_unit_test(a_missing_folder_is_named),
        cmocka_unit_test(memory_does_not_grow_with_the_file),
        cmocka_unit_test(threads_may_write_side_by_side),
        cmocka_unit_test(borrowed_rows_are_read_and_never_written),
    };
    return RUN_TESTS(tests);
}
