/* Addresses to listen on. */
#ifndef OKNG_SERVE_LISTEN_H
#define OKNG_SERVE_LISTEN_H

#include <stdbool.h>

#include "base/error.h"

enum { OKNG_HOST_MAX = 256 };

/* "127.0.0.1:8080", "[::1]:8080", "localhost:0", ":8080" (host is "" then: every address). */
typedef struct okng_address {
    char host[OKNG_HOST_MAX];
    int port; /* 0..65535 */
} okng_address;

/* Errors: ARGUMENT, with what was found and expected. */
okng_status okng_address_parse(okng_address *address, const char *text, okng_error *error);
/* Whether only this machine reaches it: 127.0.0.0/8, ::1, localhost. */
bool okng_address_is_local(const okng_address *address);
/* A socket that listens there; *port is the port. Errors: ARGUMENT, BUSY, IO. */
okng_status okng_listen(int *socket, int *port, const okng_address *address, okng_error *error);

#endif
