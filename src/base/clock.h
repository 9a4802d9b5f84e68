/* Time for measuring. */
#ifndef OKNG_BASE_CLOCK_H
#define OKNG_BASE_CLOCK_H

/* Seconds since some moment, never set back. */
double okng_clock(void);

#endif
