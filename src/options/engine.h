/* The one engine of options. A table has a row for each option of a struct: what it is called, where it lives, what it
 * may be, what it is at first, what it is for and who reads it. Setting, getting, checking, presets, help, what a bank
 * records and the keys of an experiment's file all come from rows; a new option is a field and its row.
 * Tables are constants; functions that get a const struct are safe to call from any thread. */
#ifndef OKNG_OPTIONS_ENGINE_H
#define OKNG_OPTIONS_ENGINE_H

#include <stdbool.h>

#include "base/error.h"

enum { OKNG_OPTION_TEXT_MAX = 4200 }; /* bytes of any value as text, NUL included */
#define OKNG_OPTION_MANY 0x1p62       /* a bound that says: none */

/* How a value lies in its struct. */
typedef enum okng_option_kind {
    OKNG_KIND_TEXT,   /* char[size] */
    OKNG_KIND_NAME,   /* the same, of what can be a folder's name */
    OKNG_KIND_WORDS,  /* the same, of UTF-8 */
    OKNG_KIND_NAMES,  /* char[OKNG_MAX_LAYERS][OKNG_NAME_MAX], int32_t count: 1 or more */
    OKNG_KIND_SCALES, /* int32_t[OKNG_MAX_SCALES], int32_t count: 1 or more, rising; 0 is the row's word, if it has one
                       */
    OKNG_KIND_SHARES, /* double[OKNG_MAX_SCALES], int32_t count; 0 is the row's word */
    OKNG_KIND_RESIZE, /* okng_resize_mode, int32_t height, int32_t width */
    OKNG_KIND_SIZE,   /* int32_t height, int32_t width; both 0 are the row's word */
    OKNG_KIND_COLOUR, /* float[3] */
    OKNG_KIND_RANGE,  /* float[2], the first not above the second; both NaN are the row's word, both infinite "off" */
    OKNG_KIND_CHOICE, /* an enum from 0 on, in the order of the row's values */
    OKNG_KIND_BOOL,
    OKNG_KIND_INT32,
    OKNG_KIND_ODD, /* an odd int32_t */
    OKNG_KIND_INT64,
    OKNG_KIND_UINT64,
    OKNG_KIND_BYTES, /* a uint64_t, also as 512M or 4G */
    OKNG_KIND_FLOAT,
    OKNG_KIND_DOUBLE
} okng_option_kind;

enum {
    OKNG_ROW_RECORDED = 1,  /* results depend on it: it stands in a bank's configuration, and a preset starts it anew */
    OKNG_ROW_KEPT = 2,      /* a preset leaves it as it is all the same */
    OKNG_ROW_FIRST = 4,     /* it sets many others, so of several settings it is applied first */
    OKNG_ROW_OF_METHOD = 8, /* some methods read it, those that name it; without, all do */
    OKNG_ROW_EARLY = 16,    /* it sets some others, so it is applied after those, before the rest */
    OKNG_ROW_PASSING = 32,  /* recorded, but used up while building: what came of it stands in another row */
    OKNG_ROW_OWN = 256      /* from here on what the owner of a table gives a meaning */
};

typedef struct okng_option_table okng_option_table;
typedef struct okng_option_row okng_option_row;

/* Sets what one value stands for where no kind will do. `options` is the struct of the row's table, `context` what
 * okng_options_set_row was given. */
typedef okng_status (*okng_option_set_fn)(const okng_option_row *row, void *options, const char *value,
                                          const void *context, okng_error *error);

