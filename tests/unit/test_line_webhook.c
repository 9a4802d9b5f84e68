/* The webhook with a receiver that answers as the test wants: what is acknowledged is sent once, what fails again. */
#include "line/kinds.h"
#include "line_fixture.h"
#include "line_proxy.h"

/* A receiver: its answers, one a request; the last one again and again. */
typedef struct receiver {
    int listener, port;
    const char *const *answers; /* ends with NULL; "hang": never answers */
    atomic_int requests;
    atomic_bool stop;
    char last[8192]; /* the request before, whole */
    char keys[16][64];
    pthread_t thread;
} receiver;

static bool read_request(int connection, char *to, size_t room)
{
    size_t used = 0, whole = 0;
    for (;;) {
        const ssize_t got = recv(connection, to + used, room - 1 - used, 0);
        if (got <= 0) return false;
        used += (size_t)got;
        to[used] = '\0';
        const char *body = strstr(to, "\r\n\r\n"), *length = strcasestr(to, "content-length:");
        if (body && length) whole = (size_t)(body + 4 - to) + strtoul(length + 15, NULL, 10);
        if (whole > 0 && used >= whole) return true;
    }
}

static void serve_one(receiver *r, int connection)
{
    const int i = atomic_load(&r->requests);
    const char *key;
    if (!read_request(connection, r->last, sizeof r->last)) return;
    if (i < 16 && (key = strstr(r->last, "Idempotency-Key: "))) (void)sscanf(key + 17, "%63s", r->keys[i]);
    int at = 0;
    while (at < i && r->answers[at + 1]) at++;
    atomic_fetch_add(&r->requests, 1);
    if (strcmp(r->answers[at], "hang") == 0)
        while (!atomic_load(&r->stop) && recv(connection, r->last, 1, MSG_DONTWAIT | MSG_PEEK) != 0) (void)usleep(2000);
    else
        (void)send(connection, r->answers[at], strlen(r->answers[at]), MSG_NOSIGNAL);
}

static void *receive(void *user)
{
    receiver *r = user;
    while (!atomic_load(&r->stop)) {
        struct pollfd listening = {.fd = r->listener, .events = POLLIN};
        if (poll(&listening, 1, 5) <= 0) continue;
        const int connection = accept(r->listener, NULL, NULL);
        serve_one(r, connection);
        (void)close(connection);
    }
    return NULL;
}

static void start_receiver(receiver *r, const char *const *answers)
{
    memset(r, 0, sizeof *r);
    r->answers = answers;
    r->listener = proxy_listen(&r->port);
    assert_int_equal(pthread_create(&r->thread, NULL, receive, r), 0);
}

static void stop_receiver(receiver *r)
{
    atomic_store(&r->stop, true);
    (void)pthread_join(r->thread, NULL);
    (void)close(r->listener);
}

static void start_with(made_line *made, const receiver *r)
{
    char text[512];
    (void)snprintf(
        text, sizeof text,
        "bank: a\nsync: false\nsources:\n  inbox: {kind: folder, path: in, settle: 0.05}\nsinks:\n  hook: {kind: "
        "webhook, url: \"http://127.0.0.1:%d/x\", limit: 0.3, headers: [\"Authorization: Bearer t\"]}\n",
        r->port);
    line_start(made, text);
}

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

static void an_answer_of_2xx_acknowledges(void **state)
{
    (void)state;
    static receiver r;
    made_line made;
    start_receiver(&r, (const char *const[]){OK_ANSWER, NULL});
    start_with(&made, &r);
    line_bring("ng/000.png", "bad.png");
    line_await(made.line, "sinks.0.sent", 1);
    line_stop(&made, 1);
    stop_receiver(&r);
    assert_int_equal(atomic_load(&r.requests), 1);
    assert_non_null(strstr(r.last, "POST /x HTTP/1.1\r\n"));
    assert_non_null(strstr(r.last, "Authorization: Bearer t\r\n"));
    assert_non_null(strstr(r.last, "X-Okng-Verdict: NG\r\n"));
    assert_non_null(strstr(r.last, "\r\n\r\n{\"id\":\""));
    assert_non_null(strstr(r.last, "\"picture\":\"bad.png\""));
}

static void what_fails_is_sent_again(void **state)
{
    (void)state;
    static receiver r;
    made_line made;
    start_receiver(&r, (const char *const[]){"HTTP/1.1 503 Later\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy",
                                             "hang", "no HTTP at all\r\n\r\n", OK_ANSWER, NULL});
    start_with(&made, &r);
    line_bring("ok/000.png", "good.png");
    line_await(made.line, "sinks.0.sent", 1);
    line_stop(&made, 1);
    stop_receiver(&r);
    assert_int_equal(atomic_load(&r.requests), 4);
    for (int i = 1; i < 4; i++) assert_string_equal(r.keys[i], r.keys[0]);
    assert_int_equal(strlen(r.keys[0]), 32);
}

static void what_is_refused_does_not_hold_up_the_next(void **state)
{
    (void)state;
    static receiver r;
    made_line made;
    start_receiver(&r, (const char *const[]){"HTTP/1.1 400 No\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbad",
                                             OK_ANSWER, NULL});
    start_with(&made, &r);
    line_bring("ok/000.png", "1.png");
    line_await(made.line, "sinks.0.refused", 1);
    line_bring("ok/000.png", "2.png");
    line_await(made.line, "sinks.0.sent", 1);
    line_stop(&made, 1);
    stop_receiver(&r);
    assert_string_not_equal(r.keys[0], r.keys[1]);
}

#define TEST(function) cmocka_unit_test_setup(function, line_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_of_2xx_acknowledges),
        TEST(what_fails_is_sent_again),
        TEST(what_is_refused_does_not_hold_up_the_next),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, cache_setup, cache_teardown);
}
