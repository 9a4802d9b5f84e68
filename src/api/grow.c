#include "grow/grow.h"

#include "base/error.h"
#include "base/sized.h"
#include "options/options.h"

static okng_status take_options(const okng_grow_options *options, okng_grow_options *full, okng_error *error)
{
    *full = (okng_grow_options){.struct_size = sizeof *full};
    if (!options) return OKNG_OK;
    OKNG_TRY(okng_sized_take(full, sizeof *full, options, "the options", error));
    if (full->threads < 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "threads %d", (int)full->threads);
    if (!(full->coreset >= 0 && full->coreset <= 1))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "coreset %g, expected 0 to 1", full->coreset);
    if (full->coreset_size < 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "coreset-size %lld, expected a number of rows",
                         (long long)full->coreset_size);
    return OKNG_OK;
}

/* What is heard and told while a bank grows. */
typedef struct telling {
    okng_ticker ticker;
    okng_grow_options options;
    okng_grow_report report;
} telling;

static okng_status begin(telling *t, const okng_grow_options *options, okng_progress_fn progress, void *user,
                         const okng_grow_report *report, okng_error *error)
{
    OKNG_TRY(take_options(options, &t->options, error));
    if (report) OKNG_TRY(okng_sized_check(report, "the report", error));
    t->report = (okng_grow_report){.struct_size = sizeof t->report};
    okng_ticker_init(&t->ticker, progress, user);
    return OKNG_OK;
}

static okng_status end(telling *t, okng_status status, okng_grow_report *report, okng_error *error)
{
    okng_ticker_destroy(&t->ticker);
    if (status != OKNG_OK || !report) return status;
    return okng_sized_give(report, &t->report, sizeof t->report, "the report", error);
}

okng_status okng_bank_add(const char *bank_dir, const char *ok_dir, const okng_grow_options *options,
                          okng_progress_fn progress, void *user, okng_grow_report *report, okng_error *error)
{
    telling t;
    OKNG_TRY(okng_need(bank_dir, "the bank folder", error));
    OKNG_TRY(okng_need(ok_dir, "the folder of good pictures", error));
    OKNG_TRY(begin(&t, options, progress, user, report, error));
    okng_status status = okng_grow_add(bank_dir, ok_dir, &t.options, &t.ticker, &t.report, error);
    return end(&t, status, report, error);
}

okng_status okng_bank_merge(const char *first, const char *second, const okng_grow_options *options,
                            okng_progress_fn progress, void *user, okng_grow_report *report, okng_error *error)
{
    telling t;
    OKNG_TRY(okng_need(first, "the first bank's folder", error));
    OKNG_TRY(okng_need(second, "the second bank's folder", error));
    OKNG_TRY(begin(&t, options, progress, user, report, error));
    okng_status status = t.options.out_dir ? okng_grow_merge(first, second, &t.options, &t.ticker, &t.report, error)
                                           : okng_fail(error, OKNG_ERROR_ARGUMENT, "no folder for the bank was given");
    return end(&t, status, report, error);
}

okng_status okng_bank_shrink(const char *bank_dir, const okng_grow_options *options, okng_progress_fn progress,
                             void *user, okng_grow_report *report, okng_error *error)
{
    telling t;
    OKNG_TRY(okng_need(bank_dir, "the bank folder", error));
    OKNG_TRY(begin(&t, options, progress, user, report, error));
    okng_status status = (t.options.coreset > 0) != (t.options.coreset_size > 0)
                             ? okng_grow_shrink(bank_dir, &t.options, &t.ticker, &t.report, error)
                             : okng_fail(error, OKNG_ERROR_ARGUMENT, "give coreset or coreset-size, one of them");
    return end(&t, status, report, error);
}

okng_status okng_bank_create(const char *rows, const char *bank_dir, const okng_build_options *options,
                             const char *ok_dir, okng_progress_fn progress, void *user, okng_grow_report *report,
                             okng_error *error)
{
    telling t;
    okng_build_options defaults, full;
    okng_build_options_init(&defaults);
    OKNG_TRY(okng_need(rows, "the file of rows", error));
    OKNG_TRY(okng_need(bank_dir, "the folder for the bank", error));
    OKNG_TRY(okng_build_options_check(options ? options : &defaults, &full, error));
    OKNG_TRY(okng_choose_network(&full, error));
    OKNG_TRY(begin(&t, NULL, progress, user, report, error));
    okng_status status = okng_grow_create(rows, bank_dir, &full, ok_dir, &t.ticker, &t.report, error);
    return end(&t, status, report, error);
}

okng_status okng_bank_diff(const char *first, const char *second, int32_t threads, okng_progress_fn progress,
                           void *user, char **json, okng_error *error)
{
    okng_ticker ticker;
    OKNG_TRY(okng_need(first, "the first bank's folder", error));
    OKNG_TRY(okng_need(second, "the second bank's folder", error));
    OKNG_TRY(okng_need(json, "the place for the text", error));
    *json = NULL;
    if (threads < 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "threads %d", (int)threads);
    okng_ticker_init(&ticker, progress, user);
    okng_status status = okng_grow_diff(first, second, threads, &ticker, json, error);
    okng_ticker_destroy(&ticker);
    return status;
}

okng_status okng_bank_rename_weights(const char *bank_dir, const char *weights, okng_error *error)
{
    OKNG_TRY(okng_need(bank_dir, "the bank folder", error));
    OKNG_TRY(okng_need(weights, "the weight file", error));
    return okng_grow_rename_weights(bank_dir, weights, error);
}
