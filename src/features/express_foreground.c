/* The foreground of patch/foreground.h as operators. The first principal component is what squaring the matrix of
 * products often enough leaves of it: 2^12 steps of power iteration. */
#include <stdlib.h>

#include "base/memory.h"
#include "features/express.h"

#define THRESHOLD 10.0f
#define CENTRE_FROM 0.2
#define CENTRE_PART 0.35

enum { SQUARINGS = 12, MAX_SIDE = 1024 /* of the matrix: more is more work than the network */ };

/* ---- the component ----------------------------------------------------------------------------------------------- */

static okng_program_value divided(okng_program *p, okng_program_value x, okng_program_value by)
{
    return okng_program_divide(p, x, okng_program_maximum(p, by, okng_program_scalar(p, 1e-30f)));
}

/* By its largest element, which is on the diagonal. */
static okng_program_value scaled(okng_program *p, okng_program_value matrix)
{
    return divided(p, matrix, okng_program_largest(p, matrix, OKNG_AXIS(1) | OKNG_AXIS(2)));
}

static okng_program_value of_length_one(okng_program *p, okng_program_value row)
{
    okng_program_value squares = okng_program_sum(p, okng_program_multiply(p, row, row), OKNG_AXIS(2));
    return divided(p, row, okng_program_sqrt(p, squares));
}

/* Row i of matrix [N, n, n], where values [N, n] are largest. */
static okng_program_value largest_row(okng_program *p, okng_program_value matrix, okng_program_value values, int64_t n)
{
    okng_program_value index;
    (void)okng_program_top_k(p, values, 1, true, &index);
    index = okng_program_reshape(p, index, 3, (int64_t[]){OKNG_ANY, 1, 1});
    index = okng_program_expand(p, index, 3, (int64_t[]){1, 1, n});
    return okng_program_gather_elements(p, matrix, index, 1);
}

/* The first eigenvector [N, 1, n] of matrix [N, n, n], symmetric and not negative. */
static okng_program_value first_eigenvector(okng_program *p, okng_program_value matrix, int64_t n)
{
    okng_program_value power = scaled(p, matrix);
    for (int i = 0; i < SQUARINGS; i++) power = scaled(p, okng_program_matmul(p, power, power));
    okng_program_value lengths = okng_program_sum(p, okng_program_multiply(p, power, power), OKNG_AXIS(2));
    lengths = okng_program_reshape(p, lengths, 2, (int64_t[]){OKNG_ANY, n});
    return of_length_one(p, largest_row(p, power, lengths, n));
}

/* [N, P]: where rows [N, P, dim] lie along the first principal component, the end with the largest coordinate positive.
 */
static okng_program_value along_component(okng_program *p, okng_program_value rows, int64_t count, int64_t dim)
{
    okng_program_value centred = okng_program_subtract(p, rows, okng_program_mean(p, rows, OKNG_AXIS(1)));
    okng_program_value turned = okng_program_transpose(p, centred, (int32_t[]){0, 2, 1}), component;
    if (dim <= count)
        component = first_eigenvector(p, okng_program_matmul(p, turned, centred), dim);
    else /* of the products of rows: the component is a sum of these */
        component = of_length_one(
            p, okng_program_matmul(p, first_eigenvector(p, okng_program_matmul(p, centred, turned), count), centred));
    okng_program_value along =
        okng_program_reshape(p, okng_program_matmul_turned(p, centred, component), 2, (int64_t[]){OKNG_ANY, count});
    okng_program_value index;
    (void)okng_program_top_k(p, okng_program_abs(p, along), 1, true, &index);
    okng_program_value end = okng_program_gather_elements(p, along, index, 1), nothing = okng_program_scalar(p, 0);
    return okng_program_select(p, okng_program_less(p, end, nothing), okng_program_negate(p, along), along);
}

/* ---- the mask ---------------------------------------------------------------------------------------------------- */

