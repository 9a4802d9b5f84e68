#include "inspect/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"

okng_file_id okng_file_id_of(const char *path)
{
    struct stat info;
    if (!path || stat(path, &info) != 0) return (okng_file_id){0};
    return (okng_file_id){info.st_dev, info.st_ino};
}

static bool is_none(okng_file_id id)
{
    return id.device == 0 && id.number == 0;
}

okng_status okng_inputs_add(okng_inputs *inputs, const char *path, okng_error *error)
{
    const okng_file_id id = okng_file_id_of(path);
    if (is_none(id)) return OKNG_OK;
    if (!okng_grow((void **)&inputs->files, &inputs->capacity, inputs->count + 1, sizeof id))
        return okng_fail_memory(error, inputs->count * sizeof id);
    inputs->files[inputs->count++] = id;
    return OKNG_OK;
}

static int by_number(const void *left, const void *right)
{
    const okng_file_id *a = left, *b = right;
    if (a->number != b->number) return a->number < b->number ? -1 : 1;
    return a->device < b->device ? -1 : a->device > b->device;
}

void okng_inputs_sort(okng_inputs *inputs)
{
    if (inputs->count > 1) qsort(inputs->files, inputs->count, sizeof *inputs->files, by_number);
}

void okng_inputs_free(okng_inputs *inputs)
{
    free(inputs->files);
    *inputs = (okng_inputs){0};
}

static bool is_input(const okng_inputs *inputs, okng_file_id id)
{
    return !is_none(id) && inputs->count > 0 &&
           bsearch(&id, inputs->files, inputs->count, sizeof id, by_number) != NULL;
}

static okng_status keep_file(const okng_inputs *inputs, const char *path, okng_error *error)
{
    if (!is_input(inputs, okng_file_id_of(path))) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "%s: is a picture to inspect, and a result would take its place; give another folder", path);
}

static okng_status keep_tree(const okng_inputs *inputs, const char *folder, int depth, okng_error *error)
{
    DIR *entries = depth > 0 ? opendir(folder) : NULL; /* it may be a file, or not be there */
    okng_status status = !entries && depth > 0 && errno == ENOMEM ? okng_fail_memory(error, strlen(folder)) : OKNG_OK;
    for (struct dirent *entry; entries && status == OKNG_OK && (entry = readdir(entries));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        char *path = okng_path_join(folder, entry->d_name);
        status = path ? keep_file(inputs, path, error) : okng_fail_memory(error, strlen(folder));
        /* Nor through links: what empties these folders refuses them. */
        if (status == OKNG_OK && entry->d_type != DT_REG && entry->d_type != DT_LNK)
            status = keep_tree(inputs, path, depth - 1, error);
        free(path);
    }
    if (entries) (void)closedir(entries);
    return status;
}

okng_status okng_inputs_keep(const okng_inputs *inputs, const char *folder, const char *name, okng_error *error)
{
    enum { DEPTH = 32 };
    if (!*name) return keep_tree(inputs, folder, DEPTH, error);
    char *path = okng_path_join(folder, name);
    okng_status status = path ? keep_file(inputs, path, error) : okng_fail_memory(error, strlen(folder));
    free(path);
    return status;
}
