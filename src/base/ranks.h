/* Work that several processes share: okng_ranks of the public header, and what is made of it. A job begins on rank 0,
 * which hands it to the others by its name and a parcel of what they need; then all agree that they can do it. There
 * are two kinds: jobs in which every rank goes through the same steps and gathers what the others found, and jobs in
 * which rank 0 asks for one thing after the other (base/calls.h). */
#ifndef OKNG_BASE_RANKS_H
#define OKNG_BASE_RANKS_H

#include "base/parcel.h"
#include "okng/experimental.h"

/* Tags of messages. */
enum { OKNG_TAG_JOB = 1, OKNG_TAG_CALL, OKNG_TAG_REPLY, OKNG_TAG_FAILED };

/* Does a rank's part of a job that rank 0 has begun. It must call okng_ranks_agree once it knows whether it can. */
typedef okng_status (*okng_follow_fn)(const okng_ranks *ranks, okng_parcel *job, okng_error *error);
typedef struct okng_rank_job {
    const char *name;
    okng_follow_fn follow;
} okng_rank_job;

/* Rank 0: those that are led; one process alone where none are. */
const okng_ranks *okng_ranks_led(void);
void okng_ranks_set_led(const okng_ranks *ranks); /* NULL: none */

/* Rank 0: claims the others for a job, as one is done at a time. False where there are none, or they are at work: then
 * this process does all of it. */
bool okng_ranks_claim(void);
void okng_ranks_release(void);
/* Rank 0, which has claimed them: hands out the job. All ranks then meet in okng_ranks_agree. Errors: MEMORY. */
okng_status okng_ranks_begin(const okng_ranks *ranks, const char *job, const okng_grown *parcel, okng_error *error);
/* Other ranks: jobs [until a NULL name] until rank 0 dismisses them. */
okng_status okng_ranks_serve(const okng_ranks *ranks, const okng_rank_job *jobs, okng_error *error);

/* Every rank: OK where `mine` is OK on all; else the failure of the lowest rank that has one, on every rank alike, with
 * the name of the rank before it where that is not rank 0. A rank that fails tells those behind it at once. */
okng_status okng_ranks_agree(const okng_ranks *ranks, okng_status mine, okng_error *error);
/* Between two calls of okng_ranks_agree: whether a rank before this one has failed, so that nobody will hear what comes
 * of this one. Then it may fail too, by whatever status. */
bool okng_ranks_in_vain(const okng_ranks *ranks);

/* Those with which this thread goes through the same steps; itself alone else. Set for a while by who begins and who
 * follows a job. */
const okng_ranks *okng_ranks_together(void);
void okng_ranks_set_together(const okng_ranks *ranks); /* NULL: alone */

/* The things first..end-1 of `count` that are this rank's: neighbours, in the order of the ranks. */
void okng_ranks_part(const okng_ranks *ranks, int64_t count, int64_t *first, int64_t *end);
/* Every rank: `all` has `count` things of `unit` bytes, of which each rank has filled in its part; afterwards all are
 * there on every rank. Nothing to do for one process. */
okng_status okng_ranks_gather_parts(const okng_ranks *ranks, void *all, size_t unit, int64_t count, okng_error *error);
/* The same where each rank has filled in so many things behind those of the ranks before it. Errors: MISMATCH where
 * those of all ranks are not `count`. */
okng_status okng_ranks_gather_ranges(const okng_ranks *ranks, void *all, size_t unit, int64_t mine, int64_t count,
                                     okng_error *error);
/* Every rank: how many things the ranks before it have, and *all how many there are, where it has `mine`. */
okng_status okng_ranks_count(const okng_ranks *ranks, int64_t mine, int64_t *before, int64_t *all, okng_error *error);
/* Every rank: blocks of any size from all ranks, one behind the other in their order; *all is okng_alloc'd, and
 * first [ranks->count + 1] gets where each begins, in units. */
okng_status okng_ranks_gather_blocks(const okng_ranks *ranks, const void *mine, size_t unit, int64_t count, void **all,
                                     int64_t *first, okng_error *error);
/* Every rank: `things` become those of rank 0, `count` of them. */
okng_status okng_ranks_tell(const okng_ranks *ranks, void *things, size_t unit, int64_t count, okng_error *error);
/* Every rank: values [count] become the sums of those of all ranks. */
okng_status okng_ranks_sum(const okng_ranks *ranks, uint64_t *values, size_t count, okng_error *error);

#endif
