#include "winclip/judge.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "features/anomaly_map.h"
#include "features/preprocess.h"

/* Of a picture or tile of this size, as the network's input. */
static okng_status placement_of(const okng_judging *judging, int32_t width, int32_t height, okng_placement *placement,
                                okng_error *error)
{
    return okng_placement_of(&judging->config->options, width, height, placement, error);
}

static okng_status judge_whole(const okng_judging *judging, const okng_tiles *tiles, const okng_view *view,
                               int32_t excluded, int threads, okng_scored *scored, okng_error *error)
{
    const okng_patch_grid grid = judging->rule->plan.grid;
    okng_winclip_found found;
    OKNG_TRY(placement_of(judging, tiles->width, tiles->height, &scored->placement, error));
    OKNG_TRY(okng_winclip_score(&found, judging->rule, view, judging->memory, excluded, threads, error));
    scored->score = found.score;
    scored->window = found.window;
    okng_scored_window_place(&scored->window, &scored->placement, grid.rows, grid.columns, 0, 0);
    okng_status status =
        okng_scored_fill(scored, found.map, grid.rows, grid.columns, judging->config->options.smoothing, error);
    okng_winclip_found_free(&found);
    return status;
}

/* The map of a tile is added to that of the picture; the window is that of the tile whose map is highest. */
static okng_status judge_tile(const okng_judging *judging, const okng_tiles *tiles, int32_t i, const okng_view *view,
                              int32_t excluded, int threads, okng_scored *sum, float *highest, okng_error *error)
{
    const okng_tiles alone = {.width = tiles->tile_width,
                              .height = tiles->tile_height,
                              .count = 1,
                              .tile_width = tiles->tile_width,
                              .tile_height = tiles->tile_height,
                              .step = 1};
    okng_scored tile = {0};
    int32_t x, y;
    okng_status status = judge_whole(judging, &alone, view, excluded, threads, &tile, error);
    if (status == OKNG_OK) {
        float most = -INFINITY;
        const int64_t pixels = (int64_t)tile.placement.height * tile.placement.width;
        for (int64_t p = 0; p < pixels; p++) most = fmaxf(most, tile.input_map[p]);
        okng_tiles_place(tiles, i, &x, &y);
        okng_tiles_add(tiles, i, tile.map, sum->map);
        sum->score += tile.score / (float)tiles->count;
        if (most > *highest) {
            *highest = most;
            sum->window = tile.window;
            sum->window.x += x;
            sum->window.y += y;
        }
    }
    okng_scored_free(&tile);
    return status;
}

static okng_status judge_tiles(const okng_judging *judging, const okng_tiles *tiles, const okng_view *views,
                               int32_t excluded, int threads, okng_scored *scored, okng_error *error)
{
    const int32_t height = judging->config->input_height, width = judging->config->input_width;
    const size_t seen = (size_t)height * (size_t)width, whole = (size_t)tiles->height * (size_t)tiles->width;
    float highest = -INFINITY;
    scored->placement = (okng_placement){.original_height = tiles->height,
                                         .original_width = tiles->width,
                                         .resized_height = height,
                                         .resized_width = width,
                                         .height = height,
                                         .width = width};
    scored->map = okng_alloc_zero(whole, sizeof(float));
    scored->input_map = okng_alloc(seen, sizeof(float));
    if (!scored->map || !scored->input_map) return okng_fail_memory(error, (whole + seen) * sizeof(float));
    for (int32_t i = 0; i < tiles->count; i++)
        OKNG_TRY(judge_tile(judging, tiles, i, &views[i], excluded, threads, scored, &highest, error));
    okng_tiles_mean(tiles, scored->map);
    okng_map_upsample(scored->map, tiles->height, tiles->width, scored->input_map, height, width);
    return OKNG_OK;
}

okng_status okng_judge(const okng_judging *judging, const okng_tiles *tiles, const okng_view *views, int32_t excluded,
                       int threads, okng_scored *scored, okng_error *error)
{
    memset(scored, 0, sizeof *scored);
    okng_status status = tiles->count == 1 ? judge_whole(judging, tiles, views, excluded, threads, scored, error)
                                           : judge_tiles(judging, tiles, views, excluded, threads, scored, error);
    if (status != OKNG_OK) okng_scored_free(scored);
    return status;
}
