/* For tests of sources and sinks: settings as line.yaml would give them, programs that run beside the test, waiting. */
#ifndef OKNG_TESTS_MADE_LINE_H
#define OKNG_TESTS_MADE_LINE_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "line/config.h"
#include "line/settings_read.h"
#include "test.h"

/* Settings of `table`; pairs of key and value follow, lists with line feeds between their words, then NULL. */
static inline okng_line_settings *made_settings(const okng_line_key *table, const okng_line_key *more, ...)
{
    okng_line_settings *settings = NULL;
    assert_ok(okng_line_settings_new(&settings, "made", "/tmp", table, more, error));
    va_list words;
    va_start(words, more);
    const char *key;
    while ((key = va_arg(words, const char *)) != NULL) {
        char *value = va_arg(words, char *);
        okng_yaml_entry entry = {.path = (char *)(uintptr_t)key, .value = value, .list = strchr(value, '\n') != NULL};
        assert_ok(okng_line_settings_set(settings, key, &entry, error));
    }
    va_end(words);
    return settings;
}

/* Starts a program with `words`, whose output goes nowhere; 0 where there is none of that name. */
static inline pid_t made_start(const char *const *words)
{
    int told[2];
    if (pipe2(told, O_CLOEXEC) != 0) return 0;
    pid_t child = fork();
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that crashes leaves nothing behind */
        (void)freopen("/dev/null", "w", stdout);
        (void)freopen("/dev/null", "w", stderr);
        (void)execvp(words[0], (char *const *)(uintptr_t)words);
        (void)!write(told[1], "n", 1);
        _exit(127);
    }
    (void)close(told[1]);
    char failed;
    bool runs = child > 0 && read(told[0], &failed, 1) == 0;
    (void)close(told[0]);
    if (!runs && child > 0) (void)waitpid(child, NULL, 0);
    return runs ? child : 0;
}

static inline void made_stop(pid_t *child)
{
    if (*child <= 0) return;
    (void)kill(*child, SIGKILL);
    (void)waitpid(*child, NULL, 0);
    *child = 0;
}

/* What cannot run twice on a machine: waits until no other test has it. Held until the process ends. */
static inline void made_lock(const char *path)
{
    int file = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    if (file >= 0) (void)flock(file, LOCK_EX);
}

/* The one place of a camera on loopback, once no other test has it; false where somebody else's camera is there. */
static inline bool made_camera_place(void)
{
    enum { GVCP = 3956 }; /* the port of GigE Vision's control */
    made_lock("/tmp/okng-test-camera.lock");
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(GVCP)};
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int file = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const bool is_free = file >= 0 && bind(file, (struct sockaddr *)&place, sizeof place) == 0;
    if (file >= 0) (void)close(file);
    if (!is_free) print_message("# skipped: another camera answers at 127.0.0.1, port %d\n", GVCP);
    return is_free;
}

#endif
