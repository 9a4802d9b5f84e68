/* JSON that is made, written and read: the same values whatever the text, and whole or MEMORY when memory runs out. */
#include "base/json.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/grown.h"
#include "base/rng.h"
#include "test.h"

/* ---- memory that runs out: jansson's by its own hook, ours by the linker's --wrap (tests/CMakeLists.txt) ---- */

static struct {
    size_t count, fail_at; /* 0 = none */
    bool for_good;         /* all from there on */
} memory;

static bool is_out(void)
{
    memory.count++;
    return memory.fail_at > 0 && (memory.for_good ? memory.count >= memory.fail_at : memory.count == memory.fail_at);
}

void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    return is_out() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return is_out() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return is_out() ? NULL : __real_strdup(text);
}

static void limit_memory(size_t fail_at, bool for_good)
{
    memory.count = 0;
    memory.fail_at = fail_at;
    memory.for_good = for_good;
}

/* Runs `work` with each of its allocations failing, alone and with all that follow; it fails with MEMORY and a message,
 * or its text is that of a run in which nothing failed. */
typedef okng_status (*work_fn)(char **text, okng_error *error);
static void assert_whole_or_told(work_fn work)
{
    char *expected, *text;
    limit_memory(0, false);
    assert_ok(work(&expected, error));
    size_t all = memory.count;
    assert_true(all > 4);
    for (size_t at = 1; at <= all; at++)
        for (int for_good = 0; for_good < 2; for_good++) {
            okng_error error = {0};
            text = NULL;
            limit_memory(at, for_good);
            okng_status status = work(&text, &error);
            limit_memory(0, false);
            if (status == OKNG_OK)
                assert_string_equal(text, expected);
            else if (status != OKNG_ERROR_MEMORY || !error.message[0])
                fail_msg("allocation %zu: status %d: %s", at, (int)status, error.message);
            free(text);
        }
    free(expected);
}

/* ---- making and writing ---- */

static json_t *made(void)
{
    json_t *document = json_object(), *list = json_array(), *other = json_object();
    for (int i = 0; i < 40; i++) {
        char key[80];
        (void)snprintf(key, sizeof key, "a key that is longer than what a reader has room for at first: %d", i);
        okng_json_put(&document, key, json_pack("{s:i, s:f, s:n}", "whole", i, "real", i / 7.0, "nothing"));
        okng_json_add(&list, okng_json_any_text(i % 2 ? "caf\xe9" : "\xed\x95\x9c \"quoted\" \\ \n"));
    }
    okng_json_put(&document, "list", list);
    okng_json_put(&other, "unknown", okng_json_known(NAN));
    okng_json_put(&other, "known", okng_json_known(-0.5));
    okng_json_merge(&document, other);
    return document;
}

static okng_status make_text(char **text, okng_error *error)
{
    json_t *document = made();
    okng_status status = okng_json_text(document, OKNG_JSON_PRETTY, "made", text, NULL, error);
    json_decref(document);
    return status;
}

static okng_status make_sorted(char **text, okng_error *error)
{
    json_t *document = made();
    okng_status status = okng_json_text(document, JSON_COMPACT | JSON_SORT_KEYS, "made", text, NULL, error);
    json_decref(document);
    return status;
}

static void what_is_made_is_whole_or_the_lack_is_told(void **state)
{
    (void)state;
    assert_whole_or_told(make_text);
    assert_whole_or_told(make_sorted);
}

static const char place[] = "test_base_json.tmp";

static okng_status write_file(char **text, okng_error *error)
{
    json_t *document = made();
    okng_status status = okng_json_write(document, place, error);
    json_decref(document);
    void *data = NULL;
    size_t size = 0;
    limit_memory(0, false);
    if (okng_file_read(place, 1 << 20, &data, &size, NULL) != OKNG_OK) return OKNG_ERROR_IO;
    *text = data;
    (*text)[size - 1] = '\0';
    return status;
}

