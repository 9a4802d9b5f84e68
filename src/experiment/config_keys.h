/* The table of keys: one row says what a key is called, where it lives, what it may be and what it is for. */
#ifndef OKNG_EXPERIMENT_CONFIG_KEYS_H
#define OKNG_EXPERIMENT_CONFIG_KEYS_H

#include "experiment/config.h"
#include "experiment/yaml.h"

enum { OKNG_KEY_TEXT = 4200 }; /* bytes of a key's value, NUL included */

/* When a key of a file takes effect: those that depend on others come after them. */
typedef enum okng_key_rank {
    OKNG_RANK_PRESET,
    OKNG_RANK_PLAIN,
    OKNG_RANK_LATE,
    OKNG_RANK_OPTIONS, /* model.options */
    OKNG_RANKS
} okng_key_rank;

/* The row of a path; -1 where there is none. */
int okng_key_find(const char *path);
okng_key_rank okng_key_rank_of(int key);
/* False for keys that stand for others: a resolved configuration does not have them. */
bool okng_key_is_written(int key);
/* False for keys on which no figure of a category depends. */
bool okng_key_counts(int key);
/* True for values that stand in quotes where need be: texts. False: numbers, true, false, words of a choice. */
bool okng_key_is_text(int key);
bool okng_key_is_list(int key); /* words with commas (or, of layers, blanks) between them */
/* The name of the library's option that a key is; NULL for all others. */
const char *okng_key_option(int key);

/* Sets a key from text. `layer` is the file that it comes from: what a late key has to agree with. Errors: ARGUMENT,
 * what was found and what is expected, without the key. */
okng_status okng_key_set(okng_experiment_config *config, int key, const char *value, const okng_yaml *layer,
                         okng_error *error);
/* The value as text that okng_key_set accepts. Of written keys only. */
void okng_key_get(const okng_experiment_config *config, int key, char *text, size_t size);

/* Sets model.options.<name>, of the library's options those that no key of its own has. */
okng_status okng_key_set_option(okng_experiment_config *config, const char *name, const char *value, okng_error *error);
/* ARGUMENT for a path that no row has, with the nearest that there is. `section`: it has keys below it. */
okng_status okng_key_unknown(const char *path, bool section, okng_error *error);
/* True when the path is that of a section. */
bool okng_key_is_section(const char *path);

#endif
