/* A row of the table of keys, for those who read it. */
#ifndef OKNG_EXPERIMENT_CONFIG_ROW_H
#define OKNG_EXPERIMENT_CONFIG_ROW_H

#include "experiment/config.h"

typedef enum okng_key_kind {
    OKNG_KEY_IS_TEXT,
    OKNG_KEY_IS_NAME, /* a text that can be a folder's name */
    OKNG_KEY_IS_BOOL,
    OKNG_KEY_IS_CHOICE, /* an enum; its values are in the order of info.values */
    OKNG_KEY_IS_INT32,
    OKNG_KEY_IS_SEED,
    OKNG_KEY_IS_DEVICE,
    OKNG_KEY_IS_SIZE,   /* map_height, map_width */
    OKNG_KEY_IS_OPTION, /* of okng_build_options, by name */
    OKNG_KEY_IS_DATA,   /* of okng_dataset_options, by name */
    /* These stand for others. */
    OKNG_KEY_IS_EMBED, /* an option that also makes the aggregate mean-map */
    OKNG_KEY_IS_K,
    OKNG_KEY_IS_NORMALIZE,
    OKNG_KEY_IS_INPUT_SIZE,
    OKNG_KEY_IS_WORKERS,
    OKNG_KEY_IS_FULL_TRAIN
} okng_key_kind;

typedef struct okng_key_row {
    okng_experiment_key info;
    okng_key_kind kind;
    const char *option;
    size_t offset, size;
    double low, high; /* of OKNG_KEY_IS_INT32 */
    bool idle;        /* no figure depends on it */
} okng_key_row;

const okng_key_row *okng_key_row_of(int key);

#endif
