/* Whether products of bytes are added exactly here: looked at once for the process, before the first network of bytes.
 */
#ifndef OKNG_ENGINE_ONEDNN_EXACT_H
#define OKNG_ENGINE_ONEDNN_EXACT_H

#include "base/error.h"
#include "engine/onednn/compat.h"

/* Convolves bytes at the ends of their range by the primitives that networks run, and holds every sum against one of
 * whole numbers. UNSUPPORTED where one differs: what multiplies bytes in pairs of 16 bits, as AVX2 alone does, cuts
 * off sums above 32767 without a word. */
okng_status okng_prove_exact_sums(dnnl_engine_t engine, okng_error *error);

#endif
