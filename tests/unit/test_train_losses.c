/* The losses of training in float64: gradients against finite differences, and the formulas that the specification
 * states. */
#define OKNG_LOSSES_REAL double
#include "train/losses.c"

#include "base/rng.h"
#include "test.h"
#include "train/adam.h"

enum { PICTURES = 3, CELLS = 70, DIM = 5, STREAMS = 4, TOKENS = 1 + CELLS };

typedef struct batch {
    okng_loss_rule rule;
    int64_t pictures;
    double texts[2 * DIM], z[STREAMS][PICTURES * TOKENS * DIM];
    float labels[PICTURES], targets[PICTURES * CELLS];
} batch;

static okng_rng rng;

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g", found, expected);
}

/* Normal cells, anomalous ones and some between, as masks give them; cosines small, so that no probability is 0 or 1.
 */
static void draw(batch *b)
{
    rng = okng_rng_new(7, OKNG_STREAM_BENCH);
    b->pictures = PICTURES;
    b->rule = (okng_loss_rule){.lambda1 = 0.7, .lambda2 = 1.3, .temperature = 0.9};
    for (int i = 0; i < 2 * DIM; i++) b->texts[i] = okng_rng_normal(&rng);
    for (int s = 0; s < STREAMS; s++)
        for (int i = 0; i < PICTURES * TOKENS * DIM; i++) b->z[s][i] = okng_rng_normal(&rng);
    for (int p = 0; p < PICTURES; p++) b->labels[p] = p == 1 ? 0 : 1;
    for (int i = 0; i < PICTURES * CELLS; i++) {
        const int kind = (int)okng_rng_below(&rng, 8);
        b->targets[i] = i / CELLS == 1 ? 0 : kind < 5 ? 0 : kind < 7 ? 1 : 0.5f;
    }
    /* anomalous cells stand near normal ones, so that every stream's alignment is above 0 */
    for (int s = 0; s < STREAMS; s++)
        for (int i = 0; i < PICTURES * CELLS; i++)
            if (b->targets[i] == 1) {
                const int row = i / CELLS * TOKENS + 1 + i % CELLS;
                for (int k = 0; k < DIM; k++) b->z[s][row * DIM + k] = 0.3 * b->z[s][row * DIM + k] + (k < 2);
            } else {
                const int row = i / CELLS * TOKENS + 1 + i % CELLS;
                for (int k = 0; k < DIM; k++) b->z[s][row * DIM + k] += (i % 2 ? 1.5 : -1.5) * (k == 4) + (k < 2);
            }
}

static okng_loss_parts run(const batch *b, int threads, double weight, double (*dz)[PICTURES * TOKENS * DIM],
                           double *d_texts)
{
    const okng_loss_shape shape = {PICTURES, CELLS, DIM, STREAMS};
    okng_losses *losses;
    okng_loss_parts parts;
    assert_ok(okng_losses_new(&losses, &shape, &b->rule, threads, error));
    assert_ok(okng_losses_begin(losses, b->pictures, b->texts, b->labels, b->targets, error));
    for (int s = 0; s < STREAMS; s++) okng_losses_see(losses, s, b->z[s]);
    okng_losses_finish(losses, weight, &parts);
    for (int s = 0; dz && s < STREAMS; s++) okng_losses_back(losses, s, b->z[s], dz[s]);
    if (d_texts) okng_losses_texts(losses, d_texts);
    okng_losses_free(&losses);
    return parts;
}

static double by_difference(batch *b, double *value)
{
    const double was = *value, step = 1e-5;
    *value = was + step;
    const double above = run(b, 1, 1, NULL, NULL).total;
    *value = was - step;
    const double below = run(b, 1, 1, NULL, NULL).total;
    *value = was;
    return (above - below) / (2 * step);
}

static double dz[STREAMS][PICTURES * TOKENS * DIM], other[STREAMS][PICTURES * TOKENS * DIM];
static batch b;

