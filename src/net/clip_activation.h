/* Which activation a CLIP's weights were trained with: a property of the checkpoint, not of the architecture. */
#ifndef OKNG_NET_CLIP_ACTIVATION_H
#define OKNG_NET_CLIP_ACTIVATION_H

#include "tensor/weights.h"

/* *out: what `asked` comes to with these weights. AUTO becomes what the backbone's name stands for; for a network that
 * has no choice it stays AUTO, and anything else is ARGUMENT. NOT_FOUND for an unknown backbone. */
okng_status okng_clip_activation(const char *backbone, const okng_weights *weights, okng_activation asked,
                                 okng_activation *out, okng_error *error);

#endif
