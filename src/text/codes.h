/* Code points of UTF-8 texts that were checked before (okng_utf8_valid). */
#ifndef OKNG_TEXT_CODES_H
#define OKNG_TEXT_CODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/grown.h"

/* The code point that `text` begins with; returns its bytes, at least 1 and at most `size`, which is not 0. */
size_t okng_utf8_code(const char *text, size_t size, uint32_t *code);
/* Adds a code point, up to U+10FFFF. */
void okng_utf8_add(okng_grown *grown, uint32_t code);
/* White space as Python's str.split knows it. */
bool okng_is_space(uint32_t code);

#endif
