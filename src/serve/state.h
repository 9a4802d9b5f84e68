/* Where the server keeps what is its own: the folder of --state, else .okng-serve in the folder of banks. */
#ifndef OKNG_SERVE_STATE_H
#define OKNG_SERVE_STATE_H

#include "serve/options.h"

/* "STATE/name", for the caller to free. Errors: MEMORY. */
okng_status okng_state_path(const okng_serve_options *options, const char *name, char **path, okng_error *error);

#endif
