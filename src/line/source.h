/* Where pictures come from. A kind of source is a file with a table of functions and a row in kinds.c. */
#ifndef OKNG_LINE_SOURCE_H
#define OKNG_LINE_SOURCE_H

#include "history/record.h"
#include "line/settings.h"

typedef struct okng_line okng_line;

/* A picture on its way. What it points to lives until the engine calls `release`. */
typedef struct okng_frame {
    okng_picture picture;        /* encoded bytes or pixels; nothing where `why` says so */
    char name[OKNG_RECORD_NAME]; /* for people and for names of files: "part-17.png"; "" = source and number */
    char path[OKNG_PATH_MAX];    /* of the file that it was read from, absolute; "": there is none */
    char key[512];   /* what tells this picture from all others of its source, for good, so that a restart repeats none;
                        "": every frame is a new one */
    char why[512];   /* why it cannot be judged (lost packets, a damaged file): it becomes NOT_INSPECTED. "": whole */
    int64_t time;    /* microseconds since 1970, UTC, when it was taken; 0 = now */
    uint64_t number; /* of the source's own counting, told nowhere but in names; 0 = the engine counts */
    void *owner;     /* the source's own */
    void (*release)(struct okng_frame *frame); /* may be NULL; called once, from any thread */
} okng_frame;

/* Threads: open, next and close are called by the source's one thread; done, trigger, look and wake by any, also while
 * next waits, but never before open returned or after close began. */
typedef struct okng_line_source_kind {
    const char *name;    /* "folder", as `kind` says in line.yaml */
    const char *summary; /* one line, N_() */
    const okng_line_key *keys;
    bool live; /* pictures do not wait: one that comes while the line is busy is told as NOT_INSPECTED. Not set: the
                  engine asks for the next when there is room */
    /* Why the kind cannot work here at all (built without its library, the library is missing, naming the package), or
     * OKNG_OK. Asked once at the start and by --check. NULL: always can. */
    okng_status (*usable)(okng_error *error);
    /* What the table of keys cannot say of the settings: ARGUMENT. Asked when line.yaml is read. NULL: nothing. */
    okng_status (*check)(const okng_line_settings *settings, okng_error *error);
    /* What of the computer it lacks now that `open` could not do without: a file, a program. Asked by --check alone,
     * where no server is, because a start goes on without it and tries again. NULL: nothing. */
    okng_status (*ready)(const okng_line_settings *settings, okng_error *error);
    /* Begins. What cannot be now (no such camera yet) is an error: the engine tells it and tries again, after 1 s, then
     * twice as long each time, up to 30 s. */
    okng_status (*open)(void **source, const okng_line_settings *settings, okng_line *line, okng_error *error);
    /* Waits at most `wait_ms` for a picture; *got is false when none came. A single picture that is no good is a frame
     * with `why`; an error ends the source, which is closed and opened again as above. */
    okng_status (*next)(void *source, int wait_ms, okng_frame *frame, bool *got, okng_error *error);
    /* A frame is through: its record lies safe in the spool, and survives a kill. May be NULL. */
    void (*done)(void *source, const okng_frame *frame, const okng_record *record);
    /* At the start, before the first next, for each of this source's records in the spool: its frame's key is done.
     * May be NULL. */
    void (*remember)(void *source, const char *key);
    /* Takes a picture now; returns at once. NULL: the kind takes no triggers. */
    okng_status (*trigger)(void *source, okng_error *error);
    /* The newest picture for people to look at, in a frame of its own that the caller releases, whether or not it was
     * or will be inspected. NOT_FOUND where there is none yet. NULL: the kind has no live view. */
    okng_status (*look)(void *source, okng_frame *frame, okng_error *error);
    void (*wake)(void *source); /* lets a waiting next return soon; may be NULL where wait_ms is kept */
    void (*close)(void **source);
} okng_line_source_kind;

/* Ends with NULL (kinds.c). */
extern const okng_line_source_kind *const okng_line_source_kinds[];

#endif
