#include "eval/category_figures.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/json.h"

void okng_category_figures_init(okng_category_figures *figures)
{
    memset(figures, 0, sizeof *figures);
    okng_figures_init(figures->values);
}

/* ---- reading -------------------------------------------------------------------------------- */

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

static okng_status read_figure(const json_t *root, const char *path, const okng_figure *figure, double *value,
                               okng_error *error)
{
    const json_t *holder = root;
    if (figure->section) OKNG_TRY(section_of(root, path, figure->section, &holder, error));
    *value = NAN;
    if (!holder || !json_object_get(holder, figure->member)) return OKNG_OK;
    double low = figure->unit == OKNG_UNIT_SCORE ? -DBL_MAX : 0;
    double high = figure->unit == OKNG_UNIT_SHARE ? 1 + 1e-9 : DBL_MAX;
    return okng_json_number(holder, path, figure->member, low, high, value, error);
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
    for (size_t i = 0; i < OKNG_FIGURES; i++)
        OKNG_TRY(read_figure(root, path, &okng_figures[i], &figures->values[i], error));
    if (json_object_get(root, "seed"))
        OKNG_TRY(okng_json_integer(root, path, "seed", 0, INT64_MAX, &figures->seed, error));
    OKNG_TRY(section_of(root, path, "curves", &curves, error));
    OKNG_TRY(read_curve(curves, path, "image_roc", &figures->image_roc, error));
    OKNG_TRY(read_curve(curves, path, "pixel_roc", &figures->pixel_roc, error));
    return read_curve(curves, path, "pro", &figures->pro, error);
}

okng_status okng_category_figures_read(okng_category_figures *figures, const char *path, okng_error *error)
{
    json_t *root;
    memset(figures, 0, sizeof *figures);
    OKNG_TRY(okng_json_read(&root, path, &okng_json_small, error));
    okng_status status = read_figures(root, path, figures, error);
    json_decref(root);
    return status;
}

/* ---- writing -------------------------------------------------------------------------------- */

json_t *okng_figure_json(okng_figure_id id, double value)
{
    bool counts = okng_figure_is_whole(id) || okng_figures[id].unit == OKNG_UNIT_OPERATIONS;
    bool exact = counts && value == floor(value) && fabs(value) < 9e15;
    return exact ? json_integer((json_int_t)value) : json_real(value);
}

static void need_section(json_t **document, const char *name)
{
    if (name && !json_object_get(*document, name)) okng_json_put(document, name, json_object());
}

/* A member of a section, or of the document itself. */
static void put_member(json_t **document, const char *section, const char *key, json_t *value)
{
    if (!section) {
        okng_json_put(document, key, value);
        return;
    }
    need_section(document, section);
    json_t *own = json_incref(json_object_get(*document, section));
    okng_json_put(&own, key, value);
    okng_json_put(document, section, own); /* in its place */
}

static void put_figures(json_t **document, const okng_category_figures *figures)
{
    for (int id = 0; id < OKNG_FIGURES; id++) {
        double value = figures->values[id];
        need_section(document, okng_figures[id].section);
        if (!isfinite(value)) continue; /* JSON has no infinity */
        json_t *json =
            id == OKNG_FIGURE_SEED ? json_integer(figures->seed) : okng_figure_json((okng_figure_id)id, value);
        put_member(document, okng_figures[id].section, okng_figures[id].member, json);
    }
}

static void put_curve(json_t **curves, const char *key, const okng_curve *curve)
{
    if (curve->count == 0) return;
    json_t *points = json_array();
    for (size_t i = 0; i < curve->count; i++)
        okng_json_add(&points, json_pack("[ff]", curve->points[i].x, curve->points[i].y));
    okng_json_put(curves, key, points);
}

static json_t *document_of(const okng_category_figures *figures)
{
    json_t *document =
        json_pack("{s:i, s:s, s:o, s:s, s:s}", "okng_metrics", 1, "dataset", figures->dataset, "category",
                  okng_json_any_text(figures->name), "method", figures->method, "experiment", figures->experiment);
    json_t *curves = json_object();
    put_figures(&document, figures);
    put_member(&document, "network", "backbone", json_string(figures->backbone));
    put_curve(&curves, "image_roc", &figures->image_roc);
    put_curve(&curves, "pixel_roc", &figures->pixel_roc);
    put_curve(&curves, "pro", &figures->pro);
    okng_json_put(&document, "curves", curves);
    return document;
}

okng_status okng_category_figures_write(const okng_category_figures *figures, const char *path, okng_error *error)
{
    json_t *document = document_of(figures);
    okng_status status = okng_json_write(document, path, error);
    json_decref(document);
    return status;
}
