/* What several processes choose of rows that each has a part of is what one process chooses. */
#include "bank/quantile.h"
#include "bank/sampler.h"
#include "bank/shared_rows.h"
#include "bank_data.h"
#include "base/memory.h"
#include "made_ranks.h"
#include "test.h"

enum { N = 3000, DIM = 12, COUNT = 400 };

typedef struct choosing {
    const okng_build_options *options;
    const float *rows;                     /* [N, DIM] */
    int64_t begins[MADE_RANKS_MOST + 1];   /* of the parts */
    int64_t picks[MADE_RANKS_MOST][COUNT]; /* of each rank */
    okng_status status[MADE_RANKS_MOST];
    okng_error error[MADE_RANKS_MOST];
} choosing;

static void choose(const okng_ranks *ranks, void *context)
{
    choosing *c = context;
    const int r = ranks->rank;
    const int64_t first = c->begins[r], count = c->begins[r + 1] - first;
    okng_shared_rows rows;
    okng_status status = okng_shared_rows_open(&rows, ranks, c->rows + first * DIM, count, DIM, &c->error[r]);
    if (status == OKNG_OK && (rows.first != first || rows.total != N))
        status = okng_fail(&c->error[r], OKNG_ERROR_MISMATCH, "rows %lld of %lld", (long long)rows.first,
                           (long long)rows.total);
    if (status == OKNG_OK) status = okng_sampler_pick_shared(c->options, &rows, COUNT, NULL, c->picks[r], &c->error[r]);
    c->status[r] = status;
}

/* Parts as even as can be; or nearly all rows on one rank, and none on another. */
static void share_out(choosing *c, int32_t ranks, bool even)
{
    for (int32_t r = 0; r <= ranks; r++) c->begins[r] = even ? N * r / ranks : r == 0 ? 0 : r < ranks ? r - 1 : N;
}

static void check(const float *rows, okng_sampler sampler, const char *what)
{
    okng_build_options options;
    int64_t expected[COUNT];
    okng_build_options_init(&options);
    options.sampler = sampler;
    options.start = -1;
    options.seed = 5;
    options.threads = 2;
    assert_ok(okng_sampler_pick(&options, rows, N, DIM, COUNT, NULL, expected, error));
    for (int32_t ranks = 1; ranks <= 4; ranks++)
        for (int even = 0; even < 2; even++) {
            choosing *c = calloc(1, sizeof *c);
            c->options = &options;
            c->rows = rows;
            share_out(c, ranks, even);
            (void)made_ranks_run(ranks, choose, c);
            for (int32_t r = 0; r < ranks; r++) {
                if (c->status[r] != OKNG_OK) fail_msg("%s, rank %d of %d: %s", what, r, ranks, c->error[r].message);
                if (memcmp(c->picks[r], expected, sizeof expected) != 0)
                    fail_msg("%s: rank %d of %d has other picks", what, r, ranks);
            }
            free(c);
        }
}

static void picks_are_those_of_one_process(void **state)
{
    (void)state;
    static const okng_sampler samplers[] = {OKNG_SAMPLER_GREEDY, OKNG_SAMPLER_APPROX_GREEDY, OKNG_SAMPLER_RANDOM};
    for (size_t s = 0; s < sizeof samplers / sizeof *samplers; s++) {
        float *rows = bank_clusters(N, DIM, 40, 3);
        check(rows, samplers[s], "clusters");
        for (int64_t i = 0; i < N * DIM; i++) rows[i] = floorf(rows[i] * 2); /* many the same */
        check(rows, samplers[s], "grid");
        for (int64_t i = 0; i < N * DIM; i++) rows[i] = 1.25f;
        check(rows, samplers[s], "equal rows");
        free(rows);
    }
}

static void picks_take_few_exchanges(void **state)
{
    (void)state;
    okng_build_options options;
    okng_build_options_init(&options);
    options.sampler = OKNG_SAMPLER_GREEDY;
    float *rows = bank_values(N * DIM, 9);
    choosing *c = calloc(1, sizeof *c);
    c->options = &options;
    c->rows = rows;
    share_out(c, 4, true);
    int64_t exchanges = made_ranks_run(4, choose, c);
    assert_int_equal(c->status[0], OKNG_OK);
    if (exchanges > COUNT / 4) fail_msg("%lld exchanges for %d picks", (long long)exchanges, (int)COUNT);
    free(c);
    free(rows);
}

static void a_row_that_is_not_finite_is_named_by_its_number_and_rank(void **state)
{
    (void)state;
    okng_build_options options;
    okng_build_options_init(&options);
    options.sampler = OKNG_SAMPLER_GREEDY;
    float *rows = bank_values(N * DIM, 9);
    rows[2000 * DIM + 3] = NAN;
    rows[2900 * DIM] = INFINITY;
    choosing *c = calloc(1, sizeof *c);
    c->options = &options;
    c->rows = rows;
    share_out(c, 3, true);
    (void)made_ranks_run(3, choose, c);
    for (int r = 0; r < 3; r++) {
        assert_int_equal(c->status[r], OKNG_ERROR_ARGUMENT);
        assert_non_null(strstr(c->error[r].message, "rank 2: row 2000 "));
    }
    free(c);
    free(rows);
}

/* ---- quantiles ---- */

typedef struct measuring {
    const float *values; /* [N] */
    double q;
    float found[MADE_RANKS_MOST];
    okng_status status[MADE_RANKS_MOST];
} measuring;

static void measure(const okng_ranks *ranks, void *context)
{
    measuring *m = context;
    okng_quantile *quantile;
    int64_t first, end;
    okng_ranks_part(ranks, N, &first, &end);
    okng_status status = okng_quantile_new(&quantile, m->q, N, NULL);
    if (status == OKNG_OK) status = okng_quantile_add(quantile, m->values + first, (size_t)(end - first), NULL);
    if (status == OKNG_OK) status = okng_quantile_value(quantile, ranks, &m->found[ranks->rank], NULL);
    okng_quantile_free(&quantile);
    m->status[ranks->rank] = status;
}

static void quantiles_are_those_of_all_values(void **state)
{
    (void)state;
    static const double levels[] = {0, 0.01, 0.5, 0.977, 0.999, 1};
    float *values = bank_values(N, 21);
    for (int i = 0; i < 500; i++) values[i * 3] = values[0]; /* ties */
    for (size_t l = 0; l < sizeof levels / sizeof *levels; l++) {
        okng_quantile *quantile;
        float expected;
        assert_ok(okng_quantile_new(&quantile, levels[l], N, error));
        assert_ok(okng_quantile_add(quantile, values, N, error));
        assert_ok(okng_quantile_value(quantile, okng_ranks_together(), &expected, error));
        okng_quantile_free(&quantile);
        for (int32_t ranks = 1; ranks <= 4; ranks++) {
            measuring m = {.values = values, .q = levels[l]};
            (void)made_ranks_run(ranks, measure, &m);
            for (int32_t r = 0; r < ranks; r++) {
                assert_int_equal(m.status[r], OKNG_OK);
                assert_memory_equal(&m.found[r], &expected, sizeof expected);
            }
        }
    }
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(picks_are_those_of_one_process),
        cmocka_unit_test(picks_take_few_exchanges),
        cmocka_unit_test(a_row_that_is_not_finite_is_named_by_its_number_and_rank),
        cmocka_unit_test(quantiles_are_those_of_all_values),
    };
    return RUN_TESTS(tests);
}
