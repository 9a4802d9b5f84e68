/* Addresses of requests: what they are taken apart to, and what is refused. */
#include "serve/uri.h"

#include "test.h"

/* "a|b?x=1&y=2" of a parsed address. */
static void print(const okng_uri *uri, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < uri->segment_count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? "|" : "", uri->segments[i]);
    for (size_t i = 0; i < uri->query_count; i++)
        used += (size_t)snprintf(text + used, size - used, "%c%s=%s", i ? '&' : '?', uri->query[i].name,
                                 uri->query[i].value);
}

static void path_and_query_are_taken_apart(void **state)
{
    static const char *const cases[][2] = {
        {"/", ""},
        {"/?", ""},
        {"/v1/banks", "v1|banks"},
        {"/v1/banks/", "v1|banks|"},
        {"//", "|"},
        {"/a%2Fb/c%2fd", "a/b|c/d"},
        {"/%ED%95%9C", "\xed\x95\x9c"},
        {"/a+b", "a+b"},
        {"/x?a=1&b=2", "x?a=1&b=2"},
        {"/x?a", "x?a="},
        {"/x?a=b=c", "x?a=b=c"},
        {"/x?a+b=c+d%2B", "x?a b=c d+"},
        {"/x?a=1?2", "x?a=1?2"},
        {"/x?%61=%62", "x?a=b"},
        {"/...", "..."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        okng_uri uri;
        char text[256];
        assert_ok(okng_uri_parse(&uri, cases[i][0], strlen(cases[i][0]), error));
        print(&uri, text, sizeof text);
        assert_string_equal(text, cases[i][1]);
        okng_uri_clear(&uri);
    }
}

static void refused(const char *target, size_t size, okng_status status, const char *part)
{
    okng_uri uri;
    assert_fails(status, part, okng_uri_parse(&uri, target, size, error));
    okng_uri_clear(&uri);
}

static void what_no_address_has_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"", "does not begin with /"},
        {"http://a/", "does not begin with /"},
        {"*", "does not begin with /"},
        {"/%", "two hexadecimal digits"},
        {"/%4", "two hexadecimal digits"},
        {"/%4g", "two hexadecimal digits"},
        {"/%00", "control character (0x00)"},
        {"/a%0ab", "control character (0x0a)"},
        {"/a\tb", "control character (0x09)"},
        {"/%7f", "control character (0x7f)"},
        {"/%ff", "not UTF-8"},
        {"/%c0%af", "not UTF-8"},
        {"/a/../b", "the part \"..\""},
        {"/a/%2e%2e/b", "the part \"..\""},
        {"/./b", "the part \".\""},
        {"/x?a=1&a=2", "\"a\" twice"},
        {"/x?a=1&%61=2", "\"a\" twice"},
        {"/x?a=%zz", "two hexadecimal digits"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        refused(cases[i][0], strlen(cases[i][0]), OKNG_ERROR_ARGUMENT, cases[i][1]);
    refused("/\0a", 3, OKNG_ERROR_ARGUMENT, "control character (0x00)");
}

static void bytes_parts_and_parameters_have_their_limits(void **state)
{
    char longest[OKNG_URI_MAX + 2];
    okng_uri uri;
    (void)state;
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    assert_ok(okng_uri_parse(&uri, longest, OKNG_URI_MAX, error));
    assert_int_equal(strlen(uri.segments[0]), OKNG_URI_MAX - 1);
    okng_uri_clear(&uri);
    refused(longest, OKNG_URI_MAX + 1, OKNG_ERROR_LIMIT, "more than 8192");
    refused("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", 42, OKNG_ERROR_LIMIT, "16 parts");
    char many[256] = "/x?";
    for (int i = 0; i <= OKNG_URI_QUERIES; i++)
        (void)snprintf(many + strlen(many), sizeof many - strlen(many), "p%d&", i);
    refused(many, strlen(many) - 1, OKNG_ERROR_LIMIT, "32 parameters");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_and_query_are_taken_apart),
        cmocka_unit_test(what_no_address_has_is_refused),
        cmocka_unit_test(bytes_parts_and_parameters_have_their_limits),
    };
    return RUN_TESTS(tests);
}
