#include <stdbool.h>

#include "bank/sampler.h"
#include "bank_data.h"

enum { N = 6000, DIM = 12, CLUSTERS = 15 };

typedef struct result {
    float *centres;
    int64_t *assignment;
} result;

static result run(const float *rows, int64_t n, int64_t dim, int64_t count, uint64_t budget, uint64_t seed, int threads)
{
    okng_build_options options = {.sampler = OKNG_SAMPLER_KMEANS, .seed = seed, .threads = threads};
    okng_store *store;
    assert_ok(okng_store_new(&store, n, dim, budget, error));
    assert_ok(okng_store_write(store, 0, n, rows, error));
    result r = {malloc((size_t)(count * dim) * sizeof(float)), malloc((size_t)n * sizeof(int64_t))};
    assert_ok(okng_kmeans(&options, store, count, NULL, r.centres, r.assignment, error));
    okng_store_free(&store);
    return r;
}

static void release(result r)
{
    free(r.centres);
    free(r.assignment);
}

static void clusters_are_found_and_every_centre_is_the_mean_of_its_rows(void **state)
{
    (void)state;
    float *rows = bank_clusters(N, DIM, CLUSTERS, 21);
    result r = run(rows, N, DIM, CLUSTERS, UINT64_MAX, 3, 2);
    double *means = calloc(CLUSTERS * DIM, sizeof *means);
    int64_t members[CLUSTERS] = {0};
    for (int64_t i = 0; i < N; i++) {
        assert_int_equal(r.assignment[i], r.assignment[i % CLUSTERS]); /* the clusters that the rows were made in */
        members[r.assignment[i]]++;
        for (int d = 0; d < DIM; d++) means[r.assignment[i] * DIM + d] += (double)rows[i * DIM + d];
    }
    for (int c = 0; c < CLUSTERS; c++)
        for (int d = 0; d < DIM; d++) {
            float mean = (float)(means[c * DIM + d] / (double)members[c]);
            assert_memory_equal(&r.centres[c * DIM + d], &mean, sizeof mean);
        }
    free(means);
    free(rows);
    release(r);
}

static void every_row_is_with_its_nearest_centre(void **state)
{
    (void)state;
    float *rows = bank_values(2000 * DIM, 22);
    result r = run(rows, 2000, DIM, 40, UINT64_MAX, 4, 2);
    for (int64_t i = 0; i < 2000; i++) {
        double own = bank_squared(rows + i * DIM, r.centres + r.assignment[i] * DIM, DIM);
        for (int64_t c = 0; c < 40; c++)
            assert_true(own <= bank_squared(rows + i * DIM, r.centres + c * DIM, DIM) * (1 + 1e-5));
    }
    free(rows);
    release(r);
}

static void threads_and_the_store_do_not_change_the_bits(void **state)
{
    (void)state;
    float *rows = bank_clusters(N, DIM, 40, 23);
    result one = run(rows, N, DIM, 25, UINT64_MAX, 5, 1);
    result others[] = {run(rows, N, DIM, 25, UINT64_MAX, 5, 3), run(rows, N, DIM, 25, 0, 5, 2)};
    for (int i = 0; i < 2; i++) {
        assert_memory_equal(one.centres, others[i].centres, 25 * DIM * sizeof(float));
        assert_memory_equal(one.assignment, others[i].assignment, N * sizeof(int64_t));
        release(others[i]);
    }
    result seeded = run(rows, N, DIM, 25, UINT64_MAX, 6, 1);
    assert_memory_not_equal(one.centres, seeded.centres, 25 * DIM * sizeof(float));
    release(seeded);
    release(one);
    free(rows);
}

