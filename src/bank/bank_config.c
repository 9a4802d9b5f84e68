#include "bank/bank_config.h"

#include <float.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "options/number.h"
#include "options/options.h"

enum { FORMAT_VERSION = 1, MAX_DIM = 1 << 20, MAX_SIDE = 65535 };

/* ---- options as JSON: every row of the table that a bank records --------------------------------------------- */

/* *out is NULL where memory is out. Errors: ARGUMENT. */
static okng_status options_to_json(const okng_bank_config *config, json_t **out, okng_error *error)
{
    json_t *object = json_object();
    for (size_t i = 0; i < okng_build_table.count; i++) {
        const okng_option_row *row = &okng_build_table.rows[i];
        if (!okng_options_is_recorded(&okng_build_table, row, &config->options)) continue;
        if (!okng_options_is_named(row, config->recorded)) continue;
        if (row->offset == offsetof(okng_build_options, method)) continue; /* stands in the document itself */
        char value[OKNG_OPTION_TEXT_MAX];
        okng_options_get_row(&okng_build_table, row, &config->options, value, sizeof value);
        if (!okng_utf8_valid(value, strlen(value), NULL)) {
            json_decref(object);
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "option %s is not UTF-8 text", row->name);
        }
        okng_json_put(&object, row->name, json_string(value));
    }
    *out = object;
    return OKNG_OK;
}

/* method: of the document. */
static okng_status options_from_json(json_t *object, const char *path, const char *method, okng_build_options *options,
                                     okng_error *error)
{
    okng_build_options_init(options);
    const char *preset;
    OKNG_TRY(okng_json_string(object, path, "preset", &preset, error));
    okng_status status = okng_build_options_set(options, "preset", preset, error);
    if (status == OKNG_OK) status = okng_build_options_set(options, "method", method, error);
    for (size_t i = 0; i < okng_build_table.count && status == OKNG_OK; i++) {
        const okng_option_row *row = &okng_build_table.rows[i];
        if (row->absent) status = okng_options_set_row(&okng_build_table, row, options, row->absent, NULL, error);
    }
    /* Before what it would bring with it: all that is recorded holds. */
    const char *name, *backbone = json_string_value(json_object_get(object, "backbone"));
    json_t *value;
    if (status == OKNG_OK && backbone && *backbone)
        status = okng_build_options_set(options, "backbone", backbone, error);
    json_object_foreach(object, name, value)
    {
        if (status != OKNG_OK) break;
        if (strcmp(name, "preset") == 0) continue;
        if (!json_is_string(value))
            status = okng_fail(error, OKNG_ERROR_FORMAT, "option \"%s\" is not text", name);
        else if (json_string_length(value) > 0)
            status = okng_build_options_set(options, name, json_string_value(value), error);
    }
    if (status == OKNG_OK) return OKNG_OK;
    return okng_error_context(error, status == OKNG_ERROR_MEMORY ? status : OKNG_ERROR_FORMAT, "%s", path);
}

/* ---- bank_config.json ----------------------------------------------------------------------------------------------
 */

/* The double of a float's shortest text: the one that the file, of nine digits, is read as again. The checksum is over
 * all digits. */
static double as_written(float value)
{
    char text[48];
    double real = 0.0;
    okng_number_text((double)value, true, text, sizeof text);
    (void)okng_number_real(text, &real);
    return real;
}

static json_t *ranges_to_json(const okng_bank_config *config)
{
    json_t *array = json_array();
    for (int32_t i = 0; i < config->range_count; i++) okng_json_add(&array, json_real(as_written(config->ranges[i])));
    return array;
}

static okng_status ranges_from_json(const json_t *document, const char *path, okng_bank_config *config,
                                    okng_error *error)
{
    const json_t *array = json_object_get(document, "activation_ranges");
    bool needed = config->options.precision == OKNG_PRECISION_INT8;
    config->range_count = 0;
    if (!needed && !array) return OKNG_OK;
    if (!needed || json_array_size(array) == 0 || json_array_size(array) > OKNG_MAX_RANGES)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"activation_ranges\" has %zu entries, expected %s", path,
                         json_array_size(array), needed ? "1 to 512" : "none: the precision is not int8");
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *entry = json_array_get(array, i);
        float range = json_is_number(entry) ? (float)json_number_value(entry) : -1.0f;
        if (!(range >= 0.0f && range <= FLT_MAX))
            return okng_fail(error, OKNG_ERROR_FORMAT,
                             "%s: entry %zu of \"activation_ranges\" is not a number of at least 0", path, i);
        config->ranges[config->range_count++] = range;
    }
    return OKNG_OK;
}

