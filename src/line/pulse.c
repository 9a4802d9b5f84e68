/* Signs of life: to systemd's watchdog, into a file; and a look at the clock. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "line/engine.h"
#include "line/notify.h"

static void look_at_clock(okng_line *line)
{
    const double jump = okng_clock_jump(&line->clock, okng_clock_wall(), okng_clock());
    if (jump == 0) return;
    (void)pthread_mutex_lock(&line->lock);
    line->clock_jumps++;
    (void)pthread_mutex_unlock(&line->lock);
    okng_line_tell(line, "the clock was set by %+.1f s; waiting goes on by one that is not set", jump);
}

/* The file's age is the sign: it is written while the line is well, and no more when it is not. */
static void write_file(okng_line *line, const char *path, bool *told)
{
    okng_error error;
    json_t *state = okng_line_json(line);
    const okng_status status = okng_json_write(state, path, &error);
    json_decref(state);
    if (status != OKNG_OK && !*told) okng_line_tell(line, "heartbeat_file: %s", error.message);
    *told = status != OKNG_OK;
}

/* As Prometheus' node_exporter reads it. */
static void write_metrics(okng_line *line, const char *path, bool *told)
{
    okng_error error;
    okng_grown grown = {0};
    char *text = NULL;
    size_t size = 0;
    (void)okng_line_metrics(line, &grown);
    okng_status status = okng_grown_take(&grown, &text, &size, &error);
    if (status == OKNG_OK) status = okng_file_write(path, text, size, &error);
    free(text);
    if (status != OKNG_OK && !*told) okng_line_tell(line, "metrics_file: %s", error.message);
    *told = status != OKNG_OK;
}

/* Time between signs of life: as line.yaml says, but twice as often as the watchdog of systemd wants one. */
static double interval_of(const okng_line *line)
{
    const double every = okng_line_number(line->config->line, "heartbeat");
    const char *wanted = getenv("WATCHDOG_USEC");
    const double most = wanted ? strtod(wanted, NULL) / 2e6 : 0;
    return most > 0 && most < every ? most : every;
}

void *okng_line_pulse_thread(void *user)
{
    okng_line *line = user;
    const double every = interval_of(line);
    const char *path = okng_line_text(line->config->line, "heartbeat_file");
    const char *metrics = okng_line_text(line->config->line, "metrics_file");
    bool told = false, metrics_told = false, well_before = true;
    do {
        char why[256];
        look_at_clock(line);
        const bool well = okng_line_healthy(line, why);
        if (well) {
            (void)okng_notify("WATCHDOG=1");
            if (path) write_file(line, path, &told);
        }
        if (metrics) write_metrics(line, metrics, &metrics_told);
        if (!well && well_before) okng_line_tell(line, "the line is not well: %s", why);
        well_before = well;
    } while (okng_line_pause(line, every));
    return NULL;
}
