#include "method/patchwise.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

static okng_status inspect_with(const okng_loan *loan, const okng_image *rgb, int threads, float smoothing,
                                okng_score_patches_fn score, const void *context, okng_scored *scored,
                                okng_error *error)
{
    int32_t grid_height, grid_width;
    okng_extractor_grid(loan->extractor, &grid_height, &grid_width);
    size_t patches = (size_t)grid_height * (size_t)grid_width, dim = (size_t)okng_extractor_dim(loan->extractor);
    float *rows = okng_alloc(patches, dim * sizeof *rows), *scores = okng_alloc(patches, sizeof *scores);
    scored->grid_height = grid_height;
    scored->grid_width = grid_width;
    scored->nearest = okng_alloc(patches, sizeof *scored->nearest);
    if (scored->nearest) memset(scored->nearest, 0xff, patches * sizeof *scored->nearest); /* -1 */
    okng_patch_rows seen = {rows, (int64_t)patches, NULL};
    okng_status status =
        rows && scores && scored->nearest
            ? okng_extractor_run(loan->session, rgb, &scored->placement, rows, &seen.foreground, &scored->stages, error)
            : okng_fail_memory(error, patches * dim * sizeof *rows);
    double since = okng_clock();
    if (status == OKNG_OK) status = score(context, &seen, threads, scores, scored->nearest, &scored->score, error);
    okng_stages_add(&scored->stages, OKNG_STAGE_SEARCH, &since);
    if (status == OKNG_OK) status = okng_scored_fill(scored, scores, grid_height, grid_width, smoothing, error);
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