static void a_file_is_replaced_by_a_whole_one_or_stays(void **state)
{
    (void)state;
    char *good = NULL, *text = NULL;
    assert_ok(write_file(&good, error));
    free(good);
    limit_memory(0, false);
    json_t *document = made();
    assert_ok(okng_json_write(document, place, error));
    size_t all = memory.count;
    json_decref(document);
    for (size_t at = 1; at <= all; at++) {
        okng_error why = {0};
        assert_ok(okng_file_write(place, "old\n", 4, error));
        limit_memory(at, false);
        okng_status status = write_file(&text, &why);
        assert_true(status == OKNG_OK || status == OKNG_ERROR_MEMORY);
        if (status != OKNG_OK) assert_string_equal(text, "old");
        free(text);
    }
    (void)unlink(place);
}

static void nothing_is_added_to_what_lacks_something(void **state)
{
    (void)state;
    json_t *document = json_object(), *list = json_array();
    okng_json_put(&document, "lost", NULL);
    assert_null(document);
    okng_json_put(&document, "more", json_integer(1));
    assert_null(document);
    okng_json_add(&list, document);
    assert_null(list);
    json_t *whole = json_object();
    okng_json_merge(&whole, NULL);
    assert_null(whole);
    char *text;
    assert_fails(OKNG_ERROR_MEMORY, "place", okng_json_text(list, 0, "place", &text, NULL, error));
    assert_null(text);
    assert_fails(OKNG_ERROR_MEMORY, place, okng_json_write(list, place, error));
    assert_int_not_equal(access(place, F_OK), 0);
}

/* ---- reading ---- */

static const char sample[] =
    "{\"a string that does not fit into sixteen bytes\": \"nor does this one, which is longer still\","
    " \"numbers\": [1, -2.5e3, 0.000000000000000000012345678901234567890, 1234567890123456789],"
    " \"words\": [true, false, null, {}, []], \"escapes\": \"\\u00e9\\ud83d\\ude00\\n\\/\"}";

static okng_status parse_sample(char **text, okng_error *error)
{
    json_t *document;
    OKNG_TRY(okng_json_parse(&document, sample, sizeof sample - 1, "sample", NULL, error));
    size_t fail_at = memory.fail_at, count = memory.count;
    limit_memory(0, false); /* only the reading is meant */
    okng_status status = okng_json_text(document, JSON_COMPACT, "sample", text, NULL, error);
    memory.count = count;
    memory.fail_at = fail_at;
    json_decref(document);
    return status;
}

static void what_is_read_is_whole_or_the_lack_is_told(void **state)
{
    (void)state;
    assert_whole_or_told(parse_sample);
}

static void assert_as_jansson(const char *text, size_t size)
{
    json_t *ours = NULL, *theirs = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    okng_error error = {0};
    okng_status status = okng_json_parse(&ours, text, size, "text", NULL, &error);
    if ((status == OKNG_OK) != (theirs != NULL) || (ours && !json_equal(ours, theirs)))
        fail_msg("status %d (%s) for: %.*s", (int)status, error.message, (int)size, text);
    if (status != OKNG_OK) assert_non_null(strstr(error.message, "text: line "));
    json_decref(ours);
    json_decref(theirs);
}

