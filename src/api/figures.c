/* The table of figures for callers. */
#include <string.h>

#include "eval/figures.h"

size_t okng_figure_count(void)
{
    return OKNG_FIGURES;
}

okng_status okng_figure_get(size_t i, okng_figure_info *info, okng_error *error)
{
    OKNG_TRY(okng_need(info, "the place for the figure", error));
    if (i >= OKNG_FIGURES)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "figure %zu: there are %d", i, (int)OKNG_FIGURES);
    okng_figure_id id = (okng_figure_id)i;
    const okng_figure *figure = &okng_figures[i];
    const okng_figure_info full = {.struct_size = info->struct_size,
                                   .key = figure->key,
                                   .heading = figure->heading,
                                   .title = figure->shown & OKNG_SHOWN_RUN ? figure->title : NULL,
                                   .unit = okng_figure_unit_text(id),
                                   .group = figure->group,
                                   .better = okng_figure_better(id)};
    memcpy(info, &full, info->struct_size < sizeof full ? info->struct_size : sizeof full);
    return OKNG_OK;
}
