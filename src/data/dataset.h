/* Data sets behind one small interface. A new one is one file with an okng_layout and one row of the table in
 * dataset.c. The handle, its options and its samples are in the public header (okng_dataset...). */
#ifndef OKNG_DATA_DATASET_H
#define OKNG_DATA_DATASET_H

#include <stdbool.h>

#include "base/error.h"

/* What a layout reads from. */
typedef struct okng_source {
    const char *root;
    const okng_dataset_options *options; /* complete and checked */
} okng_source;

/* Strings that are added one by one; owned. */
typedef struct okng_names {
    char **items;
    size_t count, capacity;
} okng_names;

/* Samples that a layout adds one by one; owned. Their order does not matter: they are sorted by name afterwards. */
typedef struct okng_sample_list {
    okng_sample *items;
    size_t count, capacity;
} okng_sample_list;

typedef struct okng_layout {
    const char *name; /* "mvtec" */
    const char *help; /* one line */
    /* Adds every category that is there, in any order. */
    okng_status (*categories)(const okng_source *source, okng_names *out, okng_error *error);
    /* Adds every sample of `category`, which is one of those. Of the train split, good ones only. */
    okng_status (*samples)(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error);
    bool masks_may_be_shared; /* by pictures that name the same one; where masks are found, a second owner is a mistake
                               */
} okng_layout;

extern const okng_layout okng_layout_mvtec, okng_layout_visa, okng_layout_mvtec_ad2, okng_layout_casting,
    okng_layout_folder, okng_layout_csv;

#endif
