#!/bin/sh
# What surprises: SQLite goes on committing to a database whose file was removed or replaced by another. Every INSERT and COMMIT
#   is SQLITE_OK, also with synchronous=FULL, and the rows can be read back by the program that wrote them; they are gone when it
#   ends. The callback of SQLITE_CONFIG_LOG, which few programs set, is told once, "file unlinked while open", when the program
#   closes the database: too late.
# Why it matters: who clears a folder of old data under a running line, or puts a backup in place, loses every inspection from then on,
#   and nobody is told. okng compares the file that it has open with the one of that name before each transaction
#   (src/history/damage.c).
# Version: Debian 12, libsqlite3-dev 3.40.1-2+deb12u2.
# Source: SQLite src/os_unix.c, verifyDbFile(), which only warns, and where it is called; "How To Corrupt An SQLite Database
#   File", 2.5, has the case, and no error for it.
# Output seen:
#   | SQLite 3.40.1, file removed: insert 0 (not an error), 2 rows seen, log: nothing
#   | file replaced: insert 0 (not an error), 3 rows seen, log: nothing
#   | closed: log: 28 file unlinked while open
#   | rows of the file of that name afterwards: 0
#
# Needs cc, pkg-config and libsqlite3-dev. Writes below $TMPDIR alone, and removes it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/show.c" <<'C'
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char logged[200];

static void hear(void *user, int code, const char *message)
{
    (void)user;
    const char *colon = strchr(message, ':');
    snprintf(logged, sizeof logged, "%d %.*s", code, (int)(colon ? colon - message : 80), message);
}

static int rows(sqlite3 *database)
{
    sqlite3_stmt *statement;
    int count = -1;
    if (sqlite3_prepare_v2(database, "SELECT count(*) FROM t", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return count;
}

static void insert(sqlite3 *database, const char *what)
{
    logged[0] = 0;
    int code = sqlite3_exec(database, "BEGIN IMMEDIATE; INSERT INTO t VALUES (1); COMMIT", NULL, NULL, NULL);
    printf("%s: insert %d (%s), %d rows seen, log: %s\n", what, code, sqlite3_errstr(code), rows(database),
           *logged ? logged : "nothing");
}

int main(int count, char **words)
{
    const char *make = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (x)";
    sqlite3 *first, *second;
    char what[80];
    if (count != 2 || sqlite3_config(SQLITE_CONFIG_LOG, hear, NULL) != SQLITE_OK || chdir(words[1]) != 0) return 1;
    if (sqlite3_open("t.db", &first) || sqlite3_exec(first, make, NULL, NULL, NULL)) return 1;
    if (sqlite3_exec(first, "INSERT INTO t VALUES (0)", NULL, NULL, NULL)) return 1;
    unlink("t.db"), unlink("t.db-wal"), unlink("t.db-shm");
    snprintf(what, sizeof what, "SQLite %s, file removed", sqlite3_libversion());
    insert(first, what);
    if (sqlite3_open("t.db", &second) || sqlite3_exec(second, make, NULL, NULL, NULL)) return 1;
    insert(first, "file replaced");
    logged[0] = 0;
    sqlite3_close(first);
    printf("closed: log: %s\n", *logged ? logged : "nothing");
    printf("rows of the file of that name afterwards: %d\n", rows(second));
    sqlite3_close(second);
    return 0;
}
C
cc -o "$work/show" "$work/show.c" $(pkg-config --cflags --libs sqlite3)
mkdir "$work/folder"
"$work/show" "$work/folder" | tee "$work/out"
grep -q 'file removed: insert 0 .*, 2 rows seen, log: nothing$' "$work/out"
grep -q 'file replaced: insert 0 .*, 3 rows seen, log: nothing$' "$work/out"
grep -q '^closed: log: 28 file unlinked while open' "$work/out"
grep -q 'afterwards: 0$' "$work/out"
