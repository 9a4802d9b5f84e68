#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "grow/grow.h"
#include "grow/joined.h"
#include "grow/listed.h"
#include "grow/report.h"

/* The pictures below the folder that come to those of a bank. */
typedef struct more_pictures {
    okng_grow_listed listed; /* those that are new */
    okng_picture_names names;
    char *folder;
    uint64_t known; /* that the bank has learnt already */
} more_pictures;

static void close_more(more_pictures *more)
{
    okng_grow_listed_free(&more->listed);
    okng_picture_names_free(&more->names);
    free(more->folder);
}

/* Drops those that the bank has learnt. */
static okng_status leave_out_known(more_pictures *more, const okng_ledger *ledger, okng_error *error)
{
    size_t count = more->listed.pictures.count, kept = 0;
    const okng_named_pictures before = {&ledger->names, ledger->folder}, now = {&more->names, more->folder};
    bool *known = okng_alloc_zero(count + 1, sizeof *known);
    if (!known) return okng_fail_memory(error, count);
    okng_status status = *ledger->folder ? okng_joined_find_same(&before, &now, known, error) : OKNG_OK;
    for (size_t i = 0; i < count; i++)
        if (!known[i]) more->listed.paths[kept++] = more->listed.paths[i];
    free(known);
    if (status != OKNG_OK) return status;
    more->known = count - kept;
    if (kept == 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "%s: the bank has learnt all %zu pictures already; give a folder with others", more->folder,
                         count);
    okng_grow_listed_take(&more->listed, kept);
    okng_picture_names_free(&more->names);
    return okng_picture_names_of(&more->names, &more->listed.pictures, error);
}

static okng_status list_more(more_pictures *more, const char *folder, const okng_ledger *ledger, okng_error *error)
{
    OKNG_TRY(okng_grow_list(&more->listed, folder, error));
    const size_t count = more->listed.pictures.count;
    if (count + (size_t)ledger->count > OKNG_TAU_PICTURES_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%zu pictures beside %lld; thresholds come from at most %d", count,
                         (long long)ledger->count, OKNG_TAU_PICTURES_MAX);
    OKNG_TRY(okng_picture_names_of(&more->names, &more->listed.pictures, error));
    more->folder = okng_pictures_folder(&more->listed.pictures);
    if (!more->folder) return okng_fail_memory(error, OKNG_PATH_MAX);
    return leave_out_known(more, ledger, error);
}

/* ---- learning ---------------------------------------------------------------------------------------------------- */

/* Pictures are read as the bank says. */
static okng_status take_decoding(more_pictures *more, okng_grow_made *made, okng_build_report *told, okng_error *error)
{
    okng_build_options *options = &made->file.config.options;
    okng_build_options found = *options;
    int threads = okng_thread_count(options->threads);
    OKNG_TRY(okng_pictures_find_depth(&more->listed.pictures, &found, threads, &told->other_bit_depth, error));
    more->listed.pictures.bit_depth = found.bit_depth;
    if (options->turns == 1) more->listed.pictures.shrink = options;
    return OKNG_OK;
}

/* When the network is known: a bank of somebody else's rows may not say what grid they are of. */
static void count_more(okng_grow_made *made, const okng_ledger *ledger, const more_pictures *more)
{
    okng_bank_config *config = &made->file.config;
    uint64_t turned = more->listed.pictures.count * (uint64_t)config->options.turns;
    uint64_t patches =
        ledger->count > 0 ? (uint64_t)ledger->patches : (uint64_t)config->grid_height * (uint64_t)config->grid_width;
    config->pictures += more->listed.pictures.count;
    config->patches += turned * patches;
}

static okng_status learn(okng_grow_made *made, const okng_grow_source *source, more_pictures *more, okng_ticker *ticker,
                         okng_build_report *told, okng_error *error)
{
    okng_joined joined;
    const okng_ledger *ledger = source->ledger;
    const okng_named_pictures before = {&ledger->names, ledger->folder}, now = {&more->names, more->folder};
    OKNG_TRY(take_decoding(more, made, told, error));
    OKNG_TRY(okng_joined_make(&joined, &before, &now, source->file.config.options.group, error));
    const okng_more all = {.old = &source->file,
                           .ledger = ledger,
                           .more = &more->listed.pictures,
                           .names = &joined.names,
                           .folder = joined.folder,
                           .groups = &joined.groups};
    okng_status status =
        made->method->growing->add(&made->model, &made->file, &all, made->weights, ticker, told, error);
    count_more(made, ledger, more);
    okng_joined_free(&joined);
    return status;
}

static okng_status add(okng_grow_made *made, okng_grow_source *source, more_pictures *more, const char *bank_dir,
                       const char *ok_dir, const okng_grow_options *options, okng_ticker *ticker,
                       okng_grow_report *report, okng_error *error)
{
    okng_build_report told = {0};
    OKNG_TRY(okng_grow_source_open(source, bank_dir, "add pictures to", error));
    OKNG_TRY(list_more(more, ok_dir, source->ledger, error));
    okng_grow_made_begin(made, source, options->threads);
    OKNG_TRY(okng_grow_weights(source, options->weights, &made->file.config, &made->weights, error));
    OKNG_TRY(learn(made, source, more, ticker, &told, error));
    okng_grow_tell(report, source, made, &told);
    report->added = more->listed.pictures.count;
    report->known = more->known;
    report->kept = (uint64_t)source->ledger->count;
    report->other_bit_depth = told.other_bit_depth;
    return okng_grow_made_finish(made, source, true, error);
}

okng_status okng_grow_add(const char *bank_dir, const char *ok_dir, const okng_grow_options *options,
                          okng_ticker *ticker, okng_grow_report *report, okng_error *error)
{
    okng_grow_made made;
    okng_grow_source source = {0};
    more_pictures more = {0};
    OKNG_TRY(okng_grow_check(bank_dir, error)); /* before a lock is left beside nothing */
    OKNG_TRY(okng_grow_made_open(&made, options->out_dir ? options->out_dir : bank_dir, error));
    okng_status status = add(&made, &source, &more, bank_dir, ok_dir, options, ticker, report, error);
    okng_grow_made_close(&made);
    okng_grow_source_close(&source);
    close_more(&more);
    return status;
}
