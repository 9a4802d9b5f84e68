/* Experiments on disk: joined into tables, drawn, and told as a page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/grown.h"
#include "base/json.h"
#include "base/locale.h"
#include "base/sized.h"
#include "report/collect.h"
#include "report/experiment_page.h"
#include "report/figures.h"
#include "report/tables.h"

/* ---- collect ---- */

static okng_status print_table(const okng_table *table, okng_table_form form, char **text, okng_error *error)
{
    okng_grown grown = {0};
    FILE *stream = okng_grown_stream(&grown);
    bool printed = stream && (form == OKNG_TABLE_CSV        ? okng_table_csv(table, stream)
                              : form == OKNG_TABLE_MARKDOWN ? okng_table_markdown(table, stream)
                                                            : okng_table_text(table, stream));
    OKNG_TRY(okng_grown_close(&grown, stream, text, NULL, error));
    if (printed) return OKNG_OK;
    free(*text);
    *text = NULL;
    return okng_fail_memory(error, table->rows * table->columns);
}

static json_t *row_json(const okng_results *experiment, const okng_category_figures *category)
{
    const okng_category_figures *first = category ? category : experiment->categories[0];
    json_t *row = json_pack("{s:s, s:s, s:s}", "dataset", first->dataset, "method", first->method, "experiment",
                            first->experiment);
    if (category) okng_json_put(&row, "category", json_string(category->name));
    okng_json_merge(&row, okng_tables_json(category ? category->values : experiment->mean));
    return row;
}

static okng_status print_json(const okng_collection *collection, bool per_category, char **text, okng_error *error)
{
    json_t *rows = json_array();
    for (size_t e = 0; e < collection->count; e++) {
        const okng_results *experiment = &collection->experiments[e];
        size_t count = per_category ? experiment->count : 1;
        for (size_t i = 0; i < count; i++)
            okng_json_add(&rows, row_json(experiment, per_category ? experiment->categories[i] : NULL));
    }
    okng_status status = okng_json_text(rows, OKNG_JSON_PRETTY, "the table", text, NULL, error);
    json_decref(rows);
    return status;
}

static okng_status collect(const char *const *dirs, size_t count, bool per_category, okng_table_form form, char **text,
                           okng_error *error)
{
    okng_collection collection;
    okng_table table = {0};
    OKNG_TRY(okng_collection_read(&collection, dirs, count, error));
    okng_status status = OKNG_OK;
    if (form == OKNG_TABLE_JSON)
        status = print_json(&collection, per_category, text, error);
    else
        status = okng_tables_joined(collection.experiments, collection.count, per_category,
                                    form == OKNG_TABLE_CSV    ? OKNG_TABLES_KEYS
                                    : form == OKNG_TABLE_TEXT ? OKNG_TABLES_BRIEF
                                                              : OKNG_TABLES_PRETTY,
                                    &table, error);
    if (status == OKNG_OK && table.cells) status = print_table(&table, form, text, error);
    okng_table_free(&table);
    okng_collection_free(&collection);
    return status;
}

okng_status okng_collect(const char *const *dirs, size_t count, int32_t per_category, okng_table_form form, char **text,
                         okng_error *error)
{
    OKNG_TRY(okng_need(text, "the place for the table", error));
    *text = NULL;
    OKNG_TRY(okng_need(dirs, "the folders", error));
    if (count == 0 || form < OKNG_TABLE_TEXT || form > OKNG_TABLE_JSON)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "no folder was given, or no form that there is");
    locale_t before = okng_locale_enter();
    okng_status status = collect(dirs, count, per_category != 0, form, text, error);
    okng_locale_leave(before);
    return status;
}

/* ---- plot ---- */

/* dir/figures/experiments, where there are several. */
static okng_status plot_several(const char *dir, const okng_collection *collection, uint64_t *files, okng_error *error)
{
    char *folder = okng_path_join(dir, "figures");
    okng_status status = folder ? okng_make_folders(folder, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK)
        status = okng_figure_save(okng_figure_experiments(collection->experiments, collection->count), folder,
                                  "experiments", files, error);
    free(folder);
    return status;
}

static okng_status plot(const char *dir, okng_plot_info *info, okng_error *error)
{
    okng_collection collection;
    okng_plot_info full = {
        .struct_size = sizeof full,
    };
    bool has_png;
    OKNG_TRY(okng_canvas_has_png(&has_png, error));
    full.has_png = has_png;
    OKNG_TRY(okng_collection_read(&collection, &dir, 1, error));
    full.experiments = collection.count;
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < collection.count && status == OKNG_OK; i++)
        status = okng_results_report_write(&collection.experiments[i], false, &full.files, error);
    if (status == OKNG_OK && collection.count > 1) status = plot_several(dir, &collection, &full.files, error);
    okng_collection_free(&collection);
    if (status == OKNG_OK && info) status = okng_sized_give(info, &full, sizeof full, "the report", error);
    return status;
}

okng_status okng_plot(const char *dir, okng_plot_info *info, okng_error *error)
{
    OKNG_TRY(okng_need(dir, "the folder", error));
    if (info) OKNG_TRY(okng_sized_check(info, "the report", error));
    locale_t before = okng_locale_enter();
    okng_status status = plot(dir, info, error);
    okng_locale_leave(before);
    return status;
}
