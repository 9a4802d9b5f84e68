/* Looking up inspections. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/inside.h"
#include "history/rows.h"

enum { PAGE = 500 }; /* rows of one read: a reader that stays keeps -wal from being brought in */

#define SELECT_ROWS "SELECT number, " OKNG_ROW_COLUMNS ", (SELECT sum(kind) FROM kept k WHERE k.number = i.number) "

/* ---- what is asked for ------------------------------------------------------------------------------------------- */

/* A list of the words of `bits`, as SQL; words are ours. */
static void add_words(char *sql, size_t size, const char *column, unsigned bits, const char *none)
{
    size_t used = strlen(sql);
    used += (size_t)snprintf(sql + used, size - used, " AND (");
    const char * or = "";
    for (unsigned o = 0; o <= OKNG_OUTCOME_NOT_FOUND; o++) {
        if ((bits >> o & 1) == 0) continue;
        const char *word = okng_outcome_text((okng_outcome)o);
        used += o == OKNG_OUTCOME_NOT_INSPECTED && none
                    ? (size_t)snprintf(sql + used, size - used, "%s%s", or, none)
                    : (size_t)snprintf(sql + used, size - used, "%s%s = '%s'", or, column, word);
        or = " OR ";
    }
    (void)snprintf(sql + used, size - used, ")");
}

static void add(char *sql, size_t size, const char *text)
{
    const size_t used = strlen(sql);
    (void)snprintf(sql + used, size - used, "%s", text);
}

/* Only what is asked for is in the text, so that the indexes can be used. */
static void make_sql(const okng_history_filter *filter, char *sql, size_t size)
{
    const unsigned all = (1u << (OKNG_OUTCOME_NOT_FOUND + 1)) - 1;
    (void)snprintf(sql, size, "%s", SELECT_ROWS "FROM inspection i WHERE number < ?1");
    if (filter->bank) add(sql, size, " AND bank = ?2");
    if (filter->source) add(sql, size, " AND source = ?3");
    if (filter->from != 0) add(sql, size, " AND time >= ?4");
    if (filter->to != 0) add(sql, size, " AND time < ?5");
    if ((filter->outcomes & all) != 0) add_words(sql, size, "verdict", filter->outcomes, NULL);
    if ((filter->judged & all) != 0) add_words(sql, size, "judged", filter->judged, "judged IS NULL");
    add(sql, size, " ORDER BY number DESC LIMIT ?6");
}

static void bind(sqlite3_stmt *statement, const okng_history_filter *filter)
{
    if (filter->bank) (void)sqlite3_bind_text(statement, 2, filter->bank, -1, SQLITE_STATIC);
    if (filter->source) (void)sqlite3_bind_text(statement, 3, filter->source, -1, SQLITE_STATIC);
    if (filter->from != 0) (void)sqlite3_bind_int64(statement, 4, filter->from);
    if (filter->to != 0) (void)sqlite3_bind_int64(statement, 5, filter->to);
}

/* ---- walking ----------------------------------------------------------------------------------------------------- */

static okng_status read_row(sqlite3_stmt *statement, okng_record *record, okng_error *error)
{
    OKNG_TRY(okng_row_read(statement, 1, record, error));
    record->kept = (unsigned)sqlite3_column_int(statement, 1 + OKNG_ROW_COUNT);
    return OKNG_OK;
}

/* A page of a walk. */
typedef struct page {
    okng_record records[PAGE];
    int count;
    int64_t last; /* number of the last one */
} page;

static void empty(page *p)
{
    for (int i = 0; i < p->count; i++) okng_record_free(&p->records[i]);
    p->count = 0;
}

static okng_status fill(okng_database *database, const char *sql, const okng_history_filter *filter, int64_t before,
                        int most, page *p, okng_error *error)
{
    sqlite3_stmt *statement;
    const int code = sqlite3_prepare_v2(database->sqlite, sql, -1, &statement, NULL);
    if (code != SQLITE_OK) return okng_database_fail(database, code, "read", error);
    bind(statement, filter);
    (void)sqlite3_bind_int64(statement, 1, before);
    (void)sqlite3_bind_int(statement, 6, most);
    bool row;
    okng_status status;
    while ((status = okng_database_step(database, statement, &row, error)) == OKNG_OK && row && p->count < PAGE) {
        status = read_row(statement, &p->records[p->count], error);
        if (status != OKNG_OK) break;
        p->last = sqlite3_column_int64(statement, 0);
        p->count++;
    }
    (void)sqlite3_finalize(statement);
    return status;
}

static okng_status tell(const page *p, okng_record_fn *hear, void *user, okng_error *error)
{
    for (int i = 0; i < p->count; i++) OKNG_TRY(hear(user, &p->records[i], error));
    return OKNG_OK;
}

