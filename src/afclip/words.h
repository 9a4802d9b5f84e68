/* What the text tower is given: the learnt vectors of the prompt, and behind them the words that say whether a part is
 * good. Private to afclip/ and those above it. */
#ifndef OKNG_AFCLIP_WORDS_H
#define OKNG_AFCLIP_WORDS_H

#include "afclip/learnt.h"

enum { OKNG_AFCLIP_STATES = 2 }; /* "without defect.", "with defect." */

/* What a tokenizer makes of both: start, words, end. */
typedef struct okng_afclip_ids {
    int32_t ids[OKNG_AFCLIP_STATES][OKNG_CLIP_TOKENS];
    int32_t lengths[OKNG_AFCLIP_STATES]; /* 1..OKNG_CLIP_TOKENS - OKNG_AFCLIP_PROMPT */
} okng_afclip_ids;

/* vocabulary: the path of a tokenizer's. Errors: those of okng_tokenizer_open; LIMIT where it cuts the words into more
 * tokens than there is room for; MEMORY. */
okng_status okng_afclip_ids_read(okng_afclip_ids *out, const char *vocabulary, okng_error *error);

/* Both sentences as vectors, the prompt left open. With CLIP's vocabulary each is start, three tokens and end, so that
 * length is 17 and both are read out at 16. */
typedef struct okng_afclip_words {
    int32_t text_width;                  /* Wt */
    int32_t length;                      /* of both, tokens behind the shorter one's end counted in: 13..77 */
    int32_t readout[OKNG_AFCLIP_STATES]; /* the token of each that is read out: its end */
    float *tokens;                       /* [2, length - OKNG_AFCLIP_PROMPT, Wt]: what the table has for them */
} okng_afclip_words;

/* weights: of a CLIP with its text tower, in any layout. Errors: MISMATCH (an image tower alone, a table of another
 * width), NOT_FOUND (a tensor), MEMORY. *out is zeroed on failure. */
okng_status okng_afclip_words_new(okng_afclip_words *out, const okng_weights *weights, int32_t text_width,
                                  const okng_afclip_ids *ids, okng_error *error);
void okng_afclip_words_free(okng_afclip_words *words); /* zeroed is fine; zeroes it */

/* Writes the input of the graph OKNG_PART_VECTORS, [2, length, Wt], from the prompt [OKNG_AFCLIP_PROMPT, Wt]: it stands
 * before the start token, in both sentences. Positions are added there. */
void okng_afclip_words_vectors(const okng_afclip_words *words, const float *prompt, float *vectors);

#endif
