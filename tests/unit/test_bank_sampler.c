#include <stdbool.h>

#include "bank/farthest.h"
#include "bank/sampler.h"
#include "bank_data.h"
#include "base/rng.h"
#include "kernels/kernels.h"

static okng_build_options options_for(okng_sampler sampler, int threads)
{
    okng_build_options options = {.sampler = sampler, .threads = threads, .seed = 7, .starting_points = 10};
    return options;
}

/* The definition: every row against every pick. */
static void plain_loop(const float *rows, int64_t n, int64_t dim, const float *ceiling, int64_t first, int64_t count,
                       int64_t *picks)
{
    const okng_kernels *kernels = okng_kernels_get();
    float *value = malloc((size_t)n * sizeof *value);
    for (int64_t r = 0; r < n; r++) value[r] = ceiling ? ceiling[r] : INFINITY;
    for (int64_t i = 0; i < count; i++) {
        int64_t pick = i == 0 ? first : -1;
        for (int64_t r = 0; r < n && i > 0; r++)
            if (value[r] >= 0 && (pick < 0 || value[r] > value[pick])) pick = r;
        picks[i] = pick;
        for (int64_t r = 0; r < n; r++) {
            float squared = kernels->l2_squared(rows + r * dim, rows + pick * dim, (size_t)dim);
            float distance = ceiling ? sqrtf(squared) : squared;
            if (distance < value[r]) value[r] = distance;
        }
        value[pick] = -1;
    }
    free(value);
}

static void assert_same_picks(const int64_t *found, const int64_t *expected, int64_t count, const char *what)
{
    for (int64_t i = 0; i < count; i++)
        if (found[i] != expected[i])
            fail_msg("%s: pick %lld is %lld, expected %lld", what, (long long)i, (long long)found[i],
                     (long long)expected[i]);
}

/* Both greedy samplers, with 1 and 3 threads, against the plain loop. */
static void check_rows(const float *rows, int64_t n, int64_t dim, int64_t count, const char *what)
{
    int64_t *expected = malloc((size_t)count * sizeof *expected), *found = malloc((size_t)count * sizeof *found);
    float *ceiling = malloc((size_t)n * sizeof *ceiling);
    for (int64_t r = 0; r < n; r++)
        ceiling[r] = sqrtf(okng_kernels_get()->l2_squared(rows + r * dim, rows, (size_t)dim));
    plain_loop(rows, n, dim, NULL, n / 2, count, expected);
    for (int threads = 1; threads <= 3; threads += 2) {
        assert_ok(okng_pick_farthest(rows, n, dim, NULL, n / 2, count, threads, NULL, found, error));
        assert_same_picks(found, expected, count, what);
    }
    plain_loop(rows, n, dim, ceiling, 0, count, expected);
    for (int threads = 1; threads <= 3; threads += 2) {
        assert_ok(okng_pick_farthest(rows, n, dim, ceiling, 0, count, threads, NULL, found, error));
        assert_same_picks(found, expected, count, what);
    }
    free(ceiling);
    free(expected);
    free(found);
}

static void greedy_picks_are_those_of_the_plain_loop(void **state)
{
    (void)state;
    static const struct {
        int64_t n, dim, count;
    } shapes[] = {{1, 1, 1},       {2, 3, 2},       {50, 1, 50},    {1500, 7, 1500},
                  {5000, 16, 600}, {9000, 40, 300}, {4000, 96, 400}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        float *rows = bank_values(shapes[s].n * shapes[s].dim, 11);
        check_rows(rows, shapes[s].n, shapes[s].dim, shapes[s].count, "random");
        free(rows);
        rows = bank_clusters(shapes[s].n, shapes[s].dim, 13, 12);
        check_rows(rows, shapes[s].n, shapes[s].dim, shapes[s].count, "clusters");
        free(rows);
    }
}

