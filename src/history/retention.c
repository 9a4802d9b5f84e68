/* Bounds of age and bytes. All is done in small transactions, between those of who waits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/grown.h"
#include "history/inside.h"

enum {
    SLICE = 200,       /* inspections, or pictures, of one transaction */
    LOOK_SECONDS = 10, /* between two looks while all is within bounds */
    DAY_SECONDS = 86400
};

/* Times before it are of a clock that was never set. */
#define FIRST_TIME (INT64_C(1735689600) * 1000000) /* 2025-01-01 */

/* What a slice removes. Files go when the transaction is on the disk: a kill between leaves files without a row, which
 * the next sweep finds, never a row without its file. */
typedef struct slice {
    int64_t wall;     /* now, microseconds */
    int64_t cutoff;   /* of times */
    int64_t up_to;    /* the last number that goes; 0: none */
    okng_grown files; /* names, each with its NUL */
    uint64_t wanted;  /* bytes of pictures to be freed */
    int64_t removed;  /* inspections */
    int pictures;
} slice;

/* ---- which are too old ------------------------------------------------------------------------------------------- */

/* Later numbers are younger, so that an inspection is too old where all up to one that is too old are. A time that
 * cannot be, before FIRST_TIME or a day ahead, says nothing of its row; that goes with the next one that is known. */
static okng_status find_old(okng_database *database, slice *s, okng_error *error)
{
    sqlite3_stmt *statement;
    OKNG_TRY(okng_database_statement(database, "SELECT number, time FROM inspection ORDER BY number LIMIT ?1",
                                     &statement, error));
    (void)sqlite3_bind_int(statement, 1, SLICE);
    bool row, young = false;
    okng_status status;
    while ((status = okng_database_step(database, statement, &row, error)) == OKNG_OK && row && !young) {
        const int64_t time = sqlite3_column_int64(statement, 1);
        const bool known = time >= FIRST_TIME && time < s->wall + (int64_t)DAY_SECONDS * 1000000;
        young = known && time >= s->cutoff;
        if (known && !young) s->up_to = sqlite3_column_int64(statement, 0);
    }
    (void)sqlite3_reset(statement);
    return status;
}

/* ---- removing ---------------------------------------------------------------------------------------------------- */

static okng_status take_names(okng_database *database, slice *s, sqlite3_stmt *statement, okng_error *error)
{
    bool row;
    okng_status status;
    while ((status = okng_database_step(database, statement, &row, error)) == OKNG_OK && row) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        if (!name || !okng_picture_name_is_ours(name)) continue;
        if (!okng_grown_add(&s->files, name, strlen(name) + 1)) status = okng_fail_memory(error, strlen(name));
        if (status != OKNG_OK) break;
    }
    (void)sqlite3_reset(statement);
    return status;
}

static okng_status remove_rows(okng_database *database, slice *s, okng_error *error)
{
    sqlite3_stmt *statement;
    OKNG_TRY(okng_database_statement(database, "SELECT file FROM kept WHERE number <= ?1", &statement, error));
    (void)sqlite3_bind_int64(statement, 1, s->up_to);
    OKNG_TRY(take_names(database, s, statement, error));
    OKNG_TRY(okng_database_statement(database, "DELETE FROM kept WHERE number <= ?1", &statement, error));
    (void)sqlite3_bind_int64(statement, 1, s->up_to);
    OKNG_TRY(okng_database_finish(database, statement, error));
    OKNG_TRY(okng_database_statement(database, "DELETE FROM inspection WHERE number <= ?1", &statement, error));
    (void)sqlite3_bind_int64(statement, 1, s->up_to);
    OKNG_TRY(okng_database_finish(database, statement, error));
    s->removed = sqlite3_changes(database->sqlite);
    return OKNG_OK;
}

static okng_status remove_old(okng_database *database, void *context, okng_error *error)
{
    slice *s = context;
    OKNG_TRY(find_old(database, s, error));
    return s->up_to > 0 ? remove_rows(database, s, error) : OKNG_OK;
}

static okng_status remove_oldest(okng_database *database, void *context, okng_error *error)
{
    slice *s = context;
    OKNG_TRY(okng_database_number(database,
                                  "SELECT max(number) FROM (SELECT number FROM inspection ORDER BY number "
                                  "LIMIT 200)",
                                  0, &s->up_to, error));
    return s->up_to > 0 ? remove_rows(database, s, error) : OKNG_OK;
}
_Static_assert(SLICE == 200, "the number in remove_oldest");

