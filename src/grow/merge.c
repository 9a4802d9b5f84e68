#include <stdlib.h>

#include "base/memory.h"
#include "grow/alike.h"
#include "grow/grow.h"
#include "grow/joined.h"
#include "grow/report.h"

/* A picture in both would be its own neighbour. */
static okng_status need_apart(const okng_named_pictures *first, const okng_named_pictures *second, okng_error *error)
{
    size_t count = (size_t)second->names->count;
    int64_t found = -1;
    bool *same = okng_alloc_zero(count + 1, sizeof *same);
    if (!same) return okng_fail_memory(error, count);
    okng_status status = okng_joined_find_same(first, second, same, error);
    for (size_t i = 0; i < count && found < 0 && status == OKNG_OK; i++)
        if (same[i]) found = (int64_t)i;
    free(same);
    if (status != OKNG_OK || found < 0) return status;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "both banks have learnt %s%s%s, which would be its own neighbour; build one of them without it",
                     second->folder, *second->folder ? "/" : "", second->names->name[found]);
}

/* Thresholds of a merged bank come from what both know of their pictures. */
static okng_status need_pictures(const okng_grow_source *source, const char *folder, okng_error *error)
{
    if (source->ledger->count > 0) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_UNSUPPORTED,
        "%s: has learnt no pictures (it was imported, or made of given rows), and thresholds come from the "
        "pictures of both banks; add some to it first (okng bank add)",
        folder);
}

static okng_status join(okng_grow_made *made, const okng_grow_source sources[2], const okng_joined *joined,
                        okng_ticker *ticker, okng_build_report *told, okng_error *error)
{
    okng_bank_config *config = &made->file.config;
    const okng_pair pair = {.bank = {&sources[0].file, &sources[1].file},
                            .ledger = {sources[0].ledger, sources[1].ledger},
                            .names = &joined->names,
                            .folder = joined->folder,
                            .groups = &joined->groups};
    config->pictures += sources[1].file.config.pictures;
    config->patches += sources[1].file.config.patches;
    config->aspects_differ = config->aspects_differ || sources[1].file.config.aspects_differ;
    return made->method->growing->merge(&made->model, &made->file, &pair, NULL, ticker, told, error);
}

static okng_status merge(okng_grow_made *made, okng_grow_source sources[2], const char *const folders[2],
                         const okng_grow_options *options, okng_ticker *ticker, okng_grow_report *report,
                         okng_error *error)
{
    okng_build_report told = {0};
    okng_joined joined;
    for (int i = 0; i < 2; i++) OKNG_TRY(okng_grow_source_open(&sources[i], folders[i], "merge", error));
    const okng_bank_config *first = &sources[0].file.config;
    OKNG_TRY(okng_need_alike(first, &sources[1].file.config, sources[0].method->options, folders, error));
    const okng_named_pictures named[2] = {{&sources[0].ledger->names, sources[0].ledger->folder},
                                          {&sources[1].ledger->names, sources[1].ledger->folder}};
    for (int i = 0; i < 2; i++) OKNG_TRY(need_pictures(&sources[i], folders[i], error));
    if (sources[0].ledger->count + sources[1].ledger->count > OKNG_TAU_PICTURES_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "the banks have more than %d pictures", OKNG_TAU_PICTURES_MAX);
    OKNG_TRY(need_apart(&named[0], &named[1], error));
    OKNG_TRY(okng_joined_make(&joined, &named[0], &named[1], first->options.group, error));
    okng_grow_made_begin(made, &sources[0], options->threads);
    okng_status status = join(made, sources, &joined, ticker, &told, error);
    okng_joined_free(&joined);
    if (status != OKNG_OK) return status;
    okng_grow_tell(report, &sources[0], made, &told);
    report->forgot_choice = okng_grow_has_choice(&sources[0]) || okng_grow_has_choice(&sources[1]);
    report->kept = (uint64_t)(sources[0].ledger->count + sources[1].ledger->count);
    report->added = sources[1].file.config.pictures;
    report->rows_before += (uint64_t)sources[1].file.config.data[0].rows;
    return okng_grow_made_finish(made, &sources[0], false, error);
}

okng_status okng_grow_merge(const char *first, const char *second, const okng_grow_options *options,
                            okng_ticker *ticker, okng_grow_report *report, okng_error *error)
{
    okng_grow_made made;
    okng_grow_source sources[2] = {{0}, {0}};
    const char *const folders[2] = {first, second};
    for (int i = 0; i < 2; i++) OKNG_TRY(okng_grow_check(folders[i], error));
    OKNG_TRY(okng_grow_made_open(&made, options->out_dir, error));
    okng_status status = merge(&made, sources, folders, options, ticker, report, error);
    okng_grow_made_close(&made);
    for (int i = 0; i < 2; i++) okng_grow_source_close(&sources[i]);
    return status;
}
