/* A bank with regions, from pictures in which they were found. */
#ifndef OKNG_MODEL_ROIS_BUILD_H
#define OKNG_MODEL_ROIS_BUILD_H

#include "bank/rois_file.h"
#include "base/progress.h"
#include "features/pictures.h"

/* Pictures that hold every region, and where. All is borrowed. */
typedef struct okng_located {
    const okng_rois_file *file;
    const okng_pictures *all; /* whole pictures */
    size_t count;
    const size_t *index;            /* [count]: which of all; NULL: all, as they are */
    const okng_match *const *found; /* [count][regions] */
} okng_located;

/* okng_model_build of a bank for each region. The report is that of the first region, with rows of all, and stages of
 * all together. Errors: as there; those of a region's bank name it. */
okng_status okng_model_build_rois(const okng_located *located, const char *folder, const okng_build_options *options,
                                  okng_ticker *ticker, okng_build_report *report, okng_error *error);

#endif
