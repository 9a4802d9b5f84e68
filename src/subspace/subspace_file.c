#include "subspace/subspace_file.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

/* ---- writing -------------------------------------------------------------------------------- */

static okng_array view(okng_dtype dtype, int32_t dims, int64_t rows, int64_t columns, const void *data)
{
    okng_array array = {.dtype = dtype, .dims = dims, .shape = {rows, columns}};
    array.data = (void *)(uintptr_t)data; /* written from, never to */
    (void)okng_shape_bytes(dtype, dims, array.shape, &array.bytes);
    return array;
}

okng_status okng_subspace_file_write(const char *path, const okng_sums *sums, const okng_directions *directions,
                                     okng_error *error)
{
    int64_t dim = sums->dim;
    okng_array all = view(OKNG_I64, 2, okng_sums_length(dim), 2, sums->values);
    okng_array count = view(OKNG_I64, 1, 1, 0, &sums->count), kept = view(OKNG_I64, 1, 1, 0, &directions->kept);
    okng_array mean = view(OKNG_F64, 1, dim, 0, directions->mean);
    okng_array values = view(OKNG_F64, 1, dim, 0, directions->values);
    okng_array rows = view(OKNG_F32, 2, dim, dim, directions->rows);
    const okng_named_array tensors[] = {{"sums", &all},  {"count", &count},        {"kept", &kept},
                                        {"mean", &mean}, {"eigenvalues", &values}, {"directions", &rows}};
    return okng_safetensors_write_arrays(path, tensors, sizeof tensors / sizeof *tensors, error);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Copies a tensor of this shape. columns: 0 for one dimension. */
static okng_status copy(const okng_weights *file, const char *name, okng_dtype dtype, int64_t rows, int64_t columns,
                        void *out, okng_error *error)
{
    const okng_array *array;
    OKNG_TRY(okng_weights_get(file, name, &array, error));
    okng_array wanted = view(dtype, columns > 0 ? 2 : 1, rows, columns, NULL);
    if (array->dtype == dtype && array->dims == wanted.dims && array->shape[0] == rows &&
        (columns == 0 || array->shape[1] == columns)) {
        memcpy(out, array->data, wanted.bytes);
        return OKNG_OK;
    }
    char found[96], expected[96];
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: tensor \"%s\" is %s %s, expected %s %s", okng_weights_path(file),
                     name, okng_dtype_name(array->dtype),
                     okng_shape_text(array->dims, array->shape, found, sizeof found), okng_dtype_name(dtype),
                     okng_shape_text(wanted.dims, wanted.shape, expected, sizeof expected));
}

static bool all_finite(const okng_directions *d)
{
    bool finite = true;
    for (int64_t i = 0; i < d->dim; i++) finite = finite && isfinite(d->mean[i]) && isfinite(d->values[i]);
    for (int64_t i = 0; i < d->dim * d->dim; i++) finite = finite && isfinite(d->rows[i]);
    return finite;
}

static bool falls(const double *values, int64_t count)
{
    for (int64_t i = 1; i < count; i++)
        if (values[i] > values[i - 1]) return false;
    return values[count - 1] >= 0;
}

static okng_status read_directions(okng_directions *d, const okng_weights *file, okng_error *error)
{
    size_t dim = (size_t)d->dim;
    d->mean = okng_alloc(dim, sizeof(double));
    d->values = okng_alloc(dim, sizeof(double));
    d->rows = okng_alloc(dim, dim * sizeof(float));
    if (!d->mean || !d->values || !d->rows) return okng_fail_memory(error, (dim + 4) * dim * sizeof(float));
    OKNG_TRY(copy(file, "mean", OKNG_F64, d->dim, 0, d->mean, error));
    OKNG_TRY(copy(file, "eigenvalues", OKNG_F64, d->dim, 0, d->values, error));
    OKNG_TRY(copy(file, "directions", OKNG_F32, d->dim, d->dim, d->rows, error));
    OKNG_TRY(copy(file, "kept", OKNG_I64, 1, 0, &d->kept, error));
    if (d->kept < 1 || d->kept >= d->dim)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"kept\" is %lld, expected 1 to %lld", okng_weights_path(file),
                         (long long)d->kept, (long long)(d->dim - 1));
    if (all_finite(d) && falls(d->values, d->dim)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: holds numbers that are not finite, or eigenvalues that do not fall",
                     okng_weights_path(file));
}

okng_status okng_subspace_file_directions(okng_directions *directions, const okng_weights *file, int64_t dim,
                                          okng_error *error)
{
    *directions = (okng_directions){.dim = dim};
    if (dim < 1 || dim > OKNG_SUMS_MAX_DIM)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %lld dimensions, expected 1 to %d", okng_weights_path(file),
                         (long long)dim, OKNG_SUMS_MAX_DIM);
    okng_status status = read_directions(directions, file, error);
    if (status != OKNG_OK) okng_directions_free(directions);
    return status;
}

okng_status okng_subspace_file_sums(okng_sums *sums, const okng_weights *file, int64_t dim, okng_error *error)
{
    OKNG_TRY(okng_sums_new(sums, dim, error));
    okng_status status = copy(file, "sums", OKNG_I64, okng_sums_length(dim), 2, sums->values, error);
    if (status == OKNG_OK) status = copy(file, "count", OKNG_I64, 1, 0, &sums->count, error);
    if (status == OKNG_OK && sums->count < 2)
        status = okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"count\" is %lld, expected at least 2",
                           okng_weights_path(file), (long long)sums->count);
    if (status != OKNG_OK) okng_sums_free(sums);
    return status;
}
