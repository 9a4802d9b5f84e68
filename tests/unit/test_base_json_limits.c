/* Documents that hold more than their kind may: refused while they are read, at the line that leads over. */
#include "test.h"

#include "base/json.h"
#include "base/memory.h"

static const okng_json_limits few = {.bytes = 1000, .items = 10, .text = 20, .depth = 3};

static char path[64];

static okng_status read_text(const char *text, const okng_json_limits *limits, json_t **out, okng_error *error)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    assert_int_equal(fclose(file), 0);
    return okng_json_read(out, path, limits, error);
}

static void refuse(const char *text, const char *part)
{
    json_t *out = (json_t *)1;
    assert_fails(OKNG_ERROR_LIMIT, part, read_text(text, &few, &out, error));
    assert_null(out);
}

static void accept(const char *text)
{
    json_t *out;
    assert_ok(read_text(text, &few, &out, error));
    json_decref(out);
}

static void items_are_counted(void **state)
{
    (void)state;
    accept("{\"a\": [1, -2.5e3, true, false, null, \"x\", \"\"]}"); /* the object, its name, the array, seven */
    refuse("{\"a\": [1, -2.5e3, true, false, null, \"x\", \"\", 0]}", "more than 10 numbers, texts and lists");
    refuse("{\"a\":\n[1,2,3,4,\n5,6,7,8]}", "line 3: more than 10");
    refuse("{\"a\": [[], {}, [], {}, [], {}, [], {}]}", "more than 10");
    accept("{\"a\": \"1, 2, [3, [4, {5\"}"); /* what is in a text is none */
    accept("{\"a\": \"\\\"1, 2, [3, {\"}");
    accept("{\"a\": \"\\\\\", \"b\": [1]}");
}

static void texts_depth_and_bytes_have_their_limits(void **state)
{
    (void)state;
    accept("{\"a\": \"1234567890123456789\"}"); /* the closing mark counts */
    refuse("{\"a\": \"12345678901234567890\"}", "a text of more than 20 bytes");
    refuse("{\"a12345678901234567890\": 1}", "a text of more than 20 bytes");
    refuse("{\"a\": \"\\u0041\\u0041\\u0041\\u0041\"}", "a text of more than 20 bytes");
    accept("{\"a\": [[1]]}");
    refuse("{\"a\": [[[1]]]}", "nested deeper than 3");
    char long_text[1100];
    memset(long_text, ' ', sizeof long_text);
    memcpy(long_text, "{}", 2);
    long_text[1000] = '\0';
    accept(long_text);
    long_text[1000] = ' ';
    long_text[1001] = '\0';
    refuse(long_text, "1001 bytes, expected at most 1000");
}

/* What jansson takes for a document of one kind of item is no more than the counter says. */
static void memory_is_no_more_than_counted(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* their malloc takes more */
#endif
    static const char *const kinds[] = {"1",   "0.5", "\"\"",     "\"fifteen letters\"",   "[]",
                                        "[1]", "{}",  "{\"\":1}", "{\"a\":{},\"b\":\"c\"}"};
    const okng_json_limits none = {.bytes = SIZE_MAX, .items = SIZE_MAX, .text = SIZE_MAX, .depth = SIZE_MAX};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        enum { COUNT = 100000 };
        const size_t length = strlen(kinds[k]);
        char *text = malloc(COUNT * (length + 1) + 8), *at = text;
        assert_non_null(text);
        at = stpcpy(at, "[");
        for (int i = 0; i < COUNT; i++) at = stpcpy(stpcpy(at, i ? "," : ""), kinds[k]);
        at = stpcpy(at, "]");
        okng_json_counter counter = {.limits = &none};
        assert_true(okng_json_count(&counter, text, (size_t)(at - text)));
        okng_memory_peak_reset();
        uint64_t before = okng_memory_resident();
        json_t *document = json_loads(text, 0, NULL);
        uint64_t after = okng_memory_peak();
        assert_non_null(document);
        json_decref(document);
        free(text);
        if (before > 0) assert_true(after - before < counter.memory + (1 << 20));
    }
}

static void memory_is_limited(void **state)
{
    (void)state;
    const okng_json_limits none = {.bytes = SIZE_MAX, .items = SIZE_MAX, .text = SIZE_MAX, .depth = SIZE_MAX};
    okng_json_counter counter = {.limits = &none};
    size_t objects = 0;
    while (okng_json_count(&counter, "{},", 3)) objects++;
    assert_in_range(objects, 100000, 1000000);
    assert_fails(OKNG_ERROR_LIMIT, "would take more than 160 MiB", okng_json_too_much(&counter, "x.json", error));
}

/* Whatever the pieces, the count is the same. */
static void pieces_do_not_matter(void **state)
{
    (void)state;
    const char *text = "{\"a\\\"b\": [1.5, true, \"x\\\\\"], \"c\": {\"d\": null}}";
    okng_json_counter whole = {.limits = &okng_json_small}, parts = {.limits = &okng_json_small};
    assert_true(okng_json_count(&whole, text, strlen(text)));
    for (const char *at = text; *at; at++) assert_true(okng_json_count(&parts, at, 1));
    assert_memory_equal(&whole, &parts, sizeof whole);
    assert_int_equal(whole.items, 10);
    assert_int_equal(whole.depth, 0);
}

int main(void)
{
    (void)snprintf(path, sizeof path, "/tmp/okng_json_limits_%d", (int)getpid());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_counted),
        cmocka_unit_test(texts_depth_and_bytes_have_their_limits),
        cmocka_unit_test(memory_is_no_more_than_counted),
        cmocka_unit_test(memory_is_limited),
        cmocka_unit_test(pieces_do_not_matter),
    };
    int failed = RUN_TESTS(tests);
    (void)unlink(path);
    return failed;
}
