#include "base/sha256.h"

/* Not by EVP, which looks its algorithms up in memory that it must have: these three need none, and cannot fail. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

/* A file is hashed in pieces, whatever its size. */
enum { PIECE = 1 << 18 };

static void write_hex(SHA256_CTX *hash, char hex[65])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    (void)SHA256_Final(digest, hash);
    for (unsigned i = 0; i < sizeof digest; i++) (void)snprintf(hex + (size_t)2 * i, 3, "%02x", digest[i]);
}

void okng_sha256(const void *data, size_t size, char hex[65])
{
    SHA256_CTX hash;
    (void)SHA256_Init(&hash);
    if (size > 0) (void)SHA256_Update(&hash, data, size);
    write_hex(&hash, hex);
}

static okng_status hash_pieces(okng_reader *reader, SHA256_CTX *hash, uint8_t *piece, okng_error *error)
{
    while (reader->left > 0) {
        size_t bytes = reader->left < PIECE ? reader->left : PIECE;
        OKNG_TRY(okng_reader_next(reader, piece, bytes, error));
        (void)SHA256_Update(hash, piece, bytes);
    }
    return OKNG_OK;
}

static okng_status hash_file(okng_reader *reader, char hex[65], okng_error *error)
{
    SHA256_CTX hash;
    uint8_t *piece = okng_alloc(PIECE, 1);
    if (!piece) return okng_fail_memory(error, PIECE);
    (void)SHA256_Init(&hash);
    okng_status status = hash_pieces(reader, &hash, piece, error);
    if (status == OKNG_OK) write_hex(&hash, hex);
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
