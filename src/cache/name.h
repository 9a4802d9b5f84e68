/* Names of banks, as they stand in addresses, in files and in the banks folder. */
#ifndef OKNG_CACHE_NAME_H
#define OKNG_CACHE_NAME_H

#include <stdbool.h>

enum { OKNG_BANK_NAME_MAX = 64 }; /* bytes, without the NUL */

/* True for 1..64 bytes of UTF-8 without control characters, '/', '\\', a space at either end or a '.' at the front, so
 * that a name is one step below the banks folder, and never hidden. */
bool okng_bank_name_is_good(const char *name);

#endif