static void as_many_centres_as_rows_keep_every_row(void **state)
{
    (void)state;
    float *rows = bank_values(60 * 3, 24);
    result r = run(rows, 60, 3, 60, UINT64_MAX, 1, 2);
    bool taken[60] = {false};
    for (int i = 0; i < 60; i++) {
        assert_false(taken[r.assignment[i]]);
        taken[r.assignment[i]] = true;
        assert_memory_equal(r.centres + r.assignment[i] * 3, rows + i * 3, 3 * sizeof(float));
    }
    release(r);
    free(rows);
}

static void equal_rows_give_equal_centres(void **state)
{
    (void)state;
    float rows[50];
    for (int i = 0; i < 50; i++) rows[i] = i < 25 ? 2.0f : 1.0f;
    result r = run(rows, 50, 1, 5, UINT64_MAX, 1, 1);
    for (int c = 0; c < 5; c++) assert_true(r.centres[c] == 1.0f || r.centres[c] == 2.0f);
    for (int i = 0; i < 50; i++) assert_true(r.centres[r.assignment[i]] == rows[i]);
    release(r);
}

/* FNV-1a of what was found. */
static uint64_t hash_of(const result *r, int64_t n, int64_t dim, int64_t count)
{
    uint64_t hash = 0xcbf29ce484222325u;
    const unsigned char *bytes = (const unsigned char *)r->centres;
    for (int64_t i = 0; i < count * dim * 4; i++) hash = (hash ^ bytes[i]) * 0x100000001b3u;
    for (int64_t i = 0; i < n; i++) hash = (hash ^ (uint64_t)r->assignment[i]) * 0x100000001b3u;
    return hash;
}

/* Rows along a few directions, with a little of everything, some of them many times. */
static float *made_rows(int64_t n, int64_t dim, int64_t inner, float rest, int64_t different)
{
    float *directions = bank_values(inner * dim, 61), *places = bank_values(n * inner, 62);
    float *rows = bank_values(n * dim, 63);
    for (int64_t i = 0; i < n * dim; i++) {
        float sum = rest * rows[i];
        for (int64_t k = 0; k < inner; k++) sum += places[i / dim * inner + k] * directions[k * dim + i % dim];
        rows[i] = sum;
    }
    for (int64_t r = different; r < n; r++)
        memcpy(rows + r * dim, rows + r * 7 % different * dim, (size_t)dim * sizeof *rows);
    free(directions);
    free(places);
    return rows;
}

/* What version 0.2 found, which measured every row against every centre in every round and summed all rows anew. */
static void centres_have_the_bits_of_a_search_of_all(void **state)
{
    (void)state;
    static const struct {
        int64_t n, dim, inner;
        float rest;
        int64_t different, count;
        uint64_t hash;
    } cases[] = {
        {4000, 96, 6, 0.05f, 4000, 300, 0x2ea4ebf615518eae}, /* outlines tell most apart */
        {3000, 40, 40, 1, 3000, 200, 0xe981f3a596619cbe},    /* noise: whole vectors */
        {2000, 24, 3, 0, 150, 140, 0x8122e6d325b1e3c0},      /* rows many times: centres run empty */
        {1500, 5, 1, 0, 40, 60, 0x1e8057c012dfb604},         /* more centres than different rows */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float *rows = made_rows(cases[i].n, cases[i].dim, cases[i].inner, cases[i].rest, cases[i].different);
        for (int spilled = 0; spilled < 2; spilled++) {
            result r = run(rows, cases[i].n, cases[i].dim, cases[i].count, spilled ? 0 : UINT64_MAX, 9, 1 + spilled);
            const uint64_t hash = hash_of(&r, cases[i].n, cases[i].dim, cases[i].count);
            if (hash != cases[i].hash)
                fail_msg("case %zu: 0x%016llx, expected 0x%016llx", i, (unsigned long long)hash,
                         (unsigned long long)cases[i].hash);
            release(r);
        }
        free(rows);
    }
}

/* Four points on a line and three seeds. Lloyd puts 0 and 10 together exactly when they drew 10, 19 and 200, so how
 * often it does shows the chances of the draws. */
