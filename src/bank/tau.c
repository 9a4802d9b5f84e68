/* tau.json: thresholds, and the scores or ranges that they come from. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bank/tau.h"
#include "bank/tau_choice.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/utf8.h"

void okng_tau_free(okng_tau *tau)
{
    free(tau->image_scores);
    for (size_t i = 0; tau->image_names && i < tau->image_count; i++) free(tau->image_names[i]);
    free((void *)tau->image_names);
    free(tau->image_doubts);
    *tau = (okng_tau){0};
}

static const char *const bases[] = {"leave-one-out", "train", "validation", "stand-in"};

static const char *calibration_name(const okng_tau *tau)
{
    if (tau->source == OKNG_TAU_NONE) return "none";
    return tau->source == OKNG_TAU_ANOMALIB ? "anomalib" : bases[tau->basis];
}

/* Numbers that may not be known; they are left out then. */
static struct {
    const char *key;
    size_t offset;
} const kept_numbers[] = {
    {"pixel", offsetof(okng_tau, pixel)},
    {"image", offsetof(okng_tau, image)},
    {"pixel_low", offsetof(okng_tau, pixel_low)},
    {"image_min", offsetof(okng_tau, image_range)},
    {"image_max", offsetof(okng_tau, image_range) + sizeof(float)},
    {"pixel_min", offsetof(okng_tau, pixel_range)},
    {"pixel_max", offsetof(okng_tau, pixel_range) + sizeof(float)},
};
enum { KEPT_NUMBERS = sizeof kept_numbers / sizeof kept_numbers[0] };

static json_t *tau_of_another(const okng_tau *tau)
{
    json_t *document = json_pack("{s:s}", "calibration", calibration_name(tau));
    for (size_t i = 0; tau->source != OKNG_TAU_NONE && i < KEPT_NUMBERS; i++) {
        float number;
        memcpy(&number, (const char *)tau + kept_numbers[i].offset, sizeof number);
        if (!isnan(number)) okng_json_put(&document, kept_numbers[i].key, json_real((double)number));
    }
    return document;
}

/* Of a path whose every byte was replaced because JSON cannot hold it; and of all names, well within what is read. */
enum { NAME_BYTES_MAX = 3 * OKNG_PATH_MAX, ALL_NAMES_BYTES_MAX = 32 << 20 };

/* A score, a doubt and a name of each picture, and little else. JSON writes a byte of a name with up to 6. */
const okng_json_limits okng_tau_limits = {
    .bytes = 64 << 20, .items = 3 * OKNG_TAU_PICTURES_MAX + 256, .text = 6 * NAME_BYTES_MAX, .depth = 8};

/* Bytes that okng_json_any_text makes of a name, and JSON of those. */
static size_t written_bytes(const char *name)
{
    const bool valid = okng_utf8_valid(name, strlen(name), NULL);
    size_t bytes = 0;
    for (; *name; name++) {
        const unsigned char c = (unsigned char)*name;
        bytes += c < 0x20 || c == 0x7f || c == '"' || c == '\\' ? 6 : c < 0x80 || valid ? 1 : 3;
    }
    return bytes;
}

/* The names where they can be kept: there are some and not too many of them. */
static bool keeps_names(const okng_tau *tau)
{
    size_t bytes = 0;
    for (size_t i = 0; tau->image_names && i < tau->image_count; i++) bytes += written_bytes(tau->image_names[i]);
    return tau->image_names && bytes <= ALL_NAMES_BYTES_MAX;
}

static json_t *names_of(const okng_tau *tau)
{
    json_t *names = json_array();
    for (size_t i = 0; i < tau->image_count; i++) okng_json_add(&names, okng_json_any_text(tau->image_names[i]));
    return names;
}

static json_t *numbers_of(const float *numbers, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) okng_json_add(&list, json_real((double)numbers[i]));
    return list;
}