static void test_gradients_are_finite_differences(void **state)
{
    (void)state;
    double d_texts[2 * DIM];
    draw(&b);
    const okng_loss_parts parts = run(&b, 1, 1, dz, d_texts);
    assert_true(parts.image > 0 && parts.focal > 0 && parts.l1 > 0);
    for (int i = 0; i < 2 * DIM; i++) {
        const double expected = by_difference(&b, &b.texts[i]);
        if (fabs(d_texts[i] - expected) > 1e-8) fail_msg("text %d: %.12g, expected %.12g", i, d_texts[i], expected);
    }
    for (int s = 0; s < STREAMS; s++)
        for (int i = s; i < PICTURES * TOKENS * DIM; i += 7) {
            const double expected = by_difference(&b, &b.z[s][i]);
            if (fabs(dz[s][i] - expected) > 1e-8)
                fail_msg("stream %d, value %d: %.12g, expected %.12g", s, i, dz[s][i], expected);
        }
}

/* By the matrices of cosines that are not made. */
static double alignment_by_pairs(const batch *x)
{
    double all = 0;
    for (int s = 0; s < STREAMS; s++) {
        double mixed = 0, same = 0, mixed_pairs = 0, same_pairs = 0;
        for (int p = 0; p < x->pictures; p++)
            for (int i = 0; i < CELLS; i++)
                for (int j = 0; j < CELLS; j++) {
                    const float a = x->targets[p * CELLS + i], c = x->targets[p * CELLS + j];
                    const double *u = &x->z[s][(p * TOKENS + 1 + i) * DIM], *v = &x->z[s][(p * TOKENS + 1 + j) * DIM];
                    if (a == 0.5f || c == 0.5f) continue;
                    double uv = 0, uu = 0, vv = 0;
                    for (int k = 0; k < DIM; k++) uv += u[k] * v[k], uu += u[k] * u[k], vv += v[k] * v[k];
                    *(a == c ? &same : &mixed) += uv / sqrt(uu * vv);
                    *(a == c ? &same_pairs : &mixed_pairs) += 1;
                }
        const double found = mixed / mixed_pairs - same / same_pairs;
        all += found > 0 ? found : 0; /* also where there are no mixed pairs */
    }
    return all / STREAMS;
}

static void test_alignment_is_that_of_all_pairs(void **state)
{
    (void)state;
    draw(&b);
    const double expected = alignment_by_pairs(&b);
    assert_true(expected > 0.01);
    assert_near(run(&b, 1, 1, NULL, NULL).alignment, expected, 1e-12);
}

static void fill_targets(float value)
{
    for (int i = 0; i < PICTURES * CELLS; i++) b.targets[i] = value;
}

static void test_alignment_without_two_kinds_is_nothing(void **state)
{
    (void)state;
    draw(&b);
    fill_targets(0);
    assert_near(run(&b, 1, 1, NULL, NULL).alignment, 0, 0);
    fill_targets(1);
    assert_near(run(&b, 1, 1, NULL, NULL).alignment, 0, 0);
    for (int i = 0; i < CELLS; i++) b.targets[i] = 0; /* both kinds, never in one picture */
    assert_near(run(&b, 1, 1, NULL, NULL).alignment, 0, 0);
    const okng_loss_parts parts = run(&b, 1, 1, dz, NULL);
    assert_true(isfinite(parts.total));
    for (int i = 0; i < PICTURES * TOKENS * DIM; i++) assert_true(isfinite(dz[0][i]));
}

/* CLIP.md 3.7. */
static void test_focal_and_the_original_gradient(void **state)
{
    (void)state;
    double derivative, quirk;
    for (double p = 0.05; p < 1; p += 0.05) {
        const double value = focal(p, 0, false, &derivative);
        assert_near(value, -log(1 - p) * pow(p, 4), 1e-12);
        assert_near(derivative, pow(p, 4) / (1 - p) - 4 * pow(p, 3) * log(1 - p), 1e-9);
        assert_near(focal(p, 0, true, &quirk), value, 0);
        assert_near(quirk, pow(p, 3) * (1 + p) / (1 - p) - 8 * pow(p, 3) * log(1 - p), 1e-9);
        assert_near(focal(p, 1, false, &derivative), -log(p) * pow(1 - p, 4), 1e-12);
        for (double t = 0; t <= 1; t += 0.25) {
            double none;
            const double step = 1e-6, above = focal(p + step, t, false, &none),
                         below = focal(p - step, t, false, &none);
            (void)focal(p, t, false, &derivative);
            assert_near(derivative, (above - below) / (2 * step), 1e-6);
        }
    }
    assert_near(focal(1, 0, false, &derivative), 100, 0); /* logarithms are cut */
    assert_true(isfinite(derivative));
}

