/* A memory bank with its network, ready to inspect. Private to patchcore/. */
#ifndef OKNG_PATCHCORE_MODEL_H
#define OKNG_PATCHCORE_MODEL_H

#include "method/method.h"
#include "patchcore/sources.h"

/* May be shared by threads. */
typedef struct okng_patchcore okng_patchcore;

/* `bank` and `weights` are borrowed; bank->config.data[0] says the size of `rows`, which are taken over with `owned`
 * set, on failure too, and else borrowed as well. Errors: MEMORY. */
okng_status okng_patchcore_new(okng_patchcore **out, const okng_bank_file *bank, const okng_weights *weights,
                               const float *rows, bool owned, okng_error *error);
/* The weights that it was made with are its own from now on. */
void okng_patchcore_own_weights(okng_patchcore *patchcore, okng_weights **weights);
void okng_patchcore_close(okng_patchcore **patchcore);
const float *okng_patchcore_rows(const okng_patchcore *patchcore);
/* Where the rows came from; NULL where that is not known. Setting takes over. */
void okng_patchcore_set_sources(okng_patchcore *patchcore, okng_sources *sources);
const okng_sources *okng_patchcore_sources(const okng_patchcore *patchcore);
/* For the option tile-banks place: rows are in the order of the places of their tiles, whose first ones are found here;
 * after the sources are set. Errors: FORMAT where they are not; MEMORY. */
okng_status okng_patchcore_find_places(okng_patchcore *patchcore, okng_error *error);
/* What calibration found of the pictures; NULL where there is nothing, or the model was opened. Setting takes over. */
void okng_patchcore_set_ledger(okng_patchcore *patchcore, okng_ledger *ledger);
const okng_ledger *okng_patchcore_ledger(const okng_patchcore *patchcore);

/* See okng_method. */
okng_status okng_patchcore_prepare(okng_patchcore *patchcore, int threads, okng_knn_stored *stored, okng_error *error);
void okng_patchcore_inspect(okng_patchcore *patchcore, int32_t place, okng_inspection *pictures, int32_t count,
                            int threads);
okng_status okng_patchcore_express(okng_patchcore *patchcore, okng_program *program, okng_program_value picture,
                                   okng_program_value *score, okng_program_value *map, okng_error *error);
okng_status okng_patchcore_describe(okng_patchcore *patchcore, okng_network_cost *cost, okng_error *error);

#endif
