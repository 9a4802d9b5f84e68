/* okng serve: options, parts, the loop until a signal. */
#include "serve/serve.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "serve/command.h"
#include "serve/listen.h"
#include "serve/notify.h"
#include "serve/routes.h"

/* Seconds that a stopping server gives to what runs, beyond which its clients see a closed connection. */
enum { DRAIN_SECONDS = 60 };

/* ---- options --------------------------------------------------------------------------------------------------------
 */

/* What the command line says; serve.yaml first, so that words beat it. */
static okng_status take_options(okng_serve_options *options, const okng_cli_args *args, okng_error *error)
{
    const char *file = okng_cli_value(args, "config");
    OKNG_TRY(okng_serve_options_init(options, error));
    if (file) OKNG_TRY(okng_serve_options_read(options, file, error));
    for (size_t i = 0; args->verb->options[i].name; i++) {
        const char *name = args->verb->options[i].name;
        if (args->values[i] && strcmp(name, "config") != 0 && strcmp(name, "host") != 0)
            OKNG_TRY(okng_serve_options_set(options, name, args->values[i], error));
    }
    for (size_t i = 0; i < args->repeated_count; i++)
        OKNG_TRY(okng_serve_options_set(options, args->repeated_of[i], args->repeated[i], error));
    return okng_serve_options_check(options, error);
}

/* ---- signals --------------------------------------------------------------------------------------------------------
 */

/* Threads that are made from here on leave signals to the main one. */
static void block_signals(sigset_t *before)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &set, before);
    (void)signal(SIGPIPE, SIG_IGN); /* a client that is gone is a failed write */
}

static void wait_for_signal(const sigset_t *before)
{
    while (okng_cli_signal() == 0) (void)ppoll(NULL, 0, NULL, before);
}

/* ---- parts ----------------------------------------------------------------------------------------------------------
 */

static void look(void *user, okng_meters *meters)
{
    static const okng_meter build = {OKNG_METER_GAUGE, "okng_build_info", "1, with the version", {"version"}};
    static const okng_meter open = {OKNG_METER_GAUGE, "okng_http_connections", "open connections", {0}};
    static const okng_meter evicted = {
        OKNG_METER_COUNTER, "okng_http_evicted_total", "idle connections closed to make room", {0}};
    static const okng_meter waiting = {
        OKNG_METER_GAUGE, "okng_http_requests_waiting", "requests in line for a thread", {0}};
    static const okng_meter running = {
        OKNG_METER_GAUGE, "okng_http_requests_running", "requests that a thread works on", {0}};
    static const okng_meter streams = {OKNG_METER_GAUGE, "okng_event_streams", "clients that follow events", {0}};
    okng_serve *serve = user;
    okng_http_state state = okng_http_look(serve->http);
    okng_meters_set(meters, &build, okng_version(), NULL, 1);
    okng_meters_set(meters, &open, NULL, NULL, (double)state.connections);
    okng_meters_set(meters, &evicted, NULL, NULL, (double)state.evicted);
    okng_meters_set(meters, &waiting, NULL, NULL, (double)state.waiting);
    okng_meters_set(meters, &running, NULL, NULL, (double)state.running);
    okng_meters_set(meters, &streams, NULL, NULL, (double)okng_events_streams(serve->events));
}

static okng_status open_parts(okng_serve *serve, okng_error *error)
{
    for (const okng_serve_part *part = okng_serve_parts; part->name; part++) OKNG_TRY(part->open(serve, error));
    return OKNG_OK;
}

static void close_parts(okng_serve *serve)
{
    size_t count = 0;
    while (okng_serve_parts[count].name) count++;
    while (count-- > 0) okng_serve_parts[count].close(serve);
}

static void stop_parts(okng_serve *serve)
{
    for (const okng_serve_part *part = okng_serve_parts; part->name; part++)
        if (part->stop) part->stop(serve);
}

/* ---- running --------------------------------------------------------------------------------------------------------
 */

static void say_where(const okng_serve *serve, const char *made)
{
    okng_address address;
    (void)okng_address_parse(&address, serve->options->listen, NULL);
    const char *host = *address.host ? address.host : "0.0.0.0";
    const char *open = strchr(host, ':') ? "[" : "", *close = *open ? "]" : "";
    if (*made)
        (void)printf(_("%s is new; token of the user admin, told this once: %s\n"), serve->options->token_file, made);
    (void)printf(_("listening on http://%s%s%s:%d/\n"), open, host, close, okng_http_port(serve->http));
    (void)fflush(stdout);
}

static okng_status open_all(okng_serve *serve, char made[OKNG_TOKEN_TEXT], okng_error *error)
{
    OKNG_TRY(okng_users_open(&serve->users, serve->options->token_file, made, error));
    OKNG_TRY(okng_meters_open(&serve->meters, error));
    OKNG_TRY(okng_events_open(&serve->events, error));
    OKNG_TRY(open_parts(serve, error));
    okng_meters_on_look(serve->meters, look, serve); /* before a request can ask */
    return okng_http_open(&serve->http, serve, error);
}

static void close_all(okng_serve *serve)
{
    okng_http_close(&serve->http);
    close_parts(serve);
    okng_events_close(&serve->events);
    okng_meters_close(&serve->meters);
    okng_users_close(&serve->users);
}

static int serve_until_signal(okng_serve *serve, bool quiet)
{
    okng_error error;
    sigset_t before;
    char made[OKNG_TOKEN_TEXT] = "";
    block_signals(&before);
    okng_status status = open_all(serve, made, &error);
    if (status == OKNG_OK) {
        if (!quiet || *made) say_where(serve, made);
        okng_notify_system("READY=1");
        wait_for_signal(&before);
        okng_notify_system("STOPPING=1");
        atomic_store(&serve->stopping, true);
        stop_parts(serve);
        okng_http_drain(serve->http, DRAIN_SECONDS);
    }
    close_all(serve);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status == OKNG_OK ? EXIT_OKAY : okng_cli_fail(&error);
}

int okng_serve_command(okng_cli_args *args)
{
    okng_serve_options options;
    okng_error error;
    okng_serve serve = {.options = &options, .routes = okng_route_tables};
    okng_status status = take_options(&options, args, &error);
    int code = status == OKNG_OK ? serve_until_signal(&serve, args->quiet) : okng_cli_refused(args->verb, &error);
    okng_serve_options_free(&options);
    return code;
}
