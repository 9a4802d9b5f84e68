/* A table of text and the forms in which it is written. */
#ifndef OKNG_REPORT_TABLE_H
#define OKNG_REPORT_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

typedef struct okng_table {
    size_t rows, columns; /* row 0 holds the names of the columns */
    char **cells;         /* [rows, columns], owned; NULL is empty */
} okng_table;

okng_status okng_table_new(okng_table *table, size_t rows, size_t columns, okng_error *error);
void okng_table_free(okng_table *table); /* zeroed is fine */
/* Control characters become '?'. False when memory is out. */
__attribute__((format(printf, 4, 5))) bool okng_table_set(okng_table *table, size_t row, size_t column,
                                                          const char *format, ...);

/* Columns whose cells are all numbers, the header apart, stand to the right. False when memory is out. */
bool okng_table_csv(const okng_table *table, FILE *stream); /* RFC 4180, lines end in LF */
bool okng_table_markdown(const okng_table *table, FILE *stream);
bool okng_table_text(const okng_table *table, FILE *stream);

#endif
