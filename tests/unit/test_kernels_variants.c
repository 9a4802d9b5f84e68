/* Every variant that this CPU runs against the plain-C reference, bit by bit. */
#include <stdbool.h>
#include <sys/mman.h>

#include "base/rng.h"
#include "kernels/kernels.h"
#include "kernels/screen.h"
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

static void outer_products_have_the_bits_of_the_reference(void **state)
{
    (void)state;
    enum { MOST = 64 };
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_kernels *kernels = okng_kernels_variant(all[v]);
        if (!kernels) continue;
        rng = okng_rng_new(4, OKNG_STREAM_START);
        for (int round = 0; round < 20; round++) {
            size_t count = below(30), stride = OKNG_KERNELS_LANES * (1 + below(MOST / OKNG_KERNELS_LANES));
            double *rows = malloc((count * stride + 1) * sizeof *rows);
            double *found = calloc(stride * stride, sizeof *found), *expected = calloc(stride * stride, sizeof *found);
            for (size_t i = 0; i < count * stride; i++) rows[i] = (double)(float)(okng_rng_normal(&rng) * 1e3);
            for (size_t i = 0; i < stride * stride; i++) found[i] = expected[i] = 0.1 * (double)i;
            for (size_t a = 0; a < stride; a++)
                for (size_t b = a; b < stride; b++)
                    for (size_t r = 0; r < count; r++)
                        expected[a * stride + b] += rows[r * stride + a] * rows[r * stride + b];
            kernels->add_outer(rows, count, stride, found);
            for (size_t a = 0; a < stride; a++)
                assert_memory_equal(found + a * stride + a, expected + a * stride + a, (stride - a) * sizeof *found);
            free(rows);
            free(found);
            free(expected);
        }
    }
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

static void marks_are_those_of_the_reference(void **state)
{
    (void)state;
    enum { LANES = OKNG_KERNELS_LANES };
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_kernels *kernels = okng_kernels_variant(all[v]);
        if (!kernels) continue;
        rng = okng_rng_new(5, OKNG_STREAM_START);
        for (int i = 0; i < 120; i++) {
            size_t count = below(30), inner = below(40), panels = below(6);
            float *rows = malloc((count * inner + 1) * sizeof *rows), *least = malloc((count + 1) * sizeof *least);
            float *columns = malloc((panels * inner * LANES + 1) * sizeof *columns);
            float *starts = malloc((panels * LANES + 1) * sizeof *starts);
            uint16_t *found = calloc(count * panels + 1, sizeof *found);
            uint16_t *expected = calloc(count * panels + 1, sizeof *expected);
            fill(rows, count * inner, i % 4 == 0);
            fill(columns, panels * inner * LANES, i % 4 == 1);
            fill(starts, panels * LANES, i % 4 == 2);
            fill(least, count, i % 4 == 3);
            okng_marking marking = {rows, count, inner, columns, starts, panels, least, expected};
            okng_kernels_variant(OKNG_CPU_C)->mark_products(&marking);
            marking.marks = found;
            kernels->mark_products(&marking);
            assert_memory_equal(found, expected, (count * panels + 1) * sizeof *found);
            free(rows);
            free(least);
            free(columns);
            free(starts);
            free(found);
            free(expected);
        }
    }
}

