/* Finds a part of a picture in other pictures: normalised cross-correlation over a pyramid. The coarsest level is
 * searched whole, the best places are followed down, and the last step is below a pixel. */
#ifndef OKNG_ALIGN_FIND_H
#define OKNG_ALIGN_FIND_H

#include "align/correlate.h"

enum {
    OKNG_TEMPLATE_SIDE_MIN = 8,          /* pixels: smaller parts are found anywhere */
    OKNG_TEMPLATE_PIXELS_MAX = 100000000 /* as many as a picture has by default */
};

/* What is looked for. May be shared by threads. */
typedef struct okng_template {
    okng_pyramid pyramid;
    okng_moments moments[OKNG_PYRAMID_LEVELS]; /* of each level */
} okng_template;

/* From the part cut out of a picture. Errors: ARGUMENT (smaller than the least side, larger than the most pixels, or of
 * one grey everywhere, which no picture can be searched for), MEMORY. */
okng_status okng_template_make(okng_template *out, const okng_image *part, int threads, okng_error *error);
void okng_template_free(okng_template *part); /* zeroed is fine; zeroes it */

/* How a part may lie: turned by -rotation..rotation degrees, and at low..high times its size. */
typedef struct okng_search {
    double rotation;              /* 0..180 */
    double scale_low, scale_high; /* 0.5..2, low at most high; both 1: as it is */
} okng_search;

/* Where a part lies in a picture. Pixel (i, j) of the picture covers [i, i + 1] x [j, j + 1]. */
typedef struct okng_pose {
    double x, y;  /* of the part's centre */
    double angle; /* degrees, counter-clockwise as people see it */
    double scale; /* its size in the picture, of that of the template */
} okng_pose;

typedef struct okng_match {
    okng_pose pose;
    double score; /* normalised cross-correlation, -1..1; 0 where the picture is smaller than the part */
} okng_match;

/* The best place of the part in the picture, whose pyramid has as many levels as the part's or more than are needed.
 * Without rotation and scale the score is that of the best whole-pixel place, exact, and the place between pixels is
 * the top of the parabolas through its neighbours' scores. Otherwise pictures are sampled bilinearly. Results do not
 * depend on `threads`. Errors: MEMORY. */
okng_status okng_find(const okng_template *part, const okng_pyramid *picture, const okng_search *search, int threads,
                      okng_match *out, okng_error *error);

#endif
