/* Programs of users: run without a shell, for a bounded time. */
#ifndef OKNG_LINE_PROCESS_H
#define OKNG_LINE_PROCESS_H

#include <stddef.h>

#include "base/error.h"

/* Runs argv[0], found by PATH, in a process group of its own, with `text` [size] at its standard input and
 * `environment` (ends with NULL, NAME=VALUE) added to its environment. Returns OKNG_OK once it has ended with status 0.
 * Errors: NOT_FOUND, IO (it cannot be started), LIMIT (it ran longer than `seconds`, and was killed with all its
 * group), UNSUPPORTED (it ended otherwise; the message holds the first line of what it wrote), MEMORY. */
okng_status okng_process_run(char *const argv[], char *const environment[], const char *text, size_t size,
                             double seconds, okng_error *error);

/* Whether okng_process_run would find a program of that name that it may run. NOT_FOUND, IO, MEMORY. */
okng_status okng_process_find(const char *name, okng_error *error);

#endif
