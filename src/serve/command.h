/* What the verbs of the server do, each with its parsed words. They return exit codes. */
#ifndef OKNG_SERVE_COMMAND_H
#define OKNG_SERVE_COMMAND_H

#include "cli/cli.h"

int okng_serve_command(okng_cli_args *args);

#endif
