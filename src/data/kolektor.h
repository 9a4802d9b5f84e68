/* What KolektorSDD and KolektorSDD2 share: every picture has a mask beside it, and is good where that is all 0. */
#ifndef OKNG_DATA_KOLEKTOR_H
#define OKNG_DATA_KOLEKTOR_H

#include "data/dataset.h"

typedef struct okng_beside_part {
    const char *root;  /* names are relative to it */
    const char *below; /* folder of the pictures, "train" */
    const char *tail;  /* of a mask's name: "_GT" */
    okng_split split;  /* of good pictures; of TRAIN when bad ones are left out */
    bool bad_to_test;  /* bad pictures of TRAIN are tested instead */
} okng_beside_part;

/* Adds the pictures of a folder; a mask is read to see whether it has a defect. A copy ("10301 (copy).png", as the
 * archive of KolektorSDD2 has one) is left out where what it is a copy of is there. */
okng_status okng_sample_add_beside(okng_sample_list *list, const okng_beside_part *part, okng_error *error);

#endif
