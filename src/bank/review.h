/* The band of scores in which a picture is neither OK nor NG but for a person to look at. */
#ifndef OKNG_BANK_REVIEW_H
#define OKNG_BANK_REVIEW_H

#include "base/error.h"

/* Half of the width of a band around `threshold` into which a new good picture falls with probability `rate` (0..1).
 * scores [count]: of OK pictures, count >= 1. Of the sorted distances d of the scores to the threshold it is number
 * rate * (count + 1), linear between two of them, where number 0 is 0 and what lies beyond the last is the last: of
 * count + 1 exchangeable pictures each is as likely to be the new one, so k of them lie within d number k. Errors:
 * MEMORY. */
okng_status okng_review_width(const float *scores, size_t count, float threshold, double rate, float *width,
                              okng_error *error);

#endif