/* SHA-256 of the document, which has no member "checksum". */
static okng_status checksum_of(const json_t *document, const char *path, char hex[65], okng_error *error)
{
    char *text;
    size_t size;
    OKNG_TRY(okng_json_text(document, JSON_COMPACT | JSON_SORT_KEYS, path, &text, &size, error));
    okng_sha256(text, size, hex);
    free(text);
    return OKNG_OK;
}

/* ---- data files ----------------------------------------------------------------------------------------------------
 */

/* "memory_bank" of "memory_bank.pt". */
static const char *data_key(const okng_bank_data *data, char key[OKNG_NAME_MAX])
{
    (void)snprintf(key, OKNG_NAME_MAX, "%.*s", (int)strcspn(data->file, "."), data->file);
    return key;
}

/* The list of names; a member for each file. */
static void put_data(json_t **document, const okng_bank_config *config)
{
    json_t *names = json_array();
    for (int32_t i = 0; i < config->data_count; i++) okng_json_add(&names, json_string(config->data[i].file));
    okng_json_put(document, "data", names);
    for (int32_t i = 0; i < config->data_count; i++) {
        const okng_bank_data *data = &config->data[i];
        char key[OKNG_NAME_MAX];
        okng_json_put(document, data_key(data, key),
                      json_pack("{s:I, s:I, s:s}", "rows", (json_int_t)data->rows, "dim", (json_int_t)data->dim,
                                "sha256", data->sha256));
    }
}

static okng_status copy_hash(const json_t *object, const char *path, char hex[65], okng_error *error)
{
    const char *text;
    OKNG_TRY(okng_json_string(object, path, "sha256", &text, error));
    if (strlen(text) != 64) return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"sha256\" is not 64 hex digits", path);
    memcpy(hex, text, 65);
    return OKNG_OK;
}

/* A name that leads nowhere but into the bank's own folder, and that no document of a bank has. */
static bool is_data_name(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t stem = strspn(name, allowed);
    if (stem == 0 || strlen(name) >= OKNG_NAME_MAX || strcmp(name, OKNG_BANK_BACKBONE_FILE) == 0) return false;
    return strcmp(name + stem, ".pt") == 0 || strcmp(name + stem, ".safetensors") == 0;
}

static okng_status data_of(const json_t *document, const char *path, const char *name, okng_bank_data *data,
                           okng_error *error)
{
    char key[OKNG_NAME_MAX];
    if (!name || !is_data_name(name))
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: \"data\" names \"%.80s\", expected a file name in lower case that ends in .pt or "
                         ".safetensors",
                         path, name ? name : "");
    memcpy(data->file, name, strlen(name) + 1);
    const json_t *member = json_object_get(document, data_key(data, key));
    OKNG_TRY(copy_hash(member, path, data->sha256, error));
    OKNG_TRY(okng_json_integer(member, path, "rows", 1, INT64_MAX, &data->rows, error));
    return okng_json_integer(member, path, "dim", 1, MAX_DIM, &data->dim, error);
}

/* A document without a list is one of version 0.1, whose only data file was the memory bank. */
static okng_status data_from_json(const json_t *document, const char *path, okng_bank_config *config, okng_error *error)
{
    const json_t *names = json_object_get(document, "data");
    if (!names) {
        config->data_count = 1;
        return data_of(document, path, OKNG_BANK_ROWS_FILE, &config->data[0], error);
    }
    if (!json_is_array(names) || json_array_size(names) > OKNG_BANK_DATA_MAX)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"data\" is not a list of at most %d file names", path,
                         OKNG_BANK_DATA_MAX);
    for (size_t i = 0; i < json_array_size(names); i++)
        OKNG_TRY(data_of(document, path, json_string_value(json_array_get(names, i)), &config->data[i], error));
    config->data_count = (int32_t)json_array_size(names);
    return OKNG_OK;
}

/* ---- the document --------------------------------------------------------------------------------------------------
 */

/* Size of the network's input, and where it came from. */
static json_t *input_to_json(const okng_bank_config *config)
{
    json_t *input = json_pack("{s:i, s:i}", "height", (int)config->input_height, "width", (int)config->input_width);
    if (config->asked_pixels > 0) {
        okng_json_put(&input, "asked", json_string("auto"));
        okng_json_put(&input, "asked_pixels", json_integer(config->asked_pixels));
        okng_json_put(&input, "aspects_differ", json_boolean(config->aspects_differ));
    }
    if (config->picture_height > 0) {
        okng_json_put(&input, "picture_height", json_integer(config->picture_height));
        okng_json_put(&input, "picture_width", json_integer(config->picture_width));
        okng_json_put(&input, "grid_height", json_integer(config->grid_height));
        okng_json_put(&input, "grid_width", json_integer(config->grid_width));
    }
    if (config->whole_height > 0) {
        okng_json_put(&input, "whole_height", json_integer(config->whole_height));
        okng_json_put(&input, "whole_width", json_integer(config->whole_width));
    }
    return input;
}

