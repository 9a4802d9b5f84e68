/* The samples of one category: listed by the layout, looked for on the disk, sorted, drawn. */
#ifndef OKNG_DATA_SAMPLES_H
#define OKNG_DATA_SAMPLES_H

#include "data/dataset.h"

okng_status okng_samples_list(okng_samples **out, const okng_layout *layout, const okng_source *source,
                              const char *category, okng_error *error);

#endif
