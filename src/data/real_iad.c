/* Real-IAD: a JSON file for each category says which pictures are train and test, what is wrong with each and where its
 * mask is; pictures lie below realiad_256, realiad_512, realiad_1024 or realiad_raw, by category.
 *
 * Class and number are joined by one underscore in some names and by two in others, also between a picture and its
 * mask, and masks end in _mask or not: a file that is not there as it is called is looked for among those of its folder
 * by what the names have in common. Bad pictures in train, of the splits made for learning with noise, are not used. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "data/listing.h"
#include "data/picture_list.h"

/* The largest category has some 8,000 pictures, with five members each. */
static const okng_json_limits split_limits = {.bytes = 32 << 20, .items = 1 << 20, .text = 4096, .depth = 8};

typedef struct split_file {
    const char *path;
    const char *folder; /* of the category's pictures */
    const char *good;   /* the class of good ones: "OK" */
} split_file;

/* ---- where the set is ----------------------------------------------------------------------- */

static okng_status given_or(const okng_source *source, const char *given, char **out, okng_error *error)
{
    if (!*given) return OKNG_OK;
    OKNG_TRY(
        okng_path_format(out, error, "%s%s%s", *given == '/' ? "" : source->root, *given == '/' ? "" : "/", given));
    if (okng_is_folder(*out)) return OKNG_OK;
    okng_status status = okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no such folder", *out);
    free(*out);
    *out = NULL;
    return status;
}

/* The first of `places` below the root that is a folder; all of them in *found. */
static okng_status find_places(const okng_source *source, const char *const *places, size_t count, char **out,
                               okng_names *found, okng_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (okng_has_folder(source->root, places[i])) OKNG_TRY(okng_names_add(found, places[i], error));
    return found->count > 0 ? okng_path_format(out, error, "%s/%s", source->root, found->items[0]) : OKNG_OK;
}

static okng_status find_splits(const okng_source *source, char **out, okng_error *error)
{
    static const char *const places[] = {"realiad_jsons/realiad_jsons", "realiad_jsons"};
    okng_names found = {0};
    *out = NULL;
    okng_status status = given_or(source, source->options->annotations, out, error);
    if (status == OKNG_OK && !*out) status = find_places(source, places, 2, out, &found, error);
    if (status == OKNG_OK && !*out)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND,
                           "%s: no folder realiad_jsons here; name that of <category>.json with the option annotations",
                           source->root);
    okng_names_free(&found);
    return status;
}

static okng_status find_pictures(const okng_source *source, char **out, okng_error *error)
{
    static const char *const places[] = {"realiad_256", "realiad_512", "realiad_1024", "realiad_raw"};
    okng_names found = {0};
    char text[128];
    *out = NULL;
    okng_status status = given_or(source, source->options->pictures, out, error);
    if (status == OKNG_OK && !*out) status = find_places(source, places, 4, out, &found, error);
    if (status == OKNG_OK && found.count > 1)
        status = okng_fail(error, OKNG_ERROR_ARGUMENT,
                           "%s: pictures of several resolutions are here (%s); name one with the option pictures",
                           source->root, okng_names_text(&found, text, sizeof text));
    else if (status == OKNG_OK && !*out)
        status =
            okng_fail(error, OKNG_ERROR_NOT_FOUND,
                      "%s: none of realiad_256, realiad_512, realiad_1024 and realiad_raw is here; name the folder "
                      "of the categories' pictures with the option pictures",
                      source->root);
    if (status != OKNG_OK) {
        free(*out);
        *out = NULL;
    }
    okng_names_free(&found);
    return status;
}

/* Those whose pictures and splits are both there: not everybody downloads all thirty. */
static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    char *splits = NULL, *pictures = NULL;
    okng_names folders = {0};
    okng_status status = find_splits(source, &splits, error);
    if (status == OKNG_OK) status = find_pictures(source, &pictures, error);
    if (status == OKNG_OK) status = okng_list_folders(pictures, &folders, error);
    for (size_t i = 0; status == OKNG_OK && i < folders.count; i++) {
        char *path = NULL;
        status = okng_path_format(&path, error, "%s/%s.json", splits, folders.items[i]);
        if (status == OKNG_OK && access(path, F_OK) == 0) status = okng_names_add(out, folders.items[i], error);
        free(path);
    }
    if (status == OKNG_OK && out->count == 0)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND,
                           "%s: no category here; expected <category>/ with %s/<category>.json", pictures, splits);
    okng_names_free(&folders);
    free(pictures);
    free(splits);
    return status;
}

