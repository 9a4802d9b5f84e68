/* The pictures of an experiment's page. */
#ifndef OKNG_REPORT_PAGE_PICTURES_H
#define OKNG_REPORT_PAGE_PICTURES_H

#include "report/results.h"
#include "report/viewer.h"

/* Writes report_files beside report.html: of every picture of all categories its score, of those whose files were kept
 * these too. *viewer is for okng_viewer_embed. Errors: IO, FORMAT (a scores.json), MEMORY. */
okng_status okng_page_pictures(const okng_results *results, okng_viewer **viewer, okng_error *error);

#endif
