/* Runs a command and tells what it took: measured OUT COMMAND... writes "KIBIBYTES MILLISECONDS STATUS" into OUT: the
 * largest resident set, the time on the CPUs (what a busy machine does not change), and the exit status (128 + the
 * signal where it was killed). Its own exit status is 0 whenever the command could be started. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double milliseconds(struct timeval time)
{
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec * 1e-3;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fprintf(stderr, "usage: measured OUT COMMAND...\n");
        return 2;
    }
    pid_t child = fork();
    if (child == 0) {
        (void)execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status = 0;
    struct rusage usage = {0};
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("measured");
        return 1;
    }
    FILE *out = fopen(argv[1], "w");
    if (!out) {
        perror(argv[1]);
        return 1;
    }
    (void)fprintf(out, "%ld %.0f %d\n", usage.ru_maxrss, milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime),
                  WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    return fclose(out) == 0 ? 0 : 1;
}
