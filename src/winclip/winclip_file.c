#include "winclip/winclip_file.h"

#include <stdio.h>

enum { NAME_BYTES = 24 };

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
    arrays[count] = okng_references_view(prototypes, 2, plan->embedding);
    tensors[count] = (okng_named_array){"text", &arrays[count]};
    count++;
    for (int32_t s = 0; s < plan->scale_count && memory->views > 0; s++, count++) {
        const okng_reference_rows *rows = &memory->windows[s];
        arrays[count] = okng_references_view(rows->data, rows->count, rows->dim);
        tensors[count] = (okng_named_array){windows_name(plan->scales[s], names[s]), &arrays[count]};
    }
    if (memory->views > 0) {
        arrays[count] = okng_references_view(memory->patches.data, memory->patches.count, memory->patches.dim);
        tensors[count] = (okng_named_array){"patches", &arrays[count]};
        count++;
    }
    return okng_safetensors_write_arrays(path, tensors, count, error);
}

static okng_status read_rows(const okng_weights *file, const char *name, okng_reference_rows *rows, okng_error *error)
{
    return okng_references_read(file, name, rows->count, rows->dim, rows->data, error);
}

okng_status okng_winclip_file_read(const okng_weights *file, const okng_view_plan *plan, int64_t views,
                                   float *prototypes, okng_winclip_memory *memory, okng_error *error)
{
    char name[NAME_BYTES];
    *memory = (okng_winclip_memory){.views = 0};
    OKNG_TRY(okng_references_read(file, "text", 2, plan->embedding, prototypes, error));
    if (views == 0) return OKNG_OK;
    const okng_array *patches; /* what is there says how much memory is taken */
    const int64_t each = (int64_t)plan->grid.rows * plan->grid.columns;
    OKNG_TRY(okng_references_find(file, "patches", views * each, plan->width, &patches, error));
    OKNG_TRY(okng_winclip_memory_new(memory, plan, views, error));
    okng_status status = read_rows(file, "patches", &memory->patches, error);
    for (int32_t s = 0; s < plan->scale_count && status == OKNG_OK; s++)
        status = read_rows(file, windows_name(plan->scales[s], name), &memory->windows[s], error);
    if (status != OKNG_OK) okng_winclip_memory_free(memory);
    return status;
}
