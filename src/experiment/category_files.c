/* What a category leaves on disk besides its pictures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "experiment/category.h"
#include "experiment/examples.h"
#include "options/number.h"

/* "overlays/test/crack/000.png" */
static void put_file(json_t **row, const char *key, const char *folder, const char *name, const char *ending)
{
    size_t size = strlen(folder) + strlen(name) + strlen(ending) + 2;
    char *path = malloc(size);
    if (path) (void)snprintf(path, size, "%s/%s%s", folder, name, ending);
    okng_json_put(row, key, okng_json_any_text(path));
    free(path);
}

/* null where the bank has no threshold */
static json_t *verdict_json(const okng_category_job *job, const okng_picture_result *picture)
{
    if (isnan(job->info.tau->image)) return json_null();
    return json_string(picture->ng ? "NG" : "OK");
}

static json_t *picture_json(const okng_category_job *job, size_t i)
{
    const okng_picture_result *picture = &job->pictures[i];
    const okng_sample *sample = picture->sample;
    json_t *row =
        json_pack("{s:o, s:o, s:o, s:i, s:f, s:o, s:o, s:f}", "path", okng_json_any_text(sample->path), "name",
                  okng_json_any_text(sample->name), "defect", okng_json_any_text(sample->kind), "label", sample->label,
                  "score", (double)picture->score, "verdict", verdict_json(job, picture), "p_value",
                  okng_json_known(picture->p_value), "milliseconds", picture->milliseconds);
    char *name = row && picture->drawn ? okng_example_name(job->test, job->test_count, i) : NULL;
    if (name && job->config->save_overlay) {
        put_file(&row, "overlay", "overlays", name, ".png");
        put_file(&row, "picture", "pictures", name, ".jpg");
        put_file(&row, "heat_color", "heats", name, ".png");
        if (sample->mask_count > 0) put_file(&row, "truth", "truth", name, ".png");
    }
    if (name && job->config->save_anomaly_map) {
        put_file(&row, "map", "anomaly_maps", name, ".npy");
        put_file(&row, "heat", "anomaly_maps", name, ".png");
    }
    free(name);
    return row;
}

static okng_status write_scores(const okng_category_job *job, okng_error *error)
{
    char *path = okng_path_join(job->folder, "scores.json");
    if (!path) return okng_fail_memory(error, strlen(job->folder));
    json_t *pictures = json_array();
    for (size_t i = 0; i < job->test_count; i++) okng_json_add(&pictures, picture_json(job, i));
    json_t *document =
        json_pack("{s:o, s:o}", "threshold", okng_json_known((double)job->info.tau->image), "pictures", pictures);
    okng_status status = okng_json_write(document, path, error);
    json_decref(document);
    free(path);
    return status;
}

/* A row of all figures, with every digit. */
static void write_row(FILE *stream, const okng_category_figures *result)
{
    (void)fputs("category", stream);
    for (size_t i = 0; i < OKNG_FIGURES; i++) (void)fprintf(stream, ",%s", okng_figures[i].key);
    (void)fputs("\n", stream);
    okng_csv_write_field(stream, result->name);
    for (int i = 0; i < OKNG_FIGURES; i++) {
        char text[64] = "";
        double value = result->values[i];
        if (i == OKNG_FIGURE_SEED)
            (void)snprintf(text, sizeof text, "%lld", (long long)result->seed);
        else if (isnan(value))
            ; /* empty */
        else if (okng_figure_is_whole((okng_figure_id)i))
            (void)snprintf(text, sizeof text, "%.0f", value);
        else
            okng_number_text(value, false, text, sizeof text);
        (void)fprintf(stream, ",%s", text);
    }
    (void)fputs("\n", stream);
}

static okng_status write_csv(const okng_category_figures *result, const char *path, okng_error *error)
{
    okng_writer writer;
    OKNG_TRY(okng_writer_open(&writer, path, error));
    write_row(writer.stream, result);
    return okng_writer_commit(&writer, error);
}

okng_status okng_category_write(const okng_category_job *job, okng_error *error)
{
    okng_category_figures *result = job->result;
    result->values[OKNG_FIGURE_PEAK_BYTES] = (double)okng_memory_peak();
    OKNG_TRY(write_scores(job, error));
    char *csv = okng_path_join(job->folder, "metrics.csv"), *json = okng_path_join(job->folder, "metrics.json");
    okng_status status = csv && json ? OKNG_OK : okng_fail_memory(error, strlen(job->folder));
    if (status == OKNG_OK) status = write_csv(result, csv, error);
    if (status == OKNG_OK) status = okng_category_figures_write(result, json, error);
    free(csv);
    free(json);
    return status;
}
