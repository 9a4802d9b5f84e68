/* The bounds that screening rests on, where they are tight: never above the distance, and close to it. */
#include <math.h>

#include "bank/codes.h"
#include "bank/outline.h"
#include "bank_data.h"
#include "base/rng.h"
#include "test.h"

static okng_rng rng;

static void fill(float *values, int64_t count, double scale)
{
    for (int64_t i = 0; i < count; i++) values[i] = (float)(scale * okng_rng_normal(&rng));
}

static int32_t product(const okng_coding *coding, const uint8_t *row, const uint8_t *query)
{
    uint32_t first = 0;
    int32_t value;
    coding->screen->products_at(query, row, coding->bytes, &first, 1, &value);
    return value;
}

/* In few dimensions the rounding of codes is all there is between the bound and the distance. */
static void rows_within_reach_are_never_ruled_out(void **state)
{
    (void)state;
    const okng_cpu cpus[] = {OKNG_CPU_C, OKNG_CPU_AVX2, OKNG_CPU_AVX512, OKNG_CPU_NEON};
    int64_t close = 0, rounds = 0;
    rng = okng_rng_new(1, OKNG_STREAM_START);
    for (int i = 0; i < 200000; i++) {
        const okng_screen *screen = okng_screen_variant(cpus[i % 4]);
        if (!screen) continue;
        size_t dim = 1 + okng_rng_below(&rng, 3);
        float x[3], y[3], mean[3] = {0.125f, -0.3f, 0.01f};
        fill(x, 3, 1);
        fill(y, 3, i % 8 < 4 ? 1 : 0.01);
        for (size_t d = 0; d < dim && i % 8 >= 4; d++) y[d] += x[d];
        okng_coding coding = okng_coding_of(screen, dim, i % 2 ? mean : NULL, i % 5 ? 2.5f : 1.0f, OKNG_SCREEN_LINE);
        if (i % 3 == 0 && screen->code_bytes == 2) { /* as coarse as bytes are */
            coding.limit = 127;
            coding.inverse = 127 / 2.5f;
        }
        uint8_t row[64], query[64];
        assert_int_equal(coding.bytes, 64);
        okng_coded of_row = okng_coding_row(&coding, y, row), of_query = okng_coding_query(&coding, x, query);
        double reach = sqrt(bank_squared(x, y, (int64_t)dim));
        int32_t correction = screen->bias * of_query.sum;
        int32_t value = product(&coding, row, query) - of_row.norm / 2 - correction;
        assert_true(value >= okng_coding_threshold(&coding, &of_query, of_row.error, reach));
        close += value < okng_coding_threshold(&coding, &of_query, of_row.error,
                                               0.9 * reach - 3 * (of_row.error + of_query.error) / coding.inverse);
        rounds++;
        int32_t shift = okng_coding_shift(of_row.norm, of_query.norm);
        assert_in_range(abs(value) >> shift, 0, INT16_MAX);
    }
    assert_true(close > rounds / 4); /* and rows not far beyond it are */
}

static void an_endless_reach_takes_every_row(void **state)
{
    (void)state;
    okng_coding coding = okng_coding_of(okng_screen_get(), 3, NULL, 1, OKNG_CODES_SHORT_LINE);
    okng_coded query = {.norm = 5000};
    assert_int_equal(okng_coding_threshold(&coding, &query, 1, INFINITY), INT32_MIN);
    assert_int_equal(okng_coding_threshold(&coding, &query, 1, NAN), INT32_MIN);
    assert_int_equal(okng_coding_threshold(&coding, &query, 1, 1e30), INT32_MIN);
}

typedef struct outlined {
    okng_outline outline;
    float *mean, *samples;
    int64_t dim;
} outlined;

