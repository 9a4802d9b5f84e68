/* Options of the server, by name and from serve.yaml. */
#include "serve/options.h"

#include "test.h"

static okng_serve_options options;

static int set_up(void **state)
{
    (void)state;
    return okng_serve_options_init(&options, NULL) == OKNG_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    okng_serve_options_free(&options);
    return 0;
}

static void what_is_not_given_has_its_default(void **state)
{
    (void)state;
    assert_string_equal(options.listen, "127.0.0.1:8080");
    assert_int_equal(options.max_banks, 3);
    assert_int_equal(options.max_body, 64 << 20);
    assert_true(options.idle_time > 0);
    assert_null(options.token_file);
    assert_false(options.insecure);
}

static void options_are_set_by_name(void **state)
{
    (void)state;
    assert_ok(okng_serve_options_set(&options, "max-bytes", "4G", error));
    assert_ok(okng_serve_options_set(&options, "max_banks", "6", error));
    assert_ok(okng_serve_options_set(&options, "idle-time", "2.5", error));
    assert_ok(okng_serve_options_set(&options, "insecure", "", error));
    assert_ok(okng_serve_options_set(&options, "host", "a,b.example", error));
    assert_ok(okng_serve_options_set(&options, "host", "c", error));
    assert_true(options.max_bytes == 4LL << 30);
    assert_int_equal(options.max_banks, 6);
    assert_true(options.idle_time == 2.5);
    assert_true(options.insecure);
    assert_int_equal(options.host_count, 3);
    assert_string_equal(options.hosts[1], "b.example");
}

static void wrong_values_are_told(void **state)
{
    static const char *const cases[][3] = {
        {"max-banks", "0", "expected a whole number 1..10000"},
        {"max-banks", "2.5", "expected a whole number"},
        {"max-banks", "-1", "expected a whole number"},
        {"max-banks", "1G", "expected a whole number"},
        {"max-banks", "", "expected a whole number"},
        {"max-body", "1X", "of bytes"},
        {"idle-time", "nan", "of seconds"},
        {"idle-time", "1e9", "of seconds"},
        {"insecure", "maybe", "expected true or false"},
        {"host", "a:80", "expected a name"},
        {"listen", "", "nothing in it"},
        {"max-bank", "3", "did you mean max-banks"},
        {"zzz", "3", "no option \"zzz\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_fails(OKNG_ERROR_ARGUMENT, cases[i][2],
                     okng_serve_options_set(&options, cases[i][0], cases[i][1], error));
}

static void a_file_sets_them_too(void **state)
{
    static const char text[] = "banks: /srv/banks\nmax-banks: 6\nhost: [a, b]\ninsecure: true\n";
    char name[] = "/tmp/okng-serve-XXXXXX";
    int file = mkstemp(name);
    (void)state;
    assert_int_equal(write(file, text, sizeof text - 1), (ssize_t)sizeof text - 1);
    assert_ok(okng_serve_options_read(&options, name, error));
    assert_string_equal(options.banks, "/srv/banks");
    assert_int_equal(options.host_count, 2);
    assert_int_equal(write(file, "max-bank: 3\n", 12), 12);
    assert_fails(OKNG_ERROR_ARGUMENT, ":5: there is no option", okng_serve_options_read(&options, name, error));
    (void)close(file);
    (void)unlink(name);
}

static void other_machines_need_tokens(void **state)
{
    (void)state;
    assert_fails(OKNG_ERROR_ARGUMENT, "--banks", okng_serve_options_check(&options, error));
    assert_ok(okng_serve_options_set(&options, "banks", "b", error));
    assert_ok(okng_serve_options_check(&options, error));
    assert_true(okng_serve_is_local(&options));
    assert_ok(okng_serve_options_set(&options, "listen", ":8080", error));
    assert_false(okng_serve_is_local(&options));
    assert_fails(OKNG_ERROR_ARGUMENT, "--token-file", okng_serve_options_check(&options, error));
    assert_ok(okng_serve_options_set(&options, "insecure", "true", error));
    assert_ok(okng_serve_options_check(&options, error));
    assert_ok(okng_serve_options_set(&options, "insecure", "false", error));
    assert_ok(okng_serve_options_set(&options, "token-file", "t", error));
    assert_ok(okng_serve_options_check(&options, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_not_given_has_its_default, set_up, tear_down),
        cmocka_unit_test_setup_teardown(options_are_set_by_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_values_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_sets_them_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_machines_need_tokens, set_up, tear_down),
    };
    return RUN_TESTS(tests);
}
