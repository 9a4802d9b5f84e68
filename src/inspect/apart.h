#ifndef OKNG_INSPECT_APART_H
#define OKNG_INSPECT_APART_H

#include "base/error.h"

/* ARGUMENT where results in `out` would lie in the folder `dir` of pictures, and be taken for pictures the next time.
 * Links and ".." are followed; what does not exist yet lies where it would be made. */
okng_status okng_need_apart(const char *dir, const char *out, okng_error *error);

#endif
