/* What a bank says about the weights that it was made with, and those weights again. */
#ifndef OKNG_FEATURES_PROVENANCE_H
#define OKNG_FEATURES_PROVENANCE_H

#include <stdbool.h>

#include "tensor/weights.h"

/* What the weights say of how they were trained, into options for them: of a CLIP the activation
 * (okng_clip_activation), and mean and std where its configuration states others and the options have CLIP's usual
 * ones. Errors: those of okng_clip_activation and okng_clip_config_colours. */
okng_status okng_options_by_weights(okng_build_options *options, const okng_weights *weights, okng_error *error);

/* A file or folder that options name, as it is written into a bank: path := its absolute path. Errors: IO where it
 * cannot be resolved, LIMIT where it is too long, ARGUMENT where it is not UTF-8. */
okng_status okng_provenance_of_path(char path[OKNG_PATH_MAX], okng_error *error);

/* *recorded = *options, as the weights want them (okng_options_by_weights), with the absolute path of the weight file
 * ("" stays: built in), and the weights' SHA-256 in hexadecimal. To be called before the work, which would be lost when
 * the bank could not name its weights. Errors: IO where the path cannot be resolved, LIMIT where it is too long,
 * ARGUMENT where it is not UTF-8, those of okng_options_by_weights. */
okng_status okng_provenance_of_weights(const okng_build_options *options, const okng_weights *weights,
                                       okng_build_options *recorded, char sha256[65], okng_error *error);

/* Opens the weights that a bank recorded: those at `path`, or where that is "" those that are part of the library, of
 * `backbone`; their SHA-256 must be `sha256`. Errors: MISMATCH where it is not, NOT_FOUND, FORMAT, IO, MEMORY. */
okng_status okng_recorded_weights_open(okng_weights **out, const char *backbone, const char *path, const char *sha256,
                                       okng_error *error);
/* Whether the file at `path` is known to be those, without being read: it was once, and has not changed since. */
bool okng_recorded_weights_known(const char *path, const char *sha256);

#endif
