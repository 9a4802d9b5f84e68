#include "patchcore/express.h"

#include "method/express.h"

/* ---- patches ----------------------------------------------------------------------------------------------------- */

static okng_program_value in_unit(okng_program *p, const okng_build_options *options, okng_program_value squared)
{
    switch (options->distance) {
    case OKNG_DISTANCE_SQUARED:
        return squared;
    case OKNG_DISTANCE_COSINE: /* of vectors of length 1 */
        return okng_program_multiply(p, squared, okng_program_scalar(p, 0.5f));
    default:
        return okng_program_sqrt(p, squared);
    }
}

/* [N, P] */
static okng_program_value patch_scores(okng_program *p, const okng_build_options *options, const okng_memory *memory,
                                       const okng_express_patches *patches)
{
    int32_t k = options->image_score == OKNG_SCORE_MEAN_K ? options->neighbors : 1;
    okng_program_value near = in_unit(p, options, okng_nearest_express(memory, patches->rows, k));
    if (k > 1) near = okng_program_mean(p, near, OKNG_AXIS(2));
    return okng_masked_express(p, patches, okng_program_reshape(p, near, 2, (int64_t[]){OKNG_ANY, patches->count}));
}

/* ---- the picture ------------------------------------------------------------------------------------------------- */

/* [N, count]: lengths of (query [N, dim] - rows [N, count, dim]). */
static okng_program_value lengths_from(okng_program *p, okng_program_value query, okng_program_value rows,
                                       int64_t count, int64_t dim)
{
    query = okng_program_reshape(p, query, 3, (int64_t[]){OKNG_ANY, 1, dim});
    okng_program_value apart = okng_program_subtract(p, rows, query);
    okng_program_value sums = okng_program_sum(p, okng_program_multiply(p, apart, apart), OKNG_AXIS(2));
    return okng_program_sqrt(p, okng_program_reshape(p, sums, 2, (int64_t[]){OKNG_ANY, count}));
}

/* The vector [N, dim] of the patch that scores highest, and that score [N, 1]. */
static okng_program_value worst_patch(okng_program *p, const okng_express_patches *patches, okng_program_value scores,
                                      okng_program_value *highest)
{
    okng_program_value index;
    *highest = okng_program_top_k(p, scores, 1, true, &index);
    index = okng_program_reshape(p, index, 3, (int64_t[]){OKNG_ANY, 1, 1});
    index = okng_program_expand(p, index, 3, (int64_t[]){1, 1, patches->dim});
    okng_program_value patch = okng_program_gather_elements(p, patches->rows, index, 1);
    return okng_program_reshape(p, patch, 2, (int64_t[]){OKNG_ANY, patches->dim});
}

/* The highest score times 1 - softmax over the k rows nearest to its nearest row of their distances to the patch, that
 * row's entry; see okng_score_patches. */
static okng_program_value reweighted(okng_program *p, const okng_memory *memory, const okng_express_patches *patches,
                                     okng_program_value scores, int32_t k)
{
    okng_program_value highest, row, neighbours;
    okng_program_value patch = worst_patch(p, patches, scores, &highest);
    okng_program_value own = okng_program_sqrt(p, okng_nearest_rows_express(memory, patch, 1, &row));
    row = okng_program_reshape(p, row, 2, (int64_t[]){OKNG_ANY, patches->dim});
    (void)okng_nearest_rows_express(memory, row, k, &neighbours);
    okng_program_value distances = lengths_from(p, patch, neighbours, k, patches->dim);
    /* the largest first, so that exp cannot overflow */
    okng_program_value largest = okng_program_maximum(p, own, okng_program_largest(p, distances, OKNG_AXIS(1)));
    okng_program_value shares = okng_program_exp(p, okng_program_subtract(p, distances, largest));
    okng_program_value share = okng_program_exp(p, okng_program_subtract(p, own, largest));
    share = okng_program_divide(p, share, okng_program_sum(p, shares, OKNG_AXIS(1)));
    okng_program_value novelty = okng_program_subtract(p, okng_program_scalar(p, 1), share);
    return okng_program_reshape(p, okng_program_multiply(p, highest, novelty), 1, (int64_t[]){OKNG_ANY});
}

static okng_program_value picture_score(okng_program *p, const okng_build_options *options, const okng_memory *memory,
                                        const okng_express_patches *patches, int64_t rows, okng_program_value scores)
{
    int32_t k = options->neighbors < rows ? options->neighbors : (int32_t)rows;
    if (options->image_score == OKNG_SCORE_REWEIGHTED && k > 1) return reweighted(p, memory, patches, scores, k);
    return okng_image_score_express(p, scores, options->image_score == OKNG_SCORE_TOP ? options->top : 0);
}

okng_status okng_bank_express(const okng_build_options *options, const okng_rows *rows, okng_program *p,
                              const okng_express_patches *patches, okng_program_value *score, okng_program_value *map,
                              okng_error *error)
{
    okng_memory *memory = okng_memory_new(p, rows, &okng_nearest_defaults);
    okng_program_value scores = patch_scores(p, options, memory, patches);
    *score = picture_score(p, options, memory, patches, rows->count, scores);
    okng_memory_free(&memory);
    OKNG_TRY(okng_map_express(p, patches, options->smoothing, scores, map, error));
    okng_undefined_express(p, patches->undefined, score, map);
    return okng_program_check(p, error);
}
