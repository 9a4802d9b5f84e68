/* Whether the line is well: what its watchdog asks. */
#include <stdio.h>

#include "base/catalogue.h"
#include "base/clock.h"
#include "line/engine.h"

enum {
    GRACE = 10,
    SOURCE_MOST = 60
}; /* seconds: beyond the limit of a picture; that a source's thread may be silent */

bool okng_line_healthy(okng_line *line, char why[256])
{
    const double now = okng_clock();
    why[0] = '\0';
    (void)pthread_mutex_lock(&line->lock);
    for (size_t i = 0; i < line->worker_count; i++)
        if (line->workers[i].since > 0 && now - line->workers[i].since > line->limit + GRACE)
            (void)snprintf(why, 256, okng_translate("a picture has been inspected for %.0f s"),
                           now - line->workers[i].since);
    for (size_t i = 0; i < line->source_count; i++)
        if (now - line->sources[i].beat > SOURCE_MOST + line->limit)
            (void)snprintf(why, 256, okng_translate("source %s has stood still for %.0f s"),
                           okng_line_name(line->sources[i].config->settings), now - line->sources[i].beat);
    if (line->spool_failed > 0 && now - line->spool_failed > GRACE)
        (void)snprintf(why, 256, okng_translate("results cannot be kept: %s"), line->spool_why);
    (void)pthread_mutex_unlock(&line->lock);
    return !*why;
}
