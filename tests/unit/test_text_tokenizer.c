/* The tokenizer with CLIP's vocabulary and with a made-up one; ids from elsewhere are in test_text_golden.c. */
#include "base/grown.h"
#include "text/tokenizer.h"

#include "made_vocabulary.h"
#include "test.h"
#include "text/vocabulary.h"

#define REAL OKNG_SHARED "/weights/bpe_simple_vocab_16e6.txt.gz"

static okng_tokenizer *made(void)
{
    okng_tokenizer *tokenizer;
    size_t size;
    char *text = made_vocabulary(MADE_MERGES, &size);
    assert_ok(okng_vocabulary_parse(&tokenizer, text, size, "made", error));
    free(text);
    return tokenizer;
}

/* "49406 320 ..." of what is not padding; the rest must be zeros. */
static void assert_ids(const okng_tokenizer *tokenizer, const char *text, const okng_text_options *options,
                       const char *expected)
{
    int32_t ids[OKNG_TEXT_TOKENS], length, cut;
    char found[OKNG_TEXT_TOKENS * 8] = "";
    size_t used = 0;
    memset(ids, 0x55, sizeof ids);
    assert_ok(okng_tokenizer_encode(tokenizer, text, options, ids, &length, &cut, error));
    for (int32_t i = 0; i < length; i++)
        used += (size_t)snprintf(found + used, sizeof found - used, "%s%d", i > 0 ? " " : "", (int)ids[i]);
    assert_string_equal(found, expected);
    for (int32_t i = length; i < OKNG_TEXT_TOKENS; i++) assert_int_equal(ids[i], 0);
    assert_int_equal(cut, 0);
}

static void published_texts_have_their_ids(void **state)
{
    (void)state;
    static const struct {
        const char *text, *ids;
    } vectors[] = {
        {"without defect.", "49406 2193 44013 269 49407"},
        {"with defect.", "49406 593 44013 269 49407"},
        {"a photo of a cat", "49406 320 1125 539 320 2368 49407"},
        {"a cropped photo of the metal_nut.", "49406 320 31139 1125 539 518 4044 318 6491 269 49407"},
        {"a close-up photo of a damaged metal nut.", "49406 320 2660 268 705 1125 539 320 13568 4044 6491 269 49407"},
        {"a photo of the pcb1 for visual inspection.", "49406 320 1125 539 518 26235 272 556 7195 15142 269 49407"},
        {"", "49406 49407"},
    };
    need_shared("weights/bpe_simple_vocab_16e6.txt.gz");
    okng_tokenizer *tokenizer;
    assert_ok(okng_tokenizer_open(&tokenizer, REAL, error));
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        assert_ids(tokenizer, vectors[i].text, NULL, vectors[i].ids);
    okng_tokenizer_close(&tokenizer);
    assert_null(tokenizer);
}

/* Ids by the rule of made_vocabulary.h: "ab" is 512 + 1, "ab" at an end 512 + 676 + 1, ... */
static void pairs_are_merged_by_rank_and_from_the_left(void **state)
{
    (void)state;
    okng_tokenizer *tokenizer = made();
    assert_ids(tokenizer, "a", NULL, "49406 320 49407"); /* 256 + 'a' - '!' */
    assert_ids(tokenizer, "ab", NULL, "49406 1189 49407");
    assert_ids(tokenizer, "AB\t ab", NULL, "49406 1189 1189 49407");
    /* aa before a at the end; three within; two pairs of four. */
    assert_ids(tokenizer, "aaa", NULL, "49406 19440 49407");
    assert_ids(tokenizer, "abab", NULL, "49406 513 1189 49407");
    assert_ids(tokenizer, "aaaaa", NULL, "49406 512 19440 49407");
    assert_ids(tokenizer, "aaaabb", NULL, "49406 37016 1215 49407");
    okng_tokenizer_close(&tokenizer);
}

static void a_long_text_is_cut_or_refused(void **state)
{
    (void)state;
    okng_tokenizer *tokenizer = made();
    int32_t ids[OKNG_TEXT_TOKENS], length, cut;
    char text[400] = "";
    okng_text_options options;
    okng_init(&options);
    options.strict = 1;
    for (int i = 0; i < 75; i++) strcat(text, "1 ");
    assert_ok(okng_tokenizer_encode(tokenizer, text, &options, ids, &length, &cut, error));
    assert_int_equal(length, 77);
    assert_int_equal(cut, 0);
    assert_int_equal(ids[75], 256 + '1' - '!');
    assert_int_equal(ids[76], OKNG_TOKEN_END);
    strcat(text, "2 3");
    assert_ok(okng_tokenizer_encode(tokenizer, text, NULL, ids, &length, &cut, error));
    assert_int_equal(length, 77);
    assert_int_equal(cut, 1);
    assert_int_equal(ids[75], 256 + '1' - '!');
    assert_int_equal(ids[76], OKNG_TOKEN_END);
    assert_fails(OKNG_ERROR_LIMIT, "1 1 ...\" has 79 tokens with start and end, expected at most 77",
                 okng_tokenizer_encode(tokenizer, text, &options, ids, &length, NULL, error));
    okng_tokenizer_close(&tokenizer);
}

