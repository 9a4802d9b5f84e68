#include "history/clock.h"

#include <math.h>
#include <time.h>

static int64_t read_wall(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Goes on while the machine sleeps, as the wall clock does. */
static double read_steady(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

const okng_history_clock okng_machine_clock = {read_wall, read_steady};

static double wall_seconds(const okng_watch *watch)
{
    return 1e-6 * (double)watch->clock->wall();
}

int64_t okng_watch_start(okng_watch *watch, const okng_history_clock *clock, int64_t newest, int64_t jumped)
{
    *watch = (okng_watch){.clock = clock};
    const double wall = wall_seconds(watch), pause = wall - 1e-6 * (double)newest;
    watch->apart = wall - clock->steady();
    const bool doubtful = newest != 0 && (pause < -OKNG_JUMP_SECONDS || pause > OKNG_PAUSE_SECONDS);
    const bool lately = jumped != 0 && fabs(wall - 1e-6 * (double)jumped) < OKNG_DOUBT_SECONDS;
    watch->trusted_since = doubtful || lately ? clock->steady() : -(double)INFINITY;
    return doubtful ? (int64_t)(pause * 1e6) : 0;
}

int64_t okng_watch_look(okng_watch *watch)
{
    const double apart = wall_seconds(watch) - watch->clock->steady(), jump = apart - watch->apart;
    watch->apart = apart; /* a slow drift of the two is none */
    if (fabs(jump) < OKNG_JUMP_SECONDS) return 0;
    watch->trusted_since = watch->clock->steady();
    return (int64_t)(jump * 1e6);
}

bool okng_watch_trusted(const okng_watch *watch)
{
    return watch->clock->steady() - watch->trusted_since >= OKNG_DOUBT_SECONDS;
}