static json_t *tau_of_ok_pictures(const okng_tau *tau, const okng_build_options *options)
{
    bool quantile = options->image_rule == OKNG_IMAGE_RULE_QUANTILE;
    json_t *document = json_pack("{s:f, s:f, s:f, s:f}", "pixel", (double)tau->pixel, "image", (double)tau->image,
                                 "pixel_low", (double)tau->pixel_low, "pixel_pct", options->pixel_pct);
    if (quantile) okng_json_put(&document, "image_pct", json_real(options->image_pct));
    okng_json_put(&document, "image_rule", json_string(quantile ? "quantile" : "robust"));
    okng_json_put(&document, "calibration", json_string(calibration_name(tau)));
    okng_json_put(&document, "image_count", json_integer((json_int_t)tau->image_count));
    okng_json_put(&document, "image_scores", numbers_of(tau->image_scores, tau->image_count));
    if (tau->image_doubts) okng_json_put(&document, "image_doubts", numbers_of(tau->image_doubts, tau->image_count));
    if (keeps_names(tau)) okng_json_put(&document, "image_names", names_of(tau));
    return document;
}

okng_status okng_tau_write(const okng_tau *tau, const okng_build_options *options, const char *path, okng_error *error)
{
    json_t *document = tau->source == OKNG_TAU_OK_PICTURES ? tau_of_ok_pictures(tau, options) : tau_of_another(tau);
    okng_status status = okng_json_write(document, path, error);
    json_decref(document);
    return status;
}

static okng_status parse_kept(const json_t *document, const char *path, okng_tau_source source, okng_tau *tau,
                              okng_error *error)
{
    *tau = (okng_tau){.source = source};
    for (size_t i = 0; i < KEPT_NUMBERS; i++) {
        double number = (double)NAN;
        if (json_object_get(document, kept_numbers[i].key)) /* of a bank without thresholds those that were chosen */
            OKNG_TRY(okng_json_number(document, path, kept_numbers[i].key, -FLT_MAX, FLT_MAX, &number, error));
        float single = (float)number;
        memcpy((char *)tau + kept_numbers[i].offset, &single, sizeof single);
    }
    return OKNG_OK;
}

/* "image_names", where they are there: one for each score. */
static okng_status parse_names(const json_t *document, const char *path, okng_tau *tau, okng_error *error)
{
    const json_t *names = json_object_get(document, "image_names");
    if (!names) return OKNG_OK;
    if (json_array_size(names) != tau->image_count)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: \"image_names\" has %zu entries, expected one for each of the %zu \"image_scores\"", path,
                         json_array_size(names), tau->image_count);
    tau->image_names = okng_alloc_zero(tau->image_count, sizeof *tau->image_names);
    if (!tau->image_names) return okng_fail_memory(error, tau->image_count * sizeof *tau->image_names);
    for (size_t i = 0; i < tau->image_count; i++) {
        const json_t *name = json_array_get(names, i);
        if (!json_is_string(name) || json_string_length(name) >= NAME_BYTES_MAX)
            return okng_fail(error, OKNG_ERROR_FORMAT,
                             "%s: \"image_names\" must be names of less than %d bytes; entry %zu is not", path,
                             (int)NAME_BYTES_MAX, i);
        tau->image_names[i] = strdup(json_string_value(name));
        if (!tau->image_names[i]) return okng_fail_memory(error, json_string_length(name));
    }
    return OKNG_OK;
}

/* "image_doubts", where they are there: one for each score. */
static okng_status parse_doubts(const json_t *document, const char *path, okng_tau *tau, okng_error *error)
{
    const json_t *doubts = json_object_get(document, "image_doubts");
    if (!doubts) return OKNG_OK;
    if (json_array_size(doubts) != tau->image_count)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: \"image_doubts\" has %zu entries, expected one for each of the %zu \"image_scores\"",
                         path, json_array_size(doubts), tau->image_count);
    tau->image_doubts = okng_alloc(tau->image_count, sizeof *tau->image_doubts);
    if (!tau->image_doubts) return okng_fail_memory(error, tau->image_count * sizeof *tau->image_doubts);
    for (size_t i = 0; i < tau->image_count; i++) {
        const json_t *doubt = json_array_get(doubts, i);
        tau->image_doubts[i] = json_is_number(doubt) ? (float)json_number_value(doubt) : NAN;
        if (!(fabsf(tau->image_doubts[i]) <= FLT_MAX))
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"image_doubts\" must be numbers; entry %zu is not", path,
                             i);
    }
    return OKNG_OK;
}

