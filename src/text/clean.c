#include "text/clean.h"

#include <errno.h>
#include <stdlib.h>
#include <unicase.h>

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

static okng_status lower(char **out, size_t *out_size, const char *text, size_t size, okng_error *error)
{
    *out = (char *)u8_tolower((const uint8_t *)text, size, NULL, NULL, NULL, out_size);
    return *out ? OKNG_OK : okng_fail_memory(error, size);
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
