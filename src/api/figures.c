/* The table of figures for callers. */
#include "eval/figures.h"
#include "base/sized.h"

size_t okng_figure_count(void)
{
    return OKNG_FIGURES;
}

okng_status okng_figure_get(size_t i, okng_figure_info *info, okng_error *error)
{
    OKNG_TRY(okng_sized_check(info, "the place for the figure", error));
    if (i >= OKNG_FIGURES)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "figure %zu: there are %d", i, (int)OKNG_FIGURES);
    okng_figure_id id = (okng_figure_id)i;
    const okng_figure *figure = &okng_figures[i];
    const okng_figure_info full = {.struct_size = sizeof full,
                                   .key = figure->key,
                                   .heading = figure->heading,
                                   .title = figure->shown & OKNG_SHOWN_RUN ? figure->title : NULL,
                                   .unit = okng_figure_unit_text(id),
                                   .group = figure->group,
                                   .better = okng_figure_better(id)};
    return okng_sized_give(info, &full, sizeof full, "the place for the figure", error);
}