/* The last inspection whose pictures must go so that enough bytes are freed. */
static okng_status find_pictures(okng_database *database, slice *s, okng_error *error)
{
    sqlite3_stmt *statement;
    uint64_t freed = 0;
    OKNG_TRY(okng_database_statement(database, "SELECT number, bytes FROM kept ORDER BY number LIMIT 200", &statement,
                                     error));
    bool row;
    okng_status status;
    while ((status = okng_database_step(database, statement, &row, error)) == OKNG_OK && row && freed < s->wanted) {
        s->up_to = sqlite3_column_int64(statement, 0);
        freed += (uint64_t)sqlite3_column_int64(statement, 1);
        s->pictures++;
    }
    (void)sqlite3_reset(statement);
    return status;
}

static okng_status remove_pictures(okng_database *database, void *context, okng_error *error)
{
    slice *s = context;
    sqlite3_stmt *statement;
    OKNG_TRY(find_pictures(database, s, error));
    OKNG_TRY(okng_database_statement(database, "SELECT file FROM kept WHERE number <= ?1", &statement, error));
    (void)sqlite3_bind_int64(statement, 1, s->up_to);
    OKNG_TRY(take_names(database, s, statement, error));
    OKNG_TRY(okng_database_statement(database, "DELETE FROM kept WHERE number <= ?1", &statement, error));
    (void)sqlite3_bind_int64(statement, 1, s->up_to);
    return okng_database_finish(database, statement, error);
}

/* Runs one slice; true: it removed something. What fails is tried again at the next look. */
static bool run_slice(okng_history *history, okng_write_fn *remove, slice *s)
{
    okng_error why;
    const okng_status status = okng_transaction(history, remove, s, &why);
    if (status == OKNG_OK)
        for (size_t at = 0; at < s->files.size; at += strlen(s->files.data + at) + 1)
            okng_picture_remove(history, s->files.data + at);
    free(s->files.data);
    (void)pthread_mutex_lock(&history->mutex);
    if (status == OKNG_OK) history->state.removed += (uint64_t)s->removed;
    if (status != OKNG_OK) (void)snprintf(history->state.why, sizeof history->state.why, "%s", why.message);
    (void)pthread_mutex_unlock(&history->mutex);
    return status == OKNG_OK && (s->removed > 0 || s->pictures > 0);
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

void okng_retention_note_jump(okng_history *history, int64_t jump)
{
    char after[64];
    (void)snprintf(after, sizeof after, "{\"seconds\":%lld}", (long long)(jump / 1000000));
    okng_change change = {
        .time = history->watch.clock->wall(), .by = "okng", .what = OKNG_CLOCK_JUMPED, .bank = NULL, .after = after};
    (void)okng_transaction(history, okng_change_run, &change, NULL);
}

/* Bytes of all; false where they cannot be told. */
static bool measure(okng_history *history, uint64_t *database_bytes, uint64_t *picture_bytes)
{
    int64_t pictures;
    okng_database *database = &history->database;
    if (okng_database_bytes(database, database_bytes, NULL) != OKNG_OK) return false;
    if (okng_database_number(database, "SELECT sum(bytes) FROM kept", 0, &pictures, NULL) != OKNG_OK) return false;
    *picture_bytes = (uint64_t)pictures;
    (void)pthread_mutex_lock(&history->mutex);
    history->state.database_bytes = *database_bytes;
    history->state.picture_bytes = *picture_bytes;
    (void)pthread_mutex_unlock(&history->mutex);
    return true;
}

static bool keep_age(okng_history *history)
{
    if (history->options.days == 0 || !okng_watch_trusted(&history->watch)) return false;
    slice s = {.wall = history->watch.clock->wall()};
    s.cutoff = s.wall - (int64_t)history->options.days * DAY_SECONDS * 1000000;
    return run_slice(history, remove_old, &s);
}

static bool keep_bytes(okng_history *history)
{
    uint64_t database_bytes, picture_bytes;
    const uint64_t most = history->options.max_bytes;
    if (!measure(history, &database_bytes, &picture_bytes) || most == 0 || database_bytes + picture_bytes <= most)
        return false;
    slice s = {.wanted = database_bytes + picture_bytes - most};
    if (picture_bytes > 0) return run_slice(history, remove_pictures, &s);
    const bool removed = run_slice(history, remove_oldest, &s);
    (void)okng_database_run(&history->database, "PRAGMA incremental_vacuum", NULL);
    return removed;
}

bool okng_retention_tick(okng_history *history)
{
    const int64_t jump = okng_watch_look(&history->watch);
    if (!history->database.sqlite) return false; /* the next write opens it again */
    if (jump != 0) okng_retention_note_jump(history, jump);
    if (okng_clock() >= history->next_look) {
        if (keep_age(history) || keep_bytes(history)) return true;
        history->next_look = okng_clock() + LOOK_SECONDS;
    }
    return okng_sweep_tick(history);
}
