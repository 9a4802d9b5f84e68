#include "bank/codes.h"

#include <math.h>

#define ROUNDING 0x1p-24
#define SMALLEST_CUT 1e-30f /* keeps the inverse finite */

okng_coding okng_coding_of(const okng_screen *screen, size_t dim, const float *mean, float cut, size_t line)
{
    okng_coding coding = {.screen = screen, .dim = dim, .mean = mean};
    size_t bytes = dim * (size_t)screen->code_bytes;
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

/* ---- sums that fit 16 bits --------------------------------------------------------------------------------------- */

/* A query's codes whose products meet: `units` units from `codes` on, two codes of each. */
typedef struct lane {
    int8_t *codes;
    int32_t units;
} lane;

enum { LANES_A_UNIT = 2, CODES_A_LANE = OKNG_SCREEN_UNIT / LANES_A_UNIT };

/* Takes from the codes of that sign, the same of all but no more than there is, until they come to `most`. Returns the
 * sum of the squares of what was taken. */
static int32_t shorten(lane l, int32_t sign, int32_t most, okng_code *code)
{
    int32_t taken[OKNG_SCREEN_LINE] = {0}, squares = 0;
    for (;;) {
        int32_t sum = 0, count = 0;
        for (int32_t i = 0; i < l.units * CODES_A_LANE; i++) {
            int32_t size = sign * l.codes[i / CODES_A_LANE * OKNG_SCREEN_UNIT + i % CODES_A_LANE];
            sum += size > 0 ? size : 0;
            count += size > 0;
        }
        if (sum <= most) break;
        int32_t share = (sum - most - 1) / count + 1;
        for (int32_t i = 0; i < l.units * CODES_A_LANE; i++) {
            int8_t *at = l.codes + i / CODES_A_LANE * OKNG_SCREEN_UNIT + i % CODES_A_LANE;
            int32_t size = sign * *at, less = size < 0 ? 0 : size < share ? size : share;
            if (less > sum - most) less = sum - most;
            sum -= less;
            taken[i] += less;
            code->sum -= sign * less;
            code->norm -= size * size - (size - less) * (size - less);
            *at = (int8_t)(*at - sign * less);
        }
    }
    for (int32_t i = 0; i < l.units * CODES_A_LANE; i++) squares += taken[i] * taken[i];
    return squares;
}

/* Makes the query fit the screen's runs. Returns how far that moved its codes. */
static double fit_runs(const okng_screen *screen, int8_t *codes, size_t bytes, okng_code *code)
{
    const size_t run = (size_t)screen->run * OKNG_SCREEN_UNIT;
    int32_t squares = 0;
    for (size_t at = 0; screen->run > 0 && at < bytes; at += run) {
        const size_t end = at + run < bytes ? at + run : bytes;
        int32_t above[LANES_A_UNIT] = {0}, below[LANES_A_UNIT] = {0};
        for (size_t i = at; i < end; i += OKNG_SCREEN_UNIT)
            for (size_t j = 0; j < OKNG_SCREEN_UNIT; j++) {
                int32_t size = codes[i + j];
                above[j / CODES_A_LANE] += size > 0 ? size : 0;
                below[j / CODES_A_LANE] -= size < 0 ? size : 0;
            }
        for (size_t j = 0; j < LANES_A_UNIT; j++) {
            lane l = {codes + at + j * CODES_A_LANE, (int32_t)((end - at) / OKNG_SCREEN_UNIT)};
            if (above[j] > screen->most_of_run) squares += shorten(l, 1, screen->most_of_run, code);
            if (below[j] > screen->most_of_run) squares += shorten(l, -1, screen->most_of_run, code);
        }
    }
    return sqrt((double)squares);
}

/* ---- */

okng_coded okng_coding_query(const okng_coding *coding, const float *x, uint8_t *out)
{
    okng_code code =
        coding->screen->encode(x, coding->mean, coding->dim, coding->inverse, coding->limit, 0, out, coding->bytes);
    double moved = fit_runs(coding->screen, (int8_t *)out, coding->bytes, &code);
    okng_coded coded = finish(coding, code);
    coded.error = (coded.error + moved) * (1 + 1e-12);
    return coded;
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
