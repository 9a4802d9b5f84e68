/* Data sets behind one small interface. A new one is a file with an okng_layout and a name in the table
 * below. The handle, its options and its samples are in the public header (okng_dataset...). */
#ifndef OKNG_DATA_DATASET_H
#define OKNG_DATA_DATASET_H

#include <stdbool.h>

#include "base/error.h"
#include "data/names.h"

/* What a layout reads from. */
typedef struct okng_source {
    const char *root;
    const okng_dataset_options *options; /* complete and checked */
} okng_source;

/* Samples that a layout adds one by one; owned. Their order does not matter: they are sorted by name afterwards. */
typedef struct okng_sample_list {
    okng_sample *items;
    size_t count, capacity;
} okng_sample_list;

typedef struct okng_layout {
    const char *name;    /* "mvtec" */
    const char *alias;   /* another spelling of the name; NULL: none */
    const char *help;    /* one line */
    const char *options; /* those of its own: "normal, masks"; NULL: none */
    /* Adds every category that is there, in any order. */
    okng_status (*categories)(const okng_source *source, okng_names *out, okng_error *error);
    /* Adds every sample of `category`, which is one of those. Of the train split, good ones only. */
    okng_status (*samples)(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error);
    /* File in a category's folder that says when a defect is found whole (saturation.h); NULL: none. */
    const char *saturations;
    /* Folders in a category's of pictures whose truth a server keeps, NULL at the end; NULL: none. */
    const char *const *kept_splits;
    /* Masks are named, and two pictures may name the same one; where they are found a second owner is a mistake. */
    bool masks_may_be_shared;
} okng_layout;

/* The table of layouts: okng_layout_<name> of each, in the order in which they are listed. */
/* clang-format off */
#define OKNG_LAYOUTS(LAYOUT)                                                        \
    LAYOUT(mvtec) LAYOUT(visa) LAYOUT(mvtec_ad2) LAYOUT(mvtec_loco)                 \
    LAYOUT(btad) LAYOUT(mpdd) LAYOUT(kolektor_sdd) LAYOUT(kolektor_sdd2)            \
    LAYOUT(dagm) LAYOUT(real_iad) LAYOUT(casting) LAYOUT(labelme) LAYOUT(coco) LAYOUT(yolo) LAYOUT(folder) LAYOUT(csv)
/* clang-format on */

#define OKNG_DECLARE_LAYOUT(name) extern const okng_layout okng_layout_##name;
OKNG_LAYOUTS(OKNG_DECLARE_LAYOUT)

#endif
