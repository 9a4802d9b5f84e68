#include "history/events.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/grown.h"
#include "base/json.h"
#include "history/moment.h"
#include "history/record.h"

/* A text that several queues hold. */
typedef struct shared {
    size_t holders; /* under the mutex of the events */
    size_t size;
    char text[];
} shared;

struct okng_listener {
    okng_events *events;
    char bank[OKNG_RECORD_NAME]; /* "": all */
    shared **queue;              /* ring of events->queue */
    size_t begin, count;
    bool dropped;
    pthread_cond_t heard;
    okng_listener *next;
};

struct okng_events {
    pthread_mutex_t mutex;
    okng_listener *first;
    size_t listeners, most, queue;
    bool closed;
};

/* ---- the whole --------------------------------------------------------------------------------------------------- */

okng_status okng_events_open(okng_events **out, size_t listeners, size_t queue, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    (void)pthread_mutex_init(&(*out)->mutex, NULL);
    (*out)->most = listeners;
    (*out)->queue = queue > 0 ? queue : 1;
    return OKNG_OK;
}

static void destroy(okng_events *events)
{
    (void)pthread_mutex_destroy(&events->mutex);
    free(events);
}

void okng_events_close(okng_events **events)
{
    okng_events *e = *events;
    *events = NULL;
    if (!e) return;
    (void)pthread_mutex_lock(&e->mutex);
    e->closed = true;
    const bool alone = !e->first;
    for (okng_listener *l = e->first; l; l = l->next) (void)pthread_cond_signal(&l->heard);
    (void)pthread_mutex_unlock(&e->mutex);
    if (alone) destroy(e);
}

/* ---- telling ----------------------------------------------------------------------------------------------------- */

/* With the mutex. */
static void let_go(shared *text)
{
    if (--text->holders == 0) free(text);
}

/* With the mutex. */
static void forget_queue(okng_listener *listener)
{
    for (; listener->count > 0; listener->count--) {
        let_go(listener->queue[listener->begin]);
        listener->begin = (listener->begin + 1) % listener->events->queue;
    }
}

/* With the mutex. A listener whose queue is full would have to be told that it missed something: it is dropped, so that
 * it comes again and asks for all. */
static void hand_over(okng_listener *listener, shared *text)
{
    if (!text || listener->count == listener->events->queue) {
        forget_queue(listener);
        listener->dropped = true;
    }
    if (!listener->dropped) {
        listener->queue[(listener->begin + listener->count++) % listener->events->queue] = text;
        text->holders++;
    }
    (void)pthread_cond_signal(&listener->heard);
}

/* JSON has no line feeds in it, so that it is one line of data. NULL when memory is out. */
static shared *make_text(const char *name, const json_t *data)
{
    char *json;
    size_t size;
    if (okng_json_text(data, JSON_COMPACT | JSON_REAL_PRECISION(9), "an event", &json, &size, NULL) != OKNG_OK)
        return NULL;
    const size_t room = strlen(name) + size + sizeof "event: \ndata: \n\n";
    shared *text = malloc(sizeof *text + room);
    if (text) {
        text->holders = 1;
        text->size = (size_t)snprintf(text->text, room, "event: %s\ndata: %s\n\n", name, json);
    }
    free(json);
    return text;
}

static bool concerns(const okng_listener *listener, const char *bank)
{
    return !bank || !listener->bank[0] || strcmp(listener->bank, bank) == 0;
}

void okng_events_tell(okng_events *events, const char *name, const char *bank, json_t *data)
{
    if (!events) {
        json_decref(data);
        return;
    }
    (void)pthread_mutex_lock(&events->mutex);
    const bool heard = events->first != NULL;
    (void)pthread_mutex_unlock(&events->mutex);
    shared *text = heard && data ? make_text(name, data) : NULL;
    json_decref(data);
    if (!heard) return;
    (void)pthread_mutex_lock(&events->mutex);
    for (okng_listener *l = events->first; l; l = l->next)
        if (concerns(l, bank)) hand_over(l, text);
    if (text) let_go(text);
    (void)pthread_mutex_unlock(&events->mutex);
}

/* ---- listening --------------------------------------------------------------------------------------------------- */

static okng_listener *make_listener(okng_events *events, const char *bank)
{
    okng_listener *listener = calloc(1, sizeof *listener);
    if (!listener) return NULL;
    listener->queue = calloc(events->queue, sizeof(shared *));
    if (!listener->queue) {
        free(listener);
        return NULL;
    }
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&listener->heard, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    listener->events = events;
    (void)snprintf(listener->bank, sizeof listener->bank, "%s", bank ? bank : "");
    return listener;
}

static void free_listener(okng_listener *listener)
{
    (void)pthread_cond_destroy(&listener->heard);
    free(listener->queue);
    free(listener);
}

okng_status okng_listener_open(okng_listener **out, okng_events *events, const char *bank, okng_error *error)
{
    *out = NULL;
    okng_listener *listener = make_listener(events, bank);
    if (!listener) return okng_fail_memory(error, sizeof *listener);
    (void)pthread_mutex_lock(&events->mutex);
    const bool room = !events->closed && events->listeners < events->most;
    if (room) {
        listener->next = events->first;
        events->first = listener;
        events->listeners++;
    }
    (void)pthread_mutex_unlock(&events->mutex);
    if (room) {
        *out = listener;
        return OKNG_OK;
    }
    free_listener(listener);
    return okng_fail(error, OKNG_ERROR_BUSY, "%zu listen to events already, as many as may", events->most);
}

/* With the mutex. A copy, which the listener may keep while the others go on. */
static bool take_first(okng_listener *listener, okng_event *event)
{
    shared *text = listener->queue[listener->begin];
    listener->begin = (listener->begin + 1) % listener->events->queue;
    listener->count--;
    event->size = text->size;
    event->text = malloc(text->size + 1);
    if (event->text) memcpy(event->text, text->text, text->size + 1);
    let_go(text);
    return event->text != NULL;
}

okng_heard okng_listener_next(okng_listener *listener, double seconds, okng_event *event)
{
    okng_events *events = listener->events;
    const struct timespec until = okng_moment_after(seconds < 0 ? 0 : seconds < 3600 ? seconds : 3600);
    int waited = 0;
    *event = (okng_event){0};
    (void)pthread_mutex_lock(&events->mutex);
    while (listener->count == 0 && !listener->dropped && !events->closed && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&listener->heard, &events->mutex, &until);
    okng_heard heard = OKNG_HEARD_NOTHING;
    if (listener->dropped || (events->closed && listener->count == 0))
        heard = OKNG_HEARD_END;
    else if (listener->count > 0)
        heard = take_first(listener, event) ? OKNG_HEARD_EVENT : OKNG_HEARD_END;
    (void)pthread_mutex_unlock(&events->mutex);
    return heard;
}

void okng_listener_close(okng_listener **listener)
{
    okng_listener *l = *listener;
    *listener = NULL;
    if (!l) return;
    okng_events *events = l->events;
    (void)pthread_mutex_lock(&events->mutex);
    for (okng_listener **at = &events->first; *at; at = &(*at)->next)
        if (*at == l) {
            *at = l->next;
            break;
        }
    events->listeners--;
    forget_queue(l);
    const bool last = events->closed && !events->first;
    (void)pthread_mutex_unlock(&events->mutex);
    free_listener(l);
    if (last) destroy(events);
}

void okng_event_free(okng_event *event)
{
    free(event->text);
    *event = (okng_event){0};
}
