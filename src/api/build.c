#include <string.h>

#include "base/progress.h"
#include "base/sized.h"
#include "model/build.h"
#include "options/options.h"

static okng_status check_pictures(const char *const *pictures, size_t count, const char *bank_dir, okng_error *error)
{
    if (!pictures && count > 0) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no OK pictures were given");
    for (size_t i = 0; i < count; i++)
        if (!pictures[i]) return okng_fail(error, OKNG_ERROR_ARGUMENT, "picture %zu has no path", i);
    if (!bank_dir) return okng_fail(error, OKNG_ERROR_ARGUMENT, "no folder for the bank was given");
    return OKNG_OK;
}

okng_status okng_build(const char *const *pictures, size_t count, const char *bank_dir,
                       const okng_build_options *options, okng_progress_fn progress, void *user,
                       okng_build_report *report, okng_error *error)
{
    okng_build_options full;
    OKNG_TRY(okng_build_options_check(options, &full, error));
    OKNG_TRY(okng_choose_network(&full, error));
    OKNG_TRY(check_pictures(pictures, count, bank_dir, error));
    if (report) OKNG_TRY(okng_sized_check(report, "the report", error));
    okng_build_report all = {.struct_size = sizeof all};
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    const okng_lesson lesson = {.pictures = okng_pictures_of_paths(pictures, count)};
    okng_status status = okng_model_build(&lesson, bank_dir, &full, &ticker, &all, error);
    okng_ticker_destroy(&ticker);
    if (status == OKNG_OK && report) status = okng_sized_give(report, &all, sizeof all, "the report", error);
    return status;
}
