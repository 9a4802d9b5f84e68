/* Making settings of what a file says. */
#ifndef OKNG_LINE_SETTINGS_READ_H
#define OKNG_LINE_SETTINGS_READ_H

#include "base/yaml.h"
#include "line/settings.h"

/* Settings of the keys of two tables (the second may be NULL), with their initial values; paths are taken from
 * `folder`. MEMORY. Release with okng_line_settings_free. */
okng_status okng_line_settings_new(okng_line_settings **out, const char *name, const char *folder,
                                   const okng_line_key *table, const okng_line_key *more, okng_error *error);
/* Sets one key, lists with line feeds between their words. ARGUMENT: unknown, naming the nearest; a section; of another
 * type or range. */
okng_status okng_line_settings_set(okng_line_settings *settings, const char *key, const okng_yaml_entry *entry,
                                   okng_error *error);
/* ARGUMENT where a required key was not given. */
okng_status okng_line_settings_check(const okng_line_settings *settings, okng_error *error);
void okng_line_settings_free(okng_line_settings **settings);

/* "did you mean NAME?" for an error that ends so, or "" */
const char *okng_line_meant(const char *word, const char *const *names, size_t count, char text[128]);

#endif
