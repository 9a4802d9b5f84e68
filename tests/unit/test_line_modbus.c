/* A PLC by Modbus TCP over loopback. The line is made here: it takes triggers and recipes, and verdicts come when the
 * test says so. */
#include "line/held.h"
#include "line/kinds.h"
#include "line/line.h"

#include "made_line.h"

#ifdef OKNG_HAVE_MODBUS
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/select.h>

#include "made_plc.h"

enum { TRIGGER = 0, ACKNOWLEDGE = 1, READY = 16, BUSY, VALID, OK, NG, REVIEW, ERROR };
enum { RECIPE_IN = 0, PART_IN = 1, WORD_IN = 3, OUT = 16 };

static atomic_int triggers, recipe = -1;
static atomic_bool refuses;
static const okng_line_sink_kind *kind = &okng_line_sink_modbus;

okng_status okng_line_trigger(okng_line *line, const char *source, okng_error *error)
{
    (void)line;
    assert_string_equal(source, "cam");
    triggers++;
    return refuses ? okng_fail(error, OKNG_ERROR_BUSY, "not now") : OKNG_OK;
}

okng_status okng_line_set_recipe(okng_line *line, int64_t number, const char *by, okng_error *error)
{
    (void)line;
    assert_string_equal(by, "plc");
    if (number >= 100) return okng_fail(error, OKNG_ERROR_NOT_FOUND, "no recipe %d", (int)number);
    recipe = (int)number;
    return OKNG_OK;
}

int64_t okng_line_recipe(okng_line *line, char bank[OKNG_RECORD_NAME])
{
    (void)line, (void)bank;
    return recipe;
}

static const char *sources = "{}";

json_t *okng_line_json(okng_line *line)
{
    (void)line;
    return json_loads(sources, 0, NULL);
}

static made_plc plc;
static void *sink;
static okng_line_settings *settings;

static bool can(void)
{
    okng_error error;
    return okng_modbus_load(&error) == OKNG_OK;
}

static void open_client(const char *bits)
{
    char address[32];
    (void)snprintf(address, sizeof address, "127.0.0.1:%d", plc.port);
    settings = made_settings(kind->keys, NULL, "plc", address, "source", "cam", "timeout", "200", "poll", "1", "limit",
                             "2000", "bits", bits, NULL);
    triggers = 0;
    recipe = -1;
    refuses = false;
    assert_ok(kind->open(&sink, settings, NULL, error));
}

static void close_sink(void)
{
    kind->close(&sink);
    okng_line_settings_free(&settings);
}

static void send_verdict(okng_outcome outcome, const char *source)
{
    okng_record record;
    okng_record_init(&record);
    record.outcome = outcome;
    record.score = 2;
    record.recipe_number = recipe;
    (void)snprintf(record.source, sizeof record.source, "%s", source);
    okng_line_result result = {.record = &record, .arrived = okng_clock()};
    assert_ok(kind->send(sink, &result, error));
    okng_record_free(&record);
}

/* Triggers, and has the verdict come once the line was asked. */
static void cycle(okng_outcome outcome, int coil)
{
    assert_true(made_plc_wait(&plc, READY, true, 5));
    int before = triggers;
    made_plc_coil(&plc, TRIGGER, true);
    assert_true(made_plc_wait(&plc, BUSY, true, 5));
    while (triggers == before) (void)usleep(100);
    send_verdict(OKNG_OUTCOME_OK, "another");
    send_verdict(outcome, "cam");
    assert_true(made_plc_wait(&plc, VALID, true, 5));
    assert_true(made_plc_bit(&plc, coil));
    for (int other = OK; other <= ERROR; other++) assert_int_equal(made_plc_bit(&plc, other), other == coil);
    assert_false(made_plc_bit(&plc, BUSY));
    made_plc_coil(&plc, TRIGGER, false);
    assert_true(made_plc_wait(&plc, VALID, false, 5));
    assert_true(made_plc_wait(&plc, coil, false, 5));
    assert_int_equal(triggers, before + 1);
}

