/* The folder of an experiment: whose it is, and what it is made with. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "experiment/run.h"

static const char VERSIONS[] = "versions.json";
static const char CONFIG[] = "config.yaml";

/* Hash of the configuration that the folder was begun with; "" when it is new. */
static okng_status begun_with(const char *path, char hash[65], okng_error *error)
{
    json_t *document;
    const char *found;
    hash[0] = '\0';
    if (access(path, F_OK) != 0 && errno == ENOENT) return OKNG_OK;
    OKNG_TRY(okng_json_read(&document, path, error));
    okng_status status = okng_json_string(document, path, "config_hash", &found, error);
    if (status == OKNG_OK) (void)snprintf(hash, 65, "%s", found);
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

/* No category counts as finished any more. */
static okng_status forget(const okng_run *run, okng_error *error)
{
    DIR *folder = opendir(run->folder);
    if (!folder) return okng_fail_errno(error, "list", run->folder);
    okng_status status = OKNG_OK;
    for (const struct dirent *entry = readdir(folder); entry && status == OKNG_OK; entry = readdir(folder)) {
        if (entry->d_name[0] == '.') continue;
        char *category = okng_path_join(run->folder, entry->d_name);
        if (!category) status = okng_fail_memory(error, strlen(run->folder));
        if (status == OKNG_OK) status = remove_file(category, "metrics.json", error);
        free(category);
    }
    (void)closedir(folder);
    return status;
}

static okng_status write_versions(const okng_run *run, const char *path, okng_error *error)
{
    json_error_t reason;
    json_t *document = json_loads(run->versions, 0, &reason);
    okng_status status = OKNG_OK;
    if (!document || json_object_set_new(document, "config_hash", json_string(run->hash)) != 0)
        status = okng_fail(error, OKNG_ERROR_MEMORY, "%s: out of memory for the versions", path);
    if (status == OKNG_OK) status = okng_json_write(document, path, error);
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

static okng_status take_over(const okng_run *run, const char *versions, okng_error *error)
{
    char before[65];
    okng_status status = begun_with(versions, before, error);
    bool same = status == OKNG_OK && (!before[0] || strcmp(before, run->hash) == 0);
    if (!same && !(run->flags & OKNG_EXPERIMENT_FORCE)) {
        if (status != OKNG_OK)
            return okng_error_context(error, status, "the folder of the experiment (give it anew with --force)");
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s: holds an experiment of another configuration (see its config.yaml); give this one "
                         "another name, or replace that one with --force",
                         run->folder);
    }
    return same ? OKNG_OK : forget(run, error);
}

okng_status okng_run_prepare(const okng_run *run, okng_error *error)
{
    char *versions = okng_path_join(run->folder, VERSIONS);
    if (!versions) return okng_fail_memory(error, strlen(run->folder) + sizeof VERSIONS);
    okng_status status = take_over(run, versions, error);
    if (status == OKNG_OK) status = write_versions(run, versions, error);
    if (status == OKNG_OK) status = write_config(run, error);
    free(versions);
    return status;
}
