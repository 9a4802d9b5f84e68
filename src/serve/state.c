#include "serve/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

okng_status okng_state_path(const okng_serve_options *options, const char *name, char **path, okng_error *error)
{
    char *state = options->state ? strdup(options->state) : okng_path_join(options->banks, ".okng-serve");
    *path = state ? okng_path_join(state, name) : NULL;
    free(state);
    return *path ? OKNG_OK : okng_fail_memory(error, strlen(name));
}
