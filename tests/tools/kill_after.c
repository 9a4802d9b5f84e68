/* Runs a command in a process group of its own and sends the whole group a signal at a moment. Usage:
 * kill_after SIGNAL MICROSECONDS LOG COMMAND [WORD...]; 0 microseconds: never. What the command prints goes to LOG.
 * Prints "ended CODE MICROSECONDS" or "killed SIGNAL MICROSECONDS", by which the command ended. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e6 * (double)time.tv_sec + 1e-3 * (double)time.tv_nsec;
}

static void run_command(const char *log, char **command)
{
    int out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666), in = open("/dev/null", O_RDONLY);
    (void)setpgid(0, 0);
    if (in < 0 || dup2(in, 0) < 0 || out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) _exit(126);
    (void)execvp(command[0], command);
    _exit(127);
}

int main(int argc, char **argv)
{
    if (argc < 5) return 2;
    int number = atoi(argv[1]);
    double after = strtod(argv[2], NULL), began = now();
    pid_t child = fork();
    if (child == 0) run_command(argv[3], argv + 4);
    if (child < 0) return 2;
    (void)setpgid(child, child); /* whichever of the two comes first */
    if (after > 0) {
        double left = after - (now() - began);
        struct timespec pause = {.tv_sec = (time_t)(left / 1e6)};
        pause.tv_nsec = (long)(1e3 * (left - 1e6 * (double)pause.tv_sec));
        if (left > 0) (void)nanosleep(&pause, NULL);
        (void)kill(-child, number);
    }
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status))
        printf("killed %d %.0f\n", WTERMSIG(status), now() - began);
    else
        printf("ended %d %.0f\n", WEXITSTATUS(status), now() - began);
    return 0;
}
