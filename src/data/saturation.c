#include "data/saturation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

static const okng_json_limits config_limits = {.bytes = 1 << 20, .items = 1 << 14, .text = 1024, .depth = 4};

static okng_status read_threshold(const json_t *entry, const char *path, okng_saturation *out, okng_error *error)
{
    const json_t *relative = json_object_get(entry, "relative_saturation");
    if (!json_is_boolean(relative))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"relative_saturation\" is missing, or neither true nor false",
                         path);
    out->relative = json_is_true(relative);
    double high = out->relative ? 1 : 4294967296.0;
    OKNG_TRY(okng_json_number(entry, path, "saturation_threshold", 0, high, &out->threshold, error));
    if (out->threshold > 0 && (out->relative || out->threshold == floor(out->threshold))) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"saturation_threshold\" is %.9g, expected %s", path,
                     out->threshold,
                     out->relative ? "a share of the area above 0" : "a whole number of pixels, at least 1");
}

static okng_status read_entry(const json_t *entry, okng_saturations *out, okng_error *error)
{
    int64_t value;
    const char *path = out->path;
    if (!json_is_object(entry))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: an entry is no object, expected one for each kind of defect",
                         path);
    OKNG_TRY(okng_json_integer(entry, path, "pixel_value", 1, 255, &value, error));
    okng_saturation *saturation = &out->values[value];
    if (saturation->known)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"pixel_value\" %lld comes twice", path, (long long)value);
    saturation->known = true;
    return read_threshold(entry, path, saturation, error);
}

okng_status okng_saturations_read(okng_saturations *out, const char *path, okng_error *error)
{
    void *text = NULL;
    size_t size;
    json_t *root = NULL;
    *out = (okng_saturations){.path = strdup(path)};
    okng_status status = out->path ? OKNG_OK : okng_fail_memory(error, strlen(path));
    if (status == OKNG_OK) status = okng_file_read(path, config_limits.bytes, &text, &size, error);
    if (status == OKNG_OK) status = okng_json_parse(&root, text, size, path, &config_limits, error);
    if (status == OKNG_OK && json_array_size(root) == 0)
        status = okng_fail(error, OKNG_ERROR_FORMAT, "%s: holds no list, expected one of the kinds of defects", path);
    for (size_t i = 0; status == OKNG_OK && i < json_array_size(root); i++)
        status = read_entry(json_array_get(root, i), out, error);
    json_decref(root);
    free(text);
    if (status != OKNG_OK) okng_saturations_free(out);
    return status;
}

void okng_saturations_free(okng_saturations *saturations)
{
    free(saturations->path);
    *saturations = (okng_saturations){0};
}

uint64_t okng_saturation_area(const okng_saturation *saturation, uint64_t area)
{
    const double whole = (double)area;
    double wanted = saturation->relative ? floor(saturation->threshold * whole) : fmin(saturation->threshold, whole);
    return wanted >= 1 ? (uint64_t)wanted : 1;
}