/* Samples in `rank` directions and `rest` of all. */
static outlined make(int64_t count, int64_t dim, int64_t rank, double rest)
{
    outlined o = {.dim = dim};
    float *directions = malloc((size_t)(rank * dim) * sizeof(float)), *weights = malloc((size_t)rank * sizeof(float));
    o.samples = malloc((size_t)(count * dim) * sizeof(float));
    o.mean = malloc((size_t)dim * sizeof(float));
    fill(directions, rank * dim, 1);
    fill(o.mean, dim, 3);
    fill(o.samples, count * dim, rest);
    for (int64_t r = 0; r < count; r++) {
        fill(weights, rank, 1);
        for (int64_t i = 0; i < rank; i++)
            for (int64_t d = 0; d < dim; d++) o.samples[r * dim + d] += weights[i] * directions[i * dim + d];
    }
    okng_principal principal;
    assert_ok(okng_principal_find(&principal, o.samples, count, dim, 64, 0, 2, error));
    assert_true(principal.skew < 1e-4 && principal.share <= 1.0001);
    assert_true(rest > 0 || principal.share > 0.9999);
    double all = 0;
    for (int64_t i = 0; i < count * dim; i++) all += (double)o.samples[i] * (double)o.samples[i];
    for (int64_t i = 0; i < count * dim; i++) o.samples[i] += o.mean[i % dim];
    o.outline = okng_outline_of(principal, o.mean, sqrt(all / (double)count));
    free(directions);
    free(weights);
    return o;
}

static void release(outlined *o)
{
    okng_outline_free(&o->outline);
    free(o->mean);
    free(o->samples);
}

enum { ANY, NEARBY, ALONG /* one lies farther from the mean on the same line: all of the distance is seen */ };

/* Returns the smallest part of a distance that is seen in the outlines. */
static double compare_pairs(const outlined *o, int64_t count, int kind)
{
    int64_t dim = o->dim, columns = okng_outline_dim(&o->outline);
    float pair[2][1000], outline[2][64], *scratch = malloc(okng_outline_scratch(&o->outline) * sizeof *scratch);
    double least = 1, blur[2];
    assert_int_equal(columns, 64);
    for (int64_t r = 0; r + 1 < count; r++) {
        memcpy(pair[0], o->samples + r * dim, (size_t)dim * sizeof(float));
        memcpy(pair[1], o->samples + (r + (kind == ANY)) * dim, (size_t)dim * sizeof(float));
        if (kind == NEARBY) pair[1][r % dim] += 1e-6f;
        for (int64_t d = 0; d < dim && kind == ALONG; d++) pair[1][d] += 0.5f * (pair[1][d] - o->mean[d]);
        for (int i = 0; i < 2; i++) okng_outline_rows(&o->outline, pair[i], 1, outline[i], blur + i, scratch);
        double apart = sqrt(bank_squared(pair[0], pair[1], dim)), seen = sqrt(bank_squared(outline[0], outline[1], 64));
        assert_true(seen <= o->outline.stretch * apart + blur[0] + blur[1]);
        assert_true(blur[0] < 1e-2 * (double)o->outline.most);
        least = fmin(least, seen / apart);
    }
    free(scratch);
    return least;
}

static void outlines_are_never_farther_apart_than_rows(void **state)
{
    (void)state;
    rng = okng_rng_new(2, OKNG_STREAM_START);
    static const int64_t dims[] = {64, 257, 500, 1000};
    for (int i = 0; i < 4; i++) {
        outlined o = make(300, dims[i], 20, 0); /* all that there is lies in the outline */
        assert_true(compare_pairs(&o, 300, ANY) > 0.999);
        (void)compare_pairs(&o, 300, NEARBY);
        release(&o);
        o = make(300, dims[i], 20, 3);
        assert_true(compare_pairs(&o, 300, ANY) > 0.3);
        assert_true(compare_pairs(&o, 300, ALONG) > (dims[i] == 64 ? 0.9 : 0.999));
        (void)compare_pairs(&o, 300, NEARBY);
        release(&o);
    }
}

static void what_has_no_outline_says_so(void **state)
{
    (void)state;
    rng = okng_rng_new(3, OKNG_STREAM_START);
    outlined o = make(200, 100, 5, 0.1);
    float row[100], out[64], *scratch = malloc(okng_outline_scratch(&o.outline) * sizeof *scratch);
    static const float odd[] = {NAN, INFINITY, -INFINITY, 3e38f, 1e6f};
    for (int i = 0; i < 5; i++) {
        double blur = 0;
        memcpy(row, o.samples, sizeof row);
        row[7] = odd[i];
        okng_outline_rows(&o.outline, row, 1, out, &blur, scratch);
        assert_true(isinf(blur));
    }
    free(scratch);
    release(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_within_reach_are_never_ruled_out),
        cmocka_unit_test(an_endless_reach_takes_every_row),
        cmocka_unit_test(outlines_are_never_farther_apart_than_rows),
        cmocka_unit_test(what_has_no_outline_says_so),
    };
    return RUN_TESTS(tests);
}
