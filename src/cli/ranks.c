/* Started by mpirun: the command with MPI in it is the program okng-mpi, which takes the same words. */
#include <errno.h>
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

static bool is_first(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMI_RANK", NULL};
    return number_of(names) <= 0;
}

bool okng_cli_ranks_begin(char **words, int *code)
{
    if (ranks_started() <= 1) return false;
    okng_cli_start_beside("okng-mpi", words);
    *code = EXIT_FAILED;
    if (!is_first()) return true; /* it is said once */
    if (errno == ENOENT)
        *code =
            okng_cli_error("what several processes share is in the program okng-mpi, which is not here; the package "
                           "okng-mpi brings it");
    else
        *code = okng_cli_error("okng-mpi: cannot be started: %s", okng_translate(strerror(errno)));
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
