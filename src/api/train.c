#include "train/train.h"
#include "api/need.h"
#include "base/progress.h"
#include "base/sized.h"

okng_status okng_train_afclip(const okng_train_options *options, okng_progress_fn progress, okng_train_fn listener,
                              void *user, okng_train_report *report, okng_error *error)
{
    okng_train_options full = {0};
    okng_train_config config;
    OKNG_TRY(okng_sized_take(&full, sizeof full, options, "the options", error));
    if (full.setting_count > 0) OKNG_TRY(okng_need(full.settings, "the settings", error));
    if (report) OKNG_TRY(okng_sized_check(report, "the place for the report", error));
    OKNG_TRY(okng_train_config_load(&config, full.config, full.settings, full.setting_count, error));
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    const okng_train_watch watch = {&ticker, listener, user};
    okng_train_report made = {.struct_size = sizeof made};
    okng_status status = okng_train_run(&config, &watch, &made, error);
    okng_ticker_destroy(&ticker);
    if (status != OKNG_OK || !report) return status;
    return okng_sized_give(report, &made, sizeof made, "the place for the report", error);
}
