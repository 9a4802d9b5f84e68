/* The byte-pair encoding of CLIP: what a vocabulary becomes in memory, and how its readers make one. The public
 * functions are those of okng/experimental.h. */
#ifndef OKNG_TEXT_TOKENIZER_H
#define OKNG_TEXT_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    OKNG_TOKEN_BYTES = 256,                        /* ids 0..255: a byte; 256..511: a byte that ends a word */
    OKNG_TOKEN_MERGES = 49152 - 256 - 2,           /* ids 512 and up: what pairs become, by rank */
    OKNG_TOKEN_COUNT = 512 + OKNG_TOKEN_MERGES + 2 /* with start and end */
};

/* ---- making ---- */

/* Merges that are being read, with the text of every symbol there is so far. */
typedef struct okng_merges okng_merges;
okng_status okng_merges_new(okng_merges **out, okng_error *error);
/* The next merge, of two symbols as vocabularies write them. `path` is used in errors. Errors: FORMAT (a symbol that no
 * earlier merge makes, a result that is there already, more than OKNG_TOKEN_MERGES), MEMORY. */
okng_status okng_merges_add(okng_merges *merges, const char *left, size_t left_size, const char *right,
                            size_t right_size, const char *path, okng_error *error);
size_t okng_merges_count(const okng_merges *merges);
/* Text of the symbol `id`, not ended by a NUL. */
const char *okng_merges_text(const okng_merges *merges, int32_t id, size_t *size);
/* A tokenizer of them; FORMAT where they are not the OKNG_TOKEN_MERGES of CLIP's kind. */
okng_status okng_merges_finish(okng_tokenizer **out, const okng_merges *merges, const char *path, okng_error *error);
void okng_merges_free(okng_merges **merges);

/* The code point by which vocabularies write a byte, and the place of that byte in their alphabet. */
uint32_t okng_byte_symbol(uint8_t byte, int32_t *id);

/* ---- using ---- */

/* Id of what the neighbours `left` and `right` become; -1: they stay apart. The lower it is the sooner. */
int32_t okng_tokenizer_pair(const okng_tokenizer *tokenizer, int32_t left, int32_t right);
/* Id of a byte. */
int32_t okng_tokenizer_byte(const okng_tokenizer *tokenizer, uint8_t byte);

#endif
