#include "learn/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bank/apart.h"
#include "bank/contents.h"
#include "bank/doubtful.h"
#include "bank/tau.h"
#include "base/catalogue.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "data/picture_list.h"
#include "data/shots.h"
#include "learn/page.h"
#include "learn/sought.h"
#include "learn/warnings.h"
#include "model/build.h"
#include "model/methods.h"

typedef struct job {
    const char *folder, *bank_dir;
    const okng_build_folder_options *options;
    const okng_build_options *build;
    okng_ticker *ticker;
    okng_listener listener;
    okng_picture_list *list;
    const char **paths; /* [count] of the list, those that are learnt */
    size_t count, root;
    okng_sought sought;       /* regions of interest; none: nothing of it is there */
    const okng_match **found; /* [count] where they are in each of the paths; NULL: none are looked for */
    char *trial;              /* where another bank is built on the way, if one is */
    okng_lock lock;
} job;

static okng_pictures pictures_of(const job *j)
{
    okng_pictures pictures = okng_pictures_of_paths(j->paths, j->count);
    pictures.root = j->root; /* that of the listing, also where all lie in one folder below it */
    return pictures;
}

static okng_status open_list(job *j, okng_error *error)
{
    OKNG_TRY(okng_picture_list_open(&j->list, j->folder, error));
    size_t count = okng_picture_list_count(j->list);
    if (count == 0)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                         "%s: no pictures here or in its sub-folders; expected PNG, JPEG, BMP, TIFF, WebP, PNM or GIF",
                         j->folder);
    j->root = strlen(okng_picture_list_path(j->list, 0)) - strlen(okng_picture_list_relative(j->list, 0));
    j->paths = okng_alloc(count, sizeof *j->paths);
    if (!j->paths) return okng_fail_memory(error, count * sizeof *j->paths);
    for (size_t i = 0; i < count; i++) j->paths[i] = okng_picture_list_path(j->list, i);
    j->count = count;
    return OKNG_OK;
}

/* Where the picture of this relative name stands; count where there is none. */
static size_t find(const job *j, const char *name)
{
    size_t i = 0;
    while (i < j->count && (!j->paths[i] || strcmp(j->paths[i] + j->root, name) != 0)) i++;
    return i;
}

/* Takes out those that were set to NULL. Returns how many. */
static size_t close_up(job *j)
{
    size_t kept = 0, before = j->count;
    for (size_t i = 0; i < before; i++) {
        if (!j->paths[i]) continue;
        if (j->found) j->found[kept] = j->found[i];
        j->paths[kept++] = j->paths[i];
    }
    j->count = kept;
    return before - kept;
}

