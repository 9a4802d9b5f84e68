/* What the verbs of the server do, each with its parsed words. They return exit codes. */
#ifndef OKNG_SERVE_COMMAND_H
#define OKNG_SERVE_COMMAND_H

#include "cli/cli.h"

int okng_serve_command(okng_cli_args *args);
int okng_line_command(okng_cli_args *args);
int okng_log_list(okng_cli_args *args);
int okng_log_changes(okng_cli_args *args);
int okng_log_stats(okng_cli_args *args);
int okng_log_judge(okng_cli_args *args);
int okng_log_export(okng_cli_args *args);
int okng_log_check(okng_cli_args *args);

#endif
