/* Text whose bytes come from files and folders. */
#ifndef OKNG_BASE_UTF8_H
#define OKNG_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the UTF-8 character that `text` begins with, of `size` bytes that are there; 0 where it is none. */
size_t okng_utf8_length(const void *text, size_t size);
/* Whether all of it is UTF-8; where not, *at (may be NULL) is the first byte that is not. */
bool okng_utf8_valid(const void *text, size_t size, size_t *at);
/* Bytes of `text` up to `most`, without a character that is cut in two: for "%.*s". */
int okng_utf8_cut(const char *text, int most);

#endif
