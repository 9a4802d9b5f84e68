/* A database that is damaged, or is not in its place any more. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "history/inside.h"

/* A larger one is not looked at whole: a start would take seconds for each gigabyte. */
#define LOOKED_AT (UINT64_C(256) << 20)

okng_status okng_database_look(okng_database *database, okng_error *error)
{
    sqlite3_stmt *statement;
    uint64_t bytes;
    bool row;
    OKNG_TRY(okng_database_bytes(database, &bytes, error));
    if (bytes > LOOKED_AT) return OKNG_OK;
    OKNG_TRY(okng_database_statement(database, "PRAGMA quick_check(1)", &statement, error));
    OKNG_TRY(okng_database_step(database, statement, &row, error));
    const char *text = row ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    okng_status status = OKNG_OK;
    if (!text || strcmp(text, "ok") != 0)
        status = okng_fail(error, OKNG_ERROR_FORMAT, "%s: the database is damaged: %s", database->path,
                           text ? text : "nothing is said of it");
    (void)sqlite3_reset(statement);
    return status;
}

/* history.damaged-2026-11-28T101530Z.db, or with a number behind it. */
static okng_status name_aside(const okng_history *history, char aside[OKNG_PATH_MAX], okng_error *error)
{
    char time[32];
    (void)okng_time_text(history->watch.clock->wall(), time);
    for (int i = 0; i < 1000; i++) {
        const int length =
            i == 0 ? snprintf(aside, OKNG_PATH_MAX, "%s/history.damaged-%.19s.db", history->folder, time)
                   : snprintf(aside, OKNG_PATH_MAX, "%s/history.damaged-%.19s-%d.db", history->folder, time, i);
        if (length >= OKNG_PATH_MAX) return okng_fail(error, OKNG_ERROR_LIMIT, "%s: is too long", history->folder);
        if (access(aside, F_OK) != 0) return OKNG_OK;
    }
    return okng_fail(error, OKNG_ERROR_IO, "%s: a thousand damaged databases were put aside here", history->folder);
}

/* The database, and what belongs to it, which may hold rows that it has not. */
static okng_status move_aside(const okng_history *history, const char *aside, okng_error *error)
{
    static const char *const parts[] = {"", "-wal", "-shm"};
    char from[OKNG_PATH_MAX + 8], to[OKNG_PATH_MAX + 8];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        (void)snprintf(from, sizeof from, "%s%s", history->path, parts[i]);
        (void)snprintf(to, sizeof to, "%s%s", aside, parts[i]);
        if (rename(from, to) != 0 && (i == 0 || errno != ENOENT)) return okng_fail_errno(error, "put aside", from);
    }
    return okng_flush_parent(history->path, error);
}

static okng_status open_again(okng_history *history, const char *what, const char *details, okng_error *error)
{
    OKNG_TRY(okng_database_open(&history->database, history->path, OKNG_DATABASE_WRITE, error));
    int64_t changes;
    OKNG_TRY(okng_database_number(&history->database, "SELECT count(*) FROM change", 0, &changes, error));
    if (changes > 0) return OKNG_OK; /* another process was here first */
    okng_change change = {
        .time = history->watch.clock->wall(), .by = "okng", .what = what, .bank = NULL, .after = details};
    return okng_transaction(history, okng_change_run, &change, error);
}

static okng_status details_text(const char *aside, const char *why, char **text, okng_error *error)
{
    json_t *details = json_object();
    okng_json_put(&details, "aside", okng_json_any_text(aside));
    okng_json_put(&details, "why", okng_json_any_text(why));
    okng_status status = okng_json_text(details, JSON_COMPACT, "a change", text, NULL, error);
    json_decref(details);
    return status;
}

static void tell_state(okng_history *history, const char *aside, const char *why)
{
    (void)pthread_mutex_lock(&history->mutex);
    (void)snprintf(history->state.aside, sizeof history->state.aside, "%s", aside);
    (void)snprintf(history->state.why, sizeof history->state.why, "%s", why);
    (void)pthread_mutex_unlock(&history->mutex);
}

/* With the lock: of two processes that see the damage one moves it. */
static okng_status put_aside(okng_history *history, const char *why, okng_error *error)
{
    char aside[OKNG_PATH_MAX], *details = NULL;
    const bool ours = !history->database.sqlite || okng_database_in_place(&history->database);
    okng_database_abandon(&history->database);
    okng_readers_close(history);
    if (!ours) return okng_database_open(&history->database, history->path, OKNG_DATABASE_WRITE, error);
    OKNG_TRY(name_aside(history, aside, error));
    OKNG_TRY(details_text(aside, why, &details, error));
    okng_status status = move_aside(history, aside, error);
    if (status == OKNG_OK) tell_state(history, aside, why);
    if (status == OKNG_OK) status = open_again(history, "database damaged", details, error);
    free(details);
    return status;
}

okng_status okng_history_put_aside(okng_history *history, const char *why, okng_error *error)
{
    okng_lock lock = {.descriptor = -1};
    char *path, reason[512];
    (void)snprintf(reason, sizeof reason, "%s", why); /* which may be in *error */
    OKNG_TRY(okng_path_beside(&path, history->path, "lock", error));
    okng_status status = okng_lock_take(&lock, path, error);
    if (status == OKNG_OK) status = put_aside(history, reason, error);
    okng_lock_drop(&lock);
    free(path);
    return status;
}

okng_status okng_history_stay_in_place(okng_history *history, okng_error *error)
{
    okng_error why;
    if (history->database.sqlite && okng_database_in_place(&history->database)) return OKNG_OK;
    okng_database_abandon(&history->database);
    okng_readers_close(history);
    OKNG_TRY(okng_make_folders(history->folder, error));
    okng_status status = open_again(history, "database gone", NULL, &why);
    if (status == OKNG_OK) return OKNG_OK;
    if (status == OKNG_ERROR_FORMAT) return okng_history_put_aside(history, why.message, error);
    return okng_fail(error, status, "%s", why.message);
}
