/* Settings of a source, a sink or the line itself: keys that a table knows, checked when line.yaml is read. */
#ifndef OKNG_LINE_SETTINGS_H
#define OKNG_LINE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum okng_line_type {
    OKNG_LINE_TEXT,    /* a word or a sentence */
    OKNG_LINE_PATH,    /* of a file or folder; a relative one is taken from the folder of line.yaml */
    OKNG_LINE_INTEGER, /* low..high */
    OKNG_LINE_NUMBER,  /* low..high, finite */
    OKNG_LINE_CHOICE,  /* one of `values`: "a|b|c" */
    OKNG_LINE_FLAG,    /* true or false */
    OKNG_LINE_WORDS    /* a list; a single word is a list of one */
} okng_line_type;

/* A row of a table of keys, which ends with a NULL name. It is the key's check, its help and its row in docs/line.md.
 */
typedef struct okng_line_key {
    const char *name; /* "path" */
    okng_line_type type;
    const char *values;  /* what people read: "FOLDER"; of a CHOICE "a|b|c" */
    const char *help;    /* one line, N_() */
    const char *initial; /* as it would stand in the file; NULL: none */
    bool required;
    double low, high; /* of INTEGER and NUMBER */
} okng_line_key;

enum { OKNG_LINE_MAX_KEYS = 40 }; /* of one table */

/* The checked values of one part of line.yaml ("sources.inbox"). Read-only once it is read; any thread. */
typedef struct okng_line_settings okng_line_settings;

/* "inbox", as it is called in line.yaml. */
const char *okng_line_name(const okng_line_settings *settings);
/* Values by the names of their keys. A key that the table has not is a fault of the program: NULL, 0, false. TEXT, PATH
 * and CHOICE; NULL where it was not given and has no initial value. The settings'. */
const char *okng_line_text(const okng_line_settings *settings, const char *key);
int64_t okng_line_integer(const okng_line_settings *settings, const char *key);
double okng_line_number(const okng_line_settings *settings, const char *key);
bool okng_line_flag(const okng_line_settings *settings, const char *key);
/* Word i of WORDS; NULL behind the last. */
const char *okng_line_word(const okng_line_settings *settings, const char *key, size_t i);
/* Whether it was given. */
bool okng_line_has(const okng_line_settings *settings, const char *key);

#endif
