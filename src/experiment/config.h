/* An experiment: which data, which method with which options, what is measured and kept. Filled by hand after
 * okng_experiment_config_init, or read from YAML; one table (config_keys.c) has a row for each key of the file. */
#ifndef OKNG_EXPERIMENT_CONFIG_H
#define OKNG_EXPERIMENT_CONFIG_H

#include <stdbool.h>

#include "eval/figures.h"
#include "experiment/truth.h"
#include "options/engine.h"

typedef struct okng_experiment_config {
    /* experiment */
    char name[OKNG_NAME_MAX];        /* a folder's name */
    char output_root[OKNG_PATH_MAX]; /* "results" */

    /* data; data.seed and build.seed are both experiment.seed */
    char dataset[OKNG_NAME_MAX]; /* "mvtec" */
    char root[OKNG_PATH_MAX];
    okng_dataset_options data; /* data.k_shot is 0 or -1 where loader.use_full_train was true */
    int32_t batch_size;        /* 1..1024 pictures in flight at most */

    /* model; build.threads is data.threads (or model.nn.num_workers), for the whole run */
    okng_build_options build;
    int32_t map_height, map_width; /* size of saved anomaly maps; 0 = the picture's */
    bool map_normalize; /* saved anomaly maps are brought to 0..1 by the smallest and largest of the category */
    char pretrained_root[OKNG_PATH_MAX];    /* "": fit */
    char pretrained_prepend[OKNG_NAME_MAX]; /* prefix of its files; "": found */
    bool pretrained_strict;                 /* a missing pretrained_root is an error, not a warning and a fit */

    /* evaluation */
    bool metrics[OKNG_FIGURES]; /* by metric: whether it is computed; what comes with it and its crop follow it */
    okng_pro_mode pro_mode;
    okng_mask_rule crop_masks;            /* what a defect is at the network's input */
    int32_t latency_warmup, latency_runs; /* runs 0 = not measured */

    char submission[OKNG_PATH_MAX]; /* folder for what a server takes; "": none */

    /* visualization */
    int32_t num_examples; /* overlays per category, the highest-scoring NG and OK first; -1 = all */
    bool save_overlay, save_anomaly_map;
} okng_experiment_config;

/* The defaults: those of the `default` preset, every metric on, results/, one experiment called "default". */
void okng_experiment_config_init(okng_experiment_config *config);
/* Everything that can be wrong without looking at files: names, ranges, the device, what contradicts what. */
okng_status okng_experiment_config_check(const okng_experiment_config *config, okng_error *error);

/* Reads `path`, what its `base:` names before it, and then `overrides` ("data.k_shot=4"), on top of the defaults.
 * Errors: NOT_FOUND, IO, FORMAT (no YAML), ARGUMENT (a key or a value; the message begins "file:line:" or
 * "--set key:"), LIMIT. */
okng_status okng_experiment_config_load(okng_experiment_config *config, const char *path, const char *const *overrides,
                                        size_t override_count, okng_error *error);
/* The resolved configuration as YAML: loading it gives an equal struct. malloc'd. */
okng_status okng_experiment_config_yaml(const okng_experiment_config *config, char **yaml, okng_error *error);
/* SHA-256 of that text without the keys that do not change a category's figures (output_root, categories, batch_size,
 * threads): a finished category may be kept when it is the same. */
okng_status okng_experiment_config_hash(const okng_experiment_config *config, char hex[65], okng_error *error);

extern const okng_option_table okng_experiment_table; /* a row for each key: "data.transforms.resize" */

#endif
