/* What all files of the engine use. */
#include <stdio.h>
#include <string.h>

#include "base/catalogue.h"
#include "line/engine.h"

void okng_line_tell(okng_line *line, const char *format, ...)
{
    char text[1024];
    va_list args;
    if (!line->host.teller) return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, okng_translate_format(format), args);
    va_end(args);
    line->host.teller(text, line->host.user);
}

bool okng_line_pause(okng_line *line, double seconds)
{
    const struct timespec until = okng_clock_in((int)(seconds * 1000));
    (void)pthread_mutex_lock(&line->lock);
    while (!atomic_load(&line->stopping))
        if (pthread_cond_timedwait(&line->changed, &line->lock, &until) != 0) break;
    (void)pthread_mutex_unlock(&line->lock);
    return !atomic_load(&line->stopping);
}

bool okng_line_set_state(okng_line *line, okng_part_state *state, char why[512], okng_part_state now,
                         const char *because)
{
    (void)pthread_mutex_lock(&line->lock);
    const bool other = *state != now || (now == OKNG_PART_FAILED && strcmp(why, because) != 0);
    *state = now;
    (void)snprintf(why, 512, "%s", because);
    (void)pthread_mutex_unlock(&line->lock);
    return other;
}

double okng_line_next_pause(double before, double first)
{
    const double most = 30;
    if (before <= 0) return first;
    return 2 * before < most ? 2 * before : most;
}

const char *okng_line_called(const okng_line *line)
{
    return line->name;
}

okng_history *okng_line_history(const okng_line *line)
{
    return line->host.history;
}

const char *okng_line_spool_folder(const okng_line *line)
{
    return okng_line_text(line->config->line, "spool");
}
