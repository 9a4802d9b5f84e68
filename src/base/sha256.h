/* SHA-256 by OpenSSL's libcrypto, which uses the CPU's SHA instructions. */
#ifndef OKNG_BASE_SHA256_H
#define OKNG_BASE_SHA256_H

#include <stddef.h>

/* Of memory; takes none, and cannot fail. okng_file_sha256 of the public header is that of a file. */
void okng_sha256(const void *data, size_t size, char hex[65]);

#endif