/* What banks of version 0.2.0 and before do not have is 0. */
static okng_status input_from_json(const json_t *input, const char *path, okng_bank_config *config, okng_error *error)
{
    int64_t height, width;
    OKNG_TRY(okng_json_integer(input, path, "height", 1, MAX_SIDE, &height, error));
    OKNG_TRY(okng_json_integer(input, path, "width", 1, MAX_SIDE, &width, error));
    config->input_height = (int32_t)height;
    config->input_width = (int32_t)width;
    config->aspects_differ = json_is_true(json_object_get(input, "aspects_differ"));
    if (json_object_get(input, "asked_pixels"))
        OKNG_TRY(okng_json_integer(input, path, "asked_pixels", 1, INT64_MAX, &config->asked_pixels, error));
    if (json_object_get(input, "whole_height")) {
        OKNG_TRY(okng_json_integer(input, path, "whole_height", 1, MAX_SIDE, &height, error));
        OKNG_TRY(okng_json_integer(input, path, "whole_width", 1, MAX_SIDE, &width, error));
        config->whole_height = (int32_t)height;
        config->whole_width = (int32_t)width;
    }
    if (!json_object_get(input, "picture_height")) return OKNG_OK;
    OKNG_TRY(okng_json_integer(input, path, "picture_height", 1, INT32_MAX, &height, error));
    OKNG_TRY(okng_json_integer(input, path, "picture_width", 1, INT32_MAX, &width, error));
    config->picture_height = (int32_t)height;
    config->picture_width = (int32_t)width;
    OKNG_TRY(okng_json_integer(input, path, "grid_height", 1, MAX_SIDE, &height, error));
    OKNG_TRY(okng_json_integer(input, path, "grid_width", 1, MAX_SIDE, &width, error));
    config->grid_height = (int32_t)height;
    config->grid_width = (int32_t)width;
    return OKNG_OK;
}

/* The members that every bank has but for its data. Takes `options`. */
static json_t *common_to_json(const okng_bank_config *config, json_t *options)
{
    const char *slash = strrchr(config->options.weights, '/');
    const char *weights_name = slash ? slash + 1 : config->options.weights[0] ? config->options.weights : "built in";
    json_t *weights = json_pack("{s:s, s:s}", "file", weights_name, "sha256", config->weights_sha256);
    json_t *input = input_to_json(config);
    return json_pack("{s:s, s:i, s:s, s:s, s:s, s:o, s:o, s:I, s:I, s:o}", "format", "okng bank", "version",
                     FORMAT_VERSION, "okng", okng_version(), "method", config->options.method, "engine", config->engine,
                     "options", options, "weights", weights, "pictures", (json_int_t)config->pictures, "patches",
                     (json_int_t)config->patches, "input", input);
}

okng_status okng_bank_config_write(const okng_bank_config *config, const char *path, okng_error *error)
{
    json_t *options = NULL;
    char checksum[65] = "";
    OKNG_TRY(options_to_json(config, &options, error));
    json_t *document = common_to_json(config, options);
    put_data(&document, config);
    if (config->scores >= 0) okng_json_put(&document, "scores", json_integer(config->scores));
    if (config->vocabulary_sha256[0])
        okng_json_put(&document, "vocabulary", json_pack("{s:s}", "sha256", config->vocabulary_sha256));
    if (config->checkpoint_sha256[0])
        okng_json_put(&document, "checkpoint", json_pack("{s:s}", "sha256", config->checkpoint_sha256));
    if (config->imported[0]) okng_json_put(&document, "imported_from", json_string(config->imported));
    if (config->range_count > 0) okng_json_put(&document, "activation_ranges", ranges_to_json(config));
    okng_status status = checksum_of(document, path, checksum, error);
    okng_json_put(&document, "checksum", json_string(checksum));
    if (status == OKNG_OK) status = okng_json_write(document, path, error);
    json_decref(document);
    return status;
}