static void greedy_breaks_ties_as_the_plain_loop(void **state)
{
    (void)state;
    enum { N = 4000, DIM = 2, COUNT = 3000 };
    float *rows = bank_values(N * DIM, 13);
    for (int64_t i = 0; i < N * DIM; i++) rows[i] = floorf(rows[i] * 8); /* a grid of 64 points, each many times */
    check_rows(rows, N, DIM, COUNT, "grid");
    for (int64_t i = 0; i < N * DIM; i++) rows[i] = 3.5f;
    check_rows(rows, N, DIM, COUNT, "equal rows");
    for (int64_t i = 0; i < N * DIM; i++) rows[i] = i / DIM == 1234 ? 1e30f : 1e-30f; /* squares overflow, vanish */
    check_rows(rows, N, DIM, COUNT, "extremes");
    free(rows);
}

/* Rows in few directions, which outlines tell apart; some of them far off, a few so far that their squares overflow. */
static void greedy_picks_of_rows_in_few_directions(void **state)
{
    (void)state;
    enum { N = 3000, DIM = 96, INNER = 6, COUNT = 500 };
    float *rows = malloc(N * DIM * sizeof *rows);
    for (int round = 0; round < 3; round++) {
        float *directions = bank_values(INNER * DIM, 31), *places = bank_values(N * INNER, 32);
        float *rest = bank_values(N * DIM, 33);
        for (int64_t i = 0; i < N * DIM; i++) {
            float sum = 40 + 0.02f * rest[i]; /* far from 0 */
            for (int64_t k = 0; k < INNER; k++) sum += places[i / DIM * INNER + k] * directions[k * DIM + i % DIM];
            rows[i] = round > 0 && i / DIM % 701 == 5 ? sum * 1e4f : sum;
            if (round == 2 && i / DIM % 2000 == 77) rows[i] = sum * 1e20f;
        }
        check_rows(rows, N, DIM, COUNT, round == 0 ? "few directions" : round == 1 ? "far" : "overflow");
        free(directions);
        free(places);
        free(rest);
    }
    free(rows);
}

/* Rows shared out to three hunts, as processes do: all take every pick, and each tells its leaders. */
static void hunts_of_parts_find_the_picks_of_the_whole(void **state)
{
    (void)state;
    enum { N = 4000, DIM = 20, COUNT = 500, PARTS = 3, MOST = 40 };
    static const int64_t begins[PARTS + 1] = {0, 1, 1700, N};
    float *rows = bank_clusters(N, DIM, 90, 51);
    memcpy(rows + 3000 * DIM, rows + 10 * DIM, 200 * DIM * sizeof *rows); /* ties between parts */
    int64_t expected[COUNT], found[COUNT], done = 0;
    plain_loop(rows, N, DIM, NULL, 77, COUNT, expected);
    okng_hunt *hunts[PARTS];
    for (int p = 0; p < PARTS; p++)
        assert_ok(
            okng_hunt_new(&hunts[p], rows + begins[p] * DIM, begins[p + 1] - begins[p], DIM, NULL, COUNT, 2, error));
    okng_contender union_of[PARTS * MOST];
    int64_t there = 0;
    okng_contender outside = {.row = 0, .key = UINT32_MAX}; /* nothing is known yet */
    for (int64_t pick = 77; done < COUNT;) {
        found[done++] = pick;
        for (int p = 0; p < PARTS; p++) {
            bool own = pick >= begins[p] && pick < begins[p + 1];
            okng_hunt_take(hunts[p], rows + pick * DIM, own ? pick - begins[p] : -1);
        }
        okng_contender best = {.row = INT64_MAX};
        for (int64_t i = 0; i < there; i++) { /* the plain loop over the union */
            float squared = okng_kernels_get()->l2_squared(rows + union_of[i].row * DIM, rows + pick * DIM, DIM);
            uint32_t key;
            memcpy(&key, &squared, sizeof key);
            if (union_of[i].row == pick)
                union_of[i--] = union_of[--there];
            else if (key < union_of[i].key)
                union_of[i].key = key;
        }
        for (int64_t i = 0; i < there; i++)
            if (okng_contender_better(union_of[i], best)) best = union_of[i];
        if (there == 0 || okng_contender_better(outside, best)) {
            there = 0;
            outside = best = (okng_contender){.row = INT64_MAX};
            for (int p = 0; p < PARTS; p++) {
                okng_contender beyond;
                int64_t count;
                assert_ok(okng_hunt_leaders(hunts[p], MOST, union_of + there, &count, &beyond, error));
                for (int64_t i = there; i < there + count; i++) union_of[i].row += begins[p];
                if (beyond.row >= 0 && beyond.row < INT64_MAX) beyond.row += begins[p];
                if (okng_contender_better(beyond, outside)) outside = beyond;
                there += count;
            }
            for (int64_t i = 0; i < there; i++)
                if (okng_contender_better(union_of[i], best)) best = union_of[i];
        }
        pick = best.row;
    }
    assert_same_picks(found, expected, COUNT, "parts");
    for (int p = 0; p < PARTS; p++) okng_hunt_free(&hunts[p]);
    free(rows);
}

