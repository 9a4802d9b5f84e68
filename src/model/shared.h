/* A model on the other ranks: opened there from the same bank. */
#ifndef OKNG_MODEL_SHARED_H
#define OKNG_MODEL_SHARED_H

#include "base/parcel.h"
#include "model/model.h"

/* Whether other ranks can open it: it lies in a folder, or is a recipe. */
bool okng_model_can_share(const okng_model *model);
/* Packs where the bank is and what is in it. Errors: those of reading its folder; MEMORY. */
okng_status okng_model_put(okng_grown *parcel, const okng_model *model, okng_error *error);
/* Opens the bank that was packed. Errors: NOT_FOUND, MISMATCH where it is not here, or another is; as
 * okng_model_open_to_run.
 */
okng_status okng_model_take(okng_model **out, okng_parcel *parcel, okng_error *error);

#endif
