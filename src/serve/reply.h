/* What a handler answers. */
#ifndef OKNG_SERVE_REPLY_H
#define OKNG_SERVE_REPLY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

struct okng_stream; /* events.h */

enum { OKNG_REPLY_HEADERS = 12, OKNG_REPLY_HEADER_SIZE = 2048 };

typedef enum okng_reply_kind {
    OKNG_REPLY_EMPTY,  /* status and headers alone */
    OKNG_REPLY_MEMORY, /* data, free()d once sent */
    OKNG_REPLY_CONST,  /* data that is there for as long as the program runs */
    OKNG_REPLY_FILE,   /* descriptor, closed once sent */
    OKNG_REPLY_STREAM  /* server-sent events */
} okng_reply_kind;

/* Filled by the functions below alone. */
typedef struct okng_reply {
    int status; /* 0: nothing was answered yet */
    okng_reply_kind kind;
    const char *type; /* media type; static */
    void *data;
    size_t size;
    int descriptor;
    struct okng_stream *stream;
    json_t *more;         /* of a problem: members besides the usual */
    const char *instance; /* of a problem: the address that was asked for; borrowed, NULL: unknown */
    struct {
        char *name, *value;
    } headers[OKNG_REPLY_HEADERS];
    size_t header_count;
} okng_reply;

/* A JSON document, which is taken and may be NULL where memory was out (503 then). Numbers with 9 significant digits.
 */
void okng_reply_json(okng_reply *reply, int status, json_t *document);
/* Bytes from malloc, taken (free()d). `type` is a literal. NULL with a size: memory was out (503). */
void okng_reply_bytes(okng_reply *reply, int status, const char *type, void *data, size_t size);
/* Bytes that are part of the program. */
void okng_reply_const(okng_reply *reply, int status, const char *type, const void *data, size_t size);
/* The regular file at `path`, read while it is sent: as it was opened even when it is replaced meanwhile. Where it
 * cannot be opened: 404 or 500. `download`: what a browser shall call it; NULL: to be shown. */
void okng_reply_file(okng_reply *reply, const char *type, const char *path, const char *download);
/* The same of an open descriptor, which is taken. */
void okng_reply_descriptor(okng_reply *reply, const char *type, int descriptor, const char *download);
/* A status without a body: 204, 304. */
void okng_reply_status(okng_reply *reply, int status);
/* Events as they come; the stream is taken. */
void okng_reply_stream(okng_reply *reply, struct okng_stream *stream);

/* A header beside those that every answer has; not for what comes from files or people: no control characters, at most
 * 1 KiB of value (else it is left out). */
void okng_reply_header(okng_reply *reply, const char *name, const char *value);
/* A header that holds a JSON document in one line of ASCII; takes it. Left out where it is longer than 7 KiB. */
void okng_reply_header_json(okng_reply *reply, const char *name, json_t *document);

/* A problem document (RFC 9457) in place of whatever was answered so far. `name` is the kind of problem for programs, a
 * literal of small letters and dashes ("bank-not-found"); the detail says what was found, what was expected and what to
 * do, and is translated by its format. */
__attribute__((format(printf, 4, 5))) void okng_reply_problem(okng_reply *reply, int status, const char *name,
                                                              const char *format, ...);
/* The problem that an error of the library is: NOT_FOUND 404, ARGUMENT 400, FORMAT and MISMATCH 422, LIMIT 413, BUSY
 * 503 with Retry-After, UNSUPPORTED 501, CANCELLED 409, all else 500. Its message is the detail. */
void okng_reply_error(okng_reply *reply, const okng_error *error);
/* Adds a member to the problem that is set next; takes `value`. */
void okng_reply_problem_member(okng_reply *reply, const char *key, json_t *value);

/* Releases what a reply holds and has not been sent. */
void okng_reply_clear(okng_reply *reply);

#endif
