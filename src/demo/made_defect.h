/* Defects made into pictures of real good parts, for measuring where no bad part is at hand: a rule, not a likeness.
 * What is found of them tells sizes, backbones and thresholds apart; how many real defects will be found it does not
 * tell. docs/sizes.md has the rule for people. */
#ifndef OKNG_DEMO_MADE_DEFECT_H
#define OKNG_DEMO_MADE_DEFECT_H

#include "image/image.h"

/* Sizes are shares of sqrt(width * height), drawn evenly from the range. */
typedef enum okng_made_defect {
    OKNG_MADE_SCRATCH =
        0,            /* a bent line, 5 to 20 % long and 0.3 to 0.8 % wide (at least a pixel), that comes and goes */
    OKNG_MADE_BLOB,   /* a ragged spot of 1 to 3 % radius with a soft edge */
    OKNG_MADE_MOVED,  /* a square of 4 to 10 % from elsewhere in the picture, turned by a quarter, its edge blended */
    OKNG_MADE_DEFECTS /* how many kinds there are */
} okng_made_defect;

/* Copies an RGB picture and puts one defect into it. A scratch begins and a blob lies anywhere but at the outermost 5
 * %; they are darker or brighter than what is there by 25 to 60 of 255, whichever has room, a little tinted. The same
 * picture, kind and seed give the same pixels. `mask` (may be NULL) gets 255 where the defect is. On failure both are
 * zeroed. Errors: ARGUMENT (a picture under 16 pixels along a side), MEMORY. */
okng_status okng_made_defect_put(const okng_image *good, okng_made_defect kind, uint64_t seed, okng_image *out,
                                 okng_image *mask, okng_error *error);

#endif
