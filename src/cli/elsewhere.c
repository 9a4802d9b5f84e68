/* Verbs of the server: they are in the program okng-serve, which takes the same words. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* okng-serve in the folder of this program, into `path`; false where that is not known. */
static bool beside(char *path, size_t size)
{
    const ssize_t length = readlink("/proc/self/exe", path, size - 1);
    if (length <= 0 || (size_t)length >= size - 1) return false;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash) return false;
    const size_t room = size - (size_t)(slash + 1 - path);
    return snprintf(slash + 1, room, "okng-serve") < (int)room;
}

int okng_cli_run_server(okng_cli_args *args)
{
    char path[PATH_MAX];
    if (beside(path, sizeof path)) (void)execv(path, args->words);
    (void)execvp("okng-serve", args->words);
    if (errno == ENOENT)
        return okng_cli_error(
            "okng %s is in the program okng-serve, which is not here; the package okng-serve brings it",
            args->verb->name);
    return okng_cli_error("okng-serve: cannot be started: %s", strerror(errno));
}
