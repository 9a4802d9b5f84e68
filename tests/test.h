/* What every unit test needs: cmocka, a main that prints TAP, and a few helpers. */
#ifndef OKNG_TESTS_TEST_H
#define OKNG_TESTS_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernels/kernels.h"
#include "okng/experimental.h"

/* Fails with the library's own message when a call does not succeed, and when one that does touches its error. */
#define assert_ok(call)                                                                        \
    do {                                                                                       \
        okng_error error_, before_;                                                            \
        memset(&before_, 0x5a, sizeof before_);                                                \
        error_ = before_;                                                                      \
        okng_error *error = &error_;                                                           \
        okng_status status_ = (call);                                                          \
        if (status_ != OKNG_OK) fail_msg("%s: %s", okng_test_status(status_), error->message); \
        error_.message[sizeof error_.message - 1] = 0;                                         \
        before_.message[sizeof before_.message - 1] = 0;                                       \
        if (memcmp(&error_, &before_, sizeof error_) != 0)                                     \
            fail_msg("succeeded, but left the error \"%s\"", error_.message);                  \
    } while (0)

/* Fails unless the call ends with `expected` and a message that holds `part`. The call uses `error`. */
#define assert_fails(expected, part, call)                                                                           \
    do {                                                                                                             \
        okng_error error_ = {0};                                                                                     \
        okng_error *error = &error_;                                                                                 \
        okng_status status_ = (call);                                                                                \
        if (status_ != (expected))                                                                                   \
            fail_msg("status %d, expected %d: %s", (int)status_, (int)(expected), error->message);                   \
        if (!strstr(error->message, (part))) fail_msg("message \"%s\" does not say \"%s\"", error->message, (part)); \
    } while (0)

/* A folder that a test made, with all that is in it; 0 when it is gone. */
static inline int okng_test_remove_tree(const char *folder)
{
    char command[512];
    if (snprintf(command, sizeof command, "rm -rf '%s'", folder) >= (int)sizeof command) return -1;
    return system(command) == 0 ? 0 : -1;
}

static inline const char *okng_test_status(okng_status status)
{
    static char text[32];
    (void)snprintf(text, sizeof text, "status %d", (int)status);
    return text;
}

/* OKNG_CPU in the environment holds a test to a kernel variant, where the test links kernels; ONEDNN_MAX_CPU_ISA does
 * so for the network. */
bool okng_kernels_force(okng_cpu cpu) __attribute__((weak));
__attribute__((constructor)) static void okng_test_hold_cpu(void)
{
    static const char *const names[] = {"c", "avx2", "avx512", "neon"};
    const char *cpu = getenv("OKNG_CPU");
    for (int i = 0; cpu && okng_kernels_force && i < 4; i++)
        if (strcmp(names[i], cpu) == 0 && !okng_kernels_force((okng_cpu)i)) abort();
}

/* Tests leave the user's cache folder as it is. */
__attribute__((constructor)) static void okng_test_keep_nothing(void)
{
    (void)setenv("OKNG_KEEP", "0", 0);
}

/* Skips the test, saying why, when the folder of shared weights and pictures is not there. */
#define need_shared(path)                                                   \
    do {                                                                    \
        if (access(OKNG_SHARED "/" path, R_OK) != 0) {                      \
            print_message("SKIP %s: needs ../shared/%s\n", __func__, path); \
            skip();                                                         \
        }                                                                   \
    } while (0)

#define RUN_TESTS(tests) (cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests(tests, NULL, NULL))

#endif
