#include "patch/foreground.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/eigen.h"
#include "base/memory.h"
#include "patch/moments.h"

#define THRESHOLD 10.0
#define CENTRE_FROM 0.2
#define CENTRE_PART 0.35

/* ---- the component -------------------------------------------------------------------------- */

static bool covariance_of(const okng_products *products, int64_t count, double *mean, double *covariance)
{
    size_t dim = products->dim;
    bool finite = true;
    for (size_t i = 0; i < dim; i++) mean[i] = products->values[i * products->stride + dim] / (double)count;
    for (size_t i = 0; i < dim; i++)
        for (size_t j = i; j < dim; j++) {
            double value = products->values[i * products->stride + j] / (double)count - mean[i] * mean[j];
            covariance[i * dim + j] = value;
            finite = finite && isfinite(value);
        }
    return finite;
}

/* along [count]: each row's coordinate, from its mean, on the first principal component. */
static okng_status project(const float *rows, int64_t count, int64_t dim, double *work, double *along,
                           okng_error *error)
{
    okng_products products = okng_products_of(rows, count, dim, work);
    double *mean = okng_alloc((size_t)dim + 2, (size_t)dim * sizeof *mean);
    if (!mean) return okng_fail_memory(error, (size_t)(dim * dim) * sizeof *mean);
    double *component = mean + dim, *covariance = component + dim;
    okng_status status = covariance_of(&products, count, mean, covariance)
                             ? okng_eigen_first(covariance, dim, component, error)
                             : okng_fail(error, OKNG_ERROR_MISMATCH, "its patch vectors are not finite");
    double largest = 0;
    for (int64_t r = 0; r < count && status == OKNG_OK; r++) {
        along[r] = 0;
        for (int64_t d = 0; d < dim; d++) along[r] += ((double)rows[r * dim + d] - mean[d]) * component[d];
        if (fabs(along[r]) > fabs(largest)) largest = along[r];
    }
    if (status == OKNG_OK && largest < 0)
        for (int64_t r = 0; r < count; r++) along[r] = -along[r];
    free(mean);
    return status;
}

/* ---- the mask ------------------------------------------------------------------------------- */

static bool centre_is_empty(const uint8_t *mask, int32_t height, int32_t width)
{
    int32_t top = (int32_t)(height * CENTRE_FROM), bottom = (int32_t)(height * (1 - CENTRE_FROM));
    int32_t left = (int32_t)(width * CENTRE_FROM), right = (int32_t)(width * (1 - CENTRE_FROM));
    int64_t all = 0, set = 0;
    for (int32_t y = top; y < bottom; y++)
        for (int32_t x = left; x < right; x++, all++) set += mask[y * width + x];
    return (double)set <= (double)all * CENTRE_PART;
}

/* out: where any (grow) or all of the 3x3 neighbours that lie inside are set. */
static void spread(const uint8_t *mask, int32_t height, int32_t width, bool grow, uint8_t *out)
{
    for (int32_t y = 0; y < height; y++)
        for (int32_t x = 0; x < width; x++) {
            uint8_t value = grow ? 0 : 1;
            for (int32_t v = y > 0 ? y - 1 : 0; v <= y + 1 && v < height; v++)
                for (int32_t u = x > 0 ? x - 1 : 0; u <= x + 1 && u < width; u++)
                    value = grow ? value | mask[v * width + u] : value & mask[v * width + u];
            out[y * width + x] = value;
        }
}

static void make_mask(const double *along, int32_t height, int32_t width, uint8_t *mask, uint8_t *spare)
{
    size_t count = (size_t)height * (size_t)width, set = 0;
    for (size_t i = 0; i < count; i++) mask[i] = along[i] > THRESHOLD;
    if (centre_is_empty(mask, height, width))
        for (size_t i = 0; i < count; i++) mask[i] = -along[i] > THRESHOLD;
    spread(mask, height, width, true, spare);
    spread(spare, height, width, true, mask);
    spread(mask, height, width, false, spare);
    for (size_t i = 0; i < count; i++) set += spare[i];
    for (size_t i = 0; i < count; i++) mask[i] = set == 0 || spare[i];
}

uint64_t okng_foreground_bytes(int64_t count, int64_t dim)
{
    uint64_t n = (uint64_t)dim;
    return okng_products_bytes(count, dim) + (uint64_t)count * (sizeof(double) + 1) +
           (n * (n + 2) + n + 36 * n) * sizeof(double); /* covariance, mean, component; eigenvalues; dsyevr's work */
}

okng_status okng_foreground_find(const float *rows, int32_t height, int32_t width, int64_t dim, uint8_t *mask,
                                 okng_error *error)
{
    int64_t count = (int64_t)height * width;
    uint64_t bytes = okng_products_bytes(count, dim);
    double *work = okng_alloc((size_t)bytes, 1), *along = okng_alloc((size_t)count, sizeof *along);
    uint8_t *spare = okng_alloc((size_t)count, 1);
    okng_status status =
        work && along && spare ? project(rows, count, dim, work, along, error) : okng_fail_memory(error, (size_t)bytes);
    if (status == OKNG_OK) make_mask(along, height, width, mask, spare);
    free(work);
    free(along);
    free(spare);
    return status;
}
