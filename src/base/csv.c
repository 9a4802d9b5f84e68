#include "base/csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* A text, and 8 bytes for each field and each line: together within 256 MiB. */
enum { MAX_BYTES = 96 << 20, MAX_LINES = 1 << 20, MAX_FIELDS = 8 << 20, MAX_COLUMNS = 1024, MAX_FIELD = 64 << 10 };
enum { NAMES_SHOWN = 200 };

struct okng_csv {
    char *name;
    char *text;    /* the fields, each with a NUL behind it */
    size_t *at;    /* of each field in text; those of the header first */
    size_t *lines; /* of each record, of the header first */
    size_t fields, field_room, records, record_room, columns;
};

typedef struct parser {
    okng_csv *csv;
    const char *in, *end;
    char *out; /* never ahead of `in`, as a field gets shorter or stays */
    size_t line;
    okng_error *error;
} parser;

static bool at_line_end(const parser *p)
{
    if (p->in == p->end || *p->in == '\n') return true;
    return *p->in == '\r' && (p->in + 1 == p->end || p->in[1] == '\n');
}

static void skip_line_end(parser *p)
{
    if (p->in < p->end && *p->in == '\r') p->in++;
    if (p->in < p->end && *p->in == '\n') p->in++;
    p->line++;
}

static okng_status parse_quoted(parser *p)
{
    size_t opened = p->line;
    bool closed = false;
    for (p->in++; p->in < p->end && !closed; p->in++) {
        if (*p->in == '"' && (p->in + 1 == p->end || p->in[1] != '"')) {
            closed = true;
            continue;
        }
        if (*p->in == '"') p->in++;
        if (*p->in == '\n') p->line++;
        *p->out++ = *p->in;
    }
    if (!closed)
        return okng_fail(p->error, OKNG_ERROR_FORMAT, "%s: line %zu: the quote that opens here is never closed",
                         p->csv->name, opened);
    if (at_line_end(p) || *p->in == ',') return OKNG_OK;
    return okng_fail(p->error, OKNG_ERROR_FORMAT,
                     "%s: line %zu: found text behind a closing quote, expected a comma or the line's end",
                     p->csv->name, p->line);
}

static okng_status parse_field(parser *p)
{
    okng_csv *csv = p->csv;
    void *at = csv->at;
    bool grown = okng_grow(&at, &csv->field_room, csv->fields + 1, sizeof *csv->at);
    csv->at = at;
    if (!grown) return okng_fail_memory(p->error, csv->field_room * 2 * sizeof *csv->at);
    const char *begin = p->in;
    const size_t line = p->line;
    csv->at[csv->fields++] = (size_t)(p->out - csv->text);
    if (p->in < p->end && *p->in == '"')
        OKNG_TRY(parse_quoted(p));
    else
        while (!at_line_end(p) && *p->in != ',') *p->out++ = *p->in++;
    if (p->in - begin <= MAX_FIELD) return OKNG_OK;
    return okng_fail(p->error, OKNG_ERROR_LIMIT, "%s: line %zu: a field of %zu bytes, expected at most %d", csv->name,
                     line, (size_t)(p->in - begin), MAX_FIELD);
}

/* The comma or the line's end behind a field makes the place for its NUL; it is read before it is written over. */
static okng_status parse_record(parser *p, size_t *count)
{
    okng_csv *csv = p->csv;
    if (csv->records > MAX_LINES || csv->fields > MAX_FIELDS)
        return okng_fail(p->error, OKNG_ERROR_LIMIT,
                         "%s: line %zu: more than %d lines or %d fields; part the table, or leave out columns",
                         csv->name, p->line, MAX_LINES, MAX_FIELDS);
    void *lines = csv->lines;
    bool grown = okng_grow(&lines, &csv->record_room, csv->records + 1, sizeof *csv->lines);
    csv->lines = lines;
    if (!grown) return okng_fail_memory(p->error, csv->record_room * 2 * sizeof *csv->lines);
    csv->lines[csv->records++] = p->line;
    for (*count = 1;; ++*count) {
        if (*count > MAX_COLUMNS)
            return okng_fail(p->error, OKNG_ERROR_LIMIT, "%s: line %zu has more than %d columns", csv->name, p->line,
                             MAX_COLUMNS);
        OKNG_TRY(parse_field(p));
        bool last = at_line_end(p);
        if (last)
            skip_line_end(p);
        else
            p->in++;
        *p->out++ = '\0';
        if (last) return OKNG_OK;
    }
}

static okng_status parse_all(parser *p)
{
    okng_csv *csv = p->csv;
    while (p->in < p->end) {
        if (at_line_end(p)) {
            skip_line_end(p);
            continue;
        }
        size_t count, line = p->line;
        OKNG_TRY(parse_record(p, &count));
        if (csv->records == 1) csv->columns = count;
        if (count != csv->columns)
            return okng_fail(p->error, OKNG_ERROR_FORMAT, "%s: line %zu has %zu fields, expected %zu as in the header",
                             csv->name, line, count, csv->columns);
    }
    if (csv->records > 0) return OKNG_OK;
    return okng_fail(p->error, OKNG_ERROR_FORMAT, "%s: is empty, expected a header with the names of the columns",
                     csv->name);
}

