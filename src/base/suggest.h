/* "did you mean": the candidate that a mistyped word is nearest to. */
#ifndef OKNG_BASE_SUGGEST_H
#define OKNG_BASE_SUGGEST_H

#include <stddef.h>

/* Levenshtein distance of two words; SIZE_MAX where one is longer than 63 bytes. */
size_t okng_edit_distance(const char *a, const char *b);
/* The nearest of `candidates` (the first of equals); NULL when all differ by so much that another word was meant. */
const char *okng_suggest(const char *word, const char *const *candidates, size_t count);

#endif
