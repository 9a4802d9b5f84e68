#include "subspace/express.h"

#include "base/memory.h"
#include "method/express.h"

/* Rows [N, P, dim] less the mean, which is double: its upper part first, which is exact where the two are near, then
 * what float32 leaves of it. */
static okng_program_value centred(okng_program *p, const okng_residual *residual, okng_program_value rows)
{
    float *high = okng_alloc((size_t)residual->dim, sizeof *high),
          *low = okng_alloc((size_t)residual->dim, sizeof *low);
    for (int64_t d = 0; high && low && d < residual->dim; d++) {
        high[d] = (float)residual->mean[d];
        low[d] = (float)(residual->mean[d] - (double)high[d]);
    }
    const int64_t *dim = &residual->dim;
    rows = okng_program_subtract(p, rows, okng_program_constant_own(p, "mean", OKNG_F32, 1, dim, high));
    return okng_program_subtract(p, rows, okng_program_constant_own(p, "mean.low", OKNG_F32, 1, dim, low));
}

okng_status okng_residual_express(const okng_residual *residual, const okng_build_options *options, okng_program *p,
                                  const okng_express_patches *patches, okng_program_value *score,
                                  okng_program_value *map, okng_error *error)
{
    const int64_t shape[] = {residual->dim, residual->stride}; /* columns of 0 behind those of directions add nothing */
    okng_program_value left = okng_program_constant(p, "left_out", OKNG_F32, 2, shape, residual->matrix, true);
    left = okng_program_matmul(p, centred(p, residual, patches->rows), left);
    left = okng_program_sum(p, okng_program_multiply(p, left, left), OKNG_AXIS(2));
    okng_program_value scores = okng_program_reshape(p, left, 2, (int64_t[]){OKNG_ANY, patches->count});
    scores = okng_masked_express(p, patches, scores);
    *score = okng_image_score_express(p, scores, options->image_score == OKNG_SCORE_TOP ? options->top : 0);
    OKNG_TRY(okng_map_express(p, patches, options->smoothing, scores, map, error));
    okng_undefined_express(p, patches->undefined, score, map);
    return okng_program_check(p, error);
}
