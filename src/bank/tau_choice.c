#include "bank/tau_choice.h"

#include <float.h>
#include <math.h>

#include "base/json.h"

/* ---- reading -------------------------------------------------------------------------------- */

static bool read_float(const json_t *value, float *out)
{
    double number = json_is_number(value) ? json_number_value(value) : (double)NAN;
    if (!(fabs(number) <= (double)FLT_MAX)) return false;
    *out = (float)number;
    return true;
}

static bool read_chosen(const json_t *chosen, const char *key, bool *is_chosen)
{
    const json_t *entry = json_object_get(chosen, key);
    float value;
    *is_chosen = entry != NULL;
    return !entry || read_float(json_object_get(entry, "value"), &value);
}

/* What was computed stands apart only where something else was chosen. */
static bool read_computed(const json_t *document, const char *key, bool chosen, float in_force, float *computed)
{
    const json_t *value = json_object_get(json_object_get(document, "computed"), key);
    *computed = chosen ? NAN : in_force;
    return !chosen || !value || read_float(value, computed);
}

static bool read_limit(const json_t *limits, const char *key, bool *has, int64_t *out)
{
    const json_t *value = json_object_get(limits, key);
    *has = value != NULL;
    *out = json_integer_value(value);
    return !value || (json_is_integer(value) && *out >= 0);
}

static bool read_limits(const json_t *limits, okng_region_limits *out)
{
    const json_t *length = json_object_get(limits, "max_length");
    out->has_max_length = length != NULL;
    out->max_length = json_number_value(length);
    if ((limits && !json_is_object(limits)) || (length && !(json_is_number(length) && out->max_length >= 0)))
        return false;
    return read_limit(limits, "min_area", &out->has_min_area, &out->min_area) &&
           read_limit(limits, "max_count", &out->has_max_count, &out->max_count);
}

okng_status okng_tau_read_choice(const json_t *document, const char *path, okng_tau *tau, okng_error *error)
{
    const json_t *review = json_object_get(document, "review"), *chosen = json_object_get(document, "chosen");
    tau->has_review = review != NULL;
    if (review && !(json_array_size(review) == 2 && read_float(json_array_get(review, 0), &tau->review[0]) &&
                    read_float(json_array_get(review, 1), &tau->review[1]) && tau->review[0] <= tau->review[1]))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"review\" must be two numbers, the lower first", path);
    if (!read_chosen(chosen, "image", &tau->image_chosen) || !read_chosen(chosen, "pixel", &tau->pixel_chosen) ||
        (chosen && !json_is_object(chosen)))
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: \"chosen\" must hold \"image\" or \"pixel\", each with a number \"value\"", path);
    if (!read_computed(document, "image", tau->image_chosen, tau->image, &tau->image_computed) ||
        !read_computed(document, "pixel", tau->pixel_chosen, tau->pixel, &tau->pixel_computed))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"computed\" must hold numbers", path);
    if (!read_limits(json_object_get(document, "region_limits"), &tau->limits))
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: \"region_limits\" must hold \"min_area\", \"max_length\" or \"max_count\", each a number "
                         "from 0 on",
                         path);
    return OKNG_OK;
}

/* ---- changing ------------------------------------------------------------------------------- */

/* Puts a member into the object `key` of the document, which is made where it is not there. */
static void put_into(json_t **document, const char *key, const char *name, json_t *value)
{
    json_t *object = json_incref(json_object_get(*document, key));
    if (!json_is_object(object)) {
        json_decref(object);
        object = json_object();
    }
    okng_json_put(&object, name, value);
    okng_json_put(document, key, object);
}

/* Back to what was computed; a threshold that was chosen where none was computed is gone. */
static void reset(json_t **document)
{
    static const char *const keys[] = {"image", "pixel"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        json_t *computed = json_object_get(json_object_get(*document, "computed"), keys[i]);
        if (!json_object_get(json_object_get(*document, "chosen"), keys[i])) continue;
        if (computed)
            okng_json_put(document, keys[i], json_incref(computed));
        else
            (void)json_object_del(*document, keys[i]);
    }
    (void)json_object_del(*document, "computed");
    (void)json_object_del(*document, "chosen");
    (void)json_object_del(*document, "review");
    (void)json_object_del(*document, "region_limits");
}

static void choose(json_t **document, const char *key, float value, const okng_tau_change *change)
{
    if (isnan(value)) return;
    json_t *own = json_object_get(*document, key);
    if (own && !json_object_get(json_object_get(*document, "chosen"), key)) /* in force is what was computed */
        put_into(document, "computed", key, json_incref(own));
    put_into(
        document, "chosen", key,
        json_pack("{s:f, s:o, s:s}", "value", (double)value, "by", okng_json_any_text(change->by), "at", change->at));
    okng_json_put(document, key, json_real((double)value));
}

/* A limit that is taken away leaves no trace. Takes `value`; NULL: there is none any more. */
static void limit(json_t **document, const char *key, json_t *value)
{
    static const char group[] = "region_limits";
    if (value) {
        put_into(document, group, key, value);
        return;
    }
    json_t *limits = json_object_get(*document, group);
    (void)json_object_del(limits, key);
    if (json_object_size(limits) == 0) (void)json_object_del(*document, group);
}

static void change_limits(json_t **document, const okng_tau_change *change)
{
    const okng_region_limits *to = &change->limits;
    if (change->sets_min_area) limit(document, "min_area", to->has_min_area ? json_integer(to->min_area) : NULL);
    if (change->sets_max_length) limit(document, "max_length", to->has_max_length ? json_real(to->max_length) : NULL);
    if (change->sets_max_count) limit(document, "max_count", to->has_max_count ? json_integer(to->max_count) : NULL);
}

void okng_tau_change_document(json_t **document, const okng_tau_change *change)
{
    if (change->reset) reset(document);
    choose(document, "image", change->image, change);
    choose(document, "pixel", change->pixel, change);
    change_limits(document, change);
    /* A band was set around the threshold that there was: it must not decide in place of the new one. */
    if (!change->sets_review && isnan(change->image)) return;
    (void)json_object_del(*document, "review");
    if (change->sets_review && !isnan(change->review[0]))
        okng_json_put(document, "review", json_pack("[f, f]", (double)change->review[0], (double)change->review[1]));
}
