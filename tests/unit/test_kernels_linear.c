/* Kernels of linear maps: every variant that this CPU runs against the plain-C reference, bit by bit, and the reference
 * against double. */
#include "base/rng.h"
#include "kernels/linear.h"
#include "test.h"

static const okng_cpu all[] = {OKNG_CPU_C, OKNG_CPU_AVX2, OKNG_CPU_AVX512};
enum { VARIANTS = sizeof all / sizeof *all, WIDE = OKNG_LINEAR_PANEL_MAX };

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

/* out [2][count, WIDE]: rows * matrix [inner, WIDE] put there and taken from what there is, panel after panel. A matrix
 * is `left`, or the sum with `other` or the difference. */
static void multiply(const okng_linear *linear, okng_linear_product product, const float *left, const float *other,
                     float *out, okng_linear_way way)
{
    const size_t floats = product.inner * linear->panel;
    float *panel = malloc((3 * floats + 1) * sizeof *panel);
    for (size_t first = 0; first < WIDE; first += linear->panel) {
        for (size_t k = 0; k < product.inner; k++) {
            memcpy(panel + k * linear->panel, left + k * WIDE + first, linear->panel * sizeof *panel);
            memcpy(panel + floats + k * linear->panel, other + k * WIDE + first, linear->panel * sizeof *panel);
        }
        product.panel = product.next = panel;
        if (product.other) product.other = panel + floats;
        product.made = panel + 2 * floats;
        product.targets[0] = (okng_linear_target){out + first, way};
        product.targets[1] = (okng_linear_target){out + product.count * WIDE + first, OKNG_LINEAR_SUBTRACT};
        product.target_count = 2;
        product.out_stride = WIDE;
        linear->multiply(&product);
    }
    free(panel);
}

/* how: 0 for the matrix as it lies, 1 for a sum, 2 for a difference */
static void product_round(size_t count, size_t inner, okng_linear_way way, int how)
{
    const size_t stride = inner + below(5), all_out = 2 * count * WIDE;
    float *rows = numbers(count * stride, 1), *left = numbers(inner * WIDE, 1), *right = numbers(inner * WIDE, 1);
    float *start = numbers(all_out, 1);
    float *expected = malloc(all_out * sizeof *expected), *found = malloc(all_out * sizeof *found);
    memcpy(expected, start, all_out * sizeof *start);
    for (size_t r = 0; r < count; r++)
        for (size_t n = 0; n < WIDE; n++) {
            float chain = 0, *to = expected + r * WIDE + n;
            for (size_t k = 0; k < inner; k++) {
                const float a = left[k * WIDE + n], b = right[k * WIDE + n];
                chain = fmaf(rows[r * stride + k], how == 0 ? a : how == 1 ? a + b : a - b, chain);
            }
            to[0] = way == OKNG_LINEAR_SET ? chain : way == OKNG_LINEAR_ADD ? to[0] + chain : to[0] - chain;
            to[count * WIDE] -= chain;
        }
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_linear *linear = okng_linear_variant(all[v]);
        if (!linear) continue;
        memcpy(found, start, all_out * sizeof *start);
        multiply(linear,
                 (okng_linear_product){.rows = rows,
                                       .stride = stride,
                                       .count = count,
                                       .inner = inner,
                                       .other = how ? right : NULL,
                                       .subtract = how == 2},
                 left, right, found, way);
        assert_same(linear, found, expected, all_out, "product");
    }
    free(rows);
    free(left);
    free(right);
    free(start);
    free(expected);
    free(found);
}

static void a_product_is_one_chain_per_element(void **state)
{
    (void)state;
    rng = okng_rng_new(1, OKNG_STREAM_START);
    for (size_t count = 1; count < 30; count++)
        for (int how = 0; how < 3; how++) product_round(count, 1 + below(40), (okng_linear_way)(count % 3), how);
    product_round(197, 192, OKNG_LINEAR_ADD, 0);
    product_round(99, 192, OKNG_LINEAR_ADD, 2);
}

/* Rows in pieces that lie anywhere, from 0 or from a sum, in one go or in two, with an end or without. */
typedef struct gathered {
    size_t count, taps, inner, columns;
    bool begun, ends, relu;
} gathered;

/* As gathered, the pieces of a tap behind those of the tap before. */
static void multiply_gathered(const okng_linear *linear, const gathered *g, const float *const *pieces,
                              const float *matrix, const float *begin, const float *bias, float *out)
{
    const size_t wide = linear->panel, inner = g->taps * g->inner, first = g->taps / 2;
    float *panel = malloc(inner * wide * sizeof *panel);
    for (size_t n = 0; n < g->columns; n += wide) {
        for (size_t k = 0; k < inner; k++)
            for (size_t i = 0; i < wide; i++) panel[k * wide + i] = n + i < WIDE ? matrix[k * WIDE + n + i] : 0.0f;
        okng_linear_gathered product = {.pieces = pieces,
                                        .pieces_stride = g->count,
                                        .offset = 1,
                                        .count = g->count,
                                        .taps = first,
                                        .inner = g->inner,
                                        .panel = panel,
                                        .columns = g->columns - n < wide ? g->columns - n : wide,
                                        .out = out + n,
                                        .out_stride = g->columns,
                                        .begin = g->begun ? begin + n : NULL,
                                        .relu = g->relu,
                                        .next = panel};
        if (first > 0) {
            linear->multiply_gathered(&product);
            product.begin = product.out;
        }
        product.pieces += first * g->count;
        product.taps = g->taps - first;
        product.panel += first * g->inner * wide;
        product.bias = g->ends ? bias + n : NULL;
        linear->multiply_gathered(&product);
    }
    free(panel);
}

