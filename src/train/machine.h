/* What makes gradients of pictures: the adapter and the text tower forward and backward, the losses between. */
#ifndef OKNG_TRAIN_MACHINE_H
#define OKNG_TRAIN_MACHINE_H

#include "afclip/learnt.h"
#include "afclip/plan.h"
#include "afclip/words.h"
#include "train/losses.h"

typedef struct okng_train_machine okng_train_machine;

typedef struct okng_train_machine_request {
    const char *backbone;
    okng_activation activation; /* not AUTO */
    int32_t height, width;      /* of the network's input */
    const okng_afclip_plan *plan;
    const okng_afclip_words *words; /* borrowed */
    okng_loss_rule rule;
    int64_t pictures; /* of a batch, at most */
    uint64_t memory;  /* bytes that may be kept between forward and backward */
    int threads;
} okng_train_machine_request;

/* weights: of CLIP; needed for this call alone. Errors: those of building graphs and their gradients; LIMIT where a
 * batch does not fit into `memory` even one stream at a time; MEMORY. */
okng_status okng_train_machine_new(okng_train_machine **out, const okng_weights *weights,
                                   const okng_train_machine_request *request, okng_error *error);
void okng_train_machine_free(okng_train_machine **machine);
/* Streams that go through the adapter at a time: all, or fewer, which are then computed twice. */
int32_t okng_train_machine_streams(const okng_train_machine *machine);

/* A value that is trained [count], and its gradient, summed since okng_train_machine_clear. */
float *okng_train_machine_values(okng_train_machine *machine, okng_afclip_param param);
const float *okng_train_machine_gradient(okng_train_machine *machine, okng_afclip_param param);
size_t okng_train_machine_count(const okng_train_machine *machine, okng_afclip_param param);
void okng_train_machine_clear(okng_train_machine *machine);

/* Adds the gradients of `weight` times the losses of a batch of `pictures` pictures: taps[i] [OKNG_AFCLIP_TAPS, tokens,
 * width] of each, labels [pictures], targets [pictures, cells]. The same bits for any number of threads. Errors:
 * MEMORY, MISMATCH (words without a direction); a loss that is not finite is none. */
okng_status okng_train_machine_batch(okng_train_machine *machine, const float *const *taps, int64_t pictures,
                                     const float *labels, const float *targets, double weight, okng_loss_parts *parts,
                                     okng_error *error);

#endif
