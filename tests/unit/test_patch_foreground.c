/* The foreground mask against torch and SciPy (tests/golden/make_subspace.py), and vectors of length 1. */
#include <stdbool.h>

#include "bank_data.h"
#include "patch/foreground.h"
#include "patch/normalise.h"
#include "tensor/array.h"

enum { HEIGHT = 24, WIDTH = 20, TOKENS = 20, PATCHES = HEIGHT * WIDTH, KINDS = 4 };

static bool lies_apart(int kind, int y, int x)
{
    switch (kind) {
    case 0:
        return (y - 12) * (y - 12) + (x - 10) * (x - 10) < 36;
    case 1:
        return y < 3 || x < 3 || y > 20 || x > 16;
    case 2:
        return y * WIDTH + x == 77;
    default:
        return false;
    }
}

/* tokens() of make_subspace.py. */
static float *tokens(int kind, uint32_t salt)
{
    float *rows = bank_values(PATCHES * TOKENS, salt);
    for (int p = 0; p < PATCHES; p++)
        for (int d = 0; d < TOKENS; d++) {
            float apart = bank_value((uint32_t)d, salt + 100) * 18.0f + 2.0f;
            rows[p * TOKENS + d] =
                rows[p * TOKENS + d] * 6.0f + (lies_apart(kind, p / WIDTH, p % WIDTH) ? apart : 0.0f);
        }
    return rows;
}

static void masks_are_those_of_the_reference(void **state)
{
    (void)state;
    okng_array *golden;
    assert_ok(okng_array_read_npy(&golden, OKNG_GOLDEN "/subspace/foreground.npy", error));
    assert_int_equal(golden->bytes, KINDS * PATCHES);
    const uint8_t *expected = golden->data;
    for (int kind = 0; kind < KINDS; kind++) {
        uint8_t mask[PATCHES];
        float *rows = tokens(kind, 61 + (uint32_t)kind);
        assert_ok(okng_foreground_find(rows, HEIGHT, WIDTH, TOKENS, mask, error));
        for (int p = 0; p < PATCHES; p++)
            if (mask[p] != expected[kind * PATCHES + p]) fail_msg("kind %d: patch %d is %d", kind, p, mask[p]);
        free(rows);
    }
    okng_array_free(&golden);
}

static void vectors_that_are_not_finite_have_no_foreground(void **state)
{
    (void)state;
    uint8_t mask[PATCHES];
    float *rows = tokens(0, 61);
    rows[5] = NAN;
    assert_fails(OKNG_ERROR_MISMATCH, "not finite", okng_foreground_find(rows, HEIGHT, WIDTH, TOKENS, mask, error));
    free(rows);
}

static void rows_get_length_one(void **state)
{
    (void)state;
    float rows[3 * 4] = {3, 0, -4, 0, 0, 0, 0, 0, 1e30f, 1e30f, 1e30f, 1e30f};
    okng_rows_normalise(rows, 3, 4);
    const float expected[3 * 4] = {0.6f, 0, -0.8f, 0, 0, 0, 0, 0, 0.5f, 0.5f, 0.5f, 0.5f};
    assert_memory_equal(rows, expected, sizeof rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_are_those_of_the_reference),
        cmocka_unit_test(vectors_that_are_not_finite_have_no_foreground),
        cmocka_unit_test(rows_get_length_one),
    };
    return RUN_TESTS(tests);
}
