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

/* results.csv as an earlier run left it, perhaps with columns and rows that somebody added. Zeroed: there is none. */
typedef struct okng_earlier {
    okng_csv *table;
    void *text; /* what `table` was read from */
    size_t size;
} okng_earlier;

/* Reads it where it is there; zeroed where it is not. Errors: those of okng_csv_read; FORMAT where it has no column
 * path or score. */
okng_status okng_earlier_read(okng_earlier *earlier, const char *path, okng_error *error);
void okng_earlier_close(okng_earlier *earlier); /* zeroed is fine */

/* Columns path, score, verdict, threshold, p_value and, where folders say which pictures are good (labels.h), label: 0
 * or 1, empty where it is not known. Numbers read back as the same floats. `root`: name of the folder that names are
 * relative to. What `earlier` (NULL: nothing) has comes first, byte for byte, but for: columns of ours that it lacks,
 * which come last; a label that was not known then; and lines of skipped pictures that are among `lines`, where columns
 * of ours are told anew. Columns that are not ours are empty in new lines. */
okng_status okng_results_write(const char *path, const okng_earlier *earlier, const okng_result_line *lines,
                               size_t count, const char *root, okng_error *error);

/* ARGUMENT where one of the names has a score in the earlier table already. */
okng_status okng_results_need_new(const okng_csv *earlier, const okng_result_line *lines, size_t count,
                                  okng_error *error);

#endif
