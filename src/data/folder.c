/* Pictures in folders of any names: `normal` is learned, `abnormal` (one folder or several) and `normal_test` are
 * tested; without the latter, a part of `normal` is kept for it. Masks have the same relative path as their pictures.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/annotated.h"
#include "data/draw.h"
#include "data/listing.h"

/* The name of the root's folder: what the only category is called. */
static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    if (!okng_is_folder(source->root))
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no such folder", source->root);
    okng_names folders = {0};
    char text[256];
    okng_status status = OKNG_OK;
    if (!*source->options->normal || !*source->options->abnormal) {
        status = okng_list_folders(source->root, &folders, error);
        if (status == OKNG_OK)
            status = okng_fail(error, OKNG_ERROR_ARGUMENT,
                               "%s: the data set folder needs the options normal and abnormal; the folders here are %s",
                               source->root, okng_names_text(&folders, text, sizeof text));
        okng_names_free(&folders);
        return status;
    }
    return okng_root_category(source, out, error);
}

/* A folder below the root, or absolute. */
static okng_status place(const okng_source *source, const char *name, char **out, okng_error *error)
{
    if (*name == '/') return okng_path_format(out, error, "%s", name);
    return okng_path_format(out, error, "%s/%s", source->root, name);
}

/* What names are relative to, and what is below that: "root", "good"; of an absolute "/a/good": "/a", "good". */
static okng_status split_place(const okng_source *source, const char *name, char **folder, char **below,
                               okng_error *error)
{
    char *path = NULL;
    OKNG_TRY(okng_path_format(&path, error, "%s", name));
    for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--) path[n - 1] = '\0';
    char *slash = *path == '/' ? strrchr(path, '/') : NULL;
    okng_status status = OKNG_OK;
    if (slash) {
        *slash = '\0';
        status = okng_path_format(folder, error, "%s/", path);
        if (status == OKNG_OK) status = okng_path_format(below, error, "%s", slash + 1);
    } else {
        status = okng_path_format(folder, error, "%s", source->root);
        if (status == OKNG_OK) status = okng_path_format(below, error, "%s", path);
    }
    free(path);
    return status;
}

/* The folder of masks that belongs to folder `below` of bad pictures: masks/<its name> where there is one, else masks.
 */
static okng_status mask_folder(const okng_source *source, const char *below, char **out, okng_error *error)
{
    const char *slash = strrchr(below, '/');
    char *masks = NULL;
    OKNG_TRY(place(source, source->options->masks, &masks, error));
    okng_status status = okng_path_format(out, error, "%s/%s", masks, slash ? slash + 1 : below);
    if (status == OKNG_OK && !okng_is_folder(*out)) {
        free(*out);
        *out = masks;
        return OKNG_OK;
    }
    free(masks);
    return status;
}

/* The kind of a bad picture: the first folder below `below`, else the name of `below` itself. */
static okng_status name_kind(okng_sample *sample, const char *below, okng_error *error)
{
    const char *relative = sample->name + strlen(below) + 1, *slash = strchr(relative, '/');
    const char *last = strrchr(below, '/');
    char *kind = NULL;
    if (slash)
        OKNG_TRY(okng_path_format(&kind, error, "%.*s", (int)(slash - relative), relative));
    else
        OKNG_TRY(okng_path_format(&kind, error, "%s", last ? last + 1 : below));
    free((char *)sample->kind);
    sample->kind = kind;
    return OKNG_OK;
}

static okng_status add_part(const okng_source *source, const char *name, okng_split split, int32_t label,
                            okng_sample_list *out, okng_error *error)
{
    char *folder = NULL, *below = NULL, *masks = NULL;
    size_t first = out->count;
    okng_status status = split_place(source, name, &folder, &below, error);
    if (status == OKNG_OK && label && *source->options->masks) status = mask_folder(source, below, &masks, error);
    const okng_folder_part part = {
        .category = folder, .below = below, .split = split, .label = label, .kind = "good", .masks = masks};
    if (status == OKNG_OK) status = okng_sample_add_folder(out, &part, error);
    for (size_t i = first; status == OKNG_OK && label && i < out->count; i++)
        status = name_kind(&out->items[i], below, error);
    if (status == OKNG_OK && out->count == first)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s/%s: no pictures here", folder, below);
    free(masks);
    free(below);
    free(folder);
    return status;
}

/* Each of the folders of bad pictures, with commas between them. */
static okng_status add_abnormal(const okng_source *source, okng_sample_list *out, okng_error *error)
{
    const char *rest = source->options->abnormal;
    okng_status status = OKNG_OK;
    while (status == OKNG_OK && *rest) {
        char *name = NULL;
        size_t length = strcspn(rest, ",");
        status = okng_path_format(&name, error, "%.*s", (int)length, rest);
        if (status == OKNG_OK && length > 0) status = add_part(source, name, OKNG_SPLIT_TEST, 1, out, error);
        free(name);
        rest += length + (rest[length] == ',');
    }
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    (void)category; /* there is one */
    const okng_dataset_options *options = source->options;
    OKNG_TRY(add_part(source, options->normal, OKNG_SPLIT_TRAIN, 0, out, error));
    if (*options->normal_test)
        OKNG_TRY(add_part(source, options->normal_test, OKNG_SPLIT_TEST, 0, out, error));
    else
        OKNG_TRY(okng_draw_test(out, options, error));
    return add_abnormal(source, out, error);
}

const okng_layout okng_layout_folder = {
    .name = "folder",
    .help = "folders of any names: the options normal, abnormal, normal-test and masks say which",
    .options = "normal, normal-test, abnormal, masks, test-ratio",
    .categories = categories,
    .samples = samples,
};
