/* Hosts and origins: what a page elsewhere cannot pass for. */
#include "serve/guard.h"

#include "serve/listen.h"
#include "test.h"

static void a_host_is_told_from_its_port(void **state)
{
    static const char *const cases[][2] = {
        {"a", "a"},          {"a.b:80", "a.b"}, {"1.2.3.4:8080", "1.2.3.4"},
        {"[::1]:80", "::1"}, {"[::1]", "::1"},  {"localhost:", "localhost"},
    };
    static const char *const none[] = {"", ":80", "a:b", "a:80:90", "::1", "[::1", "[::1]x", "[]:80", "a:80/"};
    char host[256], longest[300];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(okng_host_name(cases[i][0], host));
        assert_string_equal(host, cases[i][1]);
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) assert_false(okng_host_name(none[i], host));
    memset(longest, 'a', sizeof longest);
    longest[256] = '\0';
    assert_false(okng_host_name(longest, host));
    longest[255] = '\0';
    assert_true(okng_host_name(longest, host));
}

static void an_origin_is_that_of_the_host(void **state)
{
    (void)state;
    assert_true(okng_origin_is_of("http://a:8080", "a:8080"));
    assert_true(okng_origin_is_of("https://A", "a"));
    assert_false(okng_origin_is_of("http://a", "a:8080"));
    assert_false(okng_origin_is_of("http://a:8080", "a"));
    assert_false(okng_origin_is_of("http://b:8080", "a:8080"));
    assert_false(okng_origin_is_of("null", "null"));
    assert_false(okng_origin_is_of("ftp://a", "a"));
    assert_false(okng_origin_is_of("http://a.evil", "a"));
    assert_false(okng_origin_is_of("", "a"));
}

static void addresses_to_listen_on_are_parsed(void **state)
{
    static const struct {
        const char *text, *host;
        int port;
        bool local;
    } cases[] = {
        {"127.0.0.1:8080", "127.0.0.1", 8080, true},
        {"127.9.9.9:1", "127.9.9.9", 1, true},
        {"[::1]:0", "::1", 0, true},
        {"localhost:65535", "localhost", 65535, true},
        {":80", "", 80, false},
        {"0.0.0.0:80", "0.0.0.0", 80, false},
        {"[::]:80", "::", 80, false},
        {"10.0.0.1:80", "10.0.0.1", 80, false},
        {"localhost.evil:80", "localhost.evil", 80, false},
    };
    static const char *const wrong[] = {"", "80", "a", "a:", "a:x", "a:65536", "a:-1", "::1:80", "a:123456", "a: 80"};
    okng_address address;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_ok(okng_address_parse(&address, cases[i].text, error));
        assert_string_equal(address.host, cases[i].host);
        assert_int_equal(address.port, cases[i].port);
        assert_int_equal(okng_address_is_local(&address), cases[i].local);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_fails(OKNG_ERROR_ARGUMENT, "expected ADDRESS:PORT", okng_address_parse(&address, wrong[i], error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_is_told_from_its_port),
        cmocka_unit_test(an_origin_is_that_of_the_host),
        cmocka_unit_test(addresses_to_listen_on_are_parsed),
    };
    return RUN_TESTS(tests);
}
