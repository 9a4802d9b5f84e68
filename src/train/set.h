/* What is trained on: the test pictures of all categories of a data set together, with the truth of every patch. */
#ifndef OKNG_TRAIN_SET_H
#define OKNG_TRAIN_SET_H

#include "afclip/plan.h"
#include "base/progress.h"
#include "train/config.h"

typedef struct okng_train_picture {
    const okng_sample *sample;
    size_t category; /* of okng_train_set.names */
    char sha256[65]; /* of the file */
} okng_train_picture;

typedef struct okng_train_set {
    okng_train_picture *pictures; /* [count], by category and name */
    size_t count, bad;
    float *labels;   /* [count], 1 for a defect */
    float *targets;  /* [count, cells], see okng_targets_of */
    char sha256[65]; /* of all pictures, labels and targets, in their order */
    okng_samples **samples;
    char **names; /* of the categories */
    size_t categories;
} okng_train_set;

/* Lists the pictures, hashes them, and reads all masks: united, squashed to the network's square as grey pictures (0
 * and 255, bicubic), then to the grid. Counts a step of `ticker` (stage "masks") for each. Errors: those of
 * okng_dataset_open and of reading; ARGUMENT (no picture with a defect; a category whose defects have no masks);
 * MISMATCH (a mask of another size than its picture); MEMORY, CANCELLED. */
okng_status okng_train_set_open(okng_train_set *set, const okng_train_config *config, const okng_afclip_plan *plan,
                                int threads, okng_ticker *ticker, okng_error *error);
void okng_train_set_close(okng_train_set *set); /* zeroed is fine; zeroes it */

#endif
