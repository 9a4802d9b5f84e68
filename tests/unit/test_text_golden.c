/* Texts and their ids by another implementation, tests/golden/make_tokens.py. */
#include "made_vocabulary.h"
#include "test.h"
#include "text/vocabulary.h"

#define REAL OKNG_SHARED "/weights/bpe_simple_vocab_16e6.txt.gz"

/* What is between tabs; `line` moves on. */
static char *field(char **line)
{
    char *begin = *line, *end = begin + strcspn(begin, "\t\n");
    *line = *end ? end + 1 : end;
    *end = '\0';
    return begin;
}

static void unescape(char *text)
{
    char *to = text;
    for (; *text; text++) {
        unsigned byte = (uint8_t)*text;
        if (*text == '%') {
            assert_int_equal(sscanf(text + 1, "%2X", &byte), 1);
            text += 2;
        }
        *to++ = (char)byte;
    }
    *to = '\0';
}

static void check(const okng_tokenizer *tokenizer, const char *text, const okng_text_options *options,
                  const char *expected)
{
    int32_t ids[OKNG_TEXT_TOKENS], length;
    char found[OKNG_TEXT_TOKENS * 8];
    size_t used = 0;
    assert_ok(okng_tokenizer_encode(tokenizer, text, options, ids, &length, NULL, error));
    for (int32_t i = 0; i < length; i++)
        used += (size_t)snprintf(found + used, sizeof found - used, "%s%d", i > 0 ? " " : "", (int)ids[i]);
    if (strcmp(found, expected) != 0) fail_msg("\"%s\" gives %s, expected %s", text, found, expected);
}

/* Of the lines, `column` 0 is by CLIP's vocabulary, 1 by the made-up one. Returns their number. */
static int check_all(const okng_tokenizer *tokenizer, int column)
{
    FILE *file = fopen(OKNG_GOLDEN "/text/tokens.txt", "r");
    assert_non_null(file);
    char *line = NULL;
    size_t room = 0;
    int count = 0;
    for (; getline(&line, &room, file) > 0; count++) {
        char *at = line;
        okng_text_options options;
        okng_init(&options);
        options.fix = strcmp(field(&at), "basic") == 0 ? OKNG_TEXT_FIX_BASIC : OKNG_TEXT_FIX_NONE;
        options.special =
            strcmp(field(&at), "openai") == 0 ? OKNG_SPECIAL_TOKENS_OPENAI : OKNG_SPECIAL_TOKENS_OPEN_CLIP;
        const char *ids[2];
        ids[0] = field(&at);
        ids[1] = field(&at);
        char *text = field(&at);
        unescape(text);
        check(tokenizer, text, &options, ids[column]);
    }
    free(line);
    (void)fclose(file);
    return count;
}

static void clips_vocabulary_gives_the_ids_of_another_implementation(void **state)
{
    (void)state;
    need_shared("weights/bpe_simple_vocab_16e6.txt.gz");
    okng_tokenizer *tokenizer;
    assert_ok(okng_tokenizer_open(&tokenizer, REAL, error));
    assert_true(check_all(tokenizer, 0) > 300);
    okng_tokenizer_close(&tokenizer);
}

static void a_made_up_vocabulary_gives_them_too(void **state)
{
    (void)state;
    okng_tokenizer *tokenizer;
    size_t size;
    char *text = made_vocabulary(MADE_MERGES, &size);
    assert_ok(okng_vocabulary_parse(&tokenizer, text, size, "made", error));
    free(text);
    assert_true(check_all(tokenizer, 1) > 300);
    okng_tokenizer_close(&tokenizer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clips_vocabulary_gives_the_ids_of_another_implementation),
        cmocka_unit_test(a_made_up_vocabulary_gives_them_too),
    };
    return RUN_TESTS(tests);
}
