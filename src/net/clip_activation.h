/* Which activation a CLIP's weights were trained with: a property of the checkpoint, not of the architecture. */
#ifndef OKNG_NET_CLIP_ACTIVATION_H
#define OKNG_NET_CLIP_ACTIVATION_H

#include "tensor/weights.h"

/* *out: what `asked` comes to with these weights. AUTO becomes what they say of themselves, the first of
 *   1. .safetensors metadata (activation, hidden_act, quick_gelu);
 *   2. the configuration beside the file (net/clip_config.h);
 *   3. its name: the tags of open_clip (openai, metaclip, dfn2b, quickgelu; laion..., datacomp, commonpool);
 *   4. its layout: TorchScript archives are OpenAI's, and quick; those of TinyCLIP's training code exact;
 *   5. its SHA-256, where it is the public file that the backbone's name stands for;
 * else what that name stands for. For a network that has no choice it stays AUTO, and anything else is ARGUMENT.
 * MISMATCH where something else is asked for than the weights say, and for an activation that okng does not have.
 * NOT_FOUND for an unknown backbone. Where AUTO is asked also what okng_clip_config_activation fails with. */
okng_status okng_clip_activation(const char *backbone, const okng_weights *weights, okng_activation asked,
                                 okng_activation *out, okng_error *error);

#endif
