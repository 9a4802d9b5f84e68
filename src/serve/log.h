/* What the verbs of the history share. */
#ifndef OKNG_SERVE_LOG_H
#define OKNG_SERVE_LOG_H

#include "cli/cli.h"
#include "history/history.h"

/* Where the history is that the operand names; the operand itself where none is found. */
const char *okng_log_place(const okng_cli_args *args, char path[OKNG_PATH_MAX]);
/* Opens the history that the operand names: its folder, one that is in it as okng serve keeps it, or an exported file.
 * Returns an exit code; what is wrong has been said. */
int okng_log_open(const okng_cli_args *args, bool read_only, okng_history **history);
/* Which inspections the options mean. `limit`: where none is given. Returns an exit code, alike. */
int okng_log_filter(const okng_cli_args *args, int64_t limit, okng_history_filter *filter);
/* A number of an option within low..high. Returns an exit code, alike. */
int okng_log_number(const okng_cli_args *args, const char *name, int64_t low, int64_t high, int64_t initial,
                    int64_t *out);
/* A text of the history on stdout, without what a terminal would obey. */
void okng_log_print(const char *text);

#endif
