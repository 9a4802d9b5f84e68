/* Clocks that are set while the line runs. Waiting goes by a clock that never jumps; what people read goes by the one
 * that may. */
#ifndef OKNG_LINE_CLOCK_H
#define OKNG_LINE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* What both clocks said last. Zeroed: nothing yet. */
typedef struct okng_clock_watch {
    double wall, steady; /* seconds */
} okng_clock_watch;

/* Seconds by which the wall clock was set between this look and the last one, forward or back; 0 where that is less
 * than half a second, and at the first look. */
double okng_clock_jump(okng_clock_watch *watch, double wall, double steady);
double okng_clock_wall(void); /* seconds since 1970 */

/* The moment in so many milliseconds, by CLOCK_MONOTONIC, for pthread_cond_timedwait. */
struct timespec okng_clock_in(int milliseconds);

#endif
