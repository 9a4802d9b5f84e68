#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bank/bank_config.h"
#include "bank/conformal.h"
#include "bank/ensemble_file.h"
#include "base/json.h"
#include "base/sized.h"
#include "inspect/handles.h"
#include "patchcore/ensemble.h"

okng_status okng_bank_open(okng_bank **out, const char *bank_dir, const char *weights, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the bank", error));
    *out = NULL;
    if (!bank_dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no bank folder was given");
    okng_bank *bank = calloc(1, sizeof *bank);
    if (!bank) return okng_fail_memory(error, sizeof *bank);
    okng_status status = okng_patchcore_open(&bank->method, bank_dir, weights, error);
    if (status != OKNG_OK) okng_bank_close(&bank);
    *out = bank;
    return status;
}

void okng_bank_close(okng_bank **bank)
{
    if (!bank || !*bank) return;
    okng_patchcore_close(&(*bank)->method);
    free(*bank);
    *bank = NULL;
}

okng_status okng_bank_get_info(const okng_bank *bank, okng_bank_info *info, okng_error *error)
{
    OKNG_TRY(okng_need(bank, "the bank", error));
    const okng_bank_file *file = okng_patchcore_file(bank->method);
    okng_bank_info full = {.struct_size = sizeof full,
                           .rows = file->config.rows,
                           .dim = (int32_t)file->config.dim,
                           .pixel_tau = file->tau.pixel,
                           .image_tau = file->tau.image,
                           .pixel_low = file->tau.pixel_low,
                           .pictures = file->config.pictures,
                           .needs_ranges = !okng_patchcore_ready(bank->method)};
    return okng_sized_give(info, &full, sizeof full, "the place for what is known of the bank", error);
}

/* The files of a bank or, beside its members, of an ensemble: {"name": bytes, ...}. */
static json_t *file_sizes(const char *bank_dir)
{
    static const char *const names[] = {OKNG_BANK_CONFIG_FILE, OKNG_BANK_ENSEMBLE_FILE, OKNG_BANK_TAU_FILE,
                                        OKNG_BANK_ROWS_FILE, OKNG_BANK_BACKBONE_FILE};
    json_t *sizes = json_object();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = okng_path_join(bank_dir, names[i]);
        struct stat info;
        if (path && stat(path, &info) == 0) (void)json_object_set_new(sizes, names[i], json_integer(info.st_size));
        free(path);
    }
    return sizes;
}

static okng_status read_document(const char *bank_dir, const char *name, json_t **out, okng_error *error)
{
    char *path = okng_path_join(bank_dir, name);
    if (!path) return okng_fail_memory(error, strlen(bank_dir));
    okng_status status = okng_json_read(out, path, error);
    free(path);
    return status;
}

/* [{"rate": ..., "image_threshold": ...}, ...]: what `false_alarm` of the inspect options would take. */
static json_t *false_alarm_thresholds(const okng_tau *tau)
{
    static const double rates[] = {0.1, 0.05, 0.01, 0.005};
    json_t *list = json_array();
    for (size_t i = 0; tau->image_count > 0 && i < sizeof rates / sizeof rates[0]; i++) {
        float threshold = okng_conformal_threshold(tau->image_scores, tau->image_count, rates[i]);
        (void)json_array_append_new(list,
                                    json_pack("{s:f, s:f}", "rate", rates[i], "image_threshold", (double)threshold));
    }
    return list;
}

/* The whole document of a bank or an ensemble, from its configuration; releases `config`. */
static okng_status compose(const char *bank_dir, json_t *config, const okng_tau *scores, char **json, okng_error *error)
{
    json_t *tau = NULL;
    okng_status status = read_document(bank_dir, OKNG_BANK_TAU_FILE, &tau, error);
    if (status == OKNG_OK) {
        json_t *document = json_pack("{s:O, s:O, s:o, s:o}", "config", config, "tau", tau, "files",
                                     file_sizes(bank_dir), "false_alarm", false_alarm_thresholds(scores));
        if (document) *json = okng_json_text(document);
        json_decref(document);
        if (!*json) status = okng_fail(error, OKNG_ERROR_MEMORY, "%s: out of memory for its description", bank_dir);
    }
    json_decref(tau);
    json_decref(config);
    return status;
}

static okng_status describe_bank(const char *bank_dir, char **json, okng_error *error)
{
    okng_bank_file file;
    json_t *config = NULL;
    OKNG_TRY(okng_bank_file_open(&file, bank_dir, error)); /* a damaged bank is not described as if it were whole */
    okng_status status = read_document(bank_dir, OKNG_BANK_CONFIG_FILE, &config, error);
    if (status == OKNG_OK) status = compose(bank_dir, config, &file.tau, json, error);
    okng_bank_file_close(&file);
    return status;
}

/* ensemble.json with the configuration of each member in it. */
static okng_status add_members(const char *bank_dir, size_t count, json_t *config, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < count && status == OKNG_OK; i++) {
        char name[OKNG_NAME_MAX];
        char *member = okng_path_join(bank_dir, okng_ensemble_member_name(i, name, sizeof name));
        okng_bank_file file = {0};
        json_t *document = NULL;
        status = member ? okng_bank_file_open(&file, member, error) : okng_fail_memory(error, strlen(bank_dir));
        if (status == OKNG_OK) status = read_document(member, OKNG_BANK_CONFIG_FILE, &document, error);
        if (status == OKNG_OK) (void)json_object_set_new(config, name, document);
        okng_bank_file_close(&file);
        free(member);
    }
    return status;
}

static okng_status describe_ensemble(const char *bank_dir, char **json, okng_error *error)
{
    okng_ensemble_file ensemble;
    okng_tau tau;
    json_t *config = NULL;
    OKNG_TRY(okng_ensemble_file_read(&ensemble, bank_dir, error));
    char *path = okng_path_join(bank_dir, OKNG_BANK_TAU_FILE);
    okng_status status = path ? okng_tau_read(path, &tau, error) : okng_fail_memory(error, strlen(bank_dir));
    free(path);
    if (status != OKNG_OK) return status;
    status = read_document(bank_dir, OKNG_BANK_ENSEMBLE_FILE, &config, error);
    if (status == OKNG_OK) status = add_members(bank_dir, ensemble.count, config, error);
    if (status == OKNG_OK)
        status = compose(bank_dir, config, &tau, json, error);
    else
        json_decref(config);
    okng_tau_free(&tau);
    return status;
}

okng_status okng_bank_describe(const char *bank_dir, char **json, okng_error *error)
{
    OKNG_TRY(okng_need(json, "the place for the text", error));
    *json = NULL;
    if (!bank_dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no bank folder was given");
    return okng_ensemble_is(bank_dir) ? describe_ensemble(bank_dir, json, error) : describe_bank(bank_dir, json, error);
}

void okng_text_free(char **text)
{
    if (!text) return;
    free(*text);
    *text = NULL;
}