/* ---- names that differ ---------------------------------------------------------------------- */

/* What names of one picture have in common: no ending, no "_mask" at the end, one underscore for several. */
static void common_name(const char *name, char *out, size_t size)
{
    size_t used = 0, stem = okng_stem_length(name);
    for (size_t i = 0; i < stem && used + 1 < size; i++)
        if (name[i] != '_' || used == 0 || out[used - 1] != '_') out[used++] = name[i];
    if (used > 5 && strncmp(out + used - 5, "_mask", 5) == 0) used -= 5;
    out[used] = '\0';
}

static bool is_picture_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && okng_picture_endings[i]; i++)
        if (strcasecmp(dot + 1, okng_picture_endings[i]) == 0) return true;
    return false;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* May file `name` be what is wanted? Of a picture: one of its ending that is no mask. Of the mask of `picture`: any
 * other picture. */
static bool may_be(const char *name, const char *wanted, const char *picture)
{
    const size_t stem = okng_stem_length(name);
    if (!is_picture_name(name)) return false;
    if (picture) return strcmp(name, last_part(picture)) != 0;
    if (stem >= 5 && strncmp(name + stem - 5, "_mask", 5) == 0) return false;
    return strcasecmp(name + stem, wanted + okng_stem_length(wanted)) == 0;
}

/* Adds the files in the folder of `path` that may be it, and whose names have in common what its name has. */
static okng_status find_alike(const char *path, const char *picture, okng_names *out, okng_error *error)
{
    char wanted[NAME_MAX + 1], found[NAME_MAX + 1], *folder = NULL;
    OKNG_TRY(okng_path_format(&folder, error, "%.*s", (int)(last_part(path) - path), path));
    common_name(last_part(path), wanted, sizeof wanted);
    DIR *stream = opendir(folder);
    okng_status status =
        stream || errno == ENOENT || errno == ENOTDIR ? OKNG_OK : okng_fail_errno(error, "list the folder", folder);
    const struct dirent *child;
    while (stream && status == OKNG_OK && (child = readdir(stream))) {
        common_name(child->d_name, found, sizeof found);
        if (strcmp(found, wanted) == 0 && may_be(child->d_name, last_part(path), picture))
            status = okng_names_add(out, child->d_name, error);
    }
    if (stream) (void)closedir(stream);
    free(folder);
    okng_names_sort(out);
    return status;
}

/* *path as it is called, or as the one file is called whose name has as much in common. `picture`: of a mask, its own;
 * NULL of a picture. */
static okng_status settle(char **path, const char *picture, okng_error *error)
{
    const char *what = picture ? "mask" : "picture";
    okng_names found = {0};
    char text[512], *other = NULL;
    if (access(*path, F_OK) == 0) return OKNG_OK;
    okng_status status = find_alike(*path, picture, &found, error);
    if (status == OKNG_OK && found.count == 0)
        status =
            okng_fail(error, OKNG_ERROR_NOT_FOUND,
                      "%s: no such %s, nor one in that folder whose name differs in underscores alone", *path, what);
    else if (status == OKNG_OK && found.count > 1)
        status = okng_fail(error, OKNG_ERROR_FORMAT, "%s: no such %s, and several may be meant: %s", *path, what,
                           okng_names_text(&found, text, sizeof text));
    if (status == OKNG_OK)
        status = okng_path_format(&other, error, "%.*s%s", (int)(last_part(*path) - *path), *path, found.items[0]);
    okng_names_free(&found);
    if (status != OKNG_OK) return status;
    free(*path);
    *path = other;
    return OKNG_OK;
}

/* ---- splits --------------------------------------------------------------------------------- */