static void a_hunt_ends_when_all_rows_are_picked(void **state)
{
    (void)state;
    const float rows[] = {1, 5, 2};
    static const int64_t expected[] = {1, 0, 2};
    okng_hunt *hunt;
    okng_contender best = {.row = 1}, outside;
    int64_t count;
    assert_ok(okng_hunt_new(&hunt, rows, 3, 1, NULL, 3, 1, error));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(best.row, expected[i]);
        okng_hunt_take(hunt, rows + best.row, best.row);
        assert_ok(okng_hunt_best(hunt, &best, error));
    }
    assert_true(best.row == INT64_MAX);
    assert_ok(okng_hunt_leaders(hunt, 1, &best, &count, &outside, error));
    assert_int_equal(count, 0);
    assert_true(outside.row == INT64_MAX && outside.key == 0);
    okng_hunt_free(&hunt);
}

static void greedy_picks_equal_numpy_in_float64(void **state)
{
    (void)state;
    okng_array *golden;
    assert_ok(okng_array_read_npy(&golden, OKNG_GOLDEN "/bank/greedy_random.npy", error));
    int64_t count = okng_array_shape(golden, 0), picks[400];
    assert_int_equal(count, 400);
    float *rows = bank_values(20000 * 128, 1);
    okng_build_options options = options_for(OKNG_SAMPLER_GREEDY, 2);
    assert_ok(okng_sampler_pick(&options, rows, 20000, 128, count, NULL, picks, error));
    assert_same_picks(picks, okng_array_data(golden), count, "golden");
    okng_array_free(&golden);
    free(rows);
}

static void approximate_greedy_starts_from_the_mean_distance_to_random_rows(void **state)
{
    (void)state;
    enum { N = 3000, DIM = 20, COUNT = 200 };
    float *rows = bank_clusters(N, DIM, 9, 14), *means = malloc(N * sizeof *means);
    for (int32_t points = 1; points <= 10; points += 9) {
        /* The same draws, dealt from a whole deck. */
        int64_t *deck = malloc(N * sizeof *deck), expected[COUNT], found[COUNT], first = 0;
        okng_rng rng = okng_rng_new(7, OKNG_STREAM_STARTING_POINTS);
        for (int64_t i = 0; i < N; i++) deck[i] = i;
        for (int64_t i = 0; i < points; i++) {
            int64_t other = i + (int64_t)okng_rng_below(&rng, (uint64_t)(N - i)), card = deck[other];
            deck[other] = deck[i];
            deck[i] = card;
        }
        for (int64_t r = 0; r < N; r++) {
            double sum = 0;
            for (int64_t i = 0; i < points; i++)
                sum += sqrt((double)okng_kernels_get()->l2_squared(rows + r * DIM, rows + deck[i] * DIM, DIM));
            means[r] = (float)(sum / points);
            if (means[r] > means[first]) first = r;
        }
        plain_loop(rows, N, DIM, means, first, COUNT, expected);
        okng_build_options options = options_for(OKNG_SAMPLER_APPROX_GREEDY, 2);
        options.starting_points = points;
        assert_ok(okng_sampler_pick(&options, rows, N, DIM, COUNT, NULL, found, error));
        assert_same_picks(found, expected, COUNT, "approximate");
        free(deck);
    }
    okng_build_options options = options_for(OKNG_SAMPLER_APPROX_GREEDY, 1);
    options.starting_points = 1000; /* capped at the rows there are */
    int64_t picks[5];
    assert_ok(okng_sampler_pick(&options, rows, 5, DIM, 5, NULL, picks, error));
    free(rows);
    free(means);
}

