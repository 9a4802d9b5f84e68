/* Every operator's gradient: in double beside finite differences, and in float beside double and torch. */
#include "grad/gradient.h"

#include "grad_fixture.h"
#include "operator_cases.h"

static const char *const without[] = {"tokens", "tokens_and_back", "window", "window_gelu", "window_pool"};

static bool has_gradient(const char *name)
{
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        if (strcmp(without[i], name) == 0) return false;
    return true;
}

static void test_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        fixture f;
        grad_case c;
        if (!has_gradient(cases[i].name)) continue;
        open_case(&f, cases[i].name);
        grad_open(&c, f.b.graph, BATCH, true);
        grad_check_differences(&c, cases[i].name, f.count > 5000 ? 8 : 40);
        grad_close(&c);
        close_case(&f);
    }
}

static void test_float_and_torch(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        fixture f;
        grad_case c;
        if (!has_gradient(cases[i].name)) continue;
        open_case(&f, cases[i].name);
        grad_open(&c, f.b.graph, BATCH, true);
        grad_compare(&c, cases[i].name, 2e-6);
        grad_golden(&c, cases[i].name, 2e-6);
        grad_close(&c);
        close_case(&f);
    }
}

static void test_without(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        fixture f;
        okng_gradient *g = (okng_gradient *)&f;
        open_case(&f, without[i]);
        assert_fails(OKNG_ERROR_UNSUPPORTED, "a conv, has no gradient",
                     okng_gradient_new(&g, f.b.graph, f.weights, &(okng_gradient_request){.inputs = true}, error));
        assert_null(g);
        close_case(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_differences), cmocka_unit_test(test_float_and_torch),
                                       cmocka_unit_test(test_without)};
    return RUN_TESTS(tests);
}
