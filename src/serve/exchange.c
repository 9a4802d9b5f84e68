#include "serve/exchange.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "serve/guard.h"

/* Bytes of a refused body that are passed over; a client that sends more than that finds its connection closed. */
enum { DRAIN_MAX = 1 << 20 };

static const okng_meter requests = {
    OKNG_METER_COUNTER, "okng_http_requests_total", "requests by route and status", {"route", "status"}};
static const okng_meter seconds = {
    OKNG_METER_HISTOGRAM, "okng_http_request_seconds", "from the first line of a request to its answer", {"route"}};

okng_exchange *okng_exchange_begin(okng_serve *serve, okng_workers *workers, struct MHD_Connection *connection,
                                   const char *target)
{
    okng_exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange) return NULL;
    exchange->serve = serve;
    exchange->workers = workers;
    exchange->began = okng_clock();
    exchange->request.connection = connection;
    exchange->request.type = "";
    exchange->reply.descriptor = -1;
    exchange->path = strndup(target, strcspn(target, "?"));
    exchange->reply.instance = exchange->path;
    exchange->body.whole = okng_spool_empty;
    (void)okng_uri_parse(&exchange->request.uri, target, strlen(target), &exchange->uri_error);
    return exchange;
}

void okng_exchange_end(okng_exchange *exchange, bool completed)
{
    char status[16];
    const okng_route *route = exchange->request.route;
    const char *path = route ? route->path : "none";
    (void)snprintf(status, sizeof status, "%d", completed ? exchange->reply.status : 499);
    okng_meters_add(exchange->serve->meters, &requests, path, status, 1);
    if (completed) okng_meters_observe(exchange->serve->meters, &seconds, path, NULL, okng_clock() - exchange->began);
    if (exchange->response) MHD_destroy_response(exchange->response);
    okng_reply_clear(&exchange->reply);
    okng_body_clear(&exchange->body);
    okng_uri_clear(&exchange->request.uri);
    free(exchange->request.media_type);
    free(exchange->path);
    free(exchange);
}

/* ---- letting in ------------------------------------------------------------------------------------------------- */

/* The media type of the header Content-Type, lower case, without parameters; malloc'd, "" where there is none. */
static char *media_type(const char *value)
{
    size_t length = value ? strcspn(value, "; \t") : 0;
    char *type = strndup(value ? value : "", length);
    for (char *c = type; c && *c; c++) *c = (char)tolower((unsigned char)*c);
    return type;
}

static bool find_route(okng_exchange *exchange, const char *method, okng_reply *reply)
{
    okng_request *request = &exchange->request;
    okng_route_match match;
    if (exchange->uri_error.status != OKNG_OK) {
        bool is_long = exchange->uri_error.status == OKNG_ERROR_LIMIT;
        okng_reply_problem(reply, is_long ? 414 : 400, "wrong-address", "%s", exchange->uri_error.message);
        return false;
    }
    exchange->asks_head = strcmp(method, "HEAD") == 0;
    request->method = exchange->asks_head ? "GET" : method;
    okng_route_find(&match, exchange->serve->routes, request->method, request);
    if (!match.route && !*match.allow) {
        okng_reply_problem(reply, 404, "no-such-address", "there is nothing at this address; /openapi.json lists all");
        return false;
    }
    if (!match.route) {
        okng_reply_header(reply, "Allow", match.allow);
        okng_reply_problem(reply, 405, "wrong-method", "found %s, expected %s", method, match.allow);
        return false;
    }
    request->route = match.route;
    request->method = match.route->method;
    return true;
}

static bool check_query(const okng_request *request, okng_reply *reply)
{
    if (request->route->flags & OKNG_ROUTE_ANY_QUERY) return true;
    for (size_t i = 0; i < request->uri.query_count; i++)
        if (!okng_route_query(request->route, request->uri.query[i].name)) {
            okng_reply_problem(reply, 400, "wrong-parameter", "this address has no parameter \"%s\"",
                               request->uri.query[i].name);
            return false;
        }
    return true;
}

static uint64_t body_limit(const okng_exchange *exchange)
{
    const okng_serve_options *options = exchange->serve->options;
    const okng_route *route = exchange->request.route;
    if (route->body_limit) return route->body_limit;
    return (uint64_t)(route->flags & OKNG_ROUTE_UPLOAD ? options->max_upload : options->max_body);
}

/* The media types of route->takes as people write them: "image/" and a star for any subtype, without schemas. */
static void tell_types(const char *takes, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (const char *at = takes; *at && used < size; at += strspn(at, " ")) {
        const size_t length = strcspn(at, ": ");
        const bool any = at[length - 1] == '+';
        const int n = snprintf(text + used, size - used, "%s%.*s%s", used > 0 ? ", " : "", (int)(length - any), at,
                               any ? "*" : "");
        used += n > 0 ? (size_t)n : size;
        at += strcspn(at, " ");
    }
}

