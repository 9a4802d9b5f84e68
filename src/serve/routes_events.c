/* What happens, as it happens. */
#include <errno.h>
#include <stdlib.h>

#include "serve/routes.h"
#include "serve/serve.h"

/* The number of the last event that a client has; 0 where it told none. */
static uint64_t last_event(const okng_request *request)
{
    const char *text = okng_request_header(request, "Last-Event-ID");
    char *end = NULL;
    errno = 0;
    unsigned long long number = text && *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    return end && *end == '\0' && errno == 0 ? number : 0;
}

static void get_events(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    okng_stream *stream;
    const char *bank = okng_request_query(request, "bank");
    if (okng_stream_open(&stream, serve->events, bank, request->user, last_event(request), &error) != OKNG_OK) {
        okng_reply_error(reply, &error);
        return;
    }
    okng_reply_header(reply, "X-Accel-Buffering", "no"); /* nginx hands events on as they come */
    okng_reply_stream(reply, stream);
}

static const okng_query event_query[] = {{"bank", "string", "events of this bank alone"}, {0}};

static const okng_route routes[] = {
    {"GET", "/v1/events", OKNG_ROLE_OPERATOR, 0,
     "Events as they come: inspection, job, bank, line, and ping each 15 s; Last-Event-ID goes on behind one",
     event_query, NULL, "200:text/event-stream", 0, get_events},
};

const okng_route_table okng_routes_events = {
    .tag = "events",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
};
