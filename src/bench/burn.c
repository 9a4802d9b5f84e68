#include "bench/burn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/parallel.h"

struct okng_burners {
    int count;
    pid_t ids[];
};

/* "/autogroup-7 nice -5": how nice this session is to others; "" where the system knows no such thing. */
static void read_niceness(char text[16])
{
    FILE *file = fopen("/proc/self/autogroup", "re");
    text[0] = '\0';
    if (!file) return;
    if (fscanf(file, "%*s nice %15s", text) != 1) text[0] = '\0';
    (void)fclose(file);
}

/* In the child of a process with threads: nothing that may wait for a lock. */
_Noreturn static void burn(pid_t parent, const char *niceness, int ready)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
    (void)setsid();
    int file = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
    if (file >= 0 && write(file, niceness, strlen(niceness)) < 0) (void)close(file); /* then it is as it is */
    (void)write(ready, "", 1);
    for (;;) __asm__ __volatile__("" ::: "memory");
}

static okng_status start_all(okng_burners *b, int wanted, const int ready[2], okng_error *error)
{
    char niceness[16], byte;
    const pid_t parent = getpid();
    read_niceness(niceness);
    for (; b->count < wanted; b->count++) {
        pid_t child = fork();
        if (child < 0) return okng_fail_errno(error, "start", "a busy process");
        if (child == 0) burn(parent, niceness, ready[1]);
        b->ids[b->count] = child;
    }
    for (int i = 0; i < wanted; i++)
        while (read(ready[0], &byte, 1) < 0)
            if (errno != EINTR) return okng_fail_errno(error, "wait for", "a busy process");
    return OKNG_OK;
}

okng_status okng_burners_start(okng_burners **out, okng_error *error)
{
    const int cores = okng_thread_count(0), wanted = cores > 1 ? cores - 1 : 1;
    int ready[2];
    okng_burners *b = *out = calloc(1, sizeof *b + (size_t)wanted * sizeof *b->ids);
    if (!b) return okng_fail_memory(error, sizeof *b);
    okng_status status =
        pipe2(ready, O_CLOEXEC) == 0 ? OKNG_OK : okng_fail_errno(error, "make", "a pipe to busy processes");
    if (status == OKNG_OK) {
        status = start_all(b, wanted, ready, error);
        (void)close(ready[0]);
        (void)close(ready[1]);
    }
    if (status != OKNG_OK) okng_burners_stop(out);
    return status;
}

void okng_burners_stop(okng_burners **burners)
{
    if (!*burners) return;
    for (int i = 0; i < (*burners)->count; i++) (void)kill((*burners)->ids[i], SIGKILL);
    for (int i = 0; i < (*burners)->count; i++)
        while (waitpid((*burners)->ids[i], NULL, 0) < 0 && errno == EINTR) {
        }
    free(*burners);
    *burners = NULL;
}
