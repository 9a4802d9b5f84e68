#include "winclip/score.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

static int64_t places_of(const okng_winclip_rule *rule)
{
    return (int64_t)rule->plan.grid.rows * rule->plan.grid.columns;
}

/* Divisions by 0, or of it by itself. */
static float finite_or_zero(double value)
{
    return isfinite(value) ? (float)value : 0;
}

/* ---- memory --------------------------------------------------------------------------------- */

static okng_status new_found(okng_winclip_found *found, const okng_winclip_rule *rule, bool pictures, okng_error *error)
{
    const int32_t scales = rule->plan.scale_count;
    size_t places = (size_t)places_of(rule), maps = (size_t)(scales + 2 + (pictures ? scales + 2 : 0));
    *found = (okng_winclip_found){.data = okng_alloc(maps * places, sizeof(float))};
    if (!found->data) return okng_fail_memory(error, maps * places * sizeof(float));
    float *next = found->data;
    found->map = next;
    found->by_words = next += places;
    for (int32_t s = 0; s < scales; s++) found->words[s] = next += places;
    if (!pictures) return OKNG_OK;
    found->by_pictures = next += places;
    found->patches = next += places;
    for (int32_t s = 0; s < scales; s++) found->pictures[s] = next += places;
    return OKNG_OK;
}

void okng_winclip_found_free(okng_winclip_found *found)
{
    free(found->data);
    *found = (okng_winclip_found){0};
}

/* ---- words ---------------------------------------------------------------------------------- */

