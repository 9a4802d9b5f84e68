/* Feature maps to patch vectors: neighbourhood, alignment of the layers, aggregation. Formulas: docs/architecture.md.
 */
#ifndef OKNG_PATCH_PATCHER_H
#define OKNG_PATCH_PATCHER_H

#include "base/error.h"

/* Immutable; may be shared by threads. */
typedef struct okng_patcher okng_patcher;

/* Uses patch_size, patch_stride, stride, aggregate, pretrain_dim, target_dim of the options. shapes[i] = {C, H, W} of
 * the i-th layer's map. Errors: ARGUMENT where the options do not fit the maps. */
okng_status okng_patcher_new(okng_patcher **out, const okng_build_options *options, const int64_t (*shapes)[3],
                             int layer_count, okng_error *error);
void okng_patcher_free(okng_patcher **patcher);

/* Grid of patches after `stride`, and dimensions of a patch vector. */
void okng_patcher_grid(const okng_patcher *patcher, int32_t *height, int32_t *width);
int32_t okng_patcher_dim(const okng_patcher *patcher);

/* maps[i]: float32 [H_i, W_i, C_i] (channels last). rows: float32 [grid height * grid width, dim]. */
okng_status okng_patcher_run(const okng_patcher *patcher, const float *const *maps, float *rows, int threads,
                             okng_error *error);

#endif