static bool check_type(okng_exchange *exchange, bool has_body, okng_reply *reply)
{
    okng_request *request = &exchange->request;
    const okng_route *route = request->route;
    char types[256];
    tell_types(route->takes ? route->takes : "", types, sizeof types);
    if (has_body && !route->takes) {
        okng_reply_problem(reply, 400, "no-body-expected", "%s takes no body here", route->method);
        return false;
    }
    if (!has_body && route->takes && !(route->flags & OKNG_ROUTE_BODY_OPTIONAL)) {
        okng_reply_problem(reply, 400, "no-body", "the request has no body; expected %s", types);
        return false;
    }
    if (!has_body || okng_route_takes(route, request->type)) return true;
    okng_reply_problem(reply, 415, "wrong-type", "Content-Type: found \"%s\", expected %s", request->type, types);
    return false;
}

/* That a body comes where the route takes one, and that it is of a type and size that it takes. */
static bool check_body(okng_exchange *exchange, okng_reply *reply)
{
    okng_request *request = &exchange->request;
    const char *length = okng_request_header(request, "Content-Length");
    unsigned long long bytes = length ? strtoull(length, NULL, 10) : 0;
    bool has_body = okng_request_header(request, "Transfer-Encoding") || bytes > 0;
    request->media_type = media_type(okng_request_header(request, "Content-Type"));
    request->type = request->media_type && has_body ? request->media_type : "";
    if (!check_type(exchange, has_body, reply)) return false;
    if (bytes <= body_limit(exchange)) return true;
    okng_reply_problem(reply, 413, "body-too-large", "the body has %llu bytes, more than %" PRIu64, bytes,
                       body_limit(exchange));
    return false;
}

static bool let_in(okng_exchange *exchange, const char *method)
{
    okng_request *request = &exchange->request;
    okng_reply *reply = &exchange->reply;
    request->method = method;
    if (!okng_guard_headers(request, reply)) return false;
    bool found = find_route(exchange, method, reply);
    bool any_host = found && (request->route->flags & OKNG_ROUTE_ANY_HOST);
    if (!any_host && !okng_guard_host(exchange->serve, request, reply)) return false;
    if (!okng_guard_origin(request, reply) || !found) return false;
    return okng_guard_role(exchange->serve, request, reply) && check_query(request, reply) &&
           check_body(exchange, reply);
}

/* ---- answering -------------------------------------------------------------------------------------------------- */

/* To HEAD the headers of a stream: libmicrohttpd would send the last chunk behind them, and a client that keeps the
 * connection take that for the begin of its next answer. */
static void leave_out_stream(okng_reply *reply)
{
    const char *type = reply->type;
    okng_reply_status(reply, reply->status);
    reply->type = type;
}

static struct MHD_Response *make_response(okng_exchange *exchange)
{
    static char nothing;
    okng_reply *reply = &exchange->reply;
    struct MHD_Response *made = NULL;
    if (reply->kind == OKNG_REPLY_STREAM && exchange->asks_head) leave_out_stream(reply);
    okng_reply_kind kind = reply->kind;
    exchange->sent = reply->size;
    if (kind == OKNG_REPLY_MEMORY) {
        made = MHD_create_response_from_buffer_with_free_callback(reply->size, reply->data, free);
    } else if (kind == OKNG_REPLY_FILE) {
        made = MHD_create_response_from_fd64((uint64_t)reply->size, reply->descriptor);
    } else if (kind == OKNG_REPLY_STREAM) {
        made = okng_stream_response(reply->stream, exchange->request.connection);
        reply->stream = NULL;
        reply->kind = OKNG_REPLY_EMPTY;
    } else {
        made =
            MHD_create_response_from_buffer(reply->size, reply->data ? reply->data : &nothing, MHD_RESPMEM_PERSISTENT);
    }
    if (made) { /* which has what the reply held */
        reply->kind = OKNG_REPLY_EMPTY;
        reply->data = NULL;
        reply->descriptor = -1;
    }
    return made;
}

static bool has_header(const okng_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (strcmp(reply->headers[i].name, name) == 0) return true;
    return false;
}

/* Every answer has these, unless its handler said otherwise. */
static const char *const usual_headers[][2] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

static bool add_headers(struct MHD_Response *response, const okng_reply *reply, bool stopping)
{
    bool all = true;
    for (size_t i = 0; i < reply->header_count; i++)
        all = MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value) == MHD_YES && all;
    for (size_t i = 0; i < sizeof usual_headers / sizeof usual_headers[0]; i++)
        if (!has_header(reply, usual_headers[i][0]))
            all = MHD_add_response_header(response, usual_headers[i][0], usual_headers[i][1]) == MHD_YES && all;
    if (stopping) all = MHD_add_response_header(response, "Connection", "close") == MHD_YES && all;
    if (reply->type) all = MHD_add_response_header(response, "Content-Type", reply->type) == MHD_YES && all;
    return all;
}

static void prepare(okng_exchange *exchange)
{
    if (exchange->reply.status == 0)
        okng_reply_problem(&exchange->reply, 500, "internal-error", "the request was not answered");
    exchange->response = make_response(exchange);
    if (!exchange->response || add_headers(exchange->response, &exchange->reply, exchange->serve->stopping)) return;
    MHD_destroy_response(exchange->response);
    exchange->response = NULL;
}

