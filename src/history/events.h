/* Events for who watches: each listener has a bounded queue of its own. One that does not keep up is dropped, never
 * waited for. */
#ifndef OKNG_HISTORY_EVENTS_H
#define OKNG_HISTORY_EVENTS_H

#include <jansson.h>

#include "base/error.h"

typedef struct okng_events okng_events;     /* any thread may use it, but for close */
typedef struct okng_listener okng_listener; /* of one thread */

/* An event as a listener gets it; release with okng_event_free. */
typedef struct okng_event {
    char *text; /* "event: NAME\ndata: JSON\n\n", as server-sent events go over the wire */
    size_t size;
} okng_event;

/* `listeners`: how many at once; `queue`: events that may wait for each. Errors: MEMORY. */
okng_status okng_events_open(okng_events **out, size_t listeners, size_t queue, okng_error *error);
/* Wakes all listeners, which hear that it is over; frees when the last of them has left. NULL is fine. */
void okng_events_close(okng_events **events);

/* Tells all whom it concerns: `name` is "inspection", "judged", "job", "bank", "line", ...; `bank` may be NULL: it
 * concerns all. Takes `data`, an object; NULL (memory is out) drops the listeners, who then ask anew. Never waits.
 * `events` may be NULL. */
void okng_events_tell(okng_events *events, const char *name, const char *bank, json_t *data);

/* Listens from now on; `bank`: to events of this one and to those of none; NULL: to all. Errors: BUSY (as many listen
 * as may), MEMORY. */
okng_status okng_listener_open(okng_listener **out, okng_events *events, const char *bank, okng_error *error);
typedef enum okng_heard {
    OKNG_HEARD_EVENT,
    OKNG_HEARD_NOTHING, /* in that time */
    OKNG_HEARD_END      /* it was dropped, as it was too slow, or all is closed */
} okng_heard;
/* The next event, waited for at most `seconds`. */
okng_heard okng_listener_next(okng_listener *listener, double seconds, okng_event *event);
void okng_listener_close(okng_listener **listener);
void okng_event_free(okng_event *event);

#endif
