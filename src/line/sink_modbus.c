/* A PLC, by Modbus TCP: it triggers, chooses the recipe, and is told the verdict (plc.h). What it was not told in time
 * it is never told later: the part is somewhere else by then. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/catalogue.h"
#include "base/clock.h"
#include "line/held.h"
#include "line/kinds.h"
#include "line/line.h"
#include "line/modbus.h"

/* clang-format off */
static const okng_line_key keys[] = {
    {.name = "role", .type = OKNG_LINE_CHOICE, .values = "client|server", .initial = "client",
     .help = N_("client: okng asks the PLC, whose Modbus server is switched on; server: the PLC asks okng")},
    {.name = "plc", .type = OKNG_LINE_TEXT, .values = "HOST:PORT", .help = N_("address of the PLC, of a client; without a port 502")},
    {.name = "listen", .type = OKNG_LINE_TEXT, .values = "ADDRESS:PORT", .initial = "127.0.0.1:1502",
     .help = N_("where a server listens; whoever reaches it can trigger, as Modbus knows no passwords")},
    {.name = "source", .type = OKNG_LINE_TEXT, .values = "NAME", .help = N_("the source that the PLC triggers and whose verdicts it hears; needed where there are several")},
    {.name = "trigger", .type = OKNG_LINE_CHOICE, .values = "plc|none", .initial = "plc",
     .help = N_("plc: a verdict for each trigger of the PLC; none: every verdict, each until it is acknowledged")},
    {.name = "limit", .type = OKNG_LINE_INTEGER, .values = "MS", .initial = "5000", .low = 10, .high = 600000, .help = N_("longest time from trigger to verdict; after it the PLC is told an error")},
    {.name = "poll", .type = OKNG_LINE_INTEGER, .values = "MS", .initial = "5", .low = 1, .high = 1000, .help = N_("time between two questions of a client")},
    {.name = "timeout", .type = OKNG_LINE_INTEGER, .values = "MS", .initial = "500", .low = 10, .high = 60000, .help = N_("longest time that a PLC may take to answer a client")},
    {.name = "unit", .type = OKNG_LINE_INTEGER, .values = "N", .initial = "255", .low = 0, .high = 255, .help = N_("unit identifier of the PLC; matters behind gateways alone")},
    {.name = "bits", .type = OKNG_LINE_CHOICE, .values = "coils|word", .initial = "coils", .help = N_("where bits are: coils, or words among the registers, of a PLC without coils")},
    {.name = "coils_in", .type = OKNG_LINE_INTEGER, .values = "N", .initial = "0", .low = 0, .high = 65000, .help = N_("first coil that the PLC sets, counted from 0")},
    {.name = "coils_out", .type = OKNG_LINE_INTEGER, .values = "N", .initial = "16", .low = 0, .high = 65000, .help = N_("first coil that okng sets")},
    {.name = "registers_in", .type = OKNG_LINE_INTEGER, .values = "N", .initial = "0", .low = 0, .high = 65000, .help = N_("first holding register that the PLC sets")},
    {.name = "registers_out", .type = OKNG_LINE_INTEGER, .values = "N", .initial = "16", .low = 0, .high = 65000, .help = N_("first holding register that okng sets")},
    {0},
};
/* clang-format on */

typedef struct sink {
    const okng_line_settings *settings;
    okng_line *line;
    const char *source; /* NULL: the only one */
    const okng_modbus_link_kind *kind;
    void *link;
    int wake, poll_ms;
    atomic_bool stop;
    pthread_t thread, changer;
    bool changing; /* changer runs, or has ended and is not joined */

    pthread_mutex_t mutex; /* of what follows */
    okng_plc plc;
    okng_error why; /* why there is no PLC; status OKNG_OK: there is one */
    uint16_t change_to;
    bool changed, change_good; /* the changer has ended, and how */
} sink;

static void wake_up(void *given)
{
    sink *it = given;
    uint64_t one = 1;
    (void)!write(it->wake, &one, sizeof one);
}

static void sleep_again(sink *it)
{
    uint64_t count;
    (void)!read(it->wake, &count, sizeof count);
}

/* ---- recipes --------------------------------------------------------------------------------------------------------
 */

