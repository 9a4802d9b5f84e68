/* ensemble.json: how many members an ensemble has and, where they are known, the ranges of their scores. The members
 * are banks in sub-folders; tau.json beside it holds the ensemble's thresholds. */
#ifndef OKNG_BANK_ENSEMBLE_FILE_H
#define OKNG_BANK_ENSEMBLE_FILE_H

#include <stdbool.h>

#include "bank/bank_file.h"

enum { OKNG_ENSEMBLE_MAX = 16 };

/* Least and largest score of one member. */
typedef struct okng_range {
    float score_low, score_high; /* of pictures */
    float map_low, map_high;     /* of pixels at the network's input size */
} okng_range;

typedef struct okng_ensemble_file {
    size_t count; /* 2..OKNG_ENSEMBLE_MAX */
    bool ranged;  /* ranges are known */
    okng_range ranges[OKNG_ENSEMBLE_MAX];
} okng_ensemble_file;

/* "member-1" of member 0 into `text`; returns text. */
const char *okng_ensemble_member_name(size_t i, char *text, size_t size);
/* Where member i of an ensemble is read from. */
typedef struct okng_ensemble_part {
    okng_bank_source source;
    char *folder;
    char name[OKNG_NAME_MAX + 1]; /* "member-1/" */
} okng_ensemble_part;
/* *part must stay where it is. Errors: MEMORY. */
okng_status okng_ensemble_part_of(okng_ensemble_part *part, const okng_bank_source *from, size_t i, okng_error *error);
void okng_ensemble_part_free(okng_ensemble_part *part); /* after a failure too */
/* Whether the folder, or the recipe, is one of an ensemble; a recipe that cannot be opened is none. */
bool okng_ensemble_is(const char *path);
/* Writes / reads folder/ensemble.json. FORMAT where a value is out of range. */
okng_status okng_ensemble_file_write(const okng_ensemble_file *ensemble, const char *folder, okng_error *error);
okng_status okng_ensemble_file_read(okng_ensemble_file *ensemble, const char *folder, okng_error *error);
/* The same from a folder or a recipe. */
okng_status okng_ensemble_source_read(okng_ensemble_file *ensemble, const okng_bank_source *from, okng_error *error);

#endif
