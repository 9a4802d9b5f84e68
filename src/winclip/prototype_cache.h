/* Prototypes that were made before, in $XDG_CACHE_HOME/okng/prototypes: a file each, called by the SHA-256 of all that
 * they depend on. Nothing but time depends on it. Private to winclip/. */
#ifndef OKNG_WINCLIP_PROTOTYPE_CACHE_H
#define OKNG_WINCLIP_PROTOTYPE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

/* Most files that are kept; the oldest go. */
enum { OKNG_PROTOTYPE_CACHE_FILES = 512 };

/* float32 [2, dim] of `key`, 64 hexadecimal digits; false where there are none, or the file is not whole. */
bool okng_prototype_cache_read(const char *key, float *prototypes, int64_t dim);
/* What cannot be written is not. */
void okng_prototype_cache_write(const char *key, const float *prototypes, int64_t dim);

#endif
