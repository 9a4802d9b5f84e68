/* Every variant that this CPU runs against the plain-C reference, bit by bit. */
#include <stdbool.h>
#include <sys/mman.h>

#include "base/rng.h"
#include "kernels/kernels.h"
#include "test.h"

static const okng_cpu all[] = {OKNG_CPU_C, OKNG_CPU_AVX2, OKNG_CPU_AVX512, OKNG_CPU_NEON};
enum { VARIANTS = sizeof all / sizeof *all };

static okng_rng rng;

static size_t below(size_t bound)
{
    return (size_t)okng_rng_below(&rng, bound);
}

/* Mostly ordinary numbers; with `wild`, also what goes wrong. */
static void fill(float *values, size_t count, bool wild)
{
    static const float odd[] = {0.0f, -0.0f, 1e-45f, -1e-38f, 3e38f, -3e38f, INFINITY, -INFINITY, NAN, -NAN};
    for (size_t i = 0; i < count; i++) {
        values[i] = (float)okng_rng_normal(&rng);
        if (wild && below(97) == 0) values[i] = odd[below(sizeof odd / sizeof *odd)];
    }
}

static void assert_same_bits(const okng_kernels *kernels, const float *found, const float *expected, size_t count,
                             const char *what)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(found + i, expected + i, sizeof *found) != 0)
            fail_msg("%s, %s: element %zu of %zu is %a, expected %a", kernels->name, what, i, count, (double)found[i],
                     (double)expected[i]);
}

static void block_round(const okng_kernels *kernels, size_t q, size_t r, size_t dim, bool wild)
{
    const okng_kernels *plain = okng_kernels_variant(OKNG_CPU_C);
    size_t shift = below(16), stride = r + below(5);
    float *memory = malloc((q * dim + r * dim + 32) * sizeof *memory);
    float *queries = memory + shift, *rows = queries + q * dim + below(16);
    float *found = malloc((q * stride + 1) * sizeof *found), *expected = malloc((q * stride + 1) * sizeof *expected);
    fill(queries, q * dim, wild);
    fill(rows, r * dim, wild);
    for (size_t i = 0; i <= q * stride; i++) found[i] = expected[i] = -7.0f; /* what lies between stays as it was */
    plain->l2_squared_block(queries, q, rows, r, dim, expected, stride);
    kernels->l2_squared_block(queries, q, rows, r, dim, found, stride);
    assert_same_bits(kernels, found, expected, q * stride + 1, "block");
    for (size_t i = 0; i < q && i < r; i++) {
        float one = kernels->l2_squared(queries + i * dim, rows + i * dim, dim);
        assert_same_bits(kernels, &one, expected + i * stride + i, 1, "single");
    }
    free(memory);
    free(found);
    free(expected);
}

static void distances_have_the_bits_of_the_reference(void **state)
{
    (void)state;
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_kernels *kernels = okng_kernels_variant(all[v]);
        if (!kernels) continue;
        rng = okng_rng_new(1, OKNG_STREAM_START);
        for (size_t dim = 0; dim < 70; dim++) block_round(kernels, below(9), below(40), dim, dim % 2 == 1);
        for (int i = 0; i < 60; i++) block_round(kernels, 1 + below(13), 1 + below(50), 1 + below(700), i % 3 == 0);
    }
}

static void a_distance_is_sixteen_sums_added_as_a_tree(void **state)
{
    (void)state;
    float a[35], b[35], sums[16] = {0};
    rng = okng_rng_new(2, OKNG_STREAM_START);
    fill(a, 35, false);
    fill(b, 35, false);
    for (int i = 0; i < 35; i++) sums[i % 16] = fmaf(a[i] - b[i], a[i] - b[i], sums[i % 16]);
    for (int half = 8; half > 0; half /= 2)
        for (int i = 0; i < half; i++) sums[i] += sums[i + half];
    float found = okng_kernels_get()->l2_squared(a, b, 35);
    assert_memory_equal(&found, &sums[0], sizeof found);
}

