/* A subspace with its network, ready to inspect. Private to subspace/. */
#ifndef OKNG_SUBSPACE_MODEL_H
#define OKNG_SUBSPACE_MODEL_H

#include "method/ledger.h"
#include "method/method.h"
#include "subspace/directions.h"

/* May be shared by threads. */
typedef struct okng_subspace okng_subspace;

/* What was learnt becomes the model's, on failure too; sums without values are fine for inspecting. `bank` and
 * `weights` are borrowed. *out is NULL on failure. Errors: MEMORY. */
okng_status okng_subspace_new(okng_subspace **out, const okng_bank_file *bank, const okng_weights *weights,
                              okng_sums *sums, okng_directions *directions, okng_error *error);
/* The weights that it was made with are its own from now on. */
void okng_subspace_own_weights(okng_subspace *subspace, okng_weights **weights);
void okng_subspace_close(okng_subspace **subspace);
/* What calibration found of the pictures; NULL where there is nothing, or the model was opened. Setting takes over. */
void okng_subspace_set_ledger(okng_subspace *subspace, okng_ledger *ledger);
const okng_ledger *okng_subspace_ledger(const okng_subspace *subspace);
const okng_sums *okng_subspace_sums(const okng_subspace *subspace);
const okng_directions *okng_subspace_directions(const okng_subspace *subspace);

/* See okng_method. */
void okng_subspace_inspect(okng_subspace *subspace, okng_inspection *pictures, int32_t count, int threads);
okng_status okng_subspace_express(okng_subspace *subspace, okng_program *program, okng_program_value picture,
                                  okng_program_value *score, okng_program_value *map, okng_error *error);
okng_status okng_subspace_describe(okng_subspace *subspace, okng_network_cost *cost, okng_error *error);

/* Scores of the patch vectors rows [count, dim], and of the picture by the options' image-score: `max` or `top`. */
okng_status okng_subspace_score(const okng_residual *residual, const okng_build_options *options, const float *rows,
                                int64_t count, const uint8_t *foreground, int threads, float *scores,
                                float *image_score, okng_error *error);

#endif
