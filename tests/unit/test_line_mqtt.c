/* MQTT with a real broker: results come once acknowledged and no sooner, whatever becomes of the broker. */
#include "line/mqtt.h"

#include "line_fixture.h"
#include "line_proxy.h"
#include "made_line.h"

static int broker_port;
static pid_t broker;

#define need_broker()                                                                        \
    do {                                                                                     \
        okng_error error_;                                                                   \
        if (okng_mqtt_usable(&error_) != OKNG_OK || !start_broker("allow_anonymous true")) { \
            print_message("SKIP %s: needs libmosquitto1 and mosquitto\n", __func__);         \
            skip();                                                                          \
        }                                                                                    \
    } while (0)

/* Waits until it answers. False where there is none. */
static bool start_broker(const char *lines)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/mosquitto.conf", cache_folder);
    if (broker_port == 0) (void)close(proxy_listen(&broker_port));
    cache_run("printf 'listener %d 127.0.0.1\\n%s\\n' > mosquitto.conf && chmod 755 . && chmod 644 mosquitto.conf",
              broker_port, lines);
    const char *const words[] = {"mosquitto", "-c", path, NULL};
    const char *const elsewhere[] = {"/usr/sbin/mosquitto", "-c", path, NULL};
    broker = made_start(words);
    if (broker == 0) broker = made_start(elsewhere);
    for (int i = 0; broker > 0 && i < 2000; i++) {
        const int connection = proxy_connect(broker_port);
        if (connection >= 0) (void)close(connection);
        if (connection >= 0) return true;
        (void)usleep(5000);
    }
    return false;
}

/* ---- somebody who listens ------------------------------------------------------------------------------------------
 */

enum { MOST = 200 };

typedef struct heard {
    okng_mqtt *mqtt;
    okng_mqtt_options options;
    pthread_mutex_t lock;
    char topics[MOST][128], texts[MOST][1024];
    int count;
    atomic_bool ready;
} heard;

static void on_connected(okng_mqtt *mqtt, void *user)
{
    (void)okng_mqtt_subscribe(mqtt, "okng/#", NULL);
    (void)user;
}

static void on_message(okng_mqtt *mqtt, const char *topic, const char *text, size_t size, void *user)
{
    heard *h = user;
    (void)mqtt;
    if (strcmp(topic, "okng/ping") == 0) {
        atomic_store(&h->ready, true);
        return;
    }
    (void)pthread_mutex_lock(&h->lock);
    if (h->count < MOST && !strstr(topic, "/NDATA/")) {
        (void)snprintf(h->topics[h->count], 128, "%s", topic);
        (void)snprintf(h->texts[h->count++], 1024, "%.*s", (int)size, text);
    }
    (void)pthread_mutex_unlock(&h->lock);
}

/* Once it returns, what is published is heard. */
static void listen_to(heard *h, const char *user, const char *password)
{
    static int number;
    static char name[32];
    (void)snprintf(name, sizeof name, "test-%d", number++);
    atomic_store(&h->ready, false);
    h->options = (okng_mqtt_options){.host = "127.0.0.1",
                                     .port = broker_port,
                                     .keepalive = 10,
                                     .client = name,
                                     .user = user,
                                     .password = password,
                                     .connected = on_connected,
                                     .message = on_message,
                                     .user_data = h};
    assert_ok(okng_mqtt_open(&h->mqtt, &h->options, error));
    for (int i = 0; i < 4000 && !atomic_load(&h->ready); i++) {
        okng_mqtt_tell(h->mqtt, "okng/ping", "", 0, 0, false);
        (void)usleep(2000);
    }
    assert_true(atomic_load(&h->ready));
}

/* How often a text with `part` came on a topic with `in`. */
static int times(heard *h, const char *in, const char *part)
{
    int count = 0;
    (void)pthread_mutex_lock(&h->lock);
    for (int i = 0; i < h->count; i++) count += strstr(h->topics[i], in) && strstr(h->texts[i], part);
    (void)pthread_mutex_unlock(&h->lock);
    return count;
}

static void await_times(heard *h, const char *in, const char *part, int least)
{
    for (int i = 0; i < 4000 && times(h, in, part) < least; i++) (void)usleep(5000);
    if (times(h, in, part) < least) fail_msg("%s %s came %d times, expected %d", in, part, times(h, in, part), least);
}