static void greedy_starts_where_it_is_told_or_at_random(void **state)
{
    (void)state;
    float *rows = bank_values(100 * 4, 15);
    okng_build_options options = options_for(OKNG_SAMPLER_GREEDY, 1);
    int64_t picks[3], other[3];
    options.start = 42;
    assert_ok(okng_sampler_pick(&options, rows, 100, 4, 3, NULL, picks, error));
    assert_int_equal(picks[0], 42);
    options.start = -1;
    bool moved = false;
    for (uint64_t seed = 0; seed < 5; seed++) {
        options.seed = seed;
        assert_ok(okng_sampler_pick(&options, rows, 100, 4, 3, NULL, picks, error));
        assert_ok(okng_sampler_pick(&options, rows, 100, 4, 3, NULL, other, error));
        assert_memory_equal(picks, other, sizeof picks);
        moved |= picks[0] != 42;
    }
    assert_true(moved);
    options.start = 100;
    assert_fails(OKNG_ERROR_ARGUMENT, "expected 0..99",
                 okng_sampler_pick(&options, rows, 100, 4, 3, NULL, picks, error));
    free(rows);
}

static void random_picks_are_distinct_uniform_and_seeded(void **state)
{
    (void)state;
    enum { N = 50, COUNT = 20, TRIALS = 4000 };
    int64_t picks[COUNT], again[COUNT];
    int counts[N] = {0};
    float row = 0;
    okng_build_options options = options_for(OKNG_SAMPLER_RANDOM, 1);
    for (uint64_t seed = 0; seed < TRIALS; seed++) {
        options.seed = seed;
        assert_ok(okng_sampler_pick(&options, &row, N, 1, COUNT, NULL, picks, error));
        bool seen[N] = {false};
        for (int i = 0; i < COUNT; i++) {
            assert_true(picks[i] >= 0 && picks[i] < N && !seen[picks[i]]);
            seen[picks[i]] = true;
            counts[picks[i]]++;
        }
        assert_ok(okng_sampler_pick(&options, &row, N, 1, COUNT, NULL, again, error));
        assert_memory_equal(picks, again, sizeof picks);
    }
    /* Each is binomial with mean 1600, deviation 31. */
    for (int i = 0; i < N; i++) assert_in_range(counts[i], 1600 - 5 * 31, 1600 + 5 * 31);
    int64_t all[N];
    assert_ok(okng_sampler_pick(&options, &row, N, 1, N, NULL, all, error)); /* a permutation */
    int64_t sum = 0;
    for (int i = 0; i < N; i++) sum += all[i];
    assert_int_equal(sum, N * (N - 1) / 2);
}

static void identity_keeps_the_order(void **state)
{
    (void)state;
    float row = 0;
    int64_t picks[4];
    okng_build_options options = options_for(OKNG_SAMPLER_IDENTITY, 1);
    assert_ok(okng_sampler_pick(&options, &row, 4, 1, 4, NULL, picks, error));
    for (int i = 0; i < 4; i++) assert_int_equal(picks[i], i);
}

