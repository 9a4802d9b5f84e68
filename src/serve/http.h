/* The HTTP server: libmicrohttpd's one loop over all connections, and worker threads that run handlers. */
#ifndef OKNG_SERVE_HTTP_H
#define OKNG_SERVE_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct okng_serve;

typedef struct okng_http okng_http; /* threads may share it */

/* Listens where the options say and answers until okng_http_close. `serve` must outlive it. Errors: ARGUMENT (no such
 * address), BUSY (the port is taken), IO, MEMORY. */
okng_status okng_http_open(okng_http **out, struct okng_serve *serve, okng_error *error);
/* The port that it listens on. */
int okng_http_port(const okng_http *http);
/* Takes no new connections, ends streams of events, waits until what runs is answered, at most `seconds`. */
void okng_http_drain(okng_http *http, double seconds);
/* Stops; drain comes before it. Handlers that still run are waited for. */
void okng_http_close(okng_http **http);

/* Numbers for /metrics and tests. */
typedef struct okng_http_state {
    size_t connections, evicted; /* open now; idle ones closed for new ones, ever */
    size_t waiting, running;     /* requests in line for a worker, and with one */
} okng_http_state;
okng_http_state okng_http_look(okng_http *http);

#endif
