/* labelme: beside a picture its JSON file of the same name, with the shapes that were drawn in it. A picture without
 * one, or with none in it, is good. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "data/annotated.h"
#include "data/listing.h"
#include "data/picture_list.h"

/* The picture itself may be in the file, as text. */
static const okng_json_limits shape_limits = {.bytes = 128 << 20, .items = 1 << 21, .text = 128 << 20, .depth = 16};

/* ---- shapes --------------------------------------------------------------------------------- */

static okng_status refuse(const char *path, size_t shape, const char *what, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: shape %zu %s", path, shape + 1, what);
}

static okng_status read_points(const json_t *points, const char *path, size_t shape, okng_outlines *outlines,
                               okng_error *error)
{
    for (size_t i = 0; i < json_array_size(points); i++) {
        const json_t *point = json_array_get(points, i);
        const json_t *x = json_array_get(point, 0), *y = json_array_get(point, 1);
        if (json_array_size(point) != 2 || !json_is_number(x) || !json_is_number(y))
            return refuse(path, shape, "has a point that is no pair of numbers", error);
        OKNG_TRY(okng_outline_number(outlines, json_number_value(x), error));
        OKNG_TRY(okng_outline_number(outlines, json_number_value(y), error));
    }
    return OKNG_OK;
}

/* The corners of a rectangle between those of two points. */
static okng_status read_rectangle(const json_t *points, const char *path, size_t shape, okng_outlines *outlines,
                                  okng_error *error)
{
    static const int corners[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    if (json_array_size(points) == 4) return read_points(points, path, shape, outlines, error);
    if (json_array_size(points) != 2) return refuse(path, shape, "is a rectangle without two points", error);
    for (int corner = 0; corner < 4; corner++)
        for (int axis = 0; axis < 2; axis++) {
            const json_t *number = json_array_get(json_array_get(points, (size_t)corners[corner][axis]), (size_t)axis);
            if (!json_is_number(number)) return refuse(path, shape, "has a point that is no pair of numbers", error);
            OKNG_TRY(okng_outline_number(outlines, json_number_value(number), error));
        }
    return OKNG_OK;
}

static okng_status read_shape(const json_t *shape, const char *path, size_t i, okng_outlines *outlines,
                              okng_error *error)
{
    const json_t *type_member = json_object_get(shape, "shape_type"), *points = json_object_get(shape, "points");
    const char *type = json_is_string(type_member) ? json_string_value(type_member) : "polygon";
    const bool circle = strcmp(type, "circle") == 0, rectangle = strcmp(type, "rectangle") == 0;
    char what[32];
    if (!json_is_array(points)) return refuse(path, i, "has no list of points", error);
    if (!circle && !rectangle && strcmp(type, "polygon") != 0)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: shape %zu is a %.40s, of which no area is known; draw polygons, rectangles or circles",
                         path, i + 1, type);
    OKNG_TRY(okng_outline_begin(outlines, circle ? OKNG_OUTLINE_CIRCLE : OKNG_OUTLINE_POLYGON, error));
    OKNG_TRY(rectangle ? read_rectangle(points, path, i, outlines, error)
                       : read_points(points, path, i, outlines, error));
    (void)snprintf(what, sizeof what, "shape %zu", i + 1);
    return okng_outline_end(outlines, what, error);
}

static okng_status read_shapes(const json_t *root, const char *path, okng_outlines **out, char **kind,
                               okng_error *error)
{
    int32_t width, height;
    const json_t *shapes = json_object_get(root, "shapes");
    if (!json_is_array(shapes))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: has no list \"shapes\", expected a file of labelme", path);
    OKNG_TRY(okng_annotated_side(root, path, "imageWidth", &width, error));
    OKNG_TRY(okng_annotated_side(root, path, "imageHeight", &height, error));
    OKNG_TRY(okng_outlines_new(out, path, height > 0 ? width : 0, width > 0 ? height : 0, error));
    for (size_t i = 0; i < json_array_size(shapes); i++)
        OKNG_TRY(read_shape(json_array_get(shapes, i), path, i, *out, error));
    const json_t *label = json_object_get(json_array_get(shapes, 0), "label");
    return okng_path_format(kind, error, "%s",
                            json_is_string(label) && *json_string_value(label) ? json_string_value(label) : "defect");
}

/* ---- pictures ------------------------------------------------------------------------------- */

static okng_status add_picture(okng_sample_list *list, const char *path, const char *relative, size_t *files,
                               okng_error *error)
{
    char *file = NULL, *kind = NULL;
    json_t *root = NULL;
    okng_outlines *outlines = NULL;
    okng_status status = okng_path_format(&file, error, "%.*s.json", (int)okng_stem_length(path), path);
    if (status == OKNG_OK && access(file, F_OK) == 0) {
        ++*files;
        status = okng_json_read(&root, file, &shape_limits, error);
        if (status == OKNG_OK) status = read_shapes(root, file, &outlines, &kind, error);
    }
    if (status == OKNG_OK)
        status = okng_annotated_add(list, path, relative, okng_split_of(relative), kind, outlines, error);
    else
        okng_outlines_free(outlines);
    json_decref(root);
    free(kind);
    free(file);
    return status;
}

/* Shapes without their picture would be a defect that nobody looks for. */
static okng_status check_files(const char *root, size_t used, okng_error *error)
{
    okng_picture_list *files = NULL;
    OKNG_TRY(okng_list_files(&files, root, okng_is_annotation, error));
    okng_status status = OKNG_OK;
    for (size_t i = 0; okng_picture_list_count(files) != used && i < okng_picture_list_count(files); i++) {
        const char *path = okng_picture_list_path(files, i);
        char *picture = NULL;
        status = okng_mask_beside(root, okng_picture_list_relative(files, i), "", &picture, error);
        if (status == OKNG_OK && !picture)
            status = okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no picture of the same name lies beside it", path);
        free(picture);
        if (status != OKNG_OK) break;
    }
    okng_picture_list_free(&files);
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    (void)category; /* there is one */
    okng_picture_list *pictures = NULL;
    size_t files = 0;
    OKNG_TRY(okng_data_pictures(&pictures, source->root, error));
    okng_status status = OKNG_OK;
    for (size_t i = 0; status == OKNG_OK && i < okng_picture_list_count(pictures); i++)
        status = add_picture(out, okng_picture_list_path(pictures, i), okng_picture_list_relative(pictures, i), &files,
                             error);
    okng_picture_list_free(&pictures);
    if (status == OKNG_OK) status = check_files(source->root, files, error);
    return status == OKNG_OK ? okng_annotated_finish(out, source->options, error) : status;
}

const okng_layout okng_layout_labelme = {
    .name = "labelme",
    .help = "labelme: pictures with <stem>.json beside those that have defects",
    .options = "test-ratio",
    .categories = okng_root_category,
    .samples = samples,
};
