/* COCO: JSON files that list pictures, and of each defect the picture, its class and its outline: polygons, runs, or
 * where there is none of these a box. A picture that no annotation names is good. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "data/annotated.h"
#include "data/listing.h"
#include "data/picture_list.h"

static const okng_json_limits coco_limits = {.bytes = 512 << 20, .items = 1 << 22, .text = 16 << 20, .depth = 16};

/* A picture, and what is wrong in it. */
typedef struct image {
    int64_t id;
    const json_t *entry;
    const char *kind; /* of its first annotation */
    okng_outlines *outlines;
} image;

/* A class that has a name. */
typedef struct class
{
    int64_t id;
    size_t place; /* in the file's list */
    const char *name;
} class;

typedef struct coco_file {
    const okng_source *source;
    const char *path, *relative; /* below the root */
    bool alone;                  /* no other file is read */
    const json_t *root;
    image *images; /* by id */
    size_t count;
    class *classes; /* by id */
    size_t class_count;
} coco_file;

/* ---- outlines ------------------------------------------------------------------------------- */

static okng_status add_numbers(const json_t *list, const char *path, const char *what, okng_outlines *outlines,
                               okng_error *error)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *number = json_array_get(list, i);
        if (!json_is_number(number))
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s: its segmentation holds what is no number", path, what);
        OKNG_TRY(okng_outline_number(outlines, json_number_value(number), error));
    }
    return okng_outline_end(outlines, what, error);
}

/* Runs as text: five bits a character, the lowest first, a sixth where more follow; from the third run on the
 * difference to the run two before. */
static okng_status add_packed(const char *text, const char *path, const char *what, okng_outlines *outlines,
                              okng_error *error)
{
    int64_t before[2] = {0, 0};
    for (size_t run = 0; *text; run++) {
        uint64_t value = 0;
        int shift = 0;
        unsigned bits;
        do {
            bits = (unsigned char)*text - 48u;
            if (bits > 63 || shift > 40)
                return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s: its runs are no text of COCO", path, what);
            value |= (uint64_t)(bits & 31u) << shift;
            shift += 5;
            text++;
        } while (bits & 32u);
        int64_t number = (int64_t)value - ((bits & 16u) ? (int64_t)1 << shift : 0);
        if (run > 2) number += before[run % 2];
        if (number < 0 || number > UINT32_MAX)
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s: run %zu is %lld, expected a number of pixels", path,
                             what, run + 1, (long long)number);
        before[run % 2] = number;
        OKNG_TRY(okng_outline_number(outlines, (double)number, error));
    }
    return okng_outline_end(outlines, what, error);
}

static okng_status add_runs(const json_t *runs, const char *path, const char *what, okng_outlines *outlines,
                            okng_error *error)
{
    const json_t *size = json_object_get(runs, "size"), *counts = json_object_get(runs, "counts");
    if (outlines->width == 0 || json_integer_value(json_array_get(size, 0)) != outlines->height ||
        json_integer_value(json_array_get(size, 1)) != outlines->width)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: %s: the size of its runs is not the height and width of its picture", path, what);
    OKNG_TRY(okng_outline_begin(outlines, OKNG_OUTLINE_RUNS, error));
    if (json_is_string(counts)) return add_packed(json_string_value(counts), path, what, outlines, error);
    if (json_is_array(counts)) return add_numbers(counts, path, what, outlines, error);
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s: its runs have no counts", path, what);
}

static okng_status add_box(const json_t *box, const char *path, const char *what, okng_outlines *outlines,
                           okng_error *error)
{
    double b[4];
    for (size_t i = 0; i < 4; i++) {
        const json_t *number = json_array_get(box, i);
        if (json_array_size(box) != 4 || !json_is_number(number))
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s: has neither segmentation nor bbox", path, what);
        b[i] = json_number_value(number);
    }
    const double corners[8] = {b[0], b[1], b[0] + b[2], b[1], b[0] + b[2], b[1] + b[3], b[0], b[1] + b[3]};
    OKNG_TRY(okng_outline_begin(outlines, OKNG_OUTLINE_POLYGON, error));
    for (int i = 0; i < 8; i++) OKNG_TRY(okng_outline_number(outlines, corners[i], error));
    return okng_outline_end(outlines, what, error);
}

