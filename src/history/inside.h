/* The open history, for the files of this folder. */
#ifndef OKNG_HISTORY_INSIDE_H
#define OKNG_HISTORY_INSIDE_H

#include <dirent.h>
#include <pthread.h>

#include "history/clock.h"
#include "history/database.h"
#include "history/history.h"

#define OKNG_HISTORY_DATABASE "history.db"
#define OKNG_HISTORY_PICTURES "pictures"

enum { OKNG_READERS = 8 }; /* connections kept open for reading */

/* What the writing thread does in a transaction for somebody who waits. A failure must have changed nothing, or be one
 * of the database itself. */
typedef okng_status okng_write_fn(okng_database *database, void *context, okng_error *error);

/* A write that waits; it lies with its caller, who waits. */
typedef struct okng_write {
    okng_write_fn *run;
    void *context;
    okng_status status;
    okng_error why; /* where status is not OK */
    bool done;
    struct okng_write *next;
} okng_write;

struct okng_history {
    okng_history_options options; /* folder is not used: see below */
    char *folder, *path, *pictures;

    pthread_mutex_t mutex; /* of all that follows, but for what the writing thread alone touches */
    pthread_cond_t work, room, done;
    okng_write *first, **last; /* of those that wait */
    int waiting;
    bool closing;
    okng_history_state state;

    okng_database readers[OKNG_READERS]; /* idle ones */
    int reader_count;
    unsigned generation; /* of the database file: a reader of an older one is closed when it comes back */

    /* of the writing thread */
    pthread_t thread;
    bool started;
    okng_database database;
    okng_watch watch;
    double next_look;           /* okng_clock: of retention */
    struct okng_drift_due *due; /* drift_table.c: banks with new scores */
    size_t due_count, due_room;
    DIR *days; /* sweep.c: folders of pictures that are still to be swept; NULL: not begun, or done */
    bool swept;
};

/* waiting.c: gives a write to the writing thread and waits for what comes of it. */
okng_status okng_history_write(okng_history *history, okng_write_fn *run, void *context, double patience,
                               okng_error *error);

/* transaction.c, of the writing thread: all of a list in one transaction, or, where the database fails, none. */
okng_status okng_transaction_all(okng_database *database, okng_write *list, okng_error *error);
/* One write of its own. */
okng_status okng_transaction(okng_history *history, okng_write_fn *run, void *context, okng_error *error);

/* writer.c */
okng_status okng_writer_start(okng_history *history, okng_error *error);
void okng_writer_stop(okng_history *history); /* when nothing waits any more */

/* readers.c: a connection for reading. */
typedef struct okng_loan {
    okng_database database;
    unsigned generation;
} okng_loan;
okng_status okng_reader_take(okng_history *history, okng_loan *loan, okng_error *error);
void okng_reader_give(okng_history *history, okng_loan *loan);
void okng_readers_close(okng_history *history); /* the idle ones; those on loan when they come back */

/* changes.c: an okng_write_fn that notes a change, an okng_change with its time. */
okng_status okng_change_run(okng_database *database, void *change, okng_error *error);

/* damage.c: looks at the whole of a database that is not large. FORMAT where it is damaged. */
okng_status okng_database_look(okng_database *database, okng_error *error);
/* Opens the database again where another file than the one that is open bears its name, or none: another process put
 * it aside, or somebody removed it. What is written to a file without a name is lost. */
okng_status okng_history_stay_in_place(okng_history *history, okng_error *error);
/* Puts a damaged database aside and opens a new one in its place as history->database. */
okng_status okng_history_put_aside(okng_history *history, const char *why, okng_error *error);

/* retention.c: what the writing thread does between writes, a little of it: bounds, files that nobody refers to. True:
 * there is more to do now. */
bool okng_retention_tick(okng_history *history);
/* A jump of the clock, among the changes: ages are not believed for a while, after a new start neither. */
#define OKNG_CLOCK_JUMPED "clock jumped"
void okng_retention_note_jump(okng_history *history, int64_t microseconds);
/* sweep.c: removes pictures that no row names, as a kill leaves them, a folder at a time. True: there is more to do. */
bool okng_sweep_tick(okng_history *history);
void okng_sweep_stop(okng_history *history);

/* drift_table.c */
/* Counts an OK score that was written; blocks that are complete are looked at by okng_drift_tick. */
void okng_drift_count(okng_history *history, const okng_record *record);
void okng_drift_tick(okng_history *history);
void okng_drift_stop(okng_history *history);
/* {"state", "p_value", "test", "since", "text"} of a bank; of all: of the one that is worst. NULL when memory is out.
 */
okng_status okng_drift_json(okng_database *database, const char *bank, json_t **out, okng_error *error);

/* pictures.c: below history->pictures. */
enum { OKNG_PICTURE_NAME = 96 };
/* "2026-11-28/ID-picture.png" of a picture. Errors: ARGUMENT. */
okng_status okng_picture_name(const okng_record *record, const okng_history_picture *picture,
                              char name[OKNG_PICTURE_NAME], okng_error *error);
/* *was_there: there was a file of that name before. */
okng_status okng_picture_write(const okng_history *history, const char *name, const okng_history_picture *picture,
                               bool *was_there, okng_error *error);
/* Brings names of the folder that it is in to the disk, those of the other pictures of a record with it. */
okng_status okng_picture_flush_name(const okng_history *history, const char *name, okng_error *error);
/* Whether a name has that form: no other file is read or removed. */
bool okng_picture_name_is_ours(const char *name);
void okng_picture_remove(const okng_history *history, const char *name);

#endif
