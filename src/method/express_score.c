#include "method/express.h"

okng_program_value okng_image_score_express(okng_program *p, okng_program_value scores, double part)
{
    int64_t taken = (int64_t)((double)okng_program_dim(p, scores, 1) * part);
    if (taken > 1)
        scores = okng_program_mean(p, okng_program_top_k(p, scores, taken, true, NULL), OKNG_AXIS(1));
    else
        scores = okng_program_largest(p, scores, OKNG_AXIS(1));
    return okng_program_reshape(p, scores, 1, (int64_t[]){OKNG_ANY});
}
