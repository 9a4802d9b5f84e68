/* metrics.json and scores.json, with bounds. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "report/results.h"

static okng_status read_label(const json_t *root, const char *path, const char *key, bool needed, char *out,
                              okng_error *error)
{
    const char *text;
    if (!needed && !json_object_get(root, key)) return OKNG_OK;
    OKNG_TRY(okng_json_string(root, path, key, &text, error));
    size_t length = strlen(text);
    if (length >= OKNG_LABEL_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: \"%s\" has %zu bytes, expected at most %d", path, key, length,
                         OKNG_LABEL_MAX - 1);
    memcpy(out, text, length + 1);
    return OKNG_OK;
}

/* The member `key` where it is an object; NULL where it is missing. */
static okng_status section_of(const json_t *root, const char *path, const char *key, const json_t **out,
                              okng_error *error)
{
    const json_t *member = *out = json_object_get(root, key);
    if (!member || json_is_object(member)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"%s\" is of the wrong kind, expected an object", path, key);
}

static okng_status read_column(const json_t *root, const char *path, const okng_column *column, double *value,
                               okng_error *error)
{
    const json_t *holder = root;
    if (column->section) OKNG_TRY(section_of(root, path, column->section, &holder, error));
    *value = NAN;
    if (!holder || !json_object_get(holder, column->member)) return OKNG_OK;
    double low = column->kind == OKNG_COLUMN_SCORE ? -DBL_MAX : 0;
    double high = column->kind == OKNG_COLUMN_SHARE ? 1 + 1e-9 : DBL_MAX;
    return okng_json_number(holder, path, column->member, low, high, value, error);
}

static bool share(const json_t *value, double *out)
{
    *out = json_is_number(value) ? json_number_value(value) : NAN;
    return *out >= 0 && *out <= 1 + 1e-9;
}

static okng_status read_curve(const json_t *curves, const char *path, const char *key, okng_curve *curve,
                              okng_error *error)
{
    const json_t *points = curves ? json_object_get(curves, key) : NULL;
    curve->count = 0;
    if (!points) return OKNG_OK;
    size_t count = json_array_size(points);
    if (!json_is_array(points) || count > OKNG_CURVE_POINTS)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"curves\", \"%s\": %zu points, expected at most %d", path, key,
                         count, OKNG_CURVE_POINTS);
    for (size_t i = 0; i < count; i++) {
        const json_t *point = json_array_get(points, i);
        struct okng_curve_point *at = &curve->points[i];
        if (json_array_size(point) != 2 || !share(json_array_get(point, 0), &at->x) ||
            !share(json_array_get(point, 1), &at->y))
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"curves\", \"%s\": point %zu is no pair of rates in 0..1",
                             path, key, i);
    }
    curve->count = count;
    return OKNG_OK;
}

static okng_status read_figures(const json_t *root, const char *path, okng_category_figures *figures, okng_error *error)
{
    int64_t version;
    const json_t *curves, *network;
    OKNG_TRY(okng_json_integer(root, path, "okng_metrics", 1, 1, &version, error));
    OKNG_TRY(read_label(root, path, "category", true, figures->name, error));
    OKNG_TRY(read_label(root, path, "dataset", true, figures->dataset, error));
    OKNG_TRY(read_label(root, path, "method", true, figures->method, error));
    OKNG_TRY(read_label(root, path, "experiment", true, figures->experiment, error));
    OKNG_TRY(section_of(root, path, "network", &network, error));
    if (network) OKNG_TRY(read_label(network, path, "backbone", false, figures->backbone, error));
    for (size_t i = 0; i < OKNG_COLUMNS; i++)
        OKNG_TRY(read_column(root, path, &okng_columns[i], &figures->values[i], error));
    OKNG_TRY(section_of(root, path, "curves", &curves, error));
    OKNG_TRY(read_curve(curves, path, "image_roc", &figures->image_roc, error));
    OKNG_TRY(read_curve(curves, path, "pixel_roc", &figures->pixel_roc, error));
    return read_curve(curves, path, "pro", &figures->pro, error);
}

