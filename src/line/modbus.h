/* Modbus TCP by libmodbus, loaded when it is used: the two ways in which a line and a PLC can be connected. */
#ifndef OKNG_LINE_MODBUS_H
#define OKNG_LINE_MODBUS_H

#include "line/plc.h"
#include "line/settings.h"

/* A connection, of the sink's one thread. */
typedef struct okng_modbus_link_kind {
    /* Of settings whose address is there and good. */
    okng_status (*open)(void **link, const okng_line_settings *settings, okng_error *error);
    /* Tells `outputs` and learns `inputs`, once `wait_ms` have passed or `wake` (a file) can be read. An error means
     * that there is no PLC now: nothing was told, nothing learnt, and the next call tries again. */
    okng_status (*exchange)(void *link, int wake, int wait_ms, const okng_plc_outputs *outputs, okng_plc_inputs *inputs,
                            okng_error *error);
    void (*close)(void **link);
} okng_modbus_link_kind;

extern const okng_modbus_link_kind okng_modbus_client; /* asks the PLC, which answers */
extern const okng_modbus_link_kind okng_modbus_server; /* is asked by the PLC */

#ifdef OKNG_HAVE_MODBUS
#include <modbus.h>

#define OKNG_MODBUS_FUNCTIONS(F)        \
    F(modbus_new_tcp_pi)                \
    F(modbus_free)                      \
    F(modbus_connect)                   \
    F(modbus_close)                     \
    F(modbus_set_slave)                 \
    F(modbus_set_socket)                \
    F(modbus_set_response_timeout)      \
    F(modbus_set_byte_timeout)          \
    F(modbus_strerror)                  \
    F(modbus_read_bits)                 \
    F(modbus_read_registers)            \
    F(modbus_write_bits)                \
    F(modbus_write_registers)           \
    F(modbus_tcp_pi_listen)             \
    F(modbus_receive)                   \
    F(modbus_reply)                     \
    F(modbus_mapping_new_start_address) \
    F(modbus_mapping_free)

typedef struct okng_modbus_functions {
#define OKNG_MEMBER(name) __typeof__(&(name)) name;
    OKNG_MODBUS_FUNCTIONS(OKNG_MEMBER)
#undef OKNG_MEMBER
} okng_modbus_functions;

/* Filled once okng_modbus_load has returned OKNG_OK. */
extern okng_modbus_functions okng_modbus;

/* The socket under a number that libmodbus may be given: it waits by select(), which ends the process at a number from
 * FD_SETSIZE on, and beside a server with thousands of connections sockets have such. `file` is taken; -1 with errno
 * where no number below is free. */
int okng_modbus_socket(int file);
#endif

/* UNSUPPORTED, naming the package, where the library is not installed, or this okng was built without it; MEMORY. Any
 * thread. */
okng_status okng_modbus_load(okng_error *error);
/* "plc.local:502" in two; `port` gets 502 where none is given. An address of IPv6 stands in brackets. ARGUMENT. */
okng_status okng_modbus_address(const char *text, char host[256], char port[8], okng_error *error);

#endif
