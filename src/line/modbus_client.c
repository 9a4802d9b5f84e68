/* okng asks the PLC: reads what it wants, writes what it is told. */
#include "line/modbus.h"

#ifdef OKNG_HAVE_MODBUS
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define SHORTEST 0.2 /* seconds from one attempt to connect to the next */
#define LONGEST 5.0

typedef struct connection {
    modbus_t *modbus;
    const char *address;
    char host[256], port[8];
    int timeout;          /* ms */
    bool connected, word; /* word: bits travel in registers */
    int bits_in, bits_out, registers_in, registers_out;
    double again, wait; /* when to connect next; seconds from that to the one after */
    okng_error why;     /* what the last attempt said */

    /* What the PLC holds by our own writing. */
    bool has_told;
    uint8_t told_bits[OKNG_PLC_BITS_OUT];
    uint16_t told[OKNG_PLC_REGISTERS_OUT];
} connection;

static void close_link(void **given)
{
    connection *it = *given;
    *given = NULL;
    if (!it) return;
    if (it->connected) okng_modbus.modbus_close(it->modbus);
    if (it->modbus) okng_modbus.modbus_free(it->modbus);
    free(it);
}

static okng_status make(connection *it, const okng_line_settings *settings, okng_error *error)
{
    OKNG_TRY(okng_modbus_address(it->address, it->host, it->port, error));
    /* Not modbus_new_tcp: that takes a name for the address 255.255.255.255. */
    it->modbus = okng_modbus.modbus_new_tcp_pi(it->host, it->port);
    if (!it->modbus) return okng_fail_memory(error, sizeof *it);
    uint32_t timeout = (uint32_t)okng_line_integer(settings, "timeout");
    it->timeout = (int)timeout;
    (void)okng_modbus.modbus_set_response_timeout(it->modbus, timeout / 1000, timeout % 1000 * 1000);
    (void)okng_modbus.modbus_set_byte_timeout(it->modbus, timeout / 1000, timeout % 1000 * 1000);
    (void)okng_modbus.modbus_set_slave(it->modbus, (int)okng_line_integer(settings, "unit"));
    return OKNG_OK;
}

static okng_status open_link(void **out, const okng_line_settings *settings, okng_error *error)
{
    connection *it = calloc(1, sizeof *it);
    *out = it;
    if (!it) return okng_fail_memory(error, sizeof *it);
    it->address = okng_line_text(settings, "plc");
    it->word = strcmp(okng_line_text(settings, "bits"), "word") == 0;
    it->bits_in = (int)okng_line_integer(settings, "coils_in");
    it->bits_out = (int)okng_line_integer(settings, "coils_out");
    it->registers_in = (int)okng_line_integer(settings, "registers_in");
    it->registers_out = (int)okng_line_integer(settings, "registers_out");
    it->wait = SHORTEST;
    const okng_status status = make(it, settings, error);
    if (status != OKNG_OK) close_link(out);
    return status;
}

/* After a failure the connection is given up: an answer that comes late would be taken for that of the next question,
 * and libmodbus would refuse that and every later one. */
static okng_status give_up(connection *it, const char *doing, okng_error *error)
{
    int reason = errno;
    if (it->connected) okng_modbus.modbus_close(it->modbus);
    it->connected = it->has_told = false;
    it->again = okng_clock() + it->wait;
    it->wait = it->wait * 2 < LONGEST ? it->wait * 2 : LONGEST;
    (void)okng_fail(&it->why, OKNG_ERROR_IO, "the PLC at %s: %s: %s", it->address, doing,
                    okng_modbus.modbus_strerror(reason));
    return okng_fail(error, OKNG_ERROR_IO, "%s", it->why.message);
}

/* Waits until a connection that was begun is there; false with errno. */
static bool is_there(int file, int timeout)
{
    struct pollfd wait = {.fd = file, .events = POLLOUT};
    int ready = poll(&wait, 1, timeout), reason = 0;
    socklen_t size = sizeof reason;
    if (ready > 0 && getsockopt(file, SOL_SOCKET, SO_ERROR, &reason, &size) == 0 && reason == 0) return true;
    errno = ready == 0 ? ETIMEDOUT : reason ? reason : errno;
    return false;
}