/* A mark is 1 where the chain is at least the bound, and where it is no number. */
static void a_mark_tells_a_large_product(void **state)
{
    (void)state;
    enum { LANES = OKNG_KERNELS_LANES };
    float columns[2 * LANES] = {0}, starts[LANES] = {0}, row[2] = {2, 3}, least = 8;
    uint16_t marks;
    for (int i = 0; i < LANES; i++) columns[LANES + i] = 1; /* products are 2 c + 3 */
    columns[1] = 2.5f;                                      /* 8, as asked */
    columns[2] = 2.4999998f;
    columns[5] = 40;
    columns[7] = INFINITY;
    columns[8] = NAN;
    starts[9] = 5; /* 8 again */
    starts[10] = INFINITY;
    const okng_marking marking = {row, 1, 2, columns, starts, 1, &least, &marks};
    okng_kernels_get()->mark_products(&marking);
    assert_int_equal(marks, 1 << 1 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10);
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
            guarded starts = guard(stride * 4, at_end), least = guard(q * 4, at_end);
            guarded marks = guard(q * stride / 16 * 2, at_end);
            kernels->l2_squared_block(queries.data, q, rows.data, r, dim, out.data, r);
            (void)kernels->l2_squared(queries.data, rows.data, dim);
            (void)kernels->l2_squared(queries.data + (q - 1) * dim, rows.data + (r - 1) * dim, dim);
            kernels->project(queries.data, q, dim, matrix.data, stride, r, out.data);
            const okng_marking marking = {queries.data, q,           dim,        matrix.data,
                                          starts.data,  stride / 16, least.data, (uint16_t *)(void *)marks.data};
            kernels->mark_products(&marking);
            guarded used[] = {queries, rows, out, matrix, starts, least, marks};
            for (size_t j = 0; j < sizeof used / sizeof *used; j++)
                assert_int_equal(munmap(used[j].base, used[j].size), 0);
        }
    }
}

