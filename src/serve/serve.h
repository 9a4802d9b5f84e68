/* The server as a whole: what handlers work with, and the parts that it is made of. */
#ifndef OKNG_SERVE_SERVE_H
#define OKNG_SERVE_SERVE_H

#include <stdatomic.h>

#include "serve/events.h"
#include "serve/http.h"
#include "serve/meters.h"
#include "serve/options.h"
#include "serve/users.h"

/* Lives from before the first request until after the last. A part adds its pointer here, sets it in its open and
 * releases it in its close. */
typedef struct okng_serve {
    const okng_serve_options *options;
    const struct okng_route_table *const *routes; /* okng_route_tables */
    okng_users *users;
    okng_meters *meters;
    okng_events *events;
    okng_http *http;                      /* NULL until all parts are open */
    struct okng_connections *connections; /* of http */
    atomic_bool stopping;
    struct okng_cache *cache;
    struct okng_queue *queue;
    struct okng_bank_notes *notes;
    struct okng_bank_router *router;
    struct okng_history *history; /* NULL: built without SQLite */
    struct okng_uploads *uploads;
    struct okng_jobs *jobs;
    struct okng_line *line;           /* NULL: no line.yaml */
    struct okng_line_part *line_part; /* part_line.c: what it stands on */
} okng_serve;

/* A part of the server, a row of okng_serve_parts (parts.c). They are opened in order before the server listens, and
 * closed in reverse once the last request is answered. */
typedef struct okng_serve_part {
    const char *name;
    okng_status (*open)(okng_serve *serve, okng_error *error);
    void (*stop)(okng_serve *serve);                 /* SIGTERM came: begin to end; may be NULL */
    void (*close)(okng_serve *serve);                /* also after its open has failed, or was never called */
    const char *(*why_not_ready)(okng_serve *serve); /* for /readyz: NULL when it is; may be NULL */
} okng_serve_part;

extern const okng_serve_part okng_serve_parts[]; /* ends with a NULL name */

#endif
