#include <stdlib.h>
#include <string.h>

#include "base/sized.h"
#include "base/utf8.h"
#include "text/clean.h"
#include "text/words.h"

enum { MOST_BYTES = 4 << 20 };
enum { SHOWN = 60 }; /* bytes of a text in messages */

static const char *dots(const char *text)
{
    return strnlen(text, SHOWN + 1) > SHOWN ? "..." : "";
}

static okng_status check_text(const char *text, size_t *size, okng_error *error)
{
    size_t at;
    *size = strnlen(text, MOST_BYTES + 1);
    if (*size > MOST_BYTES)
        return okng_fail(error, OKNG_ERROR_LIMIT, "a text of more than %d bytes, which is the most", MOST_BYTES);
    if (!okng_utf8_valid(text, *size, &at))
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "a text that is not UTF-8: byte 0x%02X at offset %zu, expected texts in UTF-8",
                         (unsigned)(uint8_t)text[at], at);
    return OKNG_OK;
}

static okng_status take_options(okng_text_options *full, const okng_text_options *options, okng_error *error)
{
    okng_init(full);
    if (options) OKNG_TRY(okng_sized_take(full, sizeof *full, options, "the options of texts", error));
    if (full->fix != OKNG_TEXT_FIX_NONE && full->fix != OKNG_TEXT_FIX_BASIC)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "text-fix %d: expected one of okng_text_fix", (int)full->fix);
    if (full->special != OKNG_SPECIAL_TOKENS_OPEN_CLIP && full->special != OKNG_SPECIAL_TOKENS_OPENAI)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "special tokens %d: expected one of okng_special_tokens",
                         (int)full->special);
    return OKNG_OK;
}

/* Puts start and end around what is there; `list` begins behind the start. */
static okng_status frame(const char *text, const okng_token_list *list, int32_t strict, int32_t *ids, int32_t *length,
                         int32_t *cut, okng_error *error)
{
    const size_t all = list->count + 2;
    if (all > OKNG_TEXT_TOKENS && strict)
        return okng_fail(error, OKNG_ERROR_LIMIT,
                         "the text \"%.*s%s\" has %zu tokens with start and end, expected at most %d: shorten it, or "
                         "let it be cut",
                         okng_utf8_cut(text, SHOWN), text, dots(text), all, OKNG_TEXT_TOKENS);
    const size_t used = all < OKNG_TEXT_TOKENS ? all : OKNG_TEXT_TOKENS;
    ids[0] = OKNG_TOKEN_START;
    memcpy(ids + 1, list->ids, (used - 2) * sizeof *ids);
    ids[used - 1] = OKNG_TOKEN_END;
    memset(ids + used, 0, (OKNG_TEXT_TOKENS - used) * sizeof *ids);
    *length = (int32_t)used;
    if (cut) *cut = all > OKNG_TEXT_TOKENS;
    return OKNG_OK;
}

okng_status okng_tokenizer_encode(const okng_tokenizer *tokenizer, const char *text, const okng_text_options *options,
                                  int32_t *ids, int32_t *length, int32_t *cut, okng_error *error)
{
    okng_text_options full;
    size_t size;
    char *clean;
    int32_t found[OKNG_TEXT_TOKENS - 2];
    OKNG_TRY(okng_need(tokenizer, "the tokenizer", error));
    OKNG_TRY(okng_need(text, "the text", error));
    OKNG_TRY(okng_need(ids, "the place for the ids", error));
    OKNG_TRY(okng_need(length, "the place for their number", error));
    OKNG_TRY(take_options(&full, options, error));
    OKNG_TRY(check_text(text, &size, error));
    OKNG_TRY(okng_text_clean(&clean, &size, text, size, full.fix, error));
    okng_token_list list = {.ids = found, .room = OKNG_TEXT_TOKENS - 2, .stop = !full.strict};
    okng_status status = okng_words_encode(tokenizer, clean, size, full.special, &list, error);
    free(clean);
    return status == OKNG_OK ? frame(text, &list, full.strict, ids, length, cut, error) : status;
}
