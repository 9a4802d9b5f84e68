/* The threads of sinks. */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "line/engine.h"
#include "line/envelope.h"

static const char *name_of(const okng_sink_run *run)
{
    return okng_line_name(run->config->settings);
}

static void tell_failure(okng_sink_run *run, const okng_error *error)
{
    if (okng_line_set_state(run->line, &run->state, run->why, OKNG_PART_FAILED, error->message))
        okng_line_tell(run->line, "sink %s: %s", name_of(run), error->message);
}

static void tell_good(okng_sink_run *run)
{
    if (okng_line_set_state(run->line, &run->state, run->why, OKNG_PART_GOOD, ""))
        okng_line_tell(run->line, "sink %s: ready", name_of(run));
}

static void add(okng_sink_run *run, uint64_t *counter)
{
    (void)pthread_mutex_lock(&run->line->lock);
    ++*counter;
    (void)pthread_mutex_unlock(&run->line->lock);
}

/* Whether the line ends and this sink has had its time; `idle`: nothing waits for it. */
static bool over(const okng_line *line, bool idle)
{
    return atomic_load(&line->sinks_end) && (idle || okng_clock() >= line->sinks_until);
}

/* ---- what a result brings along -----------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    unsigned flag;
} files[] = {{"scores.json", OKNG_WITH_SCORES},
             {"overlay.png", OKNG_WITH_OVERLAY},
             {"heat_gray.png", OKNG_WITH_HEAT},
             {"mask.png", OKNG_WITH_MASK}};

static unsigned files_in(const char *folder)
{
    unsigned with = 0;
    DIR *dir = folder ? opendir(folder) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strncmp(entry->d_name, "picture", 7) == 0 && !strstr(entry->d_name, ".okng-")) with |= OKNG_WITH_PICTURE;
        for (size_t i = 0; i < sizeof files / sizeof *files; i++)
            if (strcmp(entry->d_name, files[i].name) == 0) with |= files[i].flag;
    }
    if (dir) (void)closedir(dir);
    return with;
}

unsigned okng_line_wanted_files(okng_line *line, okng_outcome outcome)
{
    unsigned wanted = 0;
    for (size_t i = 0; i < line->sink_count; i++) {
        const okng_line_sink_config *sink = line->sinks[i].config;
        if (sink->kind->wants && (sink->verdicts >> outcome & 1u)) wanted |= sink->kind->wants(sink->settings);
    }
    return wanted;
}

/* ---- sinks that get every result ------------------------------------------------------------------------------------
 */

/* What waits for a failed sink's next try: in steps, so that the end of the line is seen. A sink that finds by itself
 * that all is well again, as one whose connection came back, is tried at once. */
static void pause_sink(okng_sink_run *run, double seconds)
{
    const okng_line_sink_kind *kind = run->config->kind;
    const double until = okng_clock() + seconds;
    for (int step = 1; okng_clock() < until && !over(run->line, false); step++) {
        const double left = until - okng_clock();
        (void)usleep((useconds_t)((left < 0.05 ? left > 0 ? left : 0 : 0.05) * 1e6));
        if (step % 4 == 0 && run->handle && kind->idle && kind->idle(run->handle, NULL) == OKNG_OK) return;
    }
}

static okng_status send_entry(okng_sink_run *run, const okng_entry *entry, const char *folder, okng_error *error)
{
    okng_opened opened;
    okng_status status = okng_envelope_open(&opened, entry->text, error);
    if (status == OKNG_OK) {
        const okng_line_result result = {.record = &opened.record,
                                         .json = opened.json,
                                         .json_size = strlen(opened.json),
                                         .path = opened.envelope.path,
                                         .folder = folder,
                                         .with = files_in(folder)};
        status = run->config->kind->send(run->handle, &result, error);
    } else if (status != OKNG_ERROR_MEMORY) {
        status = OKNG_ERROR_ARGUMENT; /* never readable: not to be tried for ever */
    }
    okng_opened_free(&opened);
    return status;
}