static void odd_texts_and_arguments_are_told(void **state)
{
    (void)state;
    okng_tokenizer *tokenizer = made();
    int32_t ids[OKNG_TEXT_TOKENS], length;
    okng_text_options options;
    okng_init(&options);
    assert_fails(OKNG_ERROR_ARGUMENT, "not UTF-8: byte 0xE9 at offset 3",
                 okng_tokenizer_encode(tokenizer, "caf\xE9", NULL, ids, &length, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "not UTF-8: byte 0xED at offset 0",
                 okng_tokenizer_encode(tokenizer, "\xED\xA0\x80", NULL, ids, &length, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "the text",
                 okng_tokenizer_encode(tokenizer, NULL, NULL, ids, &length, NULL, error));
    options.fix = (okng_text_fix)7;
    assert_fails(OKNG_ERROR_ARGUMENT, "text-fix 7",
                 okng_tokenizer_encode(tokenizer, "a", &options, ids, &length, NULL, error));
    okng_init(&options);
    options.special = (okng_special_tokens)-1;
    assert_fails(OKNG_ERROR_ARGUMENT, "special tokens -1",
                 okng_tokenizer_encode(tokenizer, "a", &options, ids, &length, NULL, error));
    okng_tokenizer_close(&tokenizer);
    okng_tokenizer_close(NULL);
}

/* The time of a word grows little faster than its length: a megabyte by the square of it would take hours. */
static void a_megabyte_is_no_matter(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    okng_tokenizer *tokenizer = made();
    okng_text_options options;
    okng_init(&options);
    options.strict = 1;
    options.fix = OKNG_TEXT_FIX_BASIC;
    int32_t ids[OKNG_TEXT_TOKENS], length;
    char *text = malloc(SIZE + 1);
    assert_non_null(text);
    static const char *const pieces[] = {"ab", "'", "&amp;", "&", "&#x26;amp;", "\x1b[", "\xCE\xA3", "\xCC\x81", "1"};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        const size_t size = strlen(pieces[i]);
        memset(text, 0, SIZE + 1);
        for (size_t at = 0; at + size <= SIZE; at += size) memcpy(text + at, pieces[i], size);
        assert_fails(OKNG_ERROR_LIMIT, "tokens with start and end",
                     okng_tokenizer_encode(tokenizer, text, &options, ids, &length, NULL, error));
    }
    free(text);
    okng_tokenizer_close(&tokenizer);
}

static void other_vocabularies_are_refused(void **state)
{
    (void)state;
    okng_tokenizer *tokenizer;
    size_t size;
    char *text = made_vocabulary(1000, &size);
    assert_fails(OKNG_ERROR_FORMAT, "v: 1000 merges, expected the 48894 of CLIP",
                 okng_vocabulary_parse(&tokenizer, text, size, "v", error));
    assert_null(tokenizer);
    free(text);
    assert_fails(OKNG_ERROR_FORMAT, "v: is empty", okng_vocabulary_parse(&tokenizer, "", 0, "v", error));
    assert_fails(OKNG_ERROR_FORMAT, "v: 0 merges", okng_vocabulary_parse(&tokenizer, "x", 1, "v", error));
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"t\nin\n", "line 2 is no merge"},
        {"t\ni n\n\nt h\n", "line 3 is no merge"},
        {"t\ni n t\n", "line 2 is no merge"},
        {"t\ni n\nin g\nth e\n", "merge 3: \"th\" is no symbol of the merges before it"},
        {"t\ni n\ni n\n", "merge 2: \"i\" and \"n\" make a symbol that is there already"},
        {"t\n\xE2\x96\x81 t\n", "merge 1: \"\xE2\x96\x81\" is no symbol"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(OKNG_ERROR_FORMAT, bad[i].why,
                     okng_vocabulary_parse(&tokenizer, bad[i].text, strlen(bad[i].text), "v", error));
}

static void a_vocabulary_of_words_without_ends_is_refused(void **state)
{
    (void)state;
    okng_tokenizer *tokenizer;
    okng_grown text = {0};
    (void)okng_grown_add(&text, "#version: 0.2\n", 14);
    /* As GPT-2's: no merge ends a word. Two bytes, then three. */
    for (int i = 0, made = 0; made < MADE_MERGES; i++) {
        char line[16];
        const int two = 64 * 64;
        if (i < two)
            (void)snprintf(line, sizeof line, "%c %c\n", 0x3f + i / 64, 0x3f + i % 64);
        else
            (void)snprintf(line, sizeof line, "%c%c %c\n", 0x3f + (i - two) / two, 0x3f + (i - two) / 64 % 64,
                           0x3f + (i - two) % 64);
        (void)okng_grown_add(&text, line, strlen(line));
        made++;
    }
    assert_fails(OKNG_ERROR_FORMAT, "v: no merge ends a word with </w>",
                 okng_vocabulary_parse(&tokenizer, text.data, text.size, "v", error));
    free(text.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_texts_have_their_ids),
        cmocka_unit_test(pairs_are_merged_by_rank_and_from_the_left),
        cmocka_unit_test(a_long_text_is_cut_or_refused),
        cmocka_unit_test(odd_texts_and_arguments_are_told),
        cmocka_unit_test(a_megabyte_is_no_matter),
        cmocka_unit_test(other_vocabularies_are_refused),
        cmocka_unit_test(a_vocabulary_of_words_without_ends_is_refused),
    };
    return RUN_TESTS(tests);
}
