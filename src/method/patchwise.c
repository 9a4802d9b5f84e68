#include "method/patchwise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

/* nearest [patches] to [cells]: -1 where nothing is looked at. */
static void open_up(const okng_looked_at *looked_at, int32_t *nearest)
{
    if (!looked_at) return;
    for (int64_t i = looked_at->patches; i-- > 0;) {
        const int32_t found = nearest[i];
        nearest[i] = -1;
        nearest[looked_at->cells[i]] = found;
    }
}

/* What was not looked at has no score: it is NaN, and 0 where all must be finite. */
static void leave_out(const okng_ignored *ignored, const okng_looked_at *looked_at, okng_scored *scored)
{
    const okng_placement *placement = &scored->placement;
    const size_t pixels = (size_t)looked_at->height * (size_t)looked_at->width;
    okng_ignored_fill(ignored, scored->map, placement->original_height, placement->original_width, NAN);
    for (size_t i = 0; i < pixels; i++)
        if (looked_at->unseen[i]) scored->input_map[i] = 0;
}

static okng_status inspect_with(const okng_loan *loan, const okng_image *rgb, int threads, float smoothing,
                                okng_score_patches_fn score, const void *context, okng_scored *scored,
                                okng_error *error)
{
    int32_t grid_height, grid_width;
    okng_extractor_grid(loan->extractor, &grid_height, &grid_width);
    const okng_looked_at *looked_at = okng_extractor_looked_at(loan->extractor);
    const size_t cells = (size_t)grid_height * (size_t)grid_width, dim = (size_t)okng_extractor_dim(loan->extractor);
    float *rows = okng_alloc(cells, dim * sizeof *rows), *scores = okng_alloc(cells, 2 * sizeof *scores);
    scored->grid_height = grid_height;
    scored->grid_width = grid_width;
    scored->nearest = okng_alloc(cells, sizeof *scored->nearest);
    if (scored->nearest) memset(scored->nearest, 0xff, cells * sizeof *scored->nearest); /* -1 */
    okng_patch_rows seen = {rows, okng_extractor_patches(loan->extractor), NULL};
    okng_status status =
        rows && scores && scored->nearest
            ? okng_extractor_run(loan->session, rgb, &scored->placement, rows, &seen.foreground, &scored->stages, error)
            : okng_fail_memory(error, cells * dim * sizeof *rows);
    double since = okng_clock();
    if (status == OKNG_OK) status = score(context, &seen, threads, scores, scored->nearest, &scored->score, error);
    okng_stages_add(&scored->stages, OKNG_STAGE_SEARCH, &since);
    if (status == OKNG_OK) {
        open_up(looked_at, scored->nearest);
        okng_spread_scores(looked_at, scores, (int64_t)cells, scores + cells);
        status = okng_scored_fill(scored, scores + cells, grid_height, grid_width, smoothing, error);
    }
    if (status == OKNG_OK && looked_at) leave_out(okng_extractor_ignored(loan->extractor), looked_at, scored);
    okng_stages_add(&scored->stages, OKNG_STAGE_POST, &since);
    free(rows);
    free(scores);
    return status;
}

okng_status okng_inspect_patches(okng_extractor_pool *pool, const okng_image *rgb, int threads, float smoothing,
                                 okng_score_patches_fn score, const void *context, okng_scored *scored,
                                 okng_error *error)
{
    okng_loan loan;
    memset(scored, 0, sizeof *scored);
    OKNG_TRY(okng_extractor_pool_take(pool, threads, &loan, error));
    okng_status status = inspect_with(&loan, rgb, threads, smoothing, score, context, scored, error);
    okng_extractor_pool_give(pool, &loan);
    if (status != OKNG_OK) okng_scored_free(scored);
    return status;
}

okng_status okng_bank_pool_new(okng_extractor_pool **out, const okng_bank_config *config, const okng_weights *weights,
                               int64_t dim, okng_error *error)
{
    const okng_extractor_recipe recipe = {.options = &config->options,
                                          .weights = weights,
                                          .sha256 = config->weights_sha256,
                                          .ranges = {config->ranges, config->range_count},
                                          .ignored = config->ignored,
                                          .height = config->input_height,
                                          .width = config->input_width,
                                          .dim = dim};
    return okng_extractor_pool_new(out, &recipe, error);
}

okng_status okng_bank_pool_cost(okng_extractor_pool *pool, okng_network_cost *cost, okng_error *error)
{
    const okng_extractor *extractor;
    OKNG_TRY(okng_extractor_pool_any(pool, &extractor, error));
    *cost = (okng_network_cost){.parameters = okng_extractor_parameters(extractor),
                                .flops = okng_extractor_flops(extractor)};
    return OKNG_OK;
}