static okng_status add_segmentation(const json_t *annotation, const char *path, const char *what,
                                    okng_outlines *outlines, okng_error *error)
{
    const json_t *segmentation = json_object_get(annotation, "segmentation");
    if (json_is_object(segmentation)) return add_runs(segmentation, path, what, outlines, error);
    if (json_array_size(segmentation) == 0)
        return add_box(json_object_get(annotation, "bbox"), path, what, outlines, error);
    for (size_t i = 0; i < json_array_size(segmentation); i++) {
        const json_t *polygon = json_array_get(segmentation, i);
        if (!json_is_array(polygon))
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s: its segmentation is no list of polygons", path, what);
        OKNG_TRY(okng_outline_begin(outlines, OKNG_OUTLINE_POLYGON, error));
        OKNG_TRY(add_numbers(polygon, path, what, outlines, error));
    }
    return OKNG_OK;
}

/* ---- a file --------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const image *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static okng_status list_images(coco_file *f, okng_error *error)
{
    const json_t *images = json_object_get(f->root, "images");
    if (!json_is_array(images) || !json_is_array(json_object_get(f->root, "annotations")))
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: has no lists \"images\" and \"annotations\", expected a file of COCO", f->path);
    f->count = json_array_size(images);
    f->images = okng_alloc_zero(f->count > 0 ? f->count : 1, sizeof *f->images);
    if (!f->images) return okng_fail_memory(error, f->count * sizeof *f->images);
    for (size_t i = 0; i < f->count; i++) {
        f->images[i].entry = json_array_get(images, i);
        if (!json_is_object(f->images[i].entry))
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: image %zu is no object", f->path, i);
        OKNG_TRY(okng_json_integer(f->images[i].entry, f->path, "id", INT64_MIN, INT64_MAX, &f->images[i].id, error));
    }
    if (f->count > 1) qsort(f->images, f->count, sizeof *f->images, by_id);
    for (size_t i = 1; i < f->count; i++)
        if (f->images[i - 1].id == f->images[i].id)
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: two images have the id %lld", f->path,
                             (long long)f->images[i].id);
    return OKNG_OK;
}

static int by_class(const void *a, const void *b)
{
    const class *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static int by_class_and_place(const void *a, const void *b)
{
    const int order = by_class(a, b);
    const class *x = a, *y = b;
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

/* Of several of one id the first counts. */
static okng_status list_classes(coco_file *f, okng_error *error)
{
    const json_t *classes = json_object_get(f->root, "categories");
    const size_t count = json_array_size(classes);
    f->classes = okng_alloc(count > 0 ? count : 1, sizeof *f->classes);
    if (!f->classes) return okng_fail_memory(error, count * sizeof *f->classes);
    for (size_t i = 0; i < count; i++) {
        const json_t *id = json_object_get(json_array_get(classes, i), "id"),
                     *name = json_object_get(json_array_get(classes, i), "name");
        if (json_is_integer(id) && json_is_string(name) && *json_string_value(name))
            f->classes[f->class_count++] = (class){json_integer_value(id), i, json_string_value(name)};
    }
    if (f->class_count > 1) qsort(f->classes, f->class_count, sizeof *f->classes, by_class_and_place);
    size_t kept = 0;
    for (size_t i = 0; i < f->class_count; i++)
        if (kept == 0 || f->classes[i].id != f->classes[kept - 1].id) f->classes[kept++] = f->classes[i];
    f->class_count = kept;
    return OKNG_OK;
}