static void test_client(void **state)
{
    (void)state;
    if (!can()) skip();
    made_plc_start(&plc, 0);
    made_plc_register(&plc, PART_IN + 1, 321);
    open_client("coils");
    cycle(OKNG_OUTCOME_OK, OK);
    assert_int_equal(made_plc_word(&plc, OUT + 3), 1);
    assert_int_equal(made_plc_word(&plc, OUT + 6), 1); /* the first result */
    assert_int_equal(made_plc_word(&plc, OUT + 8), 321);
    assert_int_equal(made_plc_word(&plc, OUT + 9), 0x4000); /* 2.0f */
    cycle(OKNG_OUTCOME_NG, NG);
    cycle(OKNG_OUTCOME_REVIEW, REVIEW);
    cycle(OKNG_OUTCOME_NOT_FOUND, NG);
    cycle(OKNG_OUTCOME_NOT_INSPECTED, ERROR);
    assert_int_equal(made_plc_word(&plc, OUT + 4), OKNG_PLC_NOT_INSPECTED);
    refuses = true;
    made_plc_coil(&plc, TRIGGER, true);
    assert_true(made_plc_wait(&plc, ERROR, true, 5));
    assert_int_equal(made_plc_word(&plc, OUT + 4), OKNG_PLC_REFUSED);
    made_plc_coil(&plc, TRIGGER, false);
    assert_true(made_plc_wait(&plc, READY, true, 5));
    close_sink();
    assert_false(made_plc_bit(&plc, READY)); /* a line that has ended says so */
    made_plc_stop(&plc);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void test_how_long_it_takes(void **state)
{
    (void)state;
    if (!can()) skip();
    enum { CYCLES = 200 };
    double asked[CYCLES], told[CYCLES];
    made_plc_start(&plc, 0);
    open_client("coils");
    for (int i = 0; i < CYCLES; i++) {
        assert_true(made_plc_wait(&plc, READY, true, 5));
        int before = triggers;
        double start = okng_clock();
        made_plc_coil(&plc, TRIGGER, true);
        while (triggers == before) (void)usleep(50);
        asked[i] = 1000 * (okng_clock() - start);
        start = okng_clock();
        send_verdict(OKNG_OUTCOME_OK, "cam");
        assert_true(made_plc_wait(&plc, OK, true, 5));
        told[i] = 1000 * (okng_clock() - start);
        made_plc_coil(&plc, TRIGGER, false);
    }
    qsort(asked, CYCLES, sizeof *asked, by_size);
    qsort(told, CYCLES, sizeof *told, by_size);
    print_message("# trigger coil -> line: p50 %.2f ms, p99 %.2f ms; verdict -> coil: p50 %.2f ms, p99 %.2f ms\n",
                  asked[CYCLES / 2], asked[CYCLES * 99 / 100], told[CYCLES / 2], told[CYCLES * 99 / 100]);
    close_sink();
    made_plc_stop(&plc);
}

static void wait_word(int place, uint16_t value)
{
    double until = okng_clock() + 5;
    while (made_plc_word(&plc, place) != value && okng_clock() < until) (void)usleep(100);
    assert_int_equal(made_plc_word(&plc, place), value);
}

static void test_recipe(void **state)
{
    (void)state;
    if (!can()) skip();
    made_plc_start(&plc, 0);
    open_client("coils");
    made_plc_register(&plc, RECIPE_IN, 7);
    wait_word(OUT + 2, 7);
    assert_true(made_plc_wait(&plc, READY, true, 5));
    recipe = 3; /* by somebody else: the PLC's number holds */
    double until = okng_clock() + 5;
    while (recipe != 7 && okng_clock() < until) (void)usleep(100);
    assert_int_equal(recipe, 7);
    cycle(OKNG_OUTCOME_OK, OK);
    made_plc_register(&plc, RECIPE_IN, 100); /* there is none */
    assert_true(made_plc_wait(&plc, READY, false, 5));
    made_plc_coil(&plc, TRIGGER, true);
    assert_true(made_plc_wait(&plc, ERROR, true, 5));
    assert_int_equal(made_plc_word(&plc, OUT + 4), OKNG_PLC_RECIPE);
    close_sink();
    made_plc_stop(&plc);
}

/* The state that people see; "" where all is well. */
static bool wait_state(const char *part, double seconds)
{
    double until = okng_clock() + seconds;
    while (okng_clock() < until) {
        okng_error error = {0};
        okng_status status = kind->idle(sink, &error);
        if (*part ? strstr(error.message, part) != NULL : status == OKNG_OK) return true;
        (void)usleep(2000);
    }
    return false;
}

static void test_absent_slow_and_nonsense(void **state)
{
    (void)state;
    if (!can()) skip();
    made_plc_start(&plc, 0);
    int port = plc.port;
    made_plc_stop(&plc);
    plc.port = port;
    open_client("coils");
    assert_true(wait_state("connect: Connection refused", 5));
    made_plc_start(&plc, port);
    assert_true(wait_state("", 10));
    cycle(OKNG_OUTCOME_OK, OK);
    const struct {
        made_plc_mood mood;
        const char *says;
    } moods[] = {{PLC_SLOW, "timed out"}, {PLC_NONSENSE, "Invalid data"}};
    for (size_t i = 0; i < 2; i++) {
        assert_true(made_plc_wait(&plc, READY, true, 10));
        made_plc_coil(&plc, TRIGGER, true);
        assert_true(made_plc_wait(&plc, BUSY, true, 5));
        plc.mood = (int)moods[i].mood;
        assert_true(wait_state(moods[i].says, 5));
        send_verdict(OKNG_OUTCOME_OK, "cam"); /* comes while nobody hears: never told */
        plc.mood = PLC_FINE;
        assert_true(wait_state("", 10));
        assert_true(made_plc_wait(&plc, BUSY, false, 5));
        assert_false(made_plc_bit(&plc, OK));
        assert_false(made_plc_bit(&plc, READY)); /* the trigger is still there, and is none */
        made_plc_coil(&plc, TRIGGER, false);
        cycle(OKNG_OUTCOME_NG, NG);
    }
    close_sink();
    made_plc_stop(&plc);
}

static void test_word(void **state)
{
    (void)state;
    if (!can()) skip();
    made_plc_start(&plc, 0);
    open_client("word");
    wait_word(OUT, made_plc_word(&plc, OUT));
    double until = okng_clock() + 5;
    while ((made_plc_word(&plc, OUT) & 1) == 0 && okng_clock() < until) (void)usleep(100);
    made_plc_register(&plc, WORD_IN, 1);
    while (triggers == 0 && okng_clock() < until) (void)usleep(100);
    send_verdict(OKNG_OUTCOME_REVIEW, "cam");
    while ((made_plc_word(&plc, OUT) & 4) == 0 && okng_clock() < until) (void)usleep(100);
    assert_int_equal(made_plc_word(&plc, OUT) & 0x7f, 4 | 32); /* valid, review */
    assert_false(made_plc_bit(&plc, VALID));
    close_sink();
    made_plc_stop(&plc);
}

/* ---- okng as server -------------------------------------------------------------------------------------------------
 */

static int server_port;

static void open_server(void)
{
    made_plc_start(&plc, 0); /* finds a free port */
    server_port = plc.port;
    made_plc_stop(&plc);
    char address[32];
    (void)snprintf(address, sizeof address, "127.0.0.1:%d", server_port);
    settings = made_settings(kind->keys, NULL, "role", "server", "listen", address, "source", "cam", NULL);
    triggers = 0;
    refuses = false;
    assert_ok(kind->open(&sink, settings, NULL, error));
}

static int dial(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server_port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(file, (struct sockaddr *)&address, sizeof address), 0);
    return file;
}

