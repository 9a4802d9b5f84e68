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

/* What inspecting needs beside a picture. */
typedef struct looking {
    okng_loan loan;
    int threads;
    float smoothing;
    okng_score_patches_fn score;
    const void *context;
    int32_t grid_height, grid_width;
    size_t cells, dim;
    float *rows, *scores; /* of one picture at a time */
} looking;

static okng_status open_looking(looking *l, okng_error *error)
{
    okng_extractor_grid(l->loan.extractor, &l->grid_height, &l->grid_width);
    l->cells = (size_t)l->grid_height * (size_t)l->grid_width;
    l->dim = (size_t)okng_extractor_dim(l->loan.extractor);
    l->rows = okng_alloc(l->cells, l->dim * sizeof *l->rows);
    l->scores = okng_alloc(l->cells, 2 * sizeof *l->scores);
    return l->rows && l->scores ? OKNG_OK : okng_fail_memory(error, l->cells * l->dim * sizeof *l->rows);
}

/* Patch vectors to scores, and those to maps. */
static okng_status judge(const looking *l, const okng_patch_rows *seen, okng_scored *scored, okng_error *error)
{
    const okng_looked_at *looked_at = okng_extractor_looked_at(l->loan.extractor);
    double since = okng_clock();
    scored->grid_height = l->grid_height;
    scored->grid_width = l->grid_width;
    scored->nearest = okng_alloc(l->cells, sizeof *scored->nearest);
    if (!scored->nearest) return okng_fail_memory(error, l->cells * sizeof *scored->nearest);
    memset(scored->nearest, 0xff, l->cells * sizeof *scored->nearest); /* -1 */
    OKNG_TRY(l->score(l->context, seen, l->threads, l->scores, scored->nearest, &scored->score, error));
    okng_stages_add(&scored->stages, OKNG_STAGE_SEARCH, &since);
    open_up(looked_at, scored->nearest);
    okng_spread_scores(looked_at, l->scores, (int64_t)l->cells, l->scores + l->cells);
    OKNG_TRY(okng_scored_fill(scored, l->scores + l->cells, l->grid_height, l->grid_width, l->smoothing, error));
    if (looked_at) leave_out(okng_extractor_ignored(l->loan.extractor), looked_at, scored);
    okng_stages_add(&scored->stages, OKNG_STAGE_POST, &since);
    return OKNG_OK;
}

static okng_status look_at(const looking *l, int32_t place, okng_scored *scored, okng_error *error)
{
    okng_patch_rows seen = {l->rows, okng_extractor_patches(l->loan.extractor), NULL};
    double since = okng_clock();
    OKNG_TRY(okng_extractor_take(l->loan.session, place, l->rows, &seen.foreground, error));
    okng_stages_add(&scored->stages, OKNG_STAGE_PATCHES, &since);
    return judge(l, &seen, scored, error);
}

/* Puts those that can be put. places [count]: of which picture each is; *placed: how many. */
static void put_all(const looking *l, okng_inspection *pictures, int32_t count, int32_t *places, int32_t *placed)
{
    *placed = 0;
    for (int32_t i = 0; i < count; i++) {
        okng_inspection *one = &pictures[i];
        double since = okng_clock();
        one->status = okng_extractor_put(l->loan.session, *placed, one->rgb, &one->scored.placement, &one->error);
        okng_stages_add(&one->scored.stages, OKNG_STAGE_RESIZE, &since);
        if (one->status == OKNG_OK) places[(*placed)++] = i;
    }
}

/* As many as go through the network together, at most. */
static void look_at_some(const looking *l, okng_inspection *pictures, int32_t count)
{
    int32_t places[OKNG_EXTRACTOR_AT_ONCE], placed;
    okng_error why = {0};
    put_all(l, pictures, count, places, &placed);
    double begin = okng_clock();
    okng_status status = placed > 0 ? okng_extractor_forward(l->loan.session, placed, &why) : OKNG_OK;
    const double each = placed > 0 ? (okng_clock() - begin) / placed : 0;
    if (status != OKNG_OK) okng_inspections_fail(pictures, count, status, &why);
    for (int32_t p = 0; p < placed && status == OKNG_OK; p++) {
        okng_inspection *one = &pictures[places[p]];
        one->scored.stages.seconds[OKNG_STAGE_NETWORK] += each;
        one->status = look_at(l, p, &one->scored, &one->error);
    }
}

void okng_inspect_patches(okng_extractor_pool *pool, okng_inspection *pictures, int32_t count, int threads,
                          float smoothing, okng_score_patches_fn score, const void *context)
{
    looking l = {.threads = threads, .smoothing = smoothing, .score = score, .context = context};
    okng_error why = {0};
    okng_status status = okng_extractor_pool_take(pool, threads, count, &l.loan, &why);
    if (status != OKNG_OK) {
        okng_inspections_fail(pictures, count, status, &why);
        return;
    }
    status = open_looking(&l, &why);
    const int32_t room = okng_extractor_session_pictures(l.loan.session);
    for (int32_t i = 0; i < count && status == OKNG_OK; i += room)
        look_at_some(&l, pictures + i, count - i < room ? count - i : room);
    if (status != OKNG_OK) okng_inspections_fail(pictures, count, status, &why);
    okng_extractor_pool_give(pool, &l.loan);
    for (int32_t i = 0; i < count; i++)
        if (pictures[i].status != OKNG_OK) okng_scored_free(&pictures[i].scored);
    free(l.rows);
    free(l.scores);
}

okng_status okng_bank_pool_new(okng_extractor_pool **out, const okng_bank_config *config, const okng_weights *weights,
                               int64_t dim, okng_error *error)
{
    const okng_extractor_recipe recipe = {.options = &config->options,
                                          .weights = weights,
                                          .sha256 = config->weights_sha256,
                                          .path = config->options.weights,
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
