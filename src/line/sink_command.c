/* Sink: a program that is run for each result, without a shell: nothing in a picture's name can become a command. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "line/kinds.h"
#include "line/process.h"
#include "line/sink.h"

enum { MAX_WORDS = 64, WORD = OKNG_PATH_MAX + 512 }; /* bytes of a word with its placeholders filled in */

typedef struct command_sink {
    const okng_line_settings *settings;
    char id[OKNG_RECORD_ID]; /* of the result that failed last */
    int64_t tries;           /* of it */
} command_sink;

/* ---- what a program hears of a result ------------------------------------------------------------------------------
 */

static const char *const names[] = {"verdict", "id", "bank", "source", "picture", "path", "score", "threshold", "why"};
enum { NAMES = sizeof names / sizeof *names };

/* The value of names[i]; `text` is room for numbers. */
static const char *value_of(int i, const okng_line_result *result, char text[32])
{
    const okng_record *record = result->record;
    const double numbers[] = {record->score, record->image_threshold};
    switch (i) {
    case 0:
        return okng_outcome_text(record->outcome);
    case 1:
        return record->id;
    case 2:
        return record->bank;
    case 3:
        return record->source;
    case 4:
        return record->picture;
    case 5:
        return result->path;
    case 8:
        return record->why;
    default:
        (void)snprintf(text, 32, isnan(numbers[i - 6]) ? "" : "%.9g", numbers[i - 6]);
        return text;
    }
}

/* The placeholder that begins at "{": its index, and its bytes in *length; -1 where it is none. */
static int placeholder(const char *at, size_t *length)
{
    for (int i = 0; i < NAMES; i++) {
        const size_t size = strlen(names[i]);
        *length = size + 2;
        if (strncmp(at + 1, names[i], size) == 0 && at[size + 1] == '}') return i;
    }
    return -1;
}

/* A word with its placeholders filled in; malloc'd. */
static char *filled(const char *word, const okng_line_result *result)
{
    char number[32], *text = malloc(WORD);
    size_t used = 0;
    if (!text) return NULL;
    while (*word && used + 1 < WORD) {
        size_t length = 1;
        const int i = *word == '{' ? placeholder(word, &length) : -1;
        if (i < 0) {
            text[used++] = *word++;
            continue;
        }
        const int size = snprintf(text + used, WORD - used, "%s", value_of(i, result, number));
        used += (size_t)size < WORD - used ? (size_t)size : WORD - used - 1;
        word += length;
    }
    text[used] = '\0';
    return text;
}

static char *variable(int i, const okng_line_result *result)
{
    char number[32], *text = NULL;
    char upper[32];
    size_t at = 0;
    for (; names[i][at]; at++) upper[at] = (char)(names[i][at] - 'a' + 'A');
    upper[at] = '\0';
    return asprintf(&text, "OKNG_%s=%s", upper, value_of(i, result, number)) < 0 ? NULL : text;
}

/* ---- running ------------------------------------------------------------------------------------------------------
 */

typedef struct call {
    char *argv[MAX_WORDS + 1], *environment[NAMES + 1];
} call;

static okng_status prepare(call *c, const okng_line_settings *settings, const okng_line_result *result,
                           okng_error *error)
{
    const char *word;
    *c = (call){0};
    for (size_t i = 0; (word = okng_line_word(settings, "command", i)); i++)
        if (!(c->argv[i] = filled(word, result))) return okng_fail_memory(error, WORD);
    for (int i = 0; i < NAMES; i++)
        if (!(c->environment[i] = variable(i, result))) return okng_fail_memory(error, WORD);
    return OKNG_OK;
}

static void release(call *c)
{
    for (size_t i = 0; c->argv[i]; i++) free(c->argv[i]);
    for (size_t i = 0; c->environment[i]; i++) free(c->environment[i]);
}

/* A program that fails is given the same result again; after `tries` it is refused, so that one result does not hold up
 * all that follow. */
static okng_status note_failure(command_sink *sink, const char *id, okng_status status)
{
    if (strcmp(sink->id, id) != 0) sink->tries = 0;
    (void)snprintf(sink->id, sizeof sink->id, "%s", id);
    return ++sink->tries >= okng_line_integer(sink->settings, "tries") ? OKNG_ERROR_ARGUMENT : status;
}

static okng_status send_result(void *handle, const okng_line_result *result, okng_error *error)
{
    command_sink *sink = handle;
    call c;
    okng_status status = prepare(&c, sink->settings, result, error);
    if (status == OKNG_OK)
        status = okng_process_run(c.argv, c.environment, result->json, result->json_size,
                                  okng_line_number(sink->settings, "limit"), error);
    release(&c);
    if (status == OKNG_OK || status == OKNG_ERROR_MEMORY) return status;
    return note_failure(sink, result->record->id, status);
}

/* ---- beginning and end --------------------------------------------------------------------------------------------
 */

static okng_status check(const okng_line_settings *settings, okng_error *error)
{
    const char *word;
    size_t count = 0, length;
    for (; (word = okng_line_word(settings, "command", count)); count++)
        for (const char *at = word; (at = strchr(at, '{')); at++)
            if (placeholder(at, &length) < 0)
                return okng_fail(error, OKNG_ERROR_ARGUMENT,
                                 "command: found \"%.30s\", expected {verdict}, {id}, {bank}, {source}, {picture}, "
                                 "{path}, {score}, {threshold} or {why}",
                                 at);
    if (count <= MAX_WORDS) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_LIMIT, "command: %zu words, expected at most %d", count, MAX_WORDS);
}

/* A start goes on without the program: each result is tried with it as often as `tries` says. */
static okng_status ready(const okng_line_settings *settings, okng_error *error)
{
    const char *program = okng_line_word(settings, "command", 0);
    if (!program || strchr(program, '{')) return OKNG_OK; /* a placeholder: each result names its own */
    const okng_status status = okng_process_find(program, error);
    return status == OKNG_OK ? OKNG_OK : okng_error_context(error, status, "%s", "command");
}

static okng_status open_sink(void **out, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    command_sink *sink = calloc(1, sizeof *sink);
    (void)line;
    *out = sink;
    if (!sink) return okng_fail_memory(error, sizeof *sink);
    sink->settings = settings;
    return OKNG_OK;
}

static void close_sink(void **sink)
{
    free(*sink);
    *sink = NULL;
}

/* clang-format off */
static const okng_line_key keys[] = {
    {.name = "command", .type = OKNG_LINE_WORDS, .values = "[PROGRAM, WORD, ...]", .required = true,
     .help = N_("program and its words, without a shell; the record is at its standard input, as JSON")},
    {.name = "limit", .type = OKNG_LINE_NUMBER, .values = "SECONDS", .initial = "10", .low = 0.05, .high = 3600,
     .help = N_("a program that runs longer is killed, with all that it started")},
    {.name = "tries", .type = OKNG_LINE_INTEGER, .values = "N", .initial = "3", .low = 1, .high = 1000,
     .help = N_("a program that fails so often for one result does not get it again")},
    {0},
};
/* clang-format on */

const okng_line_sink_kind okng_line_sink_command = {
    .name = "command",
    .summary = N_("runs a program for each result"),
    .keys = keys,
    .delivery = OKNG_DELIVER_EVERY,
    .check = check,
    .ready = ready,
    .open = open_sink,
    .send = send_result,
    .close = close_sink,
};
