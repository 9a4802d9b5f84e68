#include "line/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

extern char **environ;

enum { SAID = 200 }; /* bytes of what it wrote, for people */

/* ---- starting -----------------------------------------------------------------------------------------------------
 */

/* The text as a file without a name: reading it never waits, and who does not read it hinders nobody. */
static int input_of(const char *text, size_t size)
{
    const int file = memfd_create("okng-result", MFD_CLOEXEC);
    if (file < 0) return -1;
    if (write(file, text, size) != (ssize_t)size || lseek(file, 0, SEEK_SET) != 0) {
        (void)close(file);
        return -1;
    }
    return file;
}

/* The environment with more, those of `more` first; malloc'd, its strings borrowed. */
static char **joined(char *const more[])
{
    size_t ours = 0, theirs = 0;
    while (more[ours]) ours++;
    while (environ[theirs]) theirs++;
    char **all = calloc(ours + theirs + 1, sizeof *all);
    if (!all) return NULL;
    memcpy(all, more, ours * sizeof *all);
    memcpy(all + ours, environ, theirs * sizeof *all);
    return all;
}

static int spawn(pid_t *child, char *const argv[], char *const all[], int input, int output)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all_signals;
    (void)sigemptyset(&none);
    (void)sigfillset(&all_signals);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawnattr_init(&attributes);
    int failed = posix_spawn_file_actions_adddup2(&actions, input, 0);
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, output, 1);
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, output, 2);
    if (!failed) failed = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &all_signals);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!failed) failed = posix_spawnp(child, argv[0], &actions, &attributes, argv, all);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    return failed;
}

/* ---- waiting ------------------------------------------------------------------------------------------------------
 */

/* Takes what there is to read; what is beyond the room is read and dropped, so that the program need not wait. False at
 * the end. */
static bool drain(int output, char said[SAID], size_t *used)
{
    char block[4096];
    const ssize_t got = read(output, block, sizeof block);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (got <= 0) return false;
    const size_t room = SAID - 1 - *used, size = (size_t)got < room ? (size_t)got : room;
    memcpy(said + *used, block, size);
    *used += size;
    said[*used] = '\0';
    return true;
}

/* Until the program has ended or its time is over; false then. */
static bool wait_for(int process, int output, double seconds, char said[SAID])
{
    const double until = okng_clock() + seconds;
    size_t used = 0;
    struct pollfd polls[] = {{.fd = process, .events = POLLIN}, {.fd = output, .events = POLLIN}};
    for (;;) {
        const double left = until - okng_clock();
        if (left <= 0) return false;
        if (poll(polls, 2, left < 3600 ? (int)(left * 1000) + 1 : 3600000) < 0 && errno != EINTR) return false;
        if (polls[1].revents && !drain(output, said, &used)) polls[1].fd = -1;
        if (polls[0].revents) break;
    }
    if (polls[1].fd >= 0) (void)drain(output, said, &used); /* a grandchild may hold it open: no more than is there */
    said[strcspn(said, "\n")] = '\0';
    return true;
}

static okng_status told(int how, const char *name, const char *said, okng_error *error)
{
    const char *colon = *said ? ": " : "";
    if (WIFEXITED(how) && WEXITSTATUS(how) == 0) return OKNG_OK;
    if (WIFEXITED(how))
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: ended with status %d%s%s", name, WEXITSTATUS(how), colon,
                         said);
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: was ended by signal %d%s%s", name, WTERMSIG(how), colon, said);
}

static okng_status see_through(pid_t child, int output, const char *name, double seconds, okng_error *error)
{
    char said[SAID] = "";
    int how = 0;
    const int process = pidfd_open(child, 0);
    const bool ended = process >= 0 && wait_for(process, output, seconds, said);
    if (!ended) (void)kill(-child, SIGKILL);
    while (waitpid(child, &how, 0) < 0 && errno == EINTR) continue;
    if (process >= 0) (void)close(process);
    if (ended) return told(how, name, said, error);
    return okng_fail(error, OKNG_ERROR_LIMIT, "%s: ran longer than %.1f s, and was killed", name, seconds);
}

/* 0, or why it cannot be run. */
static int reason_against(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) return errno;
    if (!S_ISREG(info.st_mode)) return EACCES;
    return access(path, X_OK) == 0 ? 0 : errno;
}

/* As posix_spawnp looks: a name with a slash is a path, any other is looked for in each folder of PATH. */
okng_status okng_process_find(const char *name, okng_error *error)
{
    const char *folders = getenv("PATH");
    int reason = ENOENT;
    if (strchr(name, '/')) {
        reason = reason_against(name);
        folders = "";
    } else if (!folders) {
        folders = "/bin:/usr/bin";
    }
    for (const char *at = folders; *name && reason != 0 && *at; at += *at == ':') {
        char *path = NULL;
        const int length = (int)strcspn(at, ":");
        if (asprintf(&path, "%.*s/%s", length > 0 ? length : 1, length > 0 ? at : ".", name) < 0)
            return okng_fail_memory(error, strlen(at));
        const int against = reason_against(path);
        if (against == 0 || against == EACCES) reason = against;
        free(path);
        at += length;
    }
    errno = reason;
    return reason == 0 ? OKNG_OK : okng_fail_errno(error, "start", name);
}

okng_status okng_process_run(char *const argv[], char *const environment[], const char *text, size_t size,
                             double seconds, okng_error *error)
{
    int pipes[2] = {-1, -1};
    pid_t child = -1;
    char **all = joined(environment);
    const int input = input_of(text, size);
    okng_status status = all ? OKNG_OK : okng_fail_memory(error, 1 << 12);
    if (status == OKNG_OK && (input < 0 || pipe2(pipes, O_CLOEXEC | O_NONBLOCK) != 0))
        status = okng_fail_errno(error, "start", argv[0]);
    if (status == OKNG_OK) {
        (void)fcntl(pipes[1], F_SETFL, 0); /* the program's end waits as any */
        errno = spawn(&child, argv, all, input, pipes[1]);
        if (errno != 0) status = okng_fail_errno(error, "start", argv[0]);
    }
    if (pipes[1] >= 0) (void)close(pipes[1]);
    if (status == OKNG_OK) status = see_through(child, pipes[0], argv[0], seconds, error);
    if (pipes[0] >= 0) (void)close(pipes[0]);
    if (input >= 0) (void)close(input);
    free(all);
    return status;
}