/* [P]: 1 for the patches of the grid's middle; how many they are. */
static okng_program_value centre(okng_program *p, int32_t height, int32_t width, int64_t *count)
{
    const int32_t top = (int32_t)(height * CENTRE_FROM), bottom = (int32_t)(height * (1 - CENTRE_FROM));
    const int32_t left = (int32_t)(width * CENTRE_FROM), right = (int32_t)(width * (1 - CENTRE_FROM));
    const int64_t patches = (int64_t)height * width;
    float *inside = okng_alloc_zero((size_t)patches, sizeof *inside);
    *count = 0;
    for (int32_t y = top; inside && y < bottom; y++)
        for (int32_t x = left; x < right; x++, ++*count) inside[(int64_t)y * width + x] = 1;
    return okng_program_constant_own(p, "foreground.centre", OKNG_F32, 1, &patches, inside);
}

/* bool [N, 1]: at most a part of the middle is above the threshold. */
static okng_program_value centre_is_empty(okng_program *p, okng_program_value above, int32_t height, int32_t width)
{
    int64_t all;
    okng_program_value inside = centre(p, height, width, &all);
    okng_program_value set = okng_program_sum(p, okng_program_multiply(p, above, inside), OKNG_AXIS(1));
    const float most = (float)(int64_t)((double)all * CENTRE_PART); /* of whole numbers */
    return okng_program_not(p, okng_program_greater(p, set, okng_program_scalar(p, most + 0.5f)));
}

/* mask float32 [N, P]: a dilation and a closing by 3x3; borders count for nothing. */
static okng_program_value spread(okng_program *p, okng_program_value mask, int32_t height, int32_t width)
{
    const okng_window window = okng_window_square(3, 1, 1);
    okng_program_value one = okng_program_scalar(p, 1);
    mask = okng_program_reshape(p, mask, 4, (int64_t[]){OKNG_ANY, 1, height, width});
    for (int i = 0; i < 2; i++) mask = okng_program_max_pool(p, mask, window);
    mask = okng_program_max_pool(p, okng_program_subtract(p, one, mask), window);
    mask = okng_program_subtract(p, one, mask);
    return okng_program_reshape(p, mask, 2, (int64_t[]){OKNG_ANY, (int64_t)height * width});
}

okng_program_value okng_foreground_express(okng_program *p, okng_program_value rows, int32_t height, int32_t width,
                                           int64_t dim)
{
    const int64_t count = (int64_t)height * width;
    if (dim > MAX_SIDE && count > MAX_SIDE) {
        okng_program_fail(
            p, OKNG_ERROR_UNSUPPORTED,
            "foreground pca: the principal component of %lld patches of %lld dimensions is more work than "
            "an exported graph should have, expected at most %d of one of them; build the bank with "
            "foreground all",
            (long long)count, (long long)dim, (int)MAX_SIDE);
        return OKNG_PROGRAM_NONE;
    }
    okng_program_value along = along_component(p, rows, count, dim), half = okng_program_scalar(p, 0.5f);
    okng_program_value above = okng_program_greater(p, along, okng_program_scalar(p, THRESHOLD));
    okng_program_value below = okng_program_less(p, along, okng_program_scalar(p, -THRESHOLD));
    above = okng_program_cast(p, above, OKNG_F32);
    below = okng_program_cast(p, below, OKNG_F32);
    okng_program_value mask = okng_program_select(p, centre_is_empty(p, above, height, width), below, above);
    mask = spread(p, mask, height, width);
    okng_program_value none = okng_program_less(p, okng_program_largest(p, mask, OKNG_AXIS(1)), half);
    return okng_program_or(p, okng_program_greater(p, mask, half), none);
}

okng_program_value okng_masked_express(okng_program *p, const okng_express_patches *patches, okng_program_value scores)
{
    if (patches->foreground == OKNG_PROGRAM_NONE) return scores;
    return okng_program_select(p, patches->foreground, scores, okng_program_scalar(p, 0));
}
