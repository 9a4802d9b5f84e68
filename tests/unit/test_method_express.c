/* Nearest rows that a program finds beside the plain search, in one chunk and in many, for rows that are in the bank
 * and far from the origin, where |a|^2 + |b|^2 - 2ab alone is noise. */
#include "../program_run.h"

#include "base/memory.h"
#include "method/express.h"
#include "method/image_score.h"

enum { ROWS = 700, DIM = 33, QUERIES = 41, PICTURES = 2 };

static uint32_t lcg;
static float number(void)
{
    lcg = lcg * 1664525u + 1013904223u;
    return (float)(lcg >> 8) / 16777216.0f;
}

typedef struct fixture {
    float rows[ROWS * DIM], queries[PICTURES * QUERIES * DIM];
    okng_rows bank;
} fixture;

/* Rows at `far` from the origin; of the queries every third is a row, every third is next to one. */
static void fill(fixture *f, float far)
{
    lcg = 5;
    for (int i = 0; i < ROWS * DIM; i++) f->rows[i] = far + number();
    for (int q = 0; q < PICTURES * QUERIES; q++) {
        const float *row = f->rows + (q * 37 % ROWS) * DIM;
        for (int d = 0; d < DIM; d++)
            f->queries[q * DIM + d] = q % 3 == 0 ? row[d] : q % 3 == 1 ? row[d] + 1e-3f * number() : far + number();
    }
    f->bank = (okng_rows){f->rows, ROWS, DIM, NULL};
}

static okng_array *search(const fixture *f, const okng_nearest_limits *limits, int64_t k, int32_t *nodes)
{
    okng_program *p;
    okng_array *out, *given = program_array(OKNG_F32, 3, (int64_t[]){PICTURES, QUERIES, DIM}, f->queries);
    assert_ok(okng_program_new(&p, error));
    okng_program_value queries = okng_program_input(p, "q", OKNG_F32, 3, (int64_t[]){OKNG_ANY, QUERIES, DIM});
    okng_memory *memory = okng_memory_new(p, &f->bank, limits);
    okng_program_value squared = okng_nearest_express(memory, queries, k);
    okng_memory_free(&memory);
    okng_program_output(p, "squared", squared);
    *nodes = squared;
    okng_program_costs costs;
    okng_program_count(p, 1, &costs);
    assert_true(costs.largest <= limits->products || costs.largest <= limits->gathered);
    program_run(p, &given, 1, &out);
    okng_program_free(&p);
    return out;
}

static void check(const fixture *f, const okng_nearest_limits *limits, int32_t k, int32_t *nodes)
{
    enum { MOST = 4 };
    static float expected[PICTURES * QUERIES * MOST];
    static int64_t index[PICTURES * QUERIES * MOST];
    okng_array *found = search(f, limits, k, nodes);
    assert_true(found->dims == 3 && found->shape[0] == PICTURES && found->shape[1] == QUERIES && found->shape[2] == k);
    assert_ok(okng_knn_search(&f->bank, f->queries, PICTURES * QUERIES, k, -1, 1, expected, index, error));
    for (int64_t i = 0; i < (int64_t)PICTURES * QUERIES * k; i++) {
        double value = (double)((const float *)found->data)[i], known = (double)expected[i];
        if (!(fabs(value - known) <= 1e-6 * known))
            fail_msg("k %d: value %lld is %.9g, expected %.9g", k, (long long)i, value, known);
        if (i % (3 * k) == 0) assert_true(value == 0);
    }
    okng_array_free(&found);
}

static void distances_are_those_of_the_plain_search(void **state)
{
    (void)state;
    static fixture f;
    const okng_nearest_limits small = {
        .rows = 160 * DIM * 4, .products = 160 * 4 * 10, .gathered = 1 << 20, .spare = 8};
    const okng_nearest_limits narrow = {.rows = 1 << 20, .products = 1 << 20, .gathered = 12 * DIM * 4 * 7, .spare = 8};
    for (int far = 0; far <= 100; far += 100) {
        int32_t whole, chunks, parts;
        fill(&f, (float)far);
        for (int32_t k = 1; k <= 4; k += 3) {
            check(&f, &okng_nearest_defaults, k, &whole);
            check(&f, &small, k, &chunks);
            check(&f, &narrow, k, &parts);
            assert_true(whole < parts && parts < chunks); /* 5 chunks for each of 5 parts, 6 or 5 parts alone */
        }
    }
}

static void rows_are_found_for_one_query(void **state)
{
    (void)state;
    static fixture f;
    enum { K = 5 };
    const okng_nearest_limits small = {.rows = 160 * DIM * 4, .products = 1 << 20, .gathered = 1 << 20, .spare = 8};
    fill(&f, 3);
    okng_program *p;
    okng_array *outputs[2], *given = program_array(OKNG_F32, 2, (int64_t[]){QUERIES, DIM}, f.queries);
    assert_ok(okng_program_new(&p, error));
    okng_program_value query = okng_program_input(p, "q", OKNG_F32, 2, (int64_t[]){OKNG_ANY, DIM}), vectors;
    okng_memory *memory = okng_memory_new(p, &f.bank, &small);
    okng_program_value squared = okng_nearest_rows_express(memory, query, K, &vectors);
    okng_memory_free(&memory);
    okng_program_output(p, "squared", squared);
    okng_program_output(p, "rows", vectors);
    program_run(p, &given, 1, outputs);
    static float expected[QUERIES * K];
    static int64_t index[QUERIES * K];
    assert_ok(okng_knn_search(&f.bank, f.queries, QUERIES, K, -1, 1, expected, index, error));
    for (int64_t i = 0; i < QUERIES * K; i++) {
        const float *found = (const float *)outputs[0]->data + i, *row = (const float *)outputs[1]->data + i * DIM;
        assert_true(fabsf(*found - expected[i]) <= 1e-6f * expected[i]);
        assert_memory_equal(row, f.rows + index[i] * DIM, DIM * sizeof *row);
    }
    okng_array_free(&outputs[0]);
    okng_array_free(&outputs[1]);
    okng_program_free(&p);
}

