/* The frozen image tower of a CLIP: a picture to its tokens at four depths. */
#ifndef OKNG_TRAIN_TOWER_H
#define OKNG_TRAIN_TOWER_H

#include "afclip/plan.h"
#include "tensor/weights.h"

typedef struct okng_train_tower okng_train_tower;

/* `options` have backbone, activation, positions, device, and bring pictures to the plan's input (resize exact,
 * bicubic, mean, std); borrowed. Errors: those of okng_graph_build and okng_engine_compile; MEMORY. */
okng_status okng_train_tower_new(okng_train_tower **out, const okng_weights *weights, const okng_build_options *options,
                                 const okng_afclip_plan *plan, int threads, okng_error *error);
void okng_train_tower_free(okng_train_tower **tower);
/* taps [OKNG_AFCLIP_TAPS, tokens, width] of the picture at `path`. Errors: those of decoding and of the engine. */
okng_status okng_train_tower_run(okng_train_tower *tower, const char *path, float *taps, okng_error *error);

#endif
