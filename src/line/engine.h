/* The inside of a line, for the files that make it up. */
#ifndef OKNG_LINE_ENGINE_H
#define OKNG_LINE_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "line/clock.h"
#include "line/line.h"
#include "line/spool.h"

enum { OKNG_LINE_WAIT_MS = 200, OKNG_LINE_OUTCOMES = OKNG_OUTCOME_NOT_FOUND + 1 };

typedef enum okng_part_state {
    OKNG_PART_OPENING, /* for the first time */
    OKNG_PART_GOOD,
    OKNG_PART_FAILED
} okng_part_state;

typedef struct okng_source_run {
    okng_line *line;
    const okng_line_source_config *config;
    pthread_t thread;
    pthread_rwlock_t use; /* read by who uses the handle, written by who opens and closes */
    void *handle;         /* NULL: not open */
    char **keys;          /* that the spool knows, until the first open; ends with NULL */
    size_t key_count, key_room;
    /* under line->lock: */
    okng_part_state state;
    char why[512];
    uint64_t frames, not_inspected;
    size_t in_flight;
    double beat; /* when its thread last came by */
} okng_source_run;

typedef struct okng_sink_run {
    okng_line *line;
    const okng_line_sink_config *config;
    pthread_t thread;
    size_t reader;           /* of EVERY: its number in the spool */
    pthread_mutex_t sending; /* of NOW: held while the handle is used or changed */
    void *handle;
    /* under line->lock: */
    okng_part_state state;
    char why[512];
    uint64_t sent, lost, refused; /* lost: of NOW; those of EVERY are the spool's */
} okng_sink_run;

/* A frame that was taken, with what held at that moment. */
typedef struct okng_taken {
    okng_frame frame;
    okng_source_run *source;
    char bank[OKNG_RECORD_NAME];
    int64_t recipe;
    double arrived; /* okng_clock */
    uint64_t number;
} okng_taken;

/* The bounded queue between sources and workers. */
typedef struct okng_frame_queue {
    okng_taken **waiting; /* [room], a ring */
    size_t room, count, first;
    bool closed;
    pthread_mutex_t lock;
    pthread_cond_t changed;
} okng_frame_queue;

okng_status okng_frame_queue_init(okng_frame_queue *queue, size_t room, okng_error *error);
void okng_frame_queue_free(okng_frame_queue *queue);
/* True once there is room for one, or false after `wait_ms`. */
bool okng_frame_queue_wait_room(okng_frame_queue *queue, int wait_ms);
bool okng_frame_queue_push(okng_frame_queue *queue, okng_taken *taken); /* false: full or closed */
okng_taken *okng_frame_queue_pop(okng_frame_queue *queue);              /* waits; NULL once it is closed and empty */
void okng_frame_queue_close(okng_frame_queue *queue);
size_t okng_frame_queue_count(okng_frame_queue *queue);

/* A worker, as the watchdog sees it. */
typedef struct okng_worker_run {
    okng_line *line;
    pthread_t thread;
    double since; /* under line->lock: when its picture was begun; 0: it waits */
} okng_worker_run;

struct okng_line {
    const okng_line_config *config;
    okng_line_host host;
    const char *name;
    okng_spool *spool;
    char *recipe_path;
    okng_frame_queue frames;
    okng_source_run sources[OKNG_LINE_MAX_PARTS];
    okng_sink_run sinks[OKNG_LINE_MAX_PARTS];
    okng_worker_run workers[64];
    size_t source_count, sink_count, worker_count; /* whose threads run */
    pthread_t pulse;
    bool pulse_runs;
    double limit, began;
    atomic_bool stopping;     /* no new pictures */
    atomic_bool sinks_end;    /* sinks end when nothing waits, or at sinks_until */
    double sinks_until;       /* set before sinks_end */
    pthread_mutex_t choosing; /* one change of recipe at a time */
    pthread_mutex_t lock;     /* of all below, and of the runs' states */
    pthread_cond_t changed;
    char bank[OKNG_RECORD_NAME];
    int64_t recipe;
    void *held; /* keeps the bank open */
    uint64_t counts[OKNG_LINE_OUTCOMES];
    uint64_t unrecorded; /* results that no queue could take */
    uint64_t pictures;   /* that were taken, for their numbers */
    double spool_failed; /* since when the spool cannot be written; 0: it can */
    char spool_why[512];
    uint64_t recipe_changes;
    double recipe_seconds, recipe_most; /* of the last change, and of the longest */
    double inspect_seconds;             /* of all inspections */
    okng_clock_watch clock;
    uint64_t clock_jumps;
};

/* parts.c: tells a line to people. */
__attribute__((format(printf, 2, 3))) void okng_line_tell(okng_line *line, const char *format, ...);
/* Waits, until the line stops or `seconds` have passed; false when it stops. */
bool okng_line_pause(okng_line *line, double seconds);
/* Sets a part's state and reason; true when the state is another than before. */
bool okng_line_set_state(okng_line *line, okng_part_state *state, char why[512], okng_part_state now,
                         const char *because);
/* 1 s, then twice as long each time, up to 30. */
double okng_line_next_pause(double before, double first);

/* sources.c, sinks.c, work.c, pulse.c: bodies of threads; their arguments are the runs, of pulse the line. */
void *okng_line_source_thread(void *run);
void *okng_line_sink_thread(void *run);
void *okng_line_worker_thread(void *run);
void *okng_line_pulse_thread(void *line);

/* work.c: what becomes of a frame: its record, in the spool and told, and its end. `refused` is why it is not even
 * tried; NULL: inspect it. Frees `taken`. */
void okng_line_settle(okng_line *line, okng_taken *taken, const char *refused);

/* sinks.c: opens a sink that wants results now, before the first can come; of others nothing. */
void okng_line_begin_sink(okng_sink_run *run);
/* sinks.c: hands a record to the sinks that want it now. */
void okng_line_send_now(okng_line *line, const okng_line_result *result);
/* Which files sinks want of a result of that outcome. */
unsigned okng_line_wanted_files(okng_line *line, okng_outcome outcome);

/* recipe.c: the first bank, as the spool's folder or the configuration says. */
okng_status okng_line_begin_recipe(okng_line *line, okng_error *error);

#endif
