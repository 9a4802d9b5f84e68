/* A made-up vocabulary of CLIP's size by a rule that tests/golden/make_tokens.py follows too, so that tests need no
 * download: every two letters, within a word and at its end; every three so made of the first two and the third; then
 * four of two pairs, as many as are left. */
#ifndef OKNG_TESTS_MADE_VOCABULARY_H
#define OKNG_TESTS_MADE_VOCABULARY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MADE_MERGES = 48894 };

/* Merge i, "ab c</w>", of at most 15 bytes. */
static inline void made_merge(int i, char *line)
{
    static const char *const ends[] = {"", "</w>"};
    const int two = 26 * 26, three = 26 * two;
    if (i < 2 * two) {
        (void)sprintf(line, "%c %c%s", 'a' + i % two / 26, 'a' + i % 26, ends[i / two]);
        return;
    }
    i -= 2 * two;
    if (i < 2 * three) {
        const int j = i % three;
        (void)sprintf(line, "%c%c %c%s", 'a' + j / two, 'a' + j / 26 % 26, 'a' + j % 26, ends[i / three]);
        return;
    }
    i -= 2 * three;
    (void)sprintf(line, "%c%c %c%c", 'a' + i / three % 26, 'a' + i / two % 26, 'a' + i / 26 % 26, 'a' + i % 26);
}

/* The text of a vocabulary with the first `merges` of them, as it is published; for the caller to free. */
static inline char *made_vocabulary(int merges, size_t *size)
{
    static const char title[] = "\"made up#version: 0\n";
    char *text = malloc(sizeof title + (size_t)merges * 16);
    if (!text) abort();
    char *at = text + sprintf(text, "%s", title);
    for (int i = 0; i < merges; i++) {
        made_merge(i, at);
        at += strlen(at);
        *at++ = '\n';
    }
    *at = '\0';
    *size = (size_t)(at - text);
    return text;
}

#endif
