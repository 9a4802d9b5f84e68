/* Pictures looked at between their pixels. */
#ifndef OKNG_ALIGN_SAMPLE_H
#define OKNG_ALIGN_SAMPLE_H

#include "align/find.h"

/* From places of a part to places of the picture that it lies in: pixels of the part from its centre, scaled, turned,
 * moved. */
typedef struct okng_placing {
    double x, y;      /* where the part's own origin, its upper left corner, lies */
    double across[2]; /* how far one pixel to the right in the part leads, in x and y */
    double down[2];   /* likewise, one pixel down */
} okng_placing;
okng_placing okng_placing_of(const okng_pose *pose, int32_t part_width, int32_t part_height);

/* Bilinear between the centres of pixels; beyond them the border's own pixels. */
double okng_level_sample(const okng_level *level, double x, double y);

#endif
