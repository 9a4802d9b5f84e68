#include "line/clock.h"

#include <math.h>

double okng_clock_jump(okng_clock_watch *watch, double wall, double steady)
{
    const double jump = (wall - watch->wall) - (steady - watch->steady);
    const int first = watch->steady == 0;
    *watch = (okng_clock_watch){.wall = wall, .steady = steady};
    return first || fabs(jump) < 0.5 ? 0 : jump;
}

double okng_clock_wall(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

struct timespec okng_clock_in(int milliseconds)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += milliseconds / 1000;
    until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}
