/* Small parts of the server: metrics, spools, connections, the notation of schemas. */
#include <sys/socket.h>

#include "serve/connections.h"
#include "serve/meters.h"
#include "serve/openapi.h"
#include "serve/spool.h"
#include "test.h"

static void metrics_are_told_as_prometheus_reads_them(void **state)
{
    static const okng_meter count = {OKNG_METER_COUNTER, "a_total", "of a", {"bank", "verdict"}};
    static const okng_meter level = {OKNG_METER_GAUGE, "b", "of b", {0}};
    static const okng_meter time = {OKNG_METER_HISTOGRAM, "c_seconds", "of c", {"bank"}};
    okng_meters *meters;
    char *text;
    (void)state;
    assert_ok(okng_meters_open(&meters, error));
    okng_meters_add(meters, &count, "x", "OK", 1);
    okng_meters_set(meters, &level, NULL, NULL, 2.5);
    okng_meters_add(meters, &count, "\"y\\\n", "NG", 1);
    okng_meters_add(meters, &count, "x", "OK", 2);
    okng_meters_observe(meters, &time, "x", NULL, 0.002);
    okng_meters_observe(meters, &time, "x", NULL, 100);
    assert_ok(okng_meters_text(meters, &text, NULL, error));
    assert_non_null(strstr(text,
                           "# HELP a_total of a\n# TYPE a_total counter\na_total{bank=\"x\",verdict=\"OK\"} 3\n"
                           "a_total{bank=\"\\\"y\\\\\\n\",verdict=\"NG\"} 1\n# HELP b of b\n# TYPE b gauge\nb 2.5\n"));
    assert_non_null(strstr(text, "c_seconds_bucket{bank=\"x\",le=\"0.001\"} 0\n"
                                 "c_seconds_bucket{bank=\"x\",le=\"0.0025\"} 1\n"));
    assert_non_null(strstr(text, "le=\"60\"} 1\nc_seconds_bucket{bank=\"x\",le=\"+Inf\"} 2\nc_seconds_sum{bank=\"x\"} "
                                 "100.002\nc_seconds_count{bank=\"x\"} 2\n"));
    free(text);
    okng_meters_close(&meters);
}

static void beyond_their_limit_no_series_come(void **state)
{
    static const okng_meter count = {OKNG_METER_COUNTER, "a_total", "of a", {"n"}};
    okng_meters *meters;
    char *text, name[16];
    size_t lines = 0;
    (void)state;
    assert_ok(okng_meters_open(&meters, error));
    for (int i = 0; i < OKNG_METER_SERIES + 10; i++) {
        (void)snprintf(name, sizeof name, "%d", i);
        okng_meters_add(meters, &count, name, NULL, 1);
    }
    assert_ok(okng_meters_text(meters, &text, NULL, error));
    for (const char *c = text; *c; c++) lines += *c == '\n';
    assert_int_equal(lines, OKNG_METER_SERIES + 2);
    free(text);
    okng_meters_close(&meters);
}

/* Fills a spool with `size` bytes in uneven pieces and compares. */
static void spool_of(size_t size)
{
    okng_spool spool = okng_spool_empty;
    unsigned char piece[5000];
    const void *data;
    for (size_t at = 0; at < size;) {
        size_t some = 1 + at % sizeof piece, left = size - at;
        if (some > left) some = left;
        for (size_t i = 0; i < some; i++) piece[i] = (unsigned char)((at + i) * 7 % 251);
        assert_ok(okng_spool_add(&spool, piece, some, error));
        at += some;
    }
    assert_ok(okng_spool_seal(&spool, &data, error));
    assert_int_equal(spool.size, size);
    for (size_t i = 0; i < size; i++)
        if (((const unsigned char *)data)[i] != (unsigned char)(i * 7 % 251)) fail_msg("byte %zu of %zu", i, size);
    if (size == 0) assert_null(data);
    assert_int_equal(spool.memory == NULL, size == 0 || size > OKNG_SPOOL_MEMORY);
    okng_spool_clear(&spool);
}

