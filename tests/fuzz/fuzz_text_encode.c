/* Any text with any options: whatever there is to say against it, ids are in their range and begin and end as they
 * should; and a word gives what merging as it is defined gives, pair by pair over the whole word. */
#include <stdlib.h>
#include <string.h>

#include "../made_vocabulary.h"
#include "text/vocabulary.h"
#include "text/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const okng_tokenizer *tokenizer(void)
{
    static okng_tokenizer *made;
    size_t size;
    if (made) return made;
    char *text = made_vocabulary(MADE_MERGES, &size);
    if (okng_vocabulary_parse(&made, text, size, "made", NULL) != OKNG_OK) abort();
    free(text);
    return made;
}

/* Merges every place of the best pair, and looks at all pairs again. */
static size_t merge_slowly(const uint8_t *word, size_t size, int32_t *ids)
{
    for (size_t i = 0; i < size; i++)
        ids[i] = okng_tokenizer_byte(tokenizer(), word[i]) + (i + 1 == size ? OKNG_TOKEN_BYTES : 0);
    for (;;) {
        int32_t best = INT32_MAX;
        for (size_t i = 0; i + 1 < size; i++) {
            const int32_t id = okng_tokenizer_pair(tokenizer(), ids[i], ids[i + 1]);
            if (id >= 0 && id < best) best = id;
        }
        if (best == INT32_MAX) return size;
        size_t used = 0;
        for (size_t i = 0; i < size; i++) {
            const bool both = i + 1 < size && okng_tokenizer_pair(tokenizer(), ids[i], ids[i + 1]) == best;
            ids[used++] = both ? best : ids[i];
            i += both;
        }
        size = used;
    }
}

static void check_word(const uint8_t *word, size_t size)
{
    enum { MOST = 300 };
    int32_t slow[MOST], fast[MOST];
    okng_token_list list = {.ids = fast, .room = MOST};
    if (size == 0 || size > MOST) return;
    if (okng_word_merge(tokenizer(), (const char *)word, size, &list, NULL) != OKNG_OK) return;
    const size_t count = merge_slowly(word, size, slow);
    if (list.count != count || memcmp(slow, fast, count * sizeof *slow) != 0) abort();
}

static void check_text(const char *text, uint8_t options)
{
    okng_text_options given;
    okng_init(&given);
    given.strict = options & 1;
    given.fix = options & 2 ? OKNG_TEXT_FIX_BASIC : OKNG_TEXT_FIX_NONE;
    given.special = options & 4 ? OKNG_SPECIAL_TOKENS_OPENAI : OKNG_SPECIAL_TOKENS_OPEN_CLIP;
    int32_t ids[OKNG_TEXT_TOKENS], length, cut;
    okng_error error = {0};
    if (okng_tokenizer_encode(tokenizer(), text, &given, ids, &length, &cut, &error) != OKNG_OK) {
        if (!error.message[0]) abort();
        return;
    }
    if (length < 2 || length > OKNG_TEXT_TOKENS || (cut && (given.strict || length < OKNG_TEXT_TOKENS))) abort();
    if (ids[0] != OKNG_TOKEN_START || ids[length - 1] != OKNG_TOKEN_END) abort();
    for (int32_t i = 0; i < OKNG_TEXT_TOKENS; i++)
        if (ids[i] < 0 || ids[i] > OKNG_TOKEN_END || (i >= length && ids[i] != 0)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    char *text = malloc(size);
    if (!text) return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    check_word(data + 1, size - 1);
    check_text(text, data[0]);
    free(text);
    return 0;
}
