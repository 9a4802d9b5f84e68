/* Rows of the viewer, and the data that its page reads. */
#include "report/viewer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "report/viewer_parts.h"

enum { MAX_ROWS = 1 << 20, DIGITS = 9 };

/* ---- the handle ---- */

/* "7.jpg", "7_truth.jpg", "7_2_near.jpg" ...: files of a picture by its number. */
static bool is_own(const char *name)
{
    static const char *const endings[] = {".jpg", "_truth.jpg", ".webp", "_heat.webp", "_found.jpg", "_near.jpg"};
    static const char digits[] = "0123456789";
    size_t number = strspn(name, digits);
    const char *end = name + number;
    if (number == 0) return false;
    if (end[0] == '_' && strspn(end + 1, digits) > 0) end += 1 + strspn(end + 1, digits);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (strcmp(end, endings[i]) == 0) return true;
    return false;
}

/* A folder of the viewer's own, emptied of what an earlier page left. */
static okng_status make_empty(const okng_viewer *viewer, const char *name, okng_error *error)
{
    char *path = okng_path_join(viewer->files, name);
    if (!path) return okng_fail_memory(error, OKNG_PATH_MAX);
    okng_status status = okng_remove_own(path, is_own, error);
    if (status == OKNG_OK) status = okng_make_folders(path, error);
    free(path);
    return status;
}

/* The page goes first and comes last: where it is, what it shows is complete. */
static okng_status remove_page(const char *beside, okng_error *error)
{
    char *path = NULL;
    if (!beside || asprintf(&path, "%s.html", beside) < 0) return okng_fail_memory(error, OKNG_PATH_MAX);
    okng_status status = unlink(path) == 0 || errno == ENOENT ? OKNG_OK : okng_fail_errno(error, "replace", path);
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
    okng_status status =
        viewer->dir && viewer->stem && viewer->files && viewer->rows ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK) status = remove_page(beside, error);
    free(beside);
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

/* A path as a URL: relative, or file:// where it is absolute; every byte that could mean anything is %-encoded.
 * malloc'd, NULL when memory is out. */
static char *url_of(const char *path)
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

static void put_number(json_t **object, const char *key, double value)
{
    if (isfinite(value)) okng_json_put(object, key, json_real(value));
}

static void put_url(json_t **object, const char *key, const char *path)
{
    if (!path) return;
    char *url = url_of(path);
    okng_json_put(object, key, okng_json_any_text(url));
    free(url);
}

static void put_text(json_t **object, const char *key, const char *text)
{
    if (text) okng_json_put(object, key, okng_json_any_text(text));
}

static json_t *reason_json(const okng_viewer_reason *reason)
{
    json_t *object = json_object();
    put_number(&object, "score", reason->score);
    put_text(&object, "near", reason->near_name);
    okng_json_put(&object, "drawn", json_boolean(reason->near_drawn));
    return object;
}

static json_t *row_json(const okng_viewer_row *row)
{
    static const char *const layers[OKNG_LAYERS] = {"overlay", "heat", "mask", "truth"};
    json_t *object = json_object(), *reasons = json_array();
    okng_json_put(&object, "id", json_integer((json_int_t)row->number));
    put_text(&object, "name", row->name);
    okng_json_put(&object, "group", json_integer((json_int_t)row->group));
    okng_json_put(&object, "verdict", json_integer(row->verdict));
    okng_json_put(&object, "label", json_integer(row->truth));
    put_number(&object, "score", row->score);
    put_number(&object, "p", row->p_value);
    put_url(&object, "file", row->original);
    put_text(&object, "note", row->note);
    okng_json_put(&object, "drawn",
                  json_integer((row->drawn ? 1 : 0) + (row->heat_drawn ? 2 : 0) + (row->truth_drawn ? 4 : 0)));
    for (size_t i = 0; i < OKNG_LAYERS; i++) put_url(&object, layers[i], row->layers[i]);
    for (size_t i = 0; i < row->reason_count; i++) okng_json_add(&reasons, reason_json(&row->reasons[i]));
    if (row->reason_count > 0)
        okng_json_put(&object, "why", reasons);
    else
        json_decref(reasons);
    return object;
}

okng_status okng_viewer_add(okng_viewer *viewer, const okng_viewer_row *row, okng_error *error)
{
    if (json_array_size(viewer->rows) >= MAX_ROWS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "a page of more than %d pictures", MAX_ROWS);
    okng_json_add(&viewer->rows, row_json(row));
    return viewer->rows ? OKNG_OK : okng_fail(error, OKNG_ERROR_MEMORY, "out of memory for a row of a page");
}

/* ---- data.js ---- */

static json_t *groups_json(const okng_viewer_group *groups, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *group = json_object();
        put_text(&group, "name", groups[i].name ? groups[i].name : "");
        put_number(&group, "threshold", groups[i].threshold);
        put_number(&group, "low", groups[i].low);
        put_number(&group, "high", groups[i].high);
        okng_json_add(&list, group);
    }
    return list;
}

static json_t *words_json(void)
{
    json_t *words = json_object();
    for (const okng_viewer_word *word = okng_viewer_words; word->key; word++)
        okng_json_put(&words, word->key, json_string(okng_translate(word->text)));
    return words;
}

/* All that is not ASCII is written as \u escapes: no encoding, no line separator and no tag can be mistaken. */
static okng_status data_text(const okng_viewer *viewer, const okng_viewer_group *groups, size_t count, char **text,
                             okng_error *error)
{
    json_t *root = json_pack("{s:i, s:o, s:o, s:o, s:O}", "version", 1, "files", okng_json_any_text(viewer->stem),
                             "words", words_json(), "groups", groups_json(groups, count), "rows", viewer->rows);
    okng_status status =
        okng_json_text(root, JSON_ENSURE_ASCII | JSON_COMPACT | JSON_ESCAPE_SLASH | JSON_REAL_PRECISION(DIGITS),
                       viewer->files, text, NULL, error);
    json_decref(root);
    return status;
}

okng_status okng_viewer_write_data(const okng_viewer *viewer, const okng_viewer_group *groups, size_t count,
                                   okng_error *error)
{
    okng_writer writer;
    char *text = NULL, *path = okng_path_join(viewer->files, "data.js");
    okng_status status = path ? data_text(viewer, groups, count, &text, error) : okng_fail_memory(error, OKNG_PATH_MAX);
    if (status == OKNG_OK) status = okng_writer_open(&writer, path, error);
    if (status == OKNG_OK) {
        (void)fputs(OKNG_VIEWER_DATA, writer.stream);
        (void)fputs(text, writer.stream);
        (void)fputs(";\n", writer.stream);
        status = okng_writer_commit(&writer, error); /* tells what could not be written */
    }
    free(text);
    free(path);
    return status;
}
