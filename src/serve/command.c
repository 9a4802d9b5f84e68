/* The verbs of the server, in the program that has them. */
#include "serve/command.h"

#include <string.h>

/* clang-format off */
static const struct {
    const char *verb;
    int (*run)(okng_cli_args *args);
} commands[] = {
    {"serve", okng_serve_command},
    {"line", okng_line_command},
    {"log list", okng_log_list},
    {"log changes", okng_log_changes},
    {"log stats", okng_log_stats},
    {"log judge", okng_log_judge},
    {"log export", okng_log_export},
    {"log check", okng_log_check},
};
/* clang-format on */

int okng_cli_run_server(okng_cli_args *args)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(args->verb->name, commands[i].verb) == 0) return commands[i].run(args);
    return okng_cli_error("okng %s is in no table of this program", args->verb->name);
}
