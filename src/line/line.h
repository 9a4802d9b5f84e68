/* The line: pictures from sources, through inspection, to sinks.
 *
 *   source --+                                      +--> spool --> sink (its thread, its place in the spool)
 *   source --+--> frames --> workers: inspect --> record --> sinks that want it now (a PLC)
 *   source --+   (bounded)                          +--> listener
 *
 * Each source has a thread, each sink has one, and `workers` threads inspect. A record lies in the spool, on disk,
 * before anybody hears of it; what is slow or dead at the end of a sink is waited for there. Nothing that goes wrong
 * becomes OK: what was not judged is NOT_INSPECTED, with the reason, and is counted. */
#ifndef OKNG_LINE_LINE_H
#define OKNG_LINE_LINE_H

#include "base/grown.h"
#include "line/config.h"
#include "line/sink.h"
#include "line/source.h"

/* What inspects; the engine knows no more of banks. Threads call it at once. */
typedef struct okng_line_inspector {
    /* Inspects with the bank of that name; hash gets what identifies the bank's state. As okng_queue_inspect. */
    okng_status (*inspect)(void *user, const char *bank, const okng_picture *picture, double limit_s,
                           okng_result **result, char hash[OKNG_HASH_TEXT], okng_error *error);
    /* Opens the bank and keeps it open until `release`; what makes a change of recipe fast. */
    okng_status (*hold)(void *user, const char *bank, void **held, okng_error *error);
    void (*release)(void *user, void **held);
    void *user;
} okng_line_inspector;

typedef struct okng_history okng_history;

/* What surrounds the line. */
typedef struct okng_line_host {
    okng_line_inspector inspector;
    okng_history *history; /* where sinks of the kind `history` write that name no file; NULL: they must name one */
    /* Hears of every record, from the threads that inspect; must return soon. May be NULL. */
    void (*listener)(const okng_record *record, void *user);
    /* Hears of what changes: a source that fails and comes back, a sink that waits. `text` is a line for people. May be
     * NULL. */
    void (*teller)(const char *text, void *user);
    void *user;
} okng_line_host;

/* Begins: opens the spool and starts all threads. `config` and what `host` points to must outlive the line. Errors:
 * UNSUPPORTED (a kind that cannot work here), BUSY (another process has the spool), IO, FORMAT, NOT_FOUND and others of
 * the first bank, MEMORY. */
okng_status okng_line_open(okng_line **out, const okng_line_config *config, const okng_line_host *host,
                           okng_error *error);
/* No new pictures; those that are in are inspected, and sinks get `seconds` to hand over what waits. What then still
 * waits stays in the spool for the next start. */
void okng_line_close(okng_line **line, double seconds);

/* ---- any thread
 * ------------------------------------------------------------------------------------------------------ */

/* Has the source of that name take a picture; NULL: every source that takes triggers. Errors: NOT_FOUND, UNSUPPORTED
 * (it takes none), BUSY (it is not open now), and the source's own. */
okng_status okng_line_trigger(okng_line *line, const char *source, okng_error *error);
/* Chooses the bank by its number in `recipes`, for all pictures that are taken from now on; the bank is open when this
 * returns. On failure the bank stays what it was. `by` is told. Errors: NOT_FOUND, and those of opening a bank. */
okng_status okng_line_set_recipe(okng_line *line, int64_t number, const char *by, okng_error *error);
/* The number in force; -1: the bank was not chosen by a number. `bank` (may be NULL) gets its name. */
int64_t okng_line_recipe(okng_line *line, char bank[OKNG_RECORD_NAME]);
/* The newest picture of a source that has a live view. Errors: NOT_FOUND, UNSUPPORTED, BUSY. */
okng_status okng_line_look(okng_line *line, const char *source, okng_frame *frame, okng_error *error);
/* The open handle of a source, for who gives it its pictures (HTTP), and the end of its use; NULL where it is not open
 * or of another kind. */
void *okng_line_source_take(okng_line *line, const char *source, const okng_line_source_kind *kind);
void okng_line_source_drop(okng_line *line, const char *source);

/* What the line is called. */
const char *okng_line_called(const okng_line *line);
/* The history of the server that the line runs in; NULL: there is none. */
okng_history *okng_line_history(const okng_line *line);
/* Where sources may keep files of their own: NAME.something, by their name. */
const char *okng_line_spool_folder(const okng_line *line);

/* {"name","sources":[{"name","kind","state","frames","not_inspected","why"}],"sinks":[{"name","kind","state","queued",
 * "sent","lost","refused","why"}],"bank","recipe","counts":{"OK",...},"waiting","spool":{...},"clock_jumps",.... NULL
 * when memory is out. State of a source: "opening", "running", "failed"; of a sink: "waiting" (for its first answer),
 * "ready", "failed". */
json_t *okng_line_json(okng_line *line);
/* The same as metrics in Prometheus's text form, appended; false when memory is out. */
bool okng_line_metrics(okng_line *line, okng_grown *out);
/* False when a thread of the engine has stood still for longer than it may, or the spool cannot be written: what a
 * watchdog asks. `why` gets the reason. */
bool okng_line_healthy(okng_line *line, char why[256]);

#endif