static void stop_all(made_line *made, heard *h)
{
    line_stop(made, 2);
    okng_mqtt_close(&h->mqtt);
    made_stop(&broker);
}

static void start_with(made_line *made, int port, const char *more)
{
    char text[1024];
    (void)snprintf(
        text, sizeof text,
        "name: press\nrecipe: 1\nrecipes: {1: a, 2: b}\nsync: false\nsources:\n  inbox: {kind: folder, path: in, "
        "settle: "
        "0.05}\nsinks:\n  results: {kind: files, path: out}\n  mq: {kind: mqtt, port: %d, heartbeat: 0.1%s}\n",
        port, more);
    line_start(made, text);
}

static void bring(int from, int to)
{
    for (int i = from; i < to; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "p%03d.png", i);
        line_bring(i % 2 ? "ng/000.png" : "ok/000.png", name);
    }
}

/* ---- tests --------------------------------------------------------------------------------------------------------
 */

static void results_state_and_commands(void **state)
{
    (void)state;
    static heard h = {.lock = PTHREAD_MUTEX_INITIALIZER};
    made_line made;
    need_broker();
    listen_to(&h, NULL, NULL);
    start_with(&made, broker_port, "");
    await_times(&h, "okng/default/STATE/press", "\"online\":true", 1);
    bring(0, 2);
    await_times(&h, "okng/default/DDATA/press/inbox", "\"verdict\":\"OK\"", 1);
    await_times(&h, "okng/default/DDATA/press/inbox", "\"verdict\":\"NG\"", 1);
    static const char *const commands[][2] = {{"{\"id\":\"x\",\"recipe\":2}", "{\"id\":\"x\",\"ok\":true,\"recipe\":2"},
                                              {"{\"id\":2,\"recipe\":7}", "{\"id\":2,\"ok\":false,\"recipe\":2"},
                                              {"{\"id\":3,\"trigger\":true}", "{\"id\":3,\"ok\":false"},
                                              {"{\"id\":4,\"recipe\":1,\"more\":1}", "{\"id\":4,\"ok\":false"},
                                              {"{\"id\":5,\"recipe\":\"1\"}", "{\"id\":5,\"ok\":false"},
                                              {"nonsense", "{\"id\":null,\"ok\":false"}};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        okng_mqtt_tell(h.mqtt, "okng/default/NCMD/press", commands[i][0], strlen(commands[i][0]), 1, false);
        await_times(&h, "okng/default/NRSP/press", commands[i][1], 1);
    }
    assert_int_equal(okng_line_recipe(made.line, NULL), 2);
    okng_line_close(&made.line, 5);
    await_times(&h, "okng/default/STATE/press", "\"online\":false", 1);
    stop_all(&made, &h);
}

/* A result whose acknowledgement is lost with the broker is sent again, the others once. */
static void a_broker_that_is_killed_loses_none(void **state)
{
    (void)state;
    static heard h = {.lock = PTHREAD_MUTEX_INITIALIZER};
    made_line made;
    proxy p;
    need_broker();
    proxy_start(&p, broker_port);
    listen_to(&h, NULL, NULL);
    start_with(&made, p.port, "");
    bring(0, 3);
    await_times(&h, "DDATA", "\"picture\":\"p00", 3);
    line_await(made.line, "sinks.1.sent", 3);
    atomic_store(&p.mode, PROXY_DEAF);
    bring(3, 4);
    await_times(&h, "DDATA", "\"picture\":\"p003", 1);
    assert_int_equal((int)line_figure(made.line, "sinks.1.sent"), 3);
    atomic_store(&p.mode, PROXY_REFUSE);
    made_stop(&broker);
    okng_mqtt_close(&h.mqtt);
    bring(4, 8);
    line_await(made.line, "sinks.0.sent", 8); /* nothing was held up */
    assert_int_equal((int)line_figure(made.line, "sinks.1.queued"), 5);
    assert_true(start_broker("allow_anonymous true"));
    listen_to(&h, NULL, NULL);
    atomic_store(&p.mode, PROXY_FORWARD);
    line_await(made.line, "sinks.1.sent", 8);
    await_times(&h, "DDATA", "\"picture\":\"p007", 1);
    assert_int_equal((int)line_figure(made.line, "sinks.1.lost"), 0);
    for (int i = 0; i < 8; i++) {
        char part[32];
        (void)snprintf(part, sizeof part, "\"picture\":\"p%03d", i);
        assert_int_equal(times(&h, "DDATA", part), i == 3 ? 2 : 1);
    }
    stop_all(&made, &h);
    proxy_stop(&p);
}

