#include "serve/command.h"

int okng_serve_command(okng_cli_args *args)
{
    return okng_cli_error("okng %s: nothing listens yet", args->verb->name);
}