okng_status okng_category_figures_read(okng_category_figures *figures, const char *path, okng_error *error)
{
    json_t *root;
    memset(figures, 0, sizeof *figures);
    OKNG_TRY(okng_json_read(&root, path, error));
    okng_status status = read_figures(root, path, figures, error);
    json_decref(root);
    return status;
}

/* ---- scores.json ---- */

/* Below the category's folder and nowhere else. */
static bool is_inside(const char *path)
{
    if (!*path || *path == '/' || strlen(path) >= OKNG_PATH_MAX) return false;
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || !part[2])) return false;
    }
    return true;
}

static okng_status read_file_name(const json_t *entry, const char *path, const char *key, char **out, okng_error *error)
{
    const char *name;
    if (!json_object_get(entry, key)) return OKNG_OK;
    OKNG_TRY(okng_json_string(entry, path, key, &name, error));
    if (!is_inside(name))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"%s\" is \"%.200s\", expected a file below its folder", path,
                         key, name);
    *out = strdup(name);
    return *out ? OKNG_OK : okng_fail_memory(error, strlen(name) + 1);
}

static okng_status read_picture(const json_t *entry, const char *path, okng_picture_score *picture, okng_error *error)
{
    const char *name, *verdict;
    int64_t label;
    OKNG_TRY(okng_json_string(entry, path, "name", &name, error));
    OKNG_TRY(okng_json_string(entry, path, "verdict", &verdict, error));
    OKNG_TRY(okng_json_integer(entry, path, "label", 0, 1, &label, error));
    OKNG_TRY(okng_json_number(entry, path, "score", -DBL_MAX, DBL_MAX, &picture->score, error));
    if (strlen(name) >= OKNG_PATH_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: a picture's name has %zu bytes, expected fewer than %d", path,
                         strlen(name), OKNG_PATH_MAX);
    if (json_object_get(entry, "milliseconds"))
        OKNG_TRY(okng_json_number(entry, path, "milliseconds", 0, DBL_MAX, &picture->milliseconds, error));
    picture->bad = label == 1;
    picture->ng = strcmp(verdict, "NG") == 0;
    picture->name = strdup(name);
    if (!picture->name) return okng_fail_memory(error, strlen(name) + 1);
    OKNG_TRY(read_file_name(entry, path, "overlay", &picture->overlay, error));
    return read_file_name(entry, path, "heat", &picture->heat, error);
}

static okng_status read_scores(const json_t *root, const char *path, okng_score_list *list, okng_error *error)
{
    const json_t *pictures = json_object_get(root, "pictures");
    size_t count = json_array_size(pictures);
    if (!json_is_array(pictures) || count > OKNG_MAX_SCORES)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"pictures\" is no array of at most %d pictures", path,
                         OKNG_MAX_SCORES);
    list->threshold = NAN;
    if (json_object_get(root, "threshold"))
        OKNG_TRY(okng_json_number(root, path, "threshold", -DBL_MAX, DBL_MAX, &list->threshold, error));
    list->pictures = calloc(count ? count : 1, sizeof *list->pictures);
    if (!list->pictures) return okng_fail_memory(error, count * sizeof *list->pictures);
    list->count = count; /* what is not filled is NULL */
    for (size_t i = 0; i < count; i++)
        OKNG_TRY(read_picture(json_array_get(pictures, i), path, &list->pictures[i], error));
    return OKNG_OK;
}

okng_status okng_score_list_read(okng_score_list *list, const char *path, okng_error *error)
{
    json_t *root;
    *list = (okng_score_list){0};
    OKNG_TRY(okng_json_read(&root, path, error));
    okng_status status = read_scores(root, path, list, error);
    json_decref(root);
    if (status != OKNG_OK) okng_score_list_free(list);
    return status;
}

void okng_score_list_free(okng_score_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->pictures[i].name);
        free(list->pictures[i].overlay);
        free(list->pictures[i].heat);
    }
    free(list->pictures);
    *list = (okng_score_list){0};
}
