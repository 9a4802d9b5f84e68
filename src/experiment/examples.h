/* Which test pictures are drawn, and what their files are called. */
#ifndef OKNG_EXPERIMENT_EXAMPLES_H
#define OKNG_EXPERIMENT_EXAMPLES_H

#include "experiment/category.h"

/* Up to `wanted` (-1: all) pictures that say most: a half is found defects with the highest scores, a quarter missed
 * defects with the lowest, a quarter false alarms with the highest; what one of these cannot fill goes to the defects
 * and then the good pictures with the highest scores that are left. Ascending numbers, malloc'd; NULL when memory is
 * out. Equal scores are told apart by their place in the list. */
size_t *okng_examples_choose(const okng_picture_result *pictures, size_t count, int32_t wanted, size_t *chosen);

/* The name of a picture's files below their folder: its name without the ending, or with it where another picture would
 * have the same. Never leads out of the folder, whatever the name. malloc'd; NULL when memory is out. */
char *okng_example_name(const okng_sample *const *samples, size_t count, size_t i);

#endif
