/* The table of keys: one row says what a key is called, where it lives, what it may be and what it is for. Most are
 * options of the library by another name. */
#ifndef OKNG_EXPERIMENT_CONFIG_KEYS_H
#define OKNG_EXPERIMENT_CONFIG_KEYS_H

#include "experiment/config.h"
#include "options/engine.h"

/* Flags of its rows beside those of every table. */
enum {
    KEY_LATE = OKNG_ROW_OWN,          /* it depends on other keys of the same file */
    KEY_SHORTHAND = 2 * OKNG_ROW_OWN, /* it stands for others: a resolved configuration does not have it */
    KEY_IDLE = 4 * OKNG_ROW_OWN       /* no figure of a category depends on it */
};

/* When a key of a file takes effect: those that depend on others come after them. */
typedef enum okng_key_rank {
    OKNG_RANK_PRESET,
    OKNG_RANK_EARLY,
    OKNG_RANK_PLAIN,
    OKNG_RANK_LATE,
    OKNG_RANK_OPTIONS, /* model.options */
    OKNG_RANKS
} okng_key_rank;

/* The row of a path; NULL where there is none. */
const okng_option_row *okng_key_find(const char *path);
okng_key_rank okng_key_rank_of(const okng_option_row *key);
bool okng_key_is_written(const okng_option_row *key); /* in a resolved configuration */
bool okng_key_counts(const okng_option_row *key);     /* figures depend on it */
/* True for values that stand in quotes where need be: texts. False: numbers, true, false, words of a choice. */
bool okng_key_is_text(const okng_option_row *key);
/* What stands between the items of a key that is a list, in its value as text; NULL of others. */
const char *okng_key_list_cuts(const okng_option_row *key);
/* The written key that is this option of the library by another name; NULL where there is none. */
const okng_option_row *okng_key_of_option(const char *option);

/* Sets model.options.<name>, of the library's options those that no key of its own has. */
okng_status okng_key_set_option(okng_experiment_config *config, const char *name, const char *value, okng_error *error);
/* ARGUMENT for a path that no row has, with the nearest that there is. `section`: it has keys below it. */
okng_status okng_key_unknown(const char *path, bool section, okng_error *error);
/* True when the path is that of a section. */
bool okng_key_is_section(const char *path);

#endif