static void trim_names(okng_csv *csv)
{
    for (size_t c = 0; c < csv->columns; c++) {
        while (strchr(" \t", csv->text[csv->at[c]]) && csv->text[csv->at[c]]) csv->at[c]++;
        char *name = csv->text + csv->at[c];
        for (size_t n = strlen(name); n > 0 && strchr(" \t", name[n - 1]); n--) name[n - 1] = '\0';
    }
}

/* Takes over `text`, of `size` bytes with room for two more. */
static okng_status parse(okng_csv **out, char *text, size_t size, const char *name, okng_error *error)
{
    *out = NULL;
    okng_csv *csv = calloc(1, sizeof *csv);
    if (!csv) {
        free(text);
        return okng_fail_memory(error, sizeof *csv);
    }
    csv->text = text;
    csv->name = strdup(name);
    const char *zero = size > 0 ? memchr(text, '\0', size) : NULL;
    okng_status status = csv->name ? OKNG_OK : okng_fail_memory(error, strlen(name) + 1);
    if (status == OKNG_OK && zero)
        status = okng_fail(error, OKNG_ERROR_FORMAT, "%s: holds a zero byte at offset %zu, expected text in UTF-8",
                           name, (size_t)(zero - text));
    if (status == OKNG_OK) {
        text[size] = '\0';
        size_t mark = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
        parser p = {.csv = csv, .in = text + mark, .end = text + size, .out = text, .line = 1, .error = error};
        status = parse_all(&p);
    }
    if (status == OKNG_OK)
        trim_names(csv);
    else
        okng_csv_free(&csv);
    *out = csv;
    return status;
}

static okng_status check_size(size_t size, const char *name, okng_error *error)
{
    if (size <= MAX_BYTES) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT, "%s: %zu bytes, expected at most %d", name, size, MAX_BYTES);
}

okng_status okng_csv_read_memory(okng_csv **out, const void *data, size_t size, const char *name, okng_error *error)
{
    *out = NULL;
    OKNG_TRY(check_size(size, name, error));
    char *text = malloc(size + 2); /* the last field's NUL may have no line's end to stand in for */
    if (!text) return okng_fail_memory(error, size + 2);
    if (size > 0) memcpy(text, data, size);
    return parse(out, text, size, name, error);
}

okng_status okng_csv_read(okng_csv **out, const char *path, okng_error *error)
{
    *out = NULL;
    okng_reader reader;
    OKNG_TRY(okng_reader_open(&reader, path, error));
    const size_t size = reader.size;
    char *text = NULL;
    okng_status status = check_size(size, path, error);
    if (status == OKNG_OK && !(text = malloc(size + 2))) status = okng_fail_memory(error, size + 2);
    if (status == OKNG_OK) status = okng_reader_next(&reader, text, size, error);
    status = okng_reader_close(&reader, status, error);
    if (status == OKNG_OK) return parse(out, text, size, path, error);
    free(text);
    return status;
}

void okng_csv_free(okng_csv **csv)
{
    if (!csv || !*csv) return;
    free((*csv)->name);
    free((*csv)->text);
    free((*csv)->at);
    free((*csv)->lines);
    free(*csv);
    *csv = NULL;
}

size_t okng_csv_rows(const okng_csv *csv)
{
    return csv->records - 1;
}

size_t okng_csv_columns(const okng_csv *csv)
{
    return csv->columns;
}

const char *okng_csv_column_name(const okng_csv *csv, size_t column)
{
    return csv->text + csv->at[column];
}

const char *okng_csv_field(const okng_csv *csv, size_t row, size_t column)
{
    return csv->text + csv->at[(row + 1) * csv->columns + column];
}

size_t okng_csv_line(const okng_csv *csv, size_t row)
{
    return csv->lines[row + 1];
}

const char *okng_csv_name(const okng_csv *csv)
{
    return csv->name;
}

bool okng_csv_has_column(const okng_csv *csv, const char *name, size_t *column)
{
    for (size_t c = 0; c < csv->columns; c++)
        if (strcmp(okng_csv_column_name(csv, c), name) == 0) {
            *column = c;
            return true;
        }
    return false;
}

okng_status okng_csv_column(const okng_csv *csv, const char *name, size_t *column, okng_error *error)
{
    if (okng_csv_has_column(csv, name, column)) return OKNG_OK;
    char names[NAMES_SHOWN] = "";
    size_t used = 0;
    for (size_t c = 0; c < csv->columns && used < sizeof names; c++) {
        int more = snprintf(names + used, sizeof names - used, "%s%s", c > 0 ? ", " : "", okng_csv_column_name(csv, c));
        used += more > 0 ? (size_t)more : 0;
    }
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: line %zu: no column \"%s\"; the header has %s", csv->name,
                     csv->lines[0], name, names);
}

void okng_csv_write_field(FILE *stream, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        (void)fputs(text, stream);
        return;
    }
    (void)fputc('"', stream);
    for (; *text; text++) {
        if (*text == '"') (void)fputc('"', stream);
        (void)fputc(*text, stream);
    }
    (void)fputc('"', stream);
}
