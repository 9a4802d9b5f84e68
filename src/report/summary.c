#include "report/summary.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "base/locale.h"
#include "report/tables.h"

static okng_status write_table(const char *dir, const char *name, const okng_table *table,
                               bool (*form)(const okng_table *, FILE *), okng_error *error)
{
    char *path = okng_path_join(dir, name);
    okng_status status = path ? okng_tables_write(table, form, path, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    free(path);
    return status;
}

static okng_status write_tables(const okng_results *experiment, okng_error *error)
{
    okng_table all = {0}, pretty = {0};
    okng_status status = okng_tables_summary(experiment, &all, error);
    if (status == OKNG_OK) status = okng_tables_pretty(experiment, &pretty, error);
    if (status == OKNG_OK) status = write_table(experiment->dir, "summary_metrics.csv", &all, okng_table_csv, error);
    if (status == OKNG_OK)
        status = write_table(experiment->dir, "summary_metrics_pretty.csv", &pretty, okng_table_csv, error);
    if (status == OKNG_OK)
        status = write_table(experiment->dir, "summary_metrics_pretty.md", &pretty, okng_table_markdown, error);
    okng_table_free(&all);
    okng_table_free(&pretty);
    return status;
}

static okng_status write_document(const okng_results *experiment, okng_error *error)
{
    char *path = okng_path_join(experiment->dir, "metrics.json");
    if (!path) return okng_fail_memory(error, OKNG_PATH_MAX);
    json_t *document = okng_tables_document(experiment);
    okng_status status = okng_json_write(document, path, error);
    free(path);
    json_decref(document);
    return status;
}

static okng_status write_summary(const char *experiment_dir, okng_error *error)
{
    okng_results experiment;
    OKNG_TRY(okng_results_read(&experiment, experiment_dir, error));
    okng_status status = write_tables(&experiment, error);
    if (status == OKNG_OK) status = write_document(&experiment, error);
    okng_results_free(&experiment);
    return status;
}

okng_status okng_summary_write(const char *experiment_dir, okng_error *error)
{
    locale_t before = okng_locale_enter();
    okng_status status = write_summary(experiment_dir, error);
    okng_locale_leave(before);
    return status;
}