/* Waits until the discrete inputs, which are the outputs, have `bit` so. */
static void wait_input(modbus_t *client, int bit, bool on)
{
    uint8_t bits[8] = {0};
    double until = okng_clock() + 5;
    do {
        if (okng_modbus.modbus_read_bits(client, 16, 8, bits) != 8) fail_msg("the server does not answer");
    } while ((bits[bit] != 0) != on && okng_clock() < until);
    assert_int_equal(bits[bit] != 0, on);
}

static void test_server(void **state)
{
    (void)state;
    if (!can()) skip();
    open_server();
    assert_true(wait_state("no PLC asks", 5));
    char port[8];
    (void)snprintf(port, sizeof port, "%d", server_port);
    modbus_t *client = okng_modbus.modbus_new_tcp_pi("127.0.0.1", port);
    assert_int_equal(okng_modbus.modbus_connect(client), 0);
    wait_input(client, 0, true);

    /* Who sends parts, nonsense or nothing does not stand in the way. */
    int half = dial(), nonsense = dial(), silent = dial(), lying = dial();
    (void)!write(half, "\0\1\0\0\0", 5);
    (void)!write(nonsense, "GET / HTTP/1.1\r\n\r\n", 18);
    (void)!write(lying, "\0\1\0\0\0\10\377\20\0\0\0\1\2\0", 14); /* fewer values than it says */
    assert_int_equal(okng_modbus.modbus_write_bits(client, TRIGGER, 1, (const uint8_t[]){1}), 1);
    wait_input(client, 1, true);
    double until = okng_clock() + 5;
    while (triggers == 0 && okng_clock() < until) (void)usleep(100);
    send_verdict(OKNG_OUTCOME_NG, "cam");
    wait_input(client, 2, true);
    wait_input(client, 4, true);
    uint16_t registers[5] = {0};
    assert_int_equal(okng_modbus.modbus_read_registers(client, 16, 5, registers), 5);
    assert_int_equal(registers[3], 2);
    assert_int_equal(okng_modbus.modbus_write_bits(client, TRIGGER, 1, (const uint8_t[]){0}), 1);
    wait_input(client, 2, false);
    assert_int_equal(okng_modbus.modbus_read_registers(client, 60000, 1, registers), -1); /* an answer, not an end */
    wait_input(client, 0, true);
    char byte;
    struct pollfd ended = {.fd = nonsense, .events = POLLIN};
    assert_int_equal(poll(&ended, 1, 5000), 1);
    assert_true(read(nonsense, &byte, 1) <= 0);
    (void)close(half), (void)close(nonsense), (void)close(silent), (void)close(lying);
    okng_modbus.modbus_close(client);
    okng_modbus.modbus_free(client);
    close_sink();
}

