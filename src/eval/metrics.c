#include "eval/metrics.h"

#include <math.h>
#include <string.h>

#include "eval/figures.h"

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void okng_metrics_init_sized(okng_metrics *metrics, size_t struct_size)
{
    double none[OKNG_FIGURES];
    okng_metrics fresh = {.struct_size = struct_size};
    for (size_t i = 0; i < OKNG_FIGURES; i++) none[i] = (double)NAN;
    for (size_t i = 0; i < OKNG_FIGURE_ROOM; i++) fresh.figures[i] = (double)NAN;
    okng_figures_to_metrics(none, OKNG_GROUP_IMAGE, &fresh);
    okng_figures_to_metrics(none, OKNG_GROUP_PIXEL, &fresh);
    if (metrics) memcpy(metrics, &fresh, smaller(struct_size, sizeof fresh));
}

okng_status okng_metrics_open(okng_metrics *full, const okng_metrics *metrics, okng_error *error)
{
    OKNG_TRY(okng_need(metrics, "the place for the figures", error));
    if (metrics->struct_size < sizeof metrics->struct_size)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "the place for the figures has the size %zu; okng_metrics_init sets it", metrics->struct_size);
    okng_metrics_init_sized(full, sizeof *full);
    memcpy(full, metrics, smaller(metrics->struct_size, sizeof *full));
    return OKNG_OK;
}

void okng_metrics_close(const okng_metrics *full, okng_metrics *metrics)
{
    memcpy(metrics, full, smaller(metrics->struct_size, sizeof *full));
}
