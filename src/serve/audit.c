#include "serve/audit.h"

#include <stdlib.h>

#include "history/history.h"

static const okng_meter failures = {
    OKNG_METER_COUNTER, "okng_audit_failures_total", "changes that could not be noted in the history", {0}};

/* NULL stays NULL. */
static okng_status text_of(json_t *value, char **text, okng_error *error)
{
    *text = NULL;
    return value ? okng_json_text(value, JSON_COMPACT | JSON_REAL_PRECISION(9), "a change", text, NULL, error)
                 : OKNG_OK;
}

okng_status okng_audit(okng_serve *serve, const char *by, const char *what, const char *bank, json_t *before,
                       json_t *after, okng_error *error)
{
    char *texts[2] = {NULL, NULL};
    okng_status status = text_of(before, &texts[0], error);
    if (status == OKNG_OK) status = text_of(after, &texts[1], error);
    const okng_change change = {.by = by, .what = what, .bank = bank, .before = texts[0], .after = texts[1]};
    if (status == OKNG_OK && serve->history) status = okng_history_note(serve->history, &change, error);
    if (status != OKNG_OK) okng_meters_add(serve->meters, &failures, NULL, NULL, 1);
    free(texts[0]);
    free(texts[1]);
    json_decref(before);
    json_decref(after);
    return status;
}
