/* okng line: a line by itself, without a server. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "line/inspector.h"
#include "line/notify.h"
#include "serve/command.h"

/* What runs, and how it is told. */
typedef struct running {
    okng_line_config config;
    okng_cache *cache;
    okng_queue *queue;
    okng_line_banks banks;
    okng_line *line;
    bool json, quiet;
} running;

/* ---- telling: from any thread of the line, a whole line at a time
 * ---------------------------------------------------- */

static void tell(const char *text, void *user)
{
    (void)user;
    (void)fprintf(stderr, "okng: %s\n", text);
}

static void tell_json(const okng_record *record)
{
    char *text = NULL;
    json_t *object = okng_record_json(record);
    if (okng_json_text(object, JSON_COMPACT | JSON_REAL_PRECISION(9), "the record", &text, NULL, NULL) == OKNG_OK)
        (void)printf("%s\n", text);
    json_decref(object);
    free(text);
}

static void hear(const okng_record *record, void *user)
{
    const running *r = user;
    char time[32];
    if (r->quiet) return;
    if (r->json)
        tell_json(record);
    else if (*record->why)
        (void)printf("%s  %-13s  %s  %s\n", okng_time_text(record->time, time), okng_outcome_text(record->outcome),
                     record->picture, record->why);
    else
        (void)printf("%s  %-13s  %s  %.6g  %.0f ms\n", okng_time_text(record->time, time),
                     okng_outcome_text(record->outcome), record->picture, record->score, record->duration);
    (void)fflush(stdout);
}

/* ---- running ------------------------------------------------------------------------------------------------------
 */

static okng_status open_banks(running *r, const char *folder, okng_error *error)
{
    const okng_cache_options cache = {.folder = folder};
    const okng_queue_options queue = {.workers = (int32_t)okng_line_integer(r->config.line, "workers")};
    OKNG_TRY(okng_cache_open(&r->cache, &cache, error));
    OKNG_TRY(okng_queue_open(&r->queue, r->cache, &queue, error));
    r->banks = (okng_line_banks){r->cache, r->queue};
    return OKNG_OK;
}

static void close_all(running *r)
{
    okng_line_close(&r->line, r->config.line ? okng_line_number(r->config.line, "stop") : 0);
    okng_queue_close(&r->queue);
    okng_cache_close(&r->cache);
    okng_line_config_free(&r->config);
}

static void wait_for_signal(const sigset_t *before)
{
    while (okng_cli_signal() == 0) (void)ppoll(NULL, 0, NULL, before);
}

/* Threads that are made meanwhile leave signals to this one. */
static okng_status run_until_signal(running *r, okng_error *error)
{
    sigset_t set, before;
    const okng_line_host host = {
        .inspector = okng_line_inspector_of(&r->banks), .listener = hear, .teller = tell, .user = r};
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &set, &before);
    (void)signal(SIGPIPE, SIG_IGN);
    const okng_status status = okng_line_open(&r->line, &r->config, &host, error);
    if (status == OKNG_OK) {
        (void)okng_notify("READY=1");
        wait_for_signal(&before);
        (void)okng_notify("STOPPING=1");
    }
    close_all(r);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

/* ---- checking -----------------------------------------------------------------------------------------------------
 */

static okng_status check_bank(okng_cache *cache, const char *name, okng_error *error)
{
    okng_lease *lease = NULL;
    OKNG_TRY(okng_cache_take(cache, name, &lease, error));
    okng_lease_drop(&lease);
    return OKNG_OK;
}

/* Every bank can be opened, every source and sink has what it needs, and its kind can be used. */
static okng_status check_all(const running *r, okng_error *error)
{
    const okng_line_config *config = &r->config;
    const char *bank = okng_line_text(config->line, "bank");
    if (bank) OKNG_TRY(check_bank(r->cache, bank, error));
    for (size_t i = 0; i < config->recipe_count; i++) OKNG_TRY(check_bank(r->cache, config->recipes[i].bank, error));
    OKNG_TRY(okng_line_config_ready(config, error));
    return okng_line_config_usable(config, error);
}

static void tell_good(const okng_line_config *config)
{
    (void)printf(_("line.yaml is good: "));
    (void)printf(config->source_count == 1 ? _("%zu source, ") : _("%zu sources, "), config->source_count);
    (void)printf(config->sink_count == 1 ? _("%zu sink, ") : _("%zu sinks, "), config->sink_count);
    (void)printf(config->recipe_count == 1 ? _("%zu recipe\n") : _("%zu recipes\n"), config->recipe_count);
}

static int check(running *r, const okng_cli_verb *verb)
{
    okng_error error;
    const okng_status status = check_all(r, &error);
    if (status == OKNG_OK && !r->quiet) tell_good(&r->config);
    close_all(r);
    if (status == OKNG_ERROR_ARGUMENT) return okng_cli_refused(verb, &error);
    return status == OKNG_OK ? EXIT_OKAY : okng_cli_fail(&error);
}

/* ---- the command --------------------------------------------------------------------------------------------------
 */

static okng_status read_config(running *r, const okng_cli_args *args, okng_error *error)
{
    const char *on_ng = okng_cli_value(args, "on-ng");
    OKNG_TRY(okng_line_config_read(&r->config, okng_cli_value(args, "config"), error));
    if (on_ng) OKNG_TRY(okng_line_config_on_ng(&r->config, on_ng, error));
    const char *given = okng_cli_value(args, "banks");
    const char *folder = given ? given : okng_line_text(r->config.line, "banks");
    if (!folder)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: lacks the key \"banks\", the folder of the banks",
                         okng_cli_value(args, "config"));
    return open_banks(r, folder, error);
}

int okng_line_command(okng_cli_args *args)
{
    running r = {.json = args->json, .quiet = args->quiet};
    okng_error error;
    okng_status status = read_config(&r, args, &error);
    if (status != OKNG_OK) {
        close_all(&r);
        return status == OKNG_ERROR_ARGUMENT || status == OKNG_ERROR_FORMAT ? okng_cli_refused(args->verb, &error)
                                                                            : okng_cli_fail(&error);
    }
    if (okng_cli_value(args, "check")) return check(&r, args->verb);
    status = run_until_signal(&r, &error);
    return status == OKNG_OK ? EXIT_OKAY : okng_cli_fail(&error);
}
