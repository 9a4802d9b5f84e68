/* Scores against a bank, written into a program. Private to patchcore/. */
#ifndef OKNG_PATCHCORE_EXPRESS_H
#define OKNG_PATCHCORE_EXPRESS_H

#include "bank/knn.h"
#include "features/express.h"

/* What okng_score_patches and okng_scored_fill compute of a picture's patches: *score [N], *map [N, 1, height, width].
 * rows: the bank's, which outlive the program. Errors: ARGUMENT when mean-k asks for more rows than there are; what
 * okng_program_check tells. */
okng_status okng_bank_express(const okng_build_options *options, const okng_rows *rows, okng_program *p,
                              const okng_express_patches *patches, okng_program_value *score, okng_program_value *map,
                              okng_error *error);

#endif