static double dot(const float *a, const float *b, int64_t dim)
{
    double sum = 0;
    for (int64_t i = 0; i < dim; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

/* 1 / (1 + exp((good - bad) / temperature)), of the cosines with both prototypes. */
static float bad_by_words(const okng_winclip_rule *rule, const float *embedding)
{
    const int64_t dim = rule->plan.embedding;
    const double good = dot(embedding, rule->prototypes, dim), bad = dot(embedding, rule->prototypes + dim, dim);
    return (float)(1 / (1 + exp((good - bad) / rule->temperature)));
}

/* The weighted harmonic mean of the whole picture's score and those of all scales, place by place. */
static void join_words(const okng_winclip_rule *rule, okng_winclip_found *found)
{
    for (int64_t p = 0; p < places_of(rule); p++) {
        double weights = 1, sum = 1 / (double)found->whole;
        for (int32_t s = 0; s < rule->plan.scale_count; s++) {
            if (rule->weights[s] == 0) continue;
            weights += rule->weights[s];
            sum += rule->weights[s] / (double)found->words[s][p];
        }
        found->by_words[p] = finite_or_zero(weights / sum);
    }
}

/* scores [places of the windows]. */
static void score_words(const okng_winclip_rule *rule, const okng_view *view, int32_t s, float *scores)
{
    const okng_view_plan *plan = &rule->plan;
    const int64_t count = okng_windows_count(plan->grid, plan->scales[s]);
    for (int64_t i = 0; i < count; i++) scores[i] = bad_by_words(rule, view->windows[s] + i * plan->embedding);
}

/* ---- pictures ------------------------------------------------------------------------------- */

static void join_pictures(const okng_winclip_rule *rule, okng_winclip_found *found)
{
    for (int64_t p = 0; p < places_of(rule); p++) {
        double weights = 1, sum = (double)found->patches[p];
        for (int32_t s = 0; s < rule->plan.scale_count; s++) {
            weights += rule->weights[s];
            sum += rule->weights[s] * (double)found->pictures[s][p];
        }
        found->by_pictures[p] = (float)(sum / weights);
    }
}

static float highest_of(const float *map, int64_t count, int64_t *at)
{
    *at = 0;
    for (int64_t p = 1; p < count; p++)
        if (map[p] > map[*at]) *at = p;
    return map[*at];
}

static void fuse(const okng_winclip_rule *rule, okng_winclip_found *found)
{
    const int64_t places = places_of(rule);
    const float share = rule->fusion == OKNG_FUSION_MEAN ? 0.5f : 1.0f;
    int64_t at;
    found->score = found->whole;
    for (int64_t p = 0; p < places; p++)
        found->map[p] = found->by_pictures ? share * (found->by_words[p] + found->by_pictures[p]) : found->by_words[p];
    if (found->by_pictures) found->score = (found->whole + highest_of(found->by_pictures, places, &at)) / 2;
}

/* ---- which window --------------------------------------------------------------------------- */

/* How far a map is above its own mean at a place. */
static double rise(const float *map, int64_t places, int64_t at)
{
    double sum = 0;
    for (int64_t p = 0; p < places; p++) sum += (double)map[p];
    return (double)map[at] - sum / (double)places;
}

/* The highest place of the map, and the scale whose own map rises most there; the whole picture where none does. */
static void find_scale(const okng_winclip_rule *rule, okng_winclip_found *found, int64_t *at, int32_t *scale)
{
    const int64_t places = places_of(rule);
    double most = 0;
    (void)highest_of(found->map, places, at);
    *scale = -1;
    found->window = (okng_scored_window){.kind = OKNG_WINDOW_WORDS};
    for (int32_t s = 0; s < rule->plan.scale_count; s++) {
        const float *const maps[] = {found->words[s], found->pictures[s]};
        for (int kind = 0; kind < 2 && rule->weights[s] > 0; kind++) {
            const double now = maps[kind] ? rise(maps[kind], places, *at) : 0;
            if (now <= most) continue;
            most = now;
            *scale = s;
            found->window.kind = kind == 0 ? OKNG_WINDOW_WORDS : OKNG_WINDOW_PICTURES;
        }
    }
    if (!found->patches || rise(found->patches, places, *at) <= most) return;
    *scale = rule->plan.scale_count;
    found->window.kind = OKNG_WINDOW_PICTURES;
}

/* scores: of the windows of each scale by words and by pictures. */
static void find_window(const okng_winclip_rule *rule, okng_winclip_found *found,
                        float *const scores[2][OKNG_MAX_SCALES])
{
    const okng_patch_grid grid = rule->plan.grid;
    okng_scored_window *window = &found->window;
    int64_t at;
    int32_t s;
    find_scale(rule, found, &at, &s);
    window->row = (int32_t)(at / grid.columns);
    window->column = (int32_t)(at % grid.columns);
    if (s < 0) {
        window->row = window->column = 0;
        window->rows = grid.rows;
        window->columns = grid.columns;
        window->score = found->whole;
    } else if (s == rule->plan.scale_count) {
        window->scale = window->rows = window->columns = 1;
        window->score = found->patches[at];
    } else {
        const int32_t side = rule->plan.scales[s];
        const float *all = scores[window->kind == OKNG_WINDOW_PICTURES][s];
        const int64_t i = okng_windows_highest(grid, side, all, window->row, window->column);
        okng_windows_place(grid, side, i, &window->row, &window->column);
        window->scale = window->rows = window->columns = side;
        window->score = all[i];
    }
}

/* ---- all of it ------------------------------------------------------------------------------ */

static okng_status score(okng_winclip_found *found, const okng_winclip_rule *rule, const okng_view *view,
                         const okng_winclip_memory *memory, int32_t excluded, int threads,
                         float *const scores[2][OKNG_MAX_SCALES], okng_error *error)
{
    const okng_view_plan *plan = &rule->plan;
    found->whole = bad_by_words(rule, view->whole);
    for (int32_t s = 0; s < plan->scale_count; s++) {
        score_words(rule, view, s, scores[0][s]);
        okng_windows_harmonic(plan->grid, plan->scales[s], scores[0][s], found->words[s]);
    }
    join_words(rule, found);
    for (int32_t s = 0; s < plan->scale_count && memory->views > 0; s++) {
        const int64_t count = okng_windows_count(plan->grid, plan->scales[s]);
        OKNG_TRY(okng_references_distances(&memory->windows[s], view->windows[s], count, excluded, threads,
                                           scores[1][s], error));
        okng_windows_harmonic(plan->grid, plan->scales[s], scores[1][s], found->pictures[s]);
    }
    if (memory->views > 0) {
        OKNG_TRY(okng_references_distances(&memory->patches, view->patches, places_of(rule), excluded, threads,
                                           found->patches, error));
        join_pictures(rule, found);
    }
    fuse(rule, found);
    find_window(rule, found, scores);
    return OKNG_OK;
}

okng_status okng_winclip_score(okng_winclip_found *found, const okng_winclip_rule *rule, const okng_view *view,
                               const okng_winclip_memory *memory, int32_t excluded, int threads, okng_error *error)
{
    const okng_view_plan *plan = &rule->plan;
    float *scores[2][OKNG_MAX_SCALES] = {{NULL}};
    int64_t windows = 0;
    for (int32_t s = 0; s < plan->scale_count; s++) windows += okng_windows_count(plan->grid, plan->scales[s]);
    OKNG_TRY(new_found(found, rule, memory->views > 0, error));
    float *all = okng_alloc((size_t)(2 * windows), sizeof *all), *next = all;
    okng_status status = all ? OKNG_OK : okng_fail_memory(error, (size_t)(2 * windows) * sizeof *all);
    for (int kind = 0; kind < 2 && all; kind++)
        for (int32_t s = 0; s < plan->scale_count; s++) {
            scores[kind][s] = next;
            next += okng_windows_count(plan->grid, plan->scales[s]);
        }
    if (status == OKNG_OK) status = score(found, rule, view, memory, excluded, threads, scores, error);
    free(all);
    if (status != OKNG_OK) okng_winclip_found_free(found);
    return status;
}
