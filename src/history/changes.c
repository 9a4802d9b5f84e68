/* The audit: what was changed, and by whom. */
#include <string.h>

#include "base/json.h"
#include "history/inside.h"

enum { MOST_CHANGES = 1000 };

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    (void)sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC); /* NULL is null */
}

okng_status okng_change_run(okng_database *database, void *context, okng_error *error)
{
    const okng_change *change = context;
    sqlite3_stmt *statement;
    OKNG_TRY(okng_database_statement(database,
                                     "INSERT INTO change (time, by, what, bank, before, after) "
                                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                                     &statement, error));
    (void)sqlite3_bind_int64(statement, 1, change->time);
    bind_text(statement, 2, change->by);
    bind_text(statement, 3, change->what);
    bind_text(statement, 4, change->bank);
    bind_text(statement, 5, change->before);
    bind_text(statement, 6, change->after);
    return okng_database_finish(database, statement, error);
}

okng_status okng_history_note(okng_history *history, const okng_change *change, okng_error *error)
{
    OKNG_TRY(okng_need(change->by, "who made the change", error));
    OKNG_TRY(okng_need(change->what, "what was changed", error));
    okng_change timed = *change;
    timed.time = history->options.clock->wall();
    return okng_history_write(history, okng_change_run, &timed, 10, error);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static json_t *column_text(sqlite3_stmt *statement, int at)
{
    if (sqlite3_column_type(statement, at) == SQLITE_NULL) return json_null();
    const char *text = (const char *)sqlite3_column_text(statement, at);
    return text ? okng_json_any_text(text) : NULL;
}

/* What was noted as JSON, as such; what is none, as text. */
static json_t *column_json(sqlite3_stmt *statement, int at)
{
    json_t *value;
    const char *text = (const char *)sqlite3_column_text(statement, at);
    if (!text || okng_json_parse(&value, text, strlen(text), "change", NULL, NULL) != OKNG_OK)
        return column_text(statement, at);
    return value;
}

static json_t *change_json(sqlite3_stmt *statement)
{
    char time[32];
    json_t *change = json_object();
    okng_json_put(&change, "number", json_integer(sqlite3_column_int64(statement, 0)));
    okng_json_put(&change, "time", json_string(okng_time_text(sqlite3_column_int64(statement, 1), time)));
    okng_json_put(&change, "by", column_text(statement, 2));
    okng_json_put(&change, "what", column_text(statement, 3));
    okng_json_put(&change, "bank", column_text(statement, 4));
    okng_json_put(&change, "before", column_json(statement, 5));
    okng_json_put(&change, "after", column_json(statement, 6));
    return change;
}

static okng_status read_changes(okng_database *database, const char *bank, int64_t before, int64_t limit, json_t **out,
                                okng_error *error)
{
    static const char all[] = "SELECT number, time, by, what, bank, before, after FROM change "
                              "WHERE number < ?1 ORDER BY number DESC LIMIT ?2";
    static const char some[] = "SELECT number, time, by, what, bank, before, after FROM change "
                               "WHERE number < ?1 AND bank = ?3 ORDER BY number DESC LIMIT ?2";
    sqlite3_stmt *statement;
    OKNG_TRY(okng_database_statement(database, bank ? some : all, &statement, error));
    (void)sqlite3_bind_int64(statement, 1, before > 0 ? before : INT64_MAX);
    (void)sqlite3_bind_int64(statement, 2, limit + 1);
    if (bank) bind_text(statement, 3, bank);
    json_t *list = json_array();
    int64_t count = 0, last = 0;
    bool row = false;
    okng_status status;
    while ((status = okng_database_step(database, statement, &row, error)) == OKNG_OK && row && count < limit) {
        okng_json_add(&list, change_json(statement));
        last = sqlite3_column_int64(statement, 0);
        count++;
    }
    (void)sqlite3_reset(statement);
    *out = json_pack("{s:o, s:o}", "changes", list, "next", row ? json_integer(last) : json_null());
    return status != OKNG_OK || *out ? status : okng_fail_memory(error, 0);
}

okng_status okng_history_changes(okng_history *history, const char *bank, int64_t before, int64_t limit, json_t **out,
                                 okng_error *error)
{
    okng_loan loan;
    *out = NULL;
    if (limit < 1 || limit > MOST_CHANGES)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%lld changes, expected 1 to %d", (long long)limit, MOST_CHANGES);
    OKNG_TRY(okng_reader_take(history, &loan, error));
    okng_status status = read_changes(&loan.database, bank, before, limit, out, error);
    okng_reader_give(history, &loan);
    if (status == OKNG_OK) return OKNG_OK;
    json_decref(*out);
    *out = NULL;
    return status;
}
