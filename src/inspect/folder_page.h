/* report.html of inspected pictures. */
#ifndef OKNG_INSPECT_FOLDER_PAGE_H
#define OKNG_INSPECT_FOLDER_PAGE_H

#include "inspect/page_reasons.h"
#include "inspect/result.h"
#include "inspect/results_file.h"
#include "inspect/targets.h"
#include "report/viewer.h"

#define OKNG_REPORT_STEM "report"

/* Draws picture `i`. Any number of threads. */
okng_status okng_folder_page_draw(const okng_viewer *viewer, size_t i, const okng_result *result, okng_error *error);

/* What the page is made of. */
typedef struct okng_folder_page {
    const char *title;
    const okng_targets *targets;
    const okng_result_line *lines;           /* [targets->count] */
    char *const *folders;                    /* likewise, of the results, relative to the page */
    const char *const *notes;                /* likewise, why a picture was skipped; NULL where it was not */
    const okng_page_reasons *const *reasons; /* likewise */
    float review[2];                         /* NaN: no band */
    const char *root;                        /* as of okng_results_write */
} okng_folder_page;
/* Adds all rows and writes the page. */
okng_status okng_folder_page_finish(okng_viewer *viewer, const okng_folder_page *page, okng_error *error);

#endif
