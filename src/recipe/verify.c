/* Whether a recipe is what somebody signed. */
#include <string.h>

#include "base/parallel.h"
#include "base/sha256.h"
#include "recipe/inside.h"
#include "recipe/sign.h"

static okng_status check_key(const okng_recipe *recipe, const unsigned char *key, const char *path, okng_error *error)
{
    const okng_recipe_info info = okng_recipe_look(recipe);
    if (!info.is_signed)
        return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: is not signed; pack the bank with --sign", recipe->path);
    if (memcmp(recipe->header.key, key, OKNG_RECIPE_KEY) == 0) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: was signed with another key (%.16s...) than that of %s",
                     recipe->path, info.key, path);
}

typedef struct hashing {
    const okng_recipe *recipe;
    atomic_bool bad;
} hashing;

static void compare(hashing *h, const okng_piece *piece, const void *bytes)
{
    char actual[65];
    okng_sha256(bytes, (size_t)piece->bytes, actual);
    if (strcmp(actual, piece->sha256) != 0) atomic_store(&h->bad, true);
}

static void hash_some(void *context, int64_t begin, int64_t end, int thread)
{
    hashing *h = context;
    const okng_directory *d = &h->recipe->directory;
    (void)thread;
    for (size_t i = (size_t)begin; i < (size_t)end; i++) {
        if (i < d->tensor_count)
            compare(h, &d->tensors[i].piece, h->recipe->map.data + d->tensors[i].piece.at);
        else
            compare(h, &d->documents[i - d->tensor_count].piece, h->recipe->documents[i - d->tensor_count]);
    }
}

okng_status okng_recipe_verify(okng_recipe *recipe, const char *key, int threads, okng_error *error)
{
    unsigned char expected[OKNG_RECIPE_KEY];
    bool is = false;
    hashing h = {.recipe = recipe};
    OKNG_TRY(okng_public_key_read(key, expected, error));
    OKNG_TRY(check_key(recipe, expected, key, error));
    OKNG_TRY(okng_signature_is(expected, recipe->signed_bytes, recipe->header.signature, &is, error));
    if (!is)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s: its signature is not of this file: it was changed after it was signed", recipe->path);
    okng_parallel_for(threads, (int64_t)(recipe->directory.tensor_count + recipe->directory.document_count), 1,
                      hash_some, &h);
    if (!atomic_load(&h.bad)) return okng_recipe_settled(recipe, error);
    OKNG_TRY(okng_recipe_settled(recipe, error));
    return okng_fail(error, OKNG_ERROR_MISMATCH, "%s: holds other bytes than were signed; copy the recipe again",
                     recipe->path);
}
