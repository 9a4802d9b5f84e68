#include "base/each.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "method/thresholds.h"
#include "winclip/fit.h"

#include <stdlib.h>

typedef struct calibration {
    const okng_winclip *winclip;
    const okng_winclip_shots *shots;
    okng_thresholds *thresholds;
    int threads; /* within a picture */
} calibration;

/* View v as it lies in the memory. */
static okng_view view_of(const calibration *c, int64_t v)
{
    const okng_view_plan *plan = okng_winclip_plan(c->winclip);
    const okng_winclip_memory *memory = okng_winclip_remembers(c->winclip);
    okng_view view = {.whole = (float *)(uintptr_t)(c->shots->wholes + v * plan->embedding)}; /* read, never written */
    for (int32_t s = 0; s < plan->scale_count; s++)
        view.windows[s] =
            memory->windows[s].data + v * okng_windows_count(plan->grid, plan->scales[s]) * plan->embedding;
    view.patches = memory->patches.data + v * plan->grid.rows * plan->grid.columns * plan->width;
    return view;
}

static okng_status judge(const calibration *c, size_t i, okng_error *error)
{
    const okng_tiles *tiles = &c->shots->tiles[i];
    const int32_t group = okng_groups_of(c->shots->groups, i);
    okng_view views[OKNG_TILES_MAX];
    okng_scored scored;
    for (int32_t t = 0; t < tiles->count; t++) views[t] = view_of(c, c->shots->first[i] + t);
    okng_thresholds_group(c->thresholds, i, group);
    OKNG_TRY(okng_winclip_judge(c->winclip, tiles, views, group, c->threads, &scored, error));
    okng_status status = okng_thresholds_add(c->thresholds, i, okng_pictures_relative(c->shots->pictures, i),
                                             scored.score, scored.input_map, error);
    okng_scored_free(&scored);
    return status;
}

static okng_status judge_picture(void *context, int64_t picture, int thread, okng_error *error)
{
    (void)thread;
    const calibration *c = context;
    okng_status status = judge(c, (size_t)picture, error);
    if (status == OKNG_OK) return OKNG_OK;
    return okng_error_context(error, status, "%s", okng_pictures_name(c->shots->pictures, (size_t)picture));
}

okng_status okng_winclip_calibrate(const okng_winclip *winclip, const okng_bank_config *config,
                                   const okng_winclip_shots *shots, int threads, okng_ticker *ticker, okng_tau *tau,
                                   okng_error *error)
{
    const size_t count = shots->pictures->count;
    calibration c = {winclip, shots, NULL, threads > 1 && count > 1 ? 1 : threads};
    OKNG_TRY(okng_thresholds_new(&c.thresholds, &config->options, NULL, count, config->input_height,
                                 config->input_width, error));
    okng_ticker_stage(ticker, "calibration", count);
    okng_status status = okng_each(threads, (int64_t)count, judge_picture, &c, ticker, "the build", error);
    if (status == OKNG_OK) status = okng_thresholds_conclude(c.thresholds, OKNG_TAU_LEAVE_ONE_OUT, tau, error);
    okng_thresholds_free(&c.thresholds);
    return status;
}
