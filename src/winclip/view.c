#include "winclip/view.h"

#include <stdlib.h>

#include "base/memory.h"
#include "patch/normalise.h"

/* What windows take while they wait for the network: their tokens are copied out for as many at a time. */
enum { GATHERED_BYTES = 32 << 20, LEAST_GATHERED = 64 };

static int64_t patch_count(const okng_view_plan *plan)
{
    return (int64_t)plan->grid.rows * plan->grid.columns;
}

size_t okng_view_floats(const okng_view_plan *plan)
{
    int64_t rows = 1;
    for (int32_t s = 0; s < plan->scale_count; s++) rows += okng_windows_count(plan->grid, plan->scales[s]);
    return (size_t)(rows * plan->embedding + (plan->patches ? patch_count(plan) * plan->width : 0));
}

okng_status okng_view_new(okng_view *view, const okng_view_plan *plan, okng_error *error)
{
    size_t floats = okng_view_floats(plan);
    *view = (okng_view){.data = okng_alloc(floats, sizeof(float))};
    if (!view->data) return okng_fail_memory(error, floats * sizeof(float));
    float *next = view->data;
    view->whole = next;
    next += plan->embedding;
    for (int32_t s = 0; s < plan->scale_count; s++) {
        view->windows[s] = next;
        next += okng_windows_count(plan->grid, plan->scales[s]) * plan->embedding;
    }
    if (plan->patches) view->patches = next;
    return OKNG_OK;
}

void okng_view_free(okng_view *view)
{
    free(view->data);
    *view = (okng_view){0};
}

static okng_status take_scale(const okng_view_plan *plan, okng_clip_session *session, const float *tokens,
                              int32_t scale, float *embeddings, okng_error *error)
{
    const int64_t count = okng_windows_count(plan->grid, scale), length = 1 + (int64_t)scale * scale;
    const size_t bytes = (size_t)(length * plan->width) * sizeof(float);
    int64_t chunk = (int64_t)(GATHERED_BYTES / bytes);
    if (chunk < LEAST_GATHERED) chunk = LEAST_GATHERED;
    if (chunk > count) chunk = count;
    float *windows = okng_alloc((size_t)chunk, bytes);
    if (!windows) return okng_fail_memory(error, (size_t)chunk * bytes);
    okng_status status = OKNG_OK;
    for (int64_t first = 0; first < count && status == OKNG_OK; first += chunk) {
        const int64_t last = first + chunk < count ? first + chunk : count;
        okng_windows_gather(plan->grid, scale, tokens, plan->width, first, last, windows);
        float *out = embeddings + first * plan->embedding;
        status = plan->kind == OKNG_WINDOWS_MASKED
                     ? okng_clip_last_windows(session, windows, last - first, length, out, error)
                     : okng_clip_windows(session, windows, last - first, length, out, error);
    }
    free(windows);
    if (status == OKNG_OK) okng_rows_normalise(embeddings, count, (int32_t)plan->embedding);
    return status;
}

/* Whether all rows have length 1 by now: of what is not finite, or all 0, none has. */
static bool have_directions(const float *rows, int64_t count, int64_t dim)
{
    bool all = true;
    for (int64_t r = 0; r < count && all; r++) {
        double squares = 0;
        for (int64_t d = 0; d < dim; d++) squares += (double)rows[r * dim + d] * (double)rows[r * dim + d];
        all = squares > 0.5;
    }
    return all;
}

static okng_status check(const okng_view *view, const okng_view_plan *plan, okng_error *error)
{
    bool all = have_directions(view->whole, 1, plan->embedding);
    for (int32_t s = 0; s < plan->scale_count && all; s++)
        all = have_directions(view->windows[s], okng_windows_count(plan->grid, plan->scales[s]), plan->embedding);
    if (view->patches && all) all = have_directions(view->patches, patch_count(plan), plan->width);
    if (all) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "what the image tower makes of the picture has no direction; check the weights");
}

static okng_status take(okng_view *view, const okng_view_plan *plan, okng_clip_session *session, const float *tensor,
                        float *tokens, okng_error *error)
{
    const bool normed = plan->tokens == OKNG_TOKENS_AFTER_NORM;
    OKNG_TRY(okng_clip_tokens(session, tensor, tokens, error));
    OKNG_TRY(okng_clip_whole(session, tokens, view->whole, normed ? NULL : view->patches, normed ? view->patches : NULL,
                             error));
    okng_rows_normalise(view->whole, 1, (int32_t)plan->embedding);
    const float *seen = plan->kind == OKNG_WINDOWS_MASKED ? okng_clip_before_last(session) : tokens;
    if (view->patches) okng_rows_normalise(view->patches, patch_count(plan), (int32_t)plan->width);
    for (int32_t s = 0; s < plan->scale_count; s++)
        OKNG_TRY(take_scale(plan, session, seen, plan->scales[s], view->windows[s], error));
    return check(view, plan, error);
}

okng_status okng_view_take(okng_view *view, const okng_view_plan *plan, okng_clip_session *session, const float *tensor,
                           okng_error *error)
{
    size_t floats = (size_t)((1 + patch_count(plan)) * plan->width);
    float *tokens = okng_alloc(floats, sizeof *tokens);
    if (!tokens) return okng_fail_memory(error, floats * sizeof *tokens);
    okng_status status = take(view, plan, session, tensor, tokens, error);
    free(tokens);
    return status;
}
