/* Handing a history over, and looking whether it is whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "base/file.h"
#include "base/json.h"
#include "history/inside.h"

/* ---- a copy ------------------------------------------------------------------------------------------------------ */

/* VACUUM INTO copies what is committed, the part in -wal too, into a database that is not in WAL mode, while others
 * write. Into an empty file it writes; it refuses any other. */
static okng_status copy(okng_history *history, const char *to, okng_error *error)
{
    okng_loan loan;
    sqlite3_stmt *statement;
    OKNG_TRY(okng_reader_take(history, &loan, error));
    okng_status status = okng_database_statement(&loan.database, "VACUUM INTO ?1", &statement, error);
    if (status == OKNG_OK) {
        (void)sqlite3_bind_text(statement, 1, to, -1, SQLITE_STATIC);
        bool row;
        const int code = sqlite3_step(statement);
        row = code == SQLITE_ROW;
        if (!row && code != SQLITE_DONE) status = okng_database_fail(&loan.database, code, N_("copy"), error);
        (void)sqlite3_reset(statement);
    }
    okng_reader_give(history, &loan);
    return status;
}

okng_status okng_history_export(okng_history *history, const char *path, okng_error *error)
{
    okng_writer writer;
    struct stat from, to;
    if (stat(path, &to) == 0 && stat(history->path, &from) == 0 && from.st_ino == to.st_ino && from.st_dev == to.st_dev)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: is the history itself", path);
    OKNG_TRY(okng_make_parent(path, error));
    OKNG_TRY(okng_writer_open(&writer, path, error));
    okng_status status = copy(history, writer.temporary, error);
    if (status == OKNG_OK) status = okng_flush_to_disk(writer.temporary, error);
    if (status == OKNG_OK) return okng_writer_commit(&writer, error);
    okng_writer_abort(&writer);
    return status;
}

/* ---- a look ------------------------------------------------------------------------------------------------------ */

enum { MOST_WRONG = 100 }; /* that are told */

typedef struct findings {
    json_t *wrong;
    int64_t inspections, changes, pictures;
} findings;

static void put_wrong(findings *f, const char *text)
{
    if (json_array_size(f->wrong) < MOST_WRONG) okng_json_add(&f->wrong, okng_json_any_text(text));
}

static okng_status look_at_pages(okng_database *database, findings *f, okng_error *error)
{
    sqlite3_stmt *statement;
    OKNG_TRY(okng_database_statement(database, "PRAGMA integrity_check(100)", &statement, error));
    bool row;
    okng_status status;
    while ((status = okng_database_step(database, statement, &row, error)) == OKNG_OK && row) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        if (text && strcmp(text, "ok") != 0) put_wrong(f, text);
    }
    (void)sqlite3_reset(statement);
    return status;
}

static void look_at_picture(const okng_history *history, const char *name, int64_t bytes, findings *f)
{
    char text[OKNG_PICTURE_NAME + 64];
    struct stat info;
    char *path = okng_picture_name_is_ours(name) ? okng_path_join(history->pictures, name) : NULL;
    text[0] = '\0';
    if (!path)
        (void)snprintf(text, sizeof text, "%.80s: is no name of a kept picture", name);
    else if (stat(path, &info) != 0)
        (void)snprintf(text, sizeof text, "%s: the picture is not there", name);
    else if ((int64_t)info.st_size != bytes)
        (void)snprintf(text, sizeof text, "%s: has %lld bytes, expected %lld", name, (long long)info.st_size,
                       (long long)bytes);
    if (text[0]) put_wrong(f, text);
    f->pictures++;
    free(path);
}

static okng_status look_at_pictures(const okng_history *history, okng_database *database, findings *f,
                                    okng_error *error)
{
    sqlite3_stmt *statement;
    OKNG_TRY(okng_database_statement(database, "SELECT file, bytes FROM kept", &statement, error));
    bool row;
    okng_status status;
    while ((status = okng_database_step(database, statement, &row, error)) == OKNG_OK && row) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        if (name) look_at_picture(history, name, sqlite3_column_int64(statement, 1), f);
    }
    (void)sqlite3_reset(statement);
    return status;
}

static okng_status look(const okng_history *history, okng_database *database, findings *f, okng_error *error)
{
    okng_status status = look_at_pages(database, f, error);
    if (status == OKNG_OK)
        status = okng_database_number(database, "SELECT count(*) FROM inspection", 0, &f->inspections, error);
    if (status == OKNG_OK)
        status = okng_database_number(database, "SELECT count(*) FROM change", 0, &f->changes, error);
    /* An exported file comes without its pictures. */
    if (status == OKNG_OK && okng_is_folder(history->pictures)) status = look_at_pictures(history, database, f, error);
    if (status != OKNG_ERROR_FORMAT) return status;
    put_wrong(f, error ? error->message : "damaged");
    return OKNG_OK;
}

okng_status okng_history_check(okng_history *history, json_t **out, okng_error *error)
{
    okng_loan loan;
    findings f = {.wrong = json_array()};
    *out = NULL;
    okng_status status = okng_reader_take(history, &loan, error);
    if (status == OKNG_OK) {
        status = look(history, &loan.database, &f, error);
        okng_reader_give(history, &loan);
    }
    if (status != OKNG_OK) {
        json_decref(f.wrong);
        return status;
    }
    *out = json_pack("{s:I, s:I, s:I, s:o}", "inspections", (json_int_t)f.inspections, "changes", (json_int_t)f.changes,
                     "pictures", (json_int_t)f.pictures, "wrong", f.wrong);
    return *out ? OKNG_OK : okng_fail_memory(error, sizeof f);
}
