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

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

/* Row `index` of the bank or, behind its rows, of the stand-ins. */
static const float *row_at(const okng_reference *reference, int64_t index)
{
    const okng_rows *bank = okng_knn_index_rows(reference->bank);
    if (index < bank->count) return bank->data + index * bank->dim;
    return reference->standins.data + (index - bank->count) * bank->dim;
}

/* Puts `more` of the nearest stand-ins, nearest first, among the k nearest rows of the bank, which come first where
 * both are as near. */
static void merge(const float *squared, const int64_t *index, int32_t more, int64_t behind, int32_t k, float *nearest,
                  int64_t *found)
{
    for (int32_t i = 0; i < more; i++) {
        int32_t at = k;
        while (at > 0 && squared[i] < nearest[at - 1]) at--;
        if (at == k) return;
        for (int32_t j = k - 1; j > at; j--) {
            nearest[j] = nearest[j - 1];
            found[j] = found[j - 1];
        }
        nearest[at] = squared[i];
        found[at] = behind + index[i];
    }
}

/* As okng_knn_search, of all rows of the reference. */
static okng_status search(const okng_reference *reference, const float *queries, int64_t count, int32_t k, int threads,
                          float *squared, int64_t *index, okng_error *error)
{
    const okng_rows *standins = &reference->standins;
    OKNG_TRY(
        okng_knn_index_search(reference->bank, queries, count, k, reference->excluded, threads, squared, index, error));
    if (standins->count == 0) return OKNG_OK;
    int32_t more = k < standins->count ? k : (int32_t)standins->count;
    size_t places = (size_t)count * (size_t)more;
    float *theirs = okng_alloc(places, sizeof *theirs);
    int64_t *found = okng_alloc(places, sizeof *found);
    okng_status status = theirs && found
                             ? okng_knn_search(standins, queries, count, more, -1, threads, theirs, found, error)
                             : okng_fail_memory(error, places * (sizeof *theirs + sizeof *found));
    for (int64_t q = 0; q < count && status == OKNG_OK; q++)
        merge(theirs + q * more, found + q * more, more, okng_knn_index_rows(reference->bank)->count, k,
              squared + q * k, index + q * k);
    free(theirs);
    free(found);
    return status;
}

/* ---- scores ------------------------------------------------------------------------------------------------------ */

/* 1 - softmax over `neighbours` of |patch - n|, the entry of `nearest`. */
static float novelty(const okng_reference *reference, const float *patch, float nearest, const int64_t *neighbours,
                     int32_t count)
{
    const okng_kernels *kernels = okng_kernels_get();
    size_t dim = (size_t)okng_knn_index_rows(reference->bank)->dim;
    double own = sqrt((double)nearest), sum = 0, largest = own;
    for (int pass = 0; pass < 2; pass++) /* the largest first, so that exp cannot overflow */
        for (int32_t i = 0; i < count && neighbours[i] >= 0; i++) {
            double distance = sqrt((double)kernels->l2_squared(patch, row_at(reference, neighbours[i]), dim));
            if (pass == 0)
                largest = fmax(largest, distance);
            else
                sum += exp(distance - largest);
        }
    return (float)(1 - exp(own - largest) / sum);
}

static okng_status reweight(const okng_build_options *options, const okng_reference *reference, const float *patch,
                            float squared, int64_t nearest, float *score, okng_error *error)
{
    int64_t rows = okng_knn_index_rows(reference->bank)->count;
    int32_t k = options->neighbors < rows ? options->neighbors : (int32_t)rows;
    if (k <= 1 || nearest < 0) return OKNG_OK; /* one neighbour: the maximum as it is */
    float *distances = okng_alloc((size_t)k, sizeof *distances);
    int64_t *neighbours = okng_alloc((size_t)k, sizeof *neighbours);
    okng_status status = distances && neighbours
                             ? search(reference, row_at(reference, nearest), 1, k, 1, distances, neighbours, error)
                             : okng_fail_memory(error, (size_t)k * (sizeof *distances + sizeof *neighbours));
    if (status == OKNG_OK) *score *= novelty(reference, patch, squared, neighbours, k);
    free(distances);
    free(neighbours);
    return status;
}

/* The score of the picture from those of its patches, of which `worst` is the highest. */
static okng_status score_picture(const okng_build_options *options, const okng_reference *reference,
                                 const okng_patch_rows *patches, const float *scores, int64_t worst, float squared,
                                 int64_t nearest, float *image_score, okng_error *error)
{
    *image_score = scores[worst];
    switch (options->image_score) {
    case OKNG_SCORE_REWEIGHTED:
        return reweight(options, reference, patches->rows + worst * okng_knn_index_rows(reference->bank)->dim, squared,
                        nearest, image_score, error);
    case OKNG_SCORE_TOP:
        return okng_image_score_top(scores, patches->count, options->top, image_score, error);
    default:
        return OKNG_OK;
    }
}

okng_status okng_score_patches(const okng_build_options *options, const okng_reference *reference,
                               const okng_patch_rows *patches, int threads, float *patch_scores, int32_t *nearest,
                               float *image_score, okng_error *error)
{
    int32_t k = options->image_score == OKNG_SCORE_MEAN_K ? options->neighbors : 1;
    size_t found = (size_t)patches->count * (size_t)k;
    float *squared = okng_alloc(found, sizeof *squared);
    int64_t *index = okng_alloc(found, sizeof *index);
    okng_status status = squared && index
                             ? search(reference, patches->rows, patches->count, k, threads, squared, index, error)
                             : okng_fail_memory(error, found * (sizeof *squared + sizeof *index));
    if (status == OKNG_OK) {
        int64_t worst = 0;
        for (int64_t i = 0; i < patches->count; i++) patch_scores[i] = mean_distance(options, squared + i * k, k);
        for (int64_t i = 0; nearest && i < patches->count; i++)
            nearest[i] = index[i * k] < okng_knn_index_rows(reference->bank)->count ? (int32_t)index[i * k] : -1;
        okng_scores_mask(patch_scores, patches->count, patches->foreground);
        for (int64_t i = 1; i < patches->count; i++)
            if (patch_scores[i] > patch_scores[worst]) worst = i;
        status = score_picture(options, reference, patches, patch_scores, worst, squared[worst], index[worst],
                               image_score, error);
    }
    free(squared);
    free(index);
    return status;
}
