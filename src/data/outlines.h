/* Outlines of defects, drawn by people with a program for that, in place of masks.
 *
 * A pixel is a defect where its centre, half a pixel right of and below its corner, lies within an outline, by the
 * even-odd rule; where an outline holds no centre at all, the pixels that its points lie in are, so that no defect
 * vanishes. Several outlines are united. */
#ifndef OKNG_DATA_OUTLINES_H
#define OKNG_DATA_OUTLINES_H

#include <stdbool.h>

#include "base/error.h"

typedef enum okng_outline_kind {
    OKNG_OUTLINE_POLYGON, /* at least three points */
    OKNG_OUTLINE_CIRCLE,  /* its centre, and a point on it */
    OKNG_OUTLINE_RUNS     /* down the columns: so many pixels without, with, without ... */
} okng_outline_kind;

typedef struct okng_outline {
    okng_outline_kind kind;
    size_t first, count; /* numbers: two for a point, one for a run */
} okng_outline;

typedef struct okng_outlines {
    char *file;            /* that they come from; owned */
    int32_t width, height; /* of the picture, as the file says; 0: it does not */
    bool shares;           /* coordinates are shares of the picture's width and height */
    double *numbers;
    okng_outline *items;
    size_t number_count, number_room, count, room;
} okng_outlines;

enum { OKNG_OUTLINE_NUMBERS = 1 << 20 }; /* of one picture at most */

okng_status okng_outlines_new(okng_outlines **out, const char *file, int32_t width, int32_t height, okng_error *error);
void okng_outlines_free(okng_outlines *outlines); /* NULL is fine */

/* Begins an outline; its numbers follow. */
okng_status okng_outline_begin(okng_outlines *outlines, okng_outline_kind kind, okng_error *error);
/* Errors: LIMIT, MEMORY. */
okng_status okng_outline_number(okng_outlines *outlines, double number, okng_error *error);
/* Ends it: FORMAT where it has too few points, one that is not finite or lies beside the picture, more than a pixel
 * beyond its border, or runs that do not add up to its pixels; `what` ("shape 3") is told. */
okng_status okng_outline_end(okng_outlines *outlines, const char *what, okng_error *error);

/* mask [height, width] becomes 1 within the outlines, 0 elsewhere. MISMATCH where the file is about a picture of
 * another size than `of`; else as okng_outline_end, of a file that did not say the size. */
okng_status okng_outlines_draw(const okng_outlines *outlines, const char *of, int32_t width, int32_t height,
                               uint8_t *mask, okng_error *error);

#endif
