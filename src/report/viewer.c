/* Rows of the viewer, and the data that its page reads. */
#include "report/viewer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "report/viewer_parts.h"

enum { MAX_ROWS = 1 << 20, DIGITS = 9 };

/* ---- the handle ---- */

/* A folder of the viewer's own, emptied of what an earlier page left. */
static okng_status make_empty(const okng_viewer *viewer, const char *name, okng_error *error)
{
    char *path = okng_path_join(viewer->files, name);
    if (!path) return okng_fail_memory(error, OKNG_PATH_MAX);
    okng_status status = okng_remove_tree(path, error);
    if (status == OKNG_OK) status = okng_make_folders(path, error);
    free(path);
    return status;
}

okng_status okng_viewer_open(okng_viewer **out, const char *dir, const char *stem, okng_error *error)
{
    okng_viewer *viewer = calloc(1, sizeof *viewer);
    *out = NULL;
    if (!viewer) return okng_fail_memory(error, sizeof *viewer);
    char *beside = okng_path_join(dir, stem);
    *viewer = (okng_viewer){.dir = strdup(dir), .stem = strdup(stem), .rows = json_array()};
    if (!beside || asprintf(&viewer->files, "%s_files", beside) < 0) viewer->files = NULL;
    free(beside);
    okng_status status =
        viewer->dir && viewer->stem && viewer->files && viewer->rows ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    static const char *const folders[] = {"thumbs", "pictures", "crops"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0] && status == OKNG_OK; i++)
        status = make_empty(viewer, folders[i], error);
    if (status != OKNG_OK) okng_viewer_free(&viewer);
    *out = viewer;
    return status;
}

void okng_viewer_free(okng_viewer **viewer)
{
    if (!viewer || !*viewer) return;
    json_decref((*viewer)->rows);
    free((*viewer)->dir);
    free((*viewer)->stem);
    free((*viewer)->files);
    free(*viewer);
    *viewer = NULL;
}

/* ---- URLs ---- */

/* Of the bytes that may stand in a path as they are; ':' is not, so that no name begins with a scheme. */
static bool is_plain(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           (byte != 0 && strchr("/-_.~", byte) != NULL);
}

char *okng_viewer_url(const char *path)
{
    static const char digits[] = "0123456789ABCDEF", scheme[] = "file://";
    size_t length = strlen(path);
    char *url = length > SIZE_MAX / 4 ? NULL : malloc(3 * length + sizeof scheme + 2), *at = url;
    if (!url) return NULL;
    /* "//host/x" in a page's link is another machine; one slash more than needed does not hurt after file://. */
    if (*path == '/') at = stpcpy(at, scheme);
    for (const unsigned char *in = (const unsigned char *)path; *in; in++) {
        if (is_plain(*in)) {
            *at++ = (char)*in;
            continue;
        }
        *at++ = '%';
        *at++ = digits[*in >> 4];
        *at++ = digits[*in & 15];
    }
    *at = '\0';
    return url;
}

/* ---- rows as JSON: members that are not there have no value ---- */

static bool set(json_t *object, const char *key, json_t *value)
{
    return value && json_object_set_new(object, key, value) == 0;
}

static bool set_number(json_t *object, const char *key, double value)
{
    return !isfinite(value) || set(object, key, json_real(value));
}

static bool set_url(json_t *object, const char *key, const char *path)
{
    if (!path) return true;
    char *url = okng_viewer_url(path);
    bool good = url && set(object, key, json_string(url));
    free(url);
    return good;
}

static bool set_text(json_t *object, const char *key, const char *text)
{
    return !text || set(object, key, okng_json_any_text(text));
}

static json_t *reason_json(const okng_viewer_reason *reason)
{
    json_t *object = json_object();
    bool good = object && set_number(object, "score", reason->score) && set_text(object, "near", reason->near_name) &&
                set(object, "drawn", json_boolean(reason->near_drawn));
    if (good) return object;
    json_decref(object);
    return NULL;
}

static bool set_reasons(json_t *object, const okng_viewer_row *row)
{
    if (row->reason_count == 0) return true;
    json_t *list = json_array();
    bool good = list != NULL;
    for (size_t i = 0; i < row->reason_count && good; i++)
        good = json_array_append_new(list, reason_json(&row->reasons[i])) == 0;
    if (good) return set(object, "why", list);
    json_decref(list);
    return false;
}