/* Seconds that one answer takes. */
static double ask(modbus_t *client)
{
    uint8_t bits[8];
    const double began = okng_clock();
    assert_int_equal(okng_modbus.modbus_read_bits(client, 16, 8, bits), 8);
    return okng_clock() - began;
}

/* Others who ask for what there is not (who are you?), or whose questions are shorter than they say, do not hold up
 * the PLC. */
static void test_server_is_not_held_up(void **state)
{
    (void)state;
    if (!can()) skip();
    open_server();
    char port[8];
    (void)snprintf(port, sizeof port, "%d", server_port);
    modbus_t *client = okng_modbus.modbus_new_tcp_pi("127.0.0.1", port);
    assert_int_equal(okng_modbus.modbus_connect(client), 0);
    wait_input(client, 0, true);
    int who = dial(), shorter = dial(), longer = dial();
    double most = 0;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(write(who, "\0\1\0\0\0\5\377\53\16\1\0", 11), 11);
        double took = ask(client);
        if (took > most) most = took;
        took = ask(client);
        if (took > most) most = took;
    }
    assert_true(most < 0.3); /* libmodbus sleeps 0.5 s unless told otherwise */
    uint8_t answer[9];
    assert_int_equal(recv(who, answer, sizeof answer, MSG_WAITALL), 9);
    assert_int_equal(answer[7], 0x2b | 0x80);
    assert_int_equal(answer[8], 1); /* illegal function */
    assert_int_equal(write(shorter, "\0\1\0\0\0\7\377\20\0\0\0\100\200", 13), 13);
    assert_int_equal(write(longer, "\0\1\0\0\0\10\377\3\0\0\0\1\0\0", 14), 14);
    struct pollfd ended[2] = {{.fd = shorter, .events = POLLIN}, {.fd = longer, .events = POLLIN}};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(poll(&ended[i], 1, 5000), 1);
        assert_true(read(ended[i].fd, answer, 1) <= 0);
    }
    (void)ask(client);
    (void)close(who), (void)close(shorter), (void)close(longer);
    okng_modbus.modbus_close(client);
    okng_modbus.modbus_free(client);
    close_sink();
}

/* As a PLC: again until it is answered. */
static modbus_t *come(void)
{
    char port[8];
    uint8_t bits[8];
    (void)snprintf(port, sizeof port, "%d", server_port);
    modbus_t *client = okng_modbus.modbus_new_tcp_pi("127.0.0.1", port);
    (void)okng_modbus.modbus_set_response_timeout(client, 5, 0);
    const double until = okng_clock() + 20;
    while (okng_modbus.modbus_connect(client) != 0 || okng_modbus.modbus_read_bits(client, 16, 8, bits) != 8) {
        okng_modbus.modbus_close(client);
        if (okng_clock() > until) fail_msg("the server has no room");
        (void)usleep(100 * 1000);
    }
    return client;
}

