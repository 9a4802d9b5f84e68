/* The figures of a category: one row of a table drives reading, summaries, tables and pages. */
#ifndef OKNG_REPORT_COLUMNS_H
#define OKNG_REPORT_COLUMNS_H

#include <stddef.h>

typedef enum okng_column_kind {
    OKNG_COLUMN_SHARE = 0, /* 0..1; people see percent */
    OKNG_COLUMN_COUNT,
    OKNG_COLUMN_SCORE, /* any number */
    OKNG_COLUMN_SECONDS,
    OKNG_COLUMN_MILLISECONDS,
    OKNG_COLUMN_RATE, /* pictures per second */
    OKNG_COLUMN_BYTES
} okng_column_kind;

typedef struct okng_column {
    const char *key;     /* "pixel_auroc_crop": in CSV and JSON */
    const char *section; /* member of metrics.json that holds it; NULL: the top */
    const char *member;  /* "pixel_auroc" */
    const char *name;    /* for people; NULL: left out of what people read */
    okng_column_kind kind;
} okng_column;

enum { OKNG_COLUMNS = 49 };
extern const okng_column okng_columns[OKNG_COLUMNS];

/* The column of a key; OKNG_COLUMNS where there is none. */
size_t okng_column_find(const char *key);

/* A figure as people read it, without its unit: percent with two decimals, bytes in MiB, "" for NaN.
 * Returns text. */
const char *okng_column_pretty(const okng_column *column, double value, char *text, size_t size);
/* "%", "ms", "MiB", ...; "" where there is none. */
const char *okng_column_unit(const okng_column *column);

#endif
