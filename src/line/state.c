/* What the line says of itself: as JSON, and as metrics. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "line/engine.h"

static const char *const state_words[] = {"opening", "running", "failed"};
static const char *const sink_words[] = {"waiting", "ready", "failed"};

static json_t *text_or_null(const char *text)
{
    return *text ? okng_json_any_text(text) : json_null();
}

/* ---- JSON: under line->lock ---------------------------------------------------------------------------------------
 */

static json_t *source_json(const okng_source_run *run)
{
    json_t *object = json_object();
    okng_json_put(&object, "name", json_string(okng_line_name(run->config->settings)));
    okng_json_put(&object, "kind", json_string(run->config->kind->name));
    okng_json_put(&object, "state", json_string(state_words[run->state]));
    okng_json_put(&object, "frames", json_integer((json_int_t)run->frames));
    okng_json_put(&object, "not_inspected", json_integer((json_int_t)run->not_inspected));
    okng_json_put(&object, "why", text_or_null(run->why));
    return object;
}

static json_t *sink_json(const okng_sink_run *run, okng_spool_figures figures)
{
    const bool every = run->config->kind->delivery == OKNG_DELIVER_EVERY;
    json_t *object = json_object();
    okng_json_put(&object, "name", json_string(okng_line_name(run->config->settings)));
    okng_json_put(&object, "kind", json_string(run->config->kind->name));
    okng_json_put(&object, "state", json_string(sink_words[run->state]));
    okng_json_put(&object, "queued", json_integer(every ? (json_int_t)figures.waiting : 0));
    okng_json_put(&object, "sent", json_integer((json_int_t)run->sent));
    okng_json_put(&object, "lost", json_integer((json_int_t)(every ? figures.lost : run->lost)));
    okng_json_put(&object, "refused", json_integer((json_int_t)run->refused));
    okng_json_put(&object, "why", text_or_null(run->why));
    return object;
}

static json_t *counts_json(const okng_line *line)
{
    json_t *object = json_object();
    for (int i = OKNG_OUTCOME_OK; i < OKNG_LINE_OUTCOMES; i++)
        okng_json_put(&object, okng_outcome_text((okng_outcome)i), json_integer((json_int_t)line->counts[i]));
    okng_json_put(&object, okng_outcome_text(OKNG_OUTCOME_NOT_INSPECTED),
                  json_integer((json_int_t)line->counts[OKNG_OUTCOME_NOT_INSPECTED]));
    return object;
}

static json_t *spool_json(const okng_line *line, uint64_t bytes, uint64_t damaged)
{
    json_t *object = json_object();
    okng_json_put(&object, "bytes", json_integer((json_int_t)bytes));
    okng_json_put(&object, "damaged", json_integer((json_int_t)damaged));
    okng_json_put(&object, "unrecorded", json_integer((json_int_t)line->unrecorded));
    okng_json_put(&object, "why", text_or_null(line->spool_why));
    return object;
}

/* What others count, taken before the lock of the line. */
typedef struct outside {
    okng_spool_figures sinks[OKNG_LINE_MAX_PARTS];
    uint64_t bytes, damaged;
    size_t waiting;
} outside;

static void look_outside(okng_line *line, outside *o)
{
    *o = (outside){.bytes = okng_spool_bytes(line->spool),
                   .damaged = okng_spool_damaged(line->spool),
                   .waiting = okng_frame_queue_count(&line->frames)};
    for (size_t i = 0; i < line->config->sink_count; i++)
        if (line->config->sinks[i].kind->delivery == OKNG_DELIVER_EVERY)
            o->sinks[i] = okng_spool_look(line->spool, line->sinks[i].reader);
}

json_t *okng_line_json(okng_line *line)
{
    outside o;
    char time[32];
    look_outside(line, &o);
    json_t *object = json_object(), *sources = json_array(), *sinks = json_array();
    (void)pthread_mutex_lock(&line->lock);
    for (size_t i = 0; i < line->config->source_count; i++) okng_json_add(&sources, source_json(&line->sources[i]));
    for (size_t i = 0; i < line->config->sink_count; i++) okng_json_add(&sinks, sink_json(&line->sinks[i], o.sinks[i]));
    okng_json_put(&object, "name", okng_json_any_text(line->name));
    okng_json_put(&object, "time", json_string(okng_time_text((int64_t)(okng_clock_wall() * 1e6), time)));
    okng_json_put(&object, "sources", sources);
    okng_json_put(&object, "sinks", sinks);
    okng_json_put(&object, "bank", text_or_null(line->bank));
    okng_json_put(&object, "recipe", line->recipe >= 0 ? json_integer(line->recipe) : json_null());
    okng_json_put(&object, "counts", counts_json(line));
    okng_json_put(&object, "waiting", json_integer((json_int_t)o.waiting));
    okng_json_put(&object, "spool", spool_json(line, o.bytes, o.damaged));
    okng_json_put(&object, "recipe_change_ms",
                  line->recipe_changes > 0 ? okng_json_known(line->recipe_seconds * 1000) : json_null());
    okng_json_put(&object, "clock_jumps", json_integer((json_int_t)line->clock_jumps));
    okng_json_put(&object, "uptime_s", okng_json_known(okng_clock() - line->began));
    (void)pthread_mutex_unlock(&line->lock);
    return object;
}

