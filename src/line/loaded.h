/* Libraries that a line uses where they are installed: loaded when a source or a sink first wants them. */
#ifndef OKNG_LINE_LOADED_H
#define OKNG_LINE_LOADED_H

#include <stdbool.h>

#include "base/error.h"

/* A function of the library, and the pointer that is to point to it. */
typedef struct okng_loaded_function {
    const char *name;
    void *place;
} okng_loaded_function;

typedef struct okng_loaded_library {
    const char *file;                      /* "libmodbus.so.5" */
    const char *package;                   /* of Debian, that brings it: "libmodbus5" */
    const char *purpose;                   /* what it is for, N_(): "Modbus TCP" */
    const okng_loaded_function *functions; /* ends with a NULL name */
    bool loaded;                           /* the pointers are filled, for good */
} okng_loaded_library;

/* Loads it for good and fills the pointers; again costs little. Any thread. UNSUPPORTED, naming the package, where it
 * is not installed or lacks a function; MEMORY. */
okng_status okng_loaded_need(okng_loaded_library *library, okng_error *error);

#endif
