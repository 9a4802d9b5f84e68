#ifndef OKNG_INSPECT_APART_H
#define OKNG_INSPECT_APART_H

#include "base/error.h"

/* ARGUMENT where results in `out` would lie in the folder `dir` of pictures, and be taken for pictures the next time.
 * Links and ".." are followed; what does not exist yet lies where it would be made. Where `dir` does not exist all is
 * well here. Errors: ARGUMENT, MEMORY, NOT_FOUND and IO (the working folder cannot be told). */
okng_status okng_need_apart(const char *dir, const char *out, okng_error *error);

#endif
