/* What a category leaves on disk besides its pictures. */
#include <float.h>
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
#include "method/window_json.h"
#include "model/methods.h"
#include "options/number.h"
#include "report/results.h"

/* "overlays/test/crack/000.png" */
static void put_file(json_t **row, const char *key, const char *folder, const char *name, const char *ending)
{
    size_t size = strlen(folder) + strlen(name) + strlen(ending) + 2;
    char *path = malloc(size);
    if (path) (void)snprintf(path, size, "%s/%s%s", folder, name, ending);
    okng_json_put(row, key, okng_json_any_text(path));
    free(path);
}

/* null where the bank has no threshold; before it is there, what takes more */
static json_t *verdict_json(const okng_category_job *job, const okng_picture_result *picture)
{
    if (job->info.tau && isnan(job->info.tau->image)) return json_null();
    return json_string(picture->ng ? "NG" : "OK");
}

/* `name`: what its pictures are called; NULL where none were drawn. */
static json_t *picture_json(const okng_category_job *job, const okng_picture_result *picture, const char *name)
{
    const okng_sample *sample = picture->sample;
    json_t *row =
        json_pack("{s:o, s:o, s:o, s:i, s:f, s:o, s:o, s:f}", "path", okng_json_any_text(sample->path), "name",
                  okng_json_any_text(sample->name), "defect", okng_json_any_text(sample->kind), "label", sample->label,
                  "score", (double)picture->score, "verdict", verdict_json(job, picture), "p_value",
                  okng_json_known(picture->p_value), "milliseconds", picture->milliseconds);
    if (picture->window.kind != OKNG_WINDOW_NONE) okng_json_put(&row, "window", okng_window_json(&picture->window));
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
    return row;
}

/* ---- whether they will fit ---- */

static int by_name_length(const void *a, const void *b)
{
    const okng_sample *const *x = a, *const *y = b;
    const size_t first = strlen((*x)->name), second = strlen((*y)->name);
    return (first < second) - (first > second);
}

/* The longest that a method may tell of windows: those that need no pictures do. */
static okng_scored_window longest_window(const okng_category_job *job)
{
    enum { LONGEST = 65535 }; /* pixels of a side */
    const okng_method *method;
    if (okng_method_find(&method, job->config->build.method, NULL) != OKNG_OK || (method->needs & OKNG_NEEDS_PICTURES))
        return (okng_scored_window){.kind = OKNG_WINDOW_NONE};
    return (okng_scored_window){.kind = OKNG_WINDOW_PICTURES,
                                .scale = LONGEST,
                                .row = LONGEST,
                                .column = LONGEST,
                                .rows = LONGEST,
                                .columns = LONGEST,
                                .x = LONGEST,
                                .y = LONGEST,
                                .width = LONGEST,
                                .height = LONGEST,
                                .score = -FLT_MIN,
                                .depth = LONGEST};
}

/* Adds what scores.json will hold of a picture at most; *fits is false where that leads over a limit. */
static okng_status count_picture(const okng_category_job *job, const okng_sample *sample, bool drawn,
                                 okng_json_counter *counter, bool *fits, okng_error *error)
{
    enum { DEEPER = 8 }; /* spaces before each line there */
    const okng_picture_result longest = {.sample = sample,
                                         .score = -FLT_MIN,
                                         .p_value = -DBL_MIN,
                                         .milliseconds = -DBL_MIN,
                                         .window = longest_window(job)};
    char *text;
    size_t size;
    json_t *row = picture_json(job, &longest, drawn ? sample->name : NULL);
    okng_status status = okng_json_text(row, OKNG_JSON_PRETTY, "scores.json", &text, &size, error);
    json_decref(row);
    if (status != OKNG_OK) return status;
    const size_t lines = counter->lines;
    *fits = okng_json_count(counter, text, size);
    counter->bytes += DEEPER * (counter->lines - lines + 1);
    free(text);
    return OKNG_OK;
}

okng_status okng_category_check_scores(const okng_category_job *job, okng_error *error)
{
    const okng_experiment_config *config = job->config;
    const size_t count = job->test_count, wanted = (size_t)config->num_examples;
    const size_t drawn = config->num_examples < 0 || wanted > count ? count : wanted;
    const okng_sample **samples = okng_alloc(count > 0 ? count : 1, sizeof *samples);
    if (!samples) return okng_fail_memory(error, count * sizeof *samples);
    for (size_t i = 0; i < count; i++) samples[i] = job->test[i];
    qsort(samples, count, sizeof *samples, by_name_length); /* those drawn may be those of the longest names */
    okng_json_counter counter = {.limits = &okng_score_limits, .depth = 2, .bytes = 1 << 10, .items = 8};
    bool fits = true;
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < count && fits && status == OKNG_OK; i++)
        status = count_picture(job, samples[i], i < drawn, &counter, &fits, error);
    free(samples);
    if (status != OKNG_OK || fits) return status;
    return okng_fail(error, OKNG_ERROR_LIMIT,
                     "%s: scores.json cannot hold %zu test pictures, %zu of them drawn; draw fewer "
                     "(visualization.num_examples), or test with fewer pictures, or shorter names",
                     job->name, count, drawn);
}

/* ---- writing ---- */

static okng_status write_scores(const okng_category_job *job, okng_error *error)
{
    char *path = okng_path_join(job->folder, "scores.json");
    if (!path) return okng_fail_memory(error, strlen(job->folder));
    json_t *pictures = json_array();
    for (size_t i = 0; i < job->test_count; i++) {
        const bool drawn = job->pictures[i].drawn;
        char *name = drawn ? okng_example_name(job->test, job->test_count, i) : NULL;
        okng_json_add(&pictures, drawn && !name ? NULL : picture_json(job, &job->pictures[i], name));
        free(name);
    }
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
