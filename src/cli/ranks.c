/* Started by mpirun: the command with MPI in it is the program okng-mpi, which takes the same words. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* How many processes mpirun has started, and which of them this is: Open MPI's names, then those of others. */
static int number_of(const char *const *names)
{
    for (; *names; names++) {
        const char *text = getenv(*names);
        if (text && *text) return atoi(text);
    }
    return -1;
}

static int ranks_started(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", NULL};
    return number_of(names);
}

static int own_rank(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMI_RANK", NULL};
    return number_of(names);
}

/* By every process that it is true of: the others' hosts may have what this one lacks. */
bool okng_cli_ranks_begin(char **words, int *code)
{
    char host[HOST_NAME_MAX + 1] = "?";
    if (ranks_started() <= 1) return false;
    okng_cli_start_beside("okng-mpi", words);
    const int why = errno;
    (void)gethostname(host, sizeof host);
    host[HOST_NAME_MAX] = '\0';
    if (why == ENOENT)
        *code = okng_cli_error("rank %d on host %s: what several processes share is in the program okng-mpi, which is "
                               "not here; the package okng-mpi brings it",
                               own_rank(), host);
    else
        *code = okng_cli_error("rank %d on host %s: okng-mpi: cannot be started: %s", own_rank(), host,
                               okng_translate(strerror(why)));
    return true;
}

int okng_cli_ranks_lead(const okng_cli_args *args)
{
    (void)args;
    return EXIT_OKAY;
}

int okng_cli_ranks_end(int code)
{
    return code;
}
