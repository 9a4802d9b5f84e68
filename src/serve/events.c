#include "serve/events.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 16384 };

/* An event as it is sent; shared by the streams that have not sent it yet. */
typedef struct event {
    uint64_t number;
    char *bank; /* NULL: of none */
    char *text;
    size_t size;
} event;

struct okng_events {
    pthread_mutex_t lock;
    event kept[OKNG_EVENTS_KEPT]; /* event n lies in kept[n % OKNG_EVENTS_KEPT] */
    uint64_t next;                /* number of the event that comes next, from 1 */
    okng_stream *streams;
    size_t count;
    bool ended;
};

struct okng_stream {
    okng_events *events;
    okng_stream *later, *earlier;
    struct MHD_Connection *connection; /* NULL until it is sent on */
    char *bank;                        /* NULL: of all */
    char *user;                        /* whose it is */
    uint64_t next;                     /* event that is sent next */
    char *piece;                       /* what is being sent, a copy */
    size_t size, sent;
    bool ping, ended;
    bool asleep; /* the connection is suspended until there is something to send */
};

okng_status okng_events_open(okng_events **out, okng_error *error)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return okng_fail_memory(error, sizeof **out);
    (*out)->next = 1;
    (void)pthread_mutex_init(&(*out)->lock, NULL);
    return OKNG_OK;
}

static void drop_event(event *kept)
{
    free(kept->bank);
    free(kept->text);
    *kept = (event){0};
}

void okng_events_close(okng_events **events)
{
    if (!*events) return;
    for (size_t i = 0; i < OKNG_EVENTS_KEPT; i++) drop_event(&(*events)->kept[i]);
    (void)pthread_mutex_destroy(&(*events)->lock);
    free(*events);
    *events = NULL;
}

/* ---- publishing ------------------------------------------------------------------------------------------------- */

/* Has the loop ask a stream for more. The lock is held. */
static void wake(okng_stream *stream)
{
    if (!stream->asleep) return;
    stream->asleep = false;
    MHD_resume_connection(stream->connection);
}

static void wake_all(okng_events *events)
{
    for (okng_stream *stream = events->streams; stream; stream = stream->later) wake(stream);
}

/* The lines of an event; NULL where memory is out. `text` is JSON in one line. */
static char *lines_of(uint64_t number, const char *kind, const char *text, size_t *size)
{
    size_t room = strlen(kind) + strlen(text) + 64;
    char *lines = malloc(room);
    if (lines) *size = (size_t)snprintf(lines, room, "id: %" PRIu64 "\nevent: %s\ndata: %s\n\n", number, kind, text);
    return lines;
}

void okng_events_publish(okng_events *events, const char *kind, const char *bank, json_t *document)
{
    char *text = NULL;
    okng_status status = okng_json_text(document, JSON_COMPACT | JSON_REAL_PRECISION(9), "an event", &text, NULL, NULL);
    json_decref(document);
    if (status != OKNG_OK) return; /* without memory there is no event: clients read what is as well */
    (void)pthread_mutex_lock(&events->lock);
    event made = {.number = events->next, .bank = bank ? strdup(bank) : NULL};
    made.text = lines_of(made.number, kind, text, &made.size);
    if (made.text && (!bank || made.bank)) {
        event *place = &events->kept[events->next++ % OKNG_EVENTS_KEPT];
        drop_event(place);
        *place = made;
        wake_all(events);
    } else {
        drop_event(&made);
    }
    (void)pthread_mutex_unlock(&events->lock);
    free(text);
}

void okng_events_ping(okng_events *events)
{
    (void)pthread_mutex_lock(&events->lock);
    for (okng_stream *stream = events->streams; stream; stream = stream->later) {
        stream->ping = true;
        wake(stream);
    }
    (void)pthread_mutex_unlock(&events->lock);
}

void okng_events_end(okng_events *events)
{
    (void)pthread_mutex_lock(&events->lock);
    events->ended = true;
    wake_all(events);
    (void)pthread_mutex_unlock(&events->lock);
}

void okng_events_end_of(okng_events *events, const char *user)
{
    (void)pthread_mutex_lock(&events->lock);
    for (okng_stream *stream = events->streams; stream; stream = stream->later) {
        if (strcmp(stream->user, user) != 0) continue;
        stream->ended = true;
        wake(stream);
    }
    (void)pthread_mutex_unlock(&events->lock);
}

size_t okng_events_streams(okng_events *events)
{
    (void)pthread_mutex_lock(&events->lock);
    size_t count = events->count;
    (void)pthread_mutex_unlock(&events->lock);
    return count;
}

/* ---- streams ---------------------------------------------------------------------------------------------------- */

