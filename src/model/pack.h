/* From a bank to a recipe: one file that needs nothing else. */
#ifndef OKNG_MODEL_PACK_H
#define OKNG_MODEL_PACK_H

#include "model/model.h"

/* Of what the weights of convolutions and linear maps are kept; all else is float32. */
typedef enum okng_packed_precision {
    OKNG_PACKED_FP32 = 0,
    OKNG_PACKED_FP16,
    OKNG_PACKED_BF16,
    OKNG_PACKED_INT8 /* with one scale for each output channel */
} okng_packed_precision;

/* Packs the bank, the ensemble or the recipe at `path` into the file `out`, which is replaced where it is a recipe.
 * key: file of the private key that signs it, or NULL. `weights` as in okng_model_open. Errors: ARGUMENT (`out` is
 * something else, or lies in a bank; a recipe of another precision than fp32 or this one), LIMIT (weights too large for
 * fp16), those of okng_model_open, okng_recipe_writer_finish. */
okng_status okng_model_pack(const char *path, const char *out, const char *weights, okng_packed_precision precision,
                            const char *key, int threads, okng_error *error);
/* Whether this is the name of one: "fp32", "fp16", "bf16", "int8". */
bool okng_packed_precision_parse(const char *text, okng_packed_precision *precision);

#endif