static void texts_mean_what_they_mean_to_jansson(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        " ",
                                        "{}",
                                        "[]",
                                        "{} {}",
                                        "[1,]",
                                        "{\"a\":1,}",
                                        "{\"a\" 1}",
                                        "{\"a\":1,\"a\":2}",
                                        "[01]",
                                        "[-]",
                                        "[-0]",
                                        "[1.]",
                                        "[1.5e]",
                                        "[1E+2]",
                                        "[.5]",
                                        "[9223372036854775807]",
                                        "[9223372036854775808]",
                                        "[1e308]",
                                        "[1e309]",
                                        "[1e-400]",
                                        "[tru]",
                                        "[truex]",
                                        "[nul]",
                                        "[\"\\u0000\"]",
                                        "[\"\\ud800\"]",
                                        "[\"\\ud800\\u0041\"]",
                                        "[\"\\udc00\"]",
                                        "[\"\\x\"]",
                                        "[\"\t\"]",
                                        "[\"",
                                        "[\"\\",
                                        "[\"\xff\"]",
                                        "[\"\xc3\xa9\"]",
                                        "\xef\xbb\xbf[]",
                                        "{1:2}",
                                        "[[[[]]]]",
                                        "[}",
                                        "{]",
                                        "nullnull",
                                        "-12",
                                        "\"x\"",
                                        "[1 2]",
                                        "{\"\":{}}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) assert_as_jansson(texts[i], strlen(texts[i]));
    assert_as_jansson("[\"a\0b\"]", 7);
    assert_as_jansson("[1]\0", 4);
    okng_rng rng = okng_rng_new(1, OKNG_STREAM_BENCH);
    static const char pieces[] = "{}[]\",:\\u0e+-.tfn19 \n\x80";
    for (int round = 0; round < 200000; round++) {
        char text[sizeof sample];
        size_t size = sizeof sample - 1 - okng_rng_below(&rng, 2) * okng_rng_below(&rng, sizeof sample - 1);
        memcpy(text, sample, sizeof sample);
        for (uint64_t k = okng_rng_below(&rng, 3) + 1; k > 0; k--)
            text[okng_rng_below(&rng, size)] = pieces[okng_rng_below(&rng, sizeof pieces - 1)];
        assert_as_jansson(text, size);
    }
}

static void depth_has_a_limit(void **state)
{
    (void)state;
    char text[4096];
    json_t *value;
    memset(text, '[', sizeof text);
    assert_fails(OKNG_ERROR_LIMIT, "within each other",
                 okng_json_parse(&value, text, sizeof text, "deep", NULL, error));
    assert_null(value);
}

static void errors_say_the_line_what_was_found_and_what_was_expected(void **state)
{
    (void)state;
    json_t *value;
    static const char cut[] = "{\n\"a\": 1,\n";
    assert_fails(OKNG_ERROR_FORMAT, "x: line 3: found the end of the text, expected a name",
                 okng_json_parse(&value, cut, sizeof cut - 1, "x", NULL, error));
    assert_fails(OKNG_ERROR_FORMAT, "x: line 1: found 'oops], {1}', expected a value",
                 okng_json_parse(&value, "[oops], {1}", 11, "x", NULL, error));
    assert_fails(OKNG_ERROR_FORMAT, "second member \"a\"",
                 okng_json_parse(&value, "{\"a\":1,\"a\":1}", 13, "x", NULL, error));
}

/* ---- text that grows ---- */

static okng_status print_lines(char **text, okng_error *error)
{
    okng_grown grown = {0};
    FILE *stream = okng_grown_stream(&grown);
    for (int i = 0; i < 20000 && stream; i++) (void)fprintf(stream, "line %d\n", i);
    return okng_grown_close(&grown, stream, text, NULL, error);
}

static void printed_text_is_whole_or_the_lack_is_told(void **state)
{
    (void)state;
    assert_whole_or_told(print_lines);
}

int main(void)
{
    json_set_alloc_funcs(__wrap_malloc, free);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_made_is_whole_or_the_lack_is_told),
        cmocka_unit_test(a_file_is_replaced_by_a_whole_one_or_stays),
        cmocka_unit_test(nothing_is_added_to_what_lacks_something),
        cmocka_unit_test(what_is_read_is_whole_or_the_lack_is_told),
        cmocka_unit_test(texts_mean_what_they_mean_to_jansson),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(errors_say_the_line_what_was_found_and_what_was_expected),
        cmocka_unit_test(printed_text_is_whole_or_the_lack_is_told),
    };
    return RUN_TESTS(tests);
}
