/* Which pictures of a category are used: draws that depend on the seed and on nothing else. */
#ifndef OKNG_DATA_DRAW_H
#define OKNG_DATA_DRAW_H

#include "data/dataset.h"
#include "data/shots.h"

/* Sorts the list and moves test_ratio of its train pictures to the test, of sets that have no good pictures to test. */
okng_status okng_draw_test(okng_sample_list *list, const okng_dataset_options *options, okng_error *error);

/* Applies validation, k_shot and max_test_samples to a sorted list: moves to VALIDATION, drops what is not used. */
okng_status okng_draw_splits(okng_sample_list *list, const okng_dataset_options *options, const char *category,
                             okng_error *error);

#endif
