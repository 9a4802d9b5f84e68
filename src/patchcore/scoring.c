#include "patchcore/scoring.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "kernels/kernels.h"
#include "method/image_score.h"

static float in_unit(const okng_build_options *options, float squared)
{
    switch (options->distance) {
    case OKNG_DISTANCE_SQUARED:
        return squared;
    case OKNG_DISTANCE_COSINE: /* of vectors of length 1 */
        return squared / 2;
    default:
        return sqrtf(squared);
    }
}

/* Mean of the finite ones: leaving a picture out may leave fewer than k rows. */
static float mean_distance(const okng_build_options *options, const float *squared, int32_t k)
{
    double sum = 0;
    int32_t found = 0;
    while (found < k && isfinite(squared[found])) sum += (double)in_unit(options, squared[found++]);
    return found > 0 ? (float)(sum / found) : INFINITY;
}

/* 1 - softmax over `neighbours` of |patch - n|, the entry of `nearest`. */
static float novelty(const okng_rows *bank, const float *patch, float nearest, const int64_t *neighbours, int32_t count)
{
    const okng_kernels *kernels = okng_kernels_get();
    double own = sqrt((double)nearest), sum = 0, largest = own;
    for (int pass = 0; pass < 2; pass++) /* the largest first, so that exp cannot overflow */
        for (int32_t i = 0; i < count && neighbours[i] >= 0; i++) {
            const float *row = bank->data + neighbours[i] * bank->dim;
            double distance = sqrt((double)kernels->l2_squared(patch, row, (size_t)bank->dim));
            if (pass == 0)
                largest = fmax(largest, distance);
            else
                sum += exp(distance - largest);
        }
    return (float)(1 - exp(own - largest) / sum);
}

static okng_status reweight(const okng_build_options *options, const okng_knn_index *index, const float *patch,
                            float squared, int64_t nearest, int32_t excluded, float *score, okng_error *error)
{
    const okng_rows *bank = okng_knn_index_rows(index);
    int32_t k = options->neighbors < bank->count ? options->neighbors : (int32_t)bank->count;
    if (k <= 1 || nearest < 0) return OKNG_OK; /* one neighbour: the maximum as it is */
    float *distances = okng_alloc((size_t)k, sizeof *distances);
    int64_t *neighbours = okng_alloc((size_t)k, sizeof *neighbours);
    okng_status status = distances && neighbours
                             ? okng_knn_index_search(index, bank->data + nearest * bank->dim, 1, k, excluded, 1,
                                                     distances, neighbours, error)
                             : okng_fail_memory(error, (size_t)k * (sizeof *distances + sizeof *neighbours));
    if (status == OKNG_OK) *score *= novelty(bank, patch, squared, neighbours, k);
    free(distances);
    free(neighbours);
    return status;
}

/* The score of the picture from those of its patches, of which `worst` is the highest. */
static okng_status score_picture(const okng_build_options *options, const okng_knn_index *bank,
                                 const okng_patch_rows *patches, const float *scores, int64_t worst, float squared,
                                 int64_t nearest, int32_t excluded, float *image_score, okng_error *error)
{
    *image_score = scores[worst];
    switch (options->image_score) {
    case OKNG_SCORE_REWEIGHTED:
        return reweight(options, bank, patches->rows + worst * okng_knn_index_rows(bank)->dim, squared, nearest,
                        excluded, image_score, error);
    case OKNG_SCORE_TOP:
        return okng_image_score_top(scores, patches->count, options->top, image_score, error);
    default:
        return OKNG_OK;
    }
}

okng_status okng_score_patches(const okng_build_options *options, const okng_knn_index *bank,
                               const okng_patch_rows *patches, int32_t excluded, int threads, float *patch_scores,
                               float *image_score, okng_error *error)
{
    int32_t k = options->image_score == OKNG_SCORE_MEAN_K ? options->neighbors : 1;
    size_t found = (size_t)patches->count * (size_t)k;
    float *squared = okng_alloc(found, sizeof *squared);
    int64_t *index = okng_alloc(found, sizeof *index);
    okng_status status = squared && index ? okng_knn_index_search(bank, patches->rows, patches->count, k, excluded,
                                                                  threads, squared, index, error)
                                          : okng_fail_memory(error, found * (sizeof *squared + sizeof *index));
    if (status == OKNG_OK) {
        int64_t worst = 0;
        for (int64_t i = 0; i < patches->count; i++) patch_scores[i] = mean_distance(options, squared + i * k, k);
        okng_scores_mask(patch_scores, patches->count, patches->foreground);
        for (int64_t i = 1; i < patches->count; i++)
            if (patch_scores[i] > patch_scores[worst]) worst = i;
        status = score_picture(options, bank, patches, patch_scores, worst, squared[worst], index[worst], excluded,
                               image_score, error);
    }
    free(squared);
    free(index);
    return status;
}
