#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bank/conformal.h"
#include "bank/doubtful.h"
#include "bank/ensemble_file.h"
#include "bank/tau.h"
#include "base/json.h"
#include "model/build.h"

static void put_size(json_t **sizes, const char *folder, const char *name)
{
    char *path = okng_path_join(folder, name);
    struct stat info;
    if (!path)
        okng_json_put(sizes, name, NULL);
    else if (stat(path, &info) == 0)
        okng_json_put(sizes, name, json_integer(info.st_size));
    free(path);
}

/* The files of a bank or, where `config` is NULL, those of an ensemble beside its members: {"name": bytes, ...}. */
static json_t *file_sizes(const char *folder, const okng_bank_config *config)
{
    json_t *sizes = json_object();
    put_size(&sizes, folder, OKNG_BANK_CONFIG_FILE);
    put_size(&sizes, folder, OKNG_BANK_ENSEMBLE_FILE);
    put_size(&sizes, folder, OKNG_BANK_TAU_FILE);
    for (int32_t i = 0; config && i < config->data_count; i++) put_size(&sizes, folder, config->data[i].file);
    put_size(&sizes, folder, OKNG_BANK_BACKBONE_FILE);
    return sizes;
}

static okng_status read_document(const char *folder, const char *name, const okng_json_limits *limits, json_t **out,
                                 okng_error *error)
{
    char *path = okng_path_join(folder, name);
    if (!path) return okng_fail_memory(error, strlen(folder));
    okng_status status = okng_json_read(out, path, limits, error);
    free(path);
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
static okng_status compose(const char *folder, json_t *config, json_t *files, const okng_tau *scores, char **json,
                           okng_error *error)
{
    json_t *tau = NULL, *doubtful = NULL;
    okng_status status = read_document(folder, OKNG_BANK_TAU_FILE, &okng_tau_limits, &tau, error);
    if (status == OKNG_OK) status = doubtful_pictures(scores, &doubtful, error);
    if (status == OKNG_OK) {
        json_t *document = json_pack("{s:O, s:O, s:O, s:o, s:o}", "config", config, "tau", tau, "files", files,
                                     "false_alarm", false_alarm_thresholds(scores), "doubtful", doubtful);
        status = okng_json_text(document, OKNG_JSON_PRETTY, folder, json, NULL, error);
        json_decref(document);
    }
    json_decref(tau);
    json_decref(files);
    json_decref(config);
    return status;
}

static okng_status describe_bank(const char *folder, char **json, okng_error *error)
{
    okng_bank_file file;
    json_t *config = NULL;
    OKNG_TRY(okng_bank_file_open(&file, folder, error)); /* a damaged bank is not described as if it were whole */
    okng_status status = read_document(folder, OKNG_BANK_CONFIG_FILE, &okng_json_small, &config, error);
    if (status == OKNG_OK) status = compose(folder, config, file_sizes(folder, &file.config), &file.tau, json, error);
    okng_bank_file_close(&file);
    return status;
}

/* ensemble.json with the configuration of each member in it. */
static okng_status add_members(const char *folder, size_t count, json_t **config, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < count && status == OKNG_OK; i++) {
        char name[OKNG_NAME_MAX];
        char *member = okng_path_join(folder, okng_ensemble_member_name(i, name, sizeof name));
        okng_bank_file file = {0};
        json_t *document = NULL;
        status = member ? okng_bank_file_open(&file, member, error) : okng_fail_memory(error, strlen(folder));
        if (status == OKNG_OK)
            status = read_document(member, OKNG_BANK_CONFIG_FILE, &okng_json_small, &document, error);
        if (status == OKNG_OK) okng_json_put(config, name, document);
        okng_bank_file_close(&file);
        free(member);
    }
    return status;
}

static okng_status describe_ensemble(const char *folder, char **json, okng_error *error)
{
    okng_ensemble_file ensemble;
    okng_tau tau;
    json_t *config = NULL;
    OKNG_TRY(okng_ensemble_file_read(&ensemble, folder, error));
    char *path = okng_path_join(folder, OKNG_BANK_TAU_FILE);
    okng_status status = path ? okng_tau_read(path, &tau, error) : okng_fail_memory(error, strlen(folder));
    free(path);
    if (status != OKNG_OK) return status;
    status = read_document(folder, OKNG_BANK_ENSEMBLE_FILE, &okng_json_small, &config, error);
    if (status == OKNG_OK) status = add_members(folder, ensemble.count, &config, error);
    if (status == OKNG_OK)
        status = compose(folder, config, file_sizes(folder, NULL), &tau, json, error);
    else
        json_decref(config);
    okng_tau_free(&tau);
    return status;
}

static okng_status describe(void *json, const char *folder, okng_error *error)
{
    return okng_ensemble_is(folder) ? describe_ensemble(folder, json, error) : describe_bank(folder, json, error);
}

static void forget(void *json)
{
    char **text = json;
    free(*text);
    *text = NULL;
}

okng_status okng_model_document(const char *folder, char **json, okng_error *error)
{
    return okng_bank_read_settled(folder, describe, forget, json, error);
}
