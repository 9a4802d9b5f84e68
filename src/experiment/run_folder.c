/* The folder of an experiment: whose it is, and what it is made with. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/sha256.h"
#include "experiment/config_keys.h"
#include "experiment/run.h"

static const char VERSIONS[] = "versions.json";
static const char CONFIG[] = "config.yaml";
static const char FIGURES[] = "metrics.json"; /* of a category; there when it is finished */

/* What an experiment is made with: SHA-256 of its configuration and of its weight file ("" where there is none). */
typedef struct origin {
    char config[65], weights[65];
} origin;

static okng_status own_origin(const okng_run *run, origin *own, okng_error *error)
{
    *own = (origin){0};
    memcpy(own->config, run->hash, sizeof own->config);
    const char *path = run->config->build.weights;
    return path[0] ? okng_file_sha256(path, own->weights, error) : OKNG_OK;
}

/* What the folder was begun with; config "" when it is new. */
static okng_status begun_with(const char *path, origin *begun, okng_error *error)
{
    json_t *document;
    const char *config, *weights = "";
    *begun = (origin){0};
    if (access(path, F_OK) != 0 && errno == ENOENT) return OKNG_OK;
    OKNG_TRY(okng_json_read(&document, path, &okng_json_small, error));
    okng_status status = okng_json_string(document, path, "config_hash", &config, error);
    if (status == OKNG_OK) status = okng_json_string(document, path, "weights_sha256", &weights, error);
    if (status == OKNG_OK) {
        (void)snprintf(begun->config, sizeof begun->config, "%s", config);
        (void)snprintf(begun->weights, sizeof begun->weights, "%s", weights);
    }
    json_decref(document);
    return status;
}

static okng_status remove_file(const char *folder, const char *name, okng_error *error)
{
    char *path = okng_path_join(folder, name);
    if (!path) return okng_fail_memory(error, strlen(folder));
    okng_status status = OKNG_OK;
    if (unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR) status = okng_fail_errno(error, "replace", path);
    free(path);
    return status;
}

/* Whether the figures of a category are there, of okng's own kind: else the file is somebody's. */
static okng_status has_figures(const char *path, bool *has, okng_error *error)
{
    *has = false;
    if (access(path, F_OK) != 0) return OKNG_OK;
    okng_category_figures *figures = calloc(1, sizeof *figures);
    if (!figures) return okng_fail_memory(error, sizeof *figures);
    okng_status status = okng_category_figures_read(figures, path, NULL);
    free(figures);
    *has = status == OKNG_OK;
    return status == OKNG_ERROR_MEMORY ? okng_fail_memory(error, sizeof *figures) : OKNG_OK;
}

/* What a walk over the folder does with a category; *finished counts. */
typedef okng_status visit_fn(const char *category, size_t *finished, okng_error *error);

static okng_status count(const char *category, size_t *finished, okng_error *error)
{
    char *path = okng_path_join(category, FIGURES);
    if (!path) return okng_fail_memory(error, strlen(category));
    bool has;
    okng_status status = has_figures(path, &has, error);
    *finished += status == OKNG_OK && has;
    free(path);
    return status;
}

/* The category does not count as finished any more. */
static okng_status forget(const char *category, size_t *finished, okng_error *error)
{
    char *path = okng_path_join(category, FIGURES);
    if (!path) return okng_fail_memory(error, strlen(category));
    bool has;
    okng_status status = has_figures(path, &has, error);
    free(path);
    *finished = 0;
    return status == OKNG_OK && has ? remove_file(category, FIGURES, error) : status;
}

/* In a folder that no experiment of okng's began. */
static okng_status refuse_stranger(const char *entry, size_t *finished, okng_error *error)
{
    (void)finished;
    return okng_fail(
        error, OKNG_ERROR_ARGUMENT,
        "%s: is in the folder of the experiment, and no %s of okng's beside it, so it may be somebody's and "
        "would be mixed with results; give the experiment another name, or move it away",
        entry, VERSIONS);
}

static okng_status each_category(const okng_run *run, visit_fn *visit, size_t *finished, okng_error *error)
{
    DIR *folder = opendir(run->folder);
    if (!folder) return okng_fail_errno(error, "list", run->folder);
    okng_status status = OKNG_OK;
    for (const struct dirent *entry = readdir(folder); entry && status == OKNG_OK; entry = readdir(folder)) {
        if (entry->d_name[0] == '.') continue;
        char *category = okng_path_join(run->folder, entry->d_name);
        status = category ? visit(category, finished, error) : okng_fail_memory(error, strlen(run->folder));
        free(category);
    }
    (void)closedir(folder);
    return status;
}

