/* A model on the other ranks: opened there from the same bank, or from a copy. */
#ifndef OKNG_MODEL_SHARED_H
#define OKNG_MODEL_SHARED_H

#include "base/ranks.h"
#include "base/tree_share.h"
#include "model/model.h"

/* Whether other ranks can open it: it lies in a folder, or is a recipe. */
bool okng_model_can_share(const okng_model *model);
/* Packs where the bank is, which one, and what it makes of the picture at `path`, read under `max_pixels`. Errors:
 * those of reading its folder; MEMORY. */
okng_status okng_model_put(okng_grown *parcel, const okng_model *model, const char *path, uint64_t max_pixels,
                           okng_error *error);
/* Rank 0, once the others have the parcel: an okng_prelude_fn of the model, which sends the bank to those that have no
 * such one. */
okng_status okng_model_send(const okng_ranks *ranks, const void *model, okng_error *error);

/* A model of another process. Zeroed is none. */
typedef struct okng_taken_model {
    okng_model *model;
    okng_tree_copy copy;           /* of its bank; none: it lies here as it does on rank 0 */
    const char *path;              /* of a picture, in the parcel */
    uint64_t max_pixels, expected; /* what rank 0 makes of it */
} okng_taken_model;
/* Other ranks: opens the bank that was packed, or a copy of it that rank 0 sends. Errors: as okng_model_open_to_run;
 * those of okng_tree_share. */
okng_status okng_model_take(okng_taken_model *out, const okng_ranks *ranks, okng_parcel *parcel, okng_error *error);
/* MISMATCH where the picture comes to other numbers here than on rank 0: other instructions, or another oneDNN. To be
 * called once it is known to be the same picture. */
okng_status okng_taken_model_compare(const okng_taken_model *taken, okng_error *error);
void okng_taken_model_close(okng_taken_model *taken);

#endif
