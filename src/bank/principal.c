#include "bank/principal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "kernels/kernels.h"

enum { LANES = OKNG_KERNELS_LANES, GRAIN = 48, ROUNDS = 2 };
#define FULL_RANK 1e-6 /* of a column's length squared: less left over by the others is no direction of its own */

typedef struct finder {
    const float *samples; /* [count, dim] */
    float *turned;        /* [dim, count] */
    int64_t count, dim, columns;
    double hopeless;
    int threads;
    float *basis;        /* [dim, columns] */
    float *basis_turned; /* [columns, dim] */
    float *mixed;        /* [max(count, columns), columns]: samples or columns times the basis */
    double *factor;      /* [columns, columns] */
    double *row_skew;    /* [columns] */
} finder;

/* ---- products ---------------------------------------------------------------------------------------------------- */

typedef struct product {
    const float *rows, *matrix;
    int64_t dim, columns;
    float *out;
} product;

static void multiply_rows(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    const product *p = context;
    okng_kernels_get()->project(p->rows + begin * p->dim, (size_t)(end - begin), (size_t)p->dim, p->matrix,
                                (size_t)p->columns, (size_t)p->columns, p->out + begin * p->columns);
}

/* out [count, columns] = rows [count, dim] * matrix [dim, columns] */
static void multiply(const finder *f, const float *rows, int64_t count, const float *matrix, int64_t dim, float *out)
{
    product p = {rows, matrix, dim, f->columns, out};
    okng_parallel_for(f->threads, count, GRAIN, multiply_rows, &p);
}

static void turn(const float *from, int64_t rows, int64_t columns, float *to)
{
    for (int64_t first = 0; first < columns; first += LANES) /* in strips, for the cache */
        for (int64_t r = 0; r < rows; r++)
            for (int64_t c = first; c < columns && c < first + LANES; c++) to[c * rows + r] = from[r * columns + c];
}

/* ---- orthonormal columns ----------------------------------------------------------------------------------------- */

/* factor := the lower triangle L with L L^T = gram; a column that depends on those before it gets a row of 0. */
static void factorise(finder *f, const float *gram)
{
    int64_t n = f->columns;
    memset(f->factor, 0, (size_t)(n * n) * sizeof *f->factor);
    for (int64_t i = 0; i < n; i++) {
        double *row = f->factor + i * n;
        for (int64_t j = 0; j <= i; j++) {
            const double *other = f->factor + j * n;
            double sum = (double)gram[i * n + j];
            for (int64_t k = 0; k < j; k++) sum -= row[k] * other[k];
            if (j < i)
                row[j] = other[j] > 0 ? sum / other[j] : 0;
            else
                row[i] = sum > FULL_RANK * (double)gram[i * n + i] ? sqrt(sum) : 0;
        }
    }
}

/* out [columns, columns] := the inverse of L^T, an upper triangle; columns without a direction stay 0. */
static void invert(const finder *f, float *out)
{
    int64_t n = f->columns;
    double *inverse = f->factor; /* row by row in place: row i of L^-1 needs L's row i and the rows of L^-1 above */
    for (int64_t i = 0; i < n; i++) {
        double *row = inverse + i * n, pivot = row[i];
        for (int64_t j = 0; j < i; j++) {
            double sum = 0;
            for (int64_t k = j; k < i; k++) sum += row[k] * inverse[k * n + j];
            row[j] = pivot > 0 ? -sum / pivot : 0;
        }
        row[i] = pivot > 0 ? 1 / pivot : 0;
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) out[i * n + j] = j >= i ? (float)inverse[j * n + i] : 0.0f;
}

/* Cholesky QR: the basis divided by the root of its Gram matrix. */
static void orthonormalise(finder *f)
{
    turn(f->basis, f->dim, f->columns, f->basis_turned);
    multiply(f, f->basis_turned, f->columns, f->basis, f->dim, f->mixed);
    factorise(f, f->mixed);
    invert(f, f->mixed);
    memcpy(f->basis_turned, f->basis, (size_t)(f->dim * f->columns) * sizeof *f->basis);
    multiply(f, f->basis_turned, f->dim, f->mixed, f->columns, f->basis);
}

