/* Moments to wait until. */
#ifndef OKNG_HISTORY_MOMENT_H
#define OKNG_HISTORY_MOMENT_H

#include <time.h>

/* `seconds` (>= 0) from now, on the clock that is never set (CLOCK_MONOTONIC). */
struct timespec okng_moment_after(double seconds);

#endif
