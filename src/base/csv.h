/* Tables of text (RFC 4180): a header with the columns' names, then a record for each line. */
#ifndef OKNG_BASE_CSV_H
#define OKNG_BASE_CSV_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

/* A table in memory. Fields are UTF-8 as it stands in the file, without their quotes. */
typedef struct okng_csv okng_csv;

/* Reads a file: fields between commas, in double quotes where they hold a comma, a line's end or a quote (doubled);
 * lines end in LF or CRLF; a byte order mark, blank lines and blanks around the columns' names are passed over. Every
 * record has as many fields as the header. FORMAT errors name file and line; LIMIT beyond 96 MiB, 1,048,576 lines,
 * 8,388,608 fields, 1024 columns or 64 KiB of one field. */
okng_status okng_csv_read(okng_csv **out, const char *path, okng_error *error);
/* The same of bytes in memory; `name` is used in errors. */
okng_status okng_csv_read_memory(okng_csv **out, const void *data, size_t size, const char *name, okng_error *error);
void okng_csv_free(okng_csv **csv);

size_t okng_csv_rows(const okng_csv *csv); /* records below the header */
size_t okng_csv_columns(const okng_csv *csv);
const char *okng_csv_column_name(const okng_csv *csv, size_t column);
/* False where no column has this name. Of two of the same name the first is found. */
bool okng_csv_has_column(const okng_csv *csv, const char *name, size_t *column);
/* The same, FORMAT with the file and the columns that there are where it is missing. */
okng_status okng_csv_column(const okng_csv *csv, const char *name, size_t *column, okng_error *error);
/* A field, owned by the table; row and column are in range. */
const char *okng_csv_field(const okng_csv *csv, size_t row, size_t column);
/* The line of the file on which a record begins, from 1: for errors. */
size_t okng_csv_line(const okng_csv *csv, size_t row);
const char *okng_csv_name(const okng_csv *csv); /* of the file: for errors */

/* Writes a field, in quotes where it needs them. */
void okng_csv_write_field(FILE *stream, const char *text);

#endif
