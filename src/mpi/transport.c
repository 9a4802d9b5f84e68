#include "mpi/transport.h"

#include <limits.h>
#include <mpi.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"

/* MPI counts in ints: messages are padded to blocks, so that 128 GiB can be counted. */
enum { BLOCK = 64, NAME = MPI_MAX_PROCESSOR_NAME + 32, LOOKS = 100 /* before the first sleep */ };
/* Who waits looks again after so long, at first and at last: a picture takes some milliseconds. */
static const long shortest = 20000, longest = 1000000; /* ns */

static struct {
    okng_ranks ranks;
    MPI_Comm comm;
    MPI_Datatype block;
    pthread_mutex_t mutex; /* MPI is called by one thread at a time */
    char (*names)[NAME];   /* [count] */
} mpi = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static const char *name_of(void *context, int32_t rank)
{
    (void)context;
    return mpi.names[rank];
}

/* A little longer each time. */
static void wait_a_little(long *nanoseconds)
{
    const struct timespec time = {.tv_nsec = *nanoseconds};
    (void)nanosleep(&time, NULL);
    if (*nanoseconds < longest) *nanoseconds *= 2;
}

/* ---- messages: their size, in its own block, then the bytes ------------------------------------------------------ */

static size_t blocks_of(size_t size)
{
    return 1 + size / BLOCK + (size % BLOCK > 0);
}

static bool test(MPI_Request *request)
{
    int done = 0;
    (void)pthread_mutex_lock(&mpi.mutex);
    (void)MPI_Test(request, &done, MPI_STATUS_IGNORE);
    (void)pthread_mutex_unlock(&mpi.mutex);
    return done != 0;
}

/* The mutex is not held while it waits: the one that is sent to may be sending to this one. What is about to come is
 * waited for without a sleep, as others wait for it too; what takes longer leaves the core to who computes. */
static void complete(MPI_Request *request)
{
    for (int i = 0; i < LOOKS; i++)
        if (test(request)) return;
    for (long pause = shortest; !test(request);) wait_a_little(&pause);
}

static void send_blocks(void *message, size_t blocks, int to, int tag)
{
    MPI_Request request;
    (void)pthread_mutex_lock(&mpi.mutex);
    (void)MPI_Isend(message, (int)blocks, mpi.block, to, tag, mpi.comm, &request);
    (void)pthread_mutex_unlock(&mpi.mutex);
    complete(&request);
}

static okng_status send_bytes(void *context, int32_t to, int32_t tag, const void *bytes, size_t size, okng_error *error)
{
    (void)context;
    const size_t blocks = blocks_of(size);
    if (blocks > INT_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "a message of %zu bytes is too long for another rank", size);
    char *message = okng_alloc_zero(blocks, BLOCK);
    if (!message) return okng_fail_memory(error, blocks * BLOCK);
    memcpy(message, &size, sizeof size);
    if (size > 0) memcpy(message + BLOCK, bytes, size);
    send_blocks(message, blocks, to, tag);
    free(message);
    return OKNG_OK;
}

/* Takes what has come, if something has: *message is okng_alloc'd, or NULL. False where memory is out. */
static bool take(int from, int tag, int *sender, char **message, size_t *bytes)
{
    MPI_Status status;
    MPI_Message handle;
    int came = 0, blocks = 0;
    bool room = true;
    *message = NULL;
    (void)pthread_mutex_lock(&mpi.mutex);
    (void)MPI_Improbe(from < 0 ? MPI_ANY_SOURCE : from, tag, mpi.comm, &came, &handle, &status);
    if (came) {
        (void)MPI_Get_count(&status, mpi.block, &blocks);
        *bytes = (size_t)blocks * BLOCK;
        *message = okng_alloc((size_t)blocks, BLOCK);
        room = *message != NULL;
        if (room) (void)MPI_Mrecv(*message, blocks, mpi.block, &handle, &status);
        *sender = status.MPI_SOURCE;
    }
    (void)pthread_mutex_unlock(&mpi.mutex);
    return room;
}

