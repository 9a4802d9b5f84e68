/* Subspace (Lendering et al., "SubspaceAD: Training-Free Few-Shot Anomaly Detection via Subspace Modeling", CVPR 2026):
 * the directions in which patch vectors of good parts differ; a new patch is as anomalous as what they leave of it. No
 * patch vector is kept. */
#ifndef OKNG_SUBSPACE_SUBSPACE_H
#define OKNG_SUBSPACE_SUBSPACE_H

#include "method/method.h"

extern const okng_method okng_method_subspace;

#endif
