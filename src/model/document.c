#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bank/conformal.h"
#include "bank/doubtful.h"
#include "bank/ensemble_file.h"
#include "bank/rois_file.h"
#include "bank/tau.h"
#include "base/file.h"
#include "base/json.h"
#include "base/parallel.h"
#include "model/build.h"

static void put_size(json_t **sizes, const okng_bank_source *from, const char *name)
{
    char full[OKNG_RECIPE_NAME_MAX];
    struct stat info;
    if (from->recipe) {
        const uint64_t bytes = okng_recipe_bytes(from->recipe, okng_bank_source_name(from, name, full));
        if (bytes > 0) okng_json_put(sizes, name, json_integer((json_int_t)bytes));
        return;
    }
    char *path = okng_path_join(from->path, name);
    if (!path)
        okng_json_put(sizes, name, NULL);
    else if (stat(path, &info) == 0)
        okng_json_put(sizes, name, json_integer(info.st_size));
    free(path);
}

/* The files of a bank or, where `config` is NULL, those of an ensemble or of regions beside their banks: {"name":
 * bytes,
 * ...}. */
static json_t *file_sizes(const okng_bank_source *from, const okng_bank_config *config)
{
    json_t *sizes = json_object();
    put_size(&sizes, from, OKNG_BANK_CONFIG_FILE);
    put_size(&sizes, from, OKNG_BANK_ENSEMBLE_FILE);
    put_size(&sizes, from, OKNG_BANK_ROIS_FILE);
    put_size(&sizes, from, OKNG_BANK_TAU_FILE);
    for (int32_t i = 0; config && i < config->data_count; i++) put_size(&sizes, from, config->data[i].file);
    put_size(&sizes, from, OKNG_BANK_BACKBONE_FILE);
    if (config && from->recipe) {
        put_size(&sizes, from, OKNG_RECIPE_WEIGHTS);
        put_size(&sizes, from, OKNG_RECIPE_SEARCH);
    }
    return sizes;
}

/* Of a recipe what it is as a file. */
static json_t *recipe_json(const okng_recipe *recipe)
{
    const okng_recipe_info info = okng_recipe_look(recipe);
    return json_pack("{s:i, s:s, s:s, s:I, s:s*}", "version", OKNG_RECIPE_VERSION, "packed_by", info.okng, "weights",
                     info.precision, "bytes", (json_int_t)info.bytes, "signed_by", info.is_signed ? info.key : NULL);
}

static okng_status read_document(const okng_bank_source *from, const char *name, const okng_json_limits *limits,
                                 json_t **out, okng_error *error)
{
    char *where;
    okng_status status = okng_bank_source_read(from, name, limits, out, &where, error);
    if (status == OKNG_OK) free(where);
    return status;
}

/* [{"rate": ..., "image_threshold": ..., "promised": ...}, ...]: what `false_alarm` of the inspect options would take.
 */
static json_t *false_alarm_thresholds(const okng_tau *tau)
{
    static const double rates[] = {0.1, 0.05, 0.01, 0.005};
    json_t *list = json_array();
    for (size_t i = 0; tau->image_count > 0 && i < sizeof rates / sizeof rates[0]; i++) {
        float threshold = okng_conformal_threshold(tau->image_scores, tau->image_count, rates[i]);
        okng_json_add(&list, json_pack("{s:f, s:f, s:f}", "rate", rates[i], "image_threshold", (double)threshold,
                                       "promised", okng_conformal_promise(tau->image_count, rates[i])));
    }
    return list;
}

/* [{"name": ..., "score": ..., "doubt": ..., "above": ...}, ...]: the oddest pictures, the oddest first. */
static okng_status doubtful_pictures(const okng_tau *tau, json_t **list, okng_error *error)
{
    enum { TOLD = 5 };
    okng_doubts doubts;
    OKNG_TRY(okng_doubts_of(&doubts, tau, error));
    *list = json_array();
    for (size_t i = 0; i < doubts.count && i < TOLD; i++) {
        const okng_doubtful one = okng_doubts_get(&doubts, i);
        okng_json_add(list,
                      json_pack("{s:o, s:f, s:f, s:o}", "name", okng_json_any_text(one.name), "score",
                                (double)one.score, "doubt", (double)one.doubt, "above", okng_json_known(one.above)));
    }
    okng_doubts_free(&doubts);
    return OKNG_OK;
}

/* The whole document of a bank or an ensemble, from its configuration and files; releases both. */
static okng_status compose(const okng_bank_source *from, json_t *config, json_t *files, const okng_tau *scores,
                           char **json, okng_error *error)
{
    json_t *tau = NULL, *doubtful = NULL;
    okng_status status = read_document(from, OKNG_BANK_TAU_FILE, &okng_tau_limits, &tau, error);
    if (status == OKNG_OK) status = doubtful_pictures(scores, &doubtful, error);
    if (status == OKNG_OK) {
        json_t *document = json_pack("{s:O, s:O, s:O, s:o, s:o}", "config", config, "tau", tau, "files", files,
                                     "false_alarm", false_alarm_thresholds(scores), "doubtful", doubtful);
        if (from->recipe) okng_json_put(&document, "recipe", recipe_json(from->recipe));
        status = okng_json_text(document, OKNG_JSON_PRETTY, from->path, json, NULL, error);
        json_decref(document);
    }
    json_decref(tau);
    json_decref(files);
    json_decref(config);
    return status;
}

