/* Why NG, on the page of a folder: pairs of crops. */
#ifndef OKNG_INSPECT_PAGE_REASONS_H
#define OKNG_INSPECT_PAGE_REASONS_H

#include "inspect/result.h"
#include "report/viewer.h"

enum { OKNG_PAGE_REASONS = 3 };

typedef struct okng_page_reasons {
    okng_viewer_reason items[OKNG_PAGE_REASONS]; /* names are owned */
    size_t count;
} okng_page_reasons;

/* Draws picture i's highest regions, and of each the nearest good patch where its file is still there; none of a
 * picture that is OK. Any number of threads. *out is for okng_page_reasons_free, on failure too. Errors: IO, MEMORY. */
okng_status okng_page_reasons_draw(const okng_viewer *viewer, size_t i, const okng_result *result,
                                   okng_page_reasons *out, okng_error *error);
void okng_page_reasons_free(okng_page_reasons *reasons); /* zeroed is fine */

#endif
