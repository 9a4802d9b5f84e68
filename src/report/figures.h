/* The figures of experiments. */
#ifndef OKNG_REPORT_FIGURES_H
#define OKNG_REPORT_FIGURES_H

#include "report/canvas.h"
#include "report/results.h"

/* Each returns a new canvas; NULL when memory is out. */

/* ROC of pictures and of pixels, and where the threshold stands. */
okng_canvas *okng_figure_roc(const okng_category_figures *figures);
/* Mean overlap of the defects' regions up to a false-positive rate of 0.3, with both areas. */
okng_canvas *okng_figure_pro(const okng_category_figures *figures);
/* Scores of good pictures and of those with a defect, with the threshold. */
okng_canvas *okng_figure_scores(const okng_score_list *scores, const char *title);
/* Whether any stage was timed. */
bool okng_figure_has_stages(const double values[OKNG_FIGURES]);
/* Where the time of one picture goes; NULL where no stage was timed, too. */
okng_canvas *okng_figure_stages(const double values[OKNG_FIGURES]);

/* The categories of an experiment by its main figures. */
okng_canvas *okng_figure_categories(const okng_results *experiment);
/* The means of several experiments. */
okng_canvas *okng_figure_experiments(const okng_results *experiments, size_t count);

/* ---- figures_write.c ---- */
/* Writes the figures as SVG and, where cairo is installed, PNG into `experiment->dir`/figures: categories, stages, and
 * of every category <name>_roc, <name>_pro, <name>_scores. `written` (may be NULL) counts files. */
okng_status okng_figures_write(const okng_results *experiment, uint64_t *written, okng_error *error);
/* Writes one canvas to folder/name.svg and .png. Frees it. */
okng_status okng_figure_save(okng_canvas *canvas, const char *folder, const char *name, uint64_t *written,
                             okng_error *error);

#endif
