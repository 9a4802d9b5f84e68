/* A process chooses once, so every question is asked in a child of its own. */
#include <sys/wait.h>

#include "kernels/kernels.h"
#include "test.h"

/* In a child: chooses `name`, then asks for what the kernels became; "" where the choice failed. */
static void chosen(const char *first, const char *second, char text[64])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool fine = okng_set_cpu(first, NULL) == OKNG_OK && (!second || okng_set_cpu(second, NULL) == OKNG_OK);
        const char *name = fine ? okng_kernels_get()->name : "";
        _exit(write(ends[1], name, strlen(name)) == (ssize_t)strlen(name) ? 0 : 1);
    }
    (void)close(ends[1]);
    ssize_t count = read(ends[0], text, 63);
    (void)close(ends[0]);
    text[count > 0 ? count : 0] = '\0';
    int state;
    assert_int_equal(waitpid(child, &state, 0), child);
    assert_int_equal(state, 0);
}

static void every_variant_that_is_there_can_be_chosen(void **state)
{
    (void)state;
    static const char *const names[] = {"c", "avx2", "avx512", "neon"};
    char text[64];
    for (okng_cpu cpu = OKNG_CPU_C; cpu <= OKNG_CPU_NEON; cpu++) {
        chosen(names[cpu], NULL, text);
        assert_string_equal(text, okng_kernels_variant(cpu) ? names[cpu] : "");
    }
}

static void the_choice_is_made_once(void **state)
{
    (void)state;
    char text[64];
    chosen("c", "c", text);
    assert_string_equal(text, "c");
    chosen("c", "auto", text);
    assert_string_equal(text, "");
    if (okng_kernels_variant(OKNG_CPU_AVX2)) {
        chosen("c", "avx2", text);
        assert_string_equal(text, "");
        chosen("avx2", "avx2", text);
        assert_string_equal(text, "avx2");
    }
}

static void unknown_names_are_errors(void **state)
{
    (void)state;
    assert_fails(OKNG_ERROR_ARGUMENT, "expected auto, c, avx2, avx512 or neon", okng_set_cpu("sse", error));
    assert_fails(OKNG_ERROR_ARGUMENT, "CPU variant", okng_set_cpu(NULL, error));
#if defined(__x86_64__)
    assert_fails(OKNG_ERROR_UNSUPPORTED, "neon", okng_set_cpu("neon", error));
#endif
    assert_ok(okng_set_cpu("auto", error));
}

/* Last: it is this process that computes. */
static void after_computing_it_is_too_late(void **state)
{
    (void)state;
    bool plain = strcmp(okng_kernels_get()->name, "c") == 0;
    if (plain) skip();
    assert_fails(OKNG_ERROR_ARGUMENT, "in use already", okng_set_cpu("c", error));
    assert_null(okng_kernels_forced());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_variant_that_is_there_can_be_chosen),
        cmocka_unit_test(the_choice_is_made_once),
        cmocka_unit_test(unknown_names_are_errors),
        cmocka_unit_test(after_computing_it_is_too_late),
    };
    return RUN_TESTS(tests);
}
