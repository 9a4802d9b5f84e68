/* Keys that depend on other keys of the same file. */
#ifndef OKNG_EXPERIMENT_CONFIG_LATE_H
#define OKNG_EXPERIMENT_CONFIG_LATE_H

#include "experiment/config.h"
#include "experiment/yaml.h"

/* Values as they stand in a file; false (and *out unspecified) for anything else. */
bool okng_key_bool(const char *value, bool *out);
bool okng_key_size(const char *value, int32_t *height, int32_t *width); /* "N", "H,W", "3,H,W" */

/* model.input_size. Fine where resize and crop already come to this size; else it crops what the layer's resize of the
 * shorter side leaves, or, where the layer says nothing of resize and crop, it is an exact resize. */
okng_status okng_key_set_input_size(okng_experiment_config *config, const char *value, const okng_yaml *layer,
                                    okng_error *error);
/* model.nn.num_workers: data.threads by another name. */
okng_status okng_key_set_workers(okng_experiment_config *config, const char *value, const okng_yaml *layer,
                                 okng_error *error);
/* data.loader.use_full_train. */
okng_status okng_key_set_full_train(okng_experiment_config *config, const char *value, okng_error *error);

#endif
