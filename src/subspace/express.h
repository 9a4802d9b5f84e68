/* What a subspace leaves of patch vectors, written into a program. Private to subspace/. */
#ifndef OKNG_SUBSPACE_EXPRESS_H
#define OKNG_SUBSPACE_EXPRESS_H

#include "features/express.h"
#include "subspace/directions.h"

/* What okng_subspace_score and okng_scored_fill compute of a picture's patches: *score [N], *map [N, 1, height, width].
 * The residual outlives the program. Errors: what okng_program_check tells. */
okng_status okng_residual_express(const okng_residual *residual, const okng_build_options *options, okng_program *p,
                                  const okng_express_patches *patches, okng_program_value *score,
                                  okng_program_value *map, okng_error *error);

#endif
