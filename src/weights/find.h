/* Which network and which weights: what the options say, completed by what there is. */
#ifndef OKNG_WEIGHTS_FIND_H
#define OKNG_WEIGHTS_FIND_H

#include "base/error.h"

/* Names the network: the built-in one where neither a backbone nor weights are given. Weights are not looked for.
 * Errors: ARGUMENT (weights without a backbone), NOT_FOUND (an unknown backbone); both list those known. */
okng_status okng_name_network(okng_build_options *options, okng_error *error);

/* The weights of a backbone that one of several models is made with, into `path` [OKNG_PATH_MAX]: `given` (may be NULL)
 * where it fits the backbone or cannot be read, "" where they are part of the library, else the file in the cache
 * (okng_backbone_cache), else `given` all the same: who opens it says what is wrong with it. *opened is `path` where it
 * had to be opened to find that out, so that it is read once; else NULL. Errors: NOT_FOUND, MEMORY. */
okng_status okng_weights_of(const char *backbone, const char *given, char *path, okng_weights **opened,
                            okng_error *error);

#endif
