/* A training as it stands after a step, in one file that appears whole or not at all: values, Adam's moments, losses,
 * the order of pictures. Who reads it goes on as if nothing had been between. */
#ifndef OKNG_TRAIN_STATE_H
#define OKNG_TRAIN_STATE_H

#include "afclip/learnt.h"
#include "base/rng.h"
#include "train/adam.h"
#include "train/curve.h"

#define OKNG_TRAIN_STATE_FILE "training.safetensors"

typedef struct okng_train_state {
    okng_afclip_learnt learnt;
    okng_adam moments[OKNG_AFCLIP_PARAMS];
    okng_loss_curve curve; /* a row for each step made */
    /* Whose it is: keys of the configuration (okng_train_config_text), hashes of the data, of CLIP's weights and of the
     * checkpoint that it began with ("": none). */
    char *options;
    char data_sha256[65], weights_sha256[65], start_sha256[65];
    uint64_t epoch; /* from 0 on: the one that the next step is of */
    uint64_t seen;  /* pictures of it so far */
    okng_rng order; /* as it was when the epoch began */
} okng_train_state;

/* Zeros of those widths. Errors: MEMORY. */
okng_status okng_train_state_new(okng_train_state *state, int32_t width, int32_t text_width, okng_error *error);
void okng_train_state_free(okng_train_state *state); /* zeroed is fine; zeroes it */
/* Of the folder; *there says whether there is one. Everything is checked. Errors: those of reading, FORMAT, MISMATCH.
 */
okng_status okng_train_state_read(okng_train_state *state, const char *folder, bool *there, okng_error *error);
okng_status okng_train_state_write(const okng_train_state *state, const char *folder, okng_error *error);

#endif