static void brokers_that_are_absent_slow_or_mad_stall_nothing(void **state)
{
    (void)state;
    static heard h = {.lock = PTHREAD_MUTEX_INITIALIZER};
    static const proxy_mode modes[] = {PROXY_REFUSE, PROXY_SWALLOW, PROXY_NONSENSE};
    made_line made;
    proxy p;
    need_broker();
    proxy_start(&p, broker_port);
    atomic_store(&p.mode, PROXY_REFUSE);
    listen_to(&h, NULL, NULL);
    start_with(&made, p.port, "");
    for (int i = 0; i < 3; i++) {
        atomic_store(&p.mode, (int)modes[i]);
        bring(2 * i, 2 * i + 2);
        line_await(made.line, "sinks.0.sent", 2 * i + 2);
    }
    (void)usleep(300000); /* so that the nonsense is met */
    assert_int_equal((int)line_figure(made.line, "sinks.1.sent"), 0);
    assert_int_equal((int)line_figure(made.line, "sinks.1.queued"), 6);
    atomic_store(&p.mode, PROXY_FORWARD);
    line_await(made.line, "sinks.1.sent", 6);
    await_times(&h, "DDATA", "\"verdict\"", 6);
    stop_all(&made, &h);
    proxy_stop(&p);
}

static void the_broker_tells_of_a_line_that_was_killed(void **state)
{
    (void)state;
    static heard h = {.lock = PTHREAD_MUTEX_INITIALIZER};
    need_children();
    need_broker();
    listen_to(&h, NULL, NULL);
    const pid_t child = fork();
    if (child == 0) {
        made_line made;
        start_with(&made, broker_port, "");
        for (;;) pause();
    }
    await_times(&h, "STATE/press", "\"online\":true", 1);
    assert_int_equal(times(&h, "STATE/press", "\"online\":false"), 0);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    await_times(&h, "STATE/press", "\"online\":false", 1);
    okng_mqtt_close(&h.mqtt);
    made_stop(&broker);
}

static void user_and_password(void **state)
{
    (void)state;
    static heard h = {.lock = PTHREAD_MUTEX_INITIALIZER};
    made_line made;
    need_broker();
    made_stop(&broker);
    cache_run("mosquitto_passwd -c -b passwords okng secret 2>/dev/null && chmod 644 passwords && echo secret > "
              "line/word && echo wrong > line/wrong");
    char lines[256];
    (void)snprintf(lines, sizeof lines, "allow_anonymous false\\npassword_file %s/passwords", cache_folder);
    assert_true(start_broker(lines));
    listen_to(&h, "okng", "secret");
    start_with(&made, broker_port, ", user: okng, password_file: wrong");
    bring(0, 1);
    line_await(made.line, "sinks.0.sent", 1);
    for (int i = 0; i < 2000; i++) {
        json_t *now = okng_line_json(made.line);
        const char *why = json_string_value(json_object_get(json_array_get(json_object_get(now, "sinks"), 1), "why"));
        const bool told = why && strstr(why, "not authorised");
        json_decref(now);
        if (told) break;
        if (i == 1999) fail_msg("it does not say why");
        (void)usleep(5000);
    }
    line_stop(&made, 0);
    start_with(&made, broker_port, ", user: okng, password_file: word");
    await_times(&h, "DDATA", "\"picture\":\"p000", 1);
    stop_all(&made, &h);
}

static int setup(void **state)
{
    broker_port = 0;
    return line_setup(state);
}

static int teardown(void **state)
{
    (void)state;
    made_stop(&broker);
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(results_state_and_commands),
        TEST(a_broker_that_is_killed_loses_none),
        TEST(brokers_that_are_absent_slow_or_mad_stall_nothing),
        TEST(the_broker_tells_of_a_line_that_was_killed),
        TEST(user_and_password),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, cache_setup, cache_teardown);
}
