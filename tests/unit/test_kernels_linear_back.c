/* Kernels of gradients: every variant that this CPU runs against plain loops, bit by bit, and those against double. */
#include "base/rng.h"
#include "kernels/linear.h"
#include "test.h"

static const okng_cpu all[] = {OKNG_CPU_C, OKNG_CPU_AVX2, OKNG_CPU_AVX512};
enum { VARIANTS = sizeof all / sizeof *all, LANES = OKNG_LINEAR_LANES };

static okng_rng rng;

static size_t below(size_t bound)
{
    return (size_t)okng_rng_below(&rng, bound);
}

static float *numbers(size_t count, float scale)
{
    float *made = malloc((count + 1) * sizeof *made);
    assert_non_null(made);
    for (size_t i = 0; i < count; i++) made[i] = scale * (float)okng_rng_normal(&rng);
    return made;
}

static void assert_same(const okng_linear *linear, const float *found, const float *expected, size_t count,
                        const char *what)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(found + i, expected + i, sizeof *found) != 0)
            fail_msg("%s, %s: element %zu of %zu is %a, expected %a", linear->name, what, i, count, (double)found[i],
                     (double)expected[i]);
}

/* out [count, panel] = or += or -= rows^T times the panel; rows [inner, stride]. */
static void product_round(const okng_linear *linear, size_t count, size_t inner, okng_linear_way way)
{
    const size_t stride = count + below(5), floats = count * linear->panel;
    float *rows = numbers(inner * stride, 1), *panel = numbers(inner * linear->panel, 1), *found = numbers(floats, 1);
    float *expected = malloc((floats + 1) * sizeof *expected);
    for (size_t r = 0; r < count; r++)
        for (size_t n = 0; n < linear->panel; n++) {
            const float before = found[r * linear->panel + n];
            float chain = 0;
            for (size_t k = 0; k < inner; k++) chain = fmaf(rows[k * stride + r], panel[k * linear->panel + n], chain);
            expected[r * linear->panel + n] = way == OKNG_LINEAR_SET   ? chain
                                              : way == OKNG_LINEAR_ADD ? before + chain
                                                                       : before - chain;
        }
    linear->multiply_turned(&(okng_linear_product){.rows = rows,
                                                   .stride = stride,
                                                   .count = count,
                                                   .inner = inner,
                                                   .panel = panel,
                                                   .targets = {{found, way}},
                                                   .target_count = 1,
                                                   .out_stride = linear->panel});
    assert_same(linear, found, expected, floats, "turned product");
    free(rows);
    free(panel);
    free(found);
    free(expected);
}

static void a_turned_product_is_one_chain_per_element(void **state)
{
    (void)state;
    rng = okng_rng_new(1, OKNG_STREAM_START);
    for (size_t v = 0; v < VARIANTS; v++)
        for (size_t count = 1; okng_linear_variant(all[v]) && count < 30; count++)
            product_round(okng_linear_variant(all[v]), count, 1 + below(100), (okng_linear_way)(count % 3));
}

static void logs_are_of_the_sums(void **state)
{
    (void)state;
    rng = okng_rng_new(2, OKNG_STREAM_START);
    for (size_t columns = 1; columns < 200; columns += 7) {
        float expected[LANES * 14], found[LANES * 14], *row = numbers(LANES * 14, 5);
        double sum = 0;
        memcpy(expected, row, sizeof expected);
        const float first = okng_linear_variant(OKNG_CPU_C)->weigh(expected, columns, 0.5f);
        for (size_t i = 0; i < columns; i++) sum += exp(0.5 * (double)row[i]);
        assert_true(fabs((double)first - log(sum)) < 2e-6 * (1 + fabs(log(sum))));
        for (size_t v = 0; v < VARIANTS; v++) {
            const okng_linear *linear = okng_linear_variant(all[v]);
            if (!linear) continue;
            memcpy(found, row, sizeof found);
            const float log_sum = linear->weigh(found, columns, 0.5f);
            assert_same(linear, &log_sum, &first, 1, "logarithm");
            assert_same(linear, found, expected, columns, "weights");
            memcpy(found, row, sizeof found);
            linear->softmax(found, columns, 0.5f);
            assert_same(linear, found, expected, columns, "softmax");
        }
        free(row);
    }
}

static void weighing_round(size_t count)
{
    const size_t room = (count + LANES - 1) / LANES * LANES;
    float *scores = numbers(room, 3), *gradients = numbers(room, 1), *logs = numbers(room, 1),
          *along = numbers(room, 1);
    float *p = malloc(room * sizeof *p), *d = malloc(room * sizeof *d), *first = malloc(2 * room * sizeof *first);
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_linear *linear = okng_linear_variant(all[v]);
        if (!linear) continue;
        memcpy(p, scores, room * sizeof *p);
        memcpy(d, gradients, room * sizeof *d);
        linear->weigh_back(&(okng_linear_weighing){p, d, logs, along, count, 0.125f});
        if (v == 0) {
            memcpy(first, p, room * sizeof *p);
            memcpy(first + room, d, room * sizeof *d);
        }
        assert_same(linear, p, first, count, "weights");
        assert_same(linear, d, first + room, count, "gradients");
    }
    for (size_t i = 0; i < count; i++) {
        const double weight = exp((double)scores[i] * 0.125 - (double)logs[i]);
        const double change = 0.125 * weight * ((double)gradients[i] - (double)along[i]);
        assert_true(fabs((double)first[i] - weight) < 1e-6 * weight);
        assert_true(fabs((double)first[room + i] - change) < 2e-6 * (fabs(change) + weight));
    }
    free(scores);
    free(gradients);
    free(logs);
    free(along);
    free(p);
    free(d);
    free(first);
}

static void weights_come_again_from_their_logs(void **state)
{
    (void)state;
    rng = okng_rng_new(3, OKNG_STREAM_START);
    for (size_t count = 1; count < 70; count++) weighing_round(count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_turned_product_is_one_chain_per_element),
                                       cmocka_unit_test(logs_are_of_the_sums),
                                       cmocka_unit_test(weights_come_again_from_their_logs)};
    return RUN_TESTS(tests);
}
