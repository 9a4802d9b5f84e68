#include "bank/codes.h"

#include <math.h>

#define ROUNDING 0x1p-24
#define SMALLEST_CUT 1e-30f /* keeps the inverse finite */

okng_coding okng_coding_of(const okng_screen *screen, size_t dim, const float *mean, float cut)
{
    okng_coding coding = {.screen = screen, .dim = dim, .mean = mean};
    size_t line = OKNG_SCREEN_LINE, bytes = dim * (size_t)screen->code_bytes;
    coding.bytes = (bytes + line - 1) / line * line;
    double most = sqrt(0x1p30 / (double)dim);
    coding.limit = floorf((float)(most < screen->most ? most : screen->most));
    coding.inverse = coding.limit / (cut > SMALLEST_CUT ? cut : SMALLEST_CUT);
    return coding;
}

/* The measured error, and what its own computation may be off by: t is off by two roundings, the sum of squares of d
 * numbers by less than d / 16 + 10. */
static okng_coded finish(const okng_coding *coding, okng_code code)
{
    double dim = (double)coding->dim, relative = 1 + (dim / 16 + 16) * ROUNDING;
    double error = sqrt((double)code.error * relative) + 3 * ROUNDING * (double)coding->limit * sqrt(dim);
    return (okng_coded){code.norm, code.sum, error * (1 + 1e-9) + 1e-12};
}

okng_coded okng_coding_row(const okng_coding *coding, const float *x, uint8_t *out)
{
    return finish(coding, coding->screen->encode(x, coding->mean, coding->dim, coding->inverse, coding->limit,
                                                 coding->screen->bias, out, coding->bytes));
}

okng_coded okng_coding_query(const okng_coding *coding, const float *x, uint8_t *out)
{
    return finish(coding, coding->screen->encode(x, coding->mean, coding->dim, coding->inverse, coding->limit, 0, out,
                                                 coding->bytes));
}

int32_t okng_coding_threshold(const okng_coding *coding, const okng_coded *query, double row_error, double reach)
{
    double steps = (reach * (double)coding->inverse + query->error + row_error) * (1 + 1e-9);
    double least = floor(((double)query->norm - steps * steps) / 2) - 1;
    return least > (double)INT32_MIN ? (int32_t)least : INT32_MIN; /* at most half a norm; NaN takes all rows */
}

int32_t okng_coding_shift(double row_norm, double query_norm)
{
    double most = sqrt(row_norm * query_norm) + row_norm / 2;
    int32_t shift = 0;
    while (shift < 30 && ldexp(most, -shift) > INT16_MAX) shift++;
    return shift;
}
