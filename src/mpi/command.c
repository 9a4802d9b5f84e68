/* The command as one of several processes: rank 0 does what it is asked for, the others do what rank 0 hands out. */
#include <errno.h>
#include <mpi.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/parcel.h"
#include "base/sha256.h"
#include "cli/cli.h"
#include "mpi/transport.h"

static const okng_ranks *ranks; /* NULL: this process was started alone */

/* ---- the same program, asked for the same ------------------------------------------------------------------------ */

/* What must be alike on all ranks before they understand each other at all. */
typedef struct identity {
    char version[32];
    char program[65]; /* SHA-256 of the file */
    char words[65];   /* SHA-256 of the command line, but for its first word */
} identity;

static okng_status identify(identity *own, char **words, okng_error *error)
{
    okng_grown line = {0};
    memset(own, 0, sizeof *own);
    for (char **word = words + 1; words[0] && *word; word++) okng_parcel_put_text(&line, *word);
    okng_status status = okng_parcel_packed(&line, error);
    (void)snprintf(own->version, sizeof own->version, "%s", okng_version());
    if (status == OKNG_OK) okng_sha256(line.data, line.size, own->words);
    free(line.data);
    return status == OKNG_OK ? okng_file_sha256("/proc/self/exe", own->program, error) : status;
}

/* What differs between two ranks; NULL: nothing. */
static const char *difference(const identity *a, const identity *b)
{
    if (strcmp(a->version, b->version) != 0) return _("another version of okng");
    if (strcmp(a->program, b->program) != 0) return _("another build of okng");
    if (strcmp(a->words, b->words) != 0) return _("other options");
    return NULL;
}

/* The first rank that is another than rank 0, which says so; ranks->count: none. */
static int32_t find_other(const identity *all)
{
    int32_t r = 1;
    while (r < ranks->count && !difference(&all[0], &all[r])) r++;
    if (r < ranks->count && ranks->rank == 0)
        (void)okng_cli_error(
            "%s has %s than rank 0: okng %s %.12s, expected okng %s %.12s; start the same on all hosts",
            ranks->name(ranks->context, r), difference(&all[0], &all[r]), all[r].version, all[r].program,
            all[0].version, all[0].program);
    return r;
}

/* Every rank. */
static bool are_alike(const identity *own)
{
    identity *all = calloc((size_t)ranks->count, sizeof *all);
    int64_t *first = calloc((size_t)ranks->count + 1, sizeof *first);
    bool alike = all && first;
    for (int32_t r = 0; alike && r <= ranks->count; r++) first[r] = r;
    if (alike) {
        all[ranks->rank] = *own;
        alike =
            ranks->gather(ranks->context, all, sizeof *all, first, NULL) == OKNG_OK && find_other(all) == ranks->count;
    }
    free(all);
    free(first);
    return alike;
}

/* ---- the hooks of the command ------------------------------------------------------------------------------------ */

static void leave(void)
{
    okng_mpi_close();
    (void)MPI_Finalize();
}

static int fail(const okng_error *error)
{
    (void)fprintf(stderr, "okng: %s: %s\n", ranks->name(ranks->context, ranks->rank), error->message);
    (void)fflush(stderr);
    (void)MPI_Abort(MPI_COMM_WORLD, EXIT_FAILED);
    return EXIT_FAILED;
}

/* Does its part until rank 0 is through. What asks rank 0 to stop comes to all; these stop when it tells them. */
static int follow(void)
{
    okng_error error;
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    if (okng_ranks_follow(ranks, &error) != OKNG_OK) return fail(&error);
    leave();
    return EXIT_OKAY;
}

bool okng_cli_ranks_begin(char **words, int *code)
{
    int given;
    identity own;
    okng_error error;
    if (!getenv("OMPI_COMM_WORLD_SIZE") && !getenv("PMI_SIZE")) return false;
    (void)MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &given);
    if (okng_mpi_open(&ranks, &error) != OKNG_OK || identify(&own, words, &error) != OKNG_OK) {
        *code = okng_cli_fail(&error);
        (void)MPI_Abort(MPI_COMM_WORLD, EXIT_FAILED);
        return true;
    }
    const bool alike = given >= MPI_THREAD_SERIALIZED && are_alike(&own);
    if (given < MPI_THREAD_SERIALIZED && ranks->rank == 0)
        (void)okng_cli_error("this MPI was built without threads, which okng-mpi needs");
    if (!alike) {
        leave();
        ranks = NULL;
        *code = EXIT_FAILED;
        return true;
    }
    if (ranks->rank == 0) return false;
    *code = follow();
    return true;
}

int okng_cli_ranks_lead(const okng_cli_args *args)
{
    okng_error error;
    if (!ranks || ranks->count == 1) return EXIT_OKAY;
    if (!args->verb->shares)
        return okng_cli_error("okng %s does not share its work between processes; start it without mpirun",
                              args->verb->name);
    return okng_ranks_lead(ranks, &error) == OKNG_OK ? EXIT_OKAY : okng_cli_fail(&error);
}

int okng_cli_ranks_end(int code)
{
    if (!ranks) return code;
    okng_ranks_dismiss(ranks);
    leave();
    return code;
}
