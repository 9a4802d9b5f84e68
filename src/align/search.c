#include "align/search.h"

#include <math.h>
#include <string.h>

/* ---- candidates -------------------------------------------------------------------------------------------------- */

static bool is_near(const okng_candidate *a, const okng_candidate *b, double apart)
{
    return fabs(a->pose.x - b->pose.x) <= apart && fabs(a->pose.y - b->pose.y) <= apart;
}

void okng_candidates_add(okng_candidates *best, const okng_candidate *one, double apart)
{
    size_t at = 0;
    if (best->count == OKNG_CANDIDATES && one->score <= best->items[best->count - 1].score) return;
    while (at < best->count && best->items[at].score >= one->score)
        if (is_near(&best->items[at++], one, apart)) return;
    size_t end = at; /* the first behind it that it takes the place of, else the last */
    while (end < best->count && !is_near(&best->items[end], one, apart)) end++;
    if (end == best->count && best->count < OKNG_CANDIDATES) best->count++;
    if (end == OKNG_CANDIDATES) end--;
    memmove(best->items + at + 1, best->items + at, (end - at) * sizeof *best->items);
    best->items[at] = *one;
}

size_t okng_candidates_followed(size_t count, double pixels)
{
    static const double cheap = 1 << 17;
    const size_t affordable = pixels * (double)count <= cheap ? count : (size_t)(cheap / pixels);
    return affordable > 0 ? affordable : 1;
}

/* ---- levels ------------------------------------------------------------------------------------------------------ */

/* A coarse template must still tell places apart: enough pixels, and a good part of the contrast that it has. */
static bool is_telling(const okng_template *part, int32_t level)
{
    enum { SIDE = 8 };
    static const double contrast = 0.1; /* of the variance at level 0 */
    const okng_level *coarse = &part->pyramid.levels[level];
    const okng_moments *m = &part->moments[level], *first = &part->moments[0];
    if (coarse->width < SIDE || coarse->height < SIDE) return false;
    return okng_moments_spread(*m) / (m->count * m->count) >=
           contrast * okng_moments_spread(*first) / (first->count * first->count);
}

static double work_at(const okng_template *part, const okng_pyramid *picture, int32_t level)
{
    const okng_level *small = &part->pyramid.levels[level], *large = &picture->levels[level];
    return ((double)large->width - small->width + 1) * ((double)large->height - small->height + 1) * small->width *
           small->height;
}

int32_t okng_search_level(const okng_template *part, const okng_pyramid *picture, double work, okng_poses_fn poses,
                          const okng_search *search)
{
    const int32_t levels = part->pyramid.count < picture->count ? part->pyramid.count : picture->count;
    int32_t level = 0;
    while (level + 1 < levels && is_telling(part, level + 1)) {
        const double all = work_at(part, picture, level) * (poses ? poses(part, level, search) : 1);
        if (all <= work) break;
        level++;
    }
    return level;
}

double okng_parabola_top(double before, double middle, double after)
{
    const double curve = before - 2 * middle + after;
    if (!(curve < 0) || before > middle || after > middle) return 0;
    const double top = (before - after) / (2 * curve);
    return top < -0.5 ? -0.5 : top > 0.5 ? 0.5 : top;
}
