#include "bank/rois_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"

enum { FORMAT_VERSION = 1, SIDE_MAX = 65535 };

/* ---- names ------------------------------------------------------------------------------------------------------- */

const char *okng_rois_part_name(size_t i, char *text, size_t size)
{
    (void)snprintf(text, size, "region-%zu", i + 1);
    return text;
}

okng_status okng_rois_part_of(okng_rois_part *part, const okng_bank_source *from, size_t i, okng_error *error)
{
    char name[OKNG_NAME_MAX];
    *part = (okng_rois_part){.source = {from->path, from->recipe, part->name}};
    (void)okng_rois_part_name(i, name, sizeof name);
    if (from->recipe) {
        (void)snprintf(part->name, sizeof part->name, "%s/", name);
        return OKNG_OK;
    }
    part->source.path = part->folder = okng_path_join(from->path, name);
    return part->folder ? OKNG_OK : okng_fail_memory(error, strlen(from->path) + sizeof name);
}

void okng_rois_part_free(okng_rois_part *part)
{
    free(part->folder);
    part->folder = NULL;
}

bool okng_rois_are(const char *path)
{
    const okng_bank_source folder = {path, NULL, ""};
    okng_recipe *recipe;
    if (!okng_recipe_is(path)) return okng_bank_source_has(&folder, OKNG_BANK_ROIS_FILE);
    if (okng_recipe_open(&recipe, path, NULL) != OKNG_OK) return false;
    const bool are = okng_recipe_has_document(recipe, OKNG_BANK_ROIS_FILE);
    okng_recipe_close(&recipe);
    return are;
}

/* The picture of region i in a folder; for the caller to free. */
static char *picture_path(const char *folder, size_t i)
{
    char name[OKNG_NAME_MAX];
    (void)snprintf(name, sizeof name, "region-%zu.png", i + 1);
    return okng_path_join(folder, name);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static json_t *box_json(const okng_roi_box *box)
{
    return json_pack("{s:s, s:[iiii]}", "name", box->name, "box", (int)box->x, (int)box->y, (int)box->width,
                     (int)box->height);
}

static json_t *document_of(const okng_rois_file *file)
{
    const okng_rois *rois = &file->rois;
    json_t *regions = json_array();
    for (size_t i = 0; i < rois->count; i++) okng_json_add(&regions, box_json(&rois->boxes[i]));
    return json_pack("{s:s, s:i, s:s, s:o, s:f, s:f, s:[ff], s:o, s:[ii]}", "format", "okng regions", "version",
                     FORMAT_VERSION, "okng", okng_version(), "regions", regions, "threshold", rois->threshold,
                     "rotation", rois->search.rotation, "scale", rois->search.scale_low, rois->search.scale_high,
                     "picture", okng_json_any_text(file->picture), "size", (int)file->picture_width,
                     (int)file->picture_height);
}

okng_status okng_rois_file_write(const okng_rois_file *file, const char *folder, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < file->rois.count && status == OKNG_OK; i++) {
        char *path = picture_path(folder, i);
        status =
            path ? okng_image_write_png(&file->rois.pictures[i], path, error) : okng_fail_memory(error, strlen(folder));
        free(path);
    }
    if (status != OKNG_OK) return status;
    char *path = okng_path_join(folder, OKNG_BANK_ROIS_FILE);
    if (!path) return okng_fail_memory(error, strlen(folder));
    json_t *document = document_of(file);
    status = okng_json_write(document, path, error);
    json_decref(document);
    free(path);
    return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Two or four whole numbers of an array. */
static okng_status parse_numbers(const json_t *object, const char *path, const char *key, size_t count,
                                 int32_t *numbers, okng_error *error)
{
    const json_t *list = json_object_get(object, key);
    if (!json_is_array(list) || json_array_size(list) != count)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"%s\" is no array of %zu numbers", path, key, count);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        const json_int_t number = json_integer_value(value);
        if (!json_is_integer(value) || number < 0 || number > SIDE_MAX)
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"%s\" holds what is no whole number of 0 to %d", path, key,
                             SIDE_MAX);
        numbers[i] = (int32_t)number;
    }
    return OKNG_OK;
}

static okng_status parse_region(const json_t *object, const char *path, okng_roi_box *box, okng_error *error)
{
    const char *name;
    int32_t numbers[4];
    OKNG_TRY(okng_json_string(object, path, "name", &name, error));
    const char *fault = okng_roi_name_fault(name);
    if (*fault) return okng_fail(error, OKNG_ERROR_FORMAT, "%s: the name \"%.80s\" of a region %s", path, name, fault);
    OKNG_TRY(parse_numbers(object, path, "box", 4, numbers, error));
    *box = (okng_roi_box){.x = numbers[0], .y = numbers[1], .width = numbers[2], .height = numbers[3]};
    (void)snprintf(box->name, sizeof box->name, "%s", name);
    if (box->width > 0 && box->height > 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: region %s has no pixels", path, name);
}

static okng_status parse_search(const json_t *document, const char *path, okng_rois *rois, okng_error *error)
{
    const json_t *scale = json_object_get(document, "scale");
    OKNG_TRY(okng_json_number(document, path, "threshold", 0, 1, &rois->threshold, error));
    OKNG_TRY(okng_json_number(document, path, "rotation", 0, 180, &rois->search.rotation, error));
    rois->search.scale_low = json_number_value(json_array_get(scale, 0));
    rois->search.scale_high = json_number_value(json_array_get(scale, 1));
    if (json_array_size(scale) == 2 && rois->search.scale_low >= 0.5 && rois->search.scale_high <= 2 &&
        rois->search.scale_low <= rois->search.scale_high)
        return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"scale\" is not two numbers of 0.5 to 2, the lower first", path);
}

