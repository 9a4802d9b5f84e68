/* What AF-CLIP looks at: depths, neighbourhoods, its adapter and its words as graphs. */
#include "afclip/aggregate.h"
#include "afclip/plan.h"
#include "afclip/score.h"
#include "afclip/words.h"
#include "net/clip.h"
#include "net/node.h"
#include "test.h"

static const char small[] = "clip-tinyclip-8m-16";

/* ---- plan ---- */

static void depths_are_the_quarters_of_the_tower(void **state)
{
    (void)state;
    static const struct {
        const char *backbone;
        int32_t side, tokens, width, text_width, embedding, taps[4];
    } cases[] = {{"clip-vit-l-14-336", 518, 1370, 1024, 768, 768, {5, 11, 17, 23}},
                 {"clip-vit-b-16", 512, 1025, 768, 512, 512, {2, 5, 8, 11}},
                 {"clip-tinyclip-61m-32", 512, 257, 640, 512, 512, {2, 5, 8, 11}},
                 {"clip-tinyclip-8m-16", 512, 1025, 256, 256, 512, {2, 4, 7, 9}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        okng_afclip_plan plan;
        assert_ok(okng_afclip_plan_of(&plan, cases[i].backbone, cases[i].side, cases[i].side, NULL, error));
        assert_int_equal(plan.tokens, cases[i].tokens);
        assert_int_equal(plan.width, cases[i].width);
        assert_int_equal(plan.text_width, cases[i].text_width);
        assert_int_equal(plan.embedding, cases[i].embedding);
        assert_memory_equal(plan.taps, cases[i].taps, sizeof plan.taps);
    }
}

static void a_plan_that_cannot_be_is_refused(void **state)
{
    (void)state;
    okng_afclip_plan plan;
    assert_fails(OKNG_ERROR_NOT_FOUND, "\"resnet18\" is no CLIP",
                 okng_afclip_plan_of(&plan, "resnet18", 96, 96, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT,
                 "clip-tinyclip-8m-16: an input 100 pixels wide, expected multiples of its patch of 16",
                 okng_afclip_plan_of(&plan, small, 96, 100, NULL, error));
    static const char wrong[] = "expected 4 numbers that rise, of the blocks 0..9 of clip-tinyclip-8m-16";
    assert_fails(OKNG_ERROR_ARGUMENT, wrong,
                 okng_afclip_plan_of(&plan, small, 96, 96, (const int32_t[]){2, 4, 7, 10}, error));
    assert_fails(OKNG_ERROR_ARGUMENT, wrong,
                 okng_afclip_plan_of(&plan, small, 96, 96, (const int32_t[]){2, 4, 4, 9}, error));
    assert_fails(OKNG_ERROR_ARGUMENT, wrong,
                 okng_afclip_plan_of(&plan, small, 96, 96, (const int32_t[]){-1, 4, 7, 9}, error));
    assert_ok(okng_afclip_plan_of(&plan, small, 96, 96, (const int32_t[]){0, 1, 2, 3}, error));
}

/* ---- neighbourhoods ---- */

static double weight_at(int32_t reach, int32_t y, int32_t x)
{
    double sum = 0;
    for (int32_t i = -reach; i <= reach; i++)
        for (int32_t k = -reach; k <= reach; k++) sum += exp(-(double)(i * i + k * k) / 32);
    return exp(-(double)(y * y + x * x) / 32) / sum;
}

/* The sum over the square of neighbours, written out, in double. */
static double expected_at(const okng_afclip_plan *plan, int64_t width, const float *tokens, int32_t reach, int32_t row,
                          int32_t column, int64_t channel)
{
    double sum = 0;
    for (int32_t y = -reach; y <= reach; y++)
        for (int32_t x = -reach; x <= reach; x++) {
            const int32_t r = row + y, c = column + x;
            if (r < 0 || r >= plan->rows || c < 0 || c >= plan->columns) continue;
            sum += weight_at(reach, y, x) * (double)tokens[(1 + (int64_t)r * plan->columns + c) * width + channel];
        }
    return sum;
}

static void check_streams(int32_t rows, int32_t columns, int64_t width)
{
    const okng_afclip_plan plan = {.rows = rows, .columns = columns, .tokens = 1 + rows * columns};
    const size_t size = (size_t)(plan.tokens * width);
    float *tokens = malloc(size * sizeof *tokens), *streams = malloc(3 * size * sizeof *streams);
    assert_true(tokens && streams);
    for (size_t i = 0; i < size; i++) tokens[i] = (float)((i * 7919) % 1000) / 250 - 2;
    memset(streams, 0xff, 3 * size * sizeof *streams);
    okng_afclip_aggregate(&plan, width, tokens, streams);
    assert_memory_equal(streams, tokens, size * sizeof *tokens);
    for (int32_t reach = 1; reach < 3; reach++) {
        const float *stream = streams + (size_t)reach * size;
        assert_memory_equal(stream, tokens, (size_t)width * sizeof *tokens);
        for (int32_t i = 0; i < rows * columns; i++)
            for (int64_t c = 0; c < width; c++)
                assert_true(fabs((double)stream[(1 + i) * width + c] -
                                 expected_at(&plan, width, tokens, reach, i / columns, i % columns, c)) < 1e-6);
    }
    free(tokens);
    free(streams);
}

static void streams_are_means_of_neighbours_with_zeros_beyond_the_border(void **state)
{
    (void)state;
    assert_true(fabs(weight_at(1, 0, 0) - 0.1158) < 5e-5 && fabs(weight_at(1, 1, 0) - 0.1123) < 5e-5 &&
                fabs(weight_at(1, 1, 1) - 0.1088) < 5e-5);
    check_streams(5, 7, 3);
    check_streams(6, 4, 130);
    check_streams(1, 1, 64);
    check_streams(1, 3, 5);
    check_streams(2, 1, 1);
}

/* ---- words and scores ---- */

static void words_need_a_text_tower(void **state)
{
    (void)state;
    static const char pictures[] = "\x4b\0\0\0\0\0\0\0"
                                   "{\"visual.class_embedding\":{\"dtype\":\"F32\",\"shape\":[1],"
                                   "\"data_offsets\":[0,4]}}\0\0\0\0";
    static const okng_afclip_ids ids = {.lengths = {5, 5}};
    okng_weights *weights;
    okng_afclip_words words;
    assert_ok(okng_weights_open_memory(&weights, pictures, sizeof pictures - 1, "pictures.safetensors", error));
    assert_fails(OKNG_ERROR_MISMATCH, "pictures.safetensors: holds no text tower of a CLIP, expected both towers",
                 okng_afclip_words_new(&words, weights, 256, &ids, error));
    assert_null(words.tokens);
    okng_weights_close(&weights);
    assert_fails(OKNG_ERROR_NOT_FOUND, "nowhere",
                 okng_afclip_ids_read(&(okng_afclip_ids){.lengths = {0}}, "nowhere", error));
}

/* Cosines of any length of z, added over streams; a vector of no length adds nothing. */
static void scores_are_sums_of_cosines(void **state)
{
    (void)state;
    enum { DIM = 18, TOKENS = 3, STREAMS = 2 };
    float prototypes[2 * DIM] = {[0] = 1, [DIM + 1] = 1}, z[STREAMS * TOKENS * DIM] = {0}, p[TOKENS];
    double sums[TOKENS] = {0};
    z[0 * DIM + 0] = 5; /* token 0: good, then as much of both */
    z[(TOKENS + 0) * DIM + 0] = z[(TOKENS + 0) * DIM + 1] = 3;
    z[1 * DIM + 1] = 0.5f; /* token 1: bad, then nothing of either */
    z[(TOKENS + 1) * DIM + 17] = 7;
    okng_afclip_score_add(prototypes, DIM, z, STREAMS, TOKENS, 2, sums);
    assert_true(fabs(sums[0] + 1) < 1e-6 && fabs(sums[1] - 1) < 1e-6 && sums[2] == 0);
    okng_afclip_score_shares(sums, TOKENS, 0.5, p);
    assert_true(fabs((double)p[0] - 1 / (1 + exp(2))) < 1e-6 && fabs((double)p[1] - 1 / (1 + exp(-2))) < 1e-6);
    assert_true(p[2] == 0.5f);
}

/* Of numbers that are not finite, or whose squares are not, nothing may be said as if they were. */
static void what_is_not_finite_stays_so(void **state)
{
    (void)state;
    enum { DIM = 18 };
    const float wrong[] = {NAN, INFINITY, -INFINITY, 1e30f, -3e38f};
    const okng_afclip_plan plan = {.rows = 1, .columns = 1, .tokens = 2};
    float prototypes[2 * DIM] = {[0] = 1, [DIM + 1] = 1};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        for (int d = 0; d < DIM; d++) {
            float z[2 * DIM] = {[0] = 1, [DIM] = 1}, streams[6 * DIM] = {0}, factors[6];
            double sums[2] = {0};
            z[DIM + d] = wrong[i];
            okng_afclip_score_add(prototypes, DIM, z, 1, 2, 1, sums);
            assert_true(sums[0] == -1 && isnan(sums[1]));
            streams[3 * DIM + d] = wrong[i];
            okng_afclip_deviations(&plan, DIM, streams, 1, factors);
            for (int t = 0; t < 6; t++) assert_true(t == 3 ? isnan(factors[t]) : factors[t] > 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depths_are_the_quarters_of_the_tower),
        cmocka_unit_test(a_plan_that_cannot_be_is_refused),
        cmocka_unit_test(streams_are_means_of_neighbours_with_zeros_beyond_the_border),
        cmocka_unit_test(words_need_a_text_tower),
        cmocka_unit_test(scores_are_sums_of_cosines),
        cmocka_unit_test(what_is_not_finite_stays_so),
    };
    return RUN_TESTS(tests);
}