static bool fill_row(json_t *object, const okng_viewer_row *row)
{
    static const char *const layers[OKNG_LAYERS] = {"overlay", "heat", "mask", "truth"};
    bool good = set(object, "id", json_integer((json_int_t)row->number)) && set_text(object, "name", row->name) &&
                set(object, "group", json_integer((json_int_t)row->group)) &&
                set(object, "verdict", json_integer(row->verdict)) && set(object, "label", json_integer(row->truth)) &&
                set_number(object, "score", row->score) && set_number(object, "p", row->p_value) &&
                set_url(object, "file", row->original) && set_text(object, "note", row->note) &&
                set(object, "drawn",
                    json_integer((row->drawn ? 1 : 0) + (row->heat_drawn ? 2 : 0) + (row->truth_drawn ? 4 : 0)));
    for (size_t i = 0; i < OKNG_LAYERS && good; i++) good = set_url(object, layers[i], row->layers[i]);
    return good && set_reasons(object, row);
}

okng_status okng_viewer_add(okng_viewer *viewer, const okng_viewer_row *row, okng_error *error)
{
    if (json_array_size(viewer->rows) >= MAX_ROWS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "a page of more than %d pictures", MAX_ROWS);
    json_t *object = json_object();
    if (object && fill_row(object, row) && json_array_append(viewer->rows, object) == 0) {
        json_decref(object);
        return OKNG_OK;
    }
    json_decref(object);
    return okng_fail(error, OKNG_ERROR_MEMORY, "out of memory for a row of a page");
}

/* ---- data.js ---- */

static json_t *groups_json(const okng_viewer_group *groups, size_t count)
{
    json_t *list = json_array();
    bool good = list != NULL;
    for (size_t i = 0; i < count && good; i++) {
        json_t *group = json_object();
        good = group && set_text(group, "name", groups[i].name ? groups[i].name : "") &&
               set_number(group, "threshold", groups[i].threshold) && set_number(group, "low", groups[i].low) &&
               set_number(group, "high", groups[i].high);
        if (!good)
            json_decref(group);
        else
            good = json_array_append_new(list, group) == 0;
    }
    if (good) return list;
    json_decref(list);
    return NULL;
}

static json_t *words_json(void)
{
    json_t *words = json_object();
    for (const okng_viewer_word *word = okng_viewer_words; words && word->key; word++)
        if (!set(words, word->key, json_string(okng_translate(word->text)))) {
            json_decref(words);
            return NULL;
        }
    return words;
}

static json_t *document(const okng_viewer *viewer, const okng_viewer_group *groups, size_t count)
{
    json_t *root = json_object();
    bool good = root && set(root, "version", json_integer(1)) && set_text(root, "files", viewer->stem) &&
                set(root, "words", words_json()) && set(root, "groups", groups_json(groups, count)) &&
                json_object_set(root, "rows", viewer->rows) == 0;
    if (good) return root;
    json_decref(root);
    return NULL;
}

/* All that is not ASCII is written as \u escapes: no encoding, no line separator and no tag can be mistaken. */
okng_status okng_viewer_write_data(const okng_viewer *viewer, const okng_viewer_group *groups, size_t count,
                                   okng_error *error)
{
    okng_writer writer;
    json_t *root = document(viewer, groups, count);
    if (!root) return okng_fail(error, OKNG_ERROR_MEMORY, "out of memory for the data of a page");
    char *path = okng_path_join(viewer->files, "data.js");
    okng_status status = path ? okng_writer_open(&writer, path, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    free(path);
    if (status == OKNG_OK) {
        (void)fputs("\"use strict\";\nvar okngViewerData = ", writer.stream);
        int failed = json_dumpf(root, writer.stream,
                                JSON_ENSURE_ASCII | JSON_COMPACT | JSON_ESCAPE_SLASH | JSON_REAL_PRECISION(DIGITS));
        (void)fputs(";\n", writer.stream);
        if (failed != 0 && !ferror(writer.stream)) {
            okng_writer_abort(&writer);
            status = okng_fail(error, OKNG_ERROR_MEMORY, "out of memory for the data of a page");
        } else {
            status = okng_writer_commit(&writer, error); /* tells what could not be written */
        }
    }
    json_decref(root);
    return status;
}