static okng_status describe_bank(const okng_bank_source *from, char **json, okng_error *error)
{
    okng_bank_file file;
    json_t *config = NULL;
    OKNG_TRY(okng_bank_file_read(&file, from, error)); /* a damaged bank is not described as if it were whole */
    okng_status status = read_document(from, OKNG_BANK_CONFIG_FILE, &okng_json_small, &config, error);
    if (status == OKNG_OK) status = compose(from, config, file_sizes(from, &file.config), &file.tau, json, error);
    okng_bank_file_close(&file);
    return status;
}

/* The configuration of a bank that is a part of another, under its name. */
static okng_status add_part(const okng_bank_source *from, const char *name, json_t **config, okng_error *error)
{
    okng_bank_file file;
    json_t *document = NULL;
    OKNG_TRY(okng_bank_file_read(&file, from, error));
    okng_status status = read_document(from, OKNG_BANK_CONFIG_FILE, &okng_json_small, &document, error);
    if (status == OKNG_OK) okng_json_put(config, name, document);
    okng_bank_file_close(&file);
    return status;
}

/* ensemble.json with the configuration of each member in it. */
static okng_status add_members(const okng_bank_source *from, size_t count, json_t **config, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < count && status == OKNG_OK; i++) {
        char name[OKNG_NAME_MAX];
        okng_ensemble_part part;
        status = okng_ensemble_part_of(&part, from, i, error);
        if (status == OKNG_OK)
            status = add_part(&part.source, okng_ensemble_member_name(i, name, sizeof name), config, error);
        okng_ensemble_part_free(&part);
    }
    return status;
}

/* regions.json with the configuration of each region's bank in it. */
static okng_status add_regions(const okng_bank_source *from, size_t count, json_t **config, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < count && status == OKNG_OK; i++) {
        char name[OKNG_NAME_MAX];
        okng_rois_part part;
        status = okng_rois_part_of(&part, from, i, error);
        if (status == OKNG_OK)
            status = add_part(&part.source, okng_rois_part_name(i, name, sizeof name), config, error);
        okng_rois_part_free(&part);
    }
    return status;
}

static okng_status describe_ensemble(const okng_bank_source *from, char **json, okng_error *error)
{
    okng_ensemble_file ensemble;
    okng_tau tau;
    json_t *config = NULL;
    OKNG_TRY(okng_ensemble_source_read(&ensemble, from, error));
    OKNG_TRY(okng_tau_source_read(from, &tau, error));
    okng_status status = read_document(from, OKNG_BANK_ENSEMBLE_FILE, &okng_json_small, &config, error);
    if (status == OKNG_OK) status = add_members(from, ensemble.count, &config, error);
    if (status == OKNG_OK)
        status = compose(from, config, file_sizes(from, NULL), &tau, json, error);
    else
        json_decref(config);
    okng_tau_free(&tau);
    return status;
}

static okng_status describe_regions(const okng_bank_source *from, char **json, okng_error *error)
{
    okng_rois_file rois;
    okng_tau tau;
    json_t *config = NULL;
    OKNG_TRY(okng_rois_source_look(&rois, from, error));
    OKNG_TRY(okng_tau_source_read(from, &tau, error));
    okng_status status = read_document(from, OKNG_BANK_ROIS_FILE, &okng_json_small, &config, error);
    if (status == OKNG_OK) status = add_regions(from, rois.rois.count, &config, error);
    if (status == OKNG_OK)
        status = compose(from, config, file_sizes(from, NULL), &tau, json, error);
    else
        json_decref(config);
    okng_tau_free(&tau);
    return status;
}

static okng_status describe_source(const okng_bank_source *from, char **json, okng_error *error)
{
    if (okng_bank_source_has(from, OKNG_BANK_ROIS_FILE)) return describe_regions(from, json, error);
    return okng_bank_source_has(from, OKNG_BANK_ENSEMBLE_FILE) ? describe_ensemble(from, json, error)
                                                               : describe_bank(from, json, error);
}

static okng_status describe(void *json, const char *folder, okng_error *error)
{
    const okng_bank_source from = {folder, NULL, ""};
    return describe_source(&from, json, error);
}

/* All of it is checked, weights and what was prepared too. */
static okng_status describe_recipe(const char *path, char **json, okng_error *error)
{
    okng_recipe *recipe;
    OKNG_TRY(okng_recipe_open(&recipe, path, error));
    const okng_bank_source from = {path, recipe, ""};
    okng_status status = okng_recipe_check(recipe, NULL, okng_thread_count(0), error);
    if (status == OKNG_OK) status = describe_source(&from, json, error);
    okng_recipe_close(&recipe);
    return status;
}

static void forget(void *json)
{
    char **text = json;
    free(*text);
    *text = NULL;
}

okng_status okng_model_document(const char *path, char **json, okng_error *error)
{
    return okng_recipe_is(path) ? describe_recipe(path, json, error)
                                : okng_bank_read_settled(path, describe, forget, json, error);
}
