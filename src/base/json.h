/* JSON by jansson: reading with bounds and errors that name the file. */
#ifndef OKNG_BASE_JSON_H
#define OKNG_BASE_JSON_H

#include <jansson.h>

#include "base/error.h"
#include "base/json_limits.h"

/* Reads a JSON object within `limits`, which are checked while it is read: LIMIT names the line that leads over one.
 * FORMAT errors name file, line and reason. Release with json_decref. */
okng_status okng_json_read(json_t **out, const char *path, const okng_json_limits *limits, okng_error *error);
/* Writes with two-space indentation, keys in insertion order, nine significant digits (a float survives). */
okng_status okng_json_write(const json_t *object, const char *path, okng_error *error);
/* As text for the caller to free; NULL when memory is out. */
char *okng_json_text(const json_t *object);
/* A string of any bytes, which JSON cannot hold: where they are no UTF-8, each that is not ASCII becomes U+FFFD. NULL
 * when memory is out. */
json_t *okng_json_any_text(const char *text);

/* Members of `object`, of the right type and range, or FORMAT naming `path` and the key. Strings are borrowed. */
okng_status okng_json_string(const json_t *object, const char *path, const char *key, const char **out,
                             okng_error *error);
okng_status okng_json_number(const json_t *object, const char *path, const char *key, double low, double high,
                             double *out, okng_error *error);
okng_status okng_json_integer(const json_t *object, const char *path, const char *key, int64_t low, int64_t high,
                              int64_t *out, okng_error *error);

#endif
