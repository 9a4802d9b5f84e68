/* Server-sent events: what happens is published once and goes to every stream that asked for it. */
#ifndef OKNG_SERVE_EVENTS_H
#define OKNG_SERVE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

struct MHD_Connection;
struct MHD_Response;

typedef struct okng_events okng_events; /* threads may share it */
typedef struct okng_stream okng_stream; /* of one client */

okng_status okng_events_open(okng_events **out, okng_error *error);
/* Every stream must be closed. */
void okng_events_close(okng_events **events);

/* Sends `document` (taken) as an event of this kind ("inspection", "job", "bank", "line") to the streams that want
 * those of `bank` (NULL: to all). Never blocks on clients: a stream that has OKNG_EVENTS_KEPT unsent is ended, and its
 * client comes back with the number of the last event that it has. */
enum { OKNG_EVENTS_KEPT = 256, OKNG_STREAMS_MAX = 64 };
void okng_events_publish(okng_events *events, const char *kind, const char *bank, json_t *document);

/* A stream for a user of events of a bank (NULL: of all), which begins behind event number `last` where that is still
 * kept (0: with what comes next). Errors: BUSY with OKNG_STREAMS_MAX open, MEMORY. */
okng_status okng_stream_open(okng_stream **out, okng_events *events, const char *bank, const char *user, uint64_t last,
                             okng_error *error);
void okng_stream_close(okng_stream **stream);
/* http.c: the body of a response, which takes the stream; NULL where memory is out, the stream is closed then. */
struct MHD_Response *okng_stream_response(okng_stream *stream, struct MHD_Connection *connection);
/* Sends a ping on every stream: each 15 s, so that clients that are gone are found out. */
void okng_events_ping(okng_events *events);
/* Ends the streams of a user, whose token is worth nothing any more. */
void okng_events_end_of(okng_events *events, const char *user);
/* Ends every stream, and every one that is opened later: before the server stops. */
void okng_events_end(okng_events *events);
size_t okng_events_streams(okng_events *events); /* open */

#endif