/* Takes the checksum out of the document and compares. */
static okng_status check_checksum(json_t *document, const char *path, okng_error *error)
{
    const char *recorded;
    char actual[65];
    OKNG_TRY(okng_json_string(document, path, "checksum", &recorded, error));
    json_t *kept = json_incref(json_object_get(document, "checksum"));
    (void)json_object_del(document, "checksum");
    okng_status status = checksum_of(document, path, actual, error);
    if (status == OKNG_OK && strcmp(recorded, actual) != 0)
        status = okng_fail(error, OKNG_ERROR_FORMAT,
                           "%s: was edited after the build (its checksum does not agree); build the bank anew, or give "
                           "thresholds when inspecting",
                           path);
    json_decref(kept);
    return status;
}

static okng_status check_document(json_t *document, const char *path, okng_error *error)
{
    const char *format;
    int64_t version;
    if (okng_json_string(document, path, "format", &format, NULL) != OKNG_OK || strcmp(format, "okng bank") != 0)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: is not the configuration of an okng bank", path);
    OKNG_TRY(okng_json_integer(document, path, "version", 0, INT32_MAX, &version, error));
    if (version != FORMAT_VERSION)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: bank format %lld, expected %d; build the bank anew with this okng", path,
                         (long long)version, FORMAT_VERSION);
    return check_checksum(document, path, error);
}

static okng_status copy_engine(const json_t *document, const char *path, okng_bank_config *config, okng_error *error)
{
    const char *text;
    OKNG_TRY(okng_json_string(document, path, "engine", &text, error));
    if (strlen(text) >= sizeof config->engine)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"engine\" is longer than %zu bytes", path,
                         sizeof config->engine - 1);
    memcpy(config->engine, text, strlen(text) + 1);
    return OKNG_OK;
}

/* Only a bank of another program's has it. */
static okng_status copy_imported(const json_t *document, const char *path, okng_bank_config *config, okng_error *error)
{
    const char *text;
    if (!json_object_get(document, "imported_from")) return OKNG_OK;
    OKNG_TRY(okng_json_string(document, path, "imported_from", &text, error));
    if (!*text || strlen(text) >= sizeof config->imported)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"imported_from\" has %zu bytes, expected 1 to %zu", path,
                         strlen(text), sizeof config->imported - 1);
    memcpy(config->imported, text, strlen(text) + 1);
    return OKNG_OK;
}

static okng_status parse_config(json_t *document, const char *path, okng_bank_config *config, okng_error *error)
{
    OKNG_TRY(check_document(document, path, error));
    const json_t *weights = json_object_get(document, "weights"), *input = json_object_get(document, "input");
    const char *method = "patchcore"; /* of banks that were built before there was a choice */
    if (json_object_get(document, "method")) OKNG_TRY(okng_json_string(document, path, "method", &method, error));
    OKNG_TRY(options_from_json(json_object_get(document, "options"), path, method, &config->options, error));
    OKNG_TRY(copy_engine(document, path, config, error));
    OKNG_TRY(ranges_from_json(document, path, config, error));
    OKNG_TRY(copy_hash(weights, path, config->weights_sha256, error));
    OKNG_TRY(data_from_json(document, path, config, error));
    OKNG_TRY(copy_imported(document, path, config, error));
    const json_t *vocabulary = json_object_get(document, "vocabulary");
    if (vocabulary) OKNG_TRY(copy_hash(vocabulary, path, config->vocabulary_sha256, error));
    const json_t *checkpoint = json_object_get(document, "checkpoint");
    if (checkpoint) OKNG_TRY(copy_hash(checkpoint, path, config->checkpoint_sha256, error));
    int64_t pictures, patches;
    OKNG_TRY(okng_json_integer(document, path, "pictures", 0, INT64_MAX, &pictures, error));
    OKNG_TRY(okng_json_integer(document, path, "patches", 0, INT64_MAX, &patches, error));
    OKNG_TRY(input_from_json(input, path, config, error));
    config->scores = -1;
    if (json_object_get(document, "scores"))
        OKNG_TRY(okng_json_integer(document, path, "scores", 0, OKNG_TAU_PICTURES_MAX, &config->scores, error));
    config->pictures = (uint64_t)pictures;
    config->patches = (uint64_t)patches;
    return OKNG_OK;
}

okng_status okng_bank_config_parse(json_t *document, const char *path, okng_bank_config *config, okng_error *error)
{
    *config = (okng_bank_config){.data_count = 0};
    return parse_config(document, path, config, error);
}

okng_status okng_bank_config_read(const char *path, okng_bank_config *config, okng_error *error)
{
    json_t *document;
    *config = (okng_bank_config){.data_count = 0};
    OKNG_TRY(okng_json_read(&document, path, &okng_json_small, error));
    okng_status status = okng_bank_config_parse(document, path, config, error);
    json_decref(document);
    return status;
}
