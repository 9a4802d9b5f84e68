/* The tokenizer with CLIP's vocabulary and with a made-up one; ids from elsewhere are in test_text_golden.c. */
#include <zlib.h>

#include "base/grown.h"
#include "text/tokenizer.h"

#include "made_tokenizer.h"
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
    /* NULL, and a struct of an older program or of none. */
    char path[OKNG_PATH_MAX];
    okng_tokenizer *none;
    okng_init(&options);
    assert_fails(OKNG_ERROR_ARGUMENT, "", okng_tokenizer_open(NULL, "x", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "", okng_tokenizer_open(&none, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "", okng_vocabulary_find(NULL, NULL, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "", okng_tokenizer_encode(NULL, "a", NULL, ids, &length, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "", okng_tokenizer_encode(tokenizer, "a", NULL, NULL, &length, NULL, error));
    assert_fails(OKNG_ERROR_ARGUMENT, "", okng_tokenizer_encode(tokenizer, "a", NULL, ids, NULL, NULL, error));
    options.struct_size = 0;
    assert_fails(OKNG_ERROR_ARGUMENT, "options of texts",
                 okng_tokenizer_encode(tokenizer, "a", &options, ids, &length, NULL, error));
    options.struct_size = sizeof(size_t);
    options.fix = (okng_text_fix)7; /* beyond what this program knows */
    assert_ok(okng_tokenizer_encode(tokenizer, "a", &options, ids, &length, NULL, error));
    static char longest[OKNG_PATH_MAX + 1];
    memset(longest, 'x', OKNG_PATH_MAX);
    assert_fails(OKNG_ERROR_LIMIT, "the path is too long", okng_vocabulary_find(longest, NULL, path, error));
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

/* ---- vocab.json, tokenizer.json ---- */

static void tokenizer_json_is_read_in_both_forms(void **state)
{
    (void)state;
    static const char *const forms[] = {"%s\"%.*s %s\"", "%s[\"%.*s\",\"%s\"]"};
    for (int i = 0; i < 2; i++) {
        okng_tokenizer *tokenizer;
        okng_grown json = {0};
        made_model(&json, MADE_BPE, forms[i], -2);
        assert_ok(okng_vocabulary_parse(&tokenizer, json.data, json.size, "t", error));
        assert_ids(tokenizer, "abab aaa", NULL, "49406 513 1189 19440 49407");
        okng_tokenizer_close(&tokenizer);
        free(json.data);
    }
}

static void another_tokenizer_json_is_refused(void **state)
{
    (void)state;
    static const struct {
        okng_status status;
        const char *head, *form;
        int first;
        const char *why;
    } bad[] = {
        {OKNG_ERROR_MISMATCH, MADE_BPE, "%s\"%.*s %s\"", 600, "t: the id of \"dk\" is 601, expected 600 by the merges"},
        {OKNG_ERROR_UNSUPPORTED, "\"type\": \"WordPiece\"", "%s\"%.*s %s\"", -2, "t: model.type is \"WordPiece\""},
        {OKNG_ERROR_UNSUPPORTED, "\"type\": \"BPE\"", "%s\"%.*s %s\"", -2, "t: model.end_of_word_suffix is \"\""},
        {OKNG_ERROR_FORMAT, MADE_BPE, "%s\"%.*s%s\"", -2, "t: merge 1 is neither"},
        {OKNG_ERROR_FORMAT, MADE_BPE ", \"vocab\": 1", "%s\"%.*s %s\"", -2, "t: line 1"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        okng_tokenizer *tokenizer;
        okng_grown json = {0};
        made_model(&json, bad[i].head, bad[i].form, bad[i].first);
        assert_fails(bad[i].status, bad[i].why, okng_vocabulary_parse(&tokenizer, json.data, json.size, "t", error));
        assert_null(tokenizer);
        free(json.data);
    }
}

static void write_to(const char *folder, const char *name, const void *data, size_t size)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_ok(okng_file_write(path, data, size, error));
}

static void a_folder_is_looked_into(void **state)
{
    (void)state;
    char folder[] = "/tmp/okng-text-XXXXXX", path[OKNG_PATH_MAX], weights[600];
    okng_tokenizer *tokenizer;
    size_t size;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(weights, sizeof weights, "%s/model.safetensors", folder);
    assert_int_equal(setenv("XDG_CACHE_HOME", folder, 1), 0);
    assert_fails(OKNG_ERROR_NOT_FOUND, "no vocabulary in this folder", okng_tokenizer_open(&tokenizer, folder, error));
    assert_fails(OKNG_ERROR_NOT_FOUND, "okng weights get clip-vocabulary",
                 okng_vocabulary_find(NULL, weights, path, error));

    okng_grown json = {0};
    made_ids(&json, MADE_MERGES, -2);
    write_to(folder, "vocab.json", json.data, json.size);
    assert_fails(OKNG_ERROR_NOT_FOUND,
                 "vocab.json needs merges.txt beside it: ", okng_tokenizer_open(&tokenizer, folder, error));
    char *text = made_vocabulary(1000, &size);
    write_to(folder, "merges.txt", text, size);
    free(text);
    assert_fails(OKNG_ERROR_FORMAT, "1000 merges", okng_tokenizer_open(&tokenizer, folder, error));
    text = made_vocabulary(MADE_MERGES, &size);
    write_to(folder, "merges.txt", text, size);
    assert_ok(okng_tokenizer_open(&tokenizer, folder, error));
    assert_ids(tokenizer, "abab", NULL, "49406 513 1189 49407");
    okng_tokenizer_close(&tokenizer);
    json.size = 0;
    made_ids(&json, 1000, -2);
    write_to(folder, "vocab.json", json.data, json.size);
    assert_fails(OKNG_ERROR_FORMAT, "1514 symbols, expected the 49408 of CLIP",
                 okng_tokenizer_open(&tokenizer, folder, error));
    free(json.data);

    /* The published name comes first, beside weights and in the cache. */
    write_to(folder, "bpe_simple_vocab_16e6.txt", text, size);
    assert_ok(okng_vocabulary_find(NULL, weights, path, error));
    assert_non_null(strstr(path, "/bpe_simple_vocab_16e6.txt"));
    assert_ok(okng_tokenizer_open(&tokenizer, path, error));
    okng_tokenizer_close(&tokenizer);
    assert_ok(okng_vocabulary_find("given", weights, path, error));
    assert_string_equal(path, "given");
    (void)snprintf(weights, sizeof weights, "%s/okng/weights", folder);
    assert_int_equal(system("mkdir -p \"$XDG_CACHE_HOME/okng/weights\""), 0);
    write_to(weights, "bpe_simple_vocab_16e6.txt.gz", text, size);
    assert_ok(okng_vocabulary_find("", "elsewhere/model.pt", path, error));
    assert_non_null(strstr(path, "/okng/weights/bpe_simple_vocab_16e6.txt.gz"));
    free(text);
    assert_int_equal(okng_test_remove_tree(folder), 0);
}

/* ---- gzip ---- */

static void packed_vocabularies_are_read_whole_or_not(void **state)
{
    (void)state;
    okng_tokenizer *tokenizer;
    size_t size;
    char *text = made_vocabulary(MADE_MERGES, &size);
    uLong room = compressBound((uLong)size) + 64;
    uint8_t *packed = malloc(room);
    assert_non_null(packed);
    z_stream stream = {.next_in = (Bytef *)text, .avail_in = (uInt)size, .next_out = packed, .avail_out = (uInt)room};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    const size_t length = stream.total_out;
    (void)deflateEnd(&stream);
    assert_ok(okng_vocabulary_parse(&tokenizer, packed, length, "v", error));
    assert_ids(tokenizer, "abab", NULL, "49406 513 1189 49407");
    okng_tokenizer_close(&tokenizer);
    const size_t cuts[] = {2, 10, 11, length / 2, length - 9, length - 8, length - 1};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++)
        assert_fails(OKNG_ERROR_FORMAT, "v: ends within what is packed",
                     okng_vocabulary_parse(&tokenizer, packed, cuts[i], "v", error));
    packed[length] = 'x';
    assert_fails(OKNG_ERROR_FORMAT, "v: 1 bytes behind the end",
                 okng_vocabulary_parse(&tokenizer, packed, length + 1, "v", error));
    packed[length - 8] ^= 1; /* of the check sum */
    assert_fails(OKNG_ERROR_FORMAT, "v: damaged gzip", okng_vocabulary_parse(&tokenizer, packed, length, "v", error));
    free(packed);
    free(text);
}

static void a_bomb_is_not_unpacked(void **state)
{
    (void)state;
    enum { PIECE = 1 << 16 };
    static uint8_t zeros[PIECE], packed[1 << 20];
    okng_tokenizer *tokenizer;
    z_stream stream = {.next_out = packed, .avail_out = sizeof packed};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    for (int i = 0; i < 1 << 10; i++) {
        stream.next_in = zeros;
        stream.avail_in = PIECE;
        assert_int_equal(deflate(&stream, i + 1 < 1 << 10 ? Z_NO_FLUSH : Z_FINISH),
                         i + 1 < 1 << 10 ? Z_OK : Z_STREAM_END);
    }
    assert_fails(OKNG_ERROR_LIMIT, "v: more than 16777216 bytes are packed in it",
                 okng_vocabulary_parse(&tokenizer, packed, stream.total_out, "v", error));
    (void)deflateEnd(&stream);
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
        cmocka_unit_test(tokenizer_json_is_read_in_both_forms),
        cmocka_unit_test(another_tokenizer_json_is_refused),
        cmocka_unit_test(a_folder_is_looked_into),
        cmocka_unit_test(packed_vocabularies_are_read_whole_or_not),
        cmocka_unit_test(a_bomb_is_not_unpacked),
    };
    return RUN_TESTS(tests);
}
