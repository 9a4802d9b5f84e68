/* libmosquitto, loaded when it is wanted: one connection that comes back by itself, and knows what was acknowledged. */
#ifndef OKNG_LINE_MQTT_H
#define OKNG_LINE_MQTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct okng_mqtt okng_mqtt; /* any thread, but for open and close */

typedef struct okng_mqtt_options {
    const char *host;
    int port, keepalive;                        /* seconds */
    const char *client;                         /* its name at the broker */
    const char *user, *password;                /* NULL: none */
    const char *ca_file, *cert_file, *key_file; /* TLS where ca_file is not NULL */
    const char *will_topic, *will;              /* what the broker tells when the line is gone: retained, QoS 1 */
    /* Called by the library's own thread: once at each connection, and for each message of the topics that were
     * subscribed to there. Retained messages are not handed on: they are from the past. */
    void (*connected)(okng_mqtt *mqtt, void *user);
    void (*message)(okng_mqtt *mqtt, const char *topic, const char *text, size_t size, void *user);
    void *user_data;
} okng_mqtt_options;

/* Why MQTT cannot be spoken here; OKNG_OK: it can. */
okng_status okng_mqtt_usable(okng_error *error);
/* Begins; the connection is made and kept by a thread of the library. `options` and its texts must outlive it. */
okng_status okng_mqtt_open(okng_mqtt **out, const okng_mqtt_options *options, okng_error *error);
/* Says goodbye, so that the broker does not tell the will; the last words are the caller's to publish before. */
void okng_mqtt_close(okng_mqtt **mqtt);

bool okng_mqtt_is_connected(okng_mqtt *mqtt);
/* Why there is no connection, for people; "" while there is one. */
void okng_mqtt_why(okng_mqtt *mqtt, char why[256]);
/* Sends once, without waiting and without being told what came of it. */
void okng_mqtt_tell(okng_mqtt *mqtt, const char *topic, const char *text, size_t size, int qos, bool retain);
okng_status okng_mqtt_subscribe(okng_mqtt *mqtt, const char *topic, okng_error *error);
/* Hands one message over with QoS 1 and waits at most `wait_ms` for its acknowledgement. The message of the same `id`
 * as the call before, which failed, is waited for and not published again: the library has it, and sends it when there
 * is a connection again. Errors: BUSY (no connection, no acknowledgement yet), IO, LIMIT, MEMORY. */
okng_status okng_mqtt_hand_over(okng_mqtt *mqtt, const char *id, const char *topic, const char *text, size_t size,
                                int wait_ms, okng_error *error);

#endif
