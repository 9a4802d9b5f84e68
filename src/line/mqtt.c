#include "line/mqtt.h"

#include "line/loaded.h"

#ifndef OKNG_HAVE_MOSQUITTO

okng_status okng_mqtt_usable(okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "this okng-serve was built without MQTT (libmosquitto-dev)");
}

okng_status okng_mqtt_open(okng_mqtt **out, const okng_mqtt_options *options, okng_error *error)
{
    (void)options;
    *out = NULL;
    return okng_mqtt_usable(error);
}

void okng_mqtt_close(okng_mqtt **mqtt)
{
    *mqtt = NULL;
}

bool okng_mqtt_is_connected(okng_mqtt *mqtt)
{
    (void)mqtt;
    return false;
}

void okng_mqtt_why(okng_mqtt *mqtt, char why[256])
{
    (void)mqtt;
    why[0] = '\0';
}

void okng_mqtt_tell(okng_mqtt *mqtt, const char *topic, const char *text, size_t size, int qos, bool retain)
{
    (void)mqtt, (void)topic, (void)text, (void)size, (void)qos, (void)retain;
}

okng_status okng_mqtt_subscribe(okng_mqtt *mqtt, const char *topic, okng_error *error)
{
    (void)mqtt, (void)topic;
    return okng_mqtt_usable(error);
}

okng_status okng_mqtt_hand_over(okng_mqtt *mqtt, const char *id, const char *topic, const char *text, size_t size,
                                int wait_ms, okng_error *error)
{
    (void)mqtt, (void)id, (void)topic, (void)text, (void)size, (void)wait_ms;
    return okng_mqtt_usable(error);
}

#else

#include <errno.h>
#include <mosquitto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/clock.h"

enum { LOOP_MS = 200, ID = 64, MOST_PAUSE_MS = 10000 };

struct okng_mqtt {
    const okng_mqtt_options *options;
    struct mosquitto *client;
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    bool connected, closing;
    char why[256];
    char id[ID];       /* of the message that was handed to the library last */
    int message;       /* the library's number of it */
    bool acknowledged; /* it was */
};

/* ---- the library --------------------------------------------------------------------------------------------------
 */

static struct {
    __typeof__(mosquitto_lib_init) *lib_init;
    __typeof__(mosquitto_new) *new_client;
    __typeof__(mosquitto_destroy) *destroy;
    __typeof__(mosquitto_will_set) *will_set;
    __typeof__(mosquitto_username_pw_set) *username_pw_set;
    __typeof__(mosquitto_tls_set) *tls_set;
    __typeof__(mosquitto_threaded_set) *threaded_set;
    __typeof__(mosquitto_connect_async) *connect_async;
    __typeof__(mosquitto_reconnect_async) *reconnect_async;
    __typeof__(mosquitto_disconnect) *disconnect;
    __typeof__(mosquitto_loop) *loop;
    __typeof__(mosquitto_publish) *publish;
    __typeof__(mosquitto_subscribe) *subscribe;
    __typeof__(mosquitto_strerror) *text_of;
    __typeof__(mosquitto_connack_string) *connack_text;
    __typeof__(mosquitto_connect_callback_set) *on_connect;
    __typeof__(mosquitto_disconnect_callback_set) *on_disconnect;
    __typeof__(mosquitto_publish_callback_set) *on_publish;
    __typeof__(mosquitto_message_callback_set) *on_message;
} api;

static const okng_loaded_function functions[] = {
    {"mosquitto_lib_init", &api.lib_init},
    {"mosquitto_new", &api.new_client},
    {"mosquitto_destroy", &api.destroy},
    {"mosquitto_will_set", &api.will_set},
    {"mosquitto_username_pw_set", &api.username_pw_set},
    {"mosquitto_tls_set", &api.tls_set},
    {"mosquitto_threaded_set", &api.threaded_set},
    {"mosquitto_connect_async", &api.connect_async},
    {"mosquitto_reconnect_async", &api.reconnect_async},
    {"mosquitto_disconnect", &api.disconnect},
    {"mosquitto_loop", &api.loop},
    {"mosquitto_publish", &api.publish},
    {"mosquitto_subscribe", &api.subscribe},
    {"mosquitto_strerror", &api.text_of},
    {"mosquitto_connack_string", &api.connack_text},
    {"mosquitto_connect_callback_set", &api.on_connect},
    {"mosquitto_disconnect_callback_set", &api.on_disconnect},
    {"mosquitto_publish_callback_set", &api.on_publish},
    {"mosquitto_message_callback_set", &api.on_message},
    {NULL, NULL},
};

static okng_loaded_library library = {
    .file = "libmosquitto.so.1", .package = "libmosquitto1", .purpose = "MQTT", .functions = functions};

okng_status okng_mqtt_usable(okng_error *error)
{
    return okng_loaded_need(&library, error);
}

/* ---- what the library tells: from our thread of it
 * ------------------------------------------------------------------- */

