#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/progress.h"
#include "base/sized.h"
#include "inspect/handles.h"
#include "learn/folder.h"
#include "learn/sought.h"
#include "model/build.h"
#include "options/options.h"

/* The options as this library knows them, with a network that can be run here. */
static okng_status take_options(const okng_build_options *options, okng_build_options *full, okng_error *error)
{
    OKNG_TRY(okng_build_options_check(options, full, error));
    OKNG_TRY(okng_choose_network(full, error));
    return okng_model_check_engine(full, error);
}

/* Where a bank goes: a folder, or memory. */
typedef struct destination {
    const char *folder; /* NULL: memory */
    okng_model **model; /* of memory */
} destination;

static okng_status build(const okng_pictures *pictures, destination to, const okng_build_options *options,
                         okng_progress_fn progress, void *user, okng_build_report *report, okng_error *error)
{
    okng_build_options full;
    OKNG_TRY(take_options(options, &full, error));
    if (!to.folder && !to.model) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no folder for the bank was given");
    if (report) OKNG_TRY(okng_sized_check(report, "the report", error));
    okng_build_report all = {.struct_size = sizeof all};
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    const okng_lesson lesson = {.pictures = *pictures};
    okng_status status = to.model ? okng_model_make(to.model, &lesson, &full, &ticker, &all, error)
                                  : okng_learn_pictures(pictures, to.folder, &full, &ticker, &all, error);
    okng_ticker_destroy(&ticker);
    if (status == OKNG_OK && report) status = okng_sized_give(report, &all, sizeof all, "the report", error);
    return status;
}

static okng_status check_list(const void *const *pictures, size_t count, okng_error *error)
{
    if (!pictures && count > 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no OK pictures were given");
    for (size_t i = 0; i < count; i++)
        if (!pictures[i]) return okng_fail(error, OKNG_ERROR_ARGUMENT, "OK picture %zu is NULL", i);
    return OKNG_OK;
}

okng_status okng_build_paths(const char *const *paths, size_t count, const char *bank_dir,
                             const okng_build_options *options, okng_progress_fn progress, void *user,
                             okng_build_report *report, okng_error *error)
{
    OKNG_TRY(check_list((const void *const *)paths, count, error));
    const okng_pictures pictures = okng_pictures_of_paths(paths, count);
    return build(&pictures, (destination){.folder = bank_dir}, options, progress, user, report, error);
}

/* ---- in memory ---- */

okng_status okng_bank_make(okng_bank **out, const char *const *paths, size_t count, const okng_build_options *options,
                           okng_progress_fn progress, void *user, okng_build_report *report, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the bank", error));
    *out = NULL;
    OKNG_TRY(check_list((const void *const *)paths, count, error));
    const okng_pictures pictures = okng_pictures_of_paths(paths, count);
    okng_bank *bank = calloc(1, sizeof *bank);
    if (!bank) return okng_fail_memory(error, sizeof *bank);
    okng_status status = build(&pictures, (destination){.model = &bank->model}, options, progress, user, report, error);
    if (status == OKNG_OK) status = okng_doubts_of(&bank->doubts, okng_model_look(bank->model).tau, error);
    if (status != OKNG_OK) okng_bank_close(&bank);
    *out = bank;
    return status;
}

/* ---- pictures from anywhere ---- */

typedef struct given_picture {
    okng_picture picture; /* as this library knows it */
    char number[40];      /* "picture 3 in memory" */
} given_picture;

static const char *given_name(const void *context, size_t i)
{
    const given_picture *given = (const given_picture *)context + i;
    return given->picture.path ? given->picture.path : given->number;
}

/* Errors of files name their path already. */
static okng_status given_load(const void *context, size_t i, okng_decoding *how, okng_image *rgb, okng_error *error)
{
    const given_picture *given = (const given_picture *)context + i;
    okng_status status = okng_image_take(rgb, &given->picture, how, error);
    if (status == OKNG_OK || given->picture.path) return status;
    return okng_error_context(error, status, "%s", given->number);
}

/* Where all are files, what is written names them as okng_build_paths does. */
static okng_status find_root(okng_pictures *list, okng_error *error)
{
    const given_picture *given = list->context;
    const char **paths = okng_alloc_zero(list->count + 1, sizeof *paths);
    if (!paths) return okng_fail_memory(error, list->count * sizeof *paths);
    size_t files = 0;
    while (files < list->count && given[files].picture.path) {
        paths[files] = given[files].picture.path;
        files++;
    }
    if (files == list->count) list->root = okng_pictures_of_paths(paths, files).root;
    free(paths);
    return OKNG_OK;
}

static okng_status given_look(const void *context, size_t i, okng_decoding *how, okng_error *error)
{
    const given_picture *given = (const given_picture *)context + i;
    return okng_image_look(&given->picture, how, error);
}

static okng_status given_size(const void *context, size_t i, uint64_t max_pixels, int32_t *width, int32_t *height,
                              okng_error *error)
{
    const given_picture *given = (const given_picture *)context + i;
    return okng_image_size(&given->picture, max_pixels, width, height, error);
}

okng_status okng_build(const okng_picture *const *pictures, size_t count, const char *bank_dir,
                       const okng_build_options *options, okng_progress_fn progress, void *user,
                       okng_build_report *report, okng_error *error)
{
    OKNG_TRY(check_list((const void *const *)pictures, count, error));
    given_picture *given = okng_alloc_zero(count + 1, sizeof *given); /* some where there are none too */
    if (!given) return okng_fail_memory(error, count * sizeof *given);
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < count && status == OKNG_OK; i++) {
        (void)snprintf(given[i].number, sizeof given[i].number, "picture %zu in memory", i);
        status = okng_sized_take(&given[i].picture, sizeof given[i].picture, pictures[i], given[i].number, error);
    }
    okng_pictures list = {.count = count,
                          .context = given,
                          .name = given_name,
                          .load = given_load,
                          .look = given_look,
                          .size = given_size};
    if (status == OKNG_OK) status = find_root(&list, error);
    if (status == OKNG_OK)
        status = build(&list, (destination){.folder = bank_dir}, options, progress, user, report, error);
    free(given);
    return status;
}

/* ---- a folder ---- */

okng_status okng_build_folder(const char *ok_dir, const char *bank_dir, const okng_build_folder_options *options,
                              okng_progress_fn progress, okng_build_event_fn listener, void *user,
                              okng_build_report *report, okng_error *error)
{
    okng_build_folder_options given = {.struct_size = sizeof given};
    okng_build_options defaults, full;
    okng_build_options_init(&defaults);
    OKNG_TRY(okng_need(ok_dir, "the folder of good pictures", error));
    if (!*ok_dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no folder of good pictures was given");
    if (!bank_dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no folder for the bank was given");
    if (options) OKNG_TRY(okng_sized_take(&given, sizeof given, options, "the options", error));
    if (report) OKNG_TRY(okng_sized_check(report, "the report", error));
    if (given.exclude_count > 0) OKNG_TRY(okng_need(given.exclude, "the names to leave out", error));
    for (size_t i = 0; i < given.exclude_count; i++)
        OKNG_TRY(okng_need(given.exclude[i], "a name to leave out", error));
    OKNG_TRY(take_options(given.build ? given.build : &defaults, &full, error));
    okng_build_report all = {.struct_size = sizeof all};
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    okng_status status = okng_learn_folder(ok_dir, bank_dir, &given, &full, &ticker, listener, user, &all, error);
    okng_ticker_destroy(&ticker);
    if (status == OKNG_OK && report) status = okng_sized_give(report, &all, sizeof all, "the report", error);
    return status;
}
