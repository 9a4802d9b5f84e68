#include "grow/joined.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* Bytes of the deepest folder that holds both, without its slash but for the root's. */
static size_t shared_folder(const char *a, const char *b)
{
    size_t same = 0, end = 0;
    for (; a[same] && a[same] == b[same]; same++)
        if (a[same] == '/') end = same;
    bool a_ends = !a[same] || a[same] == '/', b_ends = !b[same] || b[same] == '/';
    if (a_ends && b_ends) end = same;
    return end > 0 ? end : 1;
}

static const char *last_part(const char *folder)
{
    const char *slash = strrchr(folder, '/');
    return slash ? slash + 1 : folder;
}

/* What comes before the names of each list, "" or with a slash at the end; malloc'd. */
static okng_status find_prefixes(const char *const folders[2], char **folder, char *prefixes[2], okng_error *error)
{
    bool known = *folders[0] && *folders[1];
    size_t shared = known ? shared_folder(folders[0], folders[1]) : 0;
    *folder = strndup(folders[0], shared);
    for (int i = 0; i < 2; i++) {
        const char *rest = known ? folders[i] + shared : last_part(folders[i]);
        while (*rest == '/') rest++;
        size_t length = strlen(rest);
        prefixes[i] = calloc(length + 2, 1);
        if (!prefixes[i]) continue;
        memcpy(prefixes[i], rest, length);
        if (length > 0) prefixes[i][length] = '/';
    }
    return *folder && prefixes[0] && prefixes[1] ? OKNG_OK : okng_fail_memory(error, OKNG_PATH_MAX);
}

/* All names, each with its prefix, one malloc'd string each. */
typedef struct name_list {
    char **name;
    size_t count;
} name_list;

static const char *listed(const void *context, size_t i)
{
    return ((const name_list *)context)->name[i];
}

static void free_list(name_list *list)
{
    for (size_t i = 0; list->name && i < list->count; i++) free(list->name[i]);
    free((void *)list->name);
}

static okng_status make_list(name_list *list, const okng_picture_names *const names[2], char *const prefixes[2],
                             okng_error *error)
{
    size_t at = 0;
    list->count = (size_t)(names[0]->count + names[1]->count);
    list->name = okng_alloc_zero(list->count + 1, sizeof *list->name);
    if (!list->name) return okng_fail_memory(error, list->count * sizeof *list->name);
    for (int l = 0; l < 2; l++)
        for (int64_t i = 0; i < names[l]->count; i++, at++) {
            size_t size = strlen(prefixes[l]) + strlen(names[l]->name[i]) + 1;
            list->name[at] = malloc(size);
            if (!list->name[at]) return okng_fail_memory(error, size);
            (void)stpcpy(stpcpy(list->name[at], prefixes[l]), names[l]->name[i]);
        }
    return OKNG_OK;
}

okng_status okng_joined_make(okng_joined *joined, const okng_named_pictures *first, const okng_named_pictures *second,
                             const char *group, okng_error *error)
{
    const char *const folders[2] = {first->folder, second->folder};
    const okng_picture_names *const names[2] = {first->names, second->names};
    char *prefixes[2] = {NULL, NULL};
    name_list list = {0};
    *joined = (okng_joined){0};
    okng_status status = find_prefixes(folders, &joined->folder, prefixes, error);
    if (status == OKNG_OK) status = make_list(&list, names, prefixes, error);
    if (status == OKNG_OK) status = okng_picture_names_new(&joined->names, (int64_t)list.count, listed, &list, error);
    const okng_pictures pictures = {.count = list.count, .context = &list, .name = listed};
    if (status == OKNG_OK) status = okng_groups_find(&joined->groups, group, &pictures, error);
    free_list(&list);
    for (int i = 0; i < 2; i++) free(prefixes[i]);
    if (status != OKNG_OK) okng_joined_free(joined);
    return status;
}

void okng_joined_free(okng_joined *joined)
{
    okng_picture_names_free(&joined->names);
    okng_groups_free(&joined->groups);
    free(joined->folder);
    *joined = (okng_joined){0};
}

/* ---- the same ones ----------------------------------------------------------------------------------------------- */

/* A picture of either list by its path; of a list whose folder is not known, by its name. */
typedef struct entry {
    char *path;
    size_t index;
    bool second;
} entry;

static int by_path(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    if (order != 0) return order;
    if (x->second != y->second) return x->second ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

static okng_status fill(entry *entries, const okng_named_pictures *list, bool second, okng_error *error)
{
    for (size_t i = 0; i < (size_t)list->names->count; i++) {
        const char *name = list->names->name[i];
        entries[i] = (entry){*list->folder ? okng_path_join(list->folder, name) : strdup(name), i, second};
        if (!entries[i].path) return okng_fail_memory(error, strlen(list->folder) + strlen(name) + 2);
    }
    return OKNG_OK;
}

okng_status okng_joined_find_same(const okng_named_pictures *first, const okng_named_pictures *second, bool *same,
                                  okng_error *error)
{
    size_t a = (size_t)first->names->count, all = a + (size_t)second->names->count;
    entry *entries = okng_alloc_zero(all + 1, sizeof *entries);
    if (!entries) return okng_fail_memory(error, all * sizeof *entries);
    okng_status status = fill(entries, first, false, error);
    if (status == OKNG_OK) status = fill(entries + a, second, true, error);
    if (status == OKNG_OK) qsort(entries, all, sizeof *entries, by_path);
    for (size_t i = 0, leader = 0; i < all && status == OKNG_OK; i++) {
        if (strcmp(entries[leader].path, entries[i].path) != 0) leader = i;
        if (entries[i].second) same[entries[i].index] = !entries[leader].second;
    }
    for (size_t i = 0; i < all; i++) free(entries[i].path);
    free(entries);
    return status;
}
