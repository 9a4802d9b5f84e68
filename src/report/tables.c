#include "report/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

/* One row of figures and what stands before them. */
typedef struct record {
    const okng_results *experiment;
    const okng_category_figures *category; /* NULL: the mean */
    const double *values;
} record;

typedef struct plan {
    record *records;
    size_t count;
    okng_figure_id columns[OKNG_FIGURES];
    size_t column_count;
    bool labels, category, pretty, brief; /* brief: what fits on a terminal */
} plan;

static bool is_shown(const plan *p, okng_figure_id column)
{
    if (!p->pretty) return true;
    if (!okng_figures[column].heading || (p->brief && !(okng_figures[column].shown & OKNG_SHOWN_BRIEF))) return false;
    for (size_t i = 0; i < p->count; i++)
        if (!isnan(p->records[i].values[column])) return true;
    return false;
}

static void choose_columns(plan *p)
{
    p->column_count = 0;
    for (int i = 0; i < OKNG_FIGURES; i++)
        if (is_shown(p, (okng_figure_id)i)) p->columns[p->column_count++] = (okng_figure_id)i;
}

/* "Latency p50 (ms)" */
static bool set_header(const plan *p, okng_table *table)
{
    static const char *const keys[] = {"dataset", "method", "experiment", "category"};
    static const char *const names[] = {"Dataset", "Method", "Experiment", "Category"};
    size_t at = 0;
    bool good = true;
    for (size_t i = p->labels ? 0 : 3; i < (p->category ? 4 : 3); i++)
        good = okng_table_set(table, 0, at++, "%s", p->pretty ? names[i] : keys[i]) && good;
    for (size_t i = 0; i < p->column_count; i++, at++) {
        const okng_figure *figure = &okng_figures[p->columns[i]];
        const char *unit = okng_figure_unit_text(p->columns[i]);
        if (!p->pretty)
            good = okng_table_set(table, 0, at, "%s", figure->key) && good;
        else
            good = okng_table_set(table, 0, at, *unit ? "%s (%s)" : "%s", figure->heading, unit) && good;
    }
    return good;
}

static bool set_record(const plan *p, okng_table *table, size_t row, const record *r)
{
    const okng_category_figures *first = r->category ? r->category : r->experiment->categories[0];
    size_t at = 0;
    bool good = true;
    if (p->labels) {
        good = okng_table_set(table, row, at++, "%s", first->dataset) && good;
        good = okng_table_set(table, row, at++, "%s", first->method) && good;
        good = okng_table_set(table, row, at++, "%s", first->experiment) && good;
    }
    if (p->category) good = okng_table_set(table, row, at++, "%s", r->category ? r->category->name : "mean") && good;
    for (size_t i = 0; i < p->column_count; i++, at++) {
        double value = r->values[p->columns[i]];
        char text[64];
        if (p->pretty)
            good =
                okng_table_set(table, row, at, "%s", okng_figure_text(p->columns[i], value, text, sizeof text)) && good;
        else if (!isnan(value))
            good = okng_table_set(table, row, at, "%.9g", value) && good;
    }
    return good;
}

static okng_status fill(plan *p, okng_table *table, okng_error *error)
{
    choose_columns(p);
    size_t labels = (p->labels ? 3u : 0u) + (p->category ? 1u : 0u);
    okng_status status = okng_table_new(table, p->count + 1, labels + p->column_count, error);
    bool good = status == OKNG_OK && set_header(p, table);
    for (size_t i = 0; i < p->count && good; i++) good = set_record(p, table, i + 1, &p->records[i]);
    if (status == OKNG_OK && !good) status = okng_fail_memory(error, p->count * p->column_count);
    if (status != OKNG_OK) okng_table_free(table);
    free(p->records);
    return status;
}

/* The categories of all experiments and, where asked, their means. */
static okng_status list_records(plan *p, const okng_results *experiments, size_t count, bool categories, bool means,
                                okng_error *error)
{
    size_t total = 0;
    for (size_t e = 0; e < count; e++) total += experiments[e].count + 1;
    p->records = calloc(total, sizeof *p->records);
    if (!p->records) return okng_fail_memory(error, total * sizeof *p->records);
    for (size_t e = 0; e < count; e++) {
        const okng_results *experiment = &experiments[e];
        for (size_t i = 0; categories && i < experiment->count; i++) {
            const okng_category_figures *category = experiment->categories[i];
            p->records[p->count++] = (record){experiment, category, category->values};
        }
        if (means) p->records[p->count++] = (record){experiment, NULL, experiment->mean};
    }
    return OKNG_OK;
}

static okng_status tabulate(const okng_results *experiments, size_t count, plan p, bool means, okng_table *table,
                            okng_error *error)
{
    OKNG_TRY(list_records(&p, experiments, count, p.category, means, error));
    return fill(&p, table, error);
}

okng_status okng_tables_summary(const okng_results *experiment, okng_table *table, okng_error *error)
{
    return tabulate(experiment, 1, (plan){.category = true}, true, table, error);
}

okng_status okng_tables_pretty(const okng_results *experiment, okng_table *table, okng_error *error)
{
    return tabulate(experiment, 1, (plan){.category = true, .pretty = true}, true, table, error);
}

okng_status okng_tables_joined(const okng_results *experiments, size_t count, bool per_category, okng_tables_kind kind,
                               okng_table *table, okng_error *error)
{
    plan p = {.labels = true,
              .category = per_category,
              .pretty = kind != OKNG_TABLES_KEYS,
              .brief = kind == OKNG_TABLES_BRIEF};
    return tabulate(experiments, count, p, !per_category, table, error);
}

/* ---- JSON ---- */

json_t *okng_tables_json(const double values[OKNG_FIGURES])
{
    json_t *object = json_object();
    for (size_t i = 0; i < OKNG_FIGURES; i++)
        if (!isnan(values[i]))
            okng_json_put(&object, okng_figures[i].key, okng_figure_json((okng_figure_id)i, values[i]));
    return object;
}

json_t *okng_tables_document(const okng_results *experiment)
{
    const okng_category_figures *first = experiment->categories[0];
    json_t *categories = json_object();
    for (size_t i = 0; i < experiment->count; i++) {
        const okng_category_figures *category = experiment->categories[i];
        okng_json_put(&categories, category->name, okng_tables_json(category->values));
    }
    return json_pack("{s:s,s:s,s:s,s:o,s:o}", "dataset", first->dataset, "method", first->method, "experiment",
                     first->experiment, "categories", categories, "mean", okng_tables_json(experiment->mean));
}

okng_status okng_tables_write(const okng_table *table, bool (*form)(const okng_table *, FILE *), const char *path,
                              okng_error *error)
{
    okng_writer writer;
    OKNG_TRY(okng_writer_open(&writer, path, error));
    if (form(table, writer.stream)) return okng_writer_commit(&writer, error);
    okng_writer_abort(&writer);
    return okng_fail_memory(error, table->rows * table->columns);
}