/* The largest difference that the switch makes in cells of a kind; -1: anything but cells. */
static double moved_by_quirk(float target, bool class_token)
{
    double largest = 0;
    for (int i = 0; i < PICTURES * TOKENS; i++) {
        const int cell = i / TOKENS * CELLS + i % TOKENS - 1;
        if ((i % TOKENS == 0) != class_token || (!class_token && b.targets[cell] != target)) continue;
        for (int k = 0; k < DIM; k++) largest = fmax(largest, fabs(dz[0][i * DIM + k] - other[0][i * DIM + k]));
    }
    return largest;
}

static void test_where_the_quirk_occurs(void **state)
{
    (void)state;
    draw(&b);
    const okng_loss_parts clean = run(&b, 1, 1, dz, NULL);
    b.rule.quirk = true;
    const okng_loss_parts odd = run(&b, 1, 1, other, NULL);
    assert_memory_equal(&clean, &odd, sizeof clean);
    assert_true(moved_by_quirk(0, false) > 1e-4);
    assert_near(moved_by_quirk(1, false), 0, 0);
    assert_near(moved_by_quirk(0.5f, false), 0, 0);
    assert_near(moved_by_quirk(0, true), 0, 0);

    for (int with = 0; with < 2; with++) { /* in a batch of normal cells, and not in one without */
        draw(&b);
        fill_targets(with ? 0 : 1);
        (void)run(&b, 1, 1, dz, NULL);
        b.rule.quirk = true;
        (void)run(&b, 1, 1, other, NULL);
        assert_int_equal(memcmp(dz, other, sizeof dz) != 0, with);
    }
}

static void test_threads_weights_and_in_place(void **state)
{
    (void)state;
    double texts[2 * DIM], texts_two[2 * DIM];
    draw(&b);
    (void)run(&b, 1, 1, dz, texts);
    (void)run(&b, 3, 1, other, texts_two);
    assert_memory_equal(dz, other, sizeof dz);
    assert_memory_equal(texts, texts_two, sizeof texts);
    (void)run(&b, 1, 0.25, other, texts_two);
    for (int i = 0; i < 2 * DIM; i++) assert_near(texts_two[i], 0.25 * texts[i], 1e-15);
    assert_near(other[2][11], 0.25 * dz[2][11], 1e-15);
    b.pictures = 1; /* the last batch of an epoch is smaller */
    (void)run(&b, 1, 1, dz, texts);
    memcpy(other, b.z, sizeof other);
    const okng_loss_shape shape = {PICTURES, CELLS, DIM, STREAMS};
    okng_losses *losses;
    okng_loss_parts parts;
    assert_ok(okng_losses_new(&losses, &shape, &b.rule, 1, error));
    assert_ok(okng_losses_begin(losses, 1, b.texts, b.labels, b.targets, error));
    for (int s = 0; s < STREAMS; s++) okng_losses_see(losses, s, other[s]);
    okng_losses_finish(losses, 1, &parts);
    for (int s = 0; s < STREAMS; s++) okng_losses_back(losses, s, other[s], other[s]);
    for (int s = 0; s < STREAMS; s++) assert_memory_equal(other[s], dz[s], TOKENS * DIM * sizeof(double));
    okng_losses_free(&losses);
}

