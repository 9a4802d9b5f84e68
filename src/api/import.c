#include "import/import.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/sized.h"
#include "import/afclip.h"

static okng_status check_options(const okng_import_options *options, okng_import_options *full, okng_error *error)
{
    *full = (okng_import_options){.struct_size = sizeof *full};
    if (!options) return OKNG_OK;
    OKNG_TRY(okng_sized_take(full, sizeof *full, options, "the options of the import", error));
    if (full->neighbors < 0 || full->neighbors > 1024)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "neighbors %d, expected 0 to 1024", (int)full->neighbors);
    if (full->threads < 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "threads %d", (int)full->threads);
    if (full->ok_count > 0 && !full->ok_pictures)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%zu OK pictures, and no list of them", full->ok_count);
    for (size_t i = 0; i < full->ok_count; i++)
        if (!full->ok_pictures[i]) return okng_fail(error, OKNG_ERROR_ARGUMENT, "OK picture %zu has no path", i);
    return OKNG_OK;
}

/* What the files of one program say themselves is no option there. */
static okng_status check_kind(okng_import_kind kind, const okng_import_options *options, okng_error *error)
{
    bool anomalib = kind == OKNG_IMPORT_ANOMALIB;
    const char *option = anomalib ? (options->weights   ? "weights"
                                     : options->prepend ? "prepend"
                                                        : NULL)
                                  : (options->crop            ? "crop"
                                     : options->neighbors > 0 ? "neighbors"
                                                              : NULL);
    if (!option) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "option %s is not read for a model of %s, whose files say it", option,
                     anomalib ? "anomalib" : "patchcore-inspection");
}

okng_status okng_import(okng_import_kind kind, const char *source, const char *bank_dir,
                        const okng_import_options *options, okng_progress_fn progress, void *user,
                        okng_import_report *report, okng_error *error)
{
    okng_import_options full;
    OKNG_TRY(okng_need(source, "the model", error));
    OKNG_TRY(okng_need(bank_dir, "the folder for the bank", error));
    OKNG_TRY(check_options(options, &full, error));
    OKNG_TRY(check_kind(kind, &full, error));
    if (report) OKNG_TRY(okng_sized_check(report, "the report", error));
    okng_import_report all;
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    okng_status status = okng_import_model(kind, source, bank_dir, &full, &ticker, &all, error);
    okng_ticker_destroy(&ticker);
    if (report) (void)okng_sized_give(report, &all, sizeof all, "the report", NULL);
    return status;
}

okng_status okng_import_afclip(const okng_afclip_files *files, const char *out_dir, okng_afclip_report *report,
                               okng_error *error)
{
    okng_afclip_files full = {.struct_size = sizeof full};
    okng_afclip_report all;
    OKNG_TRY(okng_sized_take(&full, sizeof full, files, "the files of AF-CLIP", error));
    OKNG_TRY(okng_need(full.prompt, "the file of the prompt", error));
    OKNG_TRY(okng_need(full.adapter, "the file of the adapter", error));
    OKNG_TRY(okng_need(out_dir, "the folder for the checkpoint", error));
    if (report) OKNG_TRY(okng_sized_check(report, "the report", error));
    OKNG_TRY(okng_import_afclip_files(&full, out_dir, &all, error));
    return report ? okng_sized_give(report, &all, sizeof all, "the report", error) : OKNG_OK;
}
