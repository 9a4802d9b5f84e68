/* Parts of an experiment's page. */
#ifndef OKNG_REPORT_PAGE_PARTS_H
#define OKNG_REPORT_PAGE_PARTS_H

#include <stdio.h>

#include "report/results.h"

/* Figures on top: a tile for each. */
void okng_part_tiles(FILE *stream, const okng_results *results);
/* The categories as a table with bars, the mean last. */
void okng_part_categories(FILE *stream, const okng_results *results);
/* Speed and memory. */
void okng_part_speed(FILE *stream, const okng_results *results);
/* page_published.c: what others published beside it; nothing where no published figure is of this data set. Errors:
 * MEMORY. */
okng_status okng_part_published(FILE *stream, const okng_results *results, okng_error *error);

#endif