/* A PLC that lost its power comes anew, as often as it likes: what it left behind makes room. */
static void test_server_has_room_for_who_comes_anew(void **state)
{
    (void)state;
    if (!can()) skip();
    open_server();
    int left[12];
    for (size_t i = 0; i < 12; i++) left[i] = dial();
    modbus_t *client = come();
    for (size_t i = 0; i < 12; i++) (void)close(left[i]), left[i] = dial();
    (void)ask(client); /* who asks stays */
    for (size_t i = 0; i < 12; i++) (void)close(left[i]);
    okng_modbus.modbus_close(client);
    okng_modbus.modbus_free(client);
    close_sink();
}

/* Which part a verdict is of must not be left open. */
static void test_several_sources(void **state)
{
    (void)state;
    if (!can()) skip();
    sources = "{\"sources\": [{\"name\": \"left\"}, {\"name\": \"right\"}]}";
    settings = made_settings(kind->keys, NULL, "plc", "127.0.0.1:1", NULL);
    assert_fails(OKNG_ERROR_ARGUMENT, "2 sources", kind->open(&sink, settings, NULL, error));
    okng_line_settings_free(&settings);
    settings = made_settings(kind->keys, NULL, "plc", "127.0.0.1:1", "source", "up", NULL);
    assert_fails(OKNG_ERROR_ARGUMENT, "none of that name", kind->open(&sink, settings, NULL, error));
    okng_line_settings_free(&settings);
    sources = "{}";
}

static void test_addresses(void **state)
{
    (void)state;
    char host[256], port[8];
    assert_ok(okng_modbus_address("plc.local", host, port, error));
    assert_string_equal(host, "plc.local");
    assert_string_equal(port, "502");
    assert_ok(okng_modbus_address("[fe80::1]:1502", host, port, error));
    assert_string_equal(host, "fe80::1");
    assert_string_equal(port, "1502");
    static const char *const bad[] = {"", ":502", "plc:", "plc:x", "plc:70000", "[::1", "[::1]x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(OKNG_ERROR_ARGUMENT, "expected HOST", okng_modbus_address(bad[i], host, port, error));
}

/* Beside thousands of connections: a number that select() takes, or none. */
static void test_numbers_of_sockets(void **state)
{
    (void)state;
    if (!can()) skip();
    enum { HIGH = FD_SETSIZE + 8 };
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max <= HIGH) skip();
    if (limit.rlim_cur <= HIGH) limit.rlim_cur = HIGH + 1;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    int first = dup(0), last;
    do last = dup(0);
    while (last >= 0 && last < FD_SETSIZE);
    assert_int_equal(last, FD_SETSIZE);
    assert_int_equal(okng_modbus_socket(last), -1); /* and it is closed */
    assert_int_equal(errno, EMFILE);
    assert_int_equal(fcntl(last, F_GETFD), -1);
    assert_int_equal(dup2(0, HIGH), HIGH);
    (void)close(first);
    assert_int_equal(okng_modbus_socket(HIGH), first);
    assert_int_equal(fcntl(HIGH, F_GETFD), -1);
    assert_int_equal(okng_modbus_socket(first), first);
    for (int file = first; file < FD_SETSIZE; file++) (void)close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client),
        cmocka_unit_test(test_how_long_it_takes),
        cmocka_unit_test(test_recipe),
        cmocka_unit_test(test_absent_slow_and_nonsense),
        cmocka_unit_test(test_word),
        cmocka_unit_test(test_server),
        cmocka_unit_test(test_server_is_not_held_up),
        cmocka_unit_test(test_server_has_room_for_who_comes_anew),
        cmocka_unit_test(test_several_sources),
        cmocka_unit_test(test_numbers_of_sockets),
        cmocka_unit_test(test_addresses),
    };
    return RUN_TESTS(tests);
}
#else
static void test_built_without(void **state)
{
    (void)state;
    okng_error error;
    assert_int_equal(okng_line_sink_modbus.usable(&error), OKNG_ERROR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_built_without)};
    return RUN_TESTS(tests);
}
#endif