/* The name of a class; "defect" where none is given. */
static const char *name_class(const coco_file *f, const json_t *annotation)
{
    const json_t *id = json_object_get(annotation, "category_id");
    const class wanted = {.id = json_integer_value(id)};
    const class *found = json_is_integer(id) && f->class_count > 0
                             ? bsearch(&wanted, f->classes, f->class_count, sizeof *f->classes, by_class)
                             : NULL;
    return found ? found->name : "defect";
}

static okng_status read_annotation(coco_file *f, const json_t *annotation, size_t i, okng_error *error)
{
    image wanted = {0};
    char what[48];
    (void)snprintf(what, sizeof what, "annotation %zu", i);
    if (!json_is_object(annotation)) return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s is no object", f->path, what);
    OKNG_TRY(okng_json_integer(annotation, f->path, "image_id", INT64_MIN, INT64_MAX, &wanted.id, error));
    image *found = f->count > 0 ? bsearch(&wanted, f->images, f->count, sizeof *f->images, by_id) : NULL;
    if (!found)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s is of image %lld, which is not listed", f->path, what,
                         (long long)wanted.id);
    if (!found->outlines) {
        int32_t width, height;
        OKNG_TRY(okng_annotated_side(found->entry, f->path, "width", &width, error));
        OKNG_TRY(okng_annotated_side(found->entry, f->path, "height", &height, error));
        OKNG_TRY(okng_outlines_new(&found->outlines, f->path, height > 0 ? width : 0, width > 0 ? height : 0, error));
        found->kind = name_class(f, annotation);
    }
    return add_segmentation(annotation, f->path, what, found->outlines, error);
}

/* ---- pictures ------------------------------------------------------------------------------- */

/* Where pictures may lie, beside what is given: with the file, below the root or its images, or in folders there that
 * are called as the file, "instances_" aside. */
static okng_status find_picture(const coco_file *f, const char *name, char **out, okng_error *error)
{
    const char *slash = strrchr(f->path, '/'), *base = slash ? slash + 1 : f->path,
               *given = f->source->options->pictures;
    const char *root = f->source->root;
    const int folder = slash ? (int)(slash - f->path) : 1;
    if (strncmp(base, "instances_", 10) == 0) base += 10;
    const int stem = (int)okng_stem_length(base);
    for (int place = *given ? 0 : 1; place < (*given ? 1 : 6); place++) {
        okng_status status = OKNG_OK;
        *out = NULL;
        if (place == 0 && *given == '/') status = okng_path_format(out, error, "%s/%s", given, name);
        if (place == 0 && *given != '/') status = okng_path_format(out, error, "%s/%s/%s", root, given, name);
        if (place == 1) status = okng_path_format(out, error, "%.*s/%s", folder, slash ? f->path : ".", name);
        if (place == 2) status = okng_path_format(out, error, "%s/%s", root, name);
        if (place == 3) status = okng_path_format(out, error, "%s/images/%s", root, name);
        if (place == 4) status = okng_path_format(out, error, "%s/%.*s/%s", root, stem, base, name);
        if (place == 5) status = okng_path_format(out, error, "%s/images/%.*s/%s", root, stem, base, name);
        if (status != OKNG_OK) return status;
        if (access(*out, F_OK) == 0) return OKNG_OK;
        free(*out);
        *out = NULL;
    }
    return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                     "%s: its picture %.300s is not there; name the folder of the pictures with the option pictures",
                     f->path, name);
}

static okng_status add_image(coco_file *f, image *one, okng_sample_list *out, okng_error *error)
{
    const char *file_name;
    char *path = NULL, *name = NULL, *split = NULL;
    OKNG_TRY(okng_json_string(one->entry, f->path, "file_name", &file_name, error));
    if (!okng_path_stays_below(file_name))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: file_name is \"%.200s\", expected a path below the pictures",
                         f->path, file_name);
    okng_status status = find_picture(f, file_name, &path, error);
    if (status == OKNG_OK) status = okng_path_format(&split, error, "%s/%s", f->relative, file_name);
    if (status == OKNG_OK)
        status = f->alone ? okng_path_format(&name, error, "%s", file_name)
                          : okng_path_format(&name, error, "%.*s/%s", (int)okng_stem_length(f->relative), f->relative,
                                             file_name);
    if (status == OKNG_OK) {
        okng_outlines *outlines = one->outlines;
        one->outlines = NULL;
        status = okng_annotated_add(out, path, name, okng_split_of(split), one->kind, outlines, error);
    }
    free(split);
    free(name);
    free(path);
    return status;
}