static void spools_keep_what_they_took(void **state)
{
    (void)state;
    spool_of(0);
    spool_of(1);
    spool_of(100000);
    spool_of(OKNG_SPOOL_MEMORY);
    spool_of(OKNG_SPOOL_MEMORY + 1);
    spool_of(5000000);
}

static bool is_open(int socket)
{
    char byte;
    return recv(socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK) != 0; /* 0: shut down */
}

static void the_longest_idle_connection_gives_way(void **state)
{
    okng_connections *connections;
    okng_connection *places[4];
    int pairs[4][2];
    size_t open, evicted;
    (void)state;
    assert_ok(okng_connections_open(&connections, 3, 100, 100, error));
    for (int i = 0; i < 4; i++) assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]), 0);
    for (int i = 0; i < 3; i++) places[i] = okng_connections_add(connections, pairs[i][0]);
    okng_connections_move(connections, places[0], OKNG_CONNECTION_WORKING);
    okng_connections_move(connections, places[1], OKNG_CONNECTION_ASKING);
    okng_connections_move(connections, places[1], OKNG_CONNECTION_IDLE); /* later than 2 */
    places[3] = okng_connections_add(connections, pairs[3][0]);
    okng_connections_count(connections, &open, &evicted);
    assert_int_equal(open, 4);
    assert_int_equal(evicted, 1);
    for (int i = 0; i < 4; i++) assert_int_equal(is_open(pairs[i][1]), i != 2);
    assert_int_equal(okng_connections_busy(connections), 1);
    for (int i = 0; i < 4; i++) {
        okng_connections_remove(connections, places[i]);
        (void)close(pairs[i][0]);
        (void)close(pairs[i][1]);
    }
    okng_connections_close(&connections);
}

static void slow_connections_are_closed(void **state)
{
    okng_connections *connections;
    okng_connection *places[3];
    int pairs[3][2];
    (void)state;
    assert_ok(okng_connections_open(&connections, 3, 0.001, 0.001, error));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]), 0);
        places[i] = okng_connections_add(connections, pairs[i][0]);
    }
    okng_connections_move(connections, places[1], OKNG_CONNECTION_ASKING);
    okng_connections_move(connections, places[2], OKNG_CONNECTION_WORKING);
    (void)usleep(5000);
    okng_connections_sweep(connections);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(is_open(pairs[i][1]), i == 2);
        okng_connections_remove(connections, places[i]);
        (void)close(pairs[i][0]);
        (void)close(pairs[i][1]);
    }
    okng_connections_close(&connections);
}

static void the_notation_of_schemas_is_read(void **state)
{
    static const char *const cases[][2] = {
        {"a:string", "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"]}"},
        {"a?:number|null b:[Bank]",
         "{\"type\":\"object\",\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"number\"},{\"type\":\"null\"}]},\"b\":{"
         "\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Bank\"}}},\"required\":[\"b\"]}"},
        {"s:on|OFF", "{\"type\":\"object\",\"properties\":{\"s\":{\"type\":\"string\",\"enum\":[\"on\",\"OFF\"]}},"
                     "\"required\":[\"s\"]}"},
        {"s:[on|off|null]|any",
         "{\"type\":\"object\",\"properties\":{\"s\":{\"anyOf\":[{\"type\":\"array\",\"items\":{\"anyOf\":[{\"type\":"
         "\"null\"},{\"type\":\"string\",\"enum\":[\"on\",\"off\"]}]}},{}]}},\"required\":[\"s\"]}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text;
        json_t *schema = okng_schema_json(cases[i][0]);
        assert_ok(okng_json_text(schema, JSON_COMPACT, "a schema", &text, NULL, error));
        assert_string_equal(text, cases[i][1]);
        free(text);
        json_decref(schema);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_are_told_as_prometheus_reads_them),
        cmocka_unit_test(beyond_their_limit_no_series_come),
        cmocka_unit_test(spools_keep_what_they_took),
        cmocka_unit_test(the_longest_idle_connection_gives_way),
        cmocka_unit_test(slow_connections_are_closed),
        cmocka_unit_test(the_notation_of_schemas_is_read),
    };
    return RUN_TESTS(tests);
}