/* Sends the next entry, if there is one; *waiting tells whether there was. */
static okng_status send_next(okng_sink_run *run, bool *waiting, okng_error *error)
{
    okng_spool *spool = run->line->spool;
    okng_entry entry;
    char *folder = NULL;
    const int wait = atomic_load(&run->line->sinks_end) ? 0 : OKNG_LINE_WAIT_MS;
    OKNG_TRY(okng_spool_read(spool, run->reader, wait, &entry, &folder, waiting, error));
    if (!*waiting) return OKNG_OK;
    okng_status status = send_entry(run, &entry, folder, error);
    if (status == OKNG_ERROR_ARGUMENT) {
        add(run, &run->refused);
        okng_line_tell(run->line, "sink %s: a result was refused: %s", name_of(run), error->message);
        okng_spool_advance(spool, run->reader, entry.number);
        status = OKNG_OK;
    } else if (status == OKNG_OK) {
        okng_spool_advance(spool, run->reader, entry.number);
        add(run, &run->sent);
        tell_good(run);
    }
    okng_entry_free(&entry);
    free(folder);
    return status;
}

static okng_status step(okng_sink_run *run, bool *waiting, okng_error *error)
{
    const okng_line_sink_kind *kind = run->config->kind;
    OKNG_TRY(send_next(run, waiting, error));
    if (*waiting || !kind->idle) return OKNG_OK;
    const okng_status status = kind->idle(run->handle, error);
    if (status == OKNG_OK) tell_good(run);
    return status;
}

static void serve_every(okng_sink_run *run)
{
    double pause = 0;
    while (!over(run->line, okng_spool_look(run->line->spool, run->reader).waiting == 0)) {
        bool waiting = false;
        okng_error error;
        okng_status status = OKNG_OK;
        if (!run->handle) {
            status = run->config->kind->open(&run->handle, run->config->settings, run->line, &error);
            if (status == OKNG_OK && !run->config->kind->idle) tell_good(run);
        }
        if (status == OKNG_OK) status = step(run, &waiting, &error);
        if (status == OKNG_OK) {
            pause = 0;
            continue;
        }
        tell_failure(run, &error);
        pause = okng_line_next_pause(pause, 0.2);
        if (waiting || !run->handle) pause_sink(run, pause);
    }
    if (run->handle) run->config->kind->close(&run->handle);
}

/* ---- sinks that want it now ---------------------------------------------------------------------------------------
 */

void okng_line_send_now(okng_line *line, const okng_line_result *result)
{
    for (size_t i = 0; i < line->sink_count; i++) {
        okng_sink_run *run = &line->sinks[i];
        okng_error error;
        if (run->config->kind->delivery != OKNG_DELIVER_NOW) continue;
        if (!(run->config->verdicts >> result->record->outcome & 1u)) continue;
        (void)pthread_mutex_lock(&run->sending);
        const bool sent = run->handle && run->config->kind->send(run->handle, result, &error) == OKNG_OK;
        (void)pthread_mutex_unlock(&run->sending);
        add(run, sent ? &run->sent : &run->lost);
    }
}

static okng_status open_now(okng_sink_run *run, okng_error *error)
{
    void *handle = NULL;
    OKNG_TRY(run->config->kind->open(&handle, run->config->settings, run->line, error));
    (void)pthread_mutex_lock(&run->sending);
    run->handle = handle;
    (void)pthread_mutex_unlock(&run->sending);
    return OKNG_OK;
}

void okng_line_begin_sink(okng_sink_run *run)
{
    okng_error error;
    if (run->config->kind->delivery != OKNG_DELIVER_NOW) return;
    if (open_now(run, &error) != OKNG_OK) tell_failure(run, &error); /* its thread tries again */
}

static void serve_now(okng_sink_run *run)
{
    while (!atomic_load(&run->line->sinks_end)) {
        okng_error error;
        okng_status status = run->handle ? OKNG_OK : open_now(run, &error);
        if (status == OKNG_OK && run->config->kind->idle)
            status = run->config->kind->idle(run->handle, &error);
        else if (status == OKNG_OK)
            (void)usleep(OKNG_LINE_WAIT_MS * 1000);
        if (status == OKNG_OK) {
            tell_good(run);
            continue;
        }
        tell_failure(run, &error);
        for (int i = 0; i < 20 && !atomic_load(&run->line->sinks_end); i++) (void)usleep(50 * 1000);
    }
    (void)pthread_mutex_lock(&run->sending);
    if (run->handle) run->config->kind->close(&run->handle);
    run->handle = NULL;
    (void)pthread_mutex_unlock(&run->sending);
}

void *okng_line_sink_thread(void *user)
{
    okng_sink_run *run = user;
    if (run->config->kind->delivery == OKNG_DELIVER_NOW)
        serve_now(run);
    else
        serve_every(run);
    return NULL;
}
