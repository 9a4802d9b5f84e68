/* The open connections: slow clients are closed in time, and idle ones make room for new ones. libmicrohttpd's own
 * limit of time begins anew with every byte, and at its limit of connections it serves nobody else. */
#ifndef OKNG_SERVE_CONNECTIONS_H
#define OKNG_SERVE_CONNECTIONS_H

#include <stddef.h>

#include "base/error.h"

typedef struct okng_connections okng_connections; /* threads may share it */
typedef struct okng_connection okng_connection;   /* one of them */

/* What a connection is at; in this order they are closed where room is wanted. */
typedef enum okng_connection_stage {
    OKNG_CONNECTION_IDLE,    /* between requests, or before the first line of one */
    OKNG_CONNECTION_ASKING,  /* a request is coming in */
    OKNG_CONNECTION_SENDING, /* an answer goes out */
    OKNG_CONNECTION_WORKING, /* a handler is at it: never closed */
    OKNG_CONNECTION_STAGES
} okng_connection_stage;

okng_status okng_connections_open(okng_connections **out, size_t most, double idle_time, double request_time,
                                  okng_error *error);
void okng_connections_close(okng_connections **connections);

/* A new one of this socket; closes the one that is idle the longest where there are more than `most`. NULL where memory
 * is out. */
okng_connection *okng_connections_add(okng_connections *connections, int socket);
/* Before its socket is closed. */
void okng_connections_remove(okng_connections *connections, okng_connection *connection);
void okng_connections_move(okng_connections *connections, okng_connection *connection, okng_connection_stage stage);
/* Closes those that took too long; to be called each second or so. */
void okng_connections_sweep(okng_connections *connections);
/* How many have a request that is handled or answered. */
size_t okng_connections_busy(okng_connections *connections);
void okng_connections_count(okng_connections *connections, size_t *open, size_t *evicted);

#endif
