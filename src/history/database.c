#include "history/database.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "history/schema.h"

enum {
    BUSY_MS = 10000,        /* another process may write that long */
    LONGEST_FIELD = 1 << 24 /* bytes; more is believed of no file */
};

/* Of a failure of the file system, what that said: SQLite's own words are "disk I/O error". */
static const char *reason_of(const okng_database *database, int code)
{
    const bool of_files = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
    const int reason = of_files && database->sqlite ? sqlite3_system_errno(database->sqlite) : 0;
    return reason != 0 ? okng_reason_text(reason) : sqlite3_errstr(code);
}

okng_status okng_database_fail(const okng_database *database, int code, const char *doing, okng_error *error)
{
    const char *path = database->path, *what = okng_translate(doing);
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return okng_fail_memory(error, 0);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return okng_fail(error, OKNG_ERROR_BUSY, "%s: another program writes, and did not end within %d seconds", path,
                         BUSY_MS / 1000);
    case SQLITE_FULL:
        return okng_fail(error, OKNG_ERROR_IO, "%s: cannot %s: %s", path, what, okng_translate(N_("the disk is full")));
    case SQLITE_CORRUPT:
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: the database is damaged (%s)", path, sqlite3_errstr(code));
    case SQLITE_NOTADB:
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: is no SQLite database, expected a history of okng's", path);
    default:
        return okng_fail(error, OKNG_ERROR_IO, "%s: cannot %s: %s", path, what, reason_of(database, code));
    }
}

/* ---- statements -------------------------------------------------------------------------------------------------- */

