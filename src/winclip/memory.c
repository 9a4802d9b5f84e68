#include "winclip/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static okng_status new_rows(okng_reference_rows *rows, int64_t count, int64_t dim, okng_error *error)
{
    *rows = (okng_reference_rows){.count = count, .dim = dim};
    rows->data = okng_alloc((size_t)count, (size_t)dim * sizeof *rows->data);
    rows->origin = okng_alloc((size_t)count, sizeof *rows->origin);
    if (rows->data && rows->origin) return OKNG_OK;
    return okng_fail_memory(error, (size_t)count * (size_t)dim * sizeof *rows->data);
}

static void free_rows(okng_reference_rows *rows)
{
    okng_knn_index_free(&rows->index);
    free(rows->data);
    free(rows->origin);
}

okng_status okng_winclip_memory_new(okng_winclip_memory *memory, const okng_view_plan *plan, int64_t views,
                                    okng_error *error)
{
    *memory = (okng_winclip_memory){.scale_count = plan->scale_count, .views = views};
    if (views == 0) return OKNG_OK;
    okng_status status = new_rows(&memory->patches, views * plan->grid.rows * plan->grid.columns, plan->width, error);
    for (int32_t s = 0; s < plan->scale_count && status == OKNG_OK; s++)
        status = new_rows(&memory->windows[s], views * okng_windows_count(plan->grid, plan->scales[s]), plan->embedding,
                          error);
    if (status != OKNG_OK) okng_winclip_memory_free(memory);
    return status;
}

void okng_winclip_memory_free(okng_winclip_memory *memory)
{
    for (int32_t s = 0; s < OKNG_MAX_SCALES; s++) free_rows(&memory->windows[s]);
    free_rows(&memory->patches);
    *memory = (okng_winclip_memory){0};
}

static void put(okng_reference_rows *rows, const float *data, int64_t views, int64_t i, int32_t group)
{
    const int64_t each = rows->count / views;
    memcpy(rows->data + i * each * rows->dim, data, (size_t)(each * rows->dim) * sizeof *data);
    for (int64_t r = i * each; r < (i + 1) * each; r++) rows->origin[r] = group;
}

void okng_winclip_memory_put(okng_winclip_memory *memory, const okng_view *view, int64_t i, int32_t group)
{
    for (int32_t s = 0; s < memory->scale_count; s++)
        put(&memory->windows[s], view->windows[s], memory->views, i, group);
    put(&memory->patches, view->patches, memory->views, i, group);
}

static okng_status seal(okng_reference_rows *rows, int threads, okng_error *error)
{
    const okng_rows all = {rows->data, rows->count, rows->dim, rows->origin};
    return okng_knn_index_new(&rows->index, &all, OKNG_KNN_MANY, threads, error);
}

okng_status okng_winclip_memory_seal(okng_winclip_memory *memory, int threads, okng_error *error)
{
    if (memory->views == 0) return OKNG_OK;
    for (int32_t s = 0; s < memory->scale_count; s++) OKNG_TRY(seal(&memory->windows[s], threads, error));
    return seal(&memory->patches, threads, error);
}

okng_status okng_reference_distances(const okng_reference_rows *rows, const float *queries, int64_t count,
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