static void set_connected(okng_mqtt *mqtt, bool connected, const char *why)
{
    (void)pthread_mutex_lock(&mqtt->lock);
    mqtt->connected = connected;
    (void)snprintf(mqtt->why, sizeof mqtt->why, "%s", why);
    (void)pthread_cond_broadcast(&mqtt->changed);
    (void)pthread_mutex_unlock(&mqtt->lock);
}

static void hear_connect(struct mosquitto *client, void *user, int code)
{
    okng_mqtt *mqtt = user;
    (void)client;
    set_connected(mqtt, code == 0, code == 0 ? "" : api.connack_text(code));
    if (code == 0 && mqtt->options->connected) mqtt->options->connected(mqtt, mqtt->options->user_data);
}

static void hear_disconnect(struct mosquitto *client, void *user, int code)
{
    okng_mqtt *mqtt = user;
    (void)client;
    if (okng_mqtt_is_connected(mqtt)) set_connected(mqtt, false, api.text_of(code));
}

static void hear_publish(struct mosquitto *client, void *user, int message)
{
    okng_mqtt *mqtt = user;
    (void)client;
    (void)pthread_mutex_lock(&mqtt->lock);
    if (*mqtt->id && message == mqtt->message) mqtt->acknowledged = true;
    (void)pthread_cond_broadcast(&mqtt->changed);
    (void)pthread_mutex_unlock(&mqtt->lock);
}

static void hear_message(struct mosquitto *client, void *user, const struct mosquitto_message *message)
{
    okng_mqtt *mqtt = user;
    (void)client;
    if (message->retain || message->payloadlen < 0 || !mqtt->options->message) return;
    mqtt->options->message(mqtt, message->topic, message->payload ? message->payload : "", (size_t)message->payloadlen,
                           mqtt->options->user_data);
}

/* ---- the thread ---------------------------------------------------------------------------------------------------
 */

/* False when it closes. */
static bool pause_for(okng_mqtt *mqtt, int milliseconds)
{
    const struct timespec until = okng_clock_in(milliseconds);
    (void)pthread_mutex_lock(&mqtt->lock);
    while (!mqtt->closing)
        if (pthread_cond_timedwait(&mqtt->changed, &mqtt->lock, &until) != 0) break;
    const bool closing = mqtt->closing;
    (void)pthread_mutex_unlock(&mqtt->lock);
    return !closing;
}

/* What was published last and the goodbye are still to go out; the broker hangs up then. */
static void say_goodbye(okng_mqtt *mqtt)
{
    for (int i = 0; i < 20 && okng_mqtt_is_connected(mqtt); i++)
        if (api.loop(mqtt->client, 50, 1) != MOSQ_ERR_SUCCESS) return;
}

/* Not the library's own thread (mosquitto_loop_start): that one ends for good when the broker sends what is no MQTT. */
static void *serve(void *user)
{
    okng_mqtt *mqtt = user;
    const okng_mqtt_options *options = mqtt->options;
    int code = api.connect_async(mqtt->client, options->host, options->port, options->keepalive);
    int pause = 250;
    for (;;) {
        const int failed = errno;
        if (code == MOSQ_ERR_SUCCESS) code = api.loop(mqtt->client, LOOP_MS, 1);
        if (okng_mqtt_is_connected(mqtt)) pause = 250;
        if (code == MOSQ_ERR_SUCCESS) {
            if (pause_for(mqtt, 0)) continue;
            break;
        }
        char why[256];
        okng_mqtt_why(mqtt, why);
        if (okng_mqtt_is_connected(mqtt) || !*why)
            set_connected(mqtt, false, code == MOSQ_ERR_ERRNO ? okng_reason_text(failed) : api.text_of(code));
        if (!pause_for(mqtt, pause)) break;
        pause = 2 * pause < MOST_PAUSE_MS ? 2 * pause : MOST_PAUSE_MS;
        code = api.reconnect_async(mqtt->client);
    }
    say_goodbye(mqtt);
    return NULL;
}

/* ---- opening and closing --------------------------------------------------------------------------------------------
 */

static okng_status told(int code, const char *doing, okng_error *error)
{
    if (code == MOSQ_ERR_SUCCESS) return OKNG_OK;
    if (code == MOSQ_ERR_NOMEM) return okng_fail_memory(error, 1);
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "MQTT: %s: %s", doing, api.text_of(code));
}

static okng_status set_up(okng_mqtt *mqtt, okng_error *error)
{
    const okng_mqtt_options *options = mqtt->options;
    struct mosquitto *client = mqtt->client;
    OKNG_TRY(told(api.threaded_set(client, true), "threads", error));
    if (options->will_topic)
        OKNG_TRY(told(api.will_set(client, options->will_topic, (int)strlen(options->will), options->will, 1, true),
                      options->will_topic, error));
    if (options->user) OKNG_TRY(told(api.username_pw_set(client, options->user, options->password), "user", error));
    if (options->ca_file)
        OKNG_TRY(told(api.tls_set(client, options->ca_file, NULL, options->cert_file, options->key_file, NULL),
                      options->ca_file, error));
    api.on_connect(client, hear_connect);
    api.on_disconnect(client, hear_disconnect);
    api.on_publish(client, hear_publish);
    api.on_message(client, hear_message);
    mqtt->runs = pthread_create(&mqtt->thread, NULL, serve, mqtt) == 0;
    return mqtt->runs ? OKNG_OK : okng_fail(error, OKNG_ERROR_MEMORY, "the system gives no more threads");
}

