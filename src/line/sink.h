/* Where verdicts go. A kind of sink is a file with a table of functions and a row in kinds.c. */
#ifndef OKNG_LINE_SINK_H
#define OKNG_LINE_SINK_H

#include "history/record.h"
#include "line/settings.h"

typedef struct okng_line okng_line;

/* Files that can go along with a record: flags, each with its name in the folder of the result. */
enum {
    OKNG_WITH_SCORES = 1,  /* scores.json, as okng infer writes it */
    OKNG_WITH_PICTURE = 2, /* picture.png, or with the ending of the file that came (.jpg, ...) */
    OKNG_WITH_OVERLAY = 4, /* overlay.png */
    OKNG_WITH_HEAT = 8,    /* heat_gray.png */
    OKNG_WITH_MASK = 16    /* mask.png */
};

/* One result on its way. All of it is the engine's, for the call only. */
typedef struct okng_line_result {
    const okng_record *record;
    const char *json;   /* okng_record_json on one line, as it lies in the spool */
    size_t json_size;   /* bytes, without the NUL */
    const char *path;   /* of the file that the picture was read from; "": none */
    const char *folder; /* of the files that go along; NULL: none */
    unsigned with;      /* which of them are there: OKNG_WITH_... */
    double arrived;     /* of a sink of NOW: when the picture came to the line, by okng_clock */
} okng_line_result;

typedef enum okng_line_delivery {
    OKNG_DELIVER_EVERY, /* each result, in order, from a queue on disk, again until it is acknowledged */
    OKNG_DELIVER_NOW    /* as it comes, or never: what a PLC waits for now means nothing to it later */
} okng_line_delivery;

/* Threads: EVERY: all functions are called by the sink's one thread, `wake` by any. NOW: open, idle and close by the
 * sink's thread, send by the threads that inspect, one at a time. */
typedef struct okng_line_sink_kind {
    const char *name;          /* "mqtt", as `kind` says in line.yaml */
    const char *summary;       /* one line, N_() */
    const okng_line_key *keys; /* besides those of every sink (kinds.c): kind, verdicts, queue */
    okng_line_delivery delivery;
    /* As of a source. */
    okng_status (*usable)(okng_error *error);
    /* What the table of keys cannot say of the settings: ARGUMENT. Asked when line.yaml is read. NULL: nothing. */
    okng_status (*check)(const okng_line_settings *settings, okng_error *error);
    /* What of the computer it lacks now that `open` could not do without: a file, a program. Asked by --check alone,
     * where no server is, because a start goes on without it and tries again. NULL: nothing. */
    okng_status (*ready)(const okng_line_settings *settings, okng_error *error);
    /* Begins; must not wait for who is at the other end: an absent one is found by send and idle. */
    okng_status (*open)(void **sink, const okng_line_settings *settings, okng_line *line, okng_error *error);
    /* What it wants with the results of its verdicts: OKNG_WITH_.... NULL: nothing. */
    unsigned (*wants)(const okng_line_settings *settings);
    /* EVERY: hands one result over and returns OKNG_OK once the receiver has acknowledged it, in bounded time; an error
     * means that it has not, and the same result is sent again after 0.2 s, then twice as long each time, up to 30 s.
     * OKNG_ERROR_ARGUMENT: the receiver refuses this result for good; it is counted as refused, and the next follows.
     * NOW: puts the result where the sink's thread finds it; must not wait. */
    okng_status (*send)(void *sink, const okng_line_result *result, okng_error *error);
    /* EVERY: called every 200 ms or sooner while there is nothing to send, or what failed waits: heartbeats,
     * reconnecting. OKNG_OK means that sending is worth a try now. NOW: called again and again; it waits by itself, at
     * most 200 ms. An error (`error` may be NULL) is told as the sink's state; of NOW it is called again after 1 s
     * then. May be NULL. */
    okng_status (*idle)(void *sink, okng_error *error);
    void (*wake)(void *sink); /* lets a waiting send or idle return soon; may be NULL */
    void (*close)(void **sink);
} okng_line_sink_kind;

/* Ends with NULL (kinds.c). */
extern const okng_line_sink_kind *const okng_line_sink_kinds[];

#endif