/* ---- metrics ------------------------------------------------------------------------------------------------------
 */

__attribute__((format(printf, 2, 3))) static void put(okng_grown *out, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    const int size = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)okng_grown_add(out, text, size < (int)sizeof text ? (size_t)size : sizeof text - 1);
}

static void head(okng_grown *out, const char *name, const char *type, const char *help)
{
    put(out, "# HELP okng_line_%s %s\n# TYPE okng_line_%s %s\n", name, help, name, type);
}

static void one(okng_grown *out, const char *name, const char *type, const char *help, double value)
{
    head(out, name, type, help);
    put(out, "okng_line_%s %.17g\n", name, value);
}

static void put_sources(okng_line *line, okng_grown *out)
{
    head(out, "frames_total", "counter", "Pictures that a source gave.");
    for (size_t i = 0; i < line->config->source_count; i++)
        put(out, "okng_line_frames_total{source=\"%s\"} %" PRIu64 "\n",
            okng_line_name(line->sources[i].config->settings), line->sources[i].frames);
    head(out, "not_inspected_total", "counter", "Pictures of a source that were not judged.");
    for (size_t i = 0; i < line->config->source_count; i++)
        put(out, "okng_line_not_inspected_total{source=\"%s\"} %" PRIu64 "\n",
            okng_line_name(line->sources[i].config->settings), line->sources[i].not_inspected);
    head(out, "source_up", "gauge", "1 while the source runs.");
    for (size_t i = 0; i < line->config->source_count; i++)
        put(out, "okng_line_source_up{source=\"%s\"} %d\n", okng_line_name(line->sources[i].config->settings),
            line->sources[i].state == OKNG_PART_GOOD);
}

static void put_sinks(okng_line *line, const outside *o, okng_grown *out)
{
    static const struct {
        const char *name, *type, *help;
    } rows[] = {{"queued", "gauge", "Results that wait for the sink."},
                {"sent_total", "counter", "Results that the sink took."},
                {"lost_total", "counter", "Results that the sink did not get: given up in a full queue, or not there."},
                {"refused_total", "counter", "Results that the receiver refused for good."},
                {"sink_up", "gauge", "1 while the sink takes results."}};
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        head(out, rows[row].name, rows[row].type, rows[row].help);
        for (size_t i = 0; i < line->config->sink_count; i++) {
            const okng_sink_run *run = &line->sinks[i];
            const bool every = run->config->kind->delivery == OKNG_DELIVER_EVERY;
            const uint64_t values[] = {o->sinks[i].waiting, run->sent, every ? o->sinks[i].lost : run->lost,
                                       run->refused, run->state == OKNG_PART_GOOD};
            put(out, "okng_line_%s{sink=\"%s\"} %" PRIu64 "\n", rows[row].name, okng_line_name(run->config->settings),
                values[row]);
        }
    }
}

bool okng_line_metrics(okng_line *line, okng_grown *out)
{
    outside o;
    char why[256];
    look_outside(line, &o);
    const bool well = okng_line_healthy(line, why);
    (void)pthread_mutex_lock(&line->lock);
    head(out, "results_total", "counter", "Results by verdict.");
    for (int i = 0; i < OKNG_LINE_OUTCOMES; i++)
        put(out, "okng_line_results_total{verdict=\"%s\"} %" PRIu64 "\n", okng_outcome_text((okng_outcome)i),
            line->counts[i]);
    put_sources(line, out);
    put_sinks(line, &o, out);
    one(out, "inspect_seconds_total", "counter", "Time from having a picture to its verdict, of all.",
        line->inspect_seconds);
    one(out, "waiting", "gauge", "Pictures that wait in memory.", (double)o.waiting);
    one(out, "spool_bytes", "gauge", "Bytes of the queues on disk.", (double)o.bytes);
    one(out, "spool_damaged_total", "counter", "Places of the queues on disk that were damaged.", (double)o.damaged);
    one(out, "unrecorded_total", "counter", "Results that the disk did not take.", (double)line->unrecorded);
    one(out, "recipe", "gauge", "Number of the recipe in force; -1: none.", (double)line->recipe);
    one(out, "recipe_changes_total", "counter", "Changes of the recipe.", (double)line->recipe_changes);
    one(out, "recipe_change_seconds", "gauge", "Time of the last change of the recipe.", line->recipe_seconds);
    one(out, "recipe_change_seconds_max", "gauge", "Time of the longest change of the recipe.", line->recipe_most);
    one(out, "clock_jumps_total", "counter", "Times that the clock was set.", (double)line->clock_jumps);
    one(out, "healthy", "gauge", "1 while the watchdog is served.", well);
    (void)pthread_mutex_unlock(&line->lock);
    return out->wanted == 0;
}