static void test_text_without_a_direction(void **state)
{
    (void)state;
    const okng_loss_shape shape = {PICTURES, CELLS, DIM, STREAMS};
    okng_losses *losses;
    draw(&b);
    memset(b.texts + DIM, 0, DIM * sizeof *b.texts);
    assert_ok(okng_losses_new(&losses, &shape, &b.rule, 1, error));
    assert_fails(OKNG_ERROR_MISMATCH, "with defect.",
                 okng_losses_begin(losses, 1, b.texts, b.labels, b.targets, error));
    okng_losses_free(&losses);
}

/* ---- targets ---- */

static void check_targets(int32_t side, int32_t grid, int32_t first)
{
    uint8_t *mask = malloc((size_t)(side * side));
    float *targets = malloc((size_t)(grid * grid) * sizeof *targets);
    assert_non_null(mask);
    assert_non_null(targets);
    const int32_t step = side / grid;
    int halves = 0;
    for (int32_t i = 0; i < side * side; i++) mask[i] = okng_rng_below(&rng, 2) ? 255 : 0;
    okng_targets_of(mask, side, side, grid, grid, targets);
    for (int32_t y = 0; y < grid; y++)
        for (int32_t x = 0; x < grid; x++) {
            const uint8_t *at = mask + (step * y + first) * side + step * x + first;
            const int sum = (at[0] + at[1] + at[side] + at[side + 1]) / 255;
            const float expected = sum < 2 ? 0 : sum > 2 ? 1 : 0.5f;
            halves += sum == 2;
            assert_true(targets[y * grid + x] == expected);
        }
    assert_true(halves > 10);
    free(mask);
    free(targets);
}

static void test_targets_of_masks(void **state)
{
    (void)state;
    rng = okng_rng_new(3, OKNG_STREAM_BENCH);
    check_targets(518, 37, 6);
    check_targets(512, 32, 7);
    /* a grid that does not divide the mask: cell 1 of 2 over 5 pixels lies at 3.25 */
    const uint8_t row[5] = {0, 0, 0, 255, 0};
    float two[2];
    okng_targets_of(row, 1, 5, 1, 2, two);
    assert_true(two[0] == 0 && two[1] == 1);
    const uint8_t full[1] = {255};
    okng_targets_of(full, 1, 1, 1, 2, two);
    assert_true(two[0] == 1 && two[1] == 1);
}

/* ---- Adam ---- */

/* What torch.optim.Adam(betas=(0.5, 0.999), lr=0.01) of torch 1.13 makes of [1, -2, 0.5] in four steps with the
 * gradients below. */
static void test_adam_is_torchs(void **state)
{
    (void)state;
    static const float gradients[4][3] = {{0.5f, -1, 1e-9f}, {0.25f, 2, 0}, {-0.125f, 0.5f, 3}, {1, 1, -1}};
    static const float expected[4][3] = {{0.99000001f, -1.99000001f, 0.49909091f},
                                         {0.981566012f, -1.99632359f, 0.498779595f},
                                         {0.979405463f, -2.00172353f, 0.488887101f},
                                         {0.969575346f, -2.00865793f, 0.487201065f}};
    float values[3] = {1, -2, 0.5f};
    okng_adam adam;
    assert_ok(okng_adam_new(&adam, 3, error));
    for (uint64_t step = 1; step <= 4; step++) {
        okng_adam_step(&adam, step, 0.01, gradients[step - 1], values);
        for (int i = 0; i < 3; i++) assert_near((double)values[i], (double)expected[step - 1][i], 2e-7);
    }
    okng_adam_free(&adam);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients_are_finite_differences),
        cmocka_unit_test(test_alignment_is_that_of_all_pairs),
        cmocka_unit_test(test_alignment_without_two_kinds_is_nothing),
        cmocka_unit_test(test_focal_and_the_original_gradient),
        cmocka_unit_test(test_where_the_quirk_occurs),
        cmocka_unit_test(test_threads_weights_and_in_place),
        cmocka_unit_test(test_text_without_a_direction),
        cmocka_unit_test(test_targets_of_masks),
        cmocka_unit_test(test_adam_is_torchs),
    };
    return RUN_TESTS(tests);
}