static okng_status add_file(coco_file *f, okng_sample_list *out, okng_error *error)
{
    json_t *root = NULL;
    okng_status status = okng_json_read(&root, f->path, &coco_limits, error);
    f->root = root;
    if (status == OKNG_OK) status = list_images(f, error);
    if (status == OKNG_OK) status = list_classes(f, error);
    const json_t *annotations = json_object_get(root, "annotations");
    for (size_t i = 0; status == OKNG_OK && i < json_array_size(annotations); i++)
        status = read_annotation(f, json_array_get(annotations, i), i, error);
    for (size_t i = 0; status == OKNG_OK && i < f->count; i++) status = add_image(f, &f->images[i], out, error);
    for (size_t i = 0; f->images && i < f->count; i++) okng_outlines_free(f->images[i].outlines);
    free(f->images);
    free(f->classes);
    json_decref(root);
    return status;
}

/* ---- the set -------------------------------------------------------------------------------- */

static bool is_annotations(const char *name)
{
    const size_t length = strlen(name);
    return (length > 5 && strcmp(name + length - 5, ".json") == 0) &&
           (strncmp(name, "instances", 9) == 0 || strcmp(name, "_annotations.coco.json") == 0);
}

/* The file that is given, or those of the names that COCO and its tools use, or the only JSON there is. */
static okng_status find_files(const okng_source *source, okng_picture_list **files, okng_error *error)
{
    OKNG_TRY(okng_list_files(files, source->root, is_annotations, error));
    if (okng_picture_list_count(*files) > 0) return OKNG_OK;
    okng_picture_list_free(files);
    OKNG_TRY(okng_list_files(files, source->root, okng_is_annotation, error));
    const size_t count = okng_picture_list_count(*files);
    if (count == 1) return OKNG_OK;
    okng_picture_list_free(files);
    return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                     count == 0 ? "%s: no JSON file here, expected annotations of COCO"
                                : "%s: several JSON files, and none is called instances*.json or "
                                  "_annotations.coco.json; name one with the option annotations",
                     source->root);
}

static okng_status add_given(const okng_source *source, okng_sample_list *out, okng_error *error)
{
    const char *given = source->options->annotations;
    char *path = NULL;
    OKNG_TRY(
        okng_path_format(&path, error, "%s%s%s", *given == '/' ? "" : source->root, *given == '/' ? "" : "/", given));
    coco_file f = {.source = source, .path = path, .relative = given, .alone = true};
    okng_status status = add_file(&f, out, error);
    free(path);
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    (void)category; /* there is one */
    okng_picture_list *files = NULL;
    okng_status status =
        *source->options->annotations ? add_given(source, out, error) : find_files(source, &files, error);
    for (size_t i = 0; status == OKNG_OK && i < okng_picture_list_count(files); i++) {
        coco_file f = {.source = source,
                       .path = okng_picture_list_path(files, i),
                       .relative = okng_picture_list_relative(files, i),
                       .alone = okng_picture_list_count(files) == 1};
        status = add_file(&f, out, error);
    }
    okng_picture_list_free(&files);
    return status == OKNG_OK ? okng_annotated_finish(out, source->options, error) : status;
}

const okng_layout okng_layout_coco = {
    .name = "coco",
    .help = "COCO: annotations/instances*.json, <split>/_annotations.coco.json or one JSON; polygons, runs, boxes",
    .options = "annotations, pictures, test-ratio",
    .categories = okng_root_category,
    .samples = samples,
    .masks_may_be_shared = true,
};
