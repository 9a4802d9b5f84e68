/* YAML as a configuration uses it: sections of keys with values that are words or lists of words. */
#ifndef OKNG_BASE_YAML_H
#define OKNG_BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* A key, in the order of the file. */
typedef struct okng_yaml_entry {
    char *path;   /* "data.transforms.resize" */
    char *value;  /* the word; of a list, its words with the separator between them; "" of a section and of null */
    int line;     /* from 1 */
    bool section; /* has keys below it, which are entries of their own */
    bool null;    /* nothing, ~ or null */
    bool list;
} okng_yaml_entry;

typedef struct okng_yaml {
    okng_yaml_entry *entries;
    size_t count, capacity;
    char separator; /* of the words of lists */
} okng_yaml;

/* Reads one document. FORMAT errors begin "name:line:"; what a configuration does not need is refused: anchors,
 * aliases, tags, lists of lists, a comma in a list's word, two documents, a key twice. LIMIT beyond 4096 entries or 16
 * levels. Release with okng_yaml_free, also after a failure. */
okng_status okng_yaml_read(okng_yaml *out, const char *text, size_t size, const char *name, okng_error *error);
/* The same for lists of sentences: a line feed separates what may have commas itself. */
okng_status okng_yaml_read_sentences(okng_yaml *out, const char *text, size_t size, const char *name,
                                     okng_error *error);
void okng_yaml_free(okng_yaml *yaml);
/* Adds an entry without a line. */
okng_status okng_yaml_add(okng_yaml *yaml, const char *path, const char *value, bool null, okng_error *error);
/* yaml_setting.c: the same of "data.k_shot=4"; a value that begins like a list is read as YAML. `example` is told in
 * errors. Errors: ARGUMENT, LIMIT, FORMAT, MEMORY. */
okng_status okng_yaml_add_setting(okng_yaml *yaml, const char *text, const char *example, okng_error *error);
/* The entry of a path; NULL where there is none. */
const okng_yaml_entry *okng_yaml_find(const okng_yaml *yaml, const char *path);

#endif
