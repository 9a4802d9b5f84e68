/* What is said of good and of bad parts: a prompt is a template with a state in it, and in that the class name. */
#ifndef OKNG_WINCLIP_PROMPTS_H
#define OKNG_WINCLIP_PROMPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Kinds of states, and rows of prototypes. */
enum { OKNG_PROMPTS_GOOD = 0, OKNG_PROMPTS_BAD, OKNG_PROMPTS_KINDS };
/* Most prompts of a kind, and bytes of a file. */
enum { OKNG_PROMPTS_MAX = 4096, OKNG_PROMPTS_FILE_MAX = 1 << 18 };

/* Sentences of a list, each with one {}; owned. */
typedef struct okng_sentences {
    char **items;
    size_t count;
} okng_sentences;

typedef struct okng_prompts {
    okng_sentences states[OKNG_PROMPTS_KINDS], templates;
} okng_prompts;

/* "a" and "b", which are part of the library (share/prompts), or a YAML file of the lists `normal`, `anomalous` and
 * `templates`. Zeroed on failure. Errors: those of reading a file; FORMAT and LIMIT, with file and line: a list is
 * missing or empty, a sentence without {} or with two, more prompts of a kind than OKNG_PROMPTS_MAX. */
okng_status okng_prompts_open(okng_prompts *out, const char *given, okng_error *error);
/* The same of text in memory; `name` is used in errors. */
okng_status okng_prompts_read(okng_prompts *out, const char *text, size_t size, const char *name, okng_error *error);
/* Whether `given` is part of the library. */
bool okng_prompts_built_in(const char *given);
void okng_prompts_free(okng_prompts *prompts); /* zeroed is fine; zeroes it */

/* Prompts of a kind: all templates with the first state, then with the next. */
size_t okng_prompts_count(const okng_prompts *prompts, int kind);
/* Prompt i < count, malloc'd; NULL where memory is out. */
char *okng_prompts_say(const okng_prompts *prompts, int kind, size_t i, const char *class_name);

#endif
