/* A sieve lets everything pass that is nearer than asked, as the kernels measure it, and little else. */
#include "bank/sieve.h"

#include "bank_data.h"

enum { DIM = 80, VECTORS = 300, ROWS = OKNG_SIEVE_ROWS, INNER = 5 };

/* Vectors in few directions and a little noise, `offset` away from 0; `scale` is how large all is. */
static float *vectors(int64_t count, float scale, float offset, uint32_t salt)
{
    float *directions = bank_values(INNER * DIM, 41), *places = bank_values(count * INNER, salt);
    float *all = bank_values(count * DIM, salt + 1);
    for (int64_t i = 0; i < count * DIM; i++) {
        float sum = offset + 0.01f * all[i];
        for (int64_t k = 0; k < INNER; k++) sum += places[i / DIM * INNER + k] * directions[k * DIM + i % DIM];
        all[i] = scale * sum;
    }
    free(directions);
    free(places);
    return all;
}

/* Each row asks for each vector by the smallest reach that takes it in. */
static void check_nothing_is_lost(okng_sifting *sifting, const float *rows, const float *all)
{
    for (int64_t v = 0; v < VECTORS; v++) {
        int64_t block = v / OKNG_SIEVE_BLOCK * OKNG_SIEVE_BLOCK;
        for (int64_t r = 0; r < ROWS; r++) {
            float squared = okng_kernels_get()->l2_squared(rows + r * DIM, all + v * DIM, DIM);
            okng_sifting_reach(sifting, r, (double)nextafterf(squared, INFINITY));
        }
        okng_sifting_block(sifting, block, OKNG_SIEVE_BLOCK);
        for (int64_t r = 0; r < ROWS; r++)
            if (!okng_sifting_passed(sifting, r, v - block))
                fail_msg("width %d: row %d misses vector %d", (int)sifting->sieve->sight->width, (int)r, (int)v);
    }
}

/* The part that passes of each row's reach to its nearest vector. */
static double part_that_passes(okng_sifting *sifting, const float *rows, const float *all)
{
    int64_t passing = 0;
    for (int64_t r = 0; r < ROWS; r++) {
        double nearest = INFINITY;
        for (int64_t v = 0; v < VECTORS; v++) nearest = fmin(nearest, bank_squared(rows + r * DIM, all + v * DIM, DIM));
        okng_sifting_reach(sifting, r, nearest);
    }
    for (int64_t block = 0; block < VECTORS; block += OKNG_SIEVE_BLOCK) {
        okng_sifting_block(sifting, block, OKNG_SIEVE_BLOCK);
        for (int64_t r = 0; r < ROWS; r++)
            for (int64_t v = block; v < VECTORS && v < block + OKNG_SIEVE_BLOCK; v++)
                passing += okng_sifting_passed(sifting, r, v - block);
    }
    return (double)passing / (ROWS * VECTORS);
}

/* *part: what passes; *width: what the sieve came to. */
static void sift(const float *rows, const float *all, int64_t wanted, double *part, int64_t *width)
{
    okng_typical typical;
    okng_sight sight;
    okng_sieve sieve;
    okng_sifting sifting;
    float *samples = malloc(VECTORS * DIM * sizeof *samples);
    memcpy(samples, all, VECTORS * DIM * sizeof *samples);
    assert_ok(okng_typical_find(&typical, samples, VECTORS, DIM, error));
    assert_ok(okng_sight_new(&sight, &typical, wanted, 1, error));
    assert_ok(okng_sieve_new(&sieve, &sight, VECTORS, error));
    for (int64_t v = 0; v < VECTORS; v++) okng_sieve_set(&sieve, v, all + v * DIM, 1);
    assert_ok(okng_sifting_new(&sifting, &sieve, error));
    okng_sifting_rows(&sifting, rows, ROWS);
    check_nothing_is_lost(&sifting, rows, all);
    *part = part_that_passes(&sifting, rows, all);
    *width = sight.width;
    okng_sifting_free(&sifting);
    okng_sieve_free(&sieve);
    okng_sight_free(&sight);
    okng_typical_free(&typical);
}

static void what_is_near_passes_and_little_else(void **state)
{
    (void)state;
    static const struct {
        float scale, offset;
    } kinds[] = {{1, 0}, {1e-7f, 0}, {1e7f, 3}, {1, 300}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        float *all = vectors(VECTORS, kinds[k].scale, kinds[k].offset, 42);
        float *rows = vectors(ROWS, kinds[k].scale, kinds[k].offset, 52);
        memcpy(rows + DIM, all + 7 * DIM, DIM * sizeof *rows); /* a distance of 0 */
        for (int64_t wanted = 16; wanted <= 96; wanted += wanted < 64 ? wanted : 32) {
            double part;
            int64_t width;
            sift(rows, all, wanted, &part, &width);
            assert_int_equal(width, wanted < DIM ? wanted : DIM);
            if (part > 0.1) fail_msg("kind %zu, width %d: %g of all pass", k, (int)width, part);
        }
        free(all);
        free(rows);
    }
}

static void rows_that_no_bound_holds_for_pass(void **state)
{
    (void)state;
    double part;
    int64_t width;
    float *all = vectors(VECTORS, 1, 0, 42), *rows = vectors(ROWS, 1, 0, 52);
    for (int64_t d = 0; d < DIM; d++) {
        all[3 * DIM + d] *= 1e4f; /* beyond what is typical */
        all[4 * DIM + d] *= 1e19f;
        all[5 * DIM + d] *= 1e30f; /* squares overflow */
        rows[3 * DIM + d] *= 1e30f;
    }
    for (int64_t wanted = 16; wanted <= DIM; wanted += DIM - 16) sift(rows, all, wanted, &part, &width);
    for (int64_t i = 0; i < VECTORS * DIM; i++) all[i] = 2.5f; /* no directions at all */
    sift(all, all, 16, &part, &width);
    assert_int_equal(width, DIM);
    free(all);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_near_passes_and_little_else),
        cmocka_unit_test(rows_that_no_bound_holds_for_pass),
    };
    return RUN_TESTS(tests);
}
