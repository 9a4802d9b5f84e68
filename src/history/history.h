/* What was inspected and what was changed by whom: an SQLite database with kept pictures beside it.
 *
 *   FOLDER/history.db            in WAL mode, with -wal and -shm beside it while somebody has it open
 *   FOLDER/pictures/2026-11-28/  pictures, by the day of their record
 *
 * One thread of the handle writes. It takes all that waits into one transaction, so that many who wait share one flush
 * of the disk; every call that writes returns when its transaction is on the disk, or says why it is not. What was
 * returned as OK survives kill -9 and a loss of power. Several processes may have one history open.
 *
 * Where the program was built without SQLite, okng_history_open answers UNSUPPORTED. */
#ifndef OKNG_HISTORY_HISTORY_H
#define OKNG_HISTORY_HISTORY_H

#include "history/record.h"

typedef struct okng_history okng_history; /* any thread may use it, but for close */

/* Hears of a record that was written ("inspection") or judged ("judged"), on the thread that asked for it. */
typedef void okng_history_tell_fn(void *user, const char *kind, const okng_record *record);

typedef struct okng_history_options {
    const char *folder; /* made when it is not there; of read_only also a file, as okng_history_export writes it */
    bool read_only;     /* for looking: no thread, nothing is made or changed; what writes answers ARGUMENT */
    unsigned keep;      /* bits 1 << okng_outcome: pictures of these verdicts are kept */
    int32_t days;       /* inspections older than that go, with their pictures; 0: they stay */
    uint64_t max_bytes; /* database and pictures: beyond it the oldest pictures go, then the oldest rows; 0: no bound */
    int32_t queue;      /* writes that may wait at once */
    const struct okng_history_clock *clock; /* clock.h, for tests; NULL: the machine's */
    okng_history_tell_fn *tell;             /* hears of every record that was written; NULL: nobody does */
    void *user;
} okng_history_options;

/* False where the program was built without SQLite. */
bool okng_history_available(void);
/* NG and REVIEW are kept, for 365 days, at most 10 GiB; 4096 may wait. */
void okng_history_options_init(okng_history_options *options);
/* Opens, or makes. A database that is damaged is put aside as history.damaged-TIME.db and a new one begun, which
 * okng_history_state tells and the first of the changes says. Errors: IO, BUSY, MEMORY; MISMATCH (another program's
 * database); FORMAT (a damaged one, with read_only); UNSUPPORTED (written by a later version, or built without SQLite).
 */
okng_status okng_history_open(okng_history **out, const okng_history_options *options, okng_error *error);
/* Writes what waits, then closes; no other call may run or follow. NULL is fine. */
void okng_history_close(okng_history **history);

/* ---- inspections ------------------------------------------------------------------------------------------------- */

/* An encoded picture (PNG, JPEG, ...) that comes with a record. */
typedef struct okng_history_picture {
    unsigned kind;    /* one of OKNG_KEPT_... */
    const void *data; /* borrowed */
    size_t size;
} okng_history_picture;

/* Whether pictures of this verdict are kept: who asks first need not draw them in vain. */
bool okng_history_keeps(const okng_history *history, okng_outcome outcome);
/* Writes a record, with those of its pictures that are kept, and returns when it is on the disk; record->kept then says
 * which are: a picture for which there is no room, for one, is not, and its record is written without it. A record with
 * an id that is there already is not written again: that is OK, so that what was not acknowledged may be sent again.
 * Where the queue is full it waits for room at most `patience` seconds, then BUSY. Errors: IO (the disk is full, or
 * failed), BUSY, FORMAT (the database was damaged; a new one is begun), MEMORY: the record is then not in the history,
 * and the caller knows it. */
okng_status okng_history_add(okng_history *history, okng_record *record, const okng_history_picture *pictures,
                             size_t count, double patience, okng_error *error);
/* A person's judgement: OK or NG, or NOT_INSPECTED, which takes it back. It is noted among the changes. Errors:
 * NOT_FOUND, ARGUMENT, and those of okng_history_add. */
okng_status okng_history_judge(okng_history *history, const char *id, okng_outcome judged, const char *by,
                               okng_error *error);

/* Which inspections are asked for. Zeroed: all. Texts are borrowed. */
typedef struct okng_history_filter {
    const char *bank, *source; /* NULL: any */
    unsigned outcomes;         /* bits 1 << okng_outcome; 0: any */
    unsigned judged;           /* the same of judgements, where NOT_INSPECTED is "nobody did"; 0: any */
    int64_t from, to;          /* microseconds since 1970: from <= time < to; 0: open */
    const char *before;        /* id: only what was recorded before it, for the next page; NULL: from the newest on */
    int64_t limit;             /* 0: all */
} okng_history_filter;

