/* What a program finds that a subspace leaves of vectors beside the residual itself, far from the origin. */
#include "../program_run.h"

#include "subspace/express.h"

enum { DIM = 21, KEPT = 8, GRID_HEIGHT = 3, GRID_WIDTH = 4, PATCHES = GRID_HEIGHT * GRID_WIDTH, SIDE = 16 };

static uint32_t lcg = 3;
static double number(void)
{
    lcg = lcg * 1664525u + 1013904223u;
    return (double)(lcg >> 8) / 16777216.0;
}

static void residuals_far_from_the_origin_are_exact(void **state)
{
    (void)state;
    double mean[DIM];
    float directions[DIM * DIM] = {0}, rows[PATCHES * DIM], expected[PATCHES];
    okng_directions found = {.dim = DIM, .kept = KEPT, .mean = mean, .rows = directions};
    okng_residual residual;
    const okng_express_patches grid = {.foreground = OKNG_PROGRAM_NONE,
                                       .grid_height = GRID_HEIGHT,
                                       .grid_width = GRID_WIDTH,
                                       .count = PATCHES,
                                       .dim = DIM,
                                       .height = SIDE,
                                       .width = SIDE};
    for (int d = 0; d < DIM; d++) {
        mean[d] = 1000 + number();
        directions[d * DIM + (d * 5 + 3) % DIM] = 1;
        for (int r = 0; r < PATCHES; r++) rows[r * DIM + d] = (float)(mean[d] + 0.01 * number());
    }
    assert_ok(okng_residual_new(&residual, &found, error));
    assert_ok(okng_residual_score(&residual, rows, PATCHES, 1, expected, error));
    okng_build_options options = {.image_score = OKNG_SCORE_MAX};
    okng_program *p;
    okng_express_patches patches = grid;
    okng_program_value score, map;
    okng_array *outputs[2], *given = program_array(OKNG_F32, 3, (int64_t[]){1, PATCHES, DIM}, rows);
    assert_ok(okng_program_new(&p, error));
    patches.rows = okng_program_input(p, "rows", OKNG_F32, 3, (int64_t[]){OKNG_ANY, PATCHES, DIM});
    okng_program_value lengths = okng_program_sum(p, patches.rows, OKNG_AXIS(1) | OKNG_AXIS(2));
    patches.undefined = okng_program_reshape(p, okng_program_is_nan(p, lengths), 1, (int64_t[]){OKNG_ANY});
    assert_ok(okng_residual_express(&residual, &options, p, &patches, &score, &map, error));
    okng_program_output(p, "score", score);
    okng_program_output(p, "map", map);
    program_run(p, &given, 1, outputs);
    float highest = 0;
    for (int r = 0; r < PATCHES; r++) highest = fmaxf(highest, expected[r]);
    const float value = *(const float *)outputs[0]->data;
    if (!(fabsf(value - highest) <= 1e-6f * highest)) fail_msg("%.9g, expected %.9g", (double)value, (double)highest);
    assert_true(outputs[1]->shape[2] == SIDE && outputs[1]->shape[3] == SIDE);
    okng_array_free(&outputs[0]);
    okng_array_free(&outputs[1]);
    okng_program_free(&p);
    okng_residual_free(&residual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(residuals_far_from_the_origin_are_exact)};
    return RUN_TESTS(tests);
}