static void pairs_are_weighed_from_the_far_ones_to_the_centre(void **state)
{
    (void)state;
    enum { RADIUS_MAX = 17, COUNT_MAX = 150, TAPS = 2 * RADIUS_MAX + 1 };
    static double values[TAPS][COUNT_MAX], weights[RADIUS_MAX + 1];
    rng = okng_rng_new(8, OKNG_STREAM_START);
    for (int t = 0; t < TAPS; t++)
        for (int i = 0; i < COUNT_MAX; i++) values[t][i] = (double)below(1000000) / 7.0 - 60000.0;
    for (int k = 0; k <= RADIUS_MAX; k++) weights[k] = 1.0 / (double)(3 + below(100));
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_kernels *kernels = okng_kernels_variant(all[v]);
        for (size_t count = 0; kernels && count <= COUNT_MAX; count += 1 + below(9))
            for (size_t radius = 0; radius <= RADIUS_MAX; radius += 1 + below(6)) {
                const double *taps[TAPS];
                float found[COUNT_MAX + 1] = {0};
                for (size_t t = 0; t <= 2 * radius; t++) taps[t] = values[t];
                found[count] = 5.0f;
                kernels->weigh_pairs(taps, weights, radius, found, count);
                for (size_t i = 0; i < count; i++) {
                    volatile double sum = taps[radius][i] * weights[0]; /* nothing is fused */
                    for (size_t k = radius; k > 0; k--) {
                        volatile double pair = taps[radius - k][i] + taps[radius + k][i], product = pair * weights[k];
                        sum = sum + product;
                    }
                    assert_true(found[i] == (float)sum);
                }
                assert_true(found[count] == 5.0f);
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

/* ---- screens ------------------------------------------------------------------------------------------------------
 */

/* Codes that the screen allows: bytes of a row stand for code + bias. */
static void fill_codes(const okng_screen *screen, uint8_t *codes, size_t bytes, int32_t bias)
{
    int16_t limit = (int16_t)sqrt(0x1p30 / (double)(bytes / 2));
    for (size_t i = 0; i < bytes; i += (size_t)screen->code_bytes) {
        int32_t most = screen->code_bytes == 1 ? screen->most : 127,
                code = (int32_t)below((size_t)(2 * most + 1)) - most;
        if (screen->code_bytes == 1) {
            codes[i] = (uint8_t)(code + bias);
        } else {
            int16_t wide = (int16_t)(below(9) == 0 ? (code < 0 ? -limit : limit) : (int32_t)below(4000) - 2000);
            if (wide > limit || wide < -limit) wide = limit;
            memcpy(codes + i, &wide, sizeof wide);
        }
    }
}

/* Makes of a query's codes one that fits the screen's runs. */
static void fit_runs(const okng_screen *screen, uint8_t *codes, size_t bytes)
{
    size_t run = (size_t)screen->run * OKNG_SCREEN_UNIT;
    for (size_t at = 0; run > 0 && at < bytes; at += run)
        for (size_t lane = 0; lane < 2; lane++)
            for (int32_t sign = -1; sign < 2; sign += 2) {
                int32_t left = screen->most_of_run;
                for (size_t i = at; i < at + run && i < bytes; i++) {
                    int32_t size = sign * (int8_t)codes[i];
                    if (i % 4 / 2 != lane || size <= 0) continue;
                    if (size > left) codes[i] = (uint8_t)(sign * left);
                    left -= size < left ? size : left;
                }
            }
}

static void screen_round(const okng_screen *screen, size_t rows, size_t queries, size_t bytes)
{
    const okng_screen *plain = okng_screen_reference(screen->code_bytes);
    size_t panels = (rows + 15) / 16, stride = panels * 16 + below(5);
    guarded row_codes = guard(rows * bytes, true), query_codes = guard(queries * bytes, true);
    guarded packed = guard(panels * 16 * bytes, rows % 2 == 0), expected = guard(panels * 16 * bytes, true);
    fill_codes(screen, (uint8_t *)row_codes.data, rows * bytes, screen->bias);
    fill_codes(screen, (uint8_t *)query_codes.data, queries * bytes, 0);
    for (size_t q = 0; q < queries; q++) fit_runs(screen, (uint8_t *)query_codes.data + q * bytes, bytes);
    plain->pack((uint8_t *)row_codes.data, bytes, rows, (uint8_t *)expected.data);
    screen->pack((uint8_t *)row_codes.data, bytes, rows, (uint8_t *)packed.data);
    assert_memory_equal(packed.data, expected.data, panels * 16 * bytes);

    int32_t *offsets = malloc(panels * 16 * sizeof *offsets), *corrections = malloc(queries * sizeof *corrections);
    for (size_t i = 0; i < panels * 16; i++) offsets[i] = (int32_t)okng_rng_u32(&rng) >> 4;
    for (size_t i = 0; i < queries; i++) corrections[i] = (int32_t)okng_rng_u32(&rng) >> 4;
    int16_t *found = calloc(queries * stride, sizeof *found), *right = calloc(queries * stride, sizeof *right);
    int32_t shift = (int32_t)below(20);
    plain->products((uint8_t *)packed.data, offsets, panels, bytes, (uint8_t *)query_codes.data, corrections, queries,
                    shift, right, stride);
    screen->products((uint8_t *)packed.data, offsets, panels, bytes, (uint8_t *)query_codes.data, corrections, queries,
                     shift, found, stride);
    assert_memory_equal(found, right, queries * stride * sizeof *found);

    uint32_t index[40];
    int32_t products[40], wanted[40];
    size_t chosen = below(41);
    for (size_t i = 0; i < chosen; i++) index[i] = (uint32_t)below(rows);
    if (bytes % OKNG_SCREEN_LINE == 0) {
        plain->products_at((uint8_t *)query_codes.data, (uint8_t *)row_codes.data, bytes, index, chosen, wanted);
        screen->products_at((uint8_t *)query_codes.data, (uint8_t *)row_codes.data, bytes, index, chosen, products);
        assert_memory_equal(products, wanted, chosen * sizeof *products);
    }
    free(offsets);
    free(corrections);
    free(found);
    free(right);
    guarded used[] = {row_codes, query_codes, packed, expected};
    for (size_t j = 0; j < 4; j++) assert_int_equal(munmap(used[j].base, used[j].size), 0);
}

static void screens_multiply_as_the_reference(void **state)
{
    (void)state;
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_screen *screen = okng_screen_variant(all[v]);
        assert_true((screen != NULL) == (okng_kernels_variant(all[v]) != NULL));
        if (!screen) continue;
        rng = okng_rng_new(5, OKNG_STREAM_START);
        for (size_t i = 0; i < 60; i++)
            screen_round(screen, 1 + below(200), 1 + below(20), i % 2 ? 64 * (1 + below(9)) : 4 * (1 + below(40)));
    }
}

static void screens_find_the_values_of_the_reference(void **state)
{
    (void)state;
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_screen *screen = okng_screen_variant(all[v]);
        if (!screen) continue;
        rng = okng_rng_new(6, OKNG_STREAM_START);
        for (int i = 0; i < 200; i++) {
            size_t count = below(300), range = i % 3 == 0 ? 65536 : 40, taken = 0;
            guarded memory = guard(count * sizeof(int16_t) + 2, true);
            int16_t *values = (int16_t *)memory.data + 1, largest = INT16_MIN;
            for (size_t j = 0; j < count; j++) values[j] = (int16_t)((int32_t)below(range) - (int32_t)range / 2);
            for (size_t j = 0; j < count; j++) largest = values[j] > largest ? values[j] : largest;
            assert_int_equal(screen->largest(values, count), largest);
            int16_t thresholds[] = {largest, INT16_MIN, INT16_MAX, (int16_t)(largest / 2), 0};
            uint32_t found[300];
            for (size_t t = 0; t < 5; t++) {
                size_t got = screen->at_least(values, count, thresholds[t], found);
                taken = 0;
                for (size_t j = 0; j < count; j++)
                    if (values[j] >= thresholds[t]) assert_int_equal(found[taken++], j);
                assert_int_equal(got, taken);
            }
            assert_int_equal(munmap(memory.base, memory.size), 0);
        }
    }
}

