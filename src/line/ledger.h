/* Which pictures of a source are done: a set of keys, on disk, one a line. */
#ifndef OKNG_LINE_LEDGER_H
#define OKNG_LINE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct okng_ledger okng_ledger; /* any thread */

/* Whether a key is still worth keeping: its file is there. */
typedef bool okng_ledger_fn(const char *key, void *user);

/* Reads the ledger at `path`, which need not be there. Keys that `keep` does not want are forgotten. Errors: IO, LIMIT,
 * MEMORY. */
okng_status okng_ledger_open(okng_ledger **out, const char *path, okng_ledger_fn *keep, void *user, okng_error *error);
void okng_ledger_close(okng_ledger **ledger);
bool okng_ledger_has(okng_ledger *ledger, const char *key);
/* Adds a key, which is in the file when this returns true. False: it is known until the ledger is closed, and
 * okng_ledger_tidy will write it. */
bool okng_ledger_add(okng_ledger *ledger, const char *key);
/* Writes the file anew, without keys that `keep` does not want, where it has grown much or a key is missing in it. */
okng_status okng_ledger_tidy(okng_ledger *ledger, okng_ledger_fn *keep, void *user, okng_error *error);

#endif
