#include "afclip/explain.h"

#include <math.h>

/* What is looked at: a row of one number for each patch, in float or in double. */
typedef struct row {
    const float *f;
    const double *d;
} row;

static double at(row r, int64_t i)
{
    return r.f ? (double)r.f[i] : r.d[i];
}

/* How far a row is above its own mean at a place. */
static double rise(row r, int64_t count, int64_t place)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += at(r, i);
    return at(r, place) - sum / (double)count;
}

/* What one stream says of the patches. */
static row stream_of(const okng_afclip_plan *plan, const okng_afclip_view *view, bool pictures, int32_t stream)
{
    const int64_t tokens = plan->tokens;
    if (pictures) return (row){.f = view->distances + stream * (tokens - 1)};
    return (row){.d = view->words + stream * tokens + 1};
}

/* The stream that rises most; -1 where none does. */
static int32_t loudest(const okng_afclip_plan *plan, const okng_afclip_view *view, bool pictures, int64_t place)
{
    int32_t stream = -1;
    double most = 0;
    for (int32_t s = 0; s < OKNG_AFCLIP_STREAMS; s++) {
        const double now = rise(stream_of(plan, view, pictures, s), plan->tokens - 1, place);
        if (now <= most) continue;
        most = now;
        stream = s;
    }
    return stream;
}

static int64_t highest_of(const float *map, int64_t count)
{
    int64_t highest = 0;
    for (int64_t i = 1; i < count; i++)
        if (map[i] > map[highest]) highest = i;
    return highest;
}

/* From `centre` as far as `reach` to both sides, inside 0..count - 1. */
static void span(int32_t centre, int32_t reach, int32_t count, int32_t *first, int32_t *length)
{
    const int32_t from = centre - reach < 0 ? 0 : centre - reach;
    const int32_t to = centre + reach >= count ? count - 1 : centre + reach;
    *first = from;
    *length = to - from + 1;
}

okng_scored_window okng_afclip_explain(const okng_afclip_plan *plan, const okng_afclip_view *view, double share,
                                       double temperature, const float *map)
{
    const int64_t patches = plan->tokens - 1, place = highest_of(map, patches);
    const double by_words = view->distances ? share * rise((row){.f = view->p + 1}, patches, place) : 0;
    const bool pictures = view->distances && rise((row){.f = map}, patches, place) - by_words > by_words;
    const int32_t stream = loudest(plan, view, pictures, place);
    okng_scored_window window = {.kind = OKNG_WINDOW_WORDS, .rows = plan->rows, .columns = plan->columns};
    window.score = view->p[0];
    if (stream < 0) return window;
    const double said = at(stream_of(plan, view, pictures, stream), place);
    window.kind = pictures ? OKNG_WINDOW_PICTURES : OKNG_WINDOW_WORDS;
    window.scale = 2 * (stream % OKNG_AFCLIP_SCALES) + 1;
    window.depth = plan->taps[stream / OKNG_AFCLIP_SCALES] + 1;
    window.score = (float)(pictures ? said : 1 / (1 + exp(-said / temperature)));
    span((int32_t)(place / plan->columns), window.scale / 2, plan->rows, &window.row, &window.rows);
    span((int32_t)(place % plan->columns), window.scale / 2, plan->columns, &window.column, &window.columns);
    return window;
}
