#include "base/ranks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const okng_ranks alone = {.struct_size = sizeof alone, .rank = 0, .count = 1};
static _Atomic(const okng_ranks *) led = &alone;
static atomic_bool claimed;
static _Thread_local const okng_ranks *together = &alone;

const okng_ranks *okng_ranks_led(void)
{
    return atomic_load(&led);
}

void okng_ranks_set_led(const okng_ranks *ranks)
{
    atomic_store(&led, ranks ? ranks : &alone);
}

bool okng_ranks_claim(void)
{
    return okng_ranks_led()->count > 1 && !atomic_exchange(&claimed, true);
}

void okng_ranks_release(void)
{
    atomic_store(&claimed, false);
}

const okng_ranks *okng_ranks_together(void)
{
    return together;
}

void okng_ranks_set_together(const okng_ranks *ranks)
{
    together = ranks ? ranks : &alone;
}

/* ---- jobs -------------------------------------------------------------------------------------------------------- */

okng_status okng_ranks_begin(const okng_ranks *ranks, const char *job, const okng_grown *parcel, okng_error *error)
{
    okng_grown message = {0};
    okng_parcel_put_text(&message, job);
    if (parcel) okng_parcel_put(&message, parcel->data, parcel->size);
    okng_status status = parcel ? okng_parcel_packed(parcel, error) : OKNG_OK;
    if (status == OKNG_OK) status = okng_parcel_packed(&message, error);
    for (int32_t r = 1; r < ranks->count && status == OKNG_OK; r++)
        status = ranks->send(ranks->context, r, OKNG_TAG_JOB, message.data, message.size, error);
    free(message.data);
    return status;
}

static okng_status follow(const okng_ranks *ranks, const okng_rank_job *jobs, okng_parcel *message, bool *dismissed)
{
    okng_error error = {0};
    const char *name = okng_parcel_take_text(message);
    *dismissed = !name || !*name;
    if (*dismissed) return OKNG_OK;
    while (jobs->name && strcmp(jobs->name, name) != 0) jobs++;
    if (jobs->name) {
        (void)jobs->follow(ranks, message, &error); /* rank 0 has heard of it, and tells */
        return OKNG_OK;
    }
    okng_status status = okng_fail(&error, OKNG_ERROR_UNSUPPORTED, "does not know the job %s", name);
    return okng_ranks_agree(ranks, status, &error) == status ? OKNG_OK : OKNG_ERROR_UNSUPPORTED;
}

okng_status okng_ranks_serve(const okng_ranks *ranks, const okng_rank_job *jobs, okng_error *error)
{
    okng_status status = OKNG_OK;
    for (bool dismissed = false; status == OKNG_OK && !dismissed;) {
        void *bytes;
        size_t size;
        OKNG_TRY(ranks->receive(ranks->context, 0, OKNG_TAG_JOB, NULL, &bytes, &size, error));
        okng_parcel message = {.next = bytes, .left = size};
        status = follow(ranks, jobs, &message, &dismissed);
        free(bytes);
    }
    return status;
}

/* What one rank says of its part. */
typedef struct verdict {
    okng_status status;
    okng_error why;
} verdict;

/* The lowest rank that fails is heard, so those before it go on. */
static okng_status tell_failure(const okng_ranks *ranks, okng_error *error)
{
    for (int32_t r = ranks->rank + 1; r < ranks->count; r++)
        OKNG_TRY(ranks->send(ranks->context, r, OKNG_TAG_FAILED, NULL, 0, error));
    return OKNG_OK;
}

/* What the ranks before this one have told it, whether or not it has looked. */
static okng_status hear_failures(const okng_ranks *ranks, const verdict *all, okng_error *error)
{
    for (int32_t r = 0; r < ranks->rank; r++) {
        void *nothing;
        size_t size;
        if (all[r].status == OKNG_OK) continue;
        OKNG_TRY(ranks->receive(ranks->context, r, OKNG_TAG_FAILED, NULL, &nothing, &size, error));
        free(nothing);
    }
    return OKNG_OK;
}

bool okng_ranks_in_vain(const okng_ranks *ranks)
{
    return ranks->rank > 0 && ranks->pending(ranks->context, -1, OKNG_TAG_FAILED) != 0;
}

okng_status okng_ranks_agree(const okng_ranks *ranks, okng_status mine, okng_error *error)
{
    if (ranks->count == 1) return mine;
    verdict *all = okng_alloc_zero((size_t)ranks->count, sizeof *all);
    int64_t *first = okng_alloc((size_t)ranks->count + 1, sizeof *first);
    okng_status status = all && first ? OKNG_OK : okng_fail_memory(error, (size_t)ranks->count * sizeof *all);
    for (int64_t r = 0; r <= ranks->count && status == OKNG_OK; r++) first[r] = r;
    if (status == OKNG_OK) {
        all[ranks->rank].status = mine;
        if (mine != OKNG_OK && error) all[ranks->rank].why = *error;
        if (mine != OKNG_OK) status = tell_failure(ranks, error);
        if (status == OKNG_OK) status = ranks->gather(ranks->context, all, sizeof *all, first, error);
        if (status == OKNG_OK) status = hear_failures(ranks, all, error);
    }
    int32_t r = 0;
    while (status == OKNG_OK && r < ranks->count && all[r].status == OKNG_OK) r++;
    if (status == OKNG_OK && r < ranks->count) {
        status = all[r].status;
        if (error) *error = all[r].why;
        if (r > 0) (void)okng_error_context(error, status, "%s", ranks->name(ranks->context, r));
    }
    free(all);
    free(first);
    return status;
}