/* In a thread of its own, so that the PLC hears heartbeats while a bank that is not packed takes seconds to open. */
static void *change(void *given)
{
    sink *it = given;
    okng_error error;
    okng_status status = okng_line_set_recipe(it->line, it->change_to, "plc", &error);
    (void)pthread_mutex_lock(&it->mutex);
    it->changed = true;
    it->change_good = status == OKNG_OK;
    (void)pthread_mutex_unlock(&it->mutex);
    wake_up(it);
    return NULL;
}

static void begin_change(sink *it, uint16_t number)
{
    it->change_to = number;
    it->changed = false;
    it->changing = pthread_create(&it->changer, NULL, change, it) == 0;
    if (it->changing) return;
    (void)pthread_mutex_lock(&it->mutex);
    okng_plc_recipe_is(&it->plc, number, false, okng_clock());
    (void)pthread_mutex_unlock(&it->mutex);
}

static void end_change(sink *it)
{
    if (!it->changing) return;
    (void)pthread_mutex_lock(&it->mutex);
    bool ended = it->changed;
    if (ended) okng_plc_recipe_is(&it->plc, it->change_to, it->change_good, okng_clock());
    (void)pthread_mutex_unlock(&it->mutex);
    if (!ended) return;
    (void)pthread_join(it->changer, NULL);
    it->changing = false;
}

/* ---- the thread -----------------------------------------------------------------------------------------------------
 */

static void act(sink *it, const okng_plc_action *action)
{
    if (action->recipe) begin_change(it, action->recipe);
    okng_error error;
    if (!action->trigger || okng_line_trigger(it->line, it->source, &error) == OKNG_OK) return;
    (void)pthread_mutex_lock(&it->mutex);
    okng_plc_refused(&it->plc);
    (void)pthread_mutex_unlock(&it->mutex);
}

/* One exchange with the PLC, and what follows from it. True where there is something new to tell at once. */
static bool turn(sink *it, bool at_once)
{
    okng_plc_inputs inputs;
    okng_error error = {0};
    (void)pthread_mutex_lock(&it->mutex);
    okng_plc_outputs told = it->plc.outputs;
    (void)pthread_mutex_unlock(&it->mutex);
    okng_status status = it->kind->exchange(it->link, it->wake, at_once ? 0 : it->poll_ms, &told, &inputs, &error);
    sleep_again(it);
    end_change(it);
    int64_t recipe = okng_line_recipe(it->line, NULL);
    okng_plc_action action = {0};
    (void)pthread_mutex_lock(&it->mutex);
    it->why = error;
    if (status == OKNG_OK)
        action = okng_plc_step(&it->plc, &inputs, okng_clock(), okng_held_now(), recipe);
    else
        okng_plc_cut(&it->plc);
    bool other = okng_plc_differ(&told, &it->plc.outputs);
    (void)pthread_mutex_unlock(&it->mutex);
    act(it, &action);
    return status == OKNG_OK && (other || action.trigger);
}

static void *run(void *given)
{
    sink *it = given;
    bool at_once = true;
    while (!atomic_load(&it->stop)) at_once = turn(it, at_once);
    /* Whoever reads on must not take the last verdict for one of a line that works. */
    (void)pthread_mutex_lock(&it->mutex);
    okng_plc_cut(&it->plc);
    okng_plc_outputs told = it->plc.outputs;
    (void)pthread_mutex_unlock(&it->mutex);
    okng_plc_inputs inputs;
    okng_error error;
    (void)it->kind->exchange(it->link, it->wake, 0, &told, &inputs, &error);
    return NULL;
}

/* ---- the sink -------------------------------------------------------------------------------------------------------
 */

static void close_sink(void **given)
{
    sink *it = *given;
    *given = NULL;
    if (!it) return;
    if (it->kind) {
        atomic_store(&it->stop, true);
        wake_up(it);
        (void)pthread_join(it->thread, NULL);
        if (it->changing) (void)pthread_join(it->changer, NULL);
    }
    if (it->link) it->kind->close(&it->link);
    if (it->wake >= 0) (void)close(it->wake);
    (void)pthread_mutex_destroy(&it->mutex);
    free(it);
}

