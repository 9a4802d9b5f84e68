/* line.yaml: the whole of a line. Its keys stand in docs/line.md. */
#ifndef OKNG_LINE_CONFIG_H
#define OKNG_LINE_CONFIG_H

#include "history/record.h"
#include "line/settings.h"

struct okng_line_source_kind;
struct okng_line_sink_kind;

enum { OKNG_LINE_MAX_PARTS = 32, OKNG_LINE_MAX_RECIPES = 256 }; /* sources, and sinks; numbers of recipes */

/* Outcomes as a set: bit 1 << okng_outcome. */
typedef unsigned okng_outcome_set;

typedef struct okng_line_source_config {
    const struct okng_line_source_kind *kind;
    okng_line_settings *settings;
} okng_line_source_config;

typedef struct okng_line_sink_config {
    const struct okng_line_sink_kind *kind;
    okng_line_settings *settings;
    okng_outcome_set verdicts; /* that it wants to hear of */
    int64_t queue;             /* results that may wait for it */
} okng_line_sink_config;

typedef struct okng_line_recipe_config {
    int64_t number; /* 0..65535, as a PLC's register holds it */
    char bank[OKNG_RECORD_NAME];
} okng_line_recipe_config;

typedef struct okng_line_config {
    okng_line_settings *line; /* the keys of the line itself (okng_line_keys) */
    okng_line_source_config sources[OKNG_LINE_MAX_PARTS];
    okng_line_sink_config sinks[OKNG_LINE_MAX_PARTS];
    okng_line_recipe_config recipes[OKNG_LINE_MAX_RECIPES];
    size_t source_count, sink_count, recipe_count;
} okng_line_config;

extern const okng_line_key okng_line_keys[];        /* of the line itself */
extern const okng_line_key okng_line_sink_keys[];   /* of every sink */
extern const okng_line_key okng_line_source_keys[]; /* of every source */

/* Reads line.yaml. FORMAT and ARGUMENT errors begin "file:line: key"; an unknown key or kind is refused, with the one
 * that was meant. Also IO, NOT_FOUND, LIMIT, MEMORY. Release with okng_line_config_free, also after a failure. */
okng_status okng_line_config_read(okng_line_config *config, const char *path, okng_error *error);
/* The same of text; `path` is told in errors, and its folder is what relative paths are taken from. */
okng_status okng_line_config_parse(okng_line_config *config, const char *text, size_t size, const char *path,
                                   okng_error *error);
/* Adds a sink of the kind `command`, as --on-ng does. */
okng_status okng_line_config_on_ng(okng_line_config *config, const char *command, okng_error *error);
/* The folder of the spool where line.yaml names none. MEMORY. */
okng_status okng_line_config_spool(okng_line_config *config, const char *folder, okng_error *error);
/* Adds a sink of the kind `history` that writes into the server's, where none does already. */
okng_status okng_line_config_history(okng_line_config *config, okng_error *error);
/* UNSUPPORTED, naming the part and the package that is missing, where a kind of a source or sink cannot work here. */
okng_status okng_line_config_usable(const okng_line_config *config, okng_error *error);
/* What a source or a sink lacks now to be opened where no server is, naming the part; any error. */
okng_status okng_line_config_ready(const okng_line_config *config, okng_error *error);
void okng_line_config_free(okng_line_config *config);

#endif
