/* A submission over all categories of a run: what there is to inspect, whether it was, and its archive. */
#ifndef OKNG_EXPERIMENT_SUBMISSION_H
#define OKNG_EXPERIMENT_SUBMISSION_H

#include <stdbool.h>

#include "data/names.h"
#include "submit/submit.h"

/* The pictures of one category whose truth a server keeps, in the order of their names; owned. */
typedef struct okng_kept_pictures {
    okng_names paths, stems;
    const char **splits; /* [paths.count] names of the layout; owned, they are not */
    size_t room;         /* of the splits */
} okng_kept_pictures;
/* Errors: NOT_FOUND where a split is missing or empty; IO, MEMORY. */
okng_status okng_kept_pictures_list(okng_kept_pictures *out, const okng_dataset *dataset, const char *root,
                                    const char *category, okng_error *error);
void okng_kept_pictures_free(okng_kept_pictures *pictures);

/* Before anything is learnt: ARGUMENT where the data set has no server, or the folder holds other things. */
okng_status okng_submit_prepare(const char *dir, const char *name, const okng_dataset *dataset, okng_error *error);
/* Whether an earlier run wrote all of a category. */
okng_status okng_submit_is_written(const char *dir, const okng_dataset *dataset, const char *root, const char *category,
                                   bool *written, okng_error *error);
/* The archive of all categories, read back; `warn` hears what the server would still miss. */
okng_status okng_submit_finish(const char *dir, const okng_dataset *dataset, const char *root,
                               const char *const *categories, size_t count, void (*warn)(void *user, const char *text),
                               void *user, okng_error *error);

#endif
