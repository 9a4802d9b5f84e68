/* Signals that stop the work between two steps, and the line that shows how far it is. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

static volatile sig_atomic_t stop_signal;

static void remember(int number)
{
    stop_signal = number;
}

void okng_cli_catch_signals(void)
{
    struct sigaction action = {.sa_handler = remember, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    struct sigaction hangup;
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) /* as nohup sets it */
        (void)sigaction(SIGHUP, &action, NULL);
}

int okng_cli_signal(void)
{
    return (int)stop_signal;
}

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

okng_cli_progress okng_cli_progress_new(const okng_cli_args *args)
{
    return (okng_cli_progress){.visible = !args->quiet && isatty(STDERR_FILENO) == 1};
}

static void amount(const okng_cli_progress *line, double value, char *text, size_t size)
{
    if (line->bytes)
        (void)okng_cli_size_text((uint64_t)value, text, size);
    else
        (void)snprintf(text, size, value < 10 && value != (double)(long)value ? "%.1f" : "%.0f", value);
}

static void draw(okng_cli_progress *line, const okng_progress *progress, double time)
{
    char done[32], total[32], speed[32];
    double elapsed = time - line->started, steps = (double)(progress->done - line->first);
    double rate = elapsed > 0 ? steps / elapsed : 0;
    amount(line, (double)progress->done, done, sizeof done);
    amount(line, (double)progress->total, total, sizeof total);
    amount(line, rate, speed, sizeof speed);
    const char *stage = okng_translate(progress->stage);
    (void)fprintf(stderr, "\r\033[K%s%s%s%*s %s / %s", line->about, *line->about ? "  " : "", stage,
                  okng_cli_padding(stage, 12), "", done, total);
    if (rate > 0)
        (void)fprintf(stderr, _("   %s/s   %.0f s left"), speed, (double)(progress->total - progress->done) / rate);
    (void)fflush(stderr);
    line->drawn = true;
    line->shown = time;
}

int okng_cli_progress_step(const okng_progress *progress, void *user)
{
    okng_cli_progress *line = user;
    double time = now();
    if (!line->stage || strcmp(line->stage, progress->stage) != 0) {
        line->stage = progress->stage;
        line->started = time;
        line->shown = 0;
        line->first = progress->done;
    }
    if (line->visible && (time - line->shown > 0.1 || progress->done == progress->total)) draw(line, progress, time);
    return okng_cli_signal() != 0;
}

void okng_cli_progress_clear(okng_cli_progress *progress)
{
    if (progress->drawn) (void)fprintf(stderr, "\r\033[K");
    progress->drawn = false;
}
