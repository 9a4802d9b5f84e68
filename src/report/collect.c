#include "report/collect.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"

static okng_status is_known(const okng_collection *collection, const char *real, bool *known, okng_error *error)
{
    *known = false;
    for (size_t i = 0; i < collection->count && !*known; i++) {
        const char *dir = collection->experiments[i].dir;
        char *other = realpath(dir, NULL);
        if (!other) return okng_fail_errno(error, "find", dir);
        *known = strcmp(other, real) == 0;
        free(other);
    }
    return OKNG_OK;
}

static okng_status add_experiment(okng_collection *collection, const char *dir, okng_error *error)
{
    collection->seen++;
    char *real = realpath(dir, NULL);
    if (!real) return okng_fail_errno(error, "find", dir);
    bool known;
    okng_status status = is_known(collection, real, &known, error);
    free(real);
    if (status != OKNG_OK || known) return status;
    void *grown = collection->experiments;
    if (collection->count == OKNG_MAX_EXPERIMENTS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: more than %d experiments", dir, OKNG_MAX_EXPERIMENTS);
    if (!okng_grow(&grown, &collection->capacity, collection->count + 1, sizeof *collection->experiments))
        return okng_fail_memory(error, (collection->count + 1) * sizeof *collection->experiments);
    collection->experiments = grown;
    OKNG_TRY(okng_results_read(&collection->experiments[collection->count], dir, error));
    collection->count++;
    return OKNG_OK;
}

static okng_status look_into(okng_collection *collection, const char *dir, int depth, okng_error *error);

/* A folder, seen or not; all else is passed over. */
static okng_status look_at(okng_collection *collection, const char *dir, const char *name, int depth, okng_error *error)
{
    struct stat info;
    if (name[0] == '.') return OKNG_OK;
    char *path = okng_path_join(dir, name);
    if (!path) return okng_fail_memory(error, OKNG_PATH_MAX);
    okng_status status = OKNG_OK;
    if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode)) status = look_into(collection, path, depth + 1, error);
    free(path);
    return status;
}

static okng_status look_into(okng_collection *collection, const char *dir, int depth, okng_error *error)
{
    bool here;
    OKNG_TRY(okng_results_are(dir, &here, error));
    if (here) return add_experiment(collection, dir, error);
    if (depth == OKNG_COLLECT_DEPTH) return OKNG_OK;
    struct dirent **entries;
    int count = scandir(dir, &entries, NULL, alphasort);
    if (count < 0) return okng_fail_errno(error, "list", dir);
    okng_status status = OKNG_OK;
    for (int i = 0; i < count; i++) {
        if (status == OKNG_OK) status = look_at(collection, dir, entries[i]->d_name, depth, error);
        free(entries[i]);
    }
    free(entries);
    return status;
}

okng_status okng_collection_read(okng_collection *collection, const char *const *dirs, size_t count, okng_error *error)
{
    okng_status status = OKNG_OK;
    *collection = (okng_collection){0};
    for (size_t i = 0; i < count && status == OKNG_OK; i++) {
        size_t before = collection->seen;
        status = okng_need(dirs[i], "a folder", error);
        if (status == OKNG_OK) status = look_into(collection, dirs[i], 0, error);
        if (status == OKNG_OK && collection->seen == before)
            status = okng_fail(error, OKNG_ERROR_NOT_FOUND,
                               "%s: no experiment here or below, expected folders of categories with a metrics.json; "
                               "okng eval and okng run make them",
                               dirs[i]);
    }
    if (status != OKNG_OK) okng_collection_free(collection);
    return status;
}

void okng_collection_free(okng_collection *collection)
{
    for (size_t i = 0; i < collection->count; i++) okng_results_free(&collection->experiments[i]);
    free(collection->experiments);
    *collection = (okng_collection){0};
}
