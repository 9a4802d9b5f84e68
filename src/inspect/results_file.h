/* results.csv: a line for each picture, in a form that okng metrics reads. */
#ifndef OKNG_INSPECT_RESULTS_FILE_H
#define OKNG_INSPECT_RESULTS_FILE_H

#include <stdbool.h>

#include "base/csv.h"

typedef struct okng_result_line {
    const char *name; /* of the picture */
    bool inspected;   /* false: it was skipped, and the rest has no meaning */
    float score, threshold;
    double p_value; /* NaN: not known */
    okng_verdict verdict;
} okng_result_line;

/* Columns path, score, verdict, threshold, p_value and, where folders say which pictures are good (labels.h), label: 0
 * or 1, empty where it is not known. Numbers read back as the same floats. `root`: name of the folder that names are
 * relative to. Lines of `earlier` (NULL: none) come first, but those of skipped pictures that are among `lines`. */
okng_status okng_results_write(const char *path, const okng_csv *earlier, const okng_result_line *lines, size_t count,
                               const char *root, okng_error *error);

/* ARGUMENT where one of the names has a score in the earlier table already. */
okng_status okng_results_need_new(const okng_csv *earlier, const okng_result_line *lines, size_t count,
                                  okng_error *error);

#endif