static okng_status need_some(const job *j, const char *what, okng_error *error)
{
    if (j->count > 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: no picture is left to learn from (%s)", j->folder, what);
}

static okng_status exclude(job *j, uint64_t *excluded, okng_error *error)
{
    enum { TOLD = 5 };
    char unknown[600] = "";
    size_t missing = 0;
    for (size_t e = 0; e < j->options->exclude_count; e++) {
        const char *name = j->options->exclude[e];
        size_t i = find(j, name), used = strlen(unknown);
        if (i < j->count)
            j->paths[i] = NULL;
        else if (missing++ < TOLD)
            (void)snprintf(unknown + used, sizeof unknown - used, "%s%.100s", used > 0 ? ", " : "", name);
    }
    if (missing > 0)
        return okng_fail(
            error, OKNG_ERROR_NOT_FOUND,
            "%s: %zu of the names to leave out are not there, or were given twice: %s; give them relative to "
            "this folder, as the list of doubtful pictures does",
            j->folder, missing, unknown);
    *excluded = close_up(j);
    return need_some(j, "exclude", error);
}

/* Draws from what is left, as data sets do: the same pictures in the same order and seed are the same shots. */
static okng_status draw_shots(job *j, okng_error *error)
{
    const int64_t shots = j->options->k_shot;
    if (shots == 0) return OKNG_OK;
    if (shots < 0 || (uint64_t)shots > j->count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%s: k-shot is %lld, but there are %zu pictures to draw from%s; take 1 to %zu", j->folder,
                         (long long)shots, j->count, j->options->exclude_count > 0 ? " besides those left out" : "",
                         j->count);
    bool *drawn = okng_alloc(j->count, sizeof *drawn);
    if (!drawn) return okng_fail_memory(error, j->count * sizeof *drawn);
    okng_status status = okng_draw(j->build->seed, OKNG_STREAM_K_SHOT, j->count, (size_t)shots, drawn, error);
    for (size_t i = 0; status == OKNG_OK && i < j->count; i++)
        if (!drawn[i]) j->paths[i] = NULL;
    free(drawn);
    (void)close_up(j);
    return status;
}

static okng_status look_at_all(job *j, uint64_t *skipped, okng_error *error)
{
    const okng_pictures pictures = pictures_of(j);
    okng_surveyed *surveyed;
    OKNG_TRY(okng_survey(&surveyed, &pictures, j->build->max_pixels, okng_thread_count(j->build->threads),
                         j->options->skip_bad != 0, j->ticker, error));
    bool squeezed = j->build->resize_mode != OKNG_RESIZE_SHORTER && j->build->resize_mode != OKNG_RESIZE_NONE &&
                    !j->build->roi[0]; /* regions are of one size, whatever that of the pictures */
    okng_warn(&j->listener, j->folder, &pictures, surveyed, squeezed);
    for (size_t i = 0; i < pictures.count; i++) {
        if (surveyed[i].readable) continue;
        okng_say(&j->listener, OKNG_BUILD_SKIPPED, "skipped", okng_pictures_relative(&pictures, i), "%s",
                 surveyed[i].why);
        j->paths[i] = NULL;
    }
    okng_survey_free(&surveyed, pictures.count);
    *skipped = close_up(j);
    return need_some(j, "none could be read", error);
}

/* Leaves out pictures in which a region of interest is not. */
static okng_status look_for_regions(job *j, uint64_t *not_found, okng_error *error)
{
    char why[256];
    if (!j->build->roi[0]) return OKNG_OK;
    const okng_pictures pictures = pictures_of(j);
    OKNG_TRY(okng_sought_find(&j->sought, &pictures, j->build, j->ticker, error));
    j->found = okng_alloc(j->count, sizeof *j->found);
    if (!j->found) return okng_fail_memory(error, j->count * sizeof *j->found);
    for (size_t i = 0; i < j->count; i++) {
        j->found[i] = j->sought.matches + i * j->sought.file.rois.count;
        if (okng_sought_has(&j->sought, i, why, sizeof why)) continue;
        okng_say(&j->listener, OKNG_BUILD_NOT_FOUND, "not-found", okng_pictures_relative(&pictures, i), "%s: %s",
                 okng_pictures_relative(&pictures, i), why);
        j->paths[i] = NULL;
    }
    *not_found = close_up(j);
    return OKNG_OK;
}

static okng_status learn(const job *j, const char *bank_dir, okng_build_report *report, okng_error *error)
{
    const okng_lesson lesson = {.pictures = pictures_of(j)};
    *report = (okng_build_report){.struct_size = sizeof *report};
    if (j->found) {
        const okng_located located = {
            .file = &j->sought.file, .all = &lesson.pictures, .count = j->count, .found = j->found};
        return okng_model_build_rois(&located, bank_dir, j->build, j->ticker, report, error);
    }
    return okng_model_build(&lesson, bank_dir, j->build, j->ticker, report, error);
}

/* ---- trimming -----------------------------------------------------------------------------------------------------
 */

static okng_status drop_oddest(job *j, const okng_tau *tau, okng_error *error)
{
    okng_doubts doubts;
    OKNG_TRY(okng_doubts_of(&doubts, tau, error));
    for (size_t i = 0; i < (size_t)j->options->trim && i < doubts.count; i++) {
        const okng_doubtful one = okng_doubts_get(&doubts, i);
        size_t at = find(j, one.name);
        if (at == j->count) continue; /* its name is no UTF-8 */
        okng_say(&j->listener, OKNG_BUILD_TRIMMED, "trimmed", j->paths[at] + j->root,
                 _("left out as one of the oddest: %s (score %.6g)"), j->paths[at] + j->root, (double)one.score);
        j->paths[at] = NULL;
    }
    okng_doubts_free(&doubts);
    return OKNG_OK;
}

/* Under its lock also what a kill left while it was written or forgotten. */
static okng_status forget_trial(const job *j, okng_error *error)
{
    return okng_bank_contents_remove(j->trial, (okng_bank_contents){okng_method_data_files(), true}, error);
}

/* What will refuse the bank itself does so before the work on another. */
static okng_status need_place(const job *j, okng_error *error)
{
    okng_bank_writer writer;
    OKNG_TRY(okng_bank_writer_open(&writer, j->bank_dir, okng_method_data_files(), error));
    okng_bank_writer_close(&writer);
    return OKNG_OK;
}

/* Another bank, beside the place of the one that is asked for, of okng's own name and under a lock of its own. */
static okng_status begin_trial(job *j, const okng_bank_place *place, const char *lock, okng_error *error)
{
    OKNG_TRY(okng_need_no_bank_around(place->folder, error));
    OKNG_TRY(okng_make_parent(place->folder, error));
    OKNG_TRY(okng_lock_take(&j->lock, lock, error));
    OKNG_TRY(forget_trial(j, error));
    return need_place(j, error);
}

/* What a killed build left that had one, and this one does not need: cleared if it can be. Where the lock is not there,
 * which was made first and goes last, there is nothing. */
static void clear_trial(job *j, const char *lock)
{
    okng_bank_writer left;
    if (access(lock, F_OK) != 0 || okng_lock_take(&j->lock, lock, NULL) != OKNG_OK) return;
    (void)forget_trial(j, NULL);
    if (okng_bank_writer_open(&left, j->trial, okng_method_data_files(), NULL) == OKNG_OK)
        okng_bank_writer_close(&left); /* with what it had begun to write */
    okng_lock_drop(&j->lock);
}

static okng_status open_trial(job *j, okng_error *error)
{
    okng_bank_place place;
    char *lock = NULL;
    const bool wanted = j->options->trim > 0 || j->options->report;
    OKNG_TRY(okng_bank_place_find(&place, j->bank_dir, error));
    okng_error why = {.status = OKNG_OK};
    okng_status status = okng_path_beside(&j->trial, place.folder, "trial", &why);
    if (status == OKNG_OK) status = okng_path_beside(&lock, place.folder, "trial-lock", &why);
    if (status == OKNG_OK && !wanted) clear_trial(j, lock);
    if (status == OKNG_OK && wanted) status = begin_trial(j, &place, lock, &why);
    if (status == OKNG_ERROR_LIMIT && !wanted) status = OKNG_OK; /* no trial can have lain beside so long a name */
    if (status != OKNG_OK && error) *error = why;
    free(lock);
    okng_bank_place_free(&place);
    return status;
}

static void close_trial(job *j)
{
    okng_lock_drop(&j->lock);
    free(j->trial);
}

/* Learns beside the place of the bank, and forgets that again: the bank that is there stays until the last one is
 * whole.
 */
static okng_status trim(job *j, uint64_t *trimmed, okng_error *error)
{
    if (j->options->trim <= 0) return OKNG_OK;
    if ((uint64_t)j->options->trim >= j->count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "trim %lld leaves none of the %zu pictures",
                         (long long)j->options->trim, j->count);
    okng_build_report first;
    okng_tau tau = {0};
    const okng_bank_source trial = {j->trial, NULL, ""};
    okng_status status = learn(j, j->trial, &first, error);
    if (status == OKNG_OK) status = okng_tau_source_read(&trial, &tau, error);
    if (status == OKNG_OK) status = drop_oddest(j, &tau, error);
    okng_tau_free(&tau);
    (void)forget_trial(j, NULL);
    if (status == OKNG_OK) *trimmed = close_up(j);
    return status;
}

/* ---- the page ----------------------------------------------------------------------------------------------------
 */

/* Learns from all but the pictures that are shown, `places` [count], so that these are new to it. */
static okng_status learn_unseen(const job *j, const size_t *places, size_t count, okng_error *error)
{
    job rest = *j;
    okng_build_report report;
    const char **paths = rest.paths = okng_alloc(j->count, sizeof *rest.paths);
    const okng_match **found = okng_alloc(j->count, sizeof *found);
    okng_status status = paths && found ? OKNG_OK : okng_fail_memory(error, j->count * 2 * sizeof *paths);
    if (status == OKNG_OK) {
        memcpy((void *)paths, (const void *)j->paths, j->count * sizeof *paths);
        if (j->found) rest.found = memcpy((void *)found, (const void *)j->found, j->count * sizeof *found);
        for (size_t i = 0; i < count; i++) paths[places[i]] = NULL;
        (void)close_up(&rest);
        status = learn(&rest, j->trial, &report, error);
    }
    free((void *)paths);
    free((void *)found);
    return status;
}

static okng_status show(const job *j, const okng_doubts *doubts, const char *path, okng_error *error)
{
    size_t places[OKNG_BUILD_PAGE_PICTURES], count = 0, most = j->count / 3 > 0 ? j->count / 3 : 1;
    const okng_pictures pictures = pictures_of(j);
    for (; count < doubts->count && count < OKNG_BUILD_PAGE_PICTURES && count < most; count++) {
        places[count] = find(j, okng_doubts_get(doubts, count).name);
        if (places[count] == j->count) break; /* its name is no UTF-8 */
    }
    okng_model *unseen = NULL;
    okng_status status = OKNG_OK;
    if (j->count >= count + 2) { /* else too little is left to learn from */
        status = learn_unseen(j, places, count, error);
        if (status == OKNG_OK)
            status = okng_model_open(&unseen, j->trial, NULL, error);
        else if (status == OKNG_ERROR_ARGUMENT)
            status = OKNG_OK; /* what is left cannot be a bank, as where all of it is shots of one part */
    }
    if (status == OKNG_OK)
        status = okng_build_page_write(path, doubts, count, &pictures, places, unseen, j->build->max_pixels,
                                       okng_thread_count(j->build->threads), error);
    okng_model_close(&unseen);
    return status;
}

static okng_status write_page(const job *j, okng_error *error)
{
    if (!j->options->report) return OKNG_OK;
    okng_tau tau = {0};
    okng_doubts doubts = {0};
    const okng_bank_source bank = {j->bank_dir, NULL, ""};
    char *path = okng_path_join(j->bank_dir, OKNG_BANK_PAGE_FILE);
    okng_status status = path ? OKNG_OK : okng_fail_memory(error, strlen(j->bank_dir));
    if (status == OKNG_OK) status = okng_tau_source_read(&bank, &tau, error);
    if (status == OKNG_OK) status = okng_doubts_of(&doubts, &tau, error);
    if (status == OKNG_OK) status = show(j, &doubts, path, error);
    okng_doubts_free(&doubts);
    okng_tau_free(&tau);
    (void)forget_trial(j, NULL);
    free(path);
    return status;
}

/* ---- all of it ----------------------------------------------------------------------------------------------------
 */

static okng_status run(job *j, okng_build_report *report, okng_error *error)
{
    uint64_t excluded = 0, skipped = 0, trimmed = 0, not_found = 0;
    OKNG_TRY(okng_sought_check(j->build, error));
    if (!j->options->force) OKNG_TRY(okng_refuse_results(j->folder, error));
    OKNG_TRY(open_list(j, error));
    OKNG_TRY(exclude(j, &excluded, error));
    OKNG_TRY(draw_shots(j, error));
    OKNG_TRY(look_at_all(j, &skipped, error));
    OKNG_TRY(look_for_regions(j, &not_found, error));
    OKNG_TRY(open_trial(j, error));
    OKNG_TRY(trim(j, &trimmed, error));
    OKNG_TRY(learn(j, j->bank_dir, report, error));
    OKNG_TRY(write_page(j, error));
    report->excluded = excluded;
    report->skipped = skipped;
    report->trimmed = trimmed;
    report->not_found = not_found;
    return OKNG_OK;
}

okng_status okng_learn_folder(const char *folder, const char *bank_dir, const okng_build_folder_options *options,
                              const okng_build_options *build, okng_ticker *ticker, okng_build_event_fn listener,
                              void *user, okng_build_report *report, okng_error *error)
{
    job j = {.folder = folder,
             .bank_dir = bank_dir,
             .options = options,
             .build = build,
             .ticker = ticker,
             .listener = {listener, user},
             .lock = {.descriptor = -1}};
    okng_status status = run(&j, report, error);
    close_trial(&j);
    okng_picture_list_free(&j.list);
    okng_sought_free(&j.sought);
    free((void *)j.found);
    free((void *)j.paths);
    return status;
}
