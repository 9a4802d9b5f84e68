#include "experiment/submission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/kept.h"
#include "data/listing.h"

/* ---- pictures ------------------------------------------------------------------------------- */

void okng_kept_pictures_free(okng_kept_pictures *pictures)
{
    okng_names_free(&pictures->paths);
    okng_names_free(&pictures->stems);
    free(pictures->splits);
    *pictures = (okng_kept_pictures){0};
}

static okng_status add_picture(okng_kept_pictures *out, const char *split, const char *path, const char *relative,
                               okng_error *error)
{
    char *stem = NULL;
    void *splits = out->splits;
    if (!okng_grow(&splits, &out->room, out->paths.count + 1, sizeof *out->splits))
        return okng_fail_memory(error, (out->paths.count + 1) * sizeof *out->splits);
    out->splits = splits;
    out->splits[out->paths.count] = split;
    okng_status status = okng_path_format(&stem, error, "%.*s", (int)okng_stem_length(relative), relative);
    if (status == OKNG_OK) status = okng_names_add(&out->stems, stem, error);
    if (status == OKNG_OK) status = okng_names_add(&out->paths, path, error);
    free(stem);
    return status;
}

static okng_status add_split(okng_kept_pictures *out, const char *root, const char *category, const char *split,
                             okng_error *error)
{
    char *folder = NULL;
    okng_picture_list *list = NULL;
    OKNG_TRY(okng_path_format(&folder, error, "%s/%s/%s", root, category, split));
    okng_status status = okng_data_pictures(&list, folder, error);
    if (status == OKNG_OK && okng_picture_list_count(list) == 0)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no pictures here to submit", folder);
    for (size_t i = 0; status == OKNG_OK && i < okng_picture_list_count(list); i++)
        status = add_picture(out, split, okng_picture_list_path(list, i), okng_picture_list_relative(list, i), error);
    okng_picture_list_free(&list);
    free(folder);
    return status;
}

okng_status okng_kept_pictures_list(okng_kept_pictures *out, const okng_dataset *dataset, const char *root,
                                    const char *category, okng_error *error)
{
    const char *const *splits = okng_dataset_kept_splits(dataset);
    okng_status status = OKNG_OK;
    *out = (okng_kept_pictures){0};
    for (size_t i = 0; splits && splits[i] && status == OKNG_OK; i++)
        status = add_split(out, root, category, splits[i], error);
    if (status != OKNG_OK) okng_kept_pictures_free(out);
    return status;
}

/* ---- a run ---------------------------------------------------------------------------------- */

okng_status okng_submit_prepare(const char *dir, const char *name, const okng_dataset *dataset, okng_error *error)
{
    if (!okng_dataset_kept_splits(dataset))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "submission: the data set %s has no server that takes one, mvtec-ad2 has", name);
    return okng_submission_prepare(dir, error);
}

okng_status okng_submit_is_written(const char *dir, const okng_dataset *dataset, const char *root, const char *category,
                                   bool *written, okng_error *error)
{
    okng_kept_pictures pictures;
    OKNG_TRY(okng_kept_pictures_list(&pictures, dataset, root, category, error));
    *written = true;
    for (size_t i = 0; i < pictures.paths.count && *written; i++)
        *written = okng_submission_holds(dir, &(okng_submitted){category, pictures.splits[i], pictures.stems.items[i]});
    okng_kept_pictures_free(&pictures);
    return OKNG_OK;
}

/* ---- what the server misses ---- */

static size_t count_split(const okng_kept_pictures *pictures, const char *split)
{
    size_t count = 0;
    for (size_t i = 0; i < pictures->paths.count; i++) count += strcmp(pictures->splits[i], split) == 0;
    return count;
}

static void warn_of_category(const char *category, const okng_kept_pictures *pictures, const char *const *splits,
                             void (*warn)(void *user, const char *text), void *user)
{
    char text[512];
    const int expected = okng_submission_expects(category);
    for (size_t i = 0; splits[i]; i++) {
        const size_t count = count_split(pictures, splits[i]);
        if (count == (size_t)expected) continue;
        if (expected > 0)
            (void)snprintf(text, sizeof text, _("of %s/%s the submission has %zu, the server expects %d pictures"),
                           category, splits[i], count, expected);
        else
            (void)snprintf(text, sizeof text, _("the submission has the object %s, which the server does not know"),
                           category);
        warn(user, text);
        if (expected == 0) return;
    }
}

static void warn_of_missing(const char *const *categories, size_t count, void (*warn)(void *user, const char *text),
                            void *user)
{
    okng_names missing = {0};
    char list[256], text[512];
    for (size_t o = 0; okng_submission_objects[o]; o++) {
        bool there = false;
        for (size_t i = 0; i < count; i++) there = there || strcmp(categories[i], okng_submission_objects[o]) == 0;
        if (!there) (void)okng_names_add(&missing, okng_submission_objects[o], NULL);
    }
    if (missing.count > 0) {
        (void)snprintf(text, sizeof text, _("the submission lacks %s, and the server takes all eight objects or none"),
                       okng_names_text(&missing, list, sizeof list));
        warn(user, text);
    }
    okng_names_free(&missing);
}

/* ---- the archive ---- */

static okng_status pack(const char *dir, const okng_submitted *all, size_t count, okng_error *error)
{
    char *path = NULL;
    size_t read_back, length = strlen(dir);
    while (length > 1 && dir[length - 1] == '/') length--;
    OKNG_TRY(okng_path_format(&path, error, "%.*s.tar.gz", (int)length, dir));
    okng_status status = okng_submission_pack(dir, all, count, error);
    if (status == OKNG_OK) { /* else what is there is an earlier run's, and stays */
        status = okng_submission_check(path, &read_back, error);
        if (status == OKNG_OK && read_back != count)
            status = okng_fail(error, OKNG_ERROR_IO, "%s: %zu pictures were written and %zu read back", path, count,
                               read_back);
        if (status != OKNG_OK) (void)unlink(path); /* nobody shall send it */
    }
    free(path);
    return status;
}

okng_status okng_submit_finish(const char *dir, const okng_dataset *dataset, const char *root,
                               const char *const *categories, size_t count, void (*warn)(void *user, const char *text),
                               void *user, okng_error *error)
{
    okng_kept_pictures *lists = okng_alloc_zero(count > 0 ? count : 1, sizeof *lists);
    if (!lists) return okng_fail_memory(error, count * sizeof *lists);
    size_t total = 0, used = 0;
    okng_status status = OKNG_OK;
    for (size_t c = 0; c < count && status == OKNG_OK; c++) {
        status = okng_kept_pictures_list(&lists[c], dataset, root, categories[c], error);
        if (status == OKNG_OK)
            warn_of_category(categories[c], &lists[c], okng_dataset_kept_splits(dataset), warn, user);
        total += lists[c].paths.count;
    }
    if (status == OKNG_OK) warn_of_missing(categories, count, warn, user);
    okng_submitted *all = status == OKNG_OK ? okng_alloc(total > 0 ? total : 1, sizeof *all) : NULL;
    if (status == OKNG_OK && !all) status = okng_fail_memory(error, total * sizeof *all);
    for (size_t c = 0; c < count && status == OKNG_OK; c++)
        for (size_t i = 0; i < lists[c].paths.count; i++)
            all[used++] = (okng_submitted){categories[c], lists[c].splits[i], lists[c].stems.items[i]};
    if (status == OKNG_OK) status = pack(dir, all, total, error);
    for (size_t c = 0; c < count; c++) okng_kept_pictures_free(&lists[c]);
    free(all);
    free(lists);
    return status;
}
