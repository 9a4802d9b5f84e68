/* Cuts a text into words as CLIP's pattern does, which knows no upper case: special tokens, English contractions, runs
 * of letters, single numbers, runs of anything else that is no white space. */
#include "text/words.h"

#include <string.h>
#include <unictype.h>

#include "base/utf8.h"
#include "text/codes.h"

typedef enum kind { SPACE, LETTER, NUMBER, OTHER, DROPPED } kind;

static kind kind_of(uint32_t code)
{
    if (code < 0x80) {
        if ((code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z')) return LETTER;
        if (code >= '0' && code <= '9') return NUMBER;
    }
    if (okng_is_space(code)) return SPACE;
    if (code < 0x80) return OTHER;
    if (uc_is_general_category_withtable(code, UC_CATEGORY_MASK_L)) return LETTER;
    if (uc_is_general_category_withtable(code, UC_CATEGORY_MASK_N)) return NUMBER;
    /* The one mark whose upper case is a letter: no part of the pattern takes it where case does not count. */
    return code == 0x345 ? DROPPED : OTHER;
}

/* Bytes at `text` that are `what`, in lower case, by case folding: of ASCII letters only s has another form than those
 * two, the long s. 0 where they are not. */
static size_t folded(const char *text, size_t size, const char *what)
{
    static const char long_s[] = "\xC5\xBF"; /* U+017F */
    size_t at = 0;
    for (; *what; what++) {
        const bool is_long = *what == 's' && size - at >= 2 && memcmp(text + at, long_s, 2) == 0;
        if (at >= size) return 0;
        const char c = text[at] >= 'A' && text[at] <= 'Z' ? (char)(text[at] - 'A' + 'a') : text[at];
        if (!is_long && c != *what) return 0;
        at += is_long ? 2 : 1;
    }
    return at;
}

/* The first of `words` that the text begins with; its bytes, 0 = none. */
static size_t begins(const char *text, size_t size, const char *const *words, size_t count, size_t *which)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = folded(text, size, words[i]);
        if (length > 0) return *which = i, length;
    }
    return 0;
}

static size_t contraction(const char *text, size_t size)
{
    static const char *const words[] = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};
    size_t which;
    return text[0] == '\'' ? begins(text, size, words, sizeof words / sizeof words[0], &which) : 0;
}

/* Start and end as a text may write them; *id where it does so exactly, else they are one word all the same. */
static size_t special_token(const char *text, size_t size, okng_special_tokens special, int32_t *id)
{
    static const char *const words[2][2] = {{"<start_of_text>", "<end_of_text>"}, {"<|startoftext|>", "<|endoftext|>"}};
    size_t which;
    *id = -1;
    const char *const *own = words[special == OKNG_SPECIAL_TOKENS_OPENAI];
    const size_t length = text[0] == '<' ? begins(text, size, own, 2, &which) : 0;
    if (length > 0 && length == strlen(own[which]) && memcmp(text, own[which], length) == 0)
        *id = which == 0 ? OKNG_TOKEN_START : OKNG_TOKEN_END;
    return length;
}

/* Bytes of the run of characters of one kind; a number stands alone. */
static size_t run(const char *text, size_t size, kind of)
{
    size_t at = 0;
    while (at < size) {
        uint32_t code;
        const size_t length = okng_utf8_code(text + at, size - at, &code);
        if (kind_of(code) != of) break;
        at += length;
        if (of == NUMBER) break;
    }
    return at;
}

okng_status okng_words_encode(const okng_tokenizer *tokenizer, const char *text, size_t size,
                              okng_special_tokens special, okng_token_list *list, okng_error *error)
{
    for (size_t at = 0, length; at < size && !(list->stop && list->count > list->room); at += length) {
        int32_t id;
        uint32_t code;
        const char *word = text + at;
        length = special_token(word, size - at, special, &id);
        if (length > 0 && id >= 0) {
            okng_token_list_add(list, id);
            continue;
        }
        if (length == 0) length = contraction(word, size - at);
        const size_t first = okng_utf8_code(word, size - at, &code);
        const kind of = kind_of(code);
        if (length == 0 && (of == SPACE || of == DROPPED)) {
            length = first;
            continue;
        }
        if (length == 0) length = run(word, size - at, of);
        OKNG_TRY(okng_word_merge(tokenizer, word, length, list, error));
    }
    return OKNG_OK;
}
