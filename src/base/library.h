/* Libraries that are loaded when they are used. */
#ifndef OKNG_BASE_LIBRARY_H
#define OKNG_BASE_LIBRARY_H

#include "base/error.h"

/* Loads the library `name` for good; *handle is NULL where the system has none of that name. Errors: MEMORY, and
 * UNSUPPORTED where there is one that cannot be loaded. */
okng_status okng_library_load(void **handle, const char *name, okng_error *error);

#endif
