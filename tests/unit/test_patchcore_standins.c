/* Stand-ins against a plain search through all rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/quantile.h"
#include "base/progress.h"
#include "patchcore/standins.h"
#include "test.h"

enum { PICTURES = 6, PATCHES = 40, DIM = 5, ROWS = PICTURES * PATCHES, STEP = 9, BANK = (ROWS + STEP - 1) / STEP };

typedef struct fixture {
    float rows[ROWS * DIM], bank[BANK * DIM];
    int32_t origin[BANK];
    okng_build_options options;
    okng_bank_config config;
    okng_pictures good;
    okng_fitting fitting;
    okng_ticker ticker;
    okng_knn_index *index;
} fixture;

static void fill(fixture *f, int threads)
{
    uint32_t lcg = 11;
    memset(f, 0, sizeof *f);
    for (int i = 0; i < ROWS * DIM; i++) {
        lcg = lcg * 1664525u + 1013904223u;
        f->rows[i] = (float)(lcg >> 8) / 16777216.0f + (float)(i / (PATCHES * DIM)) * 0.1f; /* pictures differ */
    }
    for (int b = 0; b < BANK; b++) {
        memcpy(f->bank + b * DIM, f->rows + b * STEP * DIM, DIM * sizeof(float));
        f->origin[b] = b == 3 ? -1 : b * STEP / PATCHES; /* one of no picture, as a centre may be */
    }
    f->good.count = PICTURES;
    okng_ticker_init(&f->ticker, NULL, NULL);
    f->fitting = (okng_fitting){.options = &f->options,
                                .good = &f->good,
                                .picture_count = PICTURES,
                                .turns = 1,
                                .groups = {NULL, PICTURES},
                                .ticker = &f->ticker,
                                .threads = threads,
                                .patches = PATCHES,
                                .dim = DIM,
                                .kept_count = ROWS,
                                .bank_count = BANK,
                                .bank = f->bank,
                                .origin = f->origin};
    assert_ok(okng_store_new(&f->fitting.store, ROWS, DIM, UINT64_MAX, error));
    assert_ok(okng_store_write(f->fitting.store, 0, ROWS, f->rows, error));
    const okng_rows bank = {f->bank, BANK, DIM, f->origin};
    assert_ok(okng_knn_index_new(&f->index, &bank, OKNG_KNN_MANY, 1, error));
}

static void release(fixture *f)
{
    okng_store_free(&f->fitting.store);
    okng_knn_index_free(&f->index);
    okng_ticker_destroy(&f->ticker);
}

/* The nearest row of the bank that is not of picture `without`. */
static int nearest(const fixture *f, const float *row, int without, float *squared)
{
    int best = -1;
    for (int b = 0; b < BANK; b++) {
        float sum = 0;
        if (f->origin[b] == without) continue;
        for (int d = 0; d < DIM; d++) sum += (row[d] - f->bank[b * DIM + d]) * (row[d] - f->bank[b * DIM + d]);
        if (best < 0 || sum < *squared) {
            best = b;
            *squared = sum;
        }
    }
    return best;
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* standin[b]: the row that stands in for row b of the bank; -1 = none does. */
static void expect(const fixture *f, int standin[BANK])
{
    float covered[ROWS], farthest[BANK] = {0}, near = 0, without = 0;
    for (int b = 0; b < BANK; b++) standin[b] = -1;
    for (int r = 0; r < ROWS; r++) {
        int b = nearest(f, f->rows + r * DIM, -2, &near);
        covered[r] = near;
        if (f->origin[b] < 0 || f->origin[b] == r / PATCHES) continue;
        (void)nearest(f, f->rows + r * DIM, f->origin[b], &without);
        if (standin[b] >= 0 && without <= farthest[b]) continue;
        standin[b] = r;
        farthest[b] = without;
    }
    qsort(covered, ROWS, sizeof *covered, by_value);
    float limit = okng_quantile_sorted(covered, ROWS, 0.99);
    for (int b = 0; b < BANK; b++)
        if (standin[b] >= 0 && farthest[b] <= limit) standin[b] = -1;
}

static void they_fill_the_holes_that_a_picture_leaves(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        static fixture f;
        okng_standins standins;
        int expected[BANK], some = 0;
        fill(&f, threads);
        expect(&f, expected);
        assert_ok(okng_standins_find(&standins, &f.fitting, f.index, error));
        for (int32_t picture = 0; picture < PICTURES; picture++) {
            okng_rows rows = okng_standins_of(&standins, picture);
            int64_t at = 0;
            for (int b = 0; b < BANK; b++) {
                if (f.origin[b] != picture || expected[b] < 0) continue;
                assert_true(at < rows.count);
                assert_memory_equal(rows.data + at++ * DIM, f.rows + expected[b] * DIM, DIM * sizeof(float));
                some++;
            }
            assert_int_equal(rows.count, at);
        }
        assert_true(some > 0 && some < BANK);
        okng_standins_free(&standins);
        assert_null(standins.rows);
        release(&f);
    }
}

/* Shots of one part are no stand-ins for each other. */
static void a_group_is_left_out_together(void **state)
{
    (void)state;
    static fixture f;
    static int32_t groups[PICTURES] = {0, 0, 1, 1, 2, 2};
    okng_standins standins;
    fill(&f, 2);
    f.fitting.groups = (okng_groups){groups, 3};
    for (int b = 0; b < BANK; b++)
        if (f.origin[b] >= 0) f.origin[b] = groups[f.origin[b]];
    assert_ok(okng_standins_find(&standins, &f.fitting, f.index, error));
    assert_true(standins.count > 0);
    for (int32_t group = 0; group < 3; group++) {
        okng_rows rows = okng_standins_of(&standins, group);
        for (int64_t i = 0; i < rows.count; i++)
            for (int r = 0; r < ROWS; r++)
                if (memcmp(rows.data + i * DIM, f.rows + r * DIM, DIM * sizeof(float)) == 0)
                    assert_int_not_equal(groups[r / PATCHES], group);
    }
    okng_standins_free(&standins);
    release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_fill_the_holes_that_a_picture_leaves),
        cmocka_unit_test(a_group_is_left_out_together),
    };
    return RUN_TESTS(tests);
}