/* Codes as they are defined, with any numbers in. */
static void screens_encode_as_the_reference(void **state)
{
    (void)state;
    for (size_t v = 0; v < VARIANTS; v++) {
        const okng_screen *screen = okng_screen_variant(all[v]);
        if (!screen) continue;
        rng = okng_rng_new(7, OKNG_STREAM_START);
        for (int i = 0; i < 150; i++) {
            size_t dim = 1 + below(300), size = (size_t)screen->code_bytes, bytes = (dim * size + 63) / 64 * 64;
            guarded x = guard(dim * sizeof(float), true), mean = guard(dim * sizeof(float), true);
            float inverse = (float)(1 + below(100)), limit = (float)(1 + below(size == 1 ? (size_t)screen->most : 127)),
                  error = 0;
            fill(x.data, dim, i % 2 == 0);
            fill(mean.data, dim, false);
            uint8_t *out = malloc(bytes);
            int32_t bias = i % 3 ? screen->bias : 0, norm = 0, sum = 0;
            const float *subtracted = i % 5 ? mean.data : NULL;
            okng_code code = screen->encode(x.data, subtracted, dim, inverse, limit, bias, out, bytes);
            for (size_t d = 0; d < bytes / size; d++) {
                float t = d < dim ? (subtracted ? x.data[d] - mean.data[d] : x.data[d]) * inverse : 0.0f;
                t = t < limit ? t : limit;
                t = t > -limit ? t : -limit;
                int16_t wide;
                memcpy(&wide, out + d * size, 2 <= bytes - d * size ? 2 : 1);
                int32_t found = size == 2 ? wide : bias ? out[d] - bias : (int8_t)out[d];
                assert_int_equal(found, (int32_t)nearbyintf(t));
                norm += found * found;
                sum += found;
                error += (t - (float)found) * (t - (float)found);
            }
            assert_int_equal(code.norm, norm);
            assert_int_equal(code.sum, sum);
            assert_true(fabsf(code.error - error) <= 1e-4f * error);
            free(out);
            assert_int_equal(munmap(x.base, x.size), 0);
            assert_int_equal(munmap(mean.base, mean.size), 0);
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
    print_message("kernels: %s, screen: %s\n", best->name, okng_screen_get()->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_have_the_bits_of_the_reference),
        cmocka_unit_test(a_distance_is_sixteen_sums_added_as_a_tree),
        cmocka_unit_test(outer_products_have_the_bits_of_the_reference),
        cmocka_unit_test(products_have_the_bits_of_the_reference),
        cmocka_unit_test(marks_are_those_of_the_reference),
        cmocka_unit_test(a_mark_tells_a_large_product),
        cmocka_unit_test(resampling_has_the_bytes_of_the_reference),
        cmocka_unit_test(nothing_outside_the_inputs_is_touched),
        cmocka_unit_test(pairs_are_weighed_from_the_far_ones_to_the_centre),
        cmocka_unit_test(resampling_touches_nothing_outside),
        cmocka_unit_test(screens_multiply_as_the_reference),
        cmocka_unit_test(screens_find_the_values_of_the_reference),
        cmocka_unit_test(screens_encode_as_the_reference),
        cmocka_unit_test(the_best_variant_is_one_that_this_cpu_has),
    };
    return RUN_TESTS(tests);
}
