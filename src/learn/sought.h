/* Regions of interest, looked for in the pictures that shall be learnt. */
#ifndef OKNG_LEARN_SOUGHT_H
#define OKNG_LEARN_SOUGHT_H

#include "base/progress.h"
#include "model/rois_build.h"

typedef struct okng_sought {
    okng_rois_file file;
    okng_match *matches;      /* [count][regions] */
    const okng_match **found; /* [count]: the rows of those in which all regions are */
    size_t *index;            /* [kept]: which of the pictures those are */
    size_t count, kept;
} okng_sought;

/* ARGUMENT where options->roi is no list of regions, or an option of regions is given without it. */
okng_status okng_sought_check(const okng_build_options *options, okng_error *error);

/* Cuts options->roi out of options->roi_from, or of the first picture, and looks for it in all. The ticker hears
 * "regions". Errors: ARGUMENT of the regions; where none of the pictures holds them; those of decoding, MEMORY,
 * CANCELLED. *sought is for okng_sought_free, on failure too. */
okng_status okng_sought_find(okng_sought *sought, const okng_pictures *pictures, const okng_build_options *options,
                             okng_ticker *ticker, okng_error *error);
void okng_sought_free(okng_sought *sought); /* zeroed is fine */

/* Whether all regions are in picture i; where not, `why` says which is not. */
bool okng_sought_has(const okng_sought *sought, size_t i, char *why, size_t size);

/* A bank of all of it: okng_model_build, of pictures that hold the regions where the options have some, as a list that
 * nobody looked at before. report->not_found is filled in too. */
okng_status okng_learn_pictures(const okng_pictures *pictures, const char *folder, const okng_build_options *options,
                                okng_ticker *ticker, okng_build_report *report, okng_error *error);

#endif