/* No connection is held while records are told: who hears them may take his time. */
static okng_status walk(okng_history *history, const okng_history_filter *filter, int64_t before, page *p,
                        okng_record_fn *hear, void *user, okng_error *error)
{
    char sql[2048];
    make_sql(filter, sql, sizeof sql);
    int64_t left = filter->limit > 0 ? filter->limit : INT64_MAX;
    bool more = true;
    while (more && left > 0) {
        const int most = left < PAGE ? (int)left : PAGE;
        okng_loan loan;
        OKNG_TRY(okng_reader_take(history, &loan, error));
        okng_status status = fill(&loan.database, sql, filter, before, most, p, error);
        okng_reader_give(history, &loan);
        more = p->count == most;
        before = p->last;
        left -= p->count;
        if (status == OKNG_OK) status = tell(p, hear, user, error);
        empty(p);
        if (status != OKNG_OK) return status;
    }
    return OKNG_OK;
}

/* The number of an inspection. */
static okng_status find_number(okng_history *history, const char *id, int64_t *number, okng_error *error)
{
    okng_loan loan;
    sqlite3_stmt *statement;
    bool row = false;
    OKNG_TRY(okng_reader_take(history, &loan, error));
    okng_status status =
        okng_database_statement(&loan.database, "SELECT number FROM inspection WHERE id = ?1", &statement, error);
    if (status == OKNG_OK) {
        (void)sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
        status = okng_database_step(&loan.database, statement, &row, error);
        if (row) *number = sqlite3_column_int64(statement, 0);
        (void)sqlite3_reset(statement);
    }
    okng_reader_give(history, &loan);
    if (status != OKNG_OK || row) return status;
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "the history has no inspection \"%.64s\"", id);
}

okng_status okng_history_each(okng_history *history, const okng_history_filter *filter, okng_record_fn *hear,
                              void *user, okng_error *error)
{
    int64_t before = INT64_MAX;
    if (filter->before) OKNG_TRY(find_number(history, filter->before, &before, error));
    page *p = calloc(1, sizeof *p);
    if (!p) return okng_fail_memory(error, sizeof *p);
    okng_status status = walk(history, filter, before, p, hear, user, error);
    free(p);
    return status;
}

/* ---- one --------------------------------------------------------------------------------------------------------- */

static okng_status find(okng_database *database, const char *id, okng_record *out, okng_error *error)
{
    sqlite3_stmt *statement;
    bool row;
    OKNG_TRY(okng_database_statement(database, SELECT_ROWS "FROM inspection i WHERE id = ?1", &statement, error));
    (void)sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    OKNG_TRY(okng_database_step(database, statement, &row, error));
    okng_status status = row ? read_row(statement, out, error)
                             : okng_fail(error, OKNG_ERROR_NOT_FOUND, "the history has no inspection \"%.64s\"", id);
    (void)sqlite3_reset(statement);
    return status;
}

okng_status okng_history_find(okng_history *history, const char *id, okng_record *out, okng_error *error)
{
    okng_loan loan;
    OKNG_TRY(okng_reader_take(history, &loan, error));
    okng_status status = find(&loan.database, id, out, error);
    okng_reader_give(history, &loan);
    return status;
}

/* The name below the folder of pictures. A hostile database shall lead to no other file. */
static okng_status find_file(okng_database *database, const char *id, unsigned kind, char name[OKNG_PICTURE_NAME],
                             okng_error *error)
{
    sqlite3_stmt *statement;
    bool row;
    OKNG_TRY(okng_database_statement(database,
                                     "SELECT file FROM kept JOIN inspection USING (number) WHERE id = ?1 AND kind = ?2",
                                     &statement, error));
    (void)sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(statement, 2, kind);
    OKNG_TRY(okng_database_step(database, statement, &row, error));
    const char *file = row ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    const bool good = file && strlen(file) < OKNG_PICTURE_NAME && okng_picture_name_is_ours(file);
    (void)snprintf(name, OKNG_PICTURE_NAME, "%s", good ? file : "");
    (void)sqlite3_reset(statement);
    if (good) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_NOT_FOUND, "the history kept no such picture of inspection \"%.64s\"", id);
}

okng_status okng_history_picture_path(okng_history *history, const char *id, unsigned kind, char path[OKNG_PATH_MAX],
                                      okng_error *error)
{
    okng_loan loan;
    char name[OKNG_PICTURE_NAME];
    OKNG_TRY(okng_reader_take(history, &loan, error));
    okng_status status = find_file(&loan.database, id, kind, name, error);
    okng_reader_give(history, &loan);
    if (status == OKNG_OK && snprintf(path, OKNG_PATH_MAX, "%s/%s", history->pictures, name) >= OKNG_PATH_MAX)
        status = okng_fail(error, OKNG_ERROR_LIMIT, "%s: is longer than %d bytes", history->pictures, OKNG_PATH_MAX);
    return status;
}
