#include "inspect/results_file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/locale.h"
#include "base/memory.h"
#include "inspect/labels.h"

enum { MAX_BYTES = 64 << 20 };

/* ---- reading -------------------------------------------------------------------------------- */

okng_status okng_earlier_read(okng_earlier *earlier, const char *path, okng_error *error)
{
    size_t column;
    *earlier = (okng_earlier){0};
    if (access(path, F_OK) != 0 && errno == ENOENT) return OKNG_OK;
    OKNG_TRY(okng_file_read(path, MAX_BYTES, &earlier->text, &earlier->size, error));
    okng_status status = okng_csv_read_memory(&earlier->table, earlier->text, earlier->size, path, error);
    if (status == OKNG_OK) status = okng_csv_column(earlier->table, "path", &column, error);
    if (status == OKNG_OK) status = okng_csv_column(earlier->table, "score", &column, error);
    if (status != OKNG_OK) okng_earlier_close(earlier);
    return status;
}

void okng_earlier_close(okng_earlier *earlier)
{
    okng_csv_free(&earlier->table);
    free(earlier->text);
    *earlier = (okng_earlier){0};
}

/* ---- names ---------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const okng_result_line *const *first = a, *const *second = b;
    return strcmp((*first)->name, (*second)->name);
}

/* The lines in order of their names; NULL where memory is out. */
static const okng_result_line **sorted_lines(const okng_result_line *lines, size_t count)
{
    const okng_result_line **sorted = okng_alloc(count, sizeof *sorted);
    for (size_t i = 0; sorted && i < count; i++) sorted[i] = &lines[i];
    if (sorted && count > 0) qsort(sorted, count, sizeof *sorted, by_name);
    return sorted;
}

static const okng_result_line *find_line(const okng_result_line *const *sorted, size_t count, const char *name)
{
    const okng_result_line wanted = {.name = name}, *key = &wanted;
    const okng_result_line *const *found = bsearch(&key, sorted, count, sizeof *sorted, by_name);
    return found ? *found : NULL;
}

static const char *field_of(const okng_csv *csv, size_t row, const char *column)
{
    size_t index;
    return okng_csv_has_column(csv, column, &index) ? okng_csv_field(csv, row, index) : "";
}

okng_status okng_results_need_new(const okng_csv *earlier, const okng_result_line *lines, size_t count,
                                  okng_error *error)
{
    size_t rows = earlier ? okng_csv_rows(earlier) : 0;
    const okng_result_line **sorted = sorted_lines(lines, count);
    if (!sorted) return okng_fail_memory(error, count * sizeof *sorted);
    okng_status status = OKNG_OK;
    for (size_t r = 0; r < rows && status == OKNG_OK; r++) {
        const char *name = field_of(earlier, r, "path");
        if (field_of(earlier, r, "score")[0] && find_line(sorted, count, name))
            status =
                okng_fail(error, OKNG_ERROR_ARGUMENT,
                          "%s: has results of %s already; append adds pictures and replaces none, so give this one "
                          "another name or the results another folder",
                          okng_csv_name(earlier), name);
    }
    free(sorted);
    return status;
}

/* ---- what is written ------------------------------------------------------------------------ */

typedef enum column { PATH = 0, SCORE, VERDICT, THRESHOLD, P_VALUE, LABEL, COLUMNS, OTHER = COLUMNS } column;
static const char *const column_names[COLUMNS] = {"path", "score", "verdict", "threshold", "p_value", "label"};

typedef struct table {
    const okng_csv *earlier; /* NULL: none */
    const char *text, *end;  /* of it */
    const okng_result_line *lines, **sorted;
    bool *told; /* [count]: in the place of an earlier line */
    size_t rows, count;
    column *columns; /* as they stand in the file, those that are added behind */
    size_t columns_before, columns_now;
    const char *root, *line_end;
    bool any_good, labelled;
} table;

static okng_label label_of_line(const table *t, size_t i)
{
    return okng_label_among(t->lines[i].name, t->root, t->any_good);
}

/* What was said then holds; what was not known may be known now. */
static okng_label label_of_row(const table *t, size_t row)
{
    const char *said = field_of(t->earlier, row, "label");
    if (strcmp(said, "0") == 0) return OKNG_LABEL_GOOD;
    if (strcmp(said, "1") == 0) return OKNG_LABEL_BAD;
    return okng_label_among(field_of(t->earlier, row, "path"), t->root, t->any_good);
}

