/* What is trained, on what, how and where it goes: read from YAML and settings on top of it. One table (config.c) has a
 * row for each key. */
#ifndef OKNG_TRAIN_CONFIG_H
#define OKNG_TRAIN_CONFIG_H

#include <stdbool.h>

#include "options/engine.h"

typedef enum okng_cache_type { OKNG_CACHE_FP32 = 0, OKNG_CACHE_BF16 } okng_cache_type;
typedef enum okng_train_quirk { OKNG_QUIRK_OFF = 0, OKNG_QUIRK_ON } okng_train_quirk;

typedef struct okng_train_config {
    /* data */
    char dataset[OKNG_NAME_MAX]; /* "mvtec" */
    char root[OKNG_PATH_MAX];
    okng_dataset_options data;

    /* model */
    okng_build_options build;  /* backbone, weights, vocabulary, activation, positions, taps, device, threads */
    int32_t resolution;        /* pixels along the side of the network's input */
    char start[OKNG_PATH_MAX]; /* a checkpoint; "": fresh values */

    /* training */
    char out[OKNG_PATH_MAX];
    int32_t batch_size, accumulation, epochs;
    int64_t max_steps; /* 0: as many as the epochs have */
    double rate, lambda1, lambda2;
    okng_train_quirk quirk;
    uint64_t seed;
    int32_t checkpoint_every;  /* steps; 0: at the end alone */
    uint64_t memory;           /* bytes for what is kept between forward and backward */
    char cache[OKNG_PATH_MAX]; /* "": tokens are computed anew for every epoch */
    okng_cache_type cache_type;
    bool rebuild_cache; /* one of another network is replaced */
} okng_train_config;

/* Reads `path` (NULL: none) and then `settings` ("training.lr=0.0002") on top of the defaults, those of the
 * original: ViT-L/14 at 336, 518 pixels, 2 epochs of batches of 8. Errors: NOT_FOUND, IO,
 * FORMAT (no YAML), ARGUMENT (an unknown key, naming the nearest and those of its section; a value; something missing),
 * LIMIT. */
okng_status okng_train_config_load(okng_train_config *config, const char *path, const char *const *settings,
                                   size_t setting_count, okng_error *error);
/* The keys that what is learnt depends on, with their values, a line each: two trainings of the same text, data and
 * CLIP learn the same. malloc'd. Errors: MEMORY. */
okng_status okng_train_config_text(const okng_train_config *config, char **text, okng_error *error);
/* What two such texts differ in first, for people: "training.lr is 0.0002, and was 0.0001". */
void okng_train_config_differ(const char *now, const char *before, char *text, size_t size);

#endif
