/* The first bytes of a recipe. */
#include <inttypes.h>
#include <string.h>

#include "base/xxh64.h"
#include "recipe/directory.h"
#include "recipe/recipe.h"
#include "tensor/bytes.h"

/* Where each field lies. */
enum {
    VERSION = 8,
    ALIGNMENT = 12,
    WHOLE = 16,
    DIRECTORY = 24,
    LENGTH = 32,
    DIGEST = 40,
    KEY = 72,
    SIGNATURE = 104,
    ZEROS = 168,
    SUM = 248
};

static const unsigned char magic[OKNG_RECIPE_MAGIC] = {0x8B, 'O', 'K', 'N', 'G', '\r', '\n', 0x1A};

bool okng_recipe_magic_is(const unsigned char *bytes)
{
    return memcmp(bytes, magic, sizeof magic) == 0;
}

bool okng_recipe_is_signed(const okng_recipe_header *header)
{
    unsigned char any = 0;
    for (int i = 0; i < OKNG_RECIPE_KEY; i++) any |= header->key[i];
    return any != 0;
}

void okng_recipe_header_write(const okng_recipe_header *header, unsigned char *out)
{
    memset(out, 0, OKNG_RECIPE_HEADER);
    memcpy(out, magic, sizeof magic);
    okng_store_u32(out + VERSION, OKNG_RECIPE_VERSION);
    okng_store_u32(out + ALIGNMENT, OKNG_RECIPE_ALIGNMENT);
    okng_store_u64(out + WHOLE, header->bytes);
    okng_store_u64(out + DIRECTORY, header->directory);
    okng_store_u64(out + LENGTH, header->directory_bytes);
    memcpy(out + DIGEST, header->digest, sizeof header->digest);
    memcpy(out + KEY, header->key, sizeof header->key);
    memcpy(out + SIGNATURE, header->signature, sizeof header->signature);
    okng_store_u64(out + SUM, okng_xxh64(out, SUM));
}

static okng_status damaged(const char *path, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_FORMAT,
                     "%s: its header is damaged; copy the recipe again, or pack the bank again", path);
}

/* What a recipe of any version begins with. */
static okng_status check_kind(const unsigned char *bytes, size_t size, uint64_t whole, const char *path,
                              okng_error *error)
{
    if (size < OKNG_RECIPE_MAGIC || !okng_recipe_magic_is(bytes))
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: is a file and no recipe, expected the folder of a bank, or a file that okng pack wrote",
                         path);
    if (size < OKNG_RECIPE_HEADER)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: is cut off: %" PRIu64 " bytes, and a recipe's header alone has %d; copy it again", path,
                         whole, OKNG_RECIPE_HEADER);
    if (okng_load_u64(bytes + SUM) != okng_xxh64(bytes, SUM)) return damaged(path, error);
    const uint32_t version = okng_load_u32(bytes + VERSION);
    if (version == OKNG_RECIPE_VERSION) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "%s: a recipe of version %" PRIu32 ", this okng reads version %d; take a newer okng, or pack the "
                     "bank again",
                     path, version, OKNG_RECIPE_VERSION);
}

okng_status okng_recipe_header_read(okng_recipe_header *header, const unsigned char *bytes, size_t size, uint64_t whole,
                                    const char *path, okng_error *error)
{
    OKNG_TRY(check_kind(bytes, size, whole, path, error));
    *header = (okng_recipe_header){.bytes = okng_load_u64(bytes + WHOLE),
                                   .directory = okng_load_u64(bytes + DIRECTORY),
                                   .directory_bytes = okng_load_u64(bytes + LENGTH)};
    memcpy(header->digest, bytes + DIGEST, sizeof header->digest);
    memcpy(header->key, bytes + KEY, sizeof header->key);
    memcpy(header->signature, bytes + SIGNATURE, sizeof header->signature);
    unsigned char rest = 0;
    for (int i = ZEROS; i < SUM; i++) rest |= bytes[i];
    if (rest != 0 || okng_load_u32(bytes + ALIGNMENT) != OKNG_RECIPE_ALIGNMENT) return damaged(path, error);
    if (header->bytes != whole)
        return okng_fail(error, OKNG_ERROR_FORMAT,
                         "%s: has %" PRIu64 " bytes, expected %" PRIu64 ": it is cut off or something was added; copy "
                         "it again",
                         path, whole, header->bytes);
    if (header->directory_bytes > OKNG_RECIPE_DIRECTORY_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%s: a directory of %" PRIu64 " bytes, expected at most %d", path,
                         header->directory_bytes, OKNG_RECIPE_DIRECTORY_MAX);
    if (header->directory < OKNG_RECIPE_HEADER || header->directory > whole ||
        header->directory_bytes != whole - header->directory)
        return damaged(path, error);
    return OKNG_OK;
}