static void find_labels(table *t)
{
    for (size_t i = 0; i < t->count && !t->any_good; i++)
        t->any_good = okng_label_of(t->lines[i].name, t->root) == OKNG_LABEL_GOOD;
    for (size_t r = 0; r < t->rows && !t->any_good; r++) t->any_good = label_of_row(t, r) == OKNG_LABEL_GOOD;
    for (size_t i = 0; i < t->count && !t->labelled; i++) t->labelled = label_of_line(t, i) != OKNG_LABEL_UNKNOWN;
    for (size_t r = 0; r < t->rows && !t->labelled; r++) t->labelled = label_of_row(t, r) != OKNG_LABEL_UNKNOWN;
}

/* Which of ours a column of the file is; the first of two that are called alike. */
static column column_at(const okng_csv *csv, size_t c)
{
    size_t first;
    for (column of = 0; of < COLUMNS; of++)
        if (okng_csv_has_column(csv, column_names[of], &first) && first == c) return of;
    return OTHER;
}

static bool lay_out(table *t)
{
    size_t before = t->earlier ? okng_csv_columns(t->earlier) : 0, unused;
    t->columns = okng_alloc(before + COLUMNS, sizeof *t->columns);
    if (!t->columns) return false;
    for (size_t c = 0; c < before; c++) t->columns[c] = column_at(t->earlier, c);
    t->columns_before = t->columns_now = before;
    for (column of = 0; of < COLUMNS; of++)
        if ((of != LABEL || t->labelled) && !(t->earlier && okng_csv_has_column(t->earlier, column_names[of], &unused)))
            t->columns[t->columns_now++] = of;
    return true;
}

/* ---- new lines ------------------------------------------------------------------------------ */

static void print_label(okng_label label, FILE *stream)
{
    if (label != OKNG_LABEL_UNKNOWN) (void)fputs(label == OKNG_LABEL_GOOD ? "0" : "1", stream);
}

static void print_value(const table *t, size_t i, column of, FILE *stream)
{
    const okng_result_line *line = &t->lines[i];
    if (of == PATH) okng_csv_write_field(stream, line->name);
    if (of == LABEL) print_label(label_of_line(t, i), stream);
    if (of == VERDICT) (void)fputs(line->inspected ? okng_verdict_text(line->verdict) : "error", stream);
    if (!line->inspected) return;
    if (of == SCORE && !isnan(line->score)) (void)fprintf(stream, "%.9g", (double)line->score);
    if (of == THRESHOLD) (void)fprintf(stream, "%.9g", (double)line->threshold);
    if (of == P_VALUE && !isnan(line->p_value)) (void)fprintf(stream, "%.9g", line->p_value);
}

static void print_line(const table *t, size_t i, FILE *stream)
{
    for (size_t c = 0; c < t->columns_now; c++) {
        if (c > 0) (void)fputc(',', stream);
        print_value(t, i, t->columns[c], stream);
    }
    (void)fputs(t->line_end, stream);
}

static void print_header(const table *t, FILE *stream)
{
    for (size_t c = 0; c < t->columns_now; c++)
        (void)fprintf(stream, "%s%s", c > 0 ? "," : "", column_names[t->columns[c]]);
    (void)fputs(t->line_end, stream);
}

/* ---- earlier lines, as they stand in the file, which okng_csv_read has found to be well-formed ------------------- */

static bool is_line_end(const char *at, const char *end)
{
    return at == end || *at == '\n' || (*at == '\r' && (at + 1 == end || at[1] == '\n'));
}

static const char *behind_line_end(const char *at, const char *end)
{
    if (at < end && *at == '\r') at++;
    return at < end && *at == '\n' ? at + 1 : at;
}

static const char *behind_field(const char *at, const char *end)
{
    if (at < end && *at == '"') {
        for (at++; at < end && (*at != '"' || (at + 1 < end && at[1] == '"')); at++)
            if (*at == '"') at++;
        return at < end ? at + 1 : at;
    }
    while (!is_line_end(at, end) && *at != ',') at++;
    return at;
}

/* Of field c of a record, behind it and the comma that follows. */
static const char *next_field(const table *t, size_t c, const char *behind)
{
    return c + 1 < t->columns_before && behind < t->end ? behind + 1 : behind;
}

static void copy(const char *from, const char *to, FILE *stream)
{
    if (to > from) (void)fwrite(from, 1, (size_t)(to - from), stream);
}

/* Copies what stands before a record: a byte order mark, blank lines. */
static const char *copy_to_record(const table *t, const char *at, FILE *stream)
{
    const char *from = at;
    if (at == t->text && t->end - at >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) at += 3;
    while (at < t->end && is_line_end(at, t->end)) at = behind_line_end(at, t->end);
    copy(from, at, stream);
    return at;
}

