/* patchcore_params.pkl of patchcore-inspection: a pickled dict of plain values. */
#ifndef OKNG_IMPORT_PARAMS_H
#define OKNG_IMPORT_PARAMS_H

#include "base/error.h"

typedef struct okng_params {
    char backbone[OKNG_NAME_MAX];                 /* as the original calls it: "wideresnet50" */
    char layers[OKNG_MAX_LAYERS * OKNG_NAME_MAX]; /* "layer2 layer3" */
    int32_t height, width;                        /* of the network's input */
    int32_t pretrain_dim, target_dim, patch_size, patch_stride, neighbors;
    char unknown[128]; /* keys that are not read: "a, b"; "" = none */
} okng_params;

/* Reads the bytes of the file; `name` is used in errors. Runs nothing: what is no plain value is refused by name.
 * FORMAT names the key that is missing or is not what it should be. */
okng_status okng_params_parse(okng_params *params, const uint8_t *data, size_t size, const char *name,
                              okng_error *error);
okng_status okng_params_read(okng_params *params, const char *path, okng_error *error);

#endif
