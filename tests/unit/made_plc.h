/* A PLC as libmodbus's own server makes one: coils and holding registers, and somebody who answers for them. */
#ifndef OKNG_TESTS_MADE_PLC_H
#define OKNG_TESTS_MADE_PLC_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#include "line/modbus.h"
#include "made_line.h"

typedef enum made_plc_mood { PLC_FINE, PLC_SLOW, PLC_NONSENSE } made_plc_mood;

typedef struct made_plc {
    modbus_t *modbus;
    modbus_mapping_t *mapping;
    int listener, port;
    atomic_int mood;
    atomic_bool stop;
    pthread_mutex_t mutex; /* of the mapping */
    pthread_t thread;
} made_plc;

static inline void made_plc_answer(made_plc *plc, const uint8_t *question, int size, int file)
{
    uint8_t nonsense[64];
    memset(nonsense, 0xa5, sizeof nonsense);
    if (plc->mood == PLC_SLOW) (void)usleep(400000);
    if (plc->mood == PLC_NONSENSE) {
        (void)!write(file, nonsense, sizeof nonsense);
        return;
    }
    (void)pthread_mutex_lock(&plc->mutex);
    (void)okng_modbus.modbus_reply(plc->modbus, question, size, plc->mapping);
    (void)pthread_mutex_unlock(&plc->mutex);
}

static inline void *made_plc_run(void *given)
{
    made_plc *plc = given;
    int file = -1;
    uint8_t question[MODBUS_TCP_MAX_ADU_LENGTH];
    while (!plc->stop) {
        struct pollfd look = {.fd = file >= 0 ? file : plc->listener, .events = POLLIN};
        if (poll(&look, 1, 20) <= 0) continue;
        if (file < 0) {
            file = accept(plc->listener, NULL, NULL);
            (void)okng_modbus.modbus_set_socket(plc->modbus, file);
            continue;
        }
        int size = okng_modbus.modbus_receive(plc->modbus, question);
        if (size > 0) made_plc_answer(plc, question, size, file);
        if (size >= 0) continue;
        (void)close(file);
        file = -1;
    }
    if (file >= 0) (void)close(file);
    return NULL;
}

/* `port` 0: a free one, which plc->port gets. */
static inline void made_plc_start(made_plc *plc, int port)
{
    char text[8];
    memset(plc, 0, sizeof *plc);
    (void)snprintf(text, sizeof text, "%d", port);
    plc->modbus = okng_modbus.modbus_new_tcp_pi("127.0.0.1", text);
    plc->mapping = okng_modbus.modbus_mapping_new_start_address(0, 64, 0, 8, 0, 64, 0, 8);
    plc->listener = okng_modbus.modbus_tcp_pi_listen(plc->modbus, 4);
    assert_true(plc->listener >= 0);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    (void)getsockname(plc->listener, (struct sockaddr *)&address, &size);
    plc->port = ntohs(address.sin_port);
    (void)pthread_mutex_init(&plc->mutex, NULL);
    assert_int_equal(pthread_create(&plc->thread, NULL, made_plc_run, plc), 0);
}

static inline void made_plc_stop(made_plc *plc)
{
    plc->stop = true;
    (void)pthread_join(plc->thread, NULL);
    (void)close(plc->listener);
    okng_modbus.modbus_mapping_free(plc->mapping);
    okng_modbus.modbus_free(plc->modbus);
    (void)pthread_mutex_destroy(&plc->mutex);
}

static inline void made_plc_coil(made_plc *plc, int coil, bool on)
{
    (void)pthread_mutex_lock(&plc->mutex);
    plc->mapping->tab_bits[coil] = on;
    (void)pthread_mutex_unlock(&plc->mutex);
}

static inline void made_plc_register(made_plc *plc, int place, uint16_t value)
{
    (void)pthread_mutex_lock(&plc->mutex);
    plc->mapping->tab_registers[place] = value;
    (void)pthread_mutex_unlock(&plc->mutex);
}

static inline bool made_plc_bit(made_plc *plc, int coil)
{
    (void)pthread_mutex_lock(&plc->mutex);
    bool on = plc->mapping->tab_bits[coil] != 0;
    (void)pthread_mutex_unlock(&plc->mutex);
    return on;
}

static inline uint16_t made_plc_word(made_plc *plc, int place)
{
    (void)pthread_mutex_lock(&plc->mutex);
    uint16_t value = plc->mapping->tab_registers[place];
    (void)pthread_mutex_unlock(&plc->mutex);
    return value;
}

/* Waits until the coil is so; false after `seconds`. */
static inline bool made_plc_wait(made_plc *plc, int coil, bool on, double seconds)
{
    double until = okng_clock() + seconds;
    while (made_plc_bit(plc, coil) != on) {
        if (okng_clock() > until) return false;
        (void)usleep(100);
    }
    return true;
}

#endif