/* ---- parts ------------------------------------------------------------------------------------------------------- */

/* count * rank / ranks, without leaving 64 bits. */
static int64_t first_of(const okng_ranks *ranks, int32_t rank, int64_t count)
{
    const int64_t whole = count / ranks->count, rest = count % ranks->count;
    return whole * rank + rest * rank / ranks->count;
}

void okng_ranks_part(const okng_ranks *ranks, int64_t count, int64_t *first, int64_t *end)
{
    *first = first_of(ranks, ranks->rank, count);
    *end = first_of(ranks, ranks->rank + 1, count);
}

okng_status okng_ranks_gather_parts(const okng_ranks *ranks, void *all, size_t unit, int64_t count, okng_error *error)
{
    if (ranks->count == 1) return OKNG_OK;
    int64_t *first = okng_alloc((size_t)ranks->count + 1, sizeof *first);
    if (!first) return okng_fail_memory(error, ((size_t)ranks->count + 1) * sizeof *first);
    for (int32_t r = 0; r <= ranks->count; r++) first[r] = first_of(ranks, r, count);
    okng_status status = ranks->gather(ranks->context, all, unit, first, error);
    free(first);
    return status;
}

/* How many units each rank has, as places of their first ones. */
static okng_status gather_firsts(const okng_ranks *ranks, int64_t count, int64_t *first, okng_error *error)
{
    int64_t *counts = okng_alloc_zero((size_t)ranks->count, sizeof *counts);
    if (!counts) return okng_fail_memory(error, (size_t)ranks->count * sizeof *counts);
    counts[ranks->rank] = count;
    okng_status status = okng_ranks_gather_parts(ranks, counts, sizeof *counts, ranks->count, error);
    first[0] = 0;
    for (int32_t r = 0; r < ranks->count; r++) first[r + 1] = first[r] + counts[r];
    free(counts);
    return status;
}

okng_status okng_ranks_count(const okng_ranks *ranks, int64_t mine, int64_t *before, int64_t *all, okng_error *error)
{
    int64_t *first = okng_alloc((size_t)ranks->count + 1, sizeof *first);
    if (!first) return okng_fail_memory(error, ((size_t)ranks->count + 1) * sizeof *first);
    okng_status status = gather_firsts(ranks, mine, first, error);
    *before = first[ranks->rank];
    *all = first[ranks->count];
    free(first);
    return status;
}

okng_status okng_ranks_gather_ranges(const okng_ranks *ranks, void *all, size_t unit, int64_t mine, int64_t count,
                                     okng_error *error)
{
    if (ranks->count == 1) return OKNG_OK;
    int64_t *first = okng_alloc((size_t)ranks->count + 1, sizeof *first);
    if (!first) return okng_fail_memory(error, ((size_t)ranks->count + 1) * sizeof *first);
    okng_status status = gather_firsts(ranks, mine, first, error);
    if (status == OKNG_OK && first[ranks->count] != count)
        status = okng_fail(error, OKNG_ERROR_MISMATCH, "the ranks have %lld things, expected %lld",
                           (long long)first[ranks->count], (long long)count);
    if (status == OKNG_OK) status = ranks->gather(ranks->context, all, unit, first, error);
    free(first);
    return status;
}

okng_status okng_ranks_gather_blocks(const okng_ranks *ranks, const void *mine, size_t unit, int64_t count, void **all,
                                     int64_t *first, okng_error *error)
{
    *all = NULL;
    OKNG_TRY(gather_firsts(ranks, count, first, error));
    const int64_t total = first[ranks->count];
    unsigned char *bytes = okng_alloc((size_t)total, unit);
    okng_status status = bytes ? OKNG_OK : okng_fail_memory(error, (size_t)total * unit);
    OKNG_TRY(okng_ranks_agree(ranks, status, error));
    if (count > 0) memcpy(bytes + (size_t)first[ranks->rank] * unit, mine, (size_t)count * unit);
    if (ranks->count > 1) status = ranks->gather(ranks->context, bytes, unit, first, error);
    if (status == OKNG_OK)
        *all = bytes;
    else
        free(bytes);
    return status;
}

okng_status okng_ranks_tell(const okng_ranks *ranks, void *things, size_t unit, int64_t count, okng_error *error)
{
    return okng_ranks_gather_ranges(ranks, things, unit, ranks->rank == 0 ? count : 0, count, error);
}

okng_status okng_ranks_sum(const okng_ranks *ranks, uint64_t *values, size_t count, okng_error *error)
{
    if (ranks->count == 1) return OKNG_OK;
    uint64_t *all = okng_alloc((size_t)ranks->count, count * sizeof *all);
    if (!all) return okng_fail_memory(error, (size_t)ranks->count * count * sizeof *all);
    memcpy(all + (size_t)ranks->rank * count, values, count * sizeof *all);
    okng_status status = okng_ranks_gather_parts(ranks, all, count * sizeof *all, ranks->count, error);
    for (size_t i = 0; i < count && status == OKNG_OK; i++) {
        values[i] = 0;
        for (int32_t r = 0; r < ranks->count; r++) values[i] += all[(size_t)r * count + i];
    }
    free(all);
    return status;
}
