/* Pictures whose truth a server keeps. */
#ifndef OKNG_DATA_KEPT_H
#define OKNG_DATA_KEPT_H

struct okng_dataset;

/* Of the layout of a data set: folders in a category's, NULL at the end; NULL: none. */
const char *const *okng_dataset_kept_splits(const struct okng_dataset *dataset);

#endif