static void the_count_follows_ratio_and_size(void **state)
{
    (void)state;
    static const struct {
        okng_sampler sampler;
        double ratio;
        int64_t size, n, expected;
    } cases[] = {{OKNG_SAMPLER_GREEDY, 0.1, 0, 1009, 100},  {OKNG_SAMPLER_GREEDY, 0.1, 0, 5, 1},
                 {OKNG_SAMPLER_GREEDY, 0, 0, 9, 9},         {OKNG_SAMPLER_GREEDY, 1, 0, 9, 9},
                 {OKNG_SAMPLER_GREEDY, 0.1, 7, 100, 7},     {OKNG_SAMPLER_GREEDY, 0.1, 700, 100, 100},
                 {OKNG_SAMPLER_IDENTITY, 0.1, 0, 100, 100}, {OKNG_SAMPLER_KMEANS, 0.02, 0, 100, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_build_options options = options_for(cases[i].sampler, 1);
        options.coreset = cases[i].ratio;
        options.coreset_size = cases[i].size;
        assert_int_equal(okng_sampler_count(&options, cases[i].n), cases[i].expected);
    }
}

static void a_row_that_is_not_finite_is_named(void **state)
{
    (void)state;
    float *rows = bank_values(5000 * 3, 16);
    int64_t picks[2];
    okng_build_options options = options_for(OKNG_SAMPLER_GREEDY, 2);
    rows[4000 * 3 + 1] = NAN;
    rows[2500 * 3 + 2] = -INFINITY;
    assert_fails(OKNG_ERROR_ARGUMENT, "row 2500", okng_sampler_pick(&options, rows, 5000, 3, 2, NULL, picks, error));
    free(rows);
}

static void impossible_counts_and_samplers_are_refused(void **state)
{
    (void)state;
    float rows[4] = {0};
    int64_t picks[8];
    okng_build_options options = options_for(OKNG_SAMPLER_GREEDY, 1);
    assert_fails(OKNG_ERROR_ARGUMENT, "expected 1..4", okng_sampler_pick(&options, rows, 4, 1, 5, NULL, picks, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "expected 1..4", okng_sampler_pick(&options, rows, 4, 1, 0, NULL, picks, error));
    options.sampler = OKNG_SAMPLER_KMEANS;
    assert_fails(OKNG_ERROR_ARGUMENT, "does not pick", okng_sampler_pick(&options, rows, 4, 1, 2, NULL, picks, error));
}

static int stop_at_half(const okng_progress *progress, void *user)
{
    *(uint64_t *)user = progress->done;
    return progress->done * 2 >= progress->total;
}

static int count_steps(const okng_progress *progress, void *user)
{
    assert_true(progress->done <= progress->total);
    *(uint64_t *)user = progress->done;
    return 0;
}

static void progress_adds_up_and_can_cancel(void **state)
{
    (void)state;
    static const okng_sampler samplers[] = {OKNG_SAMPLER_GREEDY, OKNG_SAMPLER_APPROX_GREEDY, OKNG_SAMPLER_RANDOM};
    float *rows = bank_values(4000 * 4, 17);
    int64_t picks[2500];
    for (int s = 0; s < 3; s++) {
        okng_build_options options = options_for(samplers[s], 2);
        okng_ticker ticker;
        uint64_t done = 0;
        okng_ticker_init(&ticker, count_steps, &done);
        assert_ok(okng_sampler_pick(&options, rows, 4000, 4, 2500, &ticker, picks, error));
        assert_int_equal(done, 2500);
        okng_ticker_destroy(&ticker);
        okng_ticker_init(&ticker, stop_at_half, &done);
        assert_fails(OKNG_ERROR_CANCELLED, "cancelled",
                     okng_sampler_pick(&options, rows, 4000, 4, 2500, &ticker, picks, error));
        assert_in_range(done, 1250, samplers[s] == OKNG_SAMPLER_RANDOM ? 2500 : 1300);
        okng_ticker_destroy(&ticker);
    }
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greedy_picks_are_those_of_the_plain_loop),
        cmocka_unit_test(greedy_breaks_ties_as_the_plain_loop),
        cmocka_unit_test(greedy_picks_of_rows_in_few_directions),
        cmocka_unit_test(hunts_of_parts_find_the_picks_of_the_whole),
        cmocka_unit_test(a_hunt_ends_when_all_rows_are_picked),
        cmocka_unit_test(greedy_picks_equal_numpy_in_float64),
        cmocka_unit_test(approximate_greedy_starts_from_the_mean_distance_to_random_rows),
        cmocka_unit_test(greedy_starts_where_it_is_told_or_at_random),
        cmocka_unit_test(random_picks_are_distinct_uniform_and_seeded),
        cmocka_unit_test(identity_keeps_the_order),
        cmocka_unit_test(the_count_follows_ratio_and_size),
        cmocka_unit_test(a_row_that_is_not_finite_is_named),
        cmocka_unit_test(impossible_counts_and_samplers_are_refused),
        cmocka_unit_test(progress_adds_up_and_can_cancel),
    };
    return RUN_TESTS(tests);
}
