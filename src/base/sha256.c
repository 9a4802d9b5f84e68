#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"

/* A file is hashed in pieces, whatever its size. */
enum { PIECE = 1 << 18 };

static void write_hex(const unsigned char digest[32], char hex[65])
{
    for (unsigned i = 0; i < 32; i++) (void)snprintf(hex + (size_t)2 * i, 3, "%02x", digest[i]);
}

okng_status okng_sha256(const void *data, size_t size, char hex[65], okng_error *error)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(data, size, digest, &length, EVP_sha256(), NULL) != 1 || length != 32)
        return okng_fail(error, OKNG_ERROR_INTERNAL, "libcrypto cannot compute SHA-256");
    write_hex(digest, hex);
    return OKNG_OK;
}

static okng_status hash_pieces(okng_reader *reader, EVP_MD_CTX *hash, uint8_t *piece, okng_error *error)
{
    bool hashed = EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1;
    while (hashed && reader->left > 0) {
        size_t bytes = reader->left < PIECE ? reader->left : PIECE;
        OKNG_TRY(okng_reader_next(reader, piece, bytes, error));
        hashed = EVP_DigestUpdate(hash, piece, bytes) == 1;
    }
    return hashed ? OKNG_OK : okng_fail(error, OKNG_ERROR_INTERNAL, "libcrypto cannot compute SHA-256");
}

static okng_status hash_file(okng_reader *reader, char hex[65], okng_error *error)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    uint8_t *piece = okng_alloc(PIECE, 1);
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    okng_status status = piece && hash ? hash_pieces(reader, hash, piece, error) : okng_fail_memory(error, PIECE);
    if (status == OKNG_OK && (EVP_DigestFinal_ex(hash, digest, &length) != 1 || length != 32))
        status = okng_fail(error, OKNG_ERROR_INTERNAL, "libcrypto cannot compute SHA-256");
    if (status == OKNG_OK) write_hex(digest, hex);
    EVP_MD_CTX_free(hash);
    free(piece);
    return status;
}

okng_status okng_file_sha256(const char *path, char hex[65], okng_error *error)
{
    okng_reader reader;
    OKNG_TRY(okng_need(path, "the path of a file", error));
    OKNG_TRY(okng_need(hex, "the room for a SHA-256", error));
    OKNG_TRY(okng_reader_open(&reader, path, error));
    okng_status status = hash_file(&reader, hex, error);
    return okng_reader_close(&reader, status, error);
}