/* The member `key` of entry i as a path; NULL where it is missing, null or "". */
static okng_status read_path(const split_file *file, const json_t *entry, const char *split, size_t i, const char *key,
                             const char **path, okng_error *error)
{
    const json_t *member = json_object_get(entry, key);
    *path = json_string_value(member);
    if (*path && !**path) *path = NULL;
    if (member && !json_is_null(member) && !json_is_string(member))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"%s\", entry %zu: \"%s\" is no text, expected a path or null",
                         file->path, split, i, key);
    if (*path && !okng_path_stays_below(*path))
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: \"%s\", entry %zu: \"%s\" is \"%.200s\", expected a path below the category's folder",
                         file->path, split, i, key, *path);
    return OKNG_OK;
}

static okng_status add_entry(const split_file *file, const json_t *entry, const char *split, size_t i,
                             okng_sample_list *out, okng_error *error)
{
    const bool test = strcmp(split, "test") == 0;
    const char *kind, *picture, *mask;
    if (!json_is_object(entry))
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"%s\", entry %zu is no object", file->path, split, i);
    OKNG_TRY(okng_json_string(entry, file->path, "anomaly_class", &kind, error));
    OKNG_TRY(read_path(file, entry, split, i, "image_path", &picture, error));
    OKNG_TRY(read_path(file, entry, split, i, "mask_path", &mask, error));
    if (!picture)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"%s\", entry %zu has no image_path", file->path, split, i);
    const bool bad = strcmp(kind, file->good) != 0;
    if (bad && !test) return OKNG_OK;
    char *path = NULL, *mask_path = NULL;
    okng_status status = okng_path_format(&path, error, "%s/%s", file->folder, picture);
    if (status == OKNG_OK) status = settle(&path, NULL, error);
    if (status == OKNG_OK && bad)
        status = mask ? okng_path_format(&mask_path, error, "%s/%s", file->folder, mask)
                      : okng_path_format(&mask_path, error, "%.*s_mask.png", (int)okng_stem_length(path), path);
    if (status == OKNG_OK && bad) status = settle(&mask_path, path, error);
    const okng_sample sample = {.struct_size = sizeof sample,
                                .path = path,
                                .name = picture,
                                .split = test ? OKNG_SPLIT_TEST : OKNG_SPLIT_TRAIN,
                                .label = bad,
                                .kind = bad ? kind : "good"};
    if (status == OKNG_OK) status = okng_sample_add_one(out, &sample, mask_path, error);
    free(mask_path);
    free(path);
    return status;
}

static okng_status add_splits(split_file *file, const json_t *root, okng_sample_list *out, okng_error *error)
{
    static const char *const splits[] = {"train", "test"};
    const json_t *meta = json_object_get(root, "meta"), *good = json_object_get(meta, "normal_class");
    file->good = json_is_string(good) ? json_string_value(good) : "OK";
    for (int s = 0; s < 2; s++) {
        const json_t *list = json_object_get(root, splits[s]);
        if (!json_is_array(list))
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: \"%s\" is no list, expected one of pictures", file->path,
                             splits[s]);
        for (size_t i = 0; i < json_array_size(list); i++)
            OKNG_TRY(add_entry(file, json_array_get(list, i), splits[s], i, out, error));
    }
    return OKNG_OK;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    char *splits = NULL, *pictures = NULL, *path = NULL, *folder = NULL;
    json_t *root = NULL;
    okng_status status = find_splits(source, &splits, error);
    if (status == OKNG_OK) status = find_pictures(source, &pictures, error);
    if (status == OKNG_OK) status = okng_path_format(&path, error, "%s/%s.json", splits, category);
    if (status == OKNG_OK) status = okng_path_format(&folder, error, "%s/%s", pictures, category);
    if (status == OKNG_OK) status = okng_json_read(&root, path, &split_limits, error);
    split_file file = {.path = path, .folder = folder};
    if (status == OKNG_OK) status = add_splits(&file, root, out, error);
    json_decref(root);
    free(folder);
    free(path);
    free(pictures);
    free(splits);
    return status;
}

const okng_layout okng_layout_real_iad = {
    .name = "real-iad",
    .help = "Real-IAD: realiad_jsons/.../<category>.json, realiad_<resolution>/<category>/{OK,NG}",
    .options = "annotations, pictures",
    .categories = categories,
    .samples = samples,
};