static okng_status receive_bytes(void *context, int32_t from, int32_t tag, int32_t *sender, void **bytes, size_t *size,
                                 okng_error *error)
{
    (void)context;
    char *message;
    int by = 0;
    size_t got = 0;
    for (long pause = shortest;; wait_a_little(&pause)) {
        if (!take(from, tag, &by, &message, &got)) return okng_fail_memory(error, got);
        if (message) break;
    }
    memcpy(size, message, sizeof *size);
    if (sender) *sender = by;
    if (*size > got - BLOCK) {
        free(message);
        return okng_fail(error, OKNG_ERROR_FORMAT, "a message from %s says that it is longer than it is",
                         mpi.names[by]);
    }
    memmove(message, message + BLOCK, *size);
    *bytes = message;
    return OKNG_OK;
}

static int is_pending(void *context, int32_t from, int32_t tag)
{
    (void)context;
    int came = 0;
    (void)pthread_mutex_lock(&mpi.mutex);
    (void)MPI_Iprobe(from < 0 ? MPI_ANY_SOURCE : from, tag, mpi.comm, &came, MPI_STATUS_IGNORE);
    (void)pthread_mutex_unlock(&mpi.mutex);
    return came;
}

/* ---- together ---------------------------------------------------------------------------------------------------- */

static okng_status gather(void *context, void *all, size_t unit, const int64_t *first, okng_error *error)
{
    (void)context;
    const int32_t ranks = mpi.ranks.count;
    if (unit > INT_MAX || first[ranks] > INT_MAX)
        return okng_fail(error, OKNG_ERROR_LIMIT, "%lld things of %zu bytes are too many for all ranks",
                         (long long)first[ranks], unit);
    int *counts = okng_alloc((size_t)ranks, 2 * sizeof *counts), *places = counts ? counts + ranks : NULL;
    if (!counts) return okng_fail_memory(error, (size_t)ranks * 2 * sizeof *counts);
    for (int32_t r = 0; r < ranks; r++) {
        counts[r] = (int)(first[r + 1] - first[r]);
        places[r] = (int)first[r];
    }
    MPI_Datatype type;
    MPI_Request request;
    (void)pthread_mutex_lock(&mpi.mutex);
    (void)MPI_Type_contiguous((int)unit, MPI_BYTE, &type);
    (void)MPI_Type_commit(&type);
    (void)MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, counts, places, type, mpi.comm, &request);
    (void)pthread_mutex_unlock(&mpi.mutex);
    complete(&request);
    (void)pthread_mutex_lock(&mpi.mutex);
    (void)MPI_Type_free(&type);
    (void)pthread_mutex_unlock(&mpi.mutex);
    free(counts);
    return OKNG_OK;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

okng_status okng_mpi_open(const okng_ranks **ranks, okng_error *error)
{
    int rank, count, length;
    char host[MPI_MAX_PROCESSOR_NAME] = "";
    (void)MPI_Comm_dup(MPI_COMM_WORLD, &mpi.comm);
    (void)MPI_Comm_rank(mpi.comm, &rank);
    (void)MPI_Comm_size(mpi.comm, &count);
    (void)MPI_Type_contiguous(BLOCK, MPI_BYTE, &mpi.block);
    (void)MPI_Type_commit(&mpi.block);
    (void)MPI_Get_processor_name(host, &length);
    mpi.names = okng_alloc_zero((size_t)count, sizeof *mpi.names);
    if (!mpi.names) return okng_fail_memory(error, (size_t)count * sizeof *mpi.names);
    (void)snprintf(mpi.names[rank], NAME, "rank %d on host %s", rank, host);
    (void)MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, mpi.names, NAME, MPI_CHAR, mpi.comm);
    mpi.ranks = (okng_ranks){.struct_size = sizeof mpi.ranks,
                             .rank = rank,
                             .count = count,
                             .name = name_of,
                             .send = send_bytes,
                             .receive = receive_bytes,
                             .pending = is_pending,
                             .gather = gather};
    *ranks = &mpi.ranks;
    return OKNG_OK;
}

void okng_mpi_close(void)
{
    (void)MPI_Type_free(&mpi.block);
    (void)MPI_Comm_free(&mpi.comm);
    free(mpi.names);
    mpi.names = NULL;
}
