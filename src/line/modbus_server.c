/* The PLC asks okng: it writes what it wants, and reads what it is told. */
#include "line/modbus.h"

#ifdef OKNG_HAVE_MODBUS
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "base/clock.h"

enum {
    MOST_CLIENTS = 8, /* a PLC, its panel, somebody who looks */
    HEADER = 6,       /* bytes before those that the length counts */
    PART = 5,         /* seconds that a question may take to come whole */
    IDLE = 1,         /* seconds of silence after which a client makes room for a new one */
    SILENCE = 10      /* seconds after which a PLC that asks nothing is told of */
};

typedef struct client {
    int file;     /* -1: none */
    double since; /* when the first byte of an unfinished question came; 0: there is none */
    double heard; /* when it came, or asked last */
} client;

typedef struct connection {
    modbus_t *modbus;
    modbus_mapping_t *mapping;
    const char *address;
    int listener;
    client clients[MOST_CLIENTS];
    bool word;
    int bits_in, bits_out, registers_in, registers_out;
    double heard; /* when the last question came */
} connection;

static void hang_up(client *gone)
{
    if (gone->file >= 0) (void)close(gone->file);
    *gone = (client){.file = -1};
}

static void close_link(void **given)
{
    connection *it = *given;
    *given = NULL;
    if (!it) return;
    for (size_t i = 0; i < MOST_CLIENTS; i++) hang_up(&it->clients[i]);
    if (it->listener >= 0) (void)close(it->listener);
    if (it->mapping) okng_modbus.modbus_mapping_free(it->mapping);
    if (it->modbus) okng_modbus.modbus_free(it->modbus);
    free(it);
}

/* The outputs are there twice: as coils and holding registers, and from 0 on as discrete inputs and input registers. */
static okng_status make(connection *it, okng_error *error)
{
    char host[256], port[8];
    OKNG_TRY(okng_modbus_address(it->address, host, port, error));
    it->modbus = okng_modbus.modbus_new_tcp_pi(host, port);
    int bits = it->bits_out > it->bits_in ? it->bits_out : it->bits_in;
    int registers = it->registers_out > it->registers_in ? it->registers_out : it->registers_in;
    it->mapping = okng_modbus.modbus_mapping_new_start_address(
        0, (unsigned)bits + OKNG_PLC_BITS_OUT, 0, OKNG_PLC_BITS_OUT, 0, (unsigned)registers + OKNG_PLC_REGISTERS_OUT, 0,
        OKNG_PLC_REGISTERS_OUT);
    if (!it->modbus || !it->mapping) return okng_fail_memory(error, sizeof *it);
    (void)okng_modbus.modbus_set_byte_timeout(it->modbus, 0, 50000);
    /* Of a server: how long libmodbus sleeps, and with it all others, before it answers what it does not know. */
    (void)okng_modbus.modbus_set_response_timeout(it->modbus, 0, 1000);
    errno = 0;
    it->listener = okng_modbus.modbus_tcp_pi_listen(it->modbus, MOST_CLIENTS);
    if (it->listener < 0) {
        int reason = errno;
        return okng_fail(
            error, OKNG_ERROR_IO, "listen on %s: %s%s", it->address, okng_modbus.modbus_strerror(reason),
            reason == EACCES
                ? okng_translate(": ports below 1024 need a right of their own (CAP_NET_BIND_SERVICE), or another port")
                : "");
    }
    return fcntl(it->listener, F_SETFL, O_NONBLOCK) == 0 && fcntl(it->listener, F_SETFD, FD_CLOEXEC) == 0
               ? OKNG_OK
               : okng_fail_errno(error, "listen on", it->address);
}

static okng_status open_link(void **out, const okng_line_settings *settings, okng_error *error)
{
    connection *it = calloc(1, sizeof *it);
    *out = it;
    if (!it) return okng_fail_memory(error, sizeof *it);
    it->listener = -1;
    for (size_t i = 0; i < MOST_CLIENTS; i++) it->clients[i].file = -1;
    it->address = okng_line_text(settings, "listen");
    it->word = strcmp(okng_line_text(settings, "bits"), "word") == 0;
    it->bits_in = (int)okng_line_integer(settings, "coils_in");
    it->bits_out = (int)okng_line_integer(settings, "coils_out");
    it->registers_in = (int)okng_line_integer(settings, "registers_in");
    it->registers_out = (int)okng_line_integer(settings, "registers_out");
    okng_status status = make(it, error);
    if (status != OKNG_OK) close_link(out);
    return status;
}

/* A place for a new client: where all are taken that of who has been silent for the longest. A PLC that lost its power
 * said no goodbye, and comes anew. NULL where all of them have asked just now. */
static client *find_place(connection *it)
{
    client *silent = &it->clients[0];
    for (size_t i = 0; i < MOST_CLIENTS; i++) {
        if (it->clients[i].file < 0) return &it->clients[i];
        if (it->clients[i].heard < silent->heard) silent = &it->clients[i];
    }
    if (okng_clock() < silent->heard + IDLE) return NULL;
    hang_up(silent);
    return silent;
}

