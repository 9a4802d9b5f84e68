#include "inspect/results_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/locale.h"
#include "base/memory.h"
#include "inspect/labels.h"

static int by_text(const void *a, const void *b)
{
    const char *const *first = a, *const *second = b;
    return strcmp(*first, *second);
}

/* Names of the lines in order; NULL where memory is out. */
static const char **sorted_names(const okng_result_line *lines, size_t count)
{
    const char **names = okng_alloc(count, sizeof *names);
    for (size_t i = 0; names && i < count; i++) names[i] = lines[i].name;
    if (names && count > 0) qsort(names, count, sizeof *names, by_text);
    return names;
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
    const char **names = sorted_names(lines, count);
    if (!names) return okng_fail_memory(error, count * sizeof *names);
    okng_status status = OKNG_OK;
    for (size_t r = 0; r < rows && status == OKNG_OK; r++) {
        const char *name = field_of(earlier, r, "path");
        if (field_of(earlier, r, "score")[0] && bsearch(&name, names, count, sizeof *names, by_text))
            status =
                okng_fail(error, OKNG_ERROR_ARGUMENT,
                          "%s: has results of %s already; append adds pictures and replaces none, so give this one "
                          "another name or the results another folder",
                          okng_csv_name(earlier), name);
    }
    free(names);
    return status;
}

/* ---- writing -------------------------------------------------------------------------------- */

/* What is written, and what labels depend on. */
typedef struct table {
    const okng_csv *earlier;
    const okng_result_line *lines;
    const char **names; /* of the lines, sorted */
    size_t rows, count;
    const char *root;
    bool any_good, labelled;
} table;

/* A line that was skipped then and is among the new ones is told by those. */
static bool is_told_again(const table *t, size_t row)
{
    const char *name = field_of(t->earlier, row, "path");
    return bsearch(&name, t->names, t->count, sizeof *t->names, by_text) != NULL;
}

static okng_label label_of_line(const table *t, size_t i)
{
    return okng_label_among(t->lines[i].name, t->root, t->any_good);
}

/* What was said then holds; what was not known may be known now. */
static okng_label label_of_row(const table *t, size_t row)
{
    const char *told = field_of(t->earlier, row, "label");
    if (strcmp(told, "0") == 0) return OKNG_LABEL_GOOD;
    if (strcmp(told, "1") == 0) return OKNG_LABEL_BAD;
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

static void print_label(const table *t, okng_label label, FILE *stream)
{
    static const char *const texts[] = {"0", "1", ""};
    if (t->labelled) (void)fprintf(stream, ",%s", texts[label]);
    (void)fprintf(stream, "\n");
}

static void print_row(const table *t, size_t row, FILE *stream)
{
    static const char *const columns[] = {"path", "score", "verdict", "threshold", "p_value"};
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
        if (c > 0) (void)fputc(',', stream);
        okng_csv_write_field(stream, field_of(t->earlier, row, columns[c]));
    }
    print_label(t, label_of_row(t, row), stream);
}

static void print_line(const table *t, size_t i, FILE *stream)
{
    const okng_result_line *line = &t->lines[i];
    okng_csv_write_field(stream, line->name);
    if (line->inspected) {
        (void)fprintf(stream, ",%.9g,%s,%.9g,", (double)line->score, okng_verdict_text(line->verdict),
                      (double)line->threshold);
        if (!isnan(line->p_value)) (void)fprintf(stream, "%.9g", line->p_value);
    } else {
        (void)fprintf(stream, ",,error,,");
    }
    print_label(t, label_of_line(t, i), stream);
}

static void print_all(const table *t, FILE *stream)
{
    locale_t before = okng_locale_enter();
    (void)fprintf(stream, "path,score,verdict,threshold,p_value%s\n", t->labelled ? ",label" : "");
    for (size_t r = 0; r < t->rows; r++)
        if (!is_told_again(t, r)) print_row(t, r, stream);
    for (size_t i = 0; i < t->count; i++) print_line(t, i, stream);
    okng_locale_leave(before);
}

okng_status okng_results_write(const char *path, const okng_csv *earlier, const okng_result_line *lines, size_t count,
                               const char *root, okng_error *error)
{
    table t = {.earlier = earlier,
               .lines = lines,
               .names = sorted_names(lines, count),
               .rows = earlier ? okng_csv_rows(earlier) : 0,
               .count = count,
               .root = root};
    if (!t.names) return okng_fail_memory(error, count * sizeof *t.names);
    find_labels(&t);
    okng_writer writer;
    okng_status status = okng_writer_open(&writer, path, error);
    if (status == OKNG_OK) {
        print_all(&t, writer.stream);
        status = okng_writer_commit(&writer, error);
    }
    free(t.names);
    return status;
}
