#include "history/moment.h"

#include <math.h>

struct timespec okng_moment_after(double seconds)
{
    struct timespec moment;
    (void)clock_gettime(CLOCK_MONOTONIC, &moment);
    const double whole = floor(seconds);
    moment.tv_sec += (time_t)whole;
    moment.tv_nsec += (long)((seconds - whole) * 1e9);
    if (moment.tv_nsec >= 1000000000) {
        moment.tv_sec++;
        moment.tv_nsec -= 1000000000;
    }
    return moment;
}