/* Hears one of them; `record` is good until it returns. A status other than OK ends the walk and is returned. */
typedef okng_status okng_record_fn(void *user, const okng_record *record, okng_error *error);
/* In the order in which they were recorded, the newest first, whatever the clock did. What is added meanwhile is not
 * told, and hinders nobody. Errors: NOT_FOUND (`before`), IO, MEMORY, those of `hear`. */
okng_status okng_history_each(okng_history *history, const okng_history_filter *filter, okng_record_fn *hear,
                              void *user, okng_error *error);
/* The record of that id, to be freed with okng_record_free. Errors: NOT_FOUND, IO, MEMORY. */
okng_status okng_history_find(okng_history *history, const char *id, okng_record *out, okng_error *error);
/* The file of a kept picture (one of OKNG_KEPT_...). It may be removed at any time: retention. Errors: NOT_FOUND, IO,
 * LIMIT (a path longer than OKNG_PATH_MAX). */
okng_status okng_history_picture_path(okng_history *history, const char *id, unsigned kind, char path[OKNG_PATH_MAX],
                                      okng_error *error);

/* ---- changes ----------------------------------------------------------------------------------------------------- */

/* One change and who made it. Texts are borrowed. */
typedef struct okng_change {
    int64_t time;     /* microseconds since 1970; 0 when it is written: now */
    const char *by;   /* a user's name, "local", "okng" */
    const char *what; /* "threshold", "judged", "bank deleted", ...: one word of a list that docs/history.md has */
    const char *bank; /* NULL: of none */
    const char *before, *after; /* JSON texts, or NULL */
} okng_change;
/* Errors: those of okng_history_add. */
okng_status okng_history_note(okng_history *history, const okng_change *change, okng_error *error);
/* {"changes": [{"number", "time", "by", "what", "bank", "before", "after"}], "next"}: at most `limit` (1..1000), the
 * newest first, of one bank (NULL: all), with numbers below `before` (0: from the newest on). "next" is the number to
 * go on before, or null. Errors: IO, MEMORY. */
okng_status okng_history_changes(okng_history *history, const char *bank, int64_t before, int64_t limit, json_t **out,
                                 okng_error *error);

/* ---- figures ----------------------------------------------------------------------------------------------------- */

/* Of the last `hours` (1..744) and one bank (NULL: all): {"counts", "hours", "trend", "drift"} as docs/history.md
 * says. Errors: IO, MEMORY. */
okng_status okng_history_stats(okng_history *history, const char *bank, int32_t hours, json_t **out, okng_error *error);

/* Takes the scores of a bank from now on as those that later ones are held against: what changed them, a new lamp, is
 * to stay. Noted among the changes. Errors: NOT_FOUND (no scores of this bank), those of okng_history_add. */
okng_status okng_history_renew_drift(okng_history *history, const char *bank, const char *by, okng_error *error);

/* How the history fares; zeroed where there is none. */
typedef struct okng_history_state {
    uint64_t written, failed;               /* records since open */
    uint64_t pictures_failed;               /* that could not be kept; their records are written without */
    uint64_t waiting;                       /* now */
    uint64_t database_bytes, picture_bytes; /* as of the last look of retention */
    uint64_t removed;                       /* inspections that retention took since open */
    bool failing;                           /* the last write failed */
    char why[1020];                         /* of the last failure; "": there was none */
    char aside[OKNG_PATH_MAX];              /* a damaged database that was put aside since open; "": none */
} okng_history_state;
void okng_history_state_get(okng_history *history, okng_history_state *state);

/* ---- handing over ------------------------------------------------------------------------------------------------ */

/* A copy of the database in one file, out of WAL mode, which appears whole or not at all: it can be read where nothing
 * can be written, as on a read-only medium. Writers go on meanwhile. Errors: IO, BUSY, MEMORY. */
okng_status okng_history_export(okng_history *history, const char *path, okng_error *error);
/* Columns of the records as CSV: a header, and a line of it. */
void okng_record_csv_header(FILE *stream);
void okng_record_csv(FILE *stream, const okng_record *record);
/* Looks at every page, row and kept picture: {"inspections", "changes", "pictures", "wrong": [text]}. Errors: IO,
 * MEMORY. */
okng_status okng_history_check(okng_history *history, json_t **out, okng_error *error);

#endif