okng_status okng_database_run(okng_database *database, const char *sql, okng_error *error)
{
    const int code = sqlite3_exec(database->sqlite, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? OKNG_OK
                             : okng_database_fail(database, sqlite3_extended_errcode(database->sqlite), "write", error);
}

okng_status okng_database_statement(okng_database *database, const char *sql, sqlite3_stmt **out, okng_error *error)
{
    size_t i = 0;
    while (i < OKNG_STATEMENTS && database->kept[i].sql && database->kept[i].sql != sql) i++;
    if (i == OKNG_STATEMENTS)
        return okng_fail(error, OKNG_ERROR_INTERNAL, "%s: more than %d statements", database->path, OKNG_STATEMENTS);
    *out = database->kept[i].statement;
    if (database->kept[i].sql) return OKNG_OK;
    const int code = sqlite3_prepare_v3(database->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    if (code != SQLITE_OK)
        return okng_database_fail(database, sqlite3_extended_errcode(database->sqlite), "read", error);
    database->kept[i].sql = sql;
    database->kept[i].statement = *out;
    return OKNG_OK;
}

okng_status okng_database_step(okng_database *database, sqlite3_stmt *statement, bool *row, okng_error *error)
{
    const int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    if (code == SQLITE_ROW || code == SQLITE_DONE) return OKNG_OK;
    const int extended = sqlite3_extended_errcode(database->sqlite);
    const char *doing = sqlite3_stmt_readonly(statement) ? "read" : "write";
    (void)sqlite3_reset(statement);
    return okng_database_fail(database, extended, doing, error);
}

okng_status okng_database_finish(okng_database *database, sqlite3_stmt *statement, okng_error *error)
{
    bool row;
    OKNG_TRY(okng_database_step(database, statement, &row, error));
    (void)sqlite3_reset(statement);
    return OKNG_OK;
}

okng_status okng_database_number(okng_database *database, const char *sql, int64_t otherwise, int64_t *out,
                                 okng_error *error)
{
    sqlite3_stmt *statement;
    bool row;
    *out = otherwise;
    OKNG_TRY(okng_database_statement(database, sql, &statement, error));
    OKNG_TRY(okng_database_step(database, statement, &row, error));
    if (row && sqlite3_column_type(statement, 0) != SQLITE_NULL) *out = sqlite3_column_int64(statement, 0);
    (void)sqlite3_reset(statement);
    return OKNG_OK;
}

okng_status okng_database_bytes(okng_database *database, uint64_t *bytes, okng_error *error)
{
    int64_t pages, unused, size;
    OKNG_TRY(okng_database_number(database, "PRAGMA page_count", 0, &pages, error));
    OKNG_TRY(okng_database_number(database, "PRAGMA freelist_count", 0, &unused, error));
    OKNG_TRY(okng_database_number(database, "PRAGMA page_size", 0, &size, error));
    *bytes = (uint64_t)(pages - unused) * (uint64_t)size;
    return OKNG_OK;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static okng_status need_ours(okng_database *database, int64_t *version, okng_error *error)
{
    int64_t application, tables;
    OKNG_TRY(okng_database_number(database, "PRAGMA application_id", 0, &application, error));
    OKNG_TRY(okng_database_number(database, "PRAGMA user_version", 0, version, error));
    OKNG_TRY(okng_database_number(database, "SELECT count(*) FROM sqlite_schema", 0, &tables, error));
    const bool fresh = application == 0 && *version == 0 && tables == 0;
    if (!fresh && application != OKNG_HISTORY_APPLICATION)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s: is a database of another program, expected a history of okng's", database->path);
    if (*version > OKNG_HISTORY_VERSION)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s: has schema %lld of a later okng; this one knows those up to %d", database->path,
                         (long long)*version, OKNG_HISTORY_VERSION);
    return OKNG_OK;
}

/* Brings it to this version's schema, by the steps that it lacks, all or none. */
static okng_status migrate(okng_database *database, okng_error *error)
{
    int64_t version;
    OKNG_TRY(okng_database_run(database, "BEGIN IMMEDIATE", error)); /* of two who open it one does so */
    okng_status status = need_ours(database, &version, error);
    for (; status == OKNG_OK && version < OKNG_HISTORY_VERSION; version++)
        status = okng_database_run(database, okng_history_steps[version], error);
    if (status == OKNG_OK) return okng_database_run(database, "COMMIT", error);
    (void)sqlite3_exec(database->sqlite, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static okng_status prepare_to_write(okng_database *database, okng_error *error)
{
    int64_t version;
    OKNG_TRY(need_ours(database, &version, error)); /* before anything of it is changed */
    /* Before the first table: what retention removes is then given back to the disk. */
    if (version == 0) OKNG_TRY(okng_database_run(database, "PRAGMA auto_vacuum = INCREMENTAL", error));
    OKNG_TRY(okng_database_run(database,
                               "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                               "PRAGMA journal_size_limit = 67108864",
                               error));
    return version < OKNG_HISTORY_VERSION ? migrate(database, error) : OKNG_OK;
}

static okng_status prepare_to_read(okng_database *database, okng_error *error)
{
    int64_t version;
    OKNG_TRY(need_ours(database, &version, error));
    if (version == OKNG_HISTORY_VERSION) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "%s: has schema %lld, expected %d; who writes to it the next time brings it there", database->path,
                     (long long)version, OKNG_HISTORY_VERSION);
}

okng_status okng_database_open(okng_database *database, const char *path, okng_database_mode mode, okng_error *error)
{
    const bool writes = mode == OKNG_DATABASE_WRITE;
    *database = (okng_database){.path = path};
    if (!writes && access(path, F_OK) != 0) return okng_fail_errno(error, "open", path);
    /* A reader may have to make -shm, so it opens for writing too, where it can. */
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | (writes ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(path, &database->sqlite, flags, NULL);
    okng_status status = code == SQLITE_OK ? OKNG_OK : okng_database_fail(database, code, "open", error);
    if (status == OKNG_OK) {
        (void)sqlite3_extended_result_codes(database->sqlite, 1);
        (void)sqlite3_limit(database->sqlite, SQLITE_LIMIT_LENGTH, LONGEST_FIELD);
        (void)sqlite3_busy_timeout(database->sqlite, BUSY_MS);
        (void)sqlite3_db_config(database->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL); /* of a hostile schema */
        (void)sqlite3_db_config(database->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        status = writes ? prepare_to_write(database, error) : prepare_to_read(database, error);
    }
    struct stat info;
    if (status == OKNG_OK && stat(path, &info) != 0) status = okng_fail_errno(error, "open", path);
    if (status != OKNG_OK) {
        okng_database_abandon(database);
        return status;
    }
    database->device = info.st_dev;
    database->inode = info.st_ino;
    return OKNG_OK;
}

bool okng_database_in_place(const okng_database *database)
{
    struct stat info;
    return stat(database->path, &info) == 0 && info.st_dev == database->device && info.st_ino == database->inode;
}

static void finalize_all(okng_database *database)
{
    for (size_t i = 0; i < OKNG_STATEMENTS; i++) (void)sqlite3_finalize(database->kept[i].statement);
}

void okng_database_close(okng_database *database)
{
    finalize_all(database);
    (void)sqlite3_close(database->sqlite);
    *database = (okng_database){0};
}

void okng_database_abandon(okng_database *database)
{
    if (database->sqlite) (void)sqlite3_db_config(database->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    okng_database_close(database);
}