/* A socket to one address of the PLC; -1 with errno. */
static int connect_to(const struct addrinfo *address, int timeout)
{
    int yes = 1, file = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (file >= 0) file = okng_modbus_socket(file);
    if (file < 0) return -1;
    (void)setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(file, address->ai_addr, address->ai_addrlen) == 0) return file;
    if (errno == EINPROGRESS && is_there(file, timeout)) return file;
    int reason = errno;
    (void)close(file);
    errno = reason;
    return -1;
}

/* Not modbus_connect: see okng_modbus_socket. -1 with errno. */
static int connect_plc(const connection *it)
{
    struct addrinfo *all = NULL;
    const struct addrinfo kind = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    int found = getaddrinfo(it->host, it->port, &kind, &all), file = -1;
    if (found != 0) {
        if (found != EAI_SYSTEM) errno = EHOSTUNREACH; /* a name that there is not */
        return -1;
    }
    for (const struct addrinfo *one = all; one && file < 0; one = one->ai_next) file = connect_to(one, it->timeout);
    int reason = errno;
    freeaddrinfo(all);
    errno = reason;
    return file;
}

static okng_status reconnect(connection *it, okng_error *error)
{
    if (okng_clock() < it->again) return okng_fail(error, OKNG_ERROR_IO, "%s", it->why.message);
    int file = connect_plc(it);
    if (file < 0) return give_up(it, "connect", error);
    (void)okng_modbus.modbus_set_socket(it->modbus, file);
    it->connected = true;
    return OKNG_OK;
}

/* Registers before bits: who sees `valid` finds all that belongs to it. */
static okng_status tell(connection *it, const okng_plc_outputs *outputs, okng_error *error)
{
    uint8_t bits[OKNG_PLC_BITS_OUT];
    uint16_t registers[OKNG_PLC_REGISTERS_OUT];
    okng_plc_write(outputs, bits, registers);
    bool other_bits = memcmp(bits, it->told_bits, sizeof bits) != 0;
    bool other_registers = memcmp(registers, it->told, sizeof registers) != 0;
    if ((!it->has_told || other_registers) &&
        okng_modbus.modbus_write_registers(it->modbus, it->registers_out, OKNG_PLC_REGISTERS_OUT, registers) < 0)
        return give_up(it, "write registers", error);
    if (!it->word && (!it->has_told || other_bits) &&
        okng_modbus.modbus_write_bits(it->modbus, it->bits_out, OKNG_PLC_BITS_OUT, bits) < 0)
        return give_up(it, "write coils", error);
    memcpy(it->told_bits, bits, sizeof bits);
    memcpy(it->told, registers, sizeof registers);
    it->has_told = true;
    return OKNG_OK;
}

static okng_status ask(connection *it, okng_plc_inputs *inputs, okng_error *error)
{
    uint8_t bits[OKNG_PLC_BITS_IN] = {0};
    uint16_t registers[OKNG_PLC_REGISTERS_IN] = {0};
    if (okng_modbus.modbus_read_registers(it->modbus, it->registers_in, OKNG_PLC_REGISTERS_IN, registers) < 0)
        return give_up(it, "read registers", error);
    /* Bits last: with a trigger goes the recipe that was set before it. */
    if (!it->word && okng_modbus.modbus_read_bits(it->modbus, it->bits_in, OKNG_PLC_BITS_IN, bits) < 0)
        return give_up(it, "read coils", error);
    okng_plc_read(inputs, it->word ? NULL : bits, registers);
    return OKNG_OK;
}

static okng_status exchange(void *given, int wake, int wait_ms, const okng_plc_outputs *outputs,
                            okng_plc_inputs *inputs, okng_error *error)
{
    enum { ABSENT = 100 }; /* ms that are waited at least while there is no PLC */
    connection *it = given;
    struct pollfd woken = {.fd = wake, .events = POLLIN};
    if (!it->connected && wait_ms < ABSENT) wait_ms = ABSENT;
    (void)poll(&woken, 1, wait_ms);
    if (!it->connected) OKNG_TRY(reconnect(it, error));
    errno = 0;
    OKNG_TRY(tell(it, outputs, error));
    OKNG_TRY(ask(it, inputs, error));
    it->wait = SHORTEST;
    return OKNG_OK;
}

const okng_modbus_link_kind okng_modbus_client = {.open = open_link, .exchange = exchange, .close = close_link};
#else
const okng_modbus_link_kind okng_modbus_client = {0}; /* okng_modbus_load says why before it is used */
#endif