static void measure_skew(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    finder *f = context;
    for (int64_t i = begin; i < end; i++) {
        f->row_skew[i] = 0;
        for (int64_t j = 0; j <= i; j++) {
            const float *a = f->basis_turned + i * f->dim, *b = f->basis_turned + j * f->dim;
            double sums[LANES] = {0}, sum = 0;
            int64_t d = 0;
            for (; d + LANES <= f->dim; d += LANES)
                for (int64_t lane = 0; lane < LANES; lane++) sums[lane] += (double)a[d + lane] * (double)b[d + lane];
            for (; d < f->dim; d++) sums[0] += (double)a[d] * (double)b[d];
            for (int lane = 0; lane < LANES; lane++) sum += sums[lane];
            if (i == j && sum > 0) sum -= 1; /* a column of 0 has no part in the norm */
            f->row_skew[i] += (i == j ? 1 : 2) * sum * sum;
        }
    }
}

/* ---- */

static double sum_of_squares(const float *values, int64_t count)
{
    double sums[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int64_t lane = 0; lane < LANES; lane++) sums[lane] += (double)values[i + lane] * (double)values[i + lane];
    for (; i < count; i++) sum += (double)values[i] * (double)values[i];
    for (int lane = 0; lane < LANES; lane++) sum += sums[lane];
    return sum;
}

/* Of the samples' variance, what their products with the basis hold. */
static double share_of(const finder *f)
{
    double all = sum_of_squares(f->samples, f->count * f->dim);
    return all > 0 ? sum_of_squares(f->mixed, f->count * f->columns) / all : 0;
}

static void iterate(finder *f)
{
    okng_rng rng = okng_rng_new(0, OKNG_STREAM_PRINCIPAL);
    for (int64_t i = 0; i < f->count * f->columns; i++)
        f->mixed[i] = i % f->columns == f->columns - 1 ? 0.0f : okng_rng_u32(&rng) >> 31 ? 1.0f : -1.0f;
    for (int round = 0;; round++) {
        multiply(f, f->turned, f->dim, f->mixed, f->count, f->basis);
        orthonormalise(f);
        if (round == ROUNDS) break;
        multiply(f, f->samples, f->count, f->basis, f->dim, f->mixed);
        if (share_of(f) < f->hopeless) break;
    }
    orthonormalise(f); /* once more takes the rounding of the first */
}

static void conclude(finder *f, okng_principal *out)
{
    turn(f->basis, f->dim, f->columns, f->basis_turned);
    okng_parallel_for(f->threads, f->columns, 1, measure_skew, f);
    double skew = 0;
    for (int64_t i = 0; i < f->columns; i++) skew += f->row_skew[i];
    out->skew = sqrt(skew) + 1e-9; /* sums in double: less than 1e-9 off */
    multiply(f, f->samples, f->count, f->basis, f->dim, f->mixed);
    out->share = share_of(f);
    memcpy(out->matrix, f->basis, (size_t)(f->dim * f->columns) * sizeof *out->matrix);
}

okng_status okng_principal_find(okng_principal *out, const float *samples, int64_t count, int64_t dim, int64_t columns,
                                double hopeless, int threads, okng_error *error)
{
    *out = (okng_principal){.dim = dim, .columns = columns};
    finder f = {
        .samples = samples, .count = count, .dim = dim, .columns = columns, .hopeless = hopeless, .threads = threads};
    size_t width = (size_t)columns * sizeof(float);
    out->matrix = okng_alloc((size_t)dim, width);
    f.turned = okng_alloc((size_t)dim, (size_t)count * sizeof(float));
    f.basis = okng_alloc((size_t)dim, width);
    f.basis_turned = okng_alloc((size_t)dim, width);
    f.mixed = okng_alloc((size_t)(count > columns ? count : columns), width);
    f.factor = okng_alloc((size_t)columns, (size_t)columns * sizeof *f.factor);
    f.row_skew = okng_alloc((size_t)columns, sizeof *f.row_skew);
    okng_status status = OKNG_OK;
    if (out->matrix && f.turned && f.basis && f.basis_turned && f.mixed && f.factor && f.row_skew) {
        turn(samples, count, dim, f.turned);
        iterate(&f);
        conclude(&f, out);
    } else {
        status = okng_fail_memory(error, (size_t)(dim * (count + 3 * columns)) * sizeof(float));
        okng_principal_free(out);
    }
    free(f.turned);
    free(f.basis);
    free(f.basis_turned);
    free(f.mixed);
    free(f.factor);
    free(f.row_skew);
    return status;
}

void okng_principal_free(okng_principal *principal)
{
    free(principal->matrix);
    *principal = (okng_principal){0};
}
