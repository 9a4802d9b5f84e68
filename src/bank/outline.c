#include "bank/outline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"

enum { SEGMENT = 256 /* dimensions added up in one chain: short chains round less */ };
#define ROUNDING 0x1p-24
#define LEAST 0.2 /* of the root mean square */
#define MOST 8.0

okng_outline okng_outline_of(okng_principal principal, const float *mean, double rms)
{
    okng_outline outline = {.principal = principal, .mean = mean};
    outline.least = (float)(LEAST * rms);
    outline.most = (float)(MOST * rms);
    /* With S = P P^T, eigenvalues within `skew` of 0 or 1, the squared length of (P^T d, (1 - S) d) is
     * d^T (1 - S + S^2) d. */
    outline.stretch = sqrt(1 + principal.skew + principal.skew * principal.skew) * (1 + 1e-12);
    return outline;
}

void okng_outline_free(okng_outline *outline)
{
    okng_principal_free(&outline->principal);
    *outline = (okng_outline){0};
}

size_t okng_outline_scratch(const okng_outline *outline)
{
    return OKNG_OUTLINE_ROWS * ((size_t)SEGMENT + (size_t)outline->principal.columns);
}

/* sums [count, columns] := (rows - mean) * matrix */
static void project(const okng_outline *outline, const float *rows, int64_t count, float *sums, float *scratch)
{
    const okng_principal *p = &outline->principal;
    int64_t dim = p->dim, columns = p->columns;
    float *centred = scratch, *part = scratch + OKNG_OUTLINE_ROWS * SEGMENT;
    for (int64_t first = 0; first < dim; first += SEGMENT) {
        int64_t width = dim - first < SEGMENT ? dim - first : SEGMENT;
        for (int64_t r = 0; r < count; r++)
            for (int64_t d = 0; d < width; d++)
                centred[r * width + d] = rows[r * dim + first + d] - outline->mean[first + d];
        okng_kernels_get()->project(centred, (size_t)count, (size_t)width, p->matrix + first * columns, (size_t)columns,
                                    (size_t)columns, first == 0 ? sums : part);
        for (int64_t i = 0; first > 0 && i < count * columns; i++) sums[i] += part[i];
    }
}

/* The last coordinate and the blur of one row from the others and |x - mean|^2. */
static double finish(const okng_outline *outline, float squared, float *along)
{
    const okng_principal *p = &outline->principal;
    float *rest = along + p->columns - 1;
    double dim = (double)p->dim, columns = (double)p->columns, length = sqrt((double)squared), taken = 0;
    for (int64_t c = 0; c < p->columns; c++) taken += (double)along[c] * (double)along[c]; /* the last is 0 */
    if (!(length <= (double)outline->most)) {
        *rest = 0; /* of no use */
        return INFINITY;
    }
    /* A coordinate is a chain of at most SEGMENT products for each segment, their sum, and the rounded difference from
     * the mean: off by at most so many roundings of sum |x_i| |p_i| <= length * |p|. */
    double chain = SEGMENT + dim / SEGMENT + 6;
    double off = chain * ROUNDING * sqrt(columns) * outline->stretch * length * 1.01;
    double left = (double)squared - taken, least = (double)outline->least;
    double left_off = (dim / 16 + 16) * ROUNDING * (double)squared + 2 * sqrt(taken) * off + off * off +
                      p->skew * (sqrt(taken) + off) * (sqrt(taken) + off);
    double value = sqrt(left > least * least ? left : least * least);
    *rest = (float)value;
    return (off + left_off / (value + least) + 2 * ROUNDING * value) * (1 + 1e-9);
}

void okng_outline_rows(const okng_outline *outline, const float *rows, int64_t count, float *out, double *blur,
                       float *scratch)
{
    const okng_principal *p = &outline->principal;
    project(outline, rows, count, out, scratch);
    for (int64_t r = 0; r < count; r++) {
        float squared = okng_kernels_get()->l2_squared(rows + r * p->dim, outline->mean, (size_t)p->dim);
        blur[r] = finish(outline, squared, out + r * p->columns);
    }
}
