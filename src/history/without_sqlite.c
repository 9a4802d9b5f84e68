/* In place of the files that need SQLite, where okng is built without it: there is no history. No handle is ever given,
 * so that what takes one is never called with any but NULL. */
#include <stdio.h>

#include "history/history.h"

static okng_status refuse(okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "this okng was built without SQLite, and keeps no history (Debian: libsqlite3-dev)");
}

bool okng_history_available(void)
{
    return false;
}

void okng_history_options_init(okng_history_options *options)
{
    *options = (okng_history_options){.queue = 1};
}

okng_status okng_history_open(okng_history **out, const okng_history_options *options, okng_error *error)
{
    (void)options;
    *out = NULL;
    return refuse(error);
}

void okng_history_close(okng_history **history)
{
    *history = NULL;
}

bool okng_history_keeps(const okng_history *history, okng_outcome outcome)
{
    (void)history;
    (void)outcome;
    return false;
}

okng_status okng_history_add(okng_history *history, okng_record *record, const okng_history_picture *pictures,
                             size_t count, double patience, okng_error *error)
{
    (void)history;
    (void)record;
    (void)pictures;
    (void)count;
    (void)patience;
    return refuse(error);
}

okng_status okng_history_judge(okng_history *history, const char *id, okng_outcome judged, const char *by,
                               okng_error *error)
{
    (void)history;
    (void)id;
    (void)judged;
    (void)by;
    return refuse(error);
}

okng_status okng_history_each(okng_history *history, const okng_history_filter *filter, okng_record_fn *hear,
                              void *user, okng_error *error)
{
    (void)history;
    (void)filter;
    (void)hear;
    (void)user;
    return refuse(error);
}

okng_status okng_history_find(okng_history *history, const char *id, okng_record *out, okng_error *error)
{
    (void)history;
    (void)id;
    (void)out;
    return refuse(error);
}

okng_status okng_history_picture_path(okng_history *history, const char *id, unsigned kind, char path[OKNG_PATH_MAX],
                                      okng_error *error)
{
    (void)history;
    (void)id;
    (void)kind;
    (void)path;
    return refuse(error);
}

okng_status okng_history_note(okng_history *history, const okng_change *change, okng_error *error)
{
    (void)history;
    (void)change;
    return refuse(error);
}

okng_status okng_history_changes(okng_history *history, const char *bank, int64_t before, int64_t limit, json_t **out,
                                 okng_error *error)
{
    (void)history;
    (void)bank;
    (void)before;
    (void)limit;
    (void)out;
    return refuse(error);
}

okng_status okng_history_stats(okng_history *history, const char *bank, int32_t hours, json_t **out, okng_error *error)
{
    (void)history;
    (void)bank;
    (void)hours;
    (void)out;
    return refuse(error);
}

okng_status okng_history_renew_drift(okng_history *history, const char *bank, const char *by, okng_error *error)
{
    (void)history;
    (void)bank;
    (void)by;
    return refuse(error);
}

void okng_history_state_get(okng_history *history, okng_history_state *state)
{
    (void)history;
    *state = (okng_history_state){0};
}

okng_status okng_history_export(okng_history *history, const char *path, okng_error *error)
{
    (void)history;
    (void)path;
    return refuse(error);
}

void okng_record_csv_header(FILE *stream)
{
    (void)stream;
}

void okng_record_csv(FILE *stream, const okng_record *record)
{
    (void)stream;
    (void)record;
}

okng_status okng_history_check(okng_history *history, json_t **out, okng_error *error)
{
    (void)history;
    (void)out;
    return refuse(error);
}
