/* Every change, and who made it, into the history. */
#ifndef OKNG_SERVE_AUDIT_H
#define OKNG_SERVE_AUDIT_H

#include "serve/serve.h"

/* Notes that `by` did `what` ("threshold", "bank deleted", ...) to a bank (NULL: to none). `before` and `after` (taken)
 * are what it was and is; NULL: nothing to say. A change that cannot be noted is counted in /metrics and an error of
 * the history. Without a history (built without SQLite) nothing is noted. */
okng_status okng_audit(okng_serve *serve, const char *by, const char *what, const char *bank, json_t *before,
                       json_t *after, okng_error *error);

#endif
