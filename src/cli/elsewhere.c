/* What is in other programs, which take the same words: those beside this one, else those in the PATH. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* The program of that name in the folder of this one, into `path`; false where that is not known. */
static bool beside(const char *program, char *path, size_t size)
{
    const ssize_t length = readlink("/proc/self/exe", path, size - 1);
    if (length <= 0 || (size_t)length >= size - 1) return false;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash) return false;
    const size_t room = size - (size_t)(slash + 1 - path);
    return snprintf(slash + 1, room, "%s", program) < (int)room;
}

void okng_cli_start_beside(const char *program, char **words)
{
    char path[PATH_MAX];
    if (beside(program, path, sizeof path)) (void)execv(path, words);
    (void)execvp(program, words);
}
