/* Tokens of the frozen tower, kept on disk: they cost most of a training and never change. A folder:
 *   cache.json              whose tokens they are: network, hash of its weights, input, taps, type
 *   <SHA-256>.safetensors   of each picture, called by the hash of its file: "tokens" [4, T, W], and their own hash
 * Each file appears whole or not at all; one that is damaged is made anew. */
#ifndef OKNG_TRAIN_CACHE_H
#define OKNG_TRAIN_CACHE_H

#include "afclip/plan.h"
#include "base/json.h"
#include "train/config.h"

typedef struct okng_token_cache {
    char *folder;
    okng_cache_type type;
    int64_t shape[3]; /* [4, T, W] */
    void *packed;     /* room for what is written */
} okng_token_cache;

/* Opens or makes the folder for what `key` (borrowed) says. Errors: MISMATCH where it is of something else, unless
 * `rebuild`, which removes it; ARGUMENT where the folder has files that are not okng's; IO, MEMORY. */
okng_status okng_token_cache_open(okng_token_cache *cache, const char *folder, const json_t *key, okng_cache_type type,
                                  const okng_afclip_plan *plan, bool rebuild, okng_error *error);
void okng_token_cache_close(okng_token_cache *cache); /* zeroed is fine; zeroes it */
/* Bytes of a picture's file, nearly. */
uint64_t okng_token_cache_bytes(const okng_token_cache *cache);
/* IO where the disk has not that much room for `count` pictures more, saying how much is needed and there. */
okng_status okng_token_cache_room(const okng_token_cache *cache, size_t count, okng_error *error);
/* Whether there is a file of that picture, which may be damaged. */
bool okng_token_cache_has(const okng_token_cache *cache, const char *sha256);
/* tokens [4, T, W]. Errors: NOT_FOUND, those of reading; MISMATCH where it is damaged. */
okng_status okng_token_cache_read(const okng_token_cache *cache, const char *sha256, float *tokens, okng_error *error);
/* Writes them, and rounds `tokens` to what was written. Errors: IO (the disk is full), MEMORY. */
okng_status okng_token_cache_write(okng_token_cache *cache, const char *sha256, float *tokens, okng_error *error);

#endif
