#include "serve/part_line.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "line/inspector.h"
#include "serve/state.h"

/* What the line needs for as long as it runs. */
typedef struct okng_line_part {
    okng_line_config config;
    okng_line_banks banks;
} okng_line_part;

/* What changes: to the log, and to who watches. */
static void tell(const char *text, void *user)
{
    okng_serve *serve = user;
    (void)fprintf(stderr, "%s\n", text);
    json_t *document = json_object();
    okng_json_put(&document, "text", okng_json_any_text(text));
    okng_events_publish(serve->events, "line", NULL, document);
}

/* In the server's own folder, as that of line.yaml may be one that it cannot write to (/etc). */
static okng_status choose_spool(const okng_serve *serve, okng_line_part *part, okng_error *error)
{
    char *folder = NULL, *real = NULL;
    OKNG_TRY(okng_state_path(serve->options, "line", &folder, error));
    real = okng_path_to_be(folder); /* absolute: a relative one would be taken from the folder of line.yaml */
    const okng_status status =
        real ? okng_line_config_spool(&part->config, real, error) : okng_fail_errno(error, "find the folder", folder);
    free(folder);
    free(real);
    return status;
}

static okng_status open_line(okng_serve *serve, okng_line_part *part, okng_error *error)
{
    OKNG_TRY(okng_line_config_read(&part->config, serve->options->line, error));
    OKNG_TRY(choose_spool(serve, part, error));
    if (serve->history) OKNG_TRY(okng_line_config_history(&part->config, error));
    part->banks = (okng_line_banks){serve->cache, serve->queue};
    const okng_line_host host = {
        .inspector = okng_line_inspector_of(&part->banks), .history = serve->history, .teller = tell, .user = serve};
    return okng_line_open(&serve->line, &part->config, &host, error);
}

okng_status okng_part_line_open(okng_serve *serve, okng_error *error)
{
    if (!serve->options->line) return OKNG_OK;
    serve->line_part = calloc(1, sizeof *serve->line_part);
    if (!serve->line_part) return okng_fail_memory(error, sizeof *serve->line_part);
    return open_line(serve, serve->line_part, error);
}

void okng_part_line_close(okng_serve *serve)
{
    okng_line_part *part = serve->line_part;
    if (!part) return;
    okng_line_close(&serve->line, part->config.line ? okng_line_number(part->config.line, "stop") : 0);
    okng_line_config_free(&part->config);
    free(part);
    serve->line_part = NULL;
}

const char *okng_part_line_why_not_ready(okng_serve *serve)
{
    char why[256];
    if (!serve->line || okng_line_healthy(serve->line, why)) return NULL;
    return "the line is not well; GET /v1/line says more";
}
