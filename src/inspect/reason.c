/* Why a region is there. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sized.h"
#include "inspect/result.h"
#include "method/window_json.h"
#include "okng/experimental.h"

/* Strings are copied: a result may outlive its bank. */
static okng_status take_source(okng_reason *reason, const okng_explanation *why, okng_error *error)
{
    const okng_source *source = why->source;
    reason->near_picture = strdup(source->name);
    reason->near_folder = strdup(source->folder);
    if (!reason->near_picture || !reason->near_folder) return okng_fail_memory(error, OKNG_PATH_MAX);
    reason->near_x = why->near.x;
    reason->near_y = why->near.y;
    reason->near_width = why->near.width;
    reason->near_height = why->near.height;
    reason->near_picture_width = source->width;
    reason->near_picture_height = source->height;
    reason->turn = source->turn;
    reason->turns = source->turns;
    return OKNG_OK;
}

okng_status okng_result_explain(okng_result *result, const okng_bank *bank, const okng_scored *scored,
                                okng_error *error)
{
    if (result->region_count == 0) return OKNG_OK;
    result->reasons = okng_alloc_zero(result->region_count, sizeof *result->reasons);
    if (!result->reasons) return okng_fail_memory(error, result->region_count * sizeof *result->reasons);
    for (size_t i = 0; i < result->region_count; i++) {
        const okng_region *region = &result->regions[i];
        okng_explanation why;
        OKNG_TRY(okng_model_explain(bank->model, scored, region->peak_x, region->peak_y, &why, error));
        result->reasons[i] = (okng_reason){.struct_size = sizeof(okng_reason),
                                           .x = why.patch.x,
                                           .y = why.patch.y,
                                           .width = why.patch.width,
                                           .height = why.patch.height,
                                           .turns = 1};
        if (why.source) OKNG_TRY(take_source(&result->reasons[i], &why, error));
    }
    return OKNG_OK;
}

void okng_reasons_free(okng_result *result)
{
    for (size_t i = 0; result->reasons && i < result->region_count; i++) {
        free((void *)(uintptr_t)result->reasons[i].near_picture);
        free((void *)(uintptr_t)result->reasons[i].near_folder);
    }
    free(result->reasons);
    result->reasons = NULL;
}

static int32_t enlarged(int32_t place, int32_t by, int32_t most)
{
    int64_t large = (int64_t)place * by;
    return large > most ? most : (int32_t)large;
}

/* Brings a box from pixels of the result's picture to those of the one that was given. */
static void enlarge(const okng_result *result, int32_t *x, int32_t *y, int32_t *width, int32_t *height)
{
    const int32_t n = result->scale, right = enlarged(*x + *width, n, result->full_width);
    const int32_t bottom = enlarged(*y + *height, n, result->full_height);
    *x = enlarged(*x, n, result->full_width - 1);
    *y = enlarged(*y, n, result->full_height - 1);
    *width = right - *x;
    *height = bottom - *y;
}

okng_status okng_result_reason(const okng_result *result, size_t i, okng_reason *reason, okng_error *error)
{
    OKNG_TRY(okng_need(result, "the result", error));
    OKNG_TRY(okng_sized_check(reason, "the place for the reason", error));
    if (i >= result->region_count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "reason of region %zu of %zu", i, result->region_count);
    okng_reason full = result->reasons[i];
    enlarge(result, &full.x, &full.y, &full.width, &full.height);
    return okng_sized_give(reason, &full, sizeof *reason, "the place for the reason", error);
}

okng_scored_window okng_result_full_window(const okng_result *result)
{
    okng_scored_window window = result->window;
    if (window.kind != OKNG_WINDOW_NONE) enlarge(result, &window.x, &window.y, &window.width, &window.height);
    return window;
}

okng_status okng_result_window(const okng_result *result, okng_seen_window *window, okng_error *error)
{
    OKNG_TRY(okng_need(result, "the result", error));
    OKNG_TRY(okng_sized_check(window, "the place for the window", error));
    if (result->window.kind == OKNG_WINDOW_NONE)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "the method of the bank does not look through windows");
    const okng_scored_window w = okng_result_full_window(result);
    const okng_seen_window full = {.struct_size = sizeof full,
                                   .by = okng_window_kind_text(w.kind),
                                   .scale = w.scale,
                                   .row = w.row,
                                   .column = w.column,
                                   .rows = w.rows,
                                   .columns = w.columns,
                                   .x = w.x,
                                   .y = w.y,
                                   .width = w.width,
                                   .height = w.height,
                                   .score = w.score,
                                   .depth = w.depth};
    return okng_sized_give(window, &full, sizeof full, "the place for the window", error);
}