/* The new line that stands for an earlier one: of a picture that was skipped then. */
static const okng_result_line *told_anew(table *t, size_t row)
{
    const okng_result_line *line = find_line(t->sorted, t->count, field_of(t->earlier, row, "path"));
    if (!line || t->told[line - t->lines]) return NULL;
    t->told[line - t->lines] = true;
    return line;
}

/* Copies a field, or tells it anew. */
static void copy_field(const table *t, size_t row, size_t c, const okng_result_line *anew, const char *from,
                       const char *to, FILE *stream)
{
    if (anew && t->columns[c] != OTHER && t->columns[c] != PATH)
        print_value(t, (size_t)(anew - t->lines), t->columns[c], stream);
    else if (t->columns[c] == LABEL && to == from)
        print_label(label_of_row(t, row), stream);
    else
        copy(from, to, stream);
}

static void print_added(const table *t, size_t row, const okng_result_line *anew, FILE *stream)
{
    for (size_t c = t->columns_before; c < t->columns_now; c++) {
        (void)fputc(',', stream);
        if (anew)
            print_value(t, (size_t)(anew - t->lines), t->columns[c], stream);
        else if (t->columns[c] == LABEL)
            print_label(label_of_row(t, row), stream);
    }
}

static const char *copy_line_end(const table *t, const char *at, FILE *stream)
{
    const char *behind = behind_line_end(at, t->end);
    if (behind > at && behind[-1] == '\n')
        copy(at, behind, stream);
    else
        (void)fputs(t->line_end, stream); /* the last line lacked it, or half of it */
    return behind;
}

static const char *copy_header(table *t, FILE *stream)
{
    const char *at = copy_to_record(t, t->text, stream), *from = at;
    for (size_t c = 0; c < t->columns_before; c++) at = next_field(t, c, behind_field(at, t->end));
    copy(from, at, stream);
    for (size_t c = t->columns_before; c < t->columns_now; c++)
        (void)fprintf(stream, ",%s", column_names[t->columns[c]]);
    t->line_end = at < t->end && *at == '\r' ? "\r\n" : "\n";
    return copy_line_end(t, at, stream);
}

static const char *copy_row(table *t, size_t row, const char *at, FILE *stream)
{
    const okng_result_line *anew = told_anew(t, row);
    at = copy_to_record(t, at, stream);
    for (size_t c = 0; c < t->columns_before; c++) {
        const char *to = behind_field(at, t->end);
        if (c > 0) (void)fputc(',', stream);
        copy_field(t, row, c, anew, at, to, stream);
        at = next_field(t, c, to);
    }
    print_added(t, row, anew, stream);
    return copy_line_end(t, at, stream);
}

static void print_all(table *t, FILE *stream)
{
    locale_t before = okng_locale_enter();
    if (t->earlier) {
        const char *at = copy_header(t, stream);
        for (size_t r = 0; r < t->rows; r++) at = copy_row(t, r, at, stream);
        const char *end = t->end > at && t->end[-1] == '\r' ? t->end - 1 : t->end; /* half a line's end is none */
        copy(at, end, stream);                                                     /* blank lines */
    } else {
        print_header(t, stream);
    }
    for (size_t i = 0; i < t->count; i++)
        if (!t->told[i]) print_line(t, i, stream);
    okng_locale_leave(before);
}

okng_status okng_results_write(const char *path, const okng_earlier *earlier, const okng_result_line *lines,
                               size_t count, const char *root, okng_error *error)
{
    table t = {.earlier = earlier ? earlier->table : NULL,
               .lines = lines,
               .sorted = sorted_lines(lines, count),
               .told = calloc(count > 0 ? count : 1, sizeof *t.told),
               .count = count,
               .root = root,
               .line_end = "\n"};
    if (t.earlier) {
        t.rows = okng_csv_rows(t.earlier);
        t.text = earlier->text;
        t.end = t.text + earlier->size;
    }
    okng_status status = OKNG_OK;
    if (t.sorted && t.told) find_labels(&t);
    if (!t.sorted || !t.told || !lay_out(&t)) status = okng_fail_memory(error, count * sizeof *t.sorted);
    okng_writer writer;
    if (status == OKNG_OK) status = okng_writer_open(&writer, path, error);
    if (status == OKNG_OK) {
        print_all(&t, writer.stream);
        status = okng_writer_commit(&writer, error);
    }
    free(t.columns);
    free(t.told);
    free(t.sorted);
    return status;
}
