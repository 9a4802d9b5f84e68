/* What is done with a text before it is cut into words. */
#ifndef OKNG_TEXT_CLEAN_H
#define OKNG_TEXT_CLEAN_H

#include <stdint.h>

#include "base/grown.h"

/* *out, malloc'd, is `text` [size], UTF-8, mended as `fix` says; HTML's characters in it written out, twice; white
 * space at both ends gone, and each run of it one space; in lower case. Errors: MEMORY. */
okng_status okng_text_clean(char **out, size_t *out_size, const char *text, size_t size, okng_text_fix fix,
                            okng_error *error);

/* Adds to `out`, as Python's html.unescape: names of HTML5 also without their semicolon where HTML knows them so,
 * numbers by HTML's table. What is missing is told by `out`. */
void okng_html_unescape(okng_grown *out, const char *text, size_t size);
/* The same as ftfy does it: names and numbers with their semicolon alone, names in capitals besides. */
void okng_html_unescape_strict(okng_grown *out, const char *text, size_t size);

/* The character that windows-1252 has for a number of 128 to 159, else the number. */
uint32_t okng_windows_1252(uint32_t number);

/* *out, malloc'd, is the text as the library ftfy mends it, but for what was decoded wrongly. Errors: MEMORY. */
okng_status okng_text_mend(char **out, size_t *out_size, const char *text, size_t size, okng_error *error);

#endif