static void welcome(connection *it)
{
    int file = accept4(it->listener, NULL, NULL, SOCK_CLOEXEC);
    if (file >= 0) file = okng_modbus_socket(file);
    if (file < 0) return;
    int yes = 1;
    (void)setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    (void)setsockopt(file, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    client *place = find_place(it);
    if (place)
        *place = (client){.file = file, .heard = okng_clock()};
    else
        (void)close(file);
}

/* The bytes that libmodbus takes a question for, by its function and counts, from behind the length on; of one that has
 * `length` there. */
static unsigned taken_for(const uint8_t *bytes, unsigned length)
{
    const unsigned function = bytes[HEADER + 1];
    if (function <= 6) return 6;
    if (function == 15 || function == 16) return length < 7 ? 7 : 7u + bytes[HEADER + 6];
    if (function == 22) return 8;
    if (function == 23) return length < 11 ? 11 : 11u + bytes[HEADER + 10];
    return length; /* it reads the function, answers that it knows none such, and drops the rest */
}

/* Whether a whole question has come: libmodbus waits for the rest of a part, and with it all others. False also of what
 * is no Modbus, or has ended: then the client is hung up on. */
static bool has_question(client *from)
{
    uint8_t bytes[MODBUS_TCP_MAX_ADU_LENGTH];
    ssize_t size = recv(from->file, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    unsigned length = size >= HEADER ? (unsigned)bytes[4] << 8 | bytes[5] : 2;
    bool modbus = size < 4 || (bytes[2] == 0 && bytes[3] == 0);
    if (size <= 0 || !modbus || length < 2 || length > MODBUS_TCP_MAX_ADU_LENGTH - HEADER) {
        hang_up(from);
        return false;
    }
    if (size >= HEADER && (size_t)size >= HEADER + length) {
        from->since = 0;
        if (taken_for(bytes, length) == length) return true;
        hang_up(from); /* one that ends elsewhere than it says: libmodbus would wait, or take the rest for another */
        return false;
    }
    if (from->since == 0) from->since = okng_clock();
    if (okng_clock() > from->since + PART) hang_up(from);
    return false;
}

static void answer(connection *it, client *from)
{
    uint8_t question[MODBUS_TCP_MAX_ADU_LENGTH];
    if (!has_question(from)) return;
    (void)okng_modbus.modbus_set_socket(it->modbus, from->file);
    int size = okng_modbus.modbus_receive(it->modbus, question);
    if (size < 0 || (size > 0 && okng_modbus.modbus_reply(it->modbus, question, size, it->mapping) < 0))
        hang_up(from);
    else
        it->heard = from->heard = okng_clock();
}

static void publish(connection *it, const okng_plc_outputs *outputs)
{
    uint8_t bits[OKNG_PLC_BITS_OUT];
    uint16_t registers[OKNG_PLC_REGISTERS_OUT];
    okng_plc_write(outputs, bits, registers);
    memcpy(it->mapping->tab_bits + it->bits_out, bits, sizeof bits);
    memcpy(it->mapping->tab_input_bits, bits, sizeof bits);
    memcpy(it->mapping->tab_registers + it->registers_out, registers, sizeof registers);
    memcpy(it->mapping->tab_input_registers, registers, sizeof registers);
}

/* Waits; then answers everybody who has asked, one question each. */
static void serve(connection *it, int wake, int wait_ms)
{
    struct pollfd files[MOST_CLIENTS + 2] = {{.fd = wake, .events = POLLIN}, {.fd = it->listener, .events = POLLIN}};
    for (size_t i = 0; i < MOST_CLIENTS; i++)
        /* Who sent a part is looked at again after the wait: it can be read all the time. */
        files[i + 2] = (struct pollfd){.fd = it->clients[i].since > 0 ? -1 : it->clients[i].file, .events = POLLIN};
    if (poll(files, MOST_CLIENTS + 2, wait_ms) < 0) return;
    for (size_t i = 0; i < MOST_CLIENTS; i++)
        if (it->clients[i].file >= 0 && (files[i + 2].revents != 0 || it->clients[i].since > 0))
            answer(it, &it->clients[i]);
    if (files[1].revents & POLLIN) welcome(it);
}

static okng_status exchange(void *given, int wake, int wait_ms, const okng_plc_outputs *outputs,
                            okng_plc_inputs *inputs, okng_error *error)
{
    connection *it = given;
    publish(it, outputs);
    serve(it, wake, wait_ms);
    if (okng_clock() > it->heard + SILENCE || it->heard == 0)
        return okng_fail(error, OKNG_ERROR_IO, "no PLC asks at %s", it->address);
    okng_plc_read(inputs, it->word ? NULL : it->mapping->tab_bits + it->bits_in,
                  it->mapping->tab_registers + it->registers_in);
    return OKNG_OK;
}

const okng_modbus_link_kind okng_modbus_server = {.open = open_link, .exchange = exchange, .close = close_link};
#else
const okng_modbus_link_kind okng_modbus_server = {0}; /* okng_modbus_load says why before it is used */
#endif
