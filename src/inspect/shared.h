/* A folder of pictures that several processes inspect: rank 0 asks for one picture after the other, and writes what
 * comes. */
#ifndef OKNG_INSPECT_SHARED_H
#define OKNG_INSPECT_SHARED_H

#include "base/calls.h"
#include "inspect/result.h"

#define OKNG_JOB_INSPECT "inspect"

/* What all pictures have in common. */
typedef struct okng_shared_job {
    const okng_bank *bank;
    const okng_inspect_options *options; /* checked */
    unsigned save;                       /* flags of okng_result_save */
    const okng_image *reference;         /* NULL: none */
    bool pixels;                         /* of the results picture, mask and map are wanted too */
} okng_shared_job;

/* Rank 0: the other ranks open the bank, and see that they have the same pictures, `paths` [count]. *calls is NULL
 * where there are no other ranks, or the bank is in memory alone. Errors: what the first rank says that cannot, by its
 * name; MEMORY. */
okng_status okng_shared_job_open(okng_calls **calls, const okng_shared_job *job, const char *const *paths, size_t count,
                                 okng_error *error);

/* A picture that was inspected on another rank. Zeroed is none. */
typedef struct okng_shared_result {
    okng_result *result;  /* without pixels it has neither picture nor mask, and no map unless that is saved */
    void *bytes;          /* of the reply */
    okng_parcel pictures; /* of the result, encoded; in `bytes` */
} okng_shared_result;
/* Errors: as okng_inspect; those of asking. */
okng_status okng_shared_inspect(okng_calls *calls, int slot, const okng_shared_job *job, const char *path,
                                okng_shared_result *out, okng_error *error);
/* As okng_result_write. Once. */
okng_status okng_shared_result_write(okng_shared_result *shared, const char *dir, unsigned save, okng_error *error);
void okng_shared_result_free(okng_shared_result *shared);

/* Other ranks: an okng_follow_fn. */
okng_status okng_inspect_follow(const okng_ranks *ranks, okng_parcel *parcel, okng_error *error);

#endif