/* The first event kept, or the next one where none is. */
static uint64_t oldest(const okng_events *events)
{
    return events->next > OKNG_EVENTS_KEPT ? events->next - OKNG_EVENTS_KEPT : 1;
}

static okng_status add_stream(okng_events *events, okng_stream *stream, uint64_t last, okng_error *error)
{
    if (events->count == OKNG_STREAMS_MAX || events->ended)
        return okng_fail(error, OKNG_ERROR_BUSY, "%d clients follow the events already", OKNG_STREAMS_MAX);
    bool known = last > 0 && last < events->next && last + 1 >= oldest(events);
    stream->next = known ? last + 1 : events->next;
    stream->later = events->streams;
    if (events->streams) events->streams->earlier = stream;
    events->streams = stream;
    events->count++;
    return OKNG_OK;
}

static void free_stream(okng_stream *stream)
{
    if (!stream) return;
    free(stream->piece);
    free(stream->bank);
    free(stream->user);
    free(stream);
}

static okng_stream *new_stream(okng_events *events, const char *bank, const char *user)
{
    okng_stream *stream = calloc(1, sizeof *stream);
    if (!stream) return NULL;
    stream->events = events;
    stream->ping = true; /* so that the client sees at once that it is connected */
    stream->bank = bank ? strdup(bank) : NULL;
    stream->user = strdup(user);
    if ((!bank || stream->bank) && stream->user) return stream;
    free_stream(stream);
    return NULL;
}

okng_status okng_stream_open(okng_stream **out, okng_events *events, const char *bank, const char *user, uint64_t last,
                             okng_error *error)
{
    *out = NULL;
    okng_stream *stream = new_stream(events, bank, user);
    if (!stream) return okng_fail_memory(error, sizeof *stream);
    (void)pthread_mutex_lock(&events->lock);
    okng_status status = add_stream(events, stream, last, error);
    (void)pthread_mutex_unlock(&events->lock);
    if (status == OKNG_OK)
        *out = stream;
    else
        free_stream(stream);
    return status;
}

void okng_stream_close(okng_stream **out)
{
    okng_stream *stream = *out;
    if (!stream) return;
    okng_events *events = stream->events;
    (void)pthread_mutex_lock(&events->lock);
    if (stream->later) stream->later->earlier = stream->earlier;
    if (stream->earlier)
        stream->earlier->later = stream->later;
    else
        events->streams = stream->later;
    events->count--;
    (void)pthread_mutex_unlock(&events->lock);
    free_stream(stream);
    *out = NULL;
}

static bool wants(const okng_stream *stream, const event *kept)
{
    return !stream->bank || !kept->bank || strcmp(stream->bank, kept->bank) == 0;
}

/* Puts what is sent next into stream->piece; false: there is nothing, or the stream has ended. The lock is held. */
static bool take_piece(okng_stream *stream)
{
    static const char ping[] = "event: ping\ndata: {}\n\n";
    okng_events *events = stream->events;
    const char *text = NULL;
    free(stream->piece);
    stream->piece = NULL;
    stream->size = stream->sent = 0;
    stream->ended = stream->ended || events->ended || stream->next < oldest(events);
    if (stream->ended) return false;
    while (!text && stream->next < events->next) {
        const event *kept = &events->kept[stream->next++ % OKNG_EVENTS_KEPT];
        if (!wants(stream, kept)) continue;
        text = kept->text;
        stream->size = kept->size;
    }
    if (!text && stream->ping) {
        text = ping;
        stream->size = sizeof ping - 1;
        stream->ping = false;
    }
    if (text) stream->piece = malloc(stream->size);
    if (text && !stream->piece) stream->ended = true;
    if (stream->piece) memcpy(stream->piece, text, stream->size);
    return stream->piece != NULL;
}

/* libmicrohttpd asks for more. Returning 0 would have it ask again at once, so the connection sleeps. */
static ssize_t send_more(void *user, uint64_t position, char *to, size_t room)
{
    okng_stream *stream = user;
    (void)position;
    (void)pthread_mutex_lock(&stream->events->lock);
    ssize_t given = 0;
    if (stream->sent < stream->size || take_piece(stream)) {
        size_t left = stream->size - stream->sent, some = left < room ? left : room;
        memcpy(to, stream->piece + stream->sent, some);
        stream->sent += some;
        given = (ssize_t)some;
    } else if (stream->ended) {
        given = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        stream->asleep = true;
        MHD_suspend_connection(stream->connection);
    }
    (void)pthread_mutex_unlock(&stream->events->lock);
    return given;
}

static void forget(void *user)
{
    okng_stream *stream = user;
    okng_stream_close(&stream);
}

struct MHD_Response *okng_stream_response(okng_stream *stream, struct MHD_Connection *connection)
{
    stream->connection = connection;
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, send_more, stream, forget);
    if (!response) forget(stream);
    return response;
}
