#include "eval/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The words of the table. */
enum { RUN = OKNG_SHOWN_RUN, BRIEF = OKNG_SHOWN_BRIEF, TILE = OKNG_SHOWN_TILE };
enum { BARS = OKNG_SHOWN_BARS, CHART = OKNG_SHOWN_CHART, SPEED = OKNG_SHOWN_SPEED };
enum { HIGHER = 1, LOWER = -1, NEITHER = 0 };
#define METRICS(member) offsetof(okng_metrics, member)
#define INFO(member) offsetof(okng_category_info, member)
#define NOWHERE SIZE_MAX
#define KIND(unit_, group_, better_) .unit = OKNG_UNIT_##unit_, .group = OKNG_GROUP_##group_, .better = (better_)

/* clang-format off */
const okng_figure okng_figures[OKNG_FIGURES] = {
#define METRIC(id, key_, heading_, title_, unit_, group_, better_, compute_, shown_, place_, help_)                 \
    {.key = key_, .section = "metrics", .member = key_, .heading = heading_, .title = title_,                       \
     KIND(unit_, group_, better_), .compute = compute_, .full = OKNG_FIGURE_##id, .metric = OKNG_FIGURE_##id,       \
     .shown = shown_, .place = place_, .help = help_},
#define ALONG(id, metric_, key_, unit_, group_, compute_, place_)                                                   \
    {.key = key_, .section = "metrics", .member = key_, KIND(unit_, group_, NEITHER), .compute = compute_,          \
     .full = OKNG_FIGURE_##id, .metric = OKNG_FIGURE_##metric_, .place = place_},
#define CROP(id, of_, key_, heading_, title_, unit_, shown_)                                                        \
    {.key = key_ "_crop", .section = "metrics_crop", .member = key_, .heading = heading_, .title = title_,          \
     KIND(unit_, PIXEL_CROP, NEITHER), .full = OKNG_FIGURE_##of_, .metric = OKNG_FIGURES, .shown = shown_,          \
     .place = NOWHERE},
#define FIGURE(id, key_, section_, member_, heading_, title_, unit_, group_, better_, shown_, place_)               \
    {.key = key_, .section = section_, .member = member_, .heading = heading_, .title = title_,                     \
     KIND(unit_, group_, better_), .full = OKNG_FIGURE_##id, .metric = OKNG_FIGURES, .shown = shown_,               \
     .place = place_},
#include "eval/figure_table.h"
};
/* clang-format on */

_Static_assert((int)OKNG_FIGURES <= (int)OKNG_FIGURE_ROOM, "okng_metrics has no room for so many figures");

okng_figure_id okng_figure_find(const char *key)
{
    int id = 0;
    while (id < OKNG_FIGURES && strcmp(okng_figures[id].key, key) != 0) id++;
    return (okng_figure_id)id;
}

bool okng_figure_is_whole(okng_figure_id id)
{
    return okng_figures[id].unit == OKNG_UNIT_COUNT || okng_figures[id].unit == OKNG_UNIT_BYTES;
}

int32_t okng_figure_better(okng_figure_id id)
{
    return okng_figures[okng_figures[id].full].better;
}

void okng_figures_init(double values[OKNG_FIGURES])
{
    for (int id = 0; id < OKNG_FIGURES; id++) values[id] = okng_figure_is_whole((okng_figure_id)id) ? 0 : (double)NAN;
}

/* ---- metrics -------------------------------------------------------------------------------- */

void okng_figures_compute(okng_figure_group group, const okng_evidence *evidence, const bool *asked,
                          double values[OKNG_FIGURES])
{
    bool known = evidence->ranking.all_good > 0 && evidence->ranking.all_bad > 0;
    for (int id = 0; id < OKNG_FIGURES; id++) {
        const okng_figure *full = &okng_figures[okng_figures[id].full];
        if (okng_figures[id].group != group || !full->compute) continue;
        values[id] = known && (!asked || asked[full->metric]) ? full->compute(evidence) : (double)NAN;
    }
}

/* ---- public structs ------------------------------------------------------------------------- */

static void put(void *structure, okng_figure_id id, double value)
{
    size_t place = okng_figures[id].place;
    int64_t whole = okng_figure_is_whole(id) && !isnan(value) ? (int64_t)value : 0;
    if (place == NOWHERE) return;
    if (okng_figure_is_whole(id))
        memcpy((char *)structure + place, &whole, sizeof whole);
    else
        memcpy((char *)structure + place, &value, sizeof value);
}

void okng_figures_to_metrics(const double values[OKNG_FIGURES], okng_figure_group group, okng_metrics *metrics)
{
    for (int id = 0; id < OKNG_FIGURES; id++) {
        okng_figure_id full = okng_figures[id].full;
        if (okng_figures[id].group != group) continue;
        metrics->figures[full] = values[id];
        put(metrics, full, values[id]);
    }
}

void okng_figures_to_info(const double values[OKNG_FIGURES], okng_category_info *info)
{
    for (int id = 0; id < OKNG_FIGURES; id++)
        if (!okng_figures[okng_figures[id].full].compute) put(info, (okng_figure_id)id, values[id]);
}

/* ---- for people ----------------------------------------------------------------------------- */

const char *okng_figure_text(okng_figure_id id, double value, char *text, size_t size)
{
    text[0] = '\0';
    if (isnan(value)) return text;
    switch (okng_figures[id].unit) {
    case OKNG_UNIT_SHARE:
        (void)snprintf(text, size, "%.2f", 100 * value);
        break;
    case OKNG_UNIT_COUNT:
    case OKNG_UNIT_OPERATIONS:
        (void)snprintf(text, size, value == floor(value) ? "%.0f" : "%.1f", value);
        break;
    case OKNG_UNIT_SCORE:
        (void)snprintf(text, size, "%.4g", value);
        break;
    case OKNG_UNIT_SECONDS:
    case OKNG_UNIT_MILLISECONDS:
    case OKNG_UNIT_RATE:
        (void)snprintf(text, size, "%.1f", value);
        break;
    case OKNG_UNIT_BYTES:
        (void)snprintf(text, size, "%.1f", value / (1 << 20));
        break;
    }
    return text;
}

const char *okng_figure_unit_text(okng_figure_id id)
{
    static const char *const units[] = {"%", "", "MiB", "", "", "s", "ms", "pictures/s"};
    return units[okng_figures[id].unit];
}
