/* Training of AF-CLIP's prompt and adapter from a configuration to a checkpoint. */
#ifndef OKNG_TRAIN_TRAIN_H
#define OKNG_TRAIN_TRAIN_H

#include "base/progress.h"
#include "train/config.h"

/* Who hears of it; `listener` may be NULL. */
typedef struct okng_train_watch {
    okng_ticker *ticker;
    okng_train_fn listener;
    void *user;
} okng_train_watch;

/* See okng_train_afclip. report->struct_size is set; the rest is zeroed by the caller. */
okng_status okng_train_run(const okng_train_config *config, const okng_train_watch *watch, okng_train_report *report,
                           okng_error *error);

#endif
