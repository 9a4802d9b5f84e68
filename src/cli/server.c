/* Verbs of the server: they are in the program okng-serve. */
#include <errno.h>
#include <string.h>

#include "cli.h"

int okng_cli_run_server(okng_cli_args *args)
{
    okng_cli_start_beside("okng-serve", args->words);
    if (errno == ENOENT)
        return okng_cli_error(
            "okng %s is in the program okng-serve, which is not here; the package okng-serve brings it",
            args->verb->name);
    return okng_cli_error("okng-serve: cannot be started: %s", strerror(errno));
}
