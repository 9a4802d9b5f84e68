/* A look at every picture before any work: what can be read, and what says that a day would be lost. */
#ifndef OKNG_LEARN_SURVEY_H
#define OKNG_LEARN_SURVEY_H

#include "base/progress.h"
#include "features/pictures.h"

enum { OKNG_SURVEY_SIDE = 24 };

typedef struct okng_surveyed {
    bool readable;
    bool grey; /* its colours are equal everywhere */
    int32_t width, height;
    uint64_t hash;                                      /* of all its pixels */
    uint8_t small[OKNG_SURVEY_SIDE * OKNG_SURVEY_SIDE]; /* grey, scaled down */
    char *why;                                          /* it cannot be read; malloc'd */
} okng_surveyed;

/* Decodes all in `threads` threads: *surveyed is [pictures->count]. With `skip_bad` a picture that cannot be read is
 * kept as such, else it is the error. The ticker hears "survey". Errors: those of decoding, MEMORY, CANCELLED. */
okng_status okng_survey(okng_surveyed **surveyed, const okng_pictures *pictures, uint64_t max_pixels, int threads,
                        bool skip_bad, okng_ticker *ticker, okng_error *error);
void okng_survey_free(okng_surveyed **surveyed, size_t count); /* NULL is fine */

#endif
