/* Folders of several models: results/<project>/<group>/models/<data set>_<category>. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "import/folder.h"
#include "import/import.h"

enum { MAX_MODELS = 4096 };

typedef struct model {
    char *path, *name;
} model;

struct okng_import_list {
    model *models;
    size_t count, capacity;
};

/* "bottle" of "mvtec_bottle": the data sets whose names are known stand before the category. */
static const char *category_of(const char *folder)
{
    static const char *const sets[] = {"mvtec_", "visa_", "btad_", "mpdd_", "folder_"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        size_t length = strlen(sets[i]);
        bool fits = strncmp(folder, sets[i], length) == 0;
        if (fits && folder[length] && folder[length] != '.') return folder + length; /* not "..", a way out */
    }
    return folder;
}

/* Takes over neither string. */
static okng_status add(okng_import_list *list, const char *path, const char *name, okng_error *error)
{
    if (list->count == MAX_MODELS)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: more than %d models", path, MAX_MODELS);
    void *models = list->models;
    if (!okng_grow(&models, &list->capacity, list->count + 1, sizeof *list->models))
        return okng_fail_memory(error, (list->count + 1) * sizeof *list->models);
    list->models = models;
    model *added = &list->models[list->count++];
    *added = (model){strdup(path), strdup(name)};
    return added->path && added->name ? OKNG_OK : okng_fail_memory(error, strlen(path) + strlen(name));
}

/* The models in the sub-folders of `folder`, which may be missing. */
static okng_status add_below(okng_import_list *list, const char *folder, okng_error *error)
{
    DIR *entries = opendir(folder);
    if (!entries) return errno == ENOMEM ? okng_fail_errno(error, "read the folder", folder) : OKNG_OK;
    okng_status status = OKNG_OK;
    for (struct dirent *entry; status == OKNG_OK && (entry = readdir(entries));) {
        if (entry->d_name[0] == '.') continue;
        char *path = okng_path_join(folder, entry->d_name);
        bool is = false;
        status = path ? okng_is_inspection_model(path, &is, error) : okng_fail_memory(error, strlen(folder));
        if (status == OKNG_OK && is) status = add(list, path, category_of(entry->d_name), error);
        free(path);
    }
    (void)closedir(entries);
    return status;
}

static int by_name(const void *a, const void *b)
{
    const model *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->path, y->path);
}

static okng_status fill(okng_import_list *list, const char *source, okng_error *error)
{
    if (!okng_is_folder(source))
        return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                         "%s: there is no such folder; expected one of patchcore-inspection", source);
    bool is;
    OKNG_TRY(okng_is_inspection_model(source, &is, error));
    if (is) return add(list, source, "", error);
    char *models = okng_path_join(source, "models");
    okng_status status = models ? add_below(list, models, error) : okng_fail_memory(error, strlen(source));
    free(models);
    if (status == OKNG_OK && list->count == 0) status = add_below(list, source, error);
    if (status != OKNG_OK) return status;
    if (list->count == 0)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                         "%s: holds no " OKNG_IMPORT_PARAMS_FILE ", neither does a folder in it or in its models/",
                         source);
    qsort(list->models, list->count, sizeof *list->models, by_name);
    for (size_t i = 1; i < list->count; i++)
        if (strcmp(list->models[i - 1].name, list->models[i].name) == 0)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s and %s: two models of one category; give one of them",
                             list->models[i - 1].path, list->models[i].path);
    return OKNG_OK;
}

okng_status okng_import_list_open(okng_import_list **out, const char *source, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the list", error));
    *out = NULL;
    OKNG_TRY(okng_need(source, "the folder of models", error));
    okng_import_list *list = calloc(1, sizeof *list);
    if (!list) return okng_fail_memory(error, sizeof *list);
    okng_status status = fill(list, source, error);
    if (status == OKNG_OK)
        *out = list;
    else
        okng_import_list_free(&list);
    return status;
}

size_t okng_import_list_count(const okng_import_list *list)
{
    return list ? list->count : 0;
}

const char *okng_import_list_path(const okng_import_list *list, size_t i)
{
    return list && i < list->count ? list->models[i].path : NULL;
}

const char *okng_import_list_name(const okng_import_list *list, size_t i)
{
    return list && i < list->count ? list->models[i].name : NULL;
}

void okng_import_list_free(okng_import_list **list)
{
    if (!list || !*list) return;
    for (size_t i = 0; i < (*list)->count; i++) {
        free((*list)->models[i].path);
        free((*list)->models[i].name);
    }
    free((*list)->models);
    free(*list);
    *list = NULL;
}

okng_status okng_import_find(const char *root, const char *dataset, const char *category, char **path,
                             okng_error *error)
{
    static const struct {
        bool models, dataset, category;
    } forms[] = {{true, true, true}, {false, true, true}, {true, false, true}, {false, false, true}, {0}};
    size_t size = strlen(root) + strlen(dataset) + strlen(category) + sizeof "/models/_";
    *path = malloc(size);
    if (!*path) return okng_fail_memory(error, size);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        (void)snprintf(*path, size, "%s%s%s%s%s%s", root, forms[i].models ? "/models" : "",
                       forms[i].category ? "/" : "", forms[i].dataset ? dataset : "", forms[i].dataset ? "_" : "",
                       forms[i].category ? category : "");
        bool is;
        okng_status status = okng_is_inspection_model(*path, &is, error);
        if (status == OKNG_OK && is) return OKNG_OK;
        if (status == OKNG_OK) continue;
        free(*path);
        *path = NULL;
        return status;
    }
    free(*path);
    *path = NULL;
    return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                     "%s: holds no model of \"%s\"; expected " OKNG_IMPORT_PARAMS_FILE
                     " in models/%s_%s, models/%s, %s_%s, %s or the folder itself",
                     root, category, dataset, category, category, dataset, category, category);
}
