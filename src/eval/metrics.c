#include "eval/metrics.h"

#include <math.h>

#include "base/sized.h"
#include "eval/figures.h"

void okng_metrics_init_sized(okng_metrics *metrics, size_t struct_size)
{
    double none[OKNG_FIGURES];
    okng_metrics fresh = {.struct_size = sizeof fresh};
    for (size_t i = 0; i < OKNG_FIGURES; i++) none[i] = (double)NAN;
    for (size_t i = 0; i < OKNG_FIGURE_ROOM; i++) fresh.figures[i] = (double)NAN;
    okng_figures_to_metrics(none, OKNG_GROUP_IMAGE, &fresh);
    okng_figures_to_metrics(none, OKNG_GROUP_PIXEL, &fresh);
    okng_init_sized(metrics, struct_size);
    if (metrics) (void)okng_sized_give(metrics, &fresh, sizeof fresh, "the figures", NULL);
}

okng_status okng_metrics_open(okng_metrics *full, const okng_metrics *metrics, okng_error *error)
{
    okng_metrics_init_sized(full, sizeof *full);
    return okng_sized_take(full, sizeof *full, metrics, "the place for the figures", error);
}

void okng_metrics_close(const okng_metrics *full, okng_metrics *metrics)
{
    (void)okng_sized_give(metrics, full, sizeof *full, "the place for the figures", NULL);
}
