#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "base/file.h"

okng_status okng_sha256(const void *data, size_t size, char hex[65], okng_error *error)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(data, size, digest, &length, EVP_sha256(), NULL) != 1 || length != 32)
        return okng_fail(error, OKNG_ERROR_INTERNAL, "libcrypto cannot compute SHA-256");
    for (unsigned i = 0; i < length; i++) (void)snprintf(hex + (size_t)2 * i, 3, "%02x", digest[i]);
    return OKNG_OK;
}

okng_status okng_file_sha256(const char *path, char hex[65], okng_error *error)
{
    okng_map map;
    OKNG_TRY(okng_need(path, "the path of a file", error));
    OKNG_TRY(okng_need(hex, "the room for a SHA-256", error));
    OKNG_TRY(okng_map_open(&map, path, error));
    okng_status status = okng_sha256(map.data, map.size, hex, error);
    okng_map_close(&map);
    return status;
}
