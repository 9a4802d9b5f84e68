/* Weights of 3x3 convolutions in the domain of Winograd's F(4x4, 3x3). */
#ifndef OKNG_ENGINE_ONEDNN_WINOGRAD_H
#define OKNG_ENGINE_ONEDNN_WINOGRAD_H

#include "engine/onednn/compat.h"

/* weights: float32 [oc, ic, 3, 3]; packed: float32, laid out as `layout` says, 36 / 9 times as large. */
void okng_wino_pack(const okng_wino_layout *layout, int threads, const float *weights, float *packed);

#endif
