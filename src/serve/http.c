#include "serve/http.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "serve/connections.h"
#include "serve/exchange.h"
#include "serve/listen.h"
#include "serve/serve.h"
#include "serve/workers.h"

enum {
    POOL = 64 << 10,        /* memory of a connection: headers, and what is read at once */
    SPARE_CONNECTIONS = 64, /* being closed, while new ones come in */
    SPARE_FILES = 256,      /* besides connections: banks, uploads, the history */
    HANDLERS = 64,          /* threads; most wait for a worker of the cache */
    PING_SECONDS = 15
};

struct okng_http {
    okng_serve *serve;
    struct MHD_Daemon *daemon;
    okng_connections *connections;
    okng_workers *workers;
    int port, socket;
    pthread_t keeper; /* closes slow connections, pings streams */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool keeping, ending;
};

/* ---- what libmicrohttpd calls ----------------------------------------------------------------------------------- */

static okng_connection *place_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void on_connection(void *user, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    okng_http *http = user;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *context = info ? okng_connections_add(http->connections, info->connect_fd) : NULL;
    } else if (*context) {
        okng_connections_remove(http->connections, *context);
        *context = NULL;
    }
}

static void *on_address(void *user, const char *target, struct MHD_Connection *connection)
{
    okng_http *http = user;
    okng_exchange *exchange = okng_exchange_begin(http->serve, http->workers, connection, target);
    if (!exchange) return NULL;
    exchange->place = place_of(connection);
    if (exchange->place) okng_connections_move(http->connections, exchange->place, OKNG_CONNECTION_ASKING);
    return exchange;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *size, void **context)
{
    (void)user;
    (void)connection;
    (void)url;
    (void)version;
    return *context ? okng_exchange_go_on(*context, method, data, size) : MHD_NO;
}

static void on_completed(void *user, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    okng_http *http = user;
    okng_connection *place = place_of(connection);
    if (place) okng_connections_move(http->connections, place, OKNG_CONNECTION_IDLE);
    if (*context) okng_exchange_end(*context, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    *context = NULL;
}

/* Addresses are taken apart by uri.c, from the bytes that were sent. */
static size_t leave_escaped(void *user, struct MHD_Connection *connection, char *text)
{
    (void)user;
    (void)connection;
    size_t length = 0;
    while (text[length]) length++;
    return length;
}

/* What it says is of single connections; the metrics count those. */
static void say_nothing(void *user, const char *format, va_list args)
{
    (void)user;
    (void)format;
    (void)args;
}

/* ---- the keeper ---------------------------------------------------------------------------------------------------
 */

static bool sleep_a_second(okng_http *http)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    (void)pthread_mutex_lock(&http->lock);
    int late = 0;
    while (!http->ending && !late) late = pthread_cond_timedwait(&http->wake, &http->lock, &until);
    bool go_on = !http->ending;
    (void)pthread_mutex_unlock(&http->lock);
    return go_on;
}

static void *keep(void *user)
{
    okng_http *http = user;
    for (int second = 1; sleep_a_second(http); second++) {
        okng_connections_sweep(http->connections);
        if (second % PING_SECONDS == 0) okng_events_ping(http->serve->events);
    }
    return NULL;
}

static okng_status start_keeper(okng_http *http, okng_error *error)
{
    pthread_condattr_t kind;
    (void)pthread_mutex_init(&http->lock, NULL);
    (void)pthread_condattr_init(&kind);
    (void)pthread_condattr_setclock(&kind, CLOCK_MONOTONIC); /* a clock that jumps keeps nobody waiting */
    (void)pthread_cond_init(&http->wake, &kind);
    (void)pthread_condattr_destroy(&kind);
    if (pthread_create(&http->keeper, NULL, keep, http) != 0)
        return okng_fail(error, OKNG_ERROR_LIMIT, "the system gives no more threads");
    http->keeping = true;
    return OKNG_OK;
}

static void end_keeper(okng_http *http)
{
    if (!http->keeping) return;
    (void)pthread_mutex_lock(&http->lock);
    http->ending = true;
    (void)pthread_cond_signal(&http->wake);
    (void)pthread_mutex_unlock(&http->lock);
    (void)pthread_join(http->keeper, NULL);
    http->keeping = false;
}