okng_status okng_mqtt_open(okng_mqtt **out, const okng_mqtt_options *options, okng_error *error)
{
    pthread_condattr_t attributes;
    *out = NULL;
    OKNG_TRY(okng_mqtt_usable(error));
    okng_mqtt *mqtt = calloc(1, sizeof *mqtt);
    if (!mqtt) return okng_fail_memory(error, sizeof *mqtt);
    mqtt->options = options;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&mqtt->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&mqtt->lock, NULL);
    (void)api.lib_init();
    mqtt->client = api.new_client(options->client, true, mqtt);
    okng_status status = mqtt->client ? set_up(mqtt, error) : okng_fail_errno(error, "use as a name", options->client);
    if (status == OKNG_OK)
        *out = mqtt;
    else
        okng_mqtt_close(&mqtt);
    return status;
}

void okng_mqtt_close(okng_mqtt **mqtt_of)
{
    okng_mqtt *mqtt = *mqtt_of;
    if (!mqtt) return;
    if (mqtt->runs) {
        (void)api.disconnect(mqtt->client);
        (void)pthread_mutex_lock(&mqtt->lock);
        mqtt->closing = true;
        (void)pthread_cond_broadcast(&mqtt->changed);
        (void)pthread_mutex_unlock(&mqtt->lock);
        (void)pthread_join(mqtt->thread, NULL);
    }
    if (mqtt->client) api.destroy(mqtt->client);
    (void)pthread_cond_destroy(&mqtt->changed);
    (void)pthread_mutex_destroy(&mqtt->lock);
    free(mqtt);
    *mqtt_of = NULL;
}

bool okng_mqtt_is_connected(okng_mqtt *mqtt)
{
    (void)pthread_mutex_lock(&mqtt->lock);
    const bool connected = mqtt->connected;
    (void)pthread_mutex_unlock(&mqtt->lock);
    return connected;
}

void okng_mqtt_why(okng_mqtt *mqtt, char why[256])
{
    (void)pthread_mutex_lock(&mqtt->lock);
    memcpy(why, mqtt->why, sizeof mqtt->why);
    (void)pthread_mutex_unlock(&mqtt->lock);
}

/* ---- messages -----------------------------------------------------------------------------------------------------
 */

void okng_mqtt_tell(okng_mqtt *mqtt, const char *topic, const char *text, size_t size, int qos, bool retain)
{
    (void)api.publish(mqtt->client, NULL, topic, (int)size, text, qos, retain);
}

okng_status okng_mqtt_subscribe(okng_mqtt *mqtt, const char *topic, okng_error *error)
{
    return told(api.subscribe(mqtt->client, NULL, topic, 1), topic, error);
}

/* With the lock, so that an acknowledgement, which takes it, cannot come before the number is known. Without a
 * connection the library answers MOSQ_ERR_NO_CONN and keeps the message all the same: it must not be published again.
 */
static okng_status publish(okng_mqtt *mqtt, const char *id, const char *topic, const char *text, size_t size,
                           okng_error *error)
{
    const int code = api.publish(mqtt->client, &mqtt->message, topic, (int)size, text, 1, false);
    if (code != MOSQ_ERR_SUCCESS && code != MOSQ_ERR_NO_CONN && code != MOSQ_ERR_CONN_LOST)
        return told(code, topic, error);
    (void)snprintf(mqtt->id, sizeof mqtt->id, "%s", id);
    mqtt->acknowledged = false;
    return OKNG_OK;
}

okng_status okng_mqtt_hand_over(okng_mqtt *mqtt, const char *id, const char *topic, const char *text, size_t size,
                                int wait_ms, okng_error *error)
{
    const struct timespec until = okng_clock_in(wait_ms);
    okng_status status = OKNG_OK;
    (void)pthread_mutex_lock(&mqtt->lock);
    const bool published = strcmp(mqtt->id, id) == 0;
    if (!published && !mqtt->connected)
        status = okng_fail(error, OKNG_ERROR_BUSY, "no connection to the broker: %s", mqtt->why);
    else if (!published)
        status = publish(mqtt, id, topic, text, size, error);
    while (status == OKNG_OK && !mqtt->acknowledged)
        if (pthread_cond_timedwait(&mqtt->changed, &mqtt->lock, &until) != 0)
            status = okng_fail(error, OKNG_ERROR_BUSY, "the broker has not acknowledged a result for %d ms%s%s",
                               wait_ms, *mqtt->why ? ": " : "", mqtt->why);
    (void)pthread_mutex_unlock(&mqtt->lock);
    return status;
}

#endif
