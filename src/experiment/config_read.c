/* A configuration from files and overrides: each is a layer on top of the ones before. */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/yaml.h"
#include "experiment/config_keys.h"

enum { MAX_BASES = 8, MAX_FILE = 256 << 10 };

/* A file that is being read, and the one that named it as its base. */
typedef struct link {
    const char *path, *full; /* as it was named; without links and dots */
    const struct link *above;
    int depth;
} link;

/* ---- one layer ------------------------------------------------------------------------------ */

/* "file:12: key" or "setting key" before the message. */
static okng_status at(const okng_yaml_entry *entry, const char *file, okng_status status, okng_error *error)
{
    if (!file) return okng_error_context(error, status, "setting %s", entry->path);
    return okng_error_context(error, status, "%s:%d: %s", file, entry->line, entry->path);
}

static const char *option_name(const char *path)
{
    static const char prefix[] = "model.options.";
    return strncmp(path, prefix, sizeof prefix - 1) == 0 ? path + sizeof prefix - 1 : NULL;
}

/* A key without a value is set to its default. */
static okng_status set_default(okng_experiment_config *config, const okng_option_row *key, const okng_yaml *layer,
                               okng_error *error)
{
    char text[OKNG_OPTION_TEXT_MAX];
    okng_experiment_config defaults;
    okng_experiment_config_init(&defaults);
    if (!okng_key_is_written(key))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "has no value, expected %s", key->values);
    okng_options_get_row(&okng_experiment_table, key, &defaults, text, sizeof text);
    return okng_options_set_row(&okng_experiment_table, key, config, text, layer, error);
}

static okng_status apply_entry(okng_experiment_config *config, const okng_yaml_entry *entry, okng_key_rank rank,
                               const okng_yaml *layer, okng_error *error)
{
    const char *option = option_name(entry->path);
    if (entry->section || strcmp(entry->path, "base") == 0) return OKNG_OK;
    if (option && rank == OKNG_RANK_OPTIONS && entry->null)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "has no value");
    if (option) return rank == OKNG_RANK_OPTIONS ? okng_key_set_option(config, option, entry->value, error) : OKNG_OK;
    const okng_option_row *key = okng_key_find(entry->path);
    if (!key || okng_key_rank_of(key) != rank) return OKNG_OK;
    if (entry->null) return set_default(config, key, layer, error);
    return okng_options_set_row(&okng_experiment_table, key, config, entry->value, layer, error);
}

/* Every path is that of a key or a section, and used as such. */
static okng_status check_path(const okng_yaml_entry *entry, bool file, okng_error *error)
{
    bool section = okng_key_is_section(entry->path), key = okng_key_find(entry->path) != NULL;
    if (file && !entry->section && strcmp(entry->path, "base") == 0) return OKNG_OK;
    if (option_name(entry->path) && !entry->section) return OKNG_OK;
    if (file && strcmp(entry->path, "base") == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found keys below it, expected the name of a file");
    if (!section && !key) return okng_key_unknown(entry->path, entry->section, error);
    if (entry->section && !section)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found keys below it, expected %s",
                         okng_key_find(entry->path)->values);
    if (!entry->section && !key && !entry->null)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%.80s\", expected keys below it", entry->value);
    return OKNG_OK;
}

/* `file` is NULL for overrides. */
static okng_status apply_layer(okng_experiment_config *config, const okng_yaml *layer, const char *file,
                               okng_error *error)
{
    for (size_t i = 0; i < layer->count; i++) {
        okng_status status = check_path(&layer->entries[i], file != NULL, error);
        if (status != OKNG_OK) return at(&layer->entries[i], file, status, error);
    }
    for (int rank = 0; rank < OKNG_RANKS; rank++)
        for (size_t i = 0; i < layer->count; i++) {
            okng_status status = apply_entry(config, &layer->entries[i], (okng_key_rank)rank, layer, error);
            if (status != OKNG_OK) return at(&layer->entries[i], file, status, error);
        }
    return OKNG_OK;
}

/* ---- files ---------------------------------------------------------------------------------- */

static okng_status apply_file(okng_experiment_config *config, const char *path, const link *above, okng_error *error);

/* The base of `here`, relative to its folder. */
static okng_status apply_base(okng_experiment_config *config, const char *name, const link *here, okng_error *error)
{
    char *copy = strdup(here->path), *path = NULL;
    if (!copy) return okng_fail_memory(error, strlen(here->path));
    path = name[0] == '/' ? strdup(name) : okng_path_join(dirname(copy), name);
    okng_status status =
        path ? apply_file(config, path, here, error) : okng_fail_memory(error, strlen(here->path) + strlen(name));
    free(path);
    free(copy);
    return status;
}

static okng_status apply_text(okng_experiment_config *config, const char *text, size_t size, const link *here,
                              okng_error *error)
{
    okng_yaml layer;
    okng_status status = okng_yaml_read(&layer, text, size, here->path, error);
    const okng_yaml_entry *base = status == OKNG_OK ? okng_yaml_find(&layer, "base") : NULL;
    if (base && !base->section && !base->null) {
        status = apply_base(config, base->value, here, error);
        if (status == OKNG_ERROR_NOT_FOUND) status = at(base, here->path, status, error);
    }
    if (status == OKNG_OK) status = apply_layer(config, &layer, here->path, error);
    okng_yaml_free(&layer);
    return status;
}

static okng_status check_chain(const link *here, okng_error *error)
{
    for (const link *above = here->above; above; above = above->above)
        if (strcmp(above->full, here->full) == 0)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: is its own base, by way of %s", above->path,
                             here->above->path);
    if (here->depth > MAX_BASES)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: is the base of a base more than %d times", here->path,
                         MAX_BASES);
    return OKNG_OK;
}

static okng_status apply_file(okng_experiment_config *config, const char *path, const link *above, okng_error *error)
{
    void *text = NULL;
    size_t size = 0;
    char *full = realpath(path, NULL);
    if (!full) return okng_fail_errno(error, "read the configuration", path);
    const link here = {path, full, above, above ? above->depth + 1 : 0};
    okng_status status = check_chain(&here, error);
    if (status == OKNG_OK) status = okng_file_read(path, MAX_FILE, &text, &size, error);
    if (status == OKNG_OK) status = apply_text(config, text ? text : "", size, &here, error);
    free(text);
    free(full);
    return status;
}

okng_status okng_experiment_config_load(okng_experiment_config *config, const char *path, const char *const *overrides,
                                        size_t override_count, okng_error *error)
{
    OKNG_TRY(okng_need(config, "the place for the configuration", error));
    OKNG_TRY(okng_need(path, "the name of a configuration", error));
    okng_experiment_config_init(config);
    OKNG_TRY(apply_file(config, path, NULL, error));
    okng_yaml layer = {0};
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < override_count && status == OKNG_OK; i++)
        status = okng_yaml_add_setting(&layer, overrides[i], "data.k_shot=4", error);
    if (status == OKNG_OK) status = apply_layer(config, &layer, NULL, error);
    okng_yaml_free(&layer);
    if (status != OKNG_OK) return status;
    status = okng_experiment_config_check(config, error);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", path);
}
