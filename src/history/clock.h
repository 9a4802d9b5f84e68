/* The clock on the wall, which people and machines set, beside the one that only runs. */
#ifndef OKNG_HISTORY_CLOCK_H
#define OKNG_HISTORY_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct okng_history_clock {
    int64_t (*wall)(void);  /* microseconds since 1970, UTC */
    double (*steady)(void); /* seconds since some moment, never set */
} okng_history_clock;
extern const okng_history_clock okng_machine_clock;

/* Seconds that the two may come apart between two looks before that is a jump. */
#define OKNG_JUMP_SECONDS 60.0
/* After a jump, or a start long after the last record, ages are not believed for so long. */
#define OKNG_DOUBT_SECONDS (24 * 3600.0)
/* Longer than that since the last record, and a wrong clock is as likely as a long pause. */
#define OKNG_PAUSE_SECONDS (30 * 24 * 3600.0)

/* What is known of the clock. */
typedef struct okng_watch {
    const okng_history_clock *clock;
    double apart;         /* wall minus steady at the last look, seconds */
    double trusted_since; /* steady; ages are believed once OKNG_DOUBT_SECONDS have passed since. -INFINITY: at once */
} okng_watch;

/* `newest`: the time of the newest record, `jumped` that of the last jump that was noted, 0: there is none. Returns
 * microseconds that the clock may have jumped by since the newest record, to be noted; 0: that cannot be seen. */
int64_t okng_watch_start(okng_watch *watch, const okng_history_clock *clock, int64_t newest, int64_t jumped);
/* Microseconds that the wall clock jumped by since the last look; 0: it did not. */
int64_t okng_watch_look(okng_watch *watch);
/* Whether ages by the wall clock are believed. */
bool okng_watch_trusted(const okng_watch *watch);

#endif
