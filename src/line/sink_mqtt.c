/* Sink: MQTT. Results with QoS 1, each with its id, resent by acknowledgement alone; a state that the broker keeps and
 * changes when the line is gone; heartbeats; commands. Topics and texts stand in docs/line.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "line/clock.h"
#include "line/kinds.h"
#include "line/line.h"
#include "line/mqtt.h"

enum { TOPIC = 1024, BASE = 256, STATE = 256, ACKNOWLEDGE_MS = 5000, PASSWORD = 1024 };

typedef struct mqtt_sink {
    const okng_line_settings *settings;
    okng_line *line;
    okng_mqtt_options options;
    okng_mqtt *mqtt;
    char base[BASE], name[OKNG_RECORD_NAME]; /* "okng/GROUP", the line's */
    char state_topic[TOPIC], command_topic[TOPIC], answer_topic[TOPIC], beat_topic[TOPIC];
    char online[STATE], offline[STATE]; /* texts of the state */
    char client[OKNG_RECORD_NAME], password[PASSWORD];
    double beat; /* okng_clock: of the last heartbeat */
} mqtt_sink;

/* ---- commands: from the thread of MQTT ------------------------------------------------------------------------------
 */

static void answer(mqtt_sink *sink, const json_t *command, okng_status status, const okng_error *error, double seconds)
{
    char *text = NULL;
    size_t size = 0;
    json_t *object = json_object(), *id = json_object_get(command, "id");
    const int64_t recipe = okng_line_recipe(sink->line, NULL);
    okng_json_put(&object, "id", id ? json_incref(id) : json_null());
    okng_json_put(&object, "ok", json_boolean(status == OKNG_OK));
    okng_json_put(&object, "recipe", recipe >= 0 ? json_integer(recipe) : json_null());
    okng_json_put(&object, "ms", okng_json_known(seconds * 1000));
    okng_json_put(&object, "why", status == OKNG_OK ? json_null() : okng_json_any_text(error->message));
    if (okng_json_text(object, JSON_COMPACT | JSON_REAL_PRECISION(9), "the answer", &text, &size, NULL) == OKNG_OK)
        okng_mqtt_tell(sink->mqtt, sink->answer_topic, text, size, 1, false);
    json_decref(object);
    free(text);
}

/* {"id": anything, "recipe": NUMBER} or {"id": anything, "trigger": "SOURCE" or true} */
static okng_status obey(mqtt_sink *sink, const json_t *command, okng_error *error)
{
    const json_t *recipe = json_object_get(command, "recipe"), *trigger = json_object_get(command, "trigger");
    const int known = (json_object_get(command, "id") != NULL) + (recipe != NULL) + (trigger != NULL);
    if (!json_is_object(command) || json_object_size(command) != (size_t)known || (recipe != NULL) == (trigger != NULL))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "expected an object with \"recipe\" or \"trigger\", and \"id\" as you like");
    if (recipe && !json_is_integer(recipe))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "recipe: expected a whole number");
    if (recipe) return okng_line_set_recipe(sink->line, json_integer_value(recipe), "MQTT", error);
    if (!json_is_true(trigger) && !json_is_string(trigger))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "trigger: expected the name of a source, or true for all");
    return okng_line_trigger(sink->line, json_string_value(trigger), error);
}

static void hear(okng_mqtt *mqtt, const char *topic, const char *text, size_t size, void *user)
{
    static const okng_json_limits limits = {.bytes = 1024, .items = 16, .text = 256, .depth = 4};
    mqtt_sink *sink = user;
    json_t *command = NULL;
    okng_error error = {0};
    const double began = okng_clock();
    (void)mqtt;
    if (strcmp(topic, sink->command_topic) != 0) return;
    okng_status status = okng_json_parse(&command, text, size, "the command", &limits, &error);
    if (status == OKNG_OK) status = obey(sink, command, &error);
    answer(sink, command, status, &error, okng_clock() - began);
    json_decref(command);
}

static void connected(okng_mqtt *mqtt, void *user)
{
    mqtt_sink *sink = user;
    okng_mqtt_tell(mqtt, sink->state_topic, sink->online, strlen(sink->online), 1, true);
    if (okng_line_flag(sink->settings, "commands")) (void)okng_mqtt_subscribe(mqtt, sink->command_topic, NULL);
}

/* ---- results and heartbeats: from the sink's thread -----------------------------------------------------------------
 */

