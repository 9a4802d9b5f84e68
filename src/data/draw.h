/* Which pictures of a category are used: draws that depend on the seed and on nothing else. */
#ifndef OKNG_DATA_DRAW_H
#define OKNG_DATA_DRAW_H

#include "data/dataset.h"
#include "data/shots.h"

/* Pictures that a ratio takes of `count`: rounded, at least 1 and at most count - 1 where the ratio is above 0. */
size_t okng_draw_share(size_t count, double ratio);

/* Applies validation, k_shot and max_test_samples to a sorted list: moves to VALIDATION, drops what is not used. */
okng_status okng_draw_splits(okng_sample_list *list, const okng_dataset_options *options, const char *category,
                             okng_error *error);

#endif