/* How much farther a found row is than the nearest at worst, of rows that are spread by a part of their length around
 * few places. */
static double worst_of_crowd(double spread)
{
    enum { PLACES = 3, CROWD = 200, WIDE = 96, ASKED = 30 };
    static float places[PLACES * WIDE], rows[PLACES * CROWD * WIDE], queries[ASKED * WIDE], expected[ASKED];
    static int64_t index[ASKED];
    const okng_rows bank = {rows, PLACES * CROWD, WIDE, NULL};
    const float by = (float)(spread * sqrt(3)); /* of numbers of 0..1 to their own length */
    lcg = 11;
    for (int i = 0; i < PLACES * WIDE; i++) places[i] = number();
    for (int i = 0; i < PLACES * CROWD * WIDE; i++)
        rows[i] = places[i / WIDE % PLACES * WIDE + i % WIDE] + by * (number() - 0.5f);
    for (int i = 0; i < ASKED * WIDE; i++)
        queries[i] = places[i / WIDE % PLACES * WIDE + i % WIDE] + by * (number() - 0.5f);
    okng_program *p;
    okng_array *out, *given = program_array(OKNG_F32, 3, (int64_t[]){1, ASKED, WIDE}, queries);
    assert_ok(okng_program_new(&p, error));
    okng_program_value in = okng_program_input(p, "q", OKNG_F32, 3, (int64_t[]){1, ASKED, WIDE});
    okng_memory *memory = okng_memory_new(p, &bank, &okng_nearest_defaults);
    okng_program_output(p, "squared", okng_nearest_express(memory, in, 1));
    okng_memory_free(&memory);
    program_run(p, &given, 1, &out);
    okng_program_free(&p);
    assert_ok(okng_knn_search(&bank, queries, ASKED, 1, -1, 1, expected, index, error));
    double worst = 0;
    for (int q = 0; q < ASKED; q++)
        worst = fmax(worst, sqrt((double)((const float *)out->data)[q] / (double)expected[q]) - 1);
    okng_array_free(&out);
    return worst;
}

static void crowds_of_rows_are_told_apart_as_far_as_float32_can(void **state)
{
    (void)state;
    assert_true(worst_of_crowd(1e-2) <= 1e-6);
    assert_true(worst_of_crowd(1e-3) <= 0.15);
    assert_true(worst_of_crowd(1e-4) <= 0.3);
}

static void more_neighbours_than_rows_are_refused(void **state)
{
    (void)state;
    static fixture f;
    okng_program *p;
    fill(&f, 0);
    f.bank.count = 3;
    assert_ok(okng_program_new(&p, error));
    okng_program_value queries = okng_program_input(p, "q", OKNG_F32, 3, (int64_t[]){OKNG_ANY, QUERIES, DIM});
    okng_memory *memory = okng_memory_new(p, &f.bank, &okng_nearest_defaults);
    assert_true(okng_nearest_express(memory, queries, 3) > 0);
    assert_true(okng_nearest_express(memory, queries, 4) < 0);
    assert_fails(OKNG_ERROR_ARGUMENT, "neighbors 4: the bank has 3 rows", okng_program_check(p, error));
    okng_memory_free(&memory);
    okng_program_free(&p);
}

static void a_picture_scores_the_mean_of_its_highest_patches(void **state)
{
    (void)state;
    static const double parts[] = {0, 0.01, 0.1, 0.5, 1};
    float scores[PICTURES * QUERIES];
    lcg = 9;
    for (int i = 0; i < PICTURES * QUERIES; i++) scores[i] = number();
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        okng_program *p;
        okng_array *out, *given = program_array(OKNG_F32, 2, (int64_t[]){PICTURES, QUERIES}, scores);
        assert_ok(okng_program_new(&p, error));
        okng_program_value in = okng_program_input(p, "s", OKNG_F32, 2, (int64_t[]){OKNG_ANY, QUERIES});
        okng_program_output(p, "score", okng_image_score_express(p, in, parts[i]));
        program_run(p, &given, 1, &out);
        assert_true(out->dims == 1 && out->shape[0] == PICTURES);
        for (int n = 0; n < PICTURES; n++) {
            float expected;
            assert_ok(okng_image_score_top(scores + n * QUERIES, QUERIES, parts[i], &expected, error));
            assert_float_equal(((const float *)out->data)[n], expected, 1e-6);
        }
        okng_array_free(&out);
        okng_program_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_those_of_the_plain_search),
        cmocka_unit_test(rows_are_found_for_one_query),
        cmocka_unit_test(crowds_of_rows_are_told_apart_as_far_as_float32_can),
        cmocka_unit_test(more_neighbours_than_rows_are_refused),
        cmocka_unit_test(a_picture_scores_the_mean_of_its_highest_patches),
    };
    return RUN_TESTS(tests);
}
