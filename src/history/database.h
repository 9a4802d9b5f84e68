/* One connection to the history's database. */
#ifndef OKNG_HISTORY_DATABASE_H
#define OKNG_HISTORY_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum { OKNG_STATEMENTS = 24 }; /* of fixed text, that one connection keeps prepared */

/* Of one thread at a time. */
typedef struct okng_database {
    sqlite3 *sqlite;
    const char *path; /* borrowed; told in errors */
    dev_t device;     /* of the file that is open */
    ino_t inode;
    struct {
        const char *sql; /* compared by its address */
        sqlite3_stmt *statement;
    } kept[OKNG_STATEMENTS];
} okng_database;

typedef enum okng_database_mode {
    OKNG_DATABASE_WRITE, /* made where it is not there; brought to the schema of this version; WAL */
    OKNG_DATABASE_READ   /* as it is; of this version */
} okng_database_mode;

/* Errors: NOT_FOUND, IO, BUSY, MEMORY; UNSUPPORTED (of a later version); FORMAT (damaged); MISMATCH
 * (another program's). */
okng_status okng_database_open(okng_database *database, const char *path, okng_database_mode mode, okng_error *error);
void okng_database_close(okng_database *database); /* zeroed is fine */
/* The same without bringing -wal into the database: of a damaged one, for who shall mend it. */
void okng_database_abandon(okng_database *database);

/* Whether the file that is open still bears its name. */
bool okng_database_in_place(const okng_database *database);

/* What an answer of SQLite's is in okng's words. `doing` reads like "write". */
okng_status okng_database_fail(const okng_database *database, int code, const char *doing, okng_error *error);

/* Runs statements without rows. */
okng_status okng_database_run(okng_database *database, const char *sql, okng_error *error);
/* A statement of fixed text, ready to be bound; prepared once. Reset it when done. */
okng_status okng_database_statement(okng_database *database, const char *sql, sqlite3_stmt **out, okng_error *error);
/* Steps to the next row: *row is false at the end. */
okng_status okng_database_step(okng_database *database, sqlite3_stmt *statement, bool *row, okng_error *error);
/* Steps a statement that gives no row, and resets it. */
okng_status okng_database_finish(okng_database *database, sqlite3_stmt *statement, okng_error *error);
/* The first number of the first row; `otherwise` where there is none or it is null. */
okng_status okng_database_number(okng_database *database, const char *sql, int64_t otherwise, int64_t *out,
                                 okng_error *error);
/* Bytes of the pages in use. */
okng_status okng_database_bytes(okng_database *database, uint64_t *bytes, okng_error *error);

#endif