static void beat(mqtt_sink *sink)
{
    char *text = NULL;
    size_t size = 0;
    const double now = okng_clock();
    if (now - sink->beat < okng_line_number(sink->settings, "heartbeat") || !okng_mqtt_is_connected(sink->mqtt)) return;
    sink->beat = now;
    json_t *state = okng_line_json(sink->line);
    if (okng_json_text(state, JSON_COMPACT | JSON_REAL_PRECISION(9), "the heartbeat", &text, &size, NULL) == OKNG_OK)
        okng_mqtt_tell(sink->mqtt, sink->beat_topic, text, size, 0, false);
    json_decref(state);
    free(text);
}

static okng_status send_result(void *handle, const okng_line_result *result, okng_error *error)
{
    mqtt_sink *sink = handle;
    char topic[TOPIC];
    (void)snprintf(topic, sizeof topic, "%s/DDATA/%s/%s", sink->base, sink->name, result->record->source);
    beat(sink);
    return okng_mqtt_hand_over(sink->mqtt, result->record->id, topic, result->json, result->json_size, ACKNOWLEDGE_MS,
                               error);
}

static okng_status idle(void *handle, okng_error *error)
{
    mqtt_sink *sink = handle;
    char why[256];
    beat(sink);
    if (okng_mqtt_is_connected(sink->mqtt)) return OKNG_OK;
    okng_mqtt_why(sink->mqtt, why);
    return okng_fail(error, OKNG_ERROR_BUSY, "no connection to the broker%s%s", *why ? ": " : "", why);
}

/* ---- beginning and end --------------------------------------------------------------------------------------------
 */

static okng_status check(const okng_line_settings *settings, okng_error *error)
{
    static const char *const levels[] = {"topic", "group"};
    for (int i = 0; i < 2; i++) {
        const char *text = okng_line_text(settings, levels[i]);
        if (!*text || strlen(text) > 100 || strpbrk(text, "+#") || text[0] == '$' || (i == 1 && strchr(text, '/')))
            return okng_fail(error, OKNG_ERROR_ARGUMENT,
                             "%s: found \"%.40s\", expected a topic's level without + and #", levels[i], text);
    }
    if (okng_line_has(settings, "password_file") && !okng_line_has(settings, "user"))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "password_file needs the key \"user\"");
    if (okng_line_has(settings, "cert_file") != okng_line_has(settings, "key_file"))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "cert_file and key_file go together");
    return OKNG_OK;
}

/* The first line of the file. */
static okng_status read_password(const okng_line_settings *settings, char password[PASSWORD], okng_error *error)
{
    void *data = NULL;
    size_t size = 0;
    const char *path = okng_line_text(settings, "password_file");
    password[0] = '\0';
    if (!path) return OKNG_OK;
    const okng_status status = okng_file_read(path, PASSWORD - 1, &data, &size, error);
    if (status != OKNG_OK) return okng_error_context(error, status, "%s", "password_file");
    if (data) memcpy(password, data, size);
    password[size] = '\0';
    free(data);
    password[strcspn(password, "\r\n")] = '\0';
    return OKNG_OK;
}

static okng_status ready(const okng_line_settings *settings, okng_error *error)
{
    char password[PASSWORD];
    return read_password(settings, password, error);
}

/* The session number tells a state of an old connection, which the broker may tell late, from that of a new one. */
static void make_texts(mqtt_sink *sink)
{
    char name[OKNG_RECORD_NAME];
    const long long session = (long long)(okng_clock_wall() * 1000);
    const char *given = okng_line_text(sink->settings, "client_id");
    (void)snprintf(name, sizeof name, "%.200s", okng_line_called(sink->line));
    for (char *at = name; *at; at++)
        if (strchr("/+#", *at)) *at = '_'; /* a level of a topic */
    memcpy(sink->name, name, sizeof name);
    (void)snprintf(sink->base, sizeof sink->base, "%s/%s", okng_line_text(sink->settings, "topic"),
                   okng_line_text(sink->settings, "group"));
    (void)snprintf(sink->state_topic, TOPIC, "%s/STATE/%s", sink->base, name);
    (void)snprintf(sink->command_topic, TOPIC, "%s/NCMD/%s", sink->base, name);
    (void)snprintf(sink->answer_topic, TOPIC, "%s/NRSP/%s", sink->base, name);
    (void)snprintf(sink->beat_topic, TOPIC, "%s/NDATA/%s", sink->base, name);
    (void)snprintf(sink->online, STATE, "{\"online\":true,\"session\":%lld,\"version\":\"%s\"}", session,
                   okng_version());
    (void)snprintf(sink->offline, STATE, "{\"online\":false,\"session\":%lld}", session);
    (void)snprintf(sink->client, sizeof sink->client, "%s%.150s", given ? "" : "okng-", given ? given : name);
}

