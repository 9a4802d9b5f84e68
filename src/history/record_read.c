/* A record of its JSON form. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "history/record.h"

/* A text into `to`; what is null or missing is "". */
static okng_status take_text(const json_t *object, const char *name, const char *key, char *to, size_t size,
                             okng_error *error)
{
    const json_t *value = json_object_get(object, key);
    to[0] = '\0';
    if (!value || json_is_null(value)) return OKNG_OK;
    if (!json_is_string(value))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s: expected a text or null", name, key);
    if (json_string_length(value) >= size)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: %s: %zu bytes, expected fewer than %zu", name, key,
                         json_string_length(value), size);
    memcpy(to, json_string_value(value), json_string_length(value) + 1);
    return OKNG_OK;
}

/* A number; NaN where it is null or missing. */
static okng_status take_number(const json_t *object, const char *name, const char *key, double *to, okng_error *error)
{
    const json_t *value = json_object_get(object, key);
    *to = (double)NAN;
    if (!value || json_is_null(value)) return OKNG_OK;
    if (!json_is_number(value))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s: expected a number or null", name, key);
    *to = json_number_value(value);
    return OKNG_OK;
}

static okng_status take_time(const json_t *object, const char *name, const char *key, int64_t *to, okng_error *error)
{
    char text[40];
    OKNG_TRY(take_text(object, name, key, text, sizeof text, error));
    *to = 0;
    if (!*text || okng_time_of(text, to)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s: found \"%s\", expected a time as 2026-11-28T10:15:30.123Z",
                     name, key, text);
}

static okng_status take_band(const json_t *object, const char *name, okng_record *record, okng_error *error)
{
    const json_t *band = json_object_get(object, "review");
    if (!band || json_is_null(band)) return OKNG_OK;
    if (json_array_size(band) != 2 || !json_is_number(json_array_get(band, 0)) ||
        !json_is_number(json_array_get(band, 1)))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: review: expected two numbers or null", name);
    record->review_low = json_number_value(json_array_get(band, 0));
    record->review_high = json_number_value(json_array_get(band, 1));
    return OKNG_OK;
}

static okng_status take_regions(const json_t *object, const char *name, okng_record *record, okng_error *error)
{
    const json_t *regions = json_object_get(object, "regions");
    if (!regions || json_is_null(regions) || (json_is_array(regions) && json_array_size(regions) == 0)) return OKNG_OK;
    if (!json_is_array(regions)) return okng_fail(error, OKNG_ERROR_FORMAT, "%s: regions: expected an array", name);
    return okng_json_text(regions, JSON_COMPACT | JSON_REAL_PRECISION(9), name, &record->regions, NULL, error);
}

/* A verdict by its word; what is missing or null stays NOT_INSPECTED. A word that is not known is refused: it must not
 * become another one. */
static okng_status take_outcome(const json_t *object, const char *name, const char *key, okng_outcome *to,
                                okng_error *error)
{
    char text[32];
    OKNG_TRY(take_text(object, name, key, text, sizeof text, error));
    if (*text && !okng_outcome_of(text, to))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: %s: found \"%s\", expected a verdict", name, key, text);
    return OKNG_OK;
}

static okng_status take_kept(const json_t *object, const char *name, unsigned *kept, okng_error *error)
{
    static const struct {
        const char *name;
        unsigned flag;
    } names[] = {{"picture", OKNG_KEPT_PICTURE}, {"overlay", OKNG_KEPT_OVERLAY}, {"heat", OKNG_KEPT_HEAT}};
    const json_t *list = json_object_get(object, "kept");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        size_t at = 0;
        while (at < 3 && (!word || strcmp(names[at].name, word) != 0)) at++;
        if (at == 3) return okng_fail(error, OKNG_ERROR_FORMAT, "%s: kept: expected picture, overlay or heat", name);
        *kept |= names[at].flag;
    }
    return OKNG_OK;
}

static okng_status take_texts(okng_record *record, const json_t *object, const char *name, okng_error *error)
{
    OKNG_TRY(take_text(object, name, "id", record->id, sizeof record->id, error));
    if (strlen(record->id) != sizeof record->id - 1 || strspn(record->id, "0123456789abcdef") != sizeof record->id - 1)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: id: expected 32 hex digits", name);
    OKNG_TRY(take_text(object, name, "bank", record->bank, sizeof record->bank, error));
    OKNG_TRY(take_text(object, name, "bank_hash", record->bank_hash, sizeof record->bank_hash, error));
    OKNG_TRY(take_text(object, name, "source", record->source, sizeof record->source, error));
    OKNG_TRY(take_text(object, name, "picture", record->picture, sizeof record->picture, error));
    OKNG_TRY(take_text(object, name, "picture_hash", record->picture_hash, sizeof record->picture_hash, error));
    OKNG_TRY(take_text(object, name, "why", record->why, sizeof record->why, error));
    OKNG_TRY(take_text(object, name, "judged_by", record->judged_by, sizeof record->judged_by, error));
    OKNG_TRY(take_time(object, name, "time", &record->time, error));
    return take_time(object, name, "judged_time", &record->judged_time, error);
}

static okng_status take_numbers(okng_record *record, const json_t *object, const char *name, okng_error *error)
{
    double recipe = (double)NAN;
    OKNG_TRY(take_number(object, name, "score", &record->score, error));
    OKNG_TRY(take_number(object, name, "p_value", &record->p_value, error));
    OKNG_TRY(take_number(object, name, "image_threshold", &record->image_threshold, error));
    OKNG_TRY(take_number(object, name, "pixel_threshold", &record->pixel_threshold, error));
    OKNG_TRY(take_number(object, name, "duration_ms", &record->duration, error));
    OKNG_TRY(take_number(object, name, "recipe_number", &recipe, error));
    if (!isnan(recipe) && !(recipe >= 0 && recipe <= INT32_MAX))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: recipe_number: expected a whole number or null", name);
    record->recipe_number = isnan(recipe) ? -1 : (int32_t)recipe;
    return OKNG_OK;
}

okng_status okng_record_read(okng_record *record, const json_t *object, const char *name, okng_error *error)
{
    *record = (okng_record){.review_low = (double)NAN, .review_high = (double)NAN};
    if (!json_is_object(object)) return okng_fail(error, OKNG_ERROR_FORMAT, "%s: expected an object", name);
    okng_status status = take_texts(record, object, name, error);
    if (status == OKNG_OK) status = take_numbers(record, object, name, error);
    if (status == OKNG_OK) status = take_outcome(object, name, "verdict", &record->outcome, error);
    if (status == OKNG_OK) status = take_outcome(object, name, "judged", &record->judged, error);
    if (status == OKNG_OK) status = take_band(object, name, record, error);
    if (status == OKNG_OK) status = take_kept(object, name, &record->kept, error);
    if (status == OKNG_OK) status = take_regions(object, name, record, error);
    if (status != OKNG_OK) okng_record_free(record);
    return status;
}
