#include "method/scored.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "features/anomaly_map.h"

void okng_scored_free(okng_scored *scored)
{
    free(scored->map);
    free(scored->input_map);
    free(scored->nearest);
    for (int32_t i = 0; scored->tiles && i < okng_tile_grid_count(&scored->tiling); i++) free(scored->tiles[i].nearest);
    free(scored->tiles);
    for (size_t i = 0; i < scored->roi_count; i++)
        if (scored->rois[i].of) okng_scored_free(scored->rois[i].of);
    for (size_t i = 0; i < scored->roi_count; i++) free(scored->rois[i].of);
    free(scored->rois);
    memset(scored, 0, sizeof *scored);
}

void okng_inspections_fail(okng_inspection *pictures, int32_t count, okng_status status, const okng_error *why)
{
    for (int32_t i = 0; i < count; i++) {
        if (pictures[i].status != OKNG_OK) continue;
        okng_scored_free(&pictures[i].scored);
        pictures[i].status = status;
        pictures[i].error = *why;
    }
}

okng_status okng_inspection_give(const okng_inspection *one, okng_scored *scored, okng_error *error)
{
    *scored = one->scored;
    if (one->status != OKNG_OK && error) *error = one->error;
    return one->status;
}

bool okng_score_is_higher(float score, float highest)
{
    return !isnan(highest) && !(score <= highest);
}

bool okng_scored_lacks_region(const okng_scored *scored)
{
    for (size_t i = 0; i < scored->roi_count; i++)
        if (!scored->rois[i].found) return true;
    return false;
}

okng_status okng_scored_fill(okng_scored *scored, const float *scores, int32_t grid_height, int32_t grid_width,
                             float smoothing, okng_error *error)
{
    const okng_placement *placement = &scored->placement;
    size_t seen = (size_t)placement->height * (size_t)placement->width;
    size_t whole = (size_t)placement->original_height * (size_t)placement->original_width;
    scored->input_map = okng_alloc(seen, sizeof(float));
    scored->map = okng_alloc(whole, sizeof(float));
    if (!scored->input_map || !scored->map) return okng_fail_memory(error, (seen + whole) * sizeof(float));
    okng_map_upsample(scores, grid_height, grid_width, scored->input_map, placement->height, placement->width);
    OKNG_TRY(okng_map_smooth(scored->input_map, placement->height, placement->width, smoothing, error));
    okng_map_place(scored->input_map, placement, scored->map);
    return OKNG_OK;
}

static int32_t rounded(double value, int32_t most)
{
    const double whole = floor(value + 0.5);
    return whole < 0 ? 0 : whole > most ? most : (int32_t)whole;
}

void okng_scored_window_place(okng_scored_window *window, const okng_placement *placement, int32_t grid_height,
                              int32_t grid_width, int32_t x, int32_t y)
{
    const double across = (double)placement->original_width / placement->resized_width;
    const double down = (double)placement->original_height / placement->resized_height;
    const double column = (double)placement->width / grid_width, row = (double)placement->height / grid_height;
    const int32_t left = rounded((placement->crop_x + window->column * column) * across, placement->original_width);
    const int32_t top = rounded((placement->crop_y + window->row * row) * down, placement->original_height);
    const int32_t right =
        rounded((placement->crop_x + (window->column + window->columns) * column) * across, placement->original_width);
    const int32_t bottom =
        rounded((placement->crop_y + (window->row + window->rows) * row) * down, placement->original_height);
    window->x = x + left;
    window->y = y + top;
    window->width = right - left;
    window->height = bottom - top;
}