static void close_sink(void **out)
{
    mqtt_sink *sink = *out;
    if (!sink) return;
    if (sink->mqtt && okng_mqtt_is_connected(sink->mqtt))
        okng_mqtt_tell(sink->mqtt, sink->state_topic, sink->offline, strlen(sink->offline), 0, true);
    okng_mqtt_close(&sink->mqtt);
    free(sink);
    *out = NULL;
}

static okng_status open_sink(void **out, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    mqtt_sink *sink = calloc(1, sizeof *sink);
    *out = sink;
    if (!sink) return okng_fail_memory(error, sizeof *sink);
    sink->settings = settings;
    sink->line = line;
    make_texts(sink);
    sink->options = (okng_mqtt_options){.host = okng_line_text(settings, "host"),
                                        .port = (int)okng_line_integer(settings, "port"),
                                        .keepalive = (int)okng_line_integer(settings, "keepalive"),
                                        .client = sink->client,
                                        .user = okng_line_text(settings, "user"),
                                        .password = okng_line_has(settings, "password_file") ? sink->password : NULL,
                                        .ca_file = okng_line_text(settings, "ca_file"),
                                        .cert_file = okng_line_text(settings, "cert_file"),
                                        .key_file = okng_line_text(settings, "key_file"),
                                        .will_topic = sink->state_topic,
                                        .will = sink->offline,
                                        .connected = connected,
                                        .message = hear,
                                        .user_data = sink};
    okng_status status = read_password(settings, sink->password, error);
    if (status == OKNG_OK) status = okng_mqtt_open(&sink->mqtt, &sink->options, error);
    if (status != OKNG_OK) close_sink(out);
    return status;
}

/* clang-format off */
static const okng_line_key keys[] = {
    {.name = "host", .type = OKNG_LINE_TEXT, .values = "NAME", .initial = "127.0.0.1", .help = N_("the broker")},
    {.name = "port", .type = OKNG_LINE_INTEGER, .values = "PORT", .initial = "1883", .low = 1, .high = 65535, .help = N_("its port; 8883 as a rule with TLS")},
    {.name = "topic", .type = OKNG_LINE_TEXT, .values = "TOPIC", .initial = "okng", .help = N_("what all topics begin with")},
    {.name = "group", .type = OKNG_LINE_TEXT, .values = "NAME", .initial = "default", .help = N_("the level of topics behind it: a hall, a customer")},
    {.name = "user", .type = OKNG_LINE_TEXT, .values = "NAME", .help = N_("the name that the broker knows")},
    {.name = "password_file", .type = OKNG_LINE_PATH, .values = "FILE", .help = N_("file whose first line is the password")},
    {.name = "ca_file", .type = OKNG_LINE_PATH, .values = "FILE", .help = N_("certificates that the broker's is checked by; given, TLS is spoken")},
    {.name = "cert_file", .type = OKNG_LINE_PATH, .values = "FILE", .help = N_("certificate of the line")},
    {.name = "key_file", .type = OKNG_LINE_PATH, .values = "FILE", .help = N_("its private key")},
    {.name = "client_id", .type = OKNG_LINE_TEXT, .values = "NAME", .help = N_("name at the broker, which no other client may have; okng-LINE unless given")},
    {.name = "keepalive", .type = OKNG_LINE_INTEGER, .values = "SECONDS", .initial = "15", .low = 5, .high = 3600, .help = N_("silence after which the broker takes the line for gone")},
    {.name = "heartbeat", .type = OKNG_LINE_NUMBER, .values = "SECONDS", .initial = "5", .low = 0.1, .high = 3600, .help = N_("time between heartbeats")},
    {.name = "commands", .type = OKNG_LINE_FLAG, .values = "true|false", .initial = "true", .help = N_("obeys changes of recipe and triggers")},
    {0},
};
/* clang-format on */

const okng_line_sink_kind okng_line_sink_mqtt = {
    .name = "mqtt",
    .summary = N_("MQTT"),
    .keys = keys,
    .delivery = OKNG_DELIVER_EVERY,
    .usable = okng_mqtt_usable,
    .check = check,
    .ready = ready,
    .open = open_sink,
    .send = send_result,
    .idle = idle,
    .close = close_sink,
};