static okng_status parse(const json_t *document, const char *path, okng_rois_file *file, okng_error *error)
{
    const char *format = json_string_value(json_object_get(document, "format")), *picture;
    const json_t *regions = json_object_get(document, "regions");
    int32_t size[2];
    int64_t version;
    if (!format || strcmp(format, "okng regions") != 0)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: is not the description of a bank's regions", path);
    OKNG_TRY(okng_json_integer(document, path, "version", FORMAT_VERSION, FORMAT_VERSION, &version, error));
    if (json_array_size(regions) < 1 || json_array_size(regions) > OKNG_ROIS_MAX)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"regions\" is no array of 1 to %d regions", path,
                         OKNG_ROIS_MAX);
    file->rois.count = json_array_size(regions);
    for (size_t i = 0; i < file->rois.count; i++)
        OKNG_TRY(parse_region(json_array_get(regions, i), path, &file->rois.boxes[i], error));
    OKNG_TRY(parse_search(document, path, &file->rois, error));
    OKNG_TRY(okng_json_string(document, path, "picture", &picture, error));
    (void)snprintf(file->picture, sizeof file->picture, "%.*s", okng_utf8_cut(picture, OKNG_PATH_MAX - 1), picture);
    OKNG_TRY(parse_numbers(document, path, "size", 2, size, error));
    file->picture_width = size[0];
    file->picture_height = size[1];
    return OKNG_OK;
}

okng_status okng_rois_source_look(okng_rois_file *file, const okng_bank_source *from, okng_error *error)
{
    json_t *document;
    char *where;
    *file = (okng_rois_file){0};
    OKNG_TRY(okng_bank_source_read(from, OKNG_BANK_ROIS_FILE, &okng_json_small, &document, &where, error));
    okng_status status = parse(document, where, file, error);
    json_decref(document);
    free(where);
    return status;
}

static okng_status load_picture(const okng_bank_source *from, size_t i, okng_image *out, okng_error *error)
{
    char *path = picture_path(from->path, i);
    if (!path) return okng_fail_memory(error, strlen(from->path));
    okng_status status = okng_image_load(out, path, OKNG_TEMPLATE_PIXELS_MAX, error);
    free(path);
    return status;
}

static okng_status unpack_picture(const okng_weights *packed, size_t i, okng_image *out, okng_error *error)
{
    char name[OKNG_NAME_MAX];
    const okng_array *array;
    OKNG_TRY(okng_weights_get(packed, okng_rois_part_name(i, name, sizeof name), &array, error));
    const bool right = array->dtype == OKNG_U8 && array->dims == 3 && array->shape[2] == 3 && array->shape[0] > 0 &&
                       array->shape[1] > 0 && array->shape[0] <= SIDE_MAX && array->shape[1] <= SIDE_MAX;
    if (!right)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s:%s: is no picture of a region", okng_weights_path(packed), name);
    OKNG_TRY(okng_image_new(out, (int32_t)array->shape[1], (int32_t)array->shape[0], 3, error));
    memcpy(out->pixels, array->data, array->bytes);
    return OKNG_OK;
}

/* Of the size that the box says. */
static okng_status check_picture(const okng_rois *rois, size_t i, const char *path, okng_error *error)
{
    const okng_roi_box *box = &rois->boxes[i];
    const okng_image *picture = &rois->pictures[i];
    if (picture->width == box->width && picture->height == box->height) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: the picture of region %s has %d x %d pixels, expected %d x %d",
                     path, box->name, picture->width, picture->height, box->width, box->height);
}

static okng_status read_pictures(okng_rois *rois, const okng_bank_source *from, okng_error *error)
{
    okng_weights *packed = NULL;
    okng_status status =
        from->recipe ? okng_recipe_weights(&packed, from->recipe, OKNG_RECIPE_REGIONS, OKNG_RECIPE_FLOATS, error)
                     : OKNG_OK;
    for (size_t i = 0; i < rois->count && status == OKNG_OK; i++) {
        status = packed ? unpack_picture(packed, i, &rois->pictures[i], error)
                        : load_picture(from, i, &rois->pictures[i], error);
        if (status == OKNG_OK) status = check_picture(rois, i, from->path, error);
    }
    okng_weights_close(&packed);
    return status;
}

okng_status okng_rois_source_read(okng_rois_file *file, const okng_bank_source *from, okng_error *error)
{
    OKNG_TRY(okng_rois_source_look(file, from, error));
    okng_status status = read_pictures(&file->rois, from, error);
    if (status == OKNG_OK) status = okng_rois_prepare(&file->rois, 1, error);
    if (status != OKNG_OK) okng_rois_free(&file->rois);
    return status;
}