static okng_status begin(sink *it, okng_error *error)
{
    const okng_modbus_link_kind *kind = &okng_modbus_client;
    if (strcmp(okng_line_text(it->settings, "role"), "server") == 0) kind = &okng_modbus_server;
    it->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (it->wake < 0) return okng_fail_errno(error, "make an event for", "modbus");
    OKNG_TRY(kind->open(&it->link, it->settings, error));
    it->kind = kind;
    int failed = pthread_create(&it->thread, NULL, run, it);
    if (failed == 0) return OKNG_OK;
    it->kind->close(&it->link);
    it->kind = NULL;
    return okng_fail(error, OKNG_ERROR_MEMORY, "a thread cannot be had: %s", okng_reason_text(failed));
}

/* A verdict must be of the part that the PLC asked about: with several sources it says of which. */
static okng_status check_source(const sink *it, okng_error *error)
{
    json_t *state = okng_line_json(it->line), *sources = json_object_get(state, "sources"), *source;
    size_t i, count = json_array_size(sources);
    bool found = false;
    json_array_foreach(sources, i, source)
    {
        const char *name = json_string_value(json_object_get(source, "name"));
        if (it->source && name && strcmp(name, it->source) == 0) found = true;
    }
    json_decref(state);
    if (!it->source && count > 1)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "the line has %zu sources: say by source which the PLC triggers and hears of", count);
    if (it->source && !found && count > 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "source %s: the line has none of that name", it->source);
    return OKNG_OK;
}

static okng_status check(const okng_line_settings *settings, okng_error *error)
{
    char host[256], port[8];
    const char *key = strcmp(okng_line_text(settings, "role"), "server") == 0 ? "listen" : "plc";
    const char *address = okng_line_text(settings, key);
    if (!address) return okng_fail(error, OKNG_ERROR_ARGUMENT, "plc is missing: the address of the PLC, HOST:PORT");
    const okng_status status = okng_modbus_address(address, host, port, error);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", key);
}

static okng_status open_sink(void **out, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    *out = NULL;
    OKNG_TRY(check(settings, error));
    OKNG_TRY(okng_modbus_load(error));
    sink *it = calloc(1, sizeof *it);
    if (!it) return okng_fail_memory(error, sizeof *it);
    it->settings = settings;
    it->line = line;
    it->source = okng_line_text(settings, "source");
    it->poll_ms = (int)okng_line_integer(settings, "poll");
    it->wake = -1;
    atomic_init(&it->stop, false);
    (void)pthread_mutex_init(&it->mutex, NULL);
    okng_plc_init(&it->plc,
                  strcmp(okng_line_text(settings, "trigger"), "plc") == 0 ? OKNG_PLC_TRIGGERS : OKNG_PLC_HEARS,
                  (double)okng_line_integer(settings, "limit") / 1000);
    *out = it;
    okng_status status = check_source(it, error);
    if (status == OKNG_OK) status = begin(it, error);
    if (status != OKNG_OK) close_sink(out);
    return status;
}

static okng_status send_result(void *given, const okng_line_result *result, okng_error *error)
{
    (void)error;
    sink *it = given;
    if (it->source && strcmp(it->source, result->record->source) != 0) return OKNG_OK;
    (void)pthread_mutex_lock(&it->mutex);
    bool heard = it->why.status == OKNG_OK && okng_plc_hear(&it->plc, result->record, result->arrived);
    (void)pthread_mutex_unlock(&it->mutex);
    if (heard) wake_up(it);
    return OKNG_OK;
}

static okng_status idle(void *given, okng_error *error)
{
    sink *it = given;
    (void)usleep(100 * 1000); /* it is called again at once, and all work is done in the sink's own thread */
    (void)pthread_mutex_lock(&it->mutex);
    okng_error why = it->why;
    (void)pthread_mutex_unlock(&it->mutex);
    return why.status == OKNG_OK ? OKNG_OK : okng_fail(error, why.status, "%s", why.message);
}

const okng_line_sink_kind okng_line_sink_modbus = {
    .name = "modbus",
    .summary = N_("a PLC, by Modbus TCP"),
    .keys = keys,
    .delivery = OKNG_DELIVER_NOW,
    .usable = okng_modbus_load,
    .check = check,
    .open = open_sink,
    .send = send_result,
    .idle = idle,
    .close = close_sink,
};
