/* Figures of experiments as tables. */
#ifndef OKNG_REPORT_TABLES_H
#define OKNG_REPORT_TABLES_H

#include <jansson.h>

#include "report/results.h"
#include "report/table.h"

/* All columns by their keys, a row per category and last "mean"; numbers with 9 significant digits, empty where there
 * are none. */
okng_status okng_tables_summary(const okng_results *experiment, okng_table *table, okng_error *error);
/* The same as people read it: the columns that have a name and a figure. */
okng_status okng_tables_pretty(const okng_results *experiment, okng_table *table, okng_error *error);
/* Figures by key; NaN is left out. A new reference; NULL when memory is out. */
json_t *okng_tables_json(const double values[OKNG_FIGURES]);
/* {"dataset", "method", "experiment", "categories": {name: figures}, "mean": figures}. */
json_t *okng_tables_document(const okng_results *experiment);

typedef enum okng_tables_kind {
    OKNG_TABLES_KEYS = 0, /* every figure by its key */
    OKNG_TABLES_PRETTY,   /* as people read it */
    OKNG_TABLES_BRIEF     /* of these what fits on a terminal */
} okng_tables_kind;

/* Several experiments joined: dataset, method, experiment, then the means over their categories; with `per_category` a
 * column category and a row for each. */
okng_status okng_tables_joined(const okng_results *experiments, size_t count, bool per_category, okng_tables_kind kind,
                               okng_table *table, okng_error *error);

/* Writes a table; whole or not at all. */
okng_status okng_tables_write(const okng_table *table, bool (*form)(const okng_table *, FILE *), const char *path,
                              okng_error *error);

#endif
