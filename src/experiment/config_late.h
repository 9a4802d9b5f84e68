/* Keys that set more than one field, or depend on other keys of the same file: what their rows call to be set. */
#ifndef OKNG_EXPERIMENT_CONFIG_LATE_H
#define OKNG_EXPERIMENT_CONFIG_LATE_H

#include "options/engine.h"

/* Each is an okng_option_set_fn: `config` is an okng_experiment_config, `layer` the okng_yaml that the key stands in,
 * or NULL. Errors: ARGUMENT, what was found and what is expected, without the key. */

/* experiment.seed: of the data and of the model. */
okng_status okng_key_set_device(const okng_option_row *row, void *config, const char *value, const void *layer,
                                okng_error *error);
okng_status okng_key_set_seed(const okng_option_row *row, void *config, const char *value, const void *layer,
                              okng_error *error);
/* data.transforms.normalize: mean and std. */
okng_status okng_key_set_normalize(const okng_option_row *row, void *config, const char *value, const void *layer,
                                   okng_error *error);
/* model.input_size. Fine where resize and crop already come to this size; else it crops what the layer's resize of the
 * shorter side leaves, or, where the layer says nothing of resize and crop, it is an exact resize. */
okng_status okng_key_set_input_size(const okng_option_row *row, void *config, const char *value, const void *layer,
                                    okng_error *error);
/* model.nn.num_workers: data.threads by another name. */
okng_status okng_key_set_workers(const okng_option_row *row, void *config, const char *value, const void *layer,
                                 okng_error *error);
/* data.loader.use_full_train. */
okng_status okng_key_set_full_train(const okng_option_row *row, void *config, const char *value, const void *layer,
                                    okng_error *error);

#endif
