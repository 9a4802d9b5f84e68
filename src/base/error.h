/* Errors: every function that can fail returns okng_status and fills a caller-owned okng_error. */
#ifndef OKNG_BASE_ERROR_H
#define OKNG_BASE_ERROR_H

#include "okng/experimental.h"

/* Fills `error` (may be NULL) and returns `status`. The format is looked up in the catalogue of the language in use.
 * Text that came from a file is made printable: control characters become '?'. */
__attribute__((format(printf, 3, 4))) okng_status okng_fail(okng_error *error, okng_status status, const char *format,
                                                            ...);

/* okng_fail with OKNG_ERROR_MEMORY and the number of bytes that could not be had. */
okng_status okng_fail_memory(okng_error *error, size_t bytes);

/* okng_fail with the reason in errno: ENOENT becomes NOT_FOUND, ENOMEM becomes MEMORY, all else IO.
 * `doing` reads like "open", "write"; `path` may be NULL. */
okng_status okng_fail_errno(okng_error *error, const char *doing, const char *path);

/* What errno's number means, in okng's language whatever the program's locale. */
const char *okng_reason_text(int reason);

/* ARGUMENT, naming `what`, when `pointer` is NULL: a public function's check of what its caller gave. */
okng_status okng_need(const void *pointer, const char *what, okng_error *error);

/* Puts "context: " before the message of an error that is on its way up. Returns error's status. */
__attribute__((format(printf, 3, 4))) okng_status okng_error_context(okng_error *error, okng_status status,
                                                                     const char *format, ...);

/* Returns from the calling function when `expression` is not OKNG_OK; for functions with nothing to release. */
#define OKNG_TRY(expression)                                      \
    do {                                                          \
        okng_status okng_try_status_ = (expression);              \
        if (okng_try_status_ != OKNG_OK) return okng_try_status_; \
    } while (0)

#endif
