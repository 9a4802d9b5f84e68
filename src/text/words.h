/* From a cleaned text to ids. */
#ifndef OKNG_TEXT_WORDS_H
#define OKNG_TEXT_WORDS_H

#include "text/tokenizer.h"

/* The ids that a text gives, in order. */
typedef struct okng_token_list {
    int32_t *ids; /* [room] */
    size_t room;
    size_t count; /* more than `room`: the rest is only counted */
    bool stop;    /* set where nothing beyond `room` need be counted */
} okng_token_list;

/* Ids of `text` [size], cleaned UTF-8, without start and end. Errors: MEMORY. */
okng_status okng_words_encode(const okng_tokenizer *tokenizer, const char *text, size_t size,
                              okng_special_tokens special, okng_token_list *list, okng_error *error);
/* Ids of one word, by merging pairs of the lowest rank first, from the left. */
okng_status okng_word_merge(const okng_tokenizer *tokenizer, const char *word, size_t size, okng_token_list *list,
                            okng_error *error);
void okng_token_list_add(okng_token_list *list, int32_t id);

#endif