static float gathered_element(const gathered *g, size_t r, size_t n, const float *const *pieces, const float *matrix,
                              float begin, float bias)
{
    float chain = g->begun ? begin : 0.0f;
    for (size_t t = 0; t < g->taps; t++)
        for (size_t k = 0; k < g->inner; k++)
            chain = fmaf(pieces[t * g->count + r][1 + k], matrix[(t * g->inner + k) * WIDE + n], chain);
    if (g->ends) chain += bias;
    return g->ends && g->relu && chain < 0.0f ? 0.0f : chain;
}

static void gathered_round(const gathered *g)
{
    const size_t results = g->count * g->columns, there = 4 * g->inner + g->count;
    float *map = numbers(there, 1), *matrix = numbers(g->taps * g->inner * WIDE, 1), *bias = numbers(WIDE, 1);
    float *begin = numbers(results, 1), *expected = numbers(results, 1), *found = numbers(results, 1);
    const float **pieces = malloc(g->count * g->taps * sizeof *pieces);
    assert_non_null(pieces);
    for (size_t i = 0; i < g->count * g->taps; i++) pieces[i] = map + below(there - g->inner);
    map[below(there)] = NAN;
    for (size_t i = 0; i < results; i++)
        expected[i] =
            gathered_element(g, i / g->columns, i % g->columns, pieces, matrix, begin[i], bias[i % g->columns]);
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_linear *linear = okng_linear_variant(all[v]);
        if (!linear) continue;
        multiply_gathered(linear, g, pieces, matrix, begin, bias, found);
        for (size_t i = 0; i < results; i++)
            if (isnan(found[i]) && isnan(expected[i])) found[i] = expected[i]; /* of any sign */
        assert_same(linear, found, expected, results, "gathered product");
    }
    free(map);
    free(matrix);
    free(bias);
    free(begin);
    free(expected);
    free(found);
    free(pieces);
}

static void gathered_rows_are_one_chain_per_element(void **state)
{
    (void)state;
    rng = okng_rng_new(5, OKNG_STREAM_START);
    for (size_t i = 1; i <= 3 * WIDE; i++)
        gathered_round(&(gathered){.count = 1 + below(40),
                                   .taps = 1 + below(9),
                                   .inner = 1 + below(70),
                                   .columns = (i - 1) % WIDE + 1,
                                   .begun = below(2),
                                   .ends = below(3),
                                   .relu = below(2)});
}

/* Variants beside the reference: the end of a map, with columns that fill no vector. */
static void finish_round(size_t rows, size_t columns, okng_linear_curve curve, float scale)
{
    const size_t stride = WIDE + below(3), wide = columns + below(9);
    float *sums = numbers(rows * stride, scale), *bias = numbers(columns, 1), *added = numbers(rows * wide, 1);
    float *expected = numbers(rows * wide, 1), *found = malloc(rows * wide * sizeof *found), *start = numbers(0, 1);
    sums[0] = NAN;
    sums[stride * (rows - 1)] = -INFINITY;
    free(start);
    start = malloc(rows * wide * sizeof *start);
    memcpy(start, expected, rows * wide * sizeof *start);
    okng_linear_finish f = {sums, stride, rows, columns, bias, rows % 2 ? added : NULL, expected, wide, curve};
    okng_linear_variant(OKNG_CPU_C)->finish(&f);
    for (size_t v = 1; v < VARIANTS; v++) {
        const okng_linear *linear = okng_linear_variant(all[v]);
        if (!linear) continue;
        memcpy(found, start, rows * wide * sizeof *start);
        f.out = found;
        linear->finish(&f);
        for (size_t i = 0; i < rows * wide; i++)
            if (isnan(found[i]) && isnan(expected[i])) found[i] = expected[i]; /* of any sign */
        assert_same(linear, found, expected, rows * wide, "end");
    }
    free(sums);
    free(bias);
    free(added);
    free(expected);
    free(found);
    free(start);
}

static void ends_have_the_bits_of_the_reference(void **state)
{
    (void)state;
    rng = okng_rng_new(2, OKNG_STREAM_START);
    for (size_t columns = 1; columns <= WIDE; columns++)
        for (int curve = OKNG_LINEAR_NONE; curve <= OKNG_LINEAR_QUICK_GELU; curve++)
            finish_round(1 + below(7), columns, (okng_linear_curve)curve, curve == OKNG_LINEAR_NONE ? 1 : 30);
}

