/* How alike pictures and texts are. */
#include <math.h>

#include "api/need.h"
#include "tensor/array.h"

/* Cosines, whatever the lengths of a and b; 0 where one is all 0. */
static double cosine(const float *a, const float *b, int64_t dim)
{
    double product = 0, length_a = 0, length_b = 0;
    for (int64_t k = 0; k < dim; k++) {
        product += (double)a[k] * (double)b[k];
        length_a += (double)a[k] * (double)a[k];
        length_b += (double)b[k] * (double)b[k];
    }
    return product == 0 ? 0 : product / sqrt(length_a * length_b);
}

/* softmax(scale x), in place. */
static void soften(float *x, int64_t count, double scale)
{
    double highest = (double)x[0], sum = 0;
    for (int64_t k = 1; k < count; k++)
        if ((double)x[k] > highest) highest = (double)x[k];
    for (int64_t k = 0; k < count; k++) sum += exp(scale * ((double)x[k] - highest));
    for (int64_t k = 0; k < count; k++) x[k] = (float)(exp(scale * ((double)x[k] - highest)) / sum);
}

okng_status okng_similarity(okng_array **out, const okng_array *pictures, const okng_array *texts, double scale,
                            okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the table", error));
    *out = NULL;
    OKNG_TRY(okng_need_matrix(pictures, "pictures", error));
    OKNG_TRY(okng_need_matrix(texts, "texts", error));
    const int64_t dim = pictures->shape[1], shape[2] = {pictures->shape[0], texts->shape[0]};
    if (texts->shape[1] != dim)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "texts have %lld dimensions, expected the %lld of the pictures, from the same network",
                         (long long)texts->shape[1], (long long)dim);
    if (!(scale >= 0 && scale <= 1e6))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "scale is %g, expected 0 (cosines) or up to 1e6", scale);
    OKNG_TRY(okng_array_new(out, OKNG_F32, 2, shape, error));
    for (int64_t i = 0; i < shape[0]; i++) {
        float *row = (float *)(*out)->data + i * shape[1];
        for (int64_t k = 0; k < shape[1]; k++)
            row[k] = (float)cosine((const float *)pictures->data + i * dim, (const float *)texts->data + k * dim, dim);
        if (scale > 0) soften(row, shape[1], scale);
    }
    return OKNG_OK;
}