static void products_have_the_bits_of_the_reference(void **state)
{
    (void)state;
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_kernels *kernels = okng_kernels_variant(all[v]);
        if (!kernels) continue;
        rng = okng_rng_new(3, OKNG_STREAM_START);
        for (int i = 0; i < 120; i++) {
            size_t count = below(20), dim = below(90), columns = 1 + below(150), stride = (columns + 15) / 16 * 16;
            float *rows = malloc((count * dim + 1) * sizeof *rows), *matrix = malloc((dim * stride + 1) * sizeof *rows);
            float *found = calloc(count * columns + 1, sizeof *rows);
            float *expected = calloc(count * columns + 1, sizeof *rows);
            fill(rows, count * dim, i % 4 == 0);
            fill(matrix, dim * stride, i % 4 == 1);
            okng_kernels_variant(OKNG_CPU_C)->project(rows, count, dim, matrix, stride, columns, expected);
            kernels->project(rows, count, dim, matrix, stride, columns, found);
            assert_same_bits(kernels, found, expected, count * columns + 1, "project");
            free(rows);
            free(matrix);
            free(found);
            free(expected);
        }
    }
}

/* A plan as a resize makes them: windows that move on and grow no faster than they move. */
static okng_resample_axis random_axis(size_t in, size_t out)
{
    size_t most = 1 + below(in < 40 ? in : 40), taps = (most + 3) / 4 * 4;
    okng_resample_axis axis = {(int32_t)taps, malloc(out * 4), malloc(out * 4), calloc(out * taps, 4)};
    for (size_t i = 0; i < out; i++) {
        size_t end = most + i * (in - most) / out, low = i > 0 ? (size_t)axis.first[i - 1] : 0;
        axis.first[i] = (int32_t)(end - most > low ? end - most : low);
        if (i % 3 == 0 && (size_t)axis.first[i] + 1 < end) axis.first[i]++;
        axis.count[i] = (int32_t)end - axis.first[i];
        int32_t share = (1 << OKNG_RESAMPLE_BITS) / axis.count[i];
        for (int32_t k = 0; k < axis.count[i]; k++)
            axis.weights[i * taps + (size_t)k] = share + (int32_t)below((size_t)share) * (below(2) ? 1 : -1);
    }
    return axis;
}

static void resampling_has_the_bytes_of_the_reference(void **state)
{
    (void)state;
    const okng_kernels *plain = okng_kernels_variant(OKNG_CPU_C);
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_kernels *kernels = okng_kernels_variant(all[v]);
        if (!kernels) continue;
        rng = okng_rng_new(5, OKNG_STREAM_START);
        for (int round = 0; round < 300; round++) {
            size_t in = 1 + below(120), out = 1 + below(150), rows = 1 + below(12), shift = below(20);
            uint8_t *from = malloc(shift + rows * in * 3), *found = malloc(in * 3 + out * 3);
            uint8_t *expected = malloc(in * 3 + out * 3);
            for (size_t i = 0; i < shift + rows * in * 3; i++) from[i] = (uint8_t)below(256);
            okng_resample_axis axis = random_axis(in, out);
            plain->resample_rgb(&axis, from + shift, in, expected, out);
            kernels->resample_rgb(&axis, from + shift, in, found, out);
            int32_t weights[12];
            for (size_t k = 0; k < rows; k++) weights[k] = (int32_t)below(1 << 19) - (1 << 17);
            size_t size = 1 + below(in * 3);
            memset(expected + out * 3, 0, in * 3);
            memset(found + out * 3, 0, in * 3);
            plain->resample_rows(weights, rows, from + shift, in * 3, size, expected + out * 3);
            kernels->resample_rows(weights, rows, from + shift, in * 3, size, found + out * 3);
            assert_memory_equal(found, expected, out * 3 + in * 3);
            free(axis.first);
            free(axis.count);
            free(axis.weights);
            free(from);
            free(found);
            free(expected);
        }
    }
}

/* `bytes` that end just before a page that must not be touched (or begin just after one). */
typedef struct guarded {
    char *base;
    size_t size;
    float *data;
} guarded;

