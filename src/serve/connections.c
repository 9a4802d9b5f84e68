#include "serve/connections.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"

struct okng_connection {
    okng_connection *newer, *older;
    int socket;
    okng_connection_stage stage;
    bool shut; /* its socket was shut down: the loop will find its end */
    double since;
};

/* Connections of a stage, in the order in which they came to it. */
typedef struct row {
    okng_connection *oldest, *newest;
} row;

struct okng_connections {
    pthread_mutex_t lock;
    row rows[OKNG_CONNECTION_STAGES];
    size_t most, open, shut, evicted;
    double times[OKNG_CONNECTION_STAGES]; /* that a connection may stay in a stage; 0: for ever */
};

okng_status okng_connections_open(okng_connections **out, size_t most, double idle_time, double request_time,
                                  okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    (void)pthread_mutex_init(&(*out)->lock, NULL);
    (*out)->most = most;
    (*out)->times[OKNG_CONNECTION_IDLE] = idle_time;
    (*out)->times[OKNG_CONNECTION_ASKING] = request_time;
    return OKNG_OK;
}

void okng_connections_close(okng_connections **connections)
{
    if (!*connections) return;
    (void)pthread_mutex_destroy(&(*connections)->lock);
    free(*connections);
    *connections = NULL;
}

static void unlink_one(okng_connections *connections, okng_connection *one)
{
    row *of = &connections->rows[one->stage];
    *(one->older ? &one->older->newer : &of->oldest) = one->newer;
    *(one->newer ? &one->newer->older : &of->newest) = one->older;
}

static void link_one(okng_connections *connections, okng_connection *one, okng_connection_stage stage)
{
    row *of = &connections->rows[stage];
    one->stage = stage;
    one->since = okng_clock();
    one->newer = NULL;
    one->older = of->newest;
    *(of->newest ? &of->newest->newer : &of->oldest) = one;
    of->newest = one;
}

/* The loop owns the socket: it sees the end and closes it. Sockets are closed after okng_connections_remove alone, so
 * under the lock the number is still that of this connection. */
static void shut(okng_connections *connections, okng_connection *one)
{
    one->shut = true;
    connections->shut++;
    (void)shutdown(one->socket, SHUT_RDWR);
}

static void make_room(okng_connections *connections)
{
    for (int stage = OKNG_CONNECTION_IDLE; stage < OKNG_CONNECTION_WORKING; stage++)
        for (okng_connection *one = connections->rows[stage].oldest; one; one = one->newer) {
            if (one->shut) continue;
            shut(connections, one);
            connections->evicted++;
            return;
        }
}

okng_connection *okng_connections_add(okng_connections *connections, int socket)
{
    okng_connection *one = calloc(1, sizeof *one);
    if (!one) return NULL;
    one->socket = socket;
    (void)pthread_mutex_lock(&connections->lock);
    if (connections->open - connections->shut >= connections->most) make_room(connections);
    link_one(connections, one, OKNG_CONNECTION_IDLE);
    connections->open++;
    (void)pthread_mutex_unlock(&connections->lock);
    return one;
}

void okng_connections_remove(okng_connections *connections, okng_connection *one)
{
    (void)pthread_mutex_lock(&connections->lock);
    unlink_one(connections, one);
    connections->open--;
    if (one->shut) connections->shut--;
    (void)pthread_mutex_unlock(&connections->lock);
    free(one);
}

void okng_connections_move(okng_connections *connections, okng_connection *one, okng_connection_stage stage)
{
    (void)pthread_mutex_lock(&connections->lock);
    unlink_one(connections, one);
    link_one(connections, one, stage);
    (void)pthread_mutex_unlock(&connections->lock);
}

void okng_connections_sweep(okng_connections *connections)
{
    (void)pthread_mutex_lock(&connections->lock);
    double now = okng_clock();
    for (int stage = 0; stage < OKNG_CONNECTION_STAGES; stage++) {
        double time = connections->times[stage];
        okng_connection *one = time > 0 ? connections->rows[stage].oldest : NULL;
        for (; one && now - one->since > time; one = one->newer)
            if (!one->shut) shut(connections, one);
    }
    (void)pthread_mutex_unlock(&connections->lock);
}

void okng_connections_count(okng_connections *connections, size_t *open, size_t *evicted)
{
    (void)pthread_mutex_lock(&connections->lock);
    *open = connections->open;
    *evicted = connections->evicted;
    (void)pthread_mutex_unlock(&connections->lock);
}

size_t okng_connections_busy(okng_connections *connections)
{
    size_t busy = 0;
    (void)pthread_mutex_lock(&connections->lock);
    for (int stage = OKNG_CONNECTION_ASKING; stage < OKNG_CONNECTION_STAGES; stage++)
        for (okng_connection *one = connections->rows[stage].oldest; one; one = one->newer) busy += !one->shut;
    (void)pthread_mutex_unlock(&connections->lock);
    return busy;
}
