/* Structs of the public headers whose first member is their size. A caller that was compiled against an older header
 * has a smaller one, against a newer header a larger one; neither is refused. */
#ifndef OKNG_BASE_SIZED_H
#define OKNG_BASE_SIZED_H

#include "base/error.h"

/* What a caller gives: the members that both know go over the defaults in *full, which has `size` bytes and notes that
 * size. ARGUMENT, naming `what`, where `given` is NULL or its size does not reach over the first member: it was not
 * initialised. */
okng_status okng_sized_take(void *full, size_t size, const void *given, const char *what, okng_error *error);

/* What a caller gets: the members of *full that it knows; what is only in its struct is zeroed, its size stays.
 * ARGUMENT as above; nothing is written then. */
okng_status okng_sized_give(void *given, const void *full, size_t size, const char *what, okng_error *error);

/* The check of both alone, for what must be refused before the work. */
okng_status okng_sized_check(const void *given, const char *what, okng_error *error);

#endif