/* "image_count", where it is there: as many scores as were written. */
static okng_status check_count(const json_t *document, const char *path, size_t count, okng_error *error)
{
    int64_t written;
    if (!json_object_get(document, "image_count")) return OKNG_OK; /* before version 0.3 */
    OKNG_TRY(okng_json_integer(document, path, "image_count", 1, OKNG_TAU_PICTURES_MAX, &written, error));
    if ((size_t)written == count) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s: \"image_scores\" has %zu entries, expected the %lld of \"image_count\"; scores were lost or "
                     "added since it was written",
                     path, count, (long long)written);
}

static okng_tau_basis basis_of(const json_t *document)
{
    const char *name = json_string_value(json_object_get(document, "calibration"));
    for (int i = 0; name && i < (int)(sizeof bases / sizeof bases[0]); i++)
        if (strcmp(name, bases[i]) == 0) return (okng_tau_basis)i;
    return OKNG_TAU_VALIDATION; /* somebody else's */
}

static okng_status parse_ok_pictures(const json_t *document, const char *path, okng_tau *tau, okng_error *error)
{
    double pixel, image, low;
    OKNG_TRY(okng_json_number(document, path, "pixel", -FLT_MAX, FLT_MAX, &pixel, error));
    OKNG_TRY(okng_json_number(document, path, "image", -FLT_MAX, FLT_MAX, &image, error));
    OKNG_TRY(okng_json_number(document, path, "pixel_low", -FLT_MAX, FLT_MAX, &low, error));
    const json_t *scores = json_object_get(document, "image_scores");
    if (!json_is_array(scores) || json_array_size(scores) == 0)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: \"image_scores\" is missing or empty, expected the scores of the OK pictures", path);
    size_t count = json_array_size(scores);
    OKNG_TRY(check_count(document, path, count, error));
    *tau = (okng_tau){.pixel = (float)pixel,
                      .image = (float)image,
                      .pixel_low = (float)low,
                      .image_scores = okng_alloc(count, sizeof(float)),
                      .image_count = count,
                      .basis = basis_of(document),
                      .image_range = {NAN, NAN},
                      .pixel_range = {NAN, NAN}};
    if (!tau->image_scores) return okng_fail_memory(error, count * sizeof(float));
    for (size_t i = 0; i < count; i++) {
        const json_t *score = json_array_get(scores, i);
        tau->image_scores[i] = json_is_number(score) ? (float)json_number_value(score) : NAN;
        if (!(fabsf(tau->image_scores[i]) <= FLT_MAX) || (i > 0 && tau->image_scores[i] < tau->image_scores[i - 1]))
            return okng_fail(error, OKNG_ERROR_FORMAT,
                             "%s: \"image_scores\" must be numbers in ascending order; entry %zu is not", path, i);
    }
    OKNG_TRY(parse_names(document, path, tau, error));
    return parse_doubts(document, path, tau, error);
}

static okng_status parse_tau(const json_t *document, const char *path, okng_tau *tau, okng_error *error)
{
    const char *calibration = json_string_value(json_object_get(document, "calibration"));
    if (calibration && strcmp(calibration, "none") == 0) return parse_kept(document, path, OKNG_TAU_NONE, tau, error);
    if (calibration && strcmp(calibration, "anomalib") == 0)
        return parse_kept(document, path, OKNG_TAU_ANOMALIB, tau, error);
    return parse_ok_pictures(document, path, tau, error);
}

okng_status okng_tau_parse(const json_t *document, const char *path, okng_tau *tau, okng_error *error)
{
    *tau = (okng_tau){0};
    okng_status status = parse_tau(document, path, tau, error);
    if (status == OKNG_OK) status = okng_tau_read_choice(document, path, tau, error);
    if (status != OKNG_OK) okng_tau_free(tau);
    return status;
}

okng_status okng_tau_read(const char *path, okng_tau *tau, okng_error *error)
{
    json_t *document;
    *tau = (okng_tau){0};
    OKNG_TRY(okng_json_read(&document, path, &okng_tau_limits, error));
    okng_status status = okng_tau_parse(document, path, tau, error);
    json_decref(document);
    return status;
}

okng_status okng_tau_source_read(const okng_bank_source *from, okng_tau *tau, okng_error *error)
{
    json_t *document;
    char *where;
    *tau = (okng_tau){0};
    OKNG_TRY(okng_bank_source_read(from, OKNG_BANK_TAU_FILE, &okng_tau_limits, &document, &where, error));
    okng_status status = okng_tau_parse(document, where, tau, error);
    json_decref(document);
    free(where);
    return status;
}
