#include "winclip/winclip_file.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 24 };

static okng_array view(int64_t rows, int64_t columns, const float *data)
{
    okng_array array = {.dtype = OKNG_F32, .dims = 2, .shape = {rows, columns}};
    array.data = (void *)(uintptr_t)data; /* written from, never to */
    (void)okng_shape_bytes(OKNG_F32, 2, array.shape, &array.bytes);
    return array;
}

static const char *windows_name(int32_t scale, char name[NAME_BYTES])
{
    (void)snprintf(name, NAME_BYTES, "windows%d", (int)scale);
    return name;
}

okng_status okng_winclip_file_write(const char *path, const okng_view_plan *plan, const float *prototypes,
                                    const okng_winclip_memory *memory, okng_error *error)
{
    char names[OKNG_MAX_SCALES][NAME_BYTES];
    okng_array arrays[OKNG_MAX_SCALES + 2];
    okng_named_array tensors[OKNG_MAX_SCALES + 2];
    size_t count = 0;
    arrays[count] = view(2, plan->embedding, prototypes);
    tensors[count] = (okng_named_array){"text", &arrays[count]};
    count++;
    for (int32_t s = 0; s < plan->scale_count && memory->views > 0; s++, count++) {
        const okng_reference_rows *rows = &memory->windows[s];
        arrays[count] = view(rows->count, rows->dim, rows->data);
        tensors[count] = (okng_named_array){windows_name(plan->scales[s], names[s]), &arrays[count]};
    }
    if (memory->views > 0) {
        arrays[count] = view(memory->patches.count, memory->patches.dim, memory->patches.data);
        tensors[count] = (okng_named_array){"patches", &arrays[count]};
        count++;
    }
    return okng_safetensors_write_arrays(path, tensors, count, error);
}

/* Length 1 but for rounding; what is not finite is not. */
static bool has_length_one(const float *row, int64_t dim)
{
    double sum = 0;
    for (int64_t d = 0; d < dim; d++) sum += (double)row[d] * (double)row[d];
    return fabs(sum - 1) < 1e-4;
}

/* The tensor of that name and shape. */
static okng_status find(const okng_weights *file, const char *name, int64_t rows, int64_t columns,
                        const okng_array **array, okng_error *error)
{
    OKNG_TRY(okng_weights_get(file, name, array, error));
    const int64_t shape[] = {rows, columns};
    if ((*array)->dtype == OKNG_F32 && (*array)->dims == 2 && (*array)->shape[0] == rows &&
        (*array)->shape[1] == columns)
        return OKNG_OK;
    char found[96], expected[96];
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: tensor \"%s\" is %s %s, expected float32 %s",
                     okng_weights_path(file), name, okng_dtype_name((*array)->dtype),
                     okng_shape_text((*array)->dims, (*array)->shape, found, sizeof found),
                     okng_shape_text(2, shape, expected, sizeof expected));
}

static okng_status copy(const okng_weights *file, const char *name, int64_t rows, int64_t columns, float *out,
                        okng_error *error)
{
    const okng_array *array;
    OKNG_TRY(find(file, name, rows, columns, &array, error));
    memcpy(out, array->data, array->bytes);
    for (int64_t r = 0; r < rows; r++)
        if (!has_length_one(out + r * columns, columns))
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: row %lld of tensor \"%s\" does not have length 1",
                             okng_weights_path(file), (long long)r, name);
    return OKNG_OK;
}

static okng_status read_rows(const okng_weights *file, const char *name, okng_reference_rows *rows, okng_error *error)
{
    memset(rows->origin, 0, (size_t)rows->count * sizeof *rows->origin);
    return copy(file, name, rows->count, rows->dim, rows->data, error);
}

okng_status okng_winclip_file_read(const okng_weights *file, const okng_view_plan *plan, int64_t views,
                                   float *prototypes, okng_winclip_memory *memory, okng_error *error)
{
    char name[NAME_BYTES];
    *memory = (okng_winclip_memory){.views = 0};
    OKNG_TRY(copy(file, "text", 2, plan->embedding, prototypes, error));
    if (views == 0) return OKNG_OK;
    const okng_array *patches; /* what is there says how much memory is taken */
    const int64_t each = (int64_t)plan->grid.rows * plan->grid.columns;
    OKNG_TRY(find(file, "patches", views * each, plan->width, &patches, error));
    OKNG_TRY(okng_winclip_memory_new(memory, plan, views, error));
    okng_status status = read_rows(file, "patches", &memory->patches, error);
    for (int32_t s = 0; s < plan->scale_count && status == OKNG_OK; s++)
        status = read_rows(file, windows_name(plan->scales[s], name), &memory->windows[s], error);
    if (status != OKNG_OK) okng_winclip_memory_free(memory);
    return status;
}
