/* scores.json, with bounds. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "report/results.h"

/* Of each picture some 8 members, and up to 6 more where pictures of it were kept. */
const okng_json_limits okng_score_limits = {
    .bytes = 64 << 20, .items = 32 * OKNG_MAX_SCORES + 64, .text = 6 * 3 * OKNG_PATH_MAX, .depth = 8};

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
    const char *name, *verdict = NULL;
    int64_t label;
    OKNG_TRY(okng_json_string(entry, path, "name", &name, error));
    if (!json_is_null(json_object_get(entry, "verdict"))) /* of a bank without a threshold */
        OKNG_TRY(okng_json_string(entry, path, "verdict", &verdict, error));
    OKNG_TRY(okng_json_integer(entry, path, "label", 0, 1, &label, error));
    OKNG_TRY(okng_json_number(entry, path, "score", -DBL_MAX, DBL_MAX, &picture->score, error));
    if (strlen(name) >= OKNG_PATH_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: a picture's name has %zu bytes, expected fewer than %d", path,
                         strlen(name), OKNG_PATH_MAX);
    if (json_object_get(entry, "milliseconds"))
        OKNG_TRY(okng_json_number(entry, path, "milliseconds", 0, DBL_MAX, &picture->milliseconds, error));
    picture->bad = label == 1;
    picture->judged = verdict != NULL;
    picture->ng = verdict && strcmp(verdict, "NG") == 0;
    picture->name = strdup(name);
    if (!picture->name) return okng_fail_memory(error, strlen(name) + 1);
    OKNG_TRY(read_file_name(entry, path, "overlay", &picture->overlay, error));
    OKNG_TRY(read_file_name(entry, path, "picture", &picture->picture, error));
    OKNG_TRY(read_file_name(entry, path, "truth", &picture->truth, error));
    OKNG_TRY(read_file_name(entry, path, "heat_color", &picture->heat_colour, error));
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
    const json_t *threshold = json_object_get(root, "threshold");
    if (threshold && !json_is_null(threshold))
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
    OKNG_TRY(okng_json_read(&root, path, &okng_score_limits, error));
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
        free(list->pictures[i].heat_colour);
        free(list->pictures[i].picture);
        free(list->pictures[i].truth);
    }
    free(list->pictures);
    *list = (okng_score_list){0};
}