struct okng_option_row {
    const char *name;
    const char *values;  /* what may stand there: "N|none"; of a choice every word of it */
    const char *initial; /* as text; NULL: bytes of zero */
    okng_option_kind kind;
    size_t offset, size; /* in the struct, from the first field to the end of the last */
    double low, high;    /* of numbers */
    const char *before;  /* of whole numbers: stands in front of them, "rotate:"; NULL: nothing */
    const char *word;    /* stands for `meaning`, beyond low..high; NULL: none */
    double meaning;
    /* This row is another name of row `alias` in the table `of`, whose struct lies at `offset`; of NULL: in this table.
     * What is not given here is as it is there. */
    const char *alias;
    const okng_option_table *of;
    const char *sets;       /* what else is set by setting this, "coreset-size=0 distance=l2"; NULL: nothing */
    const char *absent;     /* its value in a bank that was written before there was this option; NULL: `initial` */
    okng_option_set_fn set; /* in place of the kind's; NULL: none */
    unsigned flags;         /* OKNG_ROW_... */
    const char *group;      /* heading of its section in help texts */
    const char *verbs;      /* that read it, with ", " between them: "build, embed, bench network" */
    const char *help;       /* one sentence, lower case, no full stop */
};

struct okng_option_table {
    const okng_option_row *rows;
    size_t count;
    size_t struct_size; /* of the struct as it is today */
    bool versioned;     /* its first member is a size_t, the size that its owner knows: fields past it are not there */
    const char *noun;   /* "option": stands with the name before what is wrong; NULL: the caller names it */
    const char *what;   /* " of a data set": follows the name of an unknown option */
    const char *group, *verbs; /* of rows that name none; NULL: those of the row that they are another name of */
};

/* The row of that name ('_' is '-'); NULL where there is none. */
const okng_option_row *okng_options_find(const okng_option_table *table, const char *name);
/* The row that `row` is another name of; itself where it is none. */
const okng_option_row *okng_options_target(const okng_option_table *table, const okng_option_row *row);

/* Zeroes `size` bytes, notes the size where the table is versioned, sets every row's initial value that fits. */
void okng_options_init(const okng_option_table *table, void *options, size_t size);
/* Sets one option from text; nothing has changed where it fails. Errors: ARGUMENT: unknown (with the nearest that there
 * is), past the end of a shorter struct, or not what the row allows. */
okng_status okng_options_set(const okng_option_table *table, void *options, const char *name, const char *value,
                             okng_error *error);
okng_status okng_options_set_row(const okng_option_table *table, const okng_option_row *row, void *options,
                                 const char *value, const void *context, okng_error *error);
/* Sets the row to its initial value; nothing where it lies past the end of a shorter struct. */
void okng_options_reset_row(const okng_option_table *table, const okng_option_row *row, void *options);
/* The value as text that setting accepts, cut to `size` bytes and NUL-terminated. Errors: ARGUMENT as above. */
okng_status okng_options_get(const okng_option_table *table, const void *options, const char *name, char *text,
                             size_t size, okng_error *error);
/* The same of a row that has a value of its own: not of one that only sets others. */
void okng_options_get_row(const okng_option_table *table, const okng_option_row *row, const void *options, char *text,
                          size_t size);

/* Every value is one that could have been set: a struct filled by hand is as safe as one that was set by text. Errors:
 * ARGUMENT. */
okng_status okng_options_check(const okng_option_table *table, const void *options, okng_error *error);
/* *full = *options, with initial values in fields that the caller's version of the struct does not have, checked.
 * Errors: ARGUMENT. */
okng_status okng_options_complete(const okng_option_table *table, const void *options, void *full, okng_error *error);

/* True when a bank records the row: it is marked so, it is no other name, and of two that say the same thing (one sets
 * the other) it is the one that holds. */
bool okng_options_is_recorded(const okng_option_table *table, const okng_option_row *row, const void *options);
/* True when a method that names the options `names` (NULL at the end) reads the row; NULL: all. */
bool okng_options_is_named(const okng_option_row *row, const char *const *names);
/* True when the verb ("bench knn"; of "bench" any stage) is among those that read the row. */
bool okng_options_is_read(const char *verbs, const char *verb);
/* What is told about a row to others, in a struct of `info->struct_size` bytes. */
void okng_options_describe(const okng_option_table *table, const okng_option_row *row, okng_option_info *info);

#endif
