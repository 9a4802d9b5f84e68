#include "bank/references.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

okng_status okng_references_new(okng_reference_rows *rows, int64_t count, int64_t dim, okng_error *error)
{
    *rows = (okng_reference_rows){.count = count, .dim = dim};
    rows->data = okng_alloc((size_t)count, (size_t)dim * sizeof *rows->data);
    rows->origin = okng_alloc_zero((size_t)count, sizeof *rows->origin);
    if (rows->data && rows->origin) return OKNG_OK;
    okng_references_free(rows);
    return okng_fail_memory(error, (size_t)count * (size_t)dim * sizeof *rows->data);
}

void okng_references_free(okng_reference_rows *rows)
{
    okng_knn_index_free(&rows->index);
    free(rows->data);
    free(rows->origin);
    *rows = (okng_reference_rows){.data = NULL};
}

void okng_references_put(okng_reference_rows *rows, const float *data, int64_t first, int64_t count, int32_t group)
{
    memcpy(rows->data + first * rows->dim, data, (size_t)(count * rows->dim) * sizeof *data);
    for (int64_t r = first; r < first + count; r++) rows->origin[r] = group;
}

okng_status okng_references_seal(okng_reference_rows *rows, int threads, okng_error *error)
{
    const okng_rows all = {rows->data, rows->count, rows->dim, rows->origin};
    return okng_knn_index_new(&rows->index, &all, OKNG_KNN_MANY, threads, error);
}

okng_status okng_references_distances(const okng_reference_rows *rows, const float *queries, int64_t count,
                                      int32_t excluded, int threads, float *distances, okng_error *error)
{
    int64_t *nearest = okng_alloc((size_t)count, sizeof *nearest);
    if (!nearest) return okng_fail_memory(error, (size_t)count * sizeof *nearest);
    okng_status status =
        okng_knn_index_search(rows->index, queries, count, 1, excluded, threads, distances, nearest, error);
    for (int64_t i = 0; i < count && status == OKNG_OK; i++) distances[i] /= 4;
    free(nearest);
    return status;
}

uint64_t okng_references_bytes(int64_t count, int64_t dim)
{
    return (uint64_t)count * (uint64_t)dim * sizeof(float) / 2 * 3;
}

okng_status okng_references_room(const okng_build_options *options, size_t pictures, uint64_t bytes, okng_error *error)
{
    const uint64_t limit = options->max_memory ? options->max_memory : okng_memory_total() / 2;
    if (bytes <= limit) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT,
                     "max-memory of %llu MiB is too little: what %zu good pictures leave takes about %llu MiB; give "
                     "fewer, or raise it",
                     (unsigned long long)(limit >> 20), pictures, (unsigned long long)(bytes >> 20) + 1);
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Length 1 but for rounding; what is not finite is not. */
static bool has_length_one(const float *row, int64_t dim)
{
    double sum = 0;
    for (int64_t d = 0; d < dim; d++) sum += (double)row[d] * (double)row[d];
    return fabs(sum - 1) < 1e-4;
}

okng_status okng_references_find(const okng_weights *file, const char *name, int64_t count, int64_t dim,
                                 const okng_array **array, okng_error *error)
{
    OKNG_TRY(okng_weights_get(file, name, array, error));
    const int64_t shape[] = {count, dim};
    if ((*array)->dtype == OKNG_F32 && (*array)->dims == 2 && (*array)->shape[0] == count && (*array)->shape[1] == dim)
        return OKNG_OK;
    char found[96], expected[96];
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: tensor \"%s\" is %s %s, expected float32 %s",
                     okng_weights_path(file), name, okng_dtype_name((*array)->dtype),
                     okng_shape_text((*array)->dims, (*array)->shape, found, sizeof found),
                     okng_shape_text(2, shape, expected, sizeof expected));
}

okng_status okng_references_read(const okng_weights *file, const char *name, int64_t count, int64_t dim, float *out,
                                 okng_error *error)
{
    const okng_array *array;
    OKNG_TRY(okng_references_find(file, name, count, dim, &array, error));
    memcpy(out, array->data, array->bytes);
    for (int64_t r = 0; r < count; r++)
        if (!has_length_one(out + r * dim, dim))
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: row %lld of tensor \"%s\" does not have length 1",
                             okng_weights_path(file), (long long)r, name);
    return OKNG_OK;
}

okng_array okng_references_view(const float *data, int64_t count, int64_t dim)
{
    okng_array array = {.dtype = OKNG_F32, .dims = 2, .shape = {count, dim}};
    array.data = (void *)(uintptr_t)data;
    (void)okng_shape_bytes(OKNG_F32, 2, array.shape, &array.bytes);
    return array;
}
