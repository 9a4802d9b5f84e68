/* Regions of interest: parts of one picture that are looked for in all others, each under a name. */
#ifndef OKNG_ALIGN_ROIS_H
#define OKNG_ALIGN_ROIS_H

#include "align/cut.h"

enum { OKNG_ROIS_MAX = 16 };
#define OKNG_ROI_THRESHOLD 0.5 /* of a match, unless another is given */

typedef struct okng_roi_box {
    char name[OKNG_NAME_MAX];
    int32_t x, y, width, height; /* in pixels of the picture that it was drawn on */
} okng_roi_box;

/* Regions with what they are looked for by. May be shared by threads. */
typedef struct okng_rois {
    size_t count; /* 1..OKNG_ROIS_MAX */
    okng_roi_box boxes[OKNG_ROIS_MAX];
    okng_image pictures[OKNG_ROIS_MAX]; /* cut out, RGB */
    okng_template parts[OKNG_ROIS_MAX];
    okng_search search; /* the same for all */
    double threshold;   /* a match below it is none, 0..1 */
} okng_rois;

/* Reads "X,Y,W,H", or several with blanks or semicolons between, each of which may have a name: "pin=10,20,64,48;
 * cap=100,20,40,40". Those without are called region-1, region-2 by their places in the text. Only the boxes and their
 * number are filled in. Errors: ARGUMENT, "found ..., expected ...". */
okng_status okng_rois_parse(okng_rois *rois, const char *text, okng_error *error);
/* "" or what is wrong with a name: UTF-8 of 1 to 63 bytes that begins with no "." and holds no blanks, control
 * characters, nor any of / \ = ; , " */
const char *okng_roi_name_fault(const char *name);

/* Cuts the boxes out of `picture`, which `of` names in errors. Errors: ARGUMENT where one reaches beyond the picture,
 * is called as another or by no name, or cannot be looked for (okng_template_make); MEMORY. `rois` is for
 * okng_rois_free, on failure too. */
okng_status okng_rois_cut(okng_rois *rois, const okng_image *picture, const char *of, int threads, okng_error *error);
/* The same where the pictures are there, of the boxes' sizes. */
okng_status okng_rois_prepare(okng_rois *rois, int threads, okng_error *error);
void okng_rois_free(okng_rois *rois); /* zeroed is fine; zeroes it */

/* Where each region lies: matches [rois->count]. Errors: MEMORY. */
okng_status okng_rois_find(const okng_rois *rois, const okng_image *picture, int threads, okng_match *matches,
                           okng_error *error);
/* Not where the picture is smaller than the region, or of one grey, whatever the threshold: the score is 0 then. */
bool okng_roi_is_found(const okng_rois *rois, const okng_match *match);
/* The match as it is told to others; without score and verdict. */
okng_found_roi okng_found_roi_of(const okng_roi_box *box, const okng_match *match, bool found);

#endif
