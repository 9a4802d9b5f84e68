/* JSON: jansson's values, made, written and read so that nothing of them can be missing unnoticed when memory is short.
 * No other file calls what makes, adds to, prints or parses values and can fail without being heard
 * (tests/layers.sh): jansson drops what it has no memory for from what it makes, prints and reads. */
#ifndef OKNG_BASE_JSON_H
#define OKNG_BASE_JSON_H

#include <jansson.h>

#include "base/error.h"
#include "base/json_limits.h"

/* ---- making ------------------------------------------------------------------------------------------------------
 * NULL stands for a document that lacks something, and whatever it is put into becomes NULL too: by these functions, by
 * json_pack, and in the end by okng_json_text and okng_json_write, which answer MEMORY. So failures need one check, the
 * status of what writes. What is NULL is released. */

/* Adds a member; takes `value`. *object is a document's root or an object that is not in another one yet. */
void okng_json_put(json_t **object, const char *key, json_t *value);
/* Adds an element, alike. */
void okng_json_add(json_t **list, json_t *value);
/* Adds all members of `other`, which is released. */
void okng_json_merge(json_t **object, json_t *other);
/* A number; null where it is not finite, which JSON cannot hold. */
json_t *okng_json_known(double number);
/* A string of any bytes, which JSON cannot hold: where they are no UTF-8, each that is not ASCII becomes U+FFFD. NULL
 * when memory is out, or where there is no text. */
json_t *okng_json_any_text(const char *text);

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Two-space indentation, keys in insertion order, nine significant digits (a float survives). */
#define OKNG_JSON_PRETTY (JSON_INDENT(2) | JSON_REAL_PRECISION(9))

/* The text of a value for the caller to free, by jansson's flags for printing; it was read back and holds all that
 * `value` does. *size (may be NULL) is without the NUL at its end. `what` is told in errors. MEMORY, *text is NULL
 * then; also where `value` is NULL. */
okng_status okng_json_text(const json_t *value, size_t flags, const char *what, char **text, size_t *size,
                           okng_error *error);
/* OKNG_JSON_PRETTY to a file, which appears whole or not at all. */
okng_status okng_json_write(const json_t *value, const char *path, okng_error *error);

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Reads a JSON object within `limits`, which are counted before any of it is kept: LIMIT names the line that leads over
 * one. FORMAT errors name file, line and what was found; *out is NULL then. Release with json_decref. */
okng_status okng_json_read(json_t **out, const char *path, const okng_json_limits *limits, okng_error *error);
/* json_parse.c: the same of any value in memory; `name` is told in errors. `limits` NULL: of what okng printed. */
okng_status okng_json_parse(json_t **out, const char *text, size_t size, const char *name,
                            const okng_json_limits *limits, okng_error *error);

/* Members of `object`, of the right type and range, or FORMAT naming `path` and the key. Strings are borrowed. */
okng_status okng_json_string(const json_t *object, const char *path, const char *key, const char **out,
                             okng_error *error);
okng_status okng_json_number(const json_t *object, const char *path, const char *key, double low, double high,
                             double *out, okng_error *error);
okng_status okng_json_integer(const json_t *object, const char *path, const char *key, int64_t low, int64_t high,
                              int64_t *out, okng_error *error);

#endif
