/* SHA-256 by OpenSSL's libcrypto, which uses the CPU's SHA instructions. */
#ifndef OKNG_BASE_SHA256_H
#define OKNG_BASE_SHA256_H

#include "base/error.h"

/* Of memory. */
okng_status okng_sha256(const void *data, size_t size, char hex[65], okng_error *error);

#endif
