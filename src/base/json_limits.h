/* What a JSON document may hold, counted while it is read: one that holds more is refused before it costs memory. */
#ifndef OKNG_BASE_JSON_LIMITS_H
#define OKNG_BASE_JSON_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Beside these every document keeps within OKNG_JSON_MEMORY. */
typedef struct okng_json_limits {
    size_t bytes; /* of the document */
    size_t items; /* numbers, texts, names of members, true, false, null, arrays and objects, all together */
    size_t text;  /* bytes of one text or name, as the document writes it */
    size_t depth; /* arrays and objects in one another */
} okng_json_limits;

/* Bytes of what a document becomes in memory, as jansson keeps it: a hostile one that is refused at its last byte takes
 * no more. */
enum { OKNG_JSON_MEMORY = 160 << 20 };

/* Of documents whose length does not grow with the pictures: a bank's configuration, an ensemble, an experiment. */
extern const okng_json_limits okng_json_small;

/* Goes over a document piece by piece. Begins as {.limits = ...}. */
typedef struct okng_json_counter {
    const okng_json_limits *limits;
    size_t bytes, items, memory, depth, text;
    size_t lines; /* that have ended */
    bool in_text, escaped, in_word;
} okng_json_counter;

/* Takes the next bytes. False at the first that leads over a limit; okng_json_too_much tells which then. */
bool okng_json_count(okng_json_counter *counter, const char *bytes, size_t size);
/* The error of LIMIT for what went over; `path` is used in it. */
okng_status okng_json_too_much(const okng_json_counter *counter, const char *path, okng_error *error);

#endif
