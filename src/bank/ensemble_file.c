#include "bank/ensemble_file.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

enum { FORMAT_VERSION = 1 };

const char *okng_ensemble_member_name(size_t i, char *text, size_t size)
{
    (void)snprintf(text, size, "member-%zu", i + 1);
    return text;
}

okng_status okng_ensemble_part_of(okng_ensemble_part *part, const okng_bank_source *from, size_t i, okng_error *error)
{
    char name[OKNG_NAME_MAX];
    *part = (okng_ensemble_part){.source = {from->path, from->recipe, part->name}};
    (void)okng_ensemble_member_name(i, name, sizeof name);
    if (from->recipe) {
        (void)snprintf(part->name, sizeof part->name, "%s/", name);
        return OKNG_OK;
    }
    part->source.path = part->folder = okng_path_join(from->path, name);
    return part->folder ? OKNG_OK : okng_fail_memory(error, strlen(from->path) + sizeof name);
}

void okng_ensemble_part_free(okng_ensemble_part *part)
{
    free(part->folder);
    part->folder = NULL;
}

static bool is_packed(const char *path)
{
    okng_recipe *recipe;
    if (okng_recipe_open(&recipe, path, NULL) != OKNG_OK) return false;
    const bool is = okng_recipe_has_document(recipe, OKNG_BANK_ENSEMBLE_FILE);
    okng_recipe_close(&recipe);
    return is;
}

bool okng_ensemble_is(const char *path)
{
    const okng_bank_source from = {path, NULL, ""};
    return okng_recipe_is(path) ? is_packed(path) : okng_bank_source_has(&from, OKNG_BANK_ENSEMBLE_FILE);
}

static json_t *range_json(const okng_range *range)
{
    return json_pack("{s:f, s:f, s:f, s:f}", "score_min", (double)range->score_low, "score_max",
                     (double)range->score_high, "map_min", (double)range->map_low, "map_max", (double)range->map_high);
}

okng_status okng_ensemble_file_write(const okng_ensemble_file *ensemble, const char *folder, okng_error *error)
{
    char *path = okng_path_join(folder, OKNG_BANK_ENSEMBLE_FILE);
    if (!path) return okng_fail_memory(error, strlen(folder));
    json_t *document = json_pack("{s:s, s:i, s:s, s:I}", "format", "okng ensemble", "version", FORMAT_VERSION, "okng",
                                 okng_version(), "members", (json_int_t)ensemble->count);
    json_t *ranges = json_array();
    for (size_t i = 0; i < ensemble->count; i++) okng_json_add(&ranges, range_json(&ensemble->ranges[i]));
    if (ensemble->ranged)
        okng_json_put(&document, "ranges", ranges);
    else
        json_decref(ranges);
    okng_status status = okng_json_write(document, path, error);
    json_decref(document);
    free(path);
    return status;
}

static okng_status parse_range(const json_t *object, const char *path, okng_range *range, okng_error *error)
{
    double low, high, map_low, map_high;
    OKNG_TRY(okng_json_number(object, path, "score_min", -FLT_MAX, FLT_MAX, &low, error));
    OKNG_TRY(okng_json_number(object, path, "score_max", -FLT_MAX, FLT_MAX, &high, error));
    OKNG_TRY(okng_json_number(object, path, "map_min", -FLT_MAX, FLT_MAX, &map_low, error));
    OKNG_TRY(okng_json_number(object, path, "map_max", -FLT_MAX, FLT_MAX, &map_high, error));
    *range = (okng_range){(float)low, (float)high, (float)map_low, (float)map_high};
    if (range->score_high > range->score_low && range->map_high > range->map_low) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: a range whose end is not above its beginning", path);
}

static okng_status parse(const json_t *document, const char *path, okng_ensemble_file *ensemble, okng_error *error)
{
    *ensemble = (okng_ensemble_file){0};
    const char *format = json_string_value(json_object_get(document, "format"));
    int64_t version, count;
    if (!format || strcmp(format, "okng ensemble") != 0)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: is not the description of an okng ensemble", path);
    OKNG_TRY(okng_json_integer(document, path, "version", FORMAT_VERSION, FORMAT_VERSION, &version, error));
    OKNG_TRY(okng_json_integer(document, path, "members", 2, OKNG_ENSEMBLE_MAX, &count, error));
    ensemble->count = (size_t)count;
    const json_t *ranges = json_object_get(document, "ranges");
    if (!ranges) return OKNG_OK;
    if (!json_is_array(ranges) || json_array_size(ranges) != ensemble->count)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"ranges\" has not one entry for each of the %zu members", path,
                         ensemble->count);
    for (size_t i = 0; i < ensemble->count; i++)
        OKNG_TRY(parse_range(json_array_get(ranges, i), path, &ensemble->ranges[i], error));
    ensemble->ranged = true;
    return OKNG_OK;
}

okng_status okng_ensemble_source_read(okng_ensemble_file *ensemble, const okng_bank_source *from, okng_error *error)
{
    json_t *document;
    char *where;
    OKNG_TRY(okng_bank_source_read(from, OKNG_BANK_ENSEMBLE_FILE, &okng_json_small, &document, &where, error));
    okng_status status = parse(document, where, ensemble, error);
    json_decref(document);
    free(where);
    return status;
}

okng_status okng_ensemble_file_read(okng_ensemble_file *ensemble, const char *folder, okng_error *error)
{
    const okng_bank_source from = {folder, NULL, ""};
    return okng_ensemble_source_read(ensemble, &from, error);
}