static guarded guard(size_t bytes, bool at_end)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), inner = (bytes + page) / page * page;
    guarded g = {.size = inner + 2 * page};
    g.base = mmap(NULL, g.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(g.base != MAP_FAILED);
    assert_int_equal(mprotect(g.base, page, PROT_NONE), 0);
    assert_int_equal(mprotect(g.base + page + inner, page, PROT_NONE), 0);
    g.data = (float *)(void *)(g.base + page + (at_end ? inner - bytes : 0));
    return g;
}

static void nothing_outside_the_inputs_is_touched(void **state)
{
    (void)state;
    rng = okng_rng_new(4, OKNG_STREAM_START);
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_kernels *kernels = okng_kernels_variant(all[v]);
        if (!kernels) continue;
        for (int i = 0; i < 80; i++) {
            size_t q = 1 + below(6), r = 1 + below(20), dim = 1 + below(50), stride = (r + 15) / 16 * 16;
            bool at_end = i % 2 == 0;
            guarded queries = guard(q * dim * 4, at_end), rows = guard(r * dim * 4, at_end);
            guarded out = guard(q * r * 4, at_end), matrix = guard(dim * stride * 4, at_end);
            kernels->l2_squared_block(queries.data, q, rows.data, r, dim, out.data, r);
            (void)kernels->l2_squared(queries.data, rows.data, dim);
            (void)kernels->l2_squared(queries.data + (q - 1) * dim, rows.data + (r - 1) * dim, dim);
            kernels->project(queries.data, q, dim, matrix.data, stride, r, out.data);
            guarded used[] = {queries, rows, out, matrix};
            for (size_t j = 0; j < 4; j++) assert_int_equal(munmap(used[j].base, used[j].size), 0);
        }
    }
}

static void resampling_touches_nothing_outside(void **state)
{
    (void)state;
    rng = okng_rng_new(6, OKNG_STREAM_START);
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_kernels *kernels = okng_kernels_variant(all[v]);
        if (!kernels) continue;
        for (int i = 0; i < 80; i++) {
            size_t in = 1 + below(60), out = 1 + below(60), rows = 1 + below(4);
            int32_t weights[4] = {1 << 20, 1 << 20, 1 << 20, 1 << 20};
            guarded from = guard(rows * in * 3, i % 2 == 0), to = guard(out * 3, i % 2 == 0);
            guarded to_row = guard(in * 3, i % 2 == 0);
            okng_resample_axis axis = random_axis(in, out);
            kernels->resample_rgb(&axis, (const uint8_t *)from.data, in, (uint8_t *)to.data, out);
            kernels->resample_rows(weights, rows, (const uint8_t *)from.data, in * 3, in * 3, (uint8_t *)to_row.data);
            free(axis.first);
            free(axis.count);
            free(axis.weights);
            guarded used[] = {from, to, to_row};
            for (size_t j = 0; j < 3; j++) assert_int_equal(munmap(used[j].base, used[j].size), 0);
        }
    }
}

static void the_best_variant_is_one_that_this_cpu_has(void **state)
{
    (void)state;
    const okng_kernels *best = okng_kernels_get();
    bool known = false;
    for (size_t v = 0; v < VARIANTS; v++) known |= okng_kernels_variant(all[v]) == best;
    assert_true(known);
    assert_non_null(okng_kernels_variant(OKNG_CPU_C));
    assert_null(okng_kernels_variant((okng_cpu)99));
    print_message("kernels: %s\n", best->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_have_the_bits_of_the_reference),
        cmocka_unit_test(a_distance_is_sixteen_sums_added_as_a_tree),
        cmocka_unit_test(products_have_the_bits_of_the_reference),
        cmocka_unit_test(resampling_has_the_bytes_of_the_reference),
        cmocka_unit_test(nothing_outside_the_inputs_is_touched),
        cmocka_unit_test(resampling_touches_nothing_outside),
        cmocka_unit_test(the_best_variant_is_one_that_this_cpu_has),
    };
    return RUN_TESTS(tests);
}
