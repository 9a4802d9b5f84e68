/* The history of the server: where it lies, what it keeps, what /metrics tells of it. */
#include "serve/part_history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "history/history.h"
#include "serve/state.h"

static const okng_meter records = {
    OKNG_METER_COUNTER, "okng_history_records_total", "inspections that the history took, or could not", {"result"}};
static const okng_meter pictures = {
    OKNG_METER_COUNTER, "okng_history_pictures_failed_total", "pictures that could not be kept", {0}};
static const okng_meter removed = {
    OKNG_METER_COUNTER, "okng_history_removed_total", "inspections that went by age or bytes", {0}};
static const okng_meter waiting = {OKNG_METER_GAUGE, "okng_history_waiting", "writes that wait", {0}};
static const okng_meter bytes = {OKNG_METER_GAUGE, "okng_history_bytes", "bytes on the disk", {"of"}};
static const okng_meter failing = {OKNG_METER_GAUGE, "okng_history_failing", "1 while the last write has failed", {0}};

static void look(void *user, okng_meters *meters)
{
    okng_serve *serve = user;
    okng_history_state state;
    okng_history_state_get(serve->history, &state);
    okng_meters_set(meters, &records, "written", NULL, (double)state.written);
    okng_meters_set(meters, &records, "failed", NULL, (double)state.failed);
    okng_meters_set(meters, &pictures, NULL, NULL, (double)state.pictures_failed);
    okng_meters_set(meters, &removed, NULL, NULL, (double)state.removed);
    okng_meters_set(meters, &waiting, NULL, NULL, (double)state.waiting);
    okng_meters_set(meters, &bytes, "database", NULL, (double)state.database_bytes);
    okng_meters_set(meters, &bytes, "pictures", NULL, (double)state.picture_bytes);
    okng_meters_set(meters, &failing, NULL, NULL, state.failing ? 1 : 0);
}

static void tell(void *user, const char *kind, const okng_record *record)
{
    okng_serve *serve = user;
    okng_events_publish(serve->events, kind, record->bank, okng_record_json(record));
}

static okng_status take_options(okng_serve *serve, okng_history_options *options, okng_error *error)
{
    const okng_serve_options *given = serve->options;
    okng_history_options_init(options);
    options->days = (int32_t)ceil(given->keep_days); /* less than a day is not 0, which is for ever */
    options->max_bytes = (uint64_t)given->keep_bytes;
    options->tell = tell;
    options->user = serve;
    if (!given->keep_pictures || okng_outcomes_of(given->keep_pictures, &options->keep)) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "keep-pictures: found \"%s\", expected verdicts with commas between them, all or none",
                     given->keep_pictures);
}

/* What was put aside is told where the server is started, too. */
static void tell_damage(okng_history *history)
{
    okng_history_state state;
    okng_history_state_get(history, &state);
    if (*state.aside)
        (void)okng_cli_error("%s; it is put aside as %s, and a new history begins", state.why, state.aside);
}

okng_status okng_part_history_open(okng_serve *serve, okng_error *error)
{
    okng_history_options options;
    char *folder;
    if (!okng_history_available()) return OKNG_OK;
    OKNG_TRY(take_options(serve, &options, error));
    OKNG_TRY(okng_state_path(serve->options, "history", &folder, error));
    options.folder = folder;
    okng_status status = okng_history_open(&serve->history, &options, error);
    free(folder);
    if (status != OKNG_OK) return status;
    tell_damage(serve->history);
    okng_meters_on_look(serve->meters, look, serve);
    return OKNG_OK;
}

void okng_part_history_close(okng_serve *serve)
{
    okng_history_close(&serve->history);
}