static okng_status write_versions(const okng_run *run, const origin *own, const char *path, okng_error *error)
{
    json_t *document;
    OKNG_TRY(okng_json_parse(&document, run->versions, strlen(run->versions), "the versions", &okng_json_small, error));
    okng_json_put(&document, "config_hash", json_string(own->config));
    okng_json_put(&document, "weights_sha256", json_string(own->weights));
    okng_status status = okng_json_write(document, path, error);
    json_decref(document);
    return status;
}

static okng_status write_config(const okng_run *run, okng_error *error)
{
    char *yaml = NULL, *path = okng_path_join(run->folder, CONFIG);
    okng_status status =
        path ? okng_experiment_config_yaml(run->config, &yaml, error) : okng_fail_memory(error, strlen(run->folder));
    if (status == OKNG_OK) status = okng_file_write(path, yaml, strlen(yaml), error);
    free(yaml);
    free(path);
    return status;
}

/* "model.sampler.ratio is 0.1 there and 0.02 here": the first key that differs, where config.yaml can still be read. */
static void tell_difference(const okng_run *run, char *text, size_t size)
{
    okng_experiment_config there;
    char *path = okng_path_join(run->folder, CONFIG), before[OKNG_OPTION_TEXT_MAX], now[OKNG_OPTION_TEXT_MAX];
    (void)snprintf(text, size, "see its %s", CONFIG);
    bool known = path && okng_experiment_config_load(&there, path, NULL, 0, NULL) == OKNG_OK;
    for (size_t i = 0; known && i < okng_experiment_table.count; i++) {
        const okng_option_row *key = &okng_experiment_table.rows[i];
        if (!okng_key_is_written(key) || !okng_key_counts(key)) continue;
        okng_options_get_row(&okng_experiment_table, key, &there, before, sizeof before);
        okng_options_get_row(&okng_experiment_table, key, run->config, now, sizeof now);
        if (strcmp(before, now) == 0) continue;
        (void)snprintf(text, size, "%s is \"%.80s\" there and \"%.80s\" here", key->name, before, now);
        break;
    }
    free(path);
}

static okng_status refuse(const okng_run *run, const origin *begun, const origin *own, okng_error *error)
{
    char what[320];
    if (strcmp(begun->config, own->config) == 0)
        (void)snprintf(what, sizeof what, "the weight file has changed since, SHA-256 %.12s... there and %.12s... here",
                       begun->weights, own->weights);
    else
        tell_difference(run, what, sizeof what);
    return okng_fail(
        error, OKNG_ERROR_MISMATCH,
        "%s: holds finished categories of another configuration (%s); give this one another name, or replace "
        "that one by force",
        run->folder, what);
}

static okng_status take_over(const okng_run *run, const origin *own, const char *versions, okng_error *error)
{
    origin begun;
    okng_status status = begun_with(versions, &begun, error);
    bool same = status == OKNG_OK && (!begun.config[0] || memcmp(&begun, own, sizeof begun) == 0);
    size_t finished = 0;
    if (same) return begun.config[0] ? OKNG_OK : each_category(run, refuse_stranger, &finished, error);
    bool force = (run->flags & OKNG_EXPERIMENT_FORCE) != 0;
    if (status != OKNG_OK && !force)
        return okng_error_context(error, status, "the folder of the experiment (begin it anew by force)");
    OKNG_TRY(each_category(run, count, &finished, error));
    if (finished && !force) return refuse(run, &begun, own, error);
    return each_category(run, forget, &finished, error); /* where nothing was finished, nothing is lost */
}

okng_status okng_run_prepare(const okng_run *run, okng_error *error)
{
    origin own;
    OKNG_TRY(own_origin(run, &own, error));
    char *versions = okng_path_join(run->folder, VERSIONS);
    if (!versions) return okng_fail_memory(error, strlen(run->folder) + sizeof VERSIONS);
    okng_status status = take_over(run, &own, versions, error);
    if (status == OKNG_OK) status = write_versions(run, &own, versions, error);
    if (status == OKNG_OK) status = write_config(run, error);
    free(versions);
    return status;
}