/* ---- opening and closing ------------------------------------------------------------------------------------------
 */

/* Lets the process have as many files as the options want. */
static okng_status take_files(const okng_serve_options *options, okng_error *error)
{
    struct rlimit files;
    rlim_t need = (rlim_t)options->max_connections + SPARE_CONNECTIONS + SPARE_FILES;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return OKNG_OK;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max >= need) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_LIMIT,
        "max-connections %lld needs %llu open files, and this process may have %llu; raise \"ulimit -n\" or "
        "lower max-connections",
        (long long)options->max_connections, (unsigned long long)need, (unsigned long long)files.rlim_max);
}

static okng_status start_daemon(okng_http *http, okng_error *error)
{
    const okng_serve_options *options = http->serve->options;
    unsigned limit = (unsigned)options->max_connections + SPARE_CONNECTIONS;
    /* The keeper closes the idle in time; this is for who stops reading an answer. */
    unsigned time = (unsigned)(options->request_time + 0.999);
    http->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, 0, NULL, NULL,
        on_request, http, MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL, MHD_OPTION_LISTEN_SOCKET, http->socket,
        MHD_OPTION_CONNECTION_LIMIT, limit, MHD_OPTION_CONNECTION_TIMEOUT, time, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)POOL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, http, MHD_OPTION_URI_LOG_CALLBACK, on_address, http,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, http, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, http,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    return http->daemon ? OKNG_OK : okng_fail(error, OKNG_ERROR_INTERNAL, "libmicrohttpd does not start");
}

static okng_status open_all(okng_http *http, okng_error *error)
{
    const okng_serve_options *options = http->serve->options;
    okng_address address;
    OKNG_TRY(okng_address_parse(&address, options->listen, error));
    OKNG_TRY(take_files(options, error));
    OKNG_TRY(okng_listen(&http->socket, &http->port, &address, error));
    OKNG_TRY(okng_connections_open(&http->connections, (size_t)options->max_connections, options->idle_time,
                                   options->request_time, error));
    http->serve->connections = http->connections;
    OKNG_TRY(okng_workers_open(&http->workers, HANDLERS, (size_t)options->max_requests, error));
    OKNG_TRY(start_keeper(http, error));
    return start_daemon(http, error);
}

okng_status okng_http_open(okng_http **out, struct okng_serve *serve, okng_error *error)
{
    okng_http *http = *out = calloc(1, sizeof *http);
    if (!http) return okng_fail_memory(error, sizeof *http);
    http->serve = serve;
    http->socket = -1;
    okng_status status = open_all(http, error);
    if (status != OKNG_OK) okng_http_close(out);
    return status;
}

int okng_http_port(const okng_http *http)
{
    return http->port;
}

okng_http_state okng_http_look(okng_http *http)
{
    okng_http_state state;
    okng_connections_count(http->connections, &state.connections, &state.evicted);
    okng_workers_count(http->workers, &state.waiting, &state.running);
    return state;
}

void okng_http_drain(okng_http *http, double seconds)
{
    const struct timespec moment = {.tv_nsec = 10000000};
    double until = okng_clock() + seconds;
    if (http->socket >= 0 && http->daemon) {
        (void)MHD_quiesce_daemon(http->daemon);
        (void)close(http->socket);
        http->socket = -1;
    }
    okng_events_end(http->serve->events);
    while (okng_clock() < until && okng_connections_busy(http->connections) > 0) (void)nanosleep(&moment, NULL);
}

void okng_http_close(okng_http **out)
{
    okng_http *http = *out;
    if (!http) return;
    /* Connections that sleep must be awake before the daemon ends: the workers finish what they have first. */
    if (http->workers) okng_workers_end(http->workers);
    end_keeper(http);
    if (http->daemon) MHD_stop_daemon(http->daemon);
    okng_workers_close(&http->workers);
    if (http->socket >= 0) (void)close(http->socket);
    http->serve->connections = NULL;
    okng_connections_close(&http->connections);
    free(http);
    *out = NULL;
}