static void softmax_round(size_t columns, float scale)
{
    const size_t room = (columns + OKNG_LINEAR_LANES - 1) / OKNG_LINEAR_LANES * OKNG_LINEAR_LANES;
    float *row = numbers(room, 5), *expected = malloc(room * sizeof *row), *found = malloc(room * sizeof *row);
    double sum = 0, largest = -INFINITY;
    memcpy(expected, row, room * sizeof *row);
    okng_linear_variant(OKNG_CPU_C)->softmax(expected, columns, scale);
    for (size_t v = 1; v < VARIANTS; v++) {
        const okng_linear *linear = okng_linear_variant(all[v]);
        if (!linear) continue;
        memcpy(found, row, room * sizeof *row);
        linear->softmax(found, columns, scale);
        assert_same(linear, found, expected, room, "softmax");
    }
    for (size_t i = 0; i < columns; i++) largest = fmax(largest, (double)(row[i] * scale));
    for (size_t i = 0; i < columns; i++) sum += exp((double)row[i] * (double)scale - largest);
    for (size_t i = 0; i < columns; i++) {
        const double right = exp((double)row[i] * (double)scale - largest) / sum;
        if (fabs((double)expected[i] - right) > 2e-6 * right + 1e-37)
            fail_msg("softmax of %zu: element %zu is %g, expected %g", columns, i, (double)expected[i], right);
    }
    for (size_t i = columns; i < room; i++) assert_true(expected[i] == 0.0f);
    free(row);
    free(expected);
    free(found);
}

static void softmax_is_right(void **state)
{
    (void)state;
    rng = okng_rng_new(3, OKNG_STREAM_START);
    for (size_t columns = 1; columns < 70; columns++) softmax_round(columns, 0.125f);
    softmax_round(1370, 1.0f);
}

static void strassen_rows_have_the_bits_of_the_reference(void **state)
{
    (void)state;
    enum { HALF = 75, STRIDE = 64 };
    rng = okng_rng_new(4, OKNG_STREAM_START);
    float *rows = numbers(4 * HALF, 1), *zeros = calloc(2 * HALF, sizeof *zeros);
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_linear *linear = okng_linear_variant(all[v]);
        float expected[OKNG_STRASSEN_PRODUCTS * STRIDE] = {0}, found[OKNG_STRASSEN_PRODUCTS * STRIDE] = {0};
        if (!linear) continue;
        for (size_t begin = 0; begin < 20; begin++) {
            const size_t count = 1 + below(HALF - begin < STRIDE ? HALF - begin : STRIDE);
            okng_linear_variant(OKNG_CPU_C)->sums(rows, rows + 2 * HALF, HALF, begin, count, expected, STRIDE);
            linear->sums(rows, rows + 2 * HALF, HALF, begin, count, found, STRIDE);
            assert_same(linear, found, expected, OKNG_STRASSEN_PRODUCTS * STRIDE, "sums");
            okng_linear_variant(OKNG_CPU_C)->sums(rows, zeros, HALF, begin, count, expected, STRIDE);
            linear->sums(rows, NULL, HALF, begin, count, found, STRIDE);
            for (size_t i = 0; i < OKNG_STRASSEN_PRODUCTS * STRIDE; i++) assert_true(found[i] == expected[i]);
        }
    }
    free(rows);
    free(zeros);
}

/* One value through the end of a map. */
static double through(okng_linear_curve curve, double x)
{
    const float value = (float)x, bias = 0;
    float out;
    okng_linear_variant(OKNG_CPU_C)->finish(&(okng_linear_finish){&value, 1, 1, 1, &bias, NULL, &out, 1, curve});
    return (double)out;
}

static void curves_are_as_near_as_promised(void **state)
{
    (void)state;
    double most = 0, most_quick = 0;
    for (int i = -300000; i <= 300000; i++) {
        const double x = (double)(float)(i * 1e-4), right = x * 0.5 * erfc(-x / sqrt(2.0));
        const double quick = x / (1 + exp(-1.702 * x));
        most = fmax(most, fabs(through(OKNG_LINEAR_GELU, x) - right) - 6e-8 * fabs(right));
        most_quick =
            fmax(most_quick, fabs(through(OKNG_LINEAR_QUICK_GELU, x) - quick) - 3e-7 * fabs(quick) - 1e-6 * (x < -20));
    }
    if (most > 4e-8) fail_msg("GELU is off by %g", most);
    if (most_quick > 4e-8) fail_msg("QuickGELU is off by %g", most_quick);
    assert_true(through(OKNG_LINEAR_GELU, INFINITY) == INFINITY);
    assert_true(isnan(through(OKNG_LINEAR_GELU, NAN)) && isnan(through(OKNG_LINEAR_QUICK_GELU, NAN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_product_is_one_chain_per_element),
                                       cmocka_unit_test(gathered_rows_are_one_chain_per_element),
                                       cmocka_unit_test(ends_have_the_bits_of_the_reference),
                                       cmocka_unit_test(softmax_is_right),
                                       cmocka_unit_test(strassen_rows_have_the_bits_of_the_reference),
                                       cmocka_unit_test(curves_are_as_near_as_promised)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