static enum MHD_Result answer(okng_exchange *exchange)
{
    exchange->stage = OKNG_EXCHANGE_READY;
    if (!exchange->response) prepare(exchange);
    if (exchange->place && exchange->serve->connections)
        okng_connections_move(exchange->serve->connections, exchange->place, OKNG_CONNECTION_SENDING);
    if (!exchange->response) return MHD_NO; /* without memory: the connection is closed */
    return MHD_queue_response(exchange->request.connection, (unsigned)exchange->reply.status, exchange->response);
}

/* ---- handling --------------------------------------------------------------------------------------------------- */

static void handle(okng_exchange *exchange)
{
    exchange->request.route->handler(exchange->serve, &exchange->request, &exchange->reply);
    okng_body_clear(&exchange->body);
    prepare(exchange);
}

/* On a worker. */
static void work_on(okng_work *work)
{
    okng_exchange *exchange = (okng_exchange *)work;
    struct MHD_Connection *connection = exchange->request.connection;
    handle(exchange);
    exchange->stage = OKNG_EXCHANGE_READY;
    MHD_resume_connection(connection); /* the exchange is the loop's from here */
}

static enum MHD_Result begin_handling(okng_exchange *exchange)
{
    okng_error error;
    exchange->request.deadline = okng_clock() + exchange->serve->options->answer_time;
    if (okng_body_seal(&exchange->body, &exchange->request, &error) != OKNG_OK) {
        okng_reply_error(&exchange->reply, &error);
        return answer(exchange);
    }
    if (exchange->place) okng_connections_move(exchange->serve->connections, exchange->place, OKNG_CONNECTION_WORKING);
    if (exchange->request.route->flags & OKNG_ROUTE_AT_ONCE) {
        handle(exchange);
        return answer(exchange);
    }
    exchange->stage = OKNG_EXCHANGE_WORKING;
    exchange->work.run = work_on;
    MHD_suspend_connection(exchange->request.connection);
    if (okng_workers_add(exchange->workers, &exchange->work)) return MHD_YES;
    okng_reply_header(&exchange->reply, "Retry-After", "1");
    okng_reply_problem(&exchange->reply, 503, "busy", "too many requests wait already; try again in a second");
    exchange->stage = OKNG_EXCHANGE_READY;
    MHD_resume_connection(exchange->request.connection);
    return MHD_YES;
}

/* The body of a refused request is passed over where it is short: a client that still sends would else find its
 * connection reset before it has read why. */
static enum MHD_Result refuse(okng_exchange *exchange)
{
    const char *length = okng_request_header(&exchange->request, "Content-Length");
    const char *coding = okng_request_header(&exchange->request, "Transfer-Encoding");
    /* With a coding that it does not know libmicrohttpd takes all until the end of the connection for the body. */
    bool is_long = (length && strtoull(length, NULL, 10) > DRAIN_MAX) || (coding && strcasecmp(coding, "chunked") != 0);
    bool asks = okng_request_header(&exchange->request, "Expect") != NULL; /* has not sent it yet */
    exchange->stage = OKNG_EXCHANGE_DRAINING;
    return is_long || asks ? answer(exchange) : MHD_YES;
}

static enum MHD_Result begin(okng_exchange *exchange, const char *method)
{
    okng_error error;
    if (!let_in(exchange, method)) return refuse(exchange);
    bool form = strcmp(exchange->request.type, "multipart/form-data") == 0;
    if (okng_body_begin(&exchange->body, exchange->request.connection, form, body_limit(exchange), &error) != OKNG_OK) {
        okng_reply_error(&exchange->reply, &error);
        return refuse(exchange);
    }
    exchange->stage = OKNG_EXCHANGE_TAKING;
    return MHD_YES;
}

static void take(okng_exchange *exchange, const char *data, size_t size)
{
    okng_error error;
    if (okng_body_add(&exchange->body, data, size, &error) == OKNG_OK) return;
    exchange->stage = OKNG_EXCHANGE_DRAINING;
    if (error.status == OKNG_ERROR_FORMAT)
        okng_reply_problem(&exchange->reply, 400, "wrong-form", "%s", error.message);
    else
        okng_reply_error(&exchange->reply, &error);
}

enum MHD_Result okng_exchange_go_on(okng_exchange *exchange, const char *method, const char *data, size_t *size)
{
    if (exchange->stage == OKNG_EXCHANGE_BEGUN) return begin(exchange, method);
    if (exchange->stage == OKNG_EXCHANGE_READY) return answer(exchange);
    if (exchange->stage == OKNG_EXCHANGE_WORKING) return MHD_YES;
    if (*size == 0) return exchange->stage == OKNG_EXCHANGE_TAKING ? begin_handling(exchange) : answer(exchange);
    if (exchange->stage == OKNG_EXCHANGE_TAKING)
        take(exchange, data, *size);
    else
        exchange->drained += *size;
    *size = 0;
    return exchange->drained > DRAIN_MAX ? MHD_NO : MHD_YES;
}
