/* What people look at after an experiment: its figures and its page. */
#ifndef OKNG_REPORT_EXPERIMENT_PAGE_H
#define OKNG_REPORT_EXPERIMENT_PAGE_H

#include "report/results.h"

/* Makes `experiment_dir`/figures (as okng_figures_write) and `experiment_dir`/report.html, with its pictures in
 * report_files beside it, from what the finished categories left on disk. `published`: with what others published
 * beside it. Errors: as okng_summary_write. */
okng_status okng_experiment_report_write(const char *experiment_dir, bool published, okng_error *error);
/* The same of what was read; `written` (may be NULL) counts the figures' files. */
okng_status okng_results_report_write(const okng_results *results, bool published, uint64_t *written,
                                      okng_error *error);

#endif
