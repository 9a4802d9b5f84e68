#include "data/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/outlines.h"
#include "data/picture_list.h"

okng_status okng_refuse_field(const okng_csv *csv, size_t row, const char *column, const char *found,
                              const char *expected, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT, "%s:%zu: %s is \"%.80s\", expected %s", okng_csv_name(csv),
                     okng_csv_line(csv, row), column, found, expected);
}

/* ---- folders -------------------------------------------------------------------------------- */

okng_status okng_list_folders(const char *folder, okng_names *out, okng_error *error)
{
    DIR *stream = opendir(folder);
    if (!stream) return okng_fail_errno(error, "list the folder", folder);
    okng_status status = OKNG_OK;
    while (status == OKNG_OK) {
        errno = 0;
        const struct dirent *child = readdir(stream);
        if (!child && errno != 0) status = okng_fail_errno(error, "list the folder", folder);
        if (!child) break;
        if (child->d_name[0] == '.' || okng_is_thumbnail_folder(child->d_name)) continue;
        char *path = okng_path_join(folder, child->d_name);
        if (!path)
            status = okng_fail_memory(error, strlen(folder) + strlen(child->d_name));
        else if (okng_is_folder(path))
            status = okng_names_add(out, child->d_name, error);
        free(path);
    }
    (void)closedir(stream);
    okng_names_sort(out);
    return status;
}

okng_status okng_list_categories(const char *root, const char *probe, const char *expected, okng_names *out,
                                 okng_error *error)
{
    okng_names folders = {0};
    okng_status status = okng_list_folders(root, &folders, error);
    for (size_t i = 0; status == OKNG_OK && i < folders.count; i++) {
        char *path = okng_path_join(root, folders.items[i]);
        if (!path)
            status = okng_fail_memory(error, strlen(root) + strlen(folders.items[i]));
        else if (okng_has_folder(path, probe))
            status = okng_names_add(out, folders.items[i], error);
        free(path);
    }
    okng_names_free(&folders);
    if (status == OKNG_OK && out->count == 0)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no category here; expected %s", root, expected);
    return status;
}

okng_status okng_source_below(const okng_source *source, const char *folder, char **set, okng_error *error)
{
    *set = okng_has_folder(source->root, folder) ? okng_path_join(source->root, folder) : strdup(source->root);
    return *set ? OKNG_OK : okng_fail_memory(error, strlen(source->root) + strlen(folder));
}

/* ---- samples -------------------------------------------------------------------------------- */

void okng_sample_release(okng_sample *sample)
{
    okng_names masks = {.items = (char **)sample->masks, .count = sample->mask_count};
    free((char *)sample->path);
    free((char *)sample->name);
    free((char *)sample->kind);
    okng_names_free(&masks);
    okng_outlines_free((okng_outlines *)(uintptr_t)sample->outlines);
}

static int by_name(const void *a, const void *b)
{
    const okng_sample *x = a, *y = b;
    return strcmp(x->name, y->name);
}

void okng_sample_list_sort(okng_sample_list *list)
{
    if (list->count > 1) qsort(list->items, list->count, sizeof *list->items, by_name);
}

void okng_sample_list_free(okng_sample_list *list)
{
    for (size_t i = 0; i < list->count; i++) okng_sample_release(&list->items[i]);
    free(list->items);
    *list = (okng_sample_list){0};
}

okng_status okng_sample_add(okng_sample_list *list, const okng_sample *sample, okng_names *masks, okng_error *error)
{
    okng_sample copy = {.struct_size = sizeof copy,
                        .path = strdup(sample->path),
                        .name = strdup(sample->name),
                        .split = sample->split,
                        .label = sample->label,
                        .kind = strdup(sample->kind)};
    if (masks) {
        okng_names_sort(masks);
        copy.masks = (const char *const *)masks->items;
        copy.mask_count = masks->count;
        *masks = (okng_names){0};
    }
    void *items = list->items;
    bool room = okng_grow(&items, &list->capacity, list->count + 1, sizeof *list->items);
    if (room) list->items = items;
    if (!room || !copy.path || !copy.name || !copy.kind) {
        okng_sample_release(&copy);
        return okng_fail_memory(error, (list->count + 1) * sizeof *list->items);
    }
    list->items[list->count++] = copy;
    return OKNG_OK;
}

static okng_status add_picture(okng_sample_list *list, const okng_folder_part *part, const char *path,
                               const char *relative, okng_error *error)
{
    okng_names masks = {0};
    char *name = NULL;
    okng_status status = okng_path_format(&name, error, "%s/%s", part->below, relative);
    if (status == OKNG_OK && part->masks) status = okng_masks_need(part->masks, relative, path, &masks, error);
    const okng_sample sample = {.struct_size = sizeof sample,
                                .path = path,
                                .name = name,
                                .split = part->split,
                                .label = part->label,
                                .kind = part->kind};
    if (status == OKNG_OK) status = okng_sample_add(list, &sample, &masks, error);
    okng_names_free(&masks);
    free(name);
    return status;
}

/* A data set holds pictures: what can be none, and stands among them, is a mistake to be told. */
static okng_status refuse_special(const okng_picture_list *pictures, const char *folder, okng_error *error)
{
    okng_left_out left = {.struct_size = sizeof left};
    for (size_t i = 0; okng_picture_list_left_out(pictures, i, &left, NULL) == OKNG_OK; i++) {
        char *path = okng_path_join(folder, left.path);
        struct stat info;
        if (!path) return okng_fail_memory(error, strlen(folder) + strlen(left.path));
        const char *special = stat(path, &info) == 0 ? okng_special_file(info.st_mode) : NULL;
        free(path);
        if (special)
            return okng_fail(error, OKNG_ERROR_IO, "%s/%s: is a %s, expected a picture; move it elsewhere", folder,
                             left.path, okng_translate(special));
    }
    return OKNG_OK;
}

okng_status okng_data_pictures(okng_picture_list **out, const char *folder, okng_error *error)
{
    OKNG_TRY(okng_picture_list_open(out, folder, error));
    okng_status status = refuse_special(*out, folder, error);
    if (status != OKNG_OK) okng_picture_list_free(out);
    return status;
}

okng_status okng_sample_add_folder(okng_sample_list *list, const okng_folder_part *part, okng_error *error)
{
    char *folder = okng_path_join(part->category, part->below);
    if (!folder) return okng_fail_memory(error, strlen(part->category) + strlen(part->below));
    okng_picture_list *pictures = NULL;
    okng_status status = okng_data_pictures(&pictures, folder, error);
    for (size_t i = 0; status == OKNG_OK && i < okng_picture_list_count(pictures); i++)
        status = add_picture(list, part, okng_picture_list_path(pictures, i), okng_picture_list_relative(pictures, i),
                             error);
    okng_picture_list_free(&pictures);
    free(folder);
    return status;
}

okng_status okng_sample_add_parts(okng_sample_list *list, const okng_folder_part *parts, size_t count,
                                  okng_error *error)
{
    for (size_t i = 0; i < count; i++) OKNG_TRY(okng_sample_add_folder(list, &parts[i], error));
    return OKNG_OK;
}

okng_status okng_sample_add_one(okng_sample_list *list, const okng_sample *sample, const char *mask, okng_error *error)
{
    okng_names masks = {0};
    okng_status status = mask ? okng_names_add(&masks, mask, error) : OKNG_OK;
    if (status == OKNG_OK) status = okng_sample_add(list, sample, &masks, error);
    okng_names_free(&masks);
    return status;
}