static void seeds_are_drawn_by_squared_distance(void **state)
{
    (void)state;
    enum { POINTS = 4, TRIALS = 3000 };
    static const float rows[POINTS] = {0, 10, 19, 200};
    double chance = 0;
    for (int a = 0; a < POINTS; a++)
        for (int b = 0; b < POINTS; b++)
            for (int c = 0; c < POINTS; c++) {
                double first[POINTS], second[POINTS], first_sum = 0, second_sum = 0;
                for (int r = 0; r < POINTS; r++) {
                    first[r] = bank_squared(rows + r, rows + a, 1);
                    second[r] = fmin(first[r], bank_squared(rows + r, rows + b, 1));
                    first_sum += first[r];
                    second_sum += second[r];
                }
                if (a != 0 && b != 0 && c != 0) chance += first[b] / first_sum * second[c] / second_sum / POINTS;
            }
    int together = 0;
    for (uint64_t s = 0; s < TRIALS; s++) {
        result r = run(rows, POINTS, 1, 3, UINT64_MAX, s, 1);
        together += r.assignment[0] == r.assignment[1];
        release(r);
    }
    assert_true(fabs(together - TRIALS * chance) < 4 * sqrt(TRIALS * chance * (1 - chance)));
}

static int stop(const okng_progress *progress, void *user)
{
    *(uint64_t *)user = progress->done;
    return progress->done > 5;
}

static int go_on(const okng_progress *progress, void *user)
{
    assert_true(progress->done <= progress->total);
    ((uint64_t *)user)[0] = progress->done;
    ((uint64_t *)user)[1] = progress->total;
    return 0;
}

static void progress_adds_up_and_errors_are_told(void **state)
{
    (void)state;
    enum { ROWS = 500 };
    float *rows = bank_values(ROWS * 4, 25), centres[20 * 4];
    int64_t assignment[ROWS];
    okng_build_options options = {.sampler = OKNG_SAMPLER_KMEANS, .threads = 1};
    okng_store *store;
    assert_ok(okng_store_new(&store, ROWS, 4, UINT64_MAX, error));
    assert_ok(okng_store_write(store, 0, ROWS, rows, error));
    okng_ticker ticker;
    uint64_t done[2];
    okng_ticker_init(&ticker, go_on, done);
    assert_ok(okng_kmeans(&options, store, 20, &ticker, centres, assignment, error));
    assert_int_equal(done[0], done[1]);
    okng_ticker_destroy(&ticker);
    okng_ticker_init(&ticker, stop, done);
    assert_fails(OKNG_ERROR_CANCELLED, "cancelled",
                 okng_kmeans(&options, store, 20, &ticker, centres, assignment, error));
    okng_ticker_destroy(&ticker);
    assert_fails(OKNG_ERROR_ARGUMENT, "expected 1..500",
                 okng_kmeans(&options, store, 501, NULL, centres, assignment, error));
    rows[321 * 4] = NAN;
    assert_ok(okng_store_write(store, 0, ROWS, rows, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "row 321", okng_kmeans(&options, store, 20, NULL, centres, assignment, error));
    rows[321 * 4] = 3e30f;
    assert_ok(okng_store_write(store, 0, ROWS, rows, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "too large", okng_kmeans(&options, store, 20, NULL, centres, assignment, error));
    okng_store_free(&store);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clusters_are_found_and_every_centre_is_the_mean_of_its_rows),
        cmocka_unit_test(every_row_is_with_its_nearest_centre),
        cmocka_unit_test(threads_and_the_store_do_not_change_the_bits),
        cmocka_unit_test(as_many_centres_as_rows_keep_every_row),
        cmocka_unit_test(equal_rows_give_equal_centres),
        cmocka_unit_test(centres_have_the_bits_of_a_search_of_all),
        cmocka_unit_test(seeds_are_drawn_by_squared_distance),
        cmocka_unit_test(progress_adds_up_and_errors_are_told),
    };
    return RUN_TESTS(tests);
}
