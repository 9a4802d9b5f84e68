#include "text/clean.h"

#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>

#include "text/codes.h"

static okng_status unescape_twice(char **out, size_t *out_size, const char *text, size_t size, okng_error *error)
{
    okng_grown once = {0}, twice = {0};
    char *first;
    okng_html_unescape(&once, text, size);
    *out = NULL;
    OKNG_TRY(okng_grown_take(&once, &first, &size, error));
    okng_html_unescape(&twice, first, size);
    free(first);
    return okng_grown_take(&twice, out, out_size, error);
}

/* In place; returns the new size. */
static size_t collapse(char *text, size_t size)
{
    size_t used = 0;
    bool gap = false;
    for (size_t at = 0, length; at < size; at += length) {
        uint32_t code;
        length = okng_utf8_code(text + at, size - at, &code);
        if (okng_is_space(code)) {
            gap = used > 0;
            continue;
        }
        if (gap) text[used++] = ' ';
        gap = false;
        for (size_t i = 0; i < length; i++) text[used++] = text[at + i];
    }
    return used;
}

/* Whether the sigma at `at` ends a word: a letter with cases before it, none behind it, whatever case ignores between.
 * Not by u8_tolower of libunistring 1.0, for which an apostrophe ends every word
 * (findings/libunistring-final-sigma.sh). */
static bool ends_word(const char *text, size_t size, size_t at)
{
    uint32_t code = 0;
    size_t place = at;
    while (place > 0) {
        do place--;
        while (((uint8_t)text[place] & 0xc0) == 0x80);
        (void)okng_utf8_code(text + place, size - place, &code);
        if (!uc_is_property_case_ignorable(code)) break;
        code = 0;
    }
    if (!uc_is_property_cased(code)) return false;
    code = 0;
    for (place = at + 2; place < size;) {
        place += okng_utf8_code(text + place, size - place, &code);
        if (!uc_is_property_case_ignorable(code)) break;
        code = 0;
    }
    return !uc_is_property_cased(code);
}

/* Of full lower case two characters are more than a table of one for one. */
static okng_status lower(char **out, size_t *out_size, const char *text, size_t size, okng_error *error)
{
    enum { I_DOT = 0x130, SIGMA = 0x3a3, SMALL_SIGMA = 0x3c3, LAST_SIGMA = 0x3c2 };
    okng_grown small = {0};
    for (size_t at = 0, length; at < size; at += length) {
        uint32_t code;
        length = okng_utf8_code(text + at, size - at, &code);
        if (code < 0x80)
            code = code >= 'A' && code <= 'Z' ? code - 'A' + 'a' : code;
        else if (code == I_DOT)
            (void)okng_grown_add(&small, "i", 1), code = 0x307;
        else if (code == SIGMA)
            code = ends_word(text, size, at) ? LAST_SIGMA : SMALL_SIGMA;
        else
            code = uc_tolower(code);
        okng_utf8_add(&small, code);
    }
    return okng_grown_take(&small, out, out_size, error);
}

okng_status okng_text_clean(char **out, size_t *out_size, const char *text, size_t size, okng_text_fix fix,
                            okng_error *error)
{
    char *mended = NULL, *plain = NULL;
    okng_status status = OKNG_OK;
    *out = NULL;
    if (fix == OKNG_TEXT_FIX_BASIC) status = okng_text_mend(&mended, &size, text, size, error);
    if (status == OKNG_OK) status = unescape_twice(&plain, &size, mended ? mended : text, size, error);
    if (status == OKNG_OK) status = lower(out, out_size, plain, collapse(plain, size), error);
    free(plain);
    free(mended);
    return status;
}
