/* The inside of a training, for the files of this folder. */
#ifndef OKNG_TRAIN_TRAINING_H
#define OKNG_TRAIN_TRAINING_H

#include "afclip/words.h"
#include "base/file.h"
#include "train/cache.h"
#include "train/machine.h"
#include "train/set.h"
#include "train/state.h"
#include "train/tower.h"
#include "train/train.h"

typedef struct okng_training {
    const okng_train_config *config;
    const okng_train_watch *watch;
    int threads;
    okng_build_options build; /* complete: weights found, activation and colours theirs, resize as trained */
    okng_weights *weights;    /* NULL: closed, as they are not needed now */
    char weights_sha256[65];
    okng_afclip_plan plan;
    okng_lock lock; /* of the output folder */
    okng_train_set set;
    okng_token_cache cache; /* folder NULL: none */
    okng_train_tower *tower;
    okng_afclip_words words;
    okng_train_machine *machine;
    okng_train_state state;
    uint64_t first_step; /* those of earlier calls */
    double seconds;      /* of steps */
} okng_training;

/* ---- training.c ---- */

/* All that is needed before the first step but tokens, from files to the state that the folder holds. To be closed, on
 * failure too. */
okng_status okng_training_open(okng_training *t, const okng_train_config *config, const okng_train_watch *watch,
                               okng_error *error);
void okng_training_close(okng_training *t);
uint64_t okng_training_parameters(const okng_training *t); /* numbers that are trained */
void okng_training_tell(const okng_training *t, const okng_train_event *event);
/* Weights again where they were closed. Errors: MISMATCH where the file is another by now. */
okng_status okng_training_need_weights(okng_training *t, okng_error *error);

/* ---- tokens.c ---- */

/* With a cache: computes what it lacks. Then the tower and the weights are let go. */
okng_status okng_training_fill_cache(okng_training *t, okng_error *error);
/* taps [4, T, W] of picture i. */
okng_status okng_training_tokens(okng_training *t, size_t i, float *taps, okng_error *error);

/* ---- loop.c ---- */

okng_status okng_training_loop(okng_training *t, okng_error *error);

#endif
