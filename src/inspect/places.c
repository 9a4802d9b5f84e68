#include "inspect/places.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bank/apart.h"
#include "base/file.h"
#include "base/memory.h"
#include "inspect/folder_page.h"
#include "inspect/names.h"
#include "inspect/result.h"

static const char *const of_all[] = {OKNG_RESULTS_FILE, OKNG_RUN_FILE, OKNG_REPORT_STEM ".html",
                                     OKNG_REPORT_STEM "_files"}; /* the last two of a report */
static const char *const signs[] = {OKNG_RESULTS_FILE, OKNG_RUN_FILE, "scores.json"};

enum { OF_ALL = sizeof of_all / sizeof of_all[0], SIGNS = sizeof signs / sizeof signs[0] };

/* Takes no memory: a refusal must not depend on it. */
static bool is_there(const char *folder, const char *name)
{
    char path[PATH_MAX + OKNG_NAME_MAX];
    return snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path && access(path, F_OK) == 0;
}

static okng_status need_nothing(const okng_places *p, const char *folder, const char *name, okng_error *error)
{
    if (!is_there(folder, name)) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_ARGUMENT,
        "%s/%s: is there, and as %s holds no results.csv or run.json it may be somebody's; move it, or give "
        "another folder",
        folder, name, p->out);
}

static int by_text(const void *a, const void *b)
{
    const char *const *first = a, *const *second = b;
    return strcmp(*first, *second);
}

/* Whether this folder, in which folders of results would lie, has the name of a file of results: of all, or of a
 * picture whose folder `sorted` holds. Cuts `folder` for a moment. */
static bool is_in_the_way(const okng_places *p, char *folder, const char *const *sorted)
{
    const size_t of_run = p->report ? OF_ALL : OF_ALL - 2;
    char *slash = strrchr(folder, '/');
    for (size_t i = 0; !slash && i < of_run; i++)
        if (strcmp(folder, of_all[i]) == 0) return true;
    if (!slash || !okng_is_result_file(slash + 1)) return false;
    const char *parent = folder;
    *slash = '\0';
    const bool found = bsearch(&parent, sorted, p->targets->count, sizeof *sorted, by_text) != NULL;
    *slash = '/';
    return found;
}

static okng_status need_way(const okng_places *p, size_t i, const char *const *sorted, okng_error *error)
{
    char *folder = strdup(p->folders[i]), *slash;
    if (!folder) return okng_fail_memory(error, strlen(p->folders[i]));
    okng_status status = OKNG_OK;
    while (status == OKNG_OK && (slash = strrchr(folder, '/'))) {
        *slash = '\0';
        if (is_in_the_way(p, folder, sorted))
            status = okng_fail(error, OKNG_ERROR_ARGUMENT,
                               "%s: its results would lie in %s/%s, which is the name of a file of results; rename the "
                               "folder of this picture, or inspect it into another folder",
                               p->targets->items[i].path, p->out, folder);
    }
    free(folder);
    return status;
}

/* No folder stands where a file of this run will be written. */
static okng_status check_ways(const okng_places *p, okng_error *error)
{
    const size_t count = p->targets->count;
    const char **sorted = okng_alloc(count, sizeof *sorted);
    if (!sorted) return okng_fail_memory(error, count * sizeof *sorted);
    for (size_t i = 0; i < count; i++) sorted[i] = p->folders[i];
    qsort(sorted, count, sizeof *sorted, by_text);
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < count && status == OKNG_OK; i++) status = need_way(p, i, sorted, error);
    free(sorted);
    return status;
}

static okng_status check_folder(const okng_places *p, const char *folder, bool strange, const okng_inputs *inputs,
                                okng_error *error)
{
    OKNG_TRY(okng_result_need_place(folder, p->bank, inputs, error));
    const char *name;
    for (size_t i = 0; strange && (name = okng_result_file(i)); i++) OKNG_TRY(need_nothing(p, folder, name, error));
    return OKNG_OK;
}

static okng_status check_folders(const okng_places *p, bool strange, const okng_inputs *inputs, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < p->targets->count && status == OKNG_OK; i++) {
        char *folder = okng_path_join(p->out, p->folders[i]);
        status = folder ? check_folder(p, folder, strange, inputs, error) : okng_fail_memory(error, strlen(p->out));
        free(folder);
    }
    return status;
}

static okng_status keep_report_files(const okng_places *p, const okng_inputs *inputs, okng_error *error)
{
    char *files = okng_path_join(p->out, OKNG_REPORT_STEM "_files");
    okng_status status = files ? okng_inputs_keep(inputs, files, "", error) : okng_fail_memory(error, strlen(p->out));
    free(files);
    return status;
}

static okng_status check(const okng_places *p, const okng_inputs *inputs, okng_error *error)
{
    OKNG_TRY(okng_need_no_bank(p->out, p->bank, error));
    OKNG_TRY(check_ways(p, error));
    if (!okng_is_folder(p->out)) return OKNG_OK;
    bool strange = true;
    for (size_t i = 0; i < SIGNS; i++) strange = strange && !is_there(p->out, signs[i]);
    const size_t count = p->report ? OF_ALL : OF_ALL - 2;
    for (size_t i = 0; i < count; i++) OKNG_TRY(okng_inputs_keep(inputs, p->out, of_all[i], error));
    okng_status status = p->report ? keep_report_files(p, inputs, error) : OKNG_OK;
    for (size_t i = 0; i < count && strange && status == OKNG_OK; i++)
        status = need_nothing(p, p->out, of_all[i], error);
    return status == OKNG_OK ? check_folders(p, strange, inputs, error) : status;
}

static okng_status gather(const okng_places *p, okng_inputs *inputs, okng_error *error)
{
    for (size_t i = 0; i < p->targets->count; i++) OKNG_TRY(okng_inputs_add(inputs, p->targets->items[i].path, error));
    OKNG_TRY(okng_inputs_add(inputs, p->reference ? p->reference->path : NULL, error));
    okng_inputs_sort(inputs);
    return OKNG_OK;
}

okng_status okng_places_check(const okng_places *places, okng_error *error)
{
    okng_inputs inputs = {0};
    okng_status status = gather(places, &inputs, error);
    if (status == OKNG_OK) status = check(places, &inputs, error);
    okng_inputs_free(&inputs);
    return status;
}
