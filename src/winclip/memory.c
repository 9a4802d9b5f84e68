#include "winclip/memory.h"

okng_status okng_winclip_memory_new(okng_winclip_memory *memory, const okng_view_plan *plan, int64_t views,
                                    okng_error *error)
{
    *memory = (okng_winclip_memory){.scale_count = plan->scale_count, .views = views};
    if (views == 0) return OKNG_OK;
    okng_status status =
        okng_references_new(&memory->patches, views * plan->grid.rows * plan->grid.columns, plan->width, error);
    for (int32_t s = 0; s < plan->scale_count && status == OKNG_OK; s++)
        status = okng_references_new(&memory->windows[s], views * okng_windows_count(plan->grid, plan->scales[s]),
                                     plan->embedding, error);
    if (status != OKNG_OK) okng_winclip_memory_free(memory);
    return status;
}

void okng_winclip_memory_free(okng_winclip_memory *memory)
{
    for (int32_t s = 0; s < OKNG_MAX_SCALES; s++) okng_references_free(&memory->windows[s]);
    okng_references_free(&memory->patches);
    *memory = (okng_winclip_memory){0};
}

static void put(okng_reference_rows *rows, const float *data, int64_t views, int64_t i, int32_t group)
{
    const int64_t each = rows->count / views;
    okng_references_put(rows, data, i * each, each, group);
}

void okng_winclip_memory_put(okng_winclip_memory *memory, const okng_view *view, int64_t i, int32_t group)
{
    for (int32_t s = 0; s < memory->scale_count; s++)
        put(&memory->windows[s], view->windows[s], memory->views, i, group);
    put(&memory->patches, view->patches, memory->views, i, group);
}

okng_status okng_winclip_memory_seal(okng_winclip_memory *memory, int threads, okng_error *error)
{
    if (memory->views == 0) return OKNG_OK;
    for (int32_t s = 0; s < memory->scale_count; s++)
        OKNG_TRY(okng_references_seal(&memory->windows[s], threads, error));
    return okng_references_seal(&memory->patches, threads, error);
}
